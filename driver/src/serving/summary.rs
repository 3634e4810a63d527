//! Serving numbers on one screen, and as CSV.

use super::Serving;
use crate::bars::BOLD;
use crate::console::Console;
use crate::table::{grouped, section};
use prism_hardware::{Energy, Time};
use std::fmt::Write;

/// Steps shown.
const STEPS: usize = 5;

/// What `compile --prompt` prints, with the files it wrote.
pub fn summary(s: &Serving, files: &[String], console: &Console) -> String {
    let title = format!("{} on {}", s.model, s.target);
    let mut out = format!("{}  objective {}\n\n", console.paint(BOLD, &title), s.objective);
    let mut line = |name: &str, text: String| {
        let _ = writeln!(out, "  {name:<22} {text}");
    };
    line("request", request(s));
    line("time to first token", Time(s.time_to_first_token_s).to_string());
    if let Some(each) = s.time_per_token_s {
        line("time per token", format!("{}, mean of {} steps", Time(each), grouped(s.decode.steps)));
    }
    line("tokens per second", format!("{:.4}", Figure(s.tokens_per_s)));
    let e = s.energy_per_token_j;
    let [dynamic, gated, on] = [e.dynamic, e.gated, e.always_on].map(Energy);
    line("energy per token", format!("{dynamic}; {gated} with idle parts gated, {on} with all of them always on"));
    let share = |part: f64, whole: f64| if whole > 0.0 { 100.0 * part / whole } else { 0.0 };
    let (time, energy) = (
        share(s.prefill.makespan_s, s.prefill.makespan_s + s.decode.total.makespan_s),
        share(s.prefill.energy_j, s.prefill.energy_j + s.decode.total.energy_j),
    );
    line("prompts' share", format!("{time:.1} % of the time, {energy:.1} % of the dynamic energy"));
    if s.decode.steps > 0 {
        let compiled = s.decode.compiled.len();
        let off = 100.0 * s.decode.largest_difference;
        line(
            "compiled",
            format!(
                "{compiled} of {} steps; lines between them are off by {off:.2} % at most where checked",
                s.decode.steps
            ),
        );
    }
    let shown = some(s.decode.compiled.len()).into_iter().filter_map(|i| s.decode.compiled.get(i));
    let rows: Vec<Vec<String>> = shown
        .map(|c| {
            let all = [Energy(c.step.energy_j), Energy(c.step.energy_gated_j)].map(|e| e.to_string());
            let [dynamic, gated] = all;
            vec![c.generated.to_string(), Time(c.step.makespan_s).to_string(), dynamic, gated]
        })
        .collect();
    section(&mut out, "decoding steps", &["tokens before", "time", "dynamic energy", "in all, gated"], &rows);
    if !files.is_empty() {
        let _ = write!(out, "\n  wrote {}\n", files.join(", "));
    }
    out
}

/// Four digits that count.
struct Figure(f64);

impl std::fmt::Display for Figure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let digits = f.precision().unwrap_or(4) as i32;
        let whole = if self.0 > 0.0 { self.0.log10().floor() as i32 + 1 } else { 1 };
        write!(f, "{:.*}", usize::try_from(digits - whole).unwrap_or(0), self.0)
    }
}

fn request(s: &Serving) -> String {
    let r = &s.request;
    let prompts = match r.prompt_tokens.as_slice() {
        [] => "nothing".to_string(),
        [one] => format!("a prompt of {} tokens", grouped(*one)),
        [first, rest @ ..] if rest.iter().all(|n| n == first) => {
            format!("{} prompts of {} tokens", rest.len() + 1, grouped(*first))
        }
        many => {
            let all: Vec<String> = many.iter().take(8).map(|n| grouped(*n)).collect();
            let more = if many.len() > 8 { ", ..." } else { "" };
            format!("{} prompts of {}{more} tokens", many.len(), all.join(", "))
        }
    };
    format!("{prompts}, {} generated for each", grouped(r.generated_tokens))
}

/// First, last and some between, in order.
fn some(count: usize) -> Vec<usize> {
    match count {
        0..=STEPS => (0..count).collect(),
        _ => (0..STEPS).map(|i| i * (count - 1) / (STEPS - 1)).collect(),
    }
}

/// A row for each step: compiled, or on a line between compiled ones.
pub fn csv(s: &Serving, curve: &super::Curve) -> String {
    let mut out = "generated,compiled,makespan_s,bound_s,energy_j,energy_gated_j,energy_always_on_j\n".to_string();
    for at in 1..=s.decode.steps {
        let step = curve.at(at);
        let compiled = curve.compiled.contains_key(&at);
        let _ = writeln!(
            out,
            "{at},{compiled},{},{},{},{},{}",
            step.makespan_s, step.bound_s, step.energy_j, step.energy_gated_j, step.energy_always_on_j
        );
    }
    out
}
