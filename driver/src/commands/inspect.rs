//! `prism inspect`: what is in a model, a program or a target file.

use crate::console::Console;
use crate::input::{Content, Dimensions, Input, not_a_model, nothing_to_bind};
use crate::machine_info;
use crate::program_info;
use crate::table::{grouped, section};
use prism_dialects::mlir::Session;
use prism_hardware::Bytes;
use prism_hardware::target::SHIPPED;
use prism_import::{Bound, HfModel, Inspection, OnnxModel, Parameters, PortInfo};
use prism_support::Result;
use serde_json::Value;
use std::fmt::Write;
use std::path::Path;

/// Arguments of `prism inspect`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: prism inspect gpt2_prefill.onnx --seq 1024")]
pub struct Args {
    /// ONNX model, Hugging Face config or its folder, MLIR text, target file, or name of a shipped target; `-` is standard input
    #[arg(value_name = "FILE")]
    file: String,
    #[command(flatten)]
    dimensions: Dimensions,
}

/// Prints what the file holds.
///
/// # Errors
/// When it cannot be read, or is none of these.
pub fn run(args: &Args, console: &mut Console) -> Result<()> {
    let shipped = SHIPPED.iter().find(|(name, _)| *name == args.file && !Path::new(&args.file).exists());
    if let Some((name, toml)) = shipped {
        let (value, text) = machine_info::describe(&format!("{name}.toml"), toml)?;
        return show(console, &value, &text);
    }
    let input = Input::open(&args.file)?;
    console.warn(input.assumed());
    let (value, text) = match &input.content {
        Content::Onnx(model) => onnx(&args.file, model, &args.dimensions)?,
        Content::Config(model) => config(&args.file, model, &args.dimensions)?,
        Content::Mlir(text) => mlir(&args.file, text, &args.dimensions)?,
        Content::Text(text) if looks_like_target(&args.file, text) => machine_info::describe(&args.file, text)?,
        Content::Text(_) => return Err(not_a_model(&args.file, "text of another kind").into()),
    };
    show(console, &value, &text)
}

fn show(console: &Console, value: &Value, text: &str) -> Result<()> {
    if console.json() { console.data(&format!("{value:#}\n")) } else { console.data(text) }
}

fn looks_like_target(name: &str, text: &str) -> bool {
    name.ends_with(".toml") || text.lines().any(|l| l.split('=').next().is_some_and(|key| key.trim() == "schema"))
}

fn counts<'a>(counts: impl IntoIterator<Item = (&'a str, u64)>) -> Vec<Vec<String>> {
    let mut rows: Vec<(&str, u64)> = counts.into_iter().collect();
    rows.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    rows.into_iter().map(|(name, n)| vec![name.to_string(), grouped(n)]).collect()
}

fn onnx(name: &str, model: &OnnxModel, dimensions: &Dimensions) -> Result<(Value, String)> {
    dimensions.no_precision(name)?;
    let info = model.inspect(&dimensions.bindings()?);
    let value = serde_json::to_value(&info).unwrap_or_default();
    let by = if info.producer.is_empty() { String::new() } else { format!(", by {}", info.producer) };
    let mut out = format!("{name}: ONNX, opset {}, IR version {}{by}\n", info.opset, info.ir_version);
    section(&mut out, "inputs", &["name", "shape", "type"], &ports(&info.inputs));
    section(&mut out, "outputs", &["name", "shape", "type"], &ports(&info.outputs));
    let symbol = |s: &prism_import::SymbolInfo| {
        let value = s.value.map_or_else(|| format!("not bound: {}", s.flag), |v| v.to_string());
        vec![s.name.clone(), value, format!("{} inputs", s.inputs)]
    };
    let symbols: Vec<Vec<String>> = info.symbols.iter().map(symbol).collect();
    section(&mut out, "dimensions", &["name", "value", "in"], &symbols);
    let operators = info.operators.iter().map(|(k, v)| (k.as_str(), *v));
    section(&mut out, "operators", &["name", "count"], &counts(operators));
    totals(&mut out, &info);
    Ok((value, out))
}

/// Ports from this many of one shape and type on are shown as one row.
const ALIKE: usize = 5;

fn ports(ports: &[PortInfo]) -> Vec<Vec<String>> {
    let runs = ports.chunk_by(|a, b| (&a.dims, &a.element) == (&b.dims, &b.element));
    let row = |name: String, p: &PortInfo| vec![name, shape(p), p.element.clone()];
    let rows = runs.flat_map(|run| match run {
        [first, .., last] if run.len() >= ALIKE => {
            vec![row(format!("{} ... {} ({})", first.name, last.name, run.len()), first)]
        }
        few => few.iter().map(|p| row(p.name.clone(), p)).collect(),
    });
    rows.collect()
}

fn shape(port: &PortInfo) -> String {
    let bracketed = |dim: &String| if dim.contains(' ') { format!("({dim})") } else { dim.clone() };
    match &port.dims {
        None => "?".to_string(),
        Some(dims) if dims.is_empty() => "scalar".to_string(),
        Some(dims) => dims.iter().map(bracketed).collect::<Vec<_>>().join(" x "),
    }
}

/// Weights, work, and what stands in the way of compiling.
fn totals(out: &mut String, info: &Inspection) {
    parameters(out, &info.parameters);
    work(out, info.bound.as_ref());
    if info.unsupported.is_empty() {
        let _ = writeln!(out, "unsupported  nothing");
    } else {
        let rows: Vec<Vec<String>> = info
            .unsupported
            .iter()
            .map(|u| vec![u.what.clone(), grouped(u.count as u64), u.names.join(", "), u.needs.to_string()])
            .collect();
        section(out, "unsupported", &["what", "count", "such as", "needs"], &rows);
    }
    for problem in &info.problems {
        let _ = writeln!(out, "not yet      {problem}");
    }
}

fn config(name: &str, model: &HfModel, dimensions: &Dimensions) -> Result<(Value, String)> {
    let info = model.inspect(&dimensions.bindings()?, &dimensions.precision());
    let value = serde_json::to_value(&info).unwrap_or_default();
    let mut out = format!("{name}: config of {}, computed in {}\n", info.architecture, info.element);
    let facts: Vec<Vec<String>> = info.facts.iter().map(|(k, v)| vec![k.to_string(), v.clone()]).collect();
    section(&mut out, "network", &["part", "size"], &facts);
    section(&mut out, "inputs", &["name", "shape", "type"], &ports(&info.inputs));
    section(&mut out, "outputs", &["name", "shape", "type"], &ports(&info.outputs));
    parameters(&mut out, &info.parameters);
    if let Some((files, tensors)) = info.checkpoint {
        let noun = if files == 1 { "file" } else { "files" };
        let _ = writeln!(out, "weights      {} tensors in {files} {noun} beside the config", grouped(tensors as u64));
    }
    work(&mut out, info.bound.as_ref());
    for problem in &info.problems {
        let _ = writeln!(out, "not yet      {problem}");
    }
    Ok((value, out))
}

fn parameters(out: &mut String, p: &Parameters) {
    let size = Bytes(p.bytes as f64);
    let _ = write!(out, "\nparameters   {} in {} tensors, {size}\n", grouped(p.count), p.tensors);
}

fn work(out: &mut String, bound: Option<&Bound>) {
    let Some(bound) = bound else { return };
    let (all, weights) = (grouped(bound.macs), grouped(bound.weight_macs));
    let _ = writeln!(out, "work         {all} multiply-accumulates, {weights} of them with weights");
    let operations: u64 = bound.operations.values().sum();
    let _ = writeln!(out, "operations   {} of `nn` after import", grouped(operations));
}

fn mlir(name: &str, text: &str, dimensions: &Dimensions) -> Result<(Value, String)> {
    let session = Session::new()?;
    let module = session.parse(name, text)?.read()?;
    prism_dialects::verify::check_module(&module)?;
    if dimensions.any() {
        return Err(nothing_to_bind(name, module.level()).into());
    }
    dimensions.no_precision(name)?;
    let info = program_info::of(&module);
    let value = serde_json::to_value(&info).unwrap_or_default();
    let mut out = format!("{name}: MLIR of level {}\n", info.level);
    for f in &info.functions {
        let row = |p: &program_info::Port| vec![p.name.clone(), p.ty.clone()];
        let inputs: Vec<Vec<String>> = f.inputs.iter().map(row).collect();
        section(&mut out, &format!("@{} takes", f.name), &["name", "type"], &inputs);
        let outputs: Vec<Vec<String>> = f.outputs.iter().map(|p| vec![p.ty.clone()]).collect();
        section(&mut out, &format!("@{} gives", f.name), &["type"], &outputs);
    }
    section(&mut out, "operations", &["name", "count"], &counts(info.operations.iter().map(|(k, v)| (*k, *v))));
    let _ = write!(out, "\nparameters   {}\n", grouped(info.parameters));
    let _ = writeln!(out, "work         {} multiply-accumulates in `nn.matmul`", grouped(info.macs));
    Ok((value, out))
}
