//! `prism compile`: from a model to an assignment, a schedule, a simulated run and a report.

use crate::bug;
use crate::console::Console;
use crate::emit::{self, Emit, Kind, Place};
use crate::flow::{Program, Run, Show};
use crate::input::{self, Content, Dimensions, Input};
use crate::machine::{self, Machine};
use crate::phases::Phases;
use crate::plan_export;
use crate::report::{self, Context, Facts, Report};
use clap::ValueEnum;
use prism_dialects::mlir::{Ir, Session};
use prism_dialects::{Level, Module};
use prism_passes::egraph::price::check_target;
use prism_passes::manager::{Outcome, Pipeline};
use prism_passes::pipelines::{STAGES, Stage};
use prism_support::codes::{E0101, E0104, E0402};
use prism_support::{Diagnostic, Diagnostics, Result, suggest};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// What is least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Objective {
    /// Dynamic energy, exactly.
    Energy,
    /// Sum of latencies.
    Latency,
}

/// How the assignment is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Strategy {
    /// With a proof.
    Exact,
    /// Each class by itself.
    Greedy,
    /// Each class by itself, shared parts counted once.
    GreedyDag,
}

/// Arguments of `prism compile`.
#[derive(Debug, clap::Args)]
#[command(
    next_help_heading = "Goal",
    after_help = "Examples:\n  prism compile gpt2_prefill.onnx --seq 1024\n  \
                  prism compile gpt2_decode.onnx --past 1023 --emit report,csv -o decode\n  \
                  prism compile gpt2_prefill.onnx --seq 1024 --to stack > stack.mlir"
)]
pub struct Args {
    /// ONNX model, or MLIR text of any level; `-` is standard input
    #[arg(value_name = "MODEL", help_heading = "Arguments")]
    model: String,
    /// Machine: a name of `prism list targets`, or a TOML file
    #[arg(short, long, value_name = "NAME|FILE", default_value = machine::DEFAULT, env = "PRISM_TARGET", hide_env_values = true)]
    target: String,
    /// What is least: energy, latency
    #[arg(long, value_name = "WHAT", default_value = "energy", hide_possible_values = true)]
    objective: Objective,
    /// How it is looked for: exact, greedy, greedy-dag
    #[arg(long, value_name = "HOW", default_value = "exact", hide_possible_values = true)]
    strategy: Strategy,
    /// Solve the assignment by a second exact method too, which must agree
    #[arg(long, hide_short_help = true)]
    verify_extraction: bool,
    /// Least effective bits of the results; photonic units with fewer are not used
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=64), hide_short_help = true)]
    min_bits: Option<u32>,
    /// Seed of everything random
    #[arg(long, value_name = "N", default_value_t = 0, hide_short_help = true)]
    seed: u64,
    #[command(flatten)]
    dimensions: Dimensions,
    /// Stage that the MLIR is at: import, nn, stack, assigned, plan [default: by its operations]
    #[arg(long, value_name = "STAGE", help_heading = "Stages and output")]
    from: Option<String>,
    /// Stop at this stage and print the IR: import, nn, stack, assigned, plan
    #[arg(long, value_name = "STAGE", help_heading = "Stages and output")]
    to: Option<String>,
    /// What to write: ir, report, trace, csv, plan [default: report,trace; ir with --to]
    #[arg(long, value_name = "KIND[=PATH]", help_heading = "Stages and output")]
    emit: Vec<String>,
    /// Output folder [default: prism-out; standard output with --to]
    #[arg(short, long, value_name = "DIR", help_heading = "Stages and output")]
    output: Option<PathBuf>,
    #[command(flatten)]
    show: Show,
}

/// Compiles.
///
/// # Errors
/// When the model cannot be read or imported, the target is wrong, a pass fails, or an output cannot be written.
pub fn run(args: &Args, console: &mut Console) -> Result<()> {
    let mut phases = Phases::default();
    let mut problems = Diagnostics::new();
    // All that is wrong with the command line and its files is told at once.
    let from = problems.absorb(args.from.as_deref().map(|s| stage("--from", s)).transpose());
    let to = problems.absorb(args.to.as_deref().map(|s| stage("--to", s)).transpose());
    let outputs = problems.absorb(emit::outputs(&args.emit, args.output.as_deref(), to.flatten()));
    let bindings = problems.absorb(args.dimensions.bindings());
    let machine = problems.absorb(phases.time("target", || machine::open(&args.target)));
    let input = problems.absorb(phases.time("read", || Input::open(&args.model)));
    let (Some(from), Some(to), Some(outputs), Some(bindings), Some(machine), Some(input)) =
        (from, to, outputs, bindings, machine, input)
    else {
        return Err(problems);
    };
    let imported = match &input.content {
        Content::Onnx(model) => Some(phases.time("import", || model.import(&bindings))?),
        _ => None,
    };
    let session = phases.time("MLIR context", Session::new)?;
    let (program, start) = match imported {
        Some(module) if from.is_none_or(|f| f == Stage::Import) => (Program::Plain(module), Stage::Import),
        Some(_) => return Err(onnx_is_not(&args.model, from).into()),
        None => {
            let (ir, level) = phases.time("parse", || parse(&session, &input, &machine))?;
            let start = start(args, from, level)?;
            (Program::Ir(ir), start)
        }
    };
    let end = to.unwrap_or(Stage::Plan);
    if end < start {
        return Err(backwards(start, end).into());
    }
    let pipeline = Pipeline::parse(&pipeline(args, start, end), &session)?;
    let repro_dir = Some(PathBuf::from(bug::FOLDER));
    let run = Run { machine: Some(&machine), seed: args.seed, show: &args.show, repro_dir };
    let outcome = phases.time("passes", || run.passes(&session, pipeline, program, console))?;
    let done = if to.is_some() {
        let text = phases.time("print", || outcome.ir.text(args.show.output(true)));
        let bytes = outputs.into_iter().map(|emit| (emit, text.clone().into_bytes())).collect::<Vec<_>>();
        emit::write(&bytes, console).map(|_| ())
    } else {
        let context = context(args, &machine, &input);
        finish(args, context, outputs, &outcome, &mut phases, console)
    };
    args.show.records(&outcome.records, &phases, console);
    done
}

/// Simulates the plan and writes what was asked for.
fn finish(
    args: &Args,
    context: Context,
    outputs: Vec<Emit>,
    outcome: &Outcome<'_>,
    phases: &mut Phases,
    console: &Console,
) -> Result<()> {
    let empty = Module::default();
    let module = outcome.plain.as_ref().unwrap_or(&empty);
    let plan = phases.time("export", || plan_export::export(module))?;
    let facts = Facts::of(plan_export::only_body(module)?);
    let run = phases.time("simulate", || prism_sim::simulate(&plan))?;
    let report = Report::new(context, &facts, &plan, &run)?;
    let mut bytes = Vec::with_capacity(outputs.len());
    phases.time("render", || {
        for emit in outputs {
            let text = match emit.kind {
                Kind::Ir => outcome.ir.text(args.show.output(true)).into_bytes(),
                Kind::Report => report.json().into_bytes(),
                Kind::Trace => prism_sim::trace::perfetto(&plan, &run),
                Kind::Csv => prism_sim::csv::tasks(&plan, &run).into_bytes(),
                Kind::Plan => serde_json::to_vec(&plan).unwrap_or_default(),
            };
            bytes.push((emit, text));
        }
    });
    let on_stdout = bytes.iter().any(|(emit, _)| emit.place == Place::Stdout);
    let files = phases.time("write", || emit::write(&bytes, console))?;
    match (console.json(), on_stdout || console.quiet) {
        (true, false) => console.data(&report.json()),
        (false, false) => console.data(&report::summary(&report, &files, console)),
        _ => Ok(()),
    }
}

fn stage(flag: &str, given: &str) -> Result<Stage> {
    let names = Stage::ALL.map(Stage::name);
    Stage::parse(given).ok_or_else(|| {
        let d = Diagnostic::error(&E0104, format!("`{flag}` does not know the stage `{given}`"));
        d.allowed(names.join(", ")).hint_if(suggest::did_you_mean(given, names)).into()
    })
}

/// The MLIR of the input, and its level. Prices in it must be those of the machine.
fn parse<'s>(session: &'s Session, input: &Input, machine: &Machine) -> Result<(Ir<'s>, Level)> {
    if let Content::Text(_) = input.content {
        return Err(input::not_a_model(&input.name, "text of another kind").into());
    }
    let ir = session.parse(&input.name, input.mlir()?)?;
    let module = ir.read()?;
    check_target(plan_export::only_body(&module)?, &machine.target)?;
    Ok((ir, module.level()))
}

/// The Stage that MLIR starts from: `--from`, which must be at the level of the file, or the first of that level.
fn start(args: &Args, from: Option<Stage>, level: Level) -> Result<Stage> {
    if args.dimensions.any() {
        return Err(input::nothing_to_bind(&args.model, level).into());
    }
    let first = Stage::ALL.into_iter().find(|s| s.level() == level).unwrap_or(Stage::Import);
    match from {
        Some(from) if from.level() != level => {
            let headline = format!("`{}` is not at stage {}", args.model, from.name());
            Err(Diagnostic::error(&E0402, headline)
                .found(format!("operations of level {level}"))
                .allowed(format!("operations of level {}", from.level()))
                .hint(format!("use `--from {}`, or leave it out", first.name()))
                .into())
        }
        Some(from) => Ok(from),
        None => Ok(first),
    }
}

fn onnx_is_not(model: &str, from: Option<Stage>) -> Diagnostic {
    let from = from.map_or("import", Stage::name);
    Diagnostic::error(&E0402, format!("`{model}` is not at stage {from}"))
        .found("an ONNX model")
        .allowed("MLIR text of that level")
        .hint("leave `--from` out")
}

fn backwards(start: Stage, end: Stage) -> Diagnostic {
    let headline = format!("`--to {}` is before the Stage that the program is at", end.name());
    Diagnostic::error(&E0101, headline).found(format!("stage {}", start.name())).allowed("this stage or a later one")
}

/// The passes between two stages, with the options that the flags ask for.
fn pipeline(args: &Args, start: Stage, end: Stage) -> String {
    let stages = STAGES.iter().filter(|s| s.to > start && s.to <= end);
    let steps = stages.flat_map(|s| s.passes).map(|pass| {
        let options = match *pass {
            "saturate" => args.min_bits.map(|n| format!("min-bits={n}")).into_iter().collect(),
            "extract" => extract_options(args),
            _ => Vec::new(),
        };
        if options.is_empty() { (*pass).to_string() } else { format!("{pass}{{{}}}", options.join(",")) }
    });
    steps.collect::<Vec<_>>().join(",")
}

fn word(value: impl ValueEnum) -> String {
    value.to_possible_value().map(|v| v.get_name().to_string()).unwrap_or_default()
}

fn extract_options(args: &Args) -> Vec<String> {
    let mut options = vec![format!("objective={}", word(args.objective)), format!("strategy={}", word(args.strategy))];
    options.extend(args.verify_extraction.then(|| "verify=true".to_string()));
    options
}

/// What the report says of the command line.
fn context(args: &Args, machine: &Machine, input: &Input) -> Context {
    let stem = PathBuf::from(&args.model).file_stem().map(|s| s.to_string_lossy().into_owned());
    let inputs = BTreeMap::from([
        (args.model.clone(), input.sha256.clone()),
        (machine.given.clone(), input::sha256(&machine.toml)),
    ]);
    Context {
        command: command(args),
        model: stem.filter(|s| s != "-").unwrap_or_else(|| "standard input".into()),
        target: machine.target.name.clone(),
        seed: args.seed,
        inputs,
    }
}

/// The command line that gives the same report: without where things go and what is shown, without defaults.
fn command(args: &Args) -> String {
    let mut words = vec!["prism".to_string(), "compile".into(), args.model.clone()];
    let mut flag = |name: &str, value: String| words.extend([name.to_string(), value]);
    if args.target != machine::DEFAULT {
        flag("--target", args.target.clone());
    }
    if args.objective != Objective::Energy {
        flag("--objective", word(args.objective));
    }
    if args.strategy != Strategy::Exact {
        flag("--strategy", word(args.strategy));
    }
    if let Some(bits) = args.min_bits {
        flag("--min-bits", bits.to_string());
    }
    if args.seed != 0 {
        flag("--seed", args.seed.to_string());
    }
    if let Some(from) = &args.from {
        flag("--from", from.clone());
    }
    words.extend(args.dimensions.flags());
    let plain = |c: char| c.is_alphanumeric() || "_-./=+:,@%".contains(c);
    let quoted = words.iter().map(|w| match w.chars().all(plain) && !w.is_empty() {
        true => w.clone(),
        false => format!("'{}'", w.replace('\'', "'\\''")),
    });
    quoted.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::{Args, command, pipeline};
    use clap::Parser;
    use prism_passes::pipelines::{Stage, between};

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: Args,
    }

    fn args(line: &str) -> Args {
        Line::parse_from(line.split_whitespace()).args
    }

    #[test]
    fn the_report_names_what_changes_the_result_and_nothing_else() {
        let shown = args("prism m.onnx -o out --timing --emit csv --diff --objective energy --seq 7");
        assert_eq!(command(&shown), "prism compile m.onnx --seq 7");
        let said = args("prism m.onnx --dim a=3 --strategy greedy-dag --target t.toml --min-bits 4 --seed 2");
        let flags = "--target t.toml --strategy greedy-dag --min-bits 4 --seed 2 --dim a=3";
        assert_eq!(command(&said), format!("prism compile m.onnx {flags}"));
    }

    #[test]
    fn flags_become_options_of_the_passes_between_the_stages() {
        let plain = pipeline(&args("prism m"), Stage::Import, Stage::Plan);
        let options = "{objective=energy,strategy=exact}";
        assert_eq!(plain.replace(options, ""), between(Stage::Import, Stage::Plan));
        let some = args("prism m --min-bits 8 --verify-extraction --objective latency");
        assert_eq!(pipeline(&some, Stage::Nn, Stage::Stack), "saturate{min-bits=8}");
        let extract = "extract{objective=latency,strategy=exact,verify=true},tile";
        assert_eq!(pipeline(&some, Stage::Stack, Stage::Assigned), extract);
        assert_eq!(pipeline(&some, Stage::Plan, Stage::Plan), "");
    }
}
