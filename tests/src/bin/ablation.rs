//! `make ablation`: what each rule is worth. Every rule is left out once, and the plan compared with that of all rules.
//!
//! A table for each model, machines beside one another; a cell says by how much the energy of the plan of least energy and the
//! makespan of the fastest plan found grow without the rule. Below the rules stand plans without any algebra and those of
//! the greedy baselines. Reports, never fails on a number.
//!
//! Usage: `ablation PRISM MODELS [TARGET...]`, the command, the folder of the models, and machines (default: [`TARGETS`]).

use serde_json::Value;
use std::io::{Error, Result};
use std::process::{Command, ExitCode, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Name, model file, and its length.
const MODELS: [(&str, &str, [&str; 2]); 4] = [
    ("GPT-2, prompt of 1024 tokens", "gpt2_prefill.onnx", ["--seq", "1024"]),
    ("GPT-2, one step behind 1023 tokens", "gpt2_decode.onnx", ["--past", "1023"]),
    ("Llama-2-7B, one step behind 1023 tokens", "llama2_7b_decode.onnx", ["--past", "1023"]),
    ("Mixtral 8x7B, one step behind 1023 tokens", "configs/mixtral-8x7b.json", ["--past", "1023"]),
];

/// A CPU beside a homodyne unit, a chip that shares one memory with light, a dynamic crossbar, meshes beside a CPU, a systolic array,
/// phase-change crossbars with groups of wavelengths.
const TARGETS: [&str; 6] = ["lightcode", "edge-demo", "lt-b-4bit", "lt-mzi-8bit", "npu", "pcm-wdm"];

/// What is least, and where the report says it.
const OBJECTIVES: [(&str, &str); 2] = [("energy", "energy_j"), ("latency", "makespan_s")];

/// Without these, machines could do no attention and few norms: they stay when all other algebra goes.
const TAKES_APART: [&str; 2] = ["expand-composite", "expand-attention"];

/// Changes of less than this, relative, are none.
const SAME: f64 = 1e-6;

/// A row of a table: its title, and the flags of `prism compile` that it stands for.
struct Row {
    title: String,
    flags: Vec<String>,
}

/// A model on a machine.
struct Case<'a> {
    prism: &'a str,
    model: String,
    length: [&'a str; 2],
    target: &'a str,
}

impl Case<'_> {
    /// The figure that `objective` is about; `None` where there is no plan.
    fn compile(&self, (objective, figure): (&str, &str), flags: &[String]) -> Result<Option<f64>> {
        let output = Command::new(self.prism)
            .args(["compile", &self.model, "--target", self.target, "--objective", objective, "--allow-infeasible"])
            .args(self.length)
            .args(flags)
            .args(["--emit", "report=-"])
            .stdin(Stdio::null())
            .output()?;
        if !output.status.success() {
            return Ok(None);
        }
        let report: Value = serde_json::from_slice(&output.stdout).map_err(Error::other)?;
        Ok(report[figure].as_f64())
    }

    /// Both figures, objective by objective.
    fn figures(&self, flags: &[String]) -> Result<Vec<Option<f64>>> {
        OBJECTIVES.iter().map(|objective| self.compile(*objective, flags)).collect()
    }
}

/// The rules of saturation with their phases, in their order.
fn rules(prism: &str) -> Result<Vec<(String, String)>> {
    let output = Command::new(prism).args(["list", "rules", "--format", "json"]).output()?;
    let listed: Vec<Value> = serde_json::from_slice(&output.stdout).map_err(Error::other)?;
    let text = |row: &Value, key: &str| row[key].as_str().unwrap_or("").to_string();
    let all = listed.iter().map(|row| (text(row, "name"), text(row, "phase")));
    Ok(all.filter(|(_, phase)| phase == "algebra" || phase == "realise").collect())
}

fn rows(rules: &[(String, String)]) -> Vec<Row> {
    let without = |title: String, names: &[&str]| Row { title, flags: vec!["--without".into(), names.join(",")] };
    let mut rows: Vec<Row> = rules.iter().map(|(name, _)| without(format!("`{name}`"), &[name])).collect();
    let algebra = rules.iter().filter(|(name, phase)| phase == "algebra" && !TAKES_APART.contains(&name.as_str()));
    let algebra: Vec<&str> = algebra.map(|(name, _)| name.as_str()).collect();
    rows.push(without("all algebra that is not taking apart".into(), &algebra));
    for strategy in ["greedy", "greedy-dag"] {
        let flags = vec!["--strategy".into(), strategy.into()];
        rows.push(Row { title: format!("the exact search, `{strategy}` instead"), flags });
    }
    rows
}

/// How much more, as shown.
fn more(with: Option<f64>, without: Option<f64>) -> String {
    match (with, without) {
        (Some(with), Some(without)) if (without - with).abs() <= SAME * with => "0".into(),
        (Some(with), Some(without)) if without >= 10.0 * with => format!("x{:.0}", without / with),
        (Some(with), Some(without)) => {
            let percent = 100.0 * (without / with - 1.0);
            let digits = if percent.abs() < 0.1 { 4 } else { 1 };
            format!("{percent:+.digits$} %")
        }
        (Some(_), None) => "no plan".into(),
        (None, _) => "?".into(),
    }
}

/// What `of` says of each number below `count`, in order, on all processors.
fn each<T: Send>(count: usize, of: impl Fn(usize) -> Result<T> + Sync) -> Result<Vec<T>> {
    let next = AtomicUsize::new(0);
    let work = || -> Result<Vec<(usize, T)>> {
        let mut done = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            if at >= count {
                return Ok(done);
            }
            done.push((at, of(at)?));
        }
    };
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let done: Vec<Result<Vec<(usize, T)>>> = std::thread::scope(|scope| {
        let all: Vec<_> = (0..workers).map(|_| scope.spawn(work)).collect();
        let died = |_| Err(Error::other("a worker died"));
        all.into_iter().map(|worker| worker.join().unwrap_or_else(died)).collect()
    });
    let mut all: Vec<(usize, T)> = done.into_iter().collect::<Result<Vec<_>>>()?.into_iter().flatten().collect();
    all.sort_by_key(|(at, _)| *at);
    Ok(all.into_iter().map(|(_, result)| result).collect())
}

fn table(prism: &str, models: &str, targets: &[&str]) -> Result<()> {
    let all = Row { title: "nothing".into(), flags: Vec::new() };
    let rows: Vec<Row> = std::iter::once(all).chain(rows(&rules(prism)?)).collect();
    for (name, file, length) in MODELS {
        let case = |target| Case { prism, model: format!("{models}/{file}"), length, target };
        let cases: Vec<Case<'_>> = targets.iter().map(|target| case(target)).collect();
        let figures = each(rows.len() * cases.len(), |at| {
            let (row, column) = (at / cases.len(), at % cases.len());
            cases[column].figures(&rows[row].flags)
        })?;
        println!("| {name}: without | {} |", targets.join(" | "));
        println!("|---|{}", "---|".repeat(targets.len()));
        let mut figures = figures.chunks(cases.len());
        let with = figures.next().unwrap_or_default();
        for (row, without) in rows.iter().skip(1).zip(figures) {
            let cell = |(with, without): (&Vec<Option<f64>>, &Vec<Option<f64>>)| {
                with.iter().zip(without).map(|(with, without)| more(*with, *without)).collect::<Vec<_>>().join(", ")
            };
            let cells: Vec<String> = with.iter().zip(without).map(cell).collect();
            println!("| {} | {} |", row.title, cells.join(" | "));
        }
        println!();
    }
    Ok(())
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match args.as_slice() {
        [prism, models] => table(prism, models, &TARGETS),
        [prism, models, targets @ ..] => table(prism, models, targets),
        _ => Err(Error::other("usage: ablation PRISM MODELS [TARGET...]")),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("ablation: {e}");
            ExitCode::from(2)
        }
    }
}
