//! `prism compile`: from a model to an assignment, a schedule, a simulated run and a report.

mod args;
mod serve;
mod text;

pub use args::Args;

use crate::console::Console;
use crate::emit::{self, Contents, Emit, Kind, Place};
use crate::input::{self, Content, Input};
use crate::machine::Machine;
use crate::phases::Phases;
use crate::plan_export;
use crate::report::{self, Context, Facts, Report, frontier};
use crate::space::{Opened, Work, stage};
use prism_dialects::Module;
use prism_dialects::mlir::Session;
use prism_hardware::Target;
use prism_passes::manager::Outcome;
use prism_passes::pipelines::Stage;
use prism_support::codes::E0101;
use prism_support::{Diagnostic, Diagnostics, Result};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Compiles.
///
/// # Errors
/// When the model cannot be read or imported, the target is wrong, a pass fails, or an output cannot be written.
pub fn run(args: &Args, console: &mut Console) -> Result<()> {
    if !args.prompt.is_empty() {
        return serve::run(args, console);
    }
    let mut phases = Phases::default();
    let mut problems = Diagnostics::new();
    // All that is wrong with the command line and its files is told at once.
    let from = problems.absorb(args.from.as_deref().map(|s| stage("--from", s)).transpose());
    let to = problems.absorb(args.to.as_deref().map(|s| stage("--to", s)).transpose());
    let asked = if args.goal.pareto.is_some() { &FRONTIER[..] } else { &[] };
    let outputs = problems.absorb(emit::outputs(&args.emit, args.output.as_deref(), to.flatten(), asked));
    let opened = Opened::read(&args.space, &mut phases, &mut problems);
    let (Some(from), Some(to), Some(outputs), Some(opened)) = (from, to, outputs, opened) else {
        return Err(problems);
    };
    console.warn(opened.input.assumed());
    let session = phases.time("MLIR context", Session::new)?;
    let late = |level| args.without_effect(level);
    let (program, start) = opened.program(&args.space, &session, from, &late, &mut phases)?;
    if start < Stage::Assigned && args.goal.pareto.is_none() && outputs.iter().any(|e| FRONTIER.contains(&e.kind)) {
        return Err(no_frontier().into());
    }
    let end = to.unwrap_or(Stage::Plan);
    if end < start {
        return Err(backwards(start, end).into());
    }
    let passes = |end, share| text::pipeline(args, start, end, share);
    let Opened { machine, input, .. } = &opened;
    let (seed, show) = (args.space.seed, &args.show);
    let work = Work { passes: &passes, machine, session: &session, seed, show, start };
    let (mut outcome, _) = phases.time("passes", || work.until_it_fits(program, end, console))?;
    let done = if to.is_some() {
        outcome.plain = None;
        let text = || Contents::Ir(&outcome.ir, args.show.output(true));
        let outputs: Vec<_> = outputs.into_iter().map(|emit| (emit, text())).collect();
        phases.time("print", || emit::write(&outputs, console)).map(|_| ())
    } else {
        let context = context(args, machine, input);
        finish(args, (context, &machine.target), outputs, &outcome, &mut phases, console)
    };
    args.show.records(&outcome.records, &phases, console);
    done
}

/// What `--pareto` writes.
const FRONTIER: [Kind; 2] = [Kind::Pareto, Kind::ParetoPlot];

fn no_frontier() -> Diagnostic {
    Diagnostic::error(&E0101, "there are no plans to choose from to write").hint("add `--pareto`")
}

/// Simulates the plan and writes what was asked for.
fn finish(
    args: &Args,
    (context, target): (Context, &Target),
    outputs: Vec<Emit>,
    outcome: &Outcome<'_>,
    phases: &mut Phases,
    console: &Console,
) -> Result<()> {
    let empty = Module::default();
    let module = outcome.plain.as_ref().unwrap_or(&empty);
    let plan = phases.time("export", || plan_export::export(module))?;
    let facts = Facts::of(plan_export::only_body(module)?);
    facts.check(target)?;
    let run = phases.time("simulate", || prism_sim::simulate(&plan))?;
    if facts.pareto.is_empty() && outputs.iter().any(|e| FRONTIER.contains(&e.kind)) {
        return Err(no_frontier().into());
    }
    let title = format!("{} on {}: energy against makespan", context.model, context.target);
    let report = Report::new(context, target, &facts, &plan, &run)?;
    let contents = |kind: Kind| match kind {
        Kind::Ir => Contents::Ir(&outcome.ir, args.show.output(true)),
        Kind::Report => Contents::Bytes(report.json().into_bytes()),
        Kind::Trace => Contents::Bytes(prism_sim::trace::perfetto(&plan, &run)),
        Kind::Csv => Contents::Bytes(prism_sim::csv::tasks(&plan, &run).into_bytes()),
        Kind::Plan => Contents::Bytes(serde_json::to_vec(&plan).unwrap_or_default()),
        Kind::Pareto => Contents::Bytes(frontier::csv(&facts.pareto).into_bytes()),
        Kind::ParetoPlot => {
            let plan = (report.makespan_s, report.energy_j);
            let least = report.bound.least_energy_j.unwrap_or(0.0);
            Contents::Bytes(frontier::svg(&facts.pareto, plan, least, &title).into_bytes())
        }
    };
    let rendered: Vec<_> = phases.time("render", || {
        let with_contents = |emit: Emit| {
            let contents = contents(emit.kind);
            (emit, contents)
        };
        outputs.into_iter().map(with_contents).collect()
    });
    let on_stdout = rendered.iter().any(|(emit, _)| emit.place == Place::Stdout);
    let files = phases.time("write", || emit::write(&rendered, console))?;
    match (console.json(), on_stdout || console.quiet) {
        (true, false) => console.data(&report.json()),
        (false, false) => console.data(&report::summary(&report, &files, console)),
        _ => Ok(()),
    }
}

fn backwards(start: Stage, end: Stage) -> Diagnostic {
    let headline = format!("`--to {}` is before the Stage that the program is at", end.name());
    Diagnostic::error(&E0101, headline).found(format!("stage {}", start.name())).allowed("this stage or a later one")
}

/// What the report says of the command line.
fn context(args: &Args, machine: &Machine, input: &Input) -> Context {
    let stem = match &input.content {
        Content::Config(model) => Some(model.name()),
        _ => PathBuf::from(&args.space.model).file_stem().map(|s| s.to_string_lossy().into_owned()),
    };
    let inputs = BTreeMap::from([
        (args.space.model.clone(), input.sha256.clone()),
        (machine.given.clone(), input::sha256(&machine.toml)),
    ]);
    Context {
        command: text::command(args),
        model: stem.filter(|s| s != "-").unwrap_or_else(|| "standard input".into()),
        target: machine.target.name.clone(),
        seed: args.space.seed,
        inputs,
    }
}
