//! Lengths of a run from the flags, `--seq`, `--past` and `--batch`.

use super::HfModel;
use super::graph::Lengths;
use crate::bindings::{Bindings, MAX_EXTENT};
use prism_dialects::{Attr, Attrs};
use prism_support::codes::{E0101, E0205};
use prism_support::{Diagnostic, Diagnostics, Result, suggest};
use std::path::Path;

/// Dimensions that may be given.
const NAMES: [&str; 3] = ["batch", "seq", "past"];

/// A length, with the flag that gave it.
type Given = Option<(u64, String)>;

/// The lengths that the flags give.
///
/// # Errors
/// [`E0205`] without a length, [`E0101`] for flags that are unknown, contradict each other, or ask for what the model cannot do.
pub(super) fn of(model: &HfModel, bindings: &Bindings) -> Result<Lengths> {
    let mut problems = Diagnostics::new();
    let [batch, seq, past] = given(bindings, &model.path, &mut problems);
    if let Some((_, flag)) = past.as_ref().filter(|_| !model.network.has_cache()) {
        let d = Diagnostic::error(&E0101, format!("`{flag}` does not fit `{}`", model.path.display()));
        problems.push(d.found("an encoder, which keeps no cache").allowed("`--seq` and `--batch`"));
    }
    if seq.is_none() && past.is_none() {
        problems.push(unbound(model));
    }
    let length = |given: &Given, default| given.as_ref().map_or(default, |(n, _)| *n);
    let lengths = Lengths { batch: length(&batch, 1), seq: length(&seq, 1), past: length(&past, 0), longest: None };
    too_long(model, lengths).into_iter().for_each(|d| problems.push(d));
    problems.into_result(lengths)
}

/// What is wrong with lengths beyond the table of positions.
pub(super) fn too_long(model: &HfModel, lengths: Lengths) -> Option<Diagnostic> {
    let most = model.network.max_positions().filter(|most| lengths.total() > *most)?;
    let d = Diagnostic::error(&E0101, format!("`{}` has no positions for so many tokens", model.path.display()));
    Some(d.found(format!("{} tokens", lengths.total())).allowed(format!("at most {most} tokens")))
}

/// What the flags say about batch, new tokens and cached ones.
fn given(bindings: &Bindings, file: &Path, problems: &mut Diagnostics) -> [Given; 3] {
    let mut out: [Given; 3] = Default::default();
    let flags = [("batch", bindings.batch), ("seq", bindings.seq), ("past", bindings.past)];
    let flags = flags.into_iter().filter_map(|(name, n)| Some((name.to_string(), n?, format!("--{name} {}", n?))));
    let dims = bindings.dims.iter().map(|(name, n)| (name.clone(), *n, format!("--dim {name}={n}")));
    for (name, n, flag) in flags.chain(dims) {
        let Some(slot) = NAMES.iter().position(|known| *known == name).and_then(|i| out.get_mut(i)) else {
            let headline = format!("`{flag}` binds nothing: `{}` has no dimension `{name}`", file.display());
            let d = Diagnostic::error(&E0101, headline).allowed(NAMES.join(", "));
            problems.push(d.hint_if(suggest::did_you_mean(&name, NAMES)));
            continue;
        };
        if n == 0 || n > MAX_EXTENT {
            let d = Diagnostic::error(&E0101, format!("`{flag}` is out of range"));
            problems.push(d.found(n.to_string()).allowed(format!("1 to {MAX_EXTENT}")));
        }
        if let Some((_, earlier)) = slot.as_ref().filter(|(old, _)| *old != n) {
            let d = Diagnostic::error(&E0101, format!("dimension `{name}` is given twice"));
            problems.push(d.found(format!("`{earlier}` and `{flag}`")).allowed("one value"));
        }
        *slot = Some((n, flag));
    }
    out
}

fn unbound(model: &HfModel) -> Diagnostic {
    let d = Diagnostic::error(&E0205, format!("dimension `seq` of `{}` has no value", model.path.display()));
    let d = d.in_file(&model.path);
    match model.network.has_cache() {
        true => d.note("`--past 1023` instead compiles a step with 1023 tokens in the cache").hint("add `--seq 1024`"),
        false => d.hint("add `--seq 128`"),
    }
}

/// The lengths as an attribute.
pub(super) fn attrs(lengths: Lengths) -> Attrs {
    let all = NAMES.into_iter().zip([lengths.batch, lengths.seq, lengths.past]);
    all.map(|(name, n)| (name.to_string(), super::graph::int(n))).collect::<Vec<(String, Attr)>>().into_iter().collect()
}
