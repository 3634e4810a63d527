//! Measures plans and bounds on e-graphs of the shape of Llama-2-7B and 70B:
//! `cargo run --release -p prism-solve --example latency -- [TOKENS ...]`.
//!
//! Times are processor time of this process as a multiple of the exact extraction of least energy on the same graph.

#[path = "../tests/common/transformer.rs"]
mod transformer;

use prism_solve::extraction;
use prism_solve::latency::{Limits, Measure, Question, ask};
use transformer::{LLAMA_7B, LLAMA_70B};

fn main() {
    let given: Vec<f64> = std::env::args().skip(1).filter_map(|n| n.parse().ok()).collect();
    let lengths = if given.is_empty() { vec![1.0, 64.0, 1024.0, 4096.0] } else { given };
    for (name, shape) in [("7B", LLAMA_7B), ("70B", LLAMA_70B)] {
        for &tokens in &lengths {
            let problem = shape.prompt(tokens);
            let start = cpu_s();
            let energy = extraction::solve(&problem.priced(&|n| n.energy), &extraction::Limits::default());
            let unit = cpu_s() - start;
            let ways: usize = problem.classes.iter().map(|c| c.nodes.len()).sum();
            println!("{name}, {tokens} tokens: {} classes, {ways} ways", problem.classes.len());
            println!("  energy {:.4e} J in {unit:.3} s", energy.map_or(f64::NAN, |s| s.cost));
            for measure in [Measure::Latency, Measure::Product { energy: 1.0, latency: 1.0 }] {
                let question = Question { measure, max_makespan: None, max_energy: None };
                let start = cpu_s();
                let answer = ask(&problem, &question, &Limits::default()).expect("an answer");
                let times = (cpu_s() - start) / unit;
                let value = question.value(&answer.plans[0]);
                println!("  {measure} {value:.4e}, gap {:.3} %, {times:.1} x", 100.0 * (1.0 - answer.bound / value));
            }
        }
    }
}

/// Processor seconds of the main thread so far, where the system says.
fn cpu_s() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split_whitespace().next().and_then(|ns| ns.parse::<f64>().ok()).map_or(f64::NAN, |ns| ns * 1e-9)
}
