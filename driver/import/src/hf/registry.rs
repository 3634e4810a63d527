//! THE list of architectures. A new one is a line here and a reader under `families`.

use super::families::{bert, deepseek, gemma, gpt2, llama, moe, phi3};
use super::fields::Fields;
use super::json::{Json, Object, entry};
use super::network::Network;
use prism_support::codes::{E0201, E0212};
use prism_support::{Diagnostic, suggest};
use std::path::Path;

/// A family of models.
pub(super) struct Architecture {
    /// `model_type` of its configs.
    pub(super) model_type: &'static str,
    /// Its class in `architectures`, without what it is for, as `Llama` of `LlamaForCausalLM`.
    class: &'static str,
    /// Reads a config.
    pub(super) read: fn(&Fields<'_>) -> Box<dyn Network>,
}

const fn of(model_type: &'static str, class: &'static str, read: fn(&Fields<'_>) -> Box<dyn Network>) -> Architecture {
    Architecture { model_type, class, read }
}

/// All of them, by name.
static ARCHITECTURES: &[Architecture] = &[
    of("bert", "Bert", bert::bert),
    of("deepseek_v2", "DeepseekV2", deepseek::deepseek_v2),
    of("deepseek_v3", "DeepseekV3", deepseek::deepseek_v3),
    of("gemma", "Gemma", gemma::gemma),
    of("gemma2", "Gemma2", gemma::gemma2),
    of("gemma3_text", "Gemma3", gemma::gemma3),
    of("gpt2", "GPT2", gpt2::gpt2),
    of("llama", "Llama", llama::llama),
    of("mistral", "Mistral", llama::mistral),
    of("mixtral", "Mixtral", moe::mixtral),
    of("phi3", "Phi3", phi3::phi3),
    of("qwen2", "Qwen2", llama::qwen2),
    of("qwen2_moe", "Qwen2Moe", moe::qwen2_moe),
    of("qwen3", "Qwen3", llama::qwen3),
    of("qwen3_moe", "Qwen3Moe", moe::qwen3_moe),
];

/// The `model_type`s that Prism builds, in order of name.
pub fn supported_architectures() -> impl Iterator<Item = &'static str> {
    ARCHITECTURES.iter().map(|a| a.model_type)
}

/// The architecture of a config: by `model_type`, or by the class where that is absent.
///
/// # Errors
/// [`E0201`] when it says neither, [`E0212`] for one that is not in the list.
pub(super) fn find(config: &Object, file: &Path) -> Result<&'static Architecture, Box<Diagnostic>> {
    let named = entry(config, "model_type").and_then(Json::text);
    if let Some(found) = named.and_then(|name| ARCHITECTURES.iter().find(|a| a.model_type == name)) {
        return Ok(found);
    }
    let class = match entry(config, "architectures") {
        Some(Json::List(classes)) => classes.first().and_then(Json::text),
        _ => None,
    };
    let stem = class.map(|c| c.split("For").next().unwrap_or(c));
    let stem = stem.map(|c| c.trim_end_matches("Model").trim_end_matches("LMHead"));
    let by_class = stem.and_then(|stem| ARCHITECTURES.iter().find(|a| a.class == stem));
    match (named, by_class) {
        (None, Some(found)) => Ok(found),
        (None, None) if class.is_none() => Err(Box::new(no_config(file))),
        _ => Err(Box::new(unknown(config, named.map_or(class.unwrap_or(""), |n| n), file))),
    }
}

fn no_config(file: &Path) -> Diagnostic {
    Diagnostic::error(&E0201, format!("`{}` is not the config of a model", file.display()))
        .in_file(file)
        .found("JSON without `model_type`")
        .allowed("config.json of a model, as Hugging Face's transformers write it")
}

fn unknown(config: &Object, name: &str, file: &Path) -> Diagnostic {
    let short: String = name.chars().take(64).collect();
    let headline = format!("`{}` is of an architecture that Prism does not build", file.display());
    let known: Vec<&str> = supported_architectures().collect();
    let d = Diagnostic::error(&E0212, headline).in_file(file).found(format!("`{short}`")).allowed(known.join(", "));
    // Models of several kinds of input have that of text inside.
    let inner = entry(config, "text_config").and_then(Json::object);
    let inner = inner.and_then(|t| entry(t, "model_type")).and_then(Json::text).filter(|t| known.contains(t));
    match inner {
        Some(inner) => d.hint(format!("its `text_config` is of `{inner}`: put that object into a file of its own")),
        None => d.hint_if(suggest::did_you_mean(&short, known)),
    }
}

#[cfg(test)]
mod tests {
    use super::{ARCHITECTURES, find};
    use crate::hf::json::Json;
    use std::path::Path;

    fn found(text: &str) -> Result<&'static str, (String, Option<String>)> {
        let json = Json::parse(text.as_bytes()).expect("JSON");
        let found = find(json.object().expect("object"), Path::new("config.json"));
        found.map(|a| a.model_type).map_err(|d| (d.code.name.to_string(), d.hint.clone()))
    }

    #[test]
    fn the_list_is_in_order_and_has_no_name_twice() {
        assert!(ARCHITECTURES.windows(2).all(|w| w[0].model_type < w[1].model_type));
        let mut classes: Vec<&str> = ARCHITECTURES.iter().map(|a| a.class).collect();
        classes.sort_unstable();
        classes.dedup();
        assert_eq!(classes.len(), ARCHITECTURES.len());
    }

    #[test]
    fn architectures_are_found_by_type_or_class() {
        assert_eq!(found(r#"{"model_type": "qwen3_moe"}"#), Ok("qwen3_moe"));
        assert_eq!(found(r#"{"architectures": ["LlamaForCausalLM"]}"#), Ok("llama"));
        assert_eq!(found(r#"{"architectures": ["GPT2LMHeadModel"]}"#), Ok("gpt2"));
        assert_eq!(found(r#"{"architectures": ["BertModel"]}"#), Ok("bert"));
        assert_eq!(found(r#"{"a": 1}"#).map_err(|e| e.0), Err("E0201".into()));
        let near = found(r#"{"model_type": "mixtrall"}"#).expect_err("unknown");
        assert_eq!(near, ("E0212".into(), Some("did you mean `mixtral`?".into())));
        let inside = found(r#"{"model_type": "gemma3", "text_config": {"model_type": "gemma3_text"}}"#);
        assert!(inside.expect_err("unknown").1.is_some_and(|h| h.contains("text_config")));
    }
}
