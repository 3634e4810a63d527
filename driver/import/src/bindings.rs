//! Values for symbolic dimensions: what the flags say, matched against what the graph has.

use prism_support::codes::{E0101, E0205};
use prism_support::{Diagnostic, Diagnostics, Result, suggest};
use std::collections::BTreeMap;
use std::path::Path;

/// Largest extent that a flag may give (2^32).
pub const MAX_EXTENT: u64 = 1 << 32;

/// Names that exporters give to the axis that `--seq` binds.
const SEQ: &[&str] = &["seq", "sequence", "seq_len", "seqlen", "seq_length", "sequence_length"];
/// Names of the axis that `--past` binds: tokens in the KV cache.
const PAST: &[&str] =
    &["past", "past_len", "past_length", "past_seq_len", "past_sequence_length", "kv_len", "kv_length"];
/// Names of the axis that `--batch` binds.
const BATCH: &[&str] = &["batch", "batch_size", "batch-size", "N"];

/// What the command line says about dimensions: `--seq`, `--past`, `--batch`, `--dim NAME=N`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bindings {
    /// `--seq N`: length of the input sequence, tokens.
    pub seq: Option<u64>,
    /// `--past N`: length of the KV cache before the step, tokens.
    pub past: Option<u64>,
    /// `--batch N`: number of sequences.
    pub batch: Option<u64>,
    /// `--dim NAME=N`, in order.
    pub dims: Vec<(String, u64)>,
}

/// The symbols of a graph, and the extents of its inputs that are fixed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Symbols {
    /// Each symbol with the inputs that it occurs in, such as `` `past_k_0` (1 x 12 x past x 64)``.
    pub(crate) places: BTreeMap<String, Vec<String>>,
    /// First extent of the first input, where it is a number.
    pub(crate) fixed_batch: Option<(String, i64)>,
}

impl Bindings {
    /// Reads the value of `--dim`: `NAME=N`.
    ///
    /// # Errors
    /// [`E0101`] when it is something else.
    pub fn parse_dim(text: &str) -> Result<(String, u64)> {
        let parsed = text.rsplit_once('=').and_then(|(name, n)| Some((name.trim(), n.trim().parse().ok()?)));
        match parsed {
            Some((name, n)) if !name.is_empty() => Ok((name.to_string(), n)),
            _ => Err(Diagnostic::error(&E0101, "`--dim` needs a name and a number")
                .found(format!("`{text}`"))
                .allowed("NAME=N, such as `--dim seq=1024`")
                .into()),
        }
    }

    /// The value of every symbol of the graph.
    ///
    /// # Errors
    /// One [`E0205`] naming all symbols without a value; [`E0101`] for flags that no symbol of the graph takes, that
    /// contradict each other, or that are zero or above [`MAX_EXTENT`].
    pub(crate) fn resolve(&self, graph: &Symbols, file: &Path) -> Result<BTreeMap<String, u64>> {
        let mut problems = Diagnostics::new();
        let values = self.values(graph, file, &mut problems);
        let unbound: Vec<&String> = graph.places.keys().filter(|s| !values.contains_key(*s)).collect();
        if !unbound.is_empty() {
            problems.push(unbound_error(&unbound, graph, file));
        }
        problems.into_result(values)
    }

    /// The values that the flags give, without asking for all of them.
    pub(crate) fn values(&self, graph: &Symbols, file: &Path, problems: &mut Diagnostics) -> BTreeMap<String, u64> {
        let mut given: Vec<(String, Vec<&str>, u64)> = Vec::new();
        for (name, n) in &self.dims {
            given.push((format!("--dim {name}={n}"), vec![name.as_str()], *n));
        }
        let flags = [("--seq", SEQ, self.seq), ("--past", PAST, self.past), ("--batch", BATCH, self.batch)];
        for (flag, names, n) in flags {
            if let Some(n) = n {
                given.push((format!("{flag} {n}"), names.to_vec(), n));
            }
        }
        let mut values = BTreeMap::new();
        let mut sources: BTreeMap<&str, String> = BTreeMap::new();
        for (flag, names, n) in &given {
            if *n == 0 || *n > MAX_EXTENT {
                let d = Diagnostic::error(&E0101, format!("`{flag}` is out of range"));
                problems.push(d.found(n.to_string()).allowed(format!("1 to {MAX_EXTENT}")));
            }
            let known: Vec<&str> = names.iter().copied().filter(|name| graph.places.contains_key(*name)).collect();
            if known.is_empty() && !self.is_fixed_batch(flag, *n, graph) {
                problems.push(unused_error(flag, names, *n, graph, file));
            }
            for name in known {
                if values.insert(name.to_string(), *n).is_some_and(|old| old != *n) {
                    let earlier = sources.get(name).cloned().unwrap_or_default();
                    let d = Diagnostic::error(&E0101, format!("dimension `{name}` is given twice"));
                    problems.push(d.found(format!("`{earlier}` and `{flag}`")).allowed("one value"));
                }
                sources.insert(name, flag.clone());
            }
        }
        values
    }

    /// Whether the flag is a `--batch` that says what the graph says already.
    fn is_fixed_batch(&self, flag: &str, n: u64, graph: &Symbols) -> bool {
        let fixed = graph.fixed_batch.as_ref().and_then(|(_, d)| u64::try_from(*d).ok());
        flag.starts_with("--batch") && fixed == Some(n)
    }
}

/// The flag that binds a symbol.
pub(crate) fn flag_for(symbol: &str) -> String {
    match symbol {
        s if SEQ.contains(&s) => "--seq 1024".into(),
        s if PAST.contains(&s) => "--past 1023".into(),
        s if BATCH.contains(&s) => "--batch 1".into(),
        s if s.chars().all(|c| c.is_alphanumeric() || "_.-".contains(c)) => format!("--dim {s}=N"),
        s => format!("--dim '{s}=N'"),
    }
}

/// How many symbols a message names.
const MAX_NAMED: usize = 20;

fn listed(names: &[&String]) -> String {
    let mut shown: Vec<String> = names.iter().take(MAX_NAMED).map(|n| format!("`{n}`")).collect();
    if names.len() > MAX_NAMED {
        shown.push(format!("and {} more", names.len() - MAX_NAMED));
    }
    shown.join(", ")
}

fn unbound_error(unbound: &[&String], graph: &Symbols, file: &Path) -> Diagnostic {
    let (noun, verb) = if unbound.len() == 1 { ("dimension", "has") } else { ("dimensions", "have") };
    let headline = format!("{noun} {} of `{}` {verb} no value", listed(unbound), file.display());
    let mut d = Diagnostic::error(&E0205, headline).in_file(file);
    for symbol in unbound.iter().take(MAX_NAMED) {
        let places = graph.places.get(*symbol).map_or(&[][..], Vec::as_slice);
        let shown: Vec<&str> = places.iter().take(3).map(String::as_str).collect();
        let more = places.len().saturating_sub(shown.len());
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        d = d.note(format!("`{symbol}` is in {}{more}", shown.join(", ")));
    }
    let mut flags: Vec<String> = unbound.iter().take(MAX_NAMED).map(|s| flag_for(s)).collect();
    flags.dedup();
    d.hint(format!("add `{}`", flags.join(" ")))
}

fn unused_error(flag: &str, names: &[&str], n: u64, graph: &Symbols, file: &Path) -> Diagnostic {
    let fixed = graph.fixed_batch.as_ref().filter(|_| flag.starts_with("--batch"));
    if let Some((input, d)) = fixed {
        return Diagnostic::error(&E0101, format!("`{flag}` does not fit `{}`", file.display()))
            .found(format!("batch {n}"))
            .allowed(format!("batch {d}, which is fixed in the graph by input {input}"))
            .hint("export the model with a symbolic batch dimension to change it");
    }
    let name = names.first().copied().unwrap_or("");
    let headline = format!("`{flag}` binds nothing: `{}` has no dimension `{name}`", file.display());
    let symbols: Vec<&String> = graph.places.keys().collect();
    let allowed = match symbols.as_slice() {
        [] => "no such flag: every dimension of the graph is fixed".to_string(),
        symbols => format!("flags for its dimensions: {}", listed(symbols)),
    };
    let hint = suggest::did_you_mean(name, symbols.iter().map(|s| s.as_str()).filter(|s| s.len() < 64));
    Diagnostic::error(&E0101, headline).allowed(allowed).hint_if(hint)
}

#[cfg(test)]
mod tests {
    use super::{Bindings, Symbols};
    use std::path::Path;

    fn graph(names: &[&str], fixed: Option<i64>) -> Symbols {
        Symbols {
            places: names.iter().map(|n| (n.to_string(), vec!["`x`".to_string()])).collect(),
            fixed_batch: fixed.map(|d| ("`x`".to_string(), d)),
        }
    }

    fn codes(bindings: &Bindings, graph: &Symbols) -> Vec<&'static str> {
        match bindings.resolve(graph, Path::new("m.onnx")) {
            Ok(_) => vec![],
            Err(problems) => problems.0.iter().map(|d| d.code.name).collect(),
        }
    }

    #[test]
    fn flags_reach_the_names_that_exporters_use() {
        let b = Bindings { seq: Some(8), batch: Some(2), dims: vec![("past".into(), 5)], ..Bindings::default() };
        let graph = graph(&["sequence_length", "batch_size", "past"], None);
        let values = b.resolve(&graph, Path::new("m")).expect("bound");
        assert_eq!(values.into_values().collect::<Vec<_>>(), [2, 5, 8]);
    }

    #[test]
    fn all_problems_are_named_at_once() {
        let b = Bindings { past: Some(1), seq: Some(0), ..Bindings::default() };
        assert_eq!(codes(&b, &graph(&["seq", "foo"], None)), ["E0101", "E0101", "E0205"]);
        let twice = Bindings { seq: Some(3), dims: vec![("seq".into(), 4)], ..Bindings::default() };
        assert_eq!(codes(&twice, &graph(&["seq"], None)), ["E0101"]);
        let batch = |n| Bindings { batch: Some(n), ..Bindings::default() };
        assert_eq!(codes(&batch(1), &graph(&[], Some(1))), [""; 0]);
        assert_eq!(codes(&batch(8), &graph(&[], Some(1))), ["E0101"]);
        assert!(Bindings::parse_dim("seq").is_err() && Bindings::parse_dim("=3").is_err());
        assert_eq!(Bindings::parse_dim("a b=3"), Ok(("a b".into(), 3)));
    }
}
