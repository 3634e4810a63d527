//! Serving numbers: a prompt, then tokens one by one with a growing cache. Its JSON is a contract:
//! `docs/schema/serving.schema.json`.

mod curve;
mod summary;

pub use curve::{Curve, Step};
pub use summary::{csv, summary};

use serde::Serialize;
use std::collections::BTreeMap;

/// Version of the schema.
pub const VERSION: u32 = 1;

/// What is served.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Request {
    /// Tokens of each prompt; one entry per sequence of the batch.
    pub prompt_tokens: Vec<u64>,
    /// Tokens generated for each sequence.
    pub generated_tokens: u64,
}

impl Request {
    /// Sequences.
    pub fn batch(&self) -> u64 {
        self.prompt_tokens.len() as u64
    }
}

/// Joules per generated token.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct PerToken {
    /// Dynamic.
    pub dynamic: f64,
    /// With idle parts gated.
    pub gated: f64,
    /// With all parts always on.
    pub always_on: f64,
}

/// A step that was compiled.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct CompiledStep {
    /// Tokens generated before it.
    pub generated: u64,
    /// What it costs.
    #[serde(flatten)]
    pub step: Step,
}

/// Decoding.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Decode {
    /// Steps: the first token comes with the prompt.
    pub steps: u64,
    /// All of them.
    pub total: Step,
    /// Largest relative difference at which a straight line stands for a step.
    pub tolerance: f64,
    /// Largest such difference among the steps that were compiled to check a line.
    pub largest_difference: f64,
    /// The steps that were compiled.
    pub compiled: Vec<CompiledStep>,
}

/// The numbers, in the order in which they are written.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Serving {
    /// [`VERSION`].
    pub version: u32,
    /// The version of Prism.
    pub prism_version: &'static str,
    /// The command line, without what does not change the result.
    pub command: String,
    /// The model's name.
    pub model: String,
    /// The machine's name.
    pub target: String,
    /// What is least in each pass.
    pub objective: String,
    /// What is served.
    pub request: Request,
    /// From the prompts to the first token of each sequence, seconds.
    pub time_to_first_token_s: f64,
    /// Mean time of a decoding step, seconds; absent where one token is generated.
    pub time_per_token_s: Option<f64>,
    /// Generated tokens of all sequences over the whole time.
    pub tokens_per_s: f64,
    /// Energy of everything over the generated tokens of all sequences.
    pub energy_per_token_j: PerToken,
    /// The prompts.
    pub prefill: Step,
    /// The steps after them.
    pub decode: Decode,
    /// SHA-256 of each input.
    pub inputs: BTreeMap<String, String>,
}

/// What the command line knows.
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// [`Serving::command`].
    pub command: String,
    /// [`Serving::model`].
    pub model: String,
    /// [`Serving::target`].
    pub target: String,
    /// [`Serving::objective`].
    pub objective: String,
    /// [`Serving::inputs`].
    pub inputs: BTreeMap<String, String>,
}

impl Serving {
    /// The numbers of a request: `curve` holds decoding steps by tokens generated before them, from 1.
    pub fn new(context: Context, request: Request, prefill: Step, curve: &Curve, tolerance: f64) -> Serving {
        let steps = request.generated_tokens.saturating_sub(1);
        let total = if steps == 0 { Step::default() } else { curve.sum(1, steps) };
        let all = prefill.then(&total);
        let tokens = (request.batch() * request.generated_tokens) as f64;
        let over = |amount: f64, by: f64| if by > 0.0 { amount / by } else { 0.0 };
        let compiled = curve.compiled.iter().map(|(at, step)| CompiledStep { generated: *at, step: *step }).collect();
        Serving {
            version: VERSION,
            prism_version: env!("CARGO_PKG_VERSION"),
            command: context.command,
            model: context.model,
            target: context.target,
            objective: context.objective,
            time_to_first_token_s: prefill.makespan_s,
            time_per_token_s: (steps > 0).then(|| total.makespan_s / steps as f64),
            tokens_per_s: over(tokens, all.makespan_s),
            energy_per_token_j: PerToken {
                dynamic: over(all.energy_j, tokens),
                gated: over(all.energy_gated_j, tokens),
                always_on: over(all.energy_always_on_j, tokens),
            },
            prefill,
            decode: Decode { steps, total, tolerance, largest_difference: curve.largest_difference, compiled },
            request,
            inputs: context.inputs,
        }
    }

    /// The text of `serving.json`.
    pub fn json(&self) -> String {
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }
}

#[cfg(test)]
mod tests {
    use super::{Context, Curve, Request, Serving, Step};
    use crate::report::tests::violations;
    use serde_json::Value;

    const SCHEMA: &str = include_str!("../../../docs/schema/serving.schema.json");

    fn served(generated_tokens: u64) -> Serving {
        let step = |x: f64| Step {
            makespan_s: x,
            bound_s: x,
            energy_j: 2.0 * x,
            energy_gated_j: 3.0 * x,
            energy_always_on_j: 4.0 * x,
        };
        let last = generated_tokens - 1;
        let curve = match last {
            0 => Curve::default(),
            last => Curve::new((1, last), 1e-3, &mut |at| Ok(step(at as f64))).expect("a curve"),
        };
        let request = Request { prompt_tokens: vec![7, 9], generated_tokens };
        Serving::new(Context::default(), request, step(10.0), &curve, 1e-3)
    }

    #[test]
    fn totals_are_sums_and_shares_of_tokens() {
        let s = served(5);
        // Steps of 1, 2, 3 and 4 seconds after a prompt of 10; 2 sequences of 5 tokens.
        assert_eq!((s.time_to_first_token_s, s.time_per_token_s), (10.0, Some(2.5)));
        assert_eq!((s.tokens_per_s, s.energy_per_token_j.dynamic, s.energy_per_token_j.always_on), (0.5, 4.0, 8.0));
        let one = served(1);
        assert_eq!((one.time_per_token_s, one.decode.steps, one.tokens_per_s), (None, 0, 0.2));
    }

    #[test]
    fn numbers_follow_their_schema() {
        let schema: Value = serde_json::from_str(SCHEMA).expect("the schema is JSON");
        for generated in [1, 2, 90] {
            let mut value: Value = serde_json::from_str(&served(generated).json()).expect("JSON");
            let mut found = Vec::new();
            violations(&schema, &value, "serving", &mut found);
            assert!(found.is_empty(), "{found:?}");
            value["tokens_per_s"] = "many".into();
            violations(&schema, &value, "serving", &mut found);
            assert_eq!(found.len(), 1, "{found:?}");
        }
    }
}
