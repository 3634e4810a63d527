//! `prism compile`: from a model to an assignment, a schedule, a simulated run and a report.

mod args;
mod goal;
mod serve;
mod text;

pub use args::Args;

use crate::bug;
use crate::console::Console;
use crate::emit::{self, Emit, Kind, Place};
use crate::flow::{Program, Run};
use crate::input::{self, Content, Input};
use crate::machine::{self, Machine};
use crate::phases::Phases;
use crate::plan_export;
use crate::report::{self, Context, Facts, Report, frontier};
use prism_dialects::mlir::{Ir, Session};
use prism_dialects::{Level, Module};
use prism_hardware::Target;
use prism_hardware::target::overrides::Override;
use prism_passes::egraph::price::check_target;
use prism_passes::manager::{Outcome, Pipeline};
use prism_passes::pipelines::Stage;
use prism_support::codes::{E0101, E0104, E0402, E0802};
use prism_support::{Diagnostic, Diagnostics, Result, Severity, suggest};
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
    let bindings = problems.absorb(args.dimensions.bindings());
    let machine = problems.absorb(phases.time("target", || machine(args)));
    let input = problems.absorb(phases.time("read", || Input::open(&args.model)));
    let (Some(from), Some(to), Some(outputs), Some(bindings), Some(machine), Some(input)) =
        (from, to, outputs, bindings, machine, input)
    else {
        return Err(problems);
    };
    let imported = match &input.content {
        Content::Config(model) => {
            Some(phases.time("import", || model.import(&bindings, &args.dimensions.precision()))?)
        }
        Content::Onnx(model) => {
            args.dimensions.no_precision(&args.model)?;
            Some(phases.time("import", || model.import(&bindings))?)
        }
        _ => None,
    };
    let session = phases.time("MLIR context", Session::new)?;
    let (program, start) = match imported {
        Some(module) if from.is_none_or(|f| f == Stage::Import) => (Program::Plain(module), Stage::Import),
        Some(_) => return Err(model_is_not(&args.model, from).into()),
        None => {
            let (ir, level) = phases.time("parse", || parse(&session, &input, &machine))?;
            let start = start(args, from, level)?;
            (Program::Ir(ir), start)
        }
    };
    if start < Stage::Assigned && args.goal.pareto.is_none() && outputs.iter().any(|e| FRONTIER.contains(&e.kind)) {
        return Err(no_frontier().into());
    }
    let end = to.unwrap_or(Stage::Plan);
    if end < start {
        return Err(backwards(start, end).into());
    }
    let work = Work { args, machine: &machine, session: &session, start, end };
    let outcome = phases.time("passes", || work.until_it_fits(program, console))?;
    let done = if to.is_some() {
        let text = phases.time("print", || outcome.ir.text(args.show.output(true)));
        let bytes = outputs.into_iter().map(|emit| (emit, text.clone().into_bytes())).collect::<Vec<_>>();
        emit::write(&bytes, console).map(|_| ())
    } else {
        let context = context(args, &machine, &input);
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

/// The passes from one stage to another.
struct Work<'a, 's> {
    args: &'a Args,
    machine: &'a Machine,
    session: &'s Session,
    start: Stage,
    end: Stage,
}

/// Shares of the working memory that results may take, tried one after another until the plan fits; the first is the
/// default of `saturate`. Results that have no room lie off chip and stream.
const SHARES: [Option<f64>; 4] = [None, Some(0.25), Some(0.1), Some(0.0)];

impl<'s> Work<'_, 's> {
    /// Runs the passes; again with less on chip while the plan does not fit into the working memory.
    fn until_it_fits(&self, program: Program<'s>, console: &mut Console) -> Result<Outcome<'s>> {
        let (mut left, again) = match program {
            // Only what has not been priced yet can be priced in another way.
            Program::Plain(module) if self.start < Stage::Stack && self.end == Stage::Plan => {
                (Some(Program::Plain(module.clone())), Some(module))
            }
            program => (Some(program), None),
        };
        let shares = if again.is_some() { &SHARES[..] } else { &SHARES[..1] };
        let mut problems = Diagnostics::new();
        for (share, is_last) in shares.iter().zip((0..shares.len()).rev().map(|n| n == 0)) {
            let program = left.take().or_else(|| again.clone().map(Program::Plain));
            let Some(program) = program else { break };
            match self.once(program, *share, is_last, console) {
                Err(found) if !is_last && lacks_room(&found) => problems = found,
                done => return done,
            }
        }
        Err(problems)
    }

    fn once(
        &self,
        program: Program<'s>,
        share: Option<f64>,
        is_last: bool,
        console: &mut Console,
    ) -> Result<Outcome<'s>> {
        let pipeline = Pipeline::parse(&text::pipeline(self.args, self.start, self.end, share), self.session)?;
        let repro_dir = is_last.then(|| PathBuf::from(bug::FOLDER));
        let run = Run { machine: Some(self.machine), seed: self.args.seed, show: &self.args.show, repro_dir };
        run.passes(self.session, pipeline, program, console)
    }
}

/// Whether room in the working memory is all that is missing.
fn lacks_room(found: &Diagnostics) -> bool {
    let mut errors = found.0.iter().filter(|d| d.severity == Severity::Error).peekable();
    errors.peek().is_some() && errors.all(|d| d.code.name == E0802.name)
}

/// The machine with the fields that the command line sets.
///
/// # Errors
/// What [`machine::open_with`] and [`machine::check_buildable`] report.
fn machine(args: &Args) -> Result<Machine> {
    let mut problems = Diagnostics::new();
    let mut set: Vec<Override> = Vec::new();
    for given in &args.set {
        set.extend(problems.absorb(Override::parse(given)));
    }
    if !args.free.is_empty() {
        let words: Vec<String> = args.free.iter().map(|f| format!("\"{}\"", text::word(*f))).collect();
        set.push(Override::new("accounting.free", &format!("[{}]", words.join(", "))));
    }
    let set = problems.into_result(set)?;
    let machine = machine::open_with(&args.target, &set)?;
    machine::check_buildable(&machine, args.allow_infeasible)?;
    Ok(machine)
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
    let mut bytes = Vec::with_capacity(outputs.len());
    phases.time("render", || {
        for emit in outputs {
            let text = match emit.kind {
                Kind::Ir => outcome.ir.text(args.show.output(true)).into_bytes(),
                Kind::Report => report.json().into_bytes(),
                Kind::Trace => prism_sim::trace::perfetto(&plan, &run),
                Kind::Csv => prism_sim::csv::tasks(&plan, &run).into_bytes(),
                Kind::Plan => serde_json::to_vec(&plan).unwrap_or_default(),
                Kind::Pareto => frontier::csv(&facts.pareto).into_bytes(),
                Kind::ParetoPlot => {
                    frontier::svg(&facts.pareto, (report.makespan_s, report.energy_j), &title).into_bytes()
                }
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
    if let Some(main) = module.main() {
        check_target(main, &machine.target)?;
    }
    Ok((ir, module.level()))
}

/// The Stage that MLIR starts from: `--from`, which must be at the level of the file, or the first of that level.
fn start(args: &Args, from: Option<Stage>, level: Level) -> Result<Stage> {
    if args.dimensions.any() {
        return Err(input::nothing_to_bind(&args.model, level).into());
    }
    args.dimensions.no_precision(&args.model)?;
    let late = args.without_effect(level);
    if !late.is_empty() {
        return Err(Diagnostic::error(&E0101, format!("`{}` is past what {} decides", args.model, late.join(", ")))
            .found(format!("a program of level {level}"))
            .allowed("flags that act on later stages")
            .hint("start again from the model, or leave them out")
            .into());
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

fn model_is_not(model: &str, from: Option<Stage>) -> Diagnostic {
    let from = from.map_or("import", Stage::name);
    Diagnostic::error(&E0402, format!("`{model}` is not at stage {from}"))
        .found("a model that is not imported yet")
        .allowed("MLIR text of that level")
        .hint("leave `--from` out")
}

fn backwards(start: Stage, end: Stage) -> Diagnostic {
    let headline = format!("`--to {}` is before the Stage that the program is at", end.name());
    Diagnostic::error(&E0101, headline).found(format!("stage {}", start.name())).allowed("this stage or a later one")
}

/// What the report says of the command line.
fn context(args: &Args, machine: &Machine, input: &Input) -> Context {
    let stem = match &input.content {
        Content::Config(model) => Some(model.name()),
        _ => PathBuf::from(&args.model).file_stem().map(|s| s.to_string_lossy().into_owned()),
    };
    let inputs = BTreeMap::from([
        (args.model.clone(), input.sha256.clone()),
        (machine.given.clone(), input::sha256(&machine.toml)),
    ]);
    Context {
        command: text::command(args),
        model: stem.filter(|s| s != "-").unwrap_or_else(|| "standard input".into()),
        target: machine.target.name.clone(),
        seed: args.seed,
        inputs,
    }
}
