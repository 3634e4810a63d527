//! `make gaps`: how near plans come to their bounds, by model, length and objective, as a table for a page.
//!
//! Beside each gap the processor time of the compilation, as a multiple of one for least energy in the same session:
//! seconds depend on the machine. Reports, never fails on a number.
//!
//! Usage: `gaps PRISM MODELS [TARGET...]`, the command, the folder of the models, and machines (default: `lightcode`).

use serde_json::Value;
use std::io::{Error, Result};
use std::process::{Command, ExitCode, Stdio};

/// Name, model file, and the flag that sets its length.
const MODELS: [(&str, &str, &str); 4] = [
    ("GPT-2 prefill", "gpt2_prefill.onnx", "--seq"),
    ("GPT-2 decode", "gpt2_decode.onnx", "--past"),
    ("Llama-2-7B prefill", "llama2_7b_prefill.onnx", "--seq"),
    ("Llama-2-7B decode", "llama2_7b_decode.onnx", "--past"),
];

/// Tokens of a prompt, or in the cache.
const LENGTHS: [u32; 13] = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096];

/// A compilation, and the seconds of processor time that its passes took.
struct Ran {
    report: Value,
    cpu_s: f64,
}

fn compile(prism: &str, model: &str, length: [&str; 2], target: &str, objective: &str) -> Result<Ran> {
    let output = Command::new(prism)
        .args(["compile", model, "--target", target, "--objective", objective, "--allow-infeasible", "--timing"])
        .args(length)
        .args(["--emit", "report=-"])
        .stdin(Stdio::null())
        .output()?;
    let failed = |what: String| Error::other(format!("{model} {length:?} on {target}: {what}"));
    if !output.status.success() {
        return Err(failed(String::from_utf8_lossy(&output.stderr).into_owned()));
    }
    let report = serde_json::from_slice(&output.stdout).map_err(|e| failed(e.to_string()))?;
    let timing = String::from_utf8_lossy(&output.stderr);
    Ok(Ran { report, cpu_s: passes_s(&timing) })
}

/// The processor time of all passes: the last column of that row of `--timing`, in milliseconds.
fn passes_s(timing: &str) -> f64 {
    let row = timing.lines().find(|l| l.split_whitespace().next() == Some("passes"));
    let cpu = row.and_then(|l| l.split_whitespace().rev().nth(1)?.parse::<f64>().ok());
    cpu.unwrap_or(f64::NAN) / 1e3
}

fn number(report: &Value, path: &[&str]) -> f64 {
    path.iter().fold(report, |value, key| &value[*key]).as_f64().unwrap_or(f64::NAN)
}

fn table(prism: &str, models: &str, target: &str) -> Result<()> {
    println!("| {target} | length | latency | gap | edp | gap | processor time over that for energy |");
    println!("|---|---|---|---|---|---|---|");
    let mut worst = [0.0_f64; 2];
    for (name, file, flag) in MODELS {
        let model = format!("{models}/{file}");
        for length in LENGTHS {
            let length = length.to_string();
            let of = |objective: &str| compile(prism, &model, [flag, &length], target, objective);
            let (energy, latency, edp) = (of("energy")?, of("latency")?, of("edp")?);
            let gaps = [&latency, &edp].map(|r| number(&r.report, &["objective_value", "gap"]));
            for (worst, gap) in worst.iter_mut().zip(gaps) {
                *worst = worst.max(gap);
            }
            println!(
                "| {name} | {length} | {:.4e} s | {:.2} % | {:.4e} J s | {:.2} % | {:.1} and {:.1} |",
                number(&latency.report, &["makespan_s"]),
                100.0 * gaps[0],
                number(&edp.report, &["objective_value", "value"]),
                100.0 * gaps[1],
                latency.cpu_s / energy.cpu_s,
                edp.cpu_s / energy.cpu_s
            );
        }
    }
    println!("\nLargest gap on {target}: latency {:.2} %, edp {:.2} %.\n", 100.0 * worst[0], 100.0 * worst[1]);
    Ok(())
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let done = match args.as_slice() {
        [prism, models] => table(prism, models, "lightcode"),
        [prism, models, targets @ ..] => targets.iter().try_for_each(|target| table(prism, models, target)),
        _ => Err(Error::other("usage: gaps PRISM MODELS [TARGET...]")),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("gaps: {e}");
            ExitCode::from(2)
        }
    }
}
