//! Pass `recognise`; its page is `recognise.md`.

mod activations;
mod attention;
mod causal;
mod constants;
mod heads;
mod known;
mod numbers;
mod program;
mod rope;
mod rows;
#[cfg(test)]
mod tests;

pub use crate::egraph::rules::Kind;
use crate::manager::{Change, CounterDef, OptionDef, OptionKind, PassCx, PassInfo};
use prism_dialects::{Body, Level, Module, Op};
use prism_support::codes::E0104;
use prism_support::{Diagnostic, Diagnostics, Result, suggest};
use program::{Found, Program};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

/// Finds norms, activations, rotary embeddings, masks and attention that an exporter spelled out.
pub static PASS: PassInfo = PassInfo {
    name: "recognise",
    page: include_str!("recognise.md"),
    from: &[Level::Nn],
    to: Change::Keeps,
    options: &[OptionDef {
        name: "without",
        kind: OptionKind::List,
        default: "",
        doc: "patterns to leave out, by name, as in `recognise{without=[attention,swiglu]}`",
    }],
    counters: &[
        CounterDef { name: "recognised", doc: "operations that took the place of others" },
        CounterDef { name: "rms-norms", doc: "`nn.rms_norm` in the program after" },
        CounterDef { name: "layer-norms", doc: "`nn.layer_norm` in the program after" },
        CounterDef { name: "gelus", doc: "`nn.gelu` in the program after" },
        CounterDef { name: "silus", doc: "`nn.silu` in the program after" },
        CounterDef { name: "swiglus", doc: "`nn.swiglu` in the program after" },
        CounterDef { name: "ropes", doc: "`nn.rope` in the program after" },
        CounterDef { name: "causal-masks", doc: "`nn.causal_mask` in the program after" },
        CounterDef { name: "attentions", doc: "`nn.attention` in the program after" },
        CounterDef { name: "causal-attentions", doc: "those of them that are causal" },
    ],
    needs_target: false,
    run,
};

/// The operations that are counted, and under what.
const COUNTED: [(&str, &str); 8] = [
    ("nn.rms_norm", "rms-norms"),
    ("nn.layer_norm", "layer-norms"),
    ("nn.gelu", "gelus"),
    ("nn.silu", "silus"),
    ("nn.swiglu", "swiglus"),
    ("nn.rope", "ropes"),
    ("nn.causal_mask", "causal-masks"),
    ("nn.attention", "attentions"),
];

/// A spelling of an operation, or one step towards it.
pub struct Pattern {
    /// Its name: in locations, statistics and options.
    pub name: &'static str,
    /// The operation it finds; empty where it completes one that was found before.
    pub makes: &'static str,
    /// What it preserves.
    pub kind: Kind,
    /// What it is.
    pub doc: &'static str,
    /// What it matches.
    pub forms: &'static str,
    /// Operations that it may end in.
    pub roots: &'static [&'static str],
    /// What takes the place of the operation, if it ends such a spelling.
    apply: fn(&Program<'_>, &Op) -> Option<Found>,
}

/// All patterns. For one operation they are tried in this order: a layer norm is a root mean square norm of a difference.
pub static PATTERNS: &[&Pattern] = &[
    &rows::LAYER_NORM,
    &rows::RMS_NORM,
    &rows::SCALE,
    &rows::BIAS,
    &rows::CASTS,
    &rows::SOFTMAX,
    &activations::SIGMOID,
    &activations::SILU,
    &activations::GELU,
    &activations::SWIGLU,
    &activations::CASTS,
    &rope::BY_CHANNEL,
    &rope::BY_PAIR,
    &rope::PARTIAL,
    &causal::PATTERN,
    &attention::PATTERN,
];

fn run(module: &mut Module, cx: &mut PassCx<'_>) -> Result<()> {
    let without = left_out(cx)?;
    let mut by_root: FxHashMap<&str, Vec<usize>> = FxHashMap::default();
    for (i, pattern) in PATTERNS.iter().enumerate().filter(|(_, p)| !without.contains(&p.name)) {
        pattern.roots.iter().for_each(|root| by_root.entry(root).or_default().push(i));
    }
    let mut applied: BTreeMap<&str, u64> = BTreeMap::new();
    for body in &mut module.bodies {
        let recognised = recognise(body, &by_root, &mut applied);
        cx.count("recognised", recognised);
        count(body, cx);
    }
    cx.detail("recognition", serde_json::json!({ "applied_by_pattern": applied }));
    Ok(())
}

/// The patterns named by `without`.
fn left_out(cx: &PassCx<'_>) -> Result<Vec<&'static str>> {
    let mut problems = Diagnostics::new();
    let mut out = Vec::new();
    for name in cx.list("without") {
        match PATTERNS.iter().find(|p| p.name == name) {
            Some(pattern) => out.push(pattern.name),
            None => problems.push(
                Diagnostic::error(&E0104, format!("no pattern is called `{name}`"))
                    .allowed("the patterns of `prism list rules`")
                    .hint_if(suggest::did_you_mean(name, PATTERNS.iter().map(|p| p.name))),
            ),
        }
    }
    problems.into_result(out)
}

/// Replaces what the patterns match, in one walk in order: what a pattern needs was recognised before. Counts how often each
/// pattern applied, and returns how many operations that it made are still needed.
fn recognise(body: &mut Body, by_root: &FxHashMap<&str, Vec<usize>>, applied: &mut BTreeMap<&'static str, u64>) -> u64 {
    let mut program = Program::new(body);
    let mut made = vec![false; program.len()];
    for (i, made) in made.iter_mut().enumerate() {
        let Some(op) = program.at(i) else { break };
        let tried = by_root.get(op.name()).map_or(&[][..], Vec::as_slice);
        for pattern in tried.iter().map(|n| PATTERNS[*n]) {
            let found = program.at(i).and_then(|op| (pattern.apply)(&program, op));
            if found.is_some_and(|found| program.replace(i, pattern.name, found)) {
                *applied.entry(pattern.name).or_default() += 1;
                *made = true;
                break;
            }
        }
    }
    let kept = made.iter().zip(program.needed()).filter(|(made, needed)| **made && *needed).count();
    program.finish();
    kept as u64
}

/// Counts what is in a program, as far as its results need it.
fn count(body: &mut Body, cx: &mut PassCx<'_>) {
    let needed = Program::new(body).needed();
    for (op, _) in body.ops.iter().zip(needed).filter(|(_, needed)| *needed) {
        if let Some((_, counter)) = COUNTED.iter().find(|(name, _)| *name == op.name()) {
            cx.count(counter, 1);
        }
        if op.name() == "nn.attention" && op.attr("causal").is_some() {
            cx.count("causal-attentions", 1);
        }
    }
}
