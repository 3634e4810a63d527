//! `prism compile --prompt P --generate G`: the time and energy of serving, from one prefill and some decoding steps.

use super::args::Args;
use super::{context, text};
use crate::console::Console;
use crate::flow::Program;
use crate::input::{Content, Input};
use crate::machine::Machine;
use crate::phases::Phases;
use crate::plan_export;
use crate::report::{Facts, Report};
use crate::serving::{self, Curve, Request, Serving, Step};
use crate::space::Work;
use prism_dialects::Module;
use prism_dialects::mlir::Session;
use prism_import::{Bindings, HfModel, MAX_EXTENT, OnnxModel};
use prism_passes::pipelines::Stage;
use prism_support::codes::E0101;
use prism_support::{Diagnostic, Diagnostics, Result, files};
use std::path::PathBuf;

/// Largest relative difference between a step and the line that stands for it.
const TOLERANCE: f64 = 1e-3;

/// Most tokens that are generated: a step each, and a row each in the table.
const MOST_GENERATED: u64 = 1 << 20;

/// Serves.
///
/// # Errors
/// As [`super::run`], and when the request does not fit the model.
pub(super) fn run(args: &Args, console: &mut Console) -> Result<()> {
    let mut phases = Phases::default();
    let mut problems = Diagnostics::new();
    let request = problems.absorb(request(args));
    let machine = problems.absorb(phases.time("target", || args.space.machine()));
    let input = problems.absorb(phases.time("read", || Input::open(&args.space.model)));
    let decode = problems.absorb(args.decode_model.as_deref().map(Input::open).transpose());
    let (Some(request), Some(machine), Some(input), Some(decode)) = (request, machine, input, decode) else {
        return Err(problems);
    };
    console.warn(input.assumed());
    let source = Source::of(&input, decode.as_ref(), &request)?;
    let session = phases.time("MLIR context", Session::new)?;
    let mut server = Server { args, machine: &machine, session: &session, source, request: &request, warned: false };
    let prefill = phases.time("prefill", || server.prefill(console))?;
    let last = request.generated_tokens - 1;
    let tolerance = if args.every_step { 0.0 } else { TOLERANCE };
    let curve = match last {
        0 => Curve::default(),
        last => phases.time("decode", || Curve::new((1, last), tolerance, &mut |at| server.step(at, console)))?,
    };
    let mut about = context(args, &machine, &input);
    about.inputs.extend(decode.iter().map(|d| (d.name.clone(), d.sha256.clone())));
    let about = serving::Context {
        command: about.command,
        model: about.model,
        target: about.target,
        objective: args.goal.asked.objective.to_string(),
        inputs: about.inputs,
    };
    let served = Serving::new(about, request, prefill, &curve, tolerance);
    let written = write(args, &served, &curve)?;
    if console.json() {
        console.data(&served.json())?;
    } else if !console.quiet {
        console.data(&serving::summary(&served, &written, console))?;
    }
    args.show.records(&Default::default(), &phases, console);
    Ok(())
}

/// What the flags ask to serve.
fn request(args: &Args) -> Result<Request> {
    let mut problems = Diagnostics::new();
    let wrong =
        |flag: String, allowed: String| Diagnostic::error(&E0101, format!("`{flag}` is out of range")).allowed(allowed);
    let generated_tokens = args.generate.unwrap_or(1);
    if !(1..=MOST_GENERATED).contains(&generated_tokens) {
        problems.push(wrong(format!("--generate {generated_tokens}"), format!("1 to {MOST_GENERATED}")));
    }
    for length in args.prompt.iter().filter(|n| !(1..=MAX_EXTENT).contains(*n)) {
        problems.push(wrong(format!("--prompt {length}"), format!("1 to {MAX_EXTENT}")));
    }
    let batch = args.space.dimensions.batch;
    let prompt_tokens = match (args.prompt.as_slice(), batch) {
        ([length], Some(batch)) => {
            if !(1..=65_536).contains(&batch) {
                problems.push(wrong(format!("--batch {batch}"), "1 to 65536".into()));
            }
            vec![*length; usize::try_from(batch.min(65_536)).unwrap_or(1)]
        }
        (lengths, Some(batch)) if lengths.len() as u64 != batch => {
            let d = Diagnostic::error(&E0101, "`--batch` contradicts `--prompt`");
            problems.push(
                d.found(format!("a batch of {batch}, {} lengths", lengths.len()))
                    .allowed("one length for each sequence"),
            );
            Vec::new()
        }
        (lengths, _) => lengths.to_vec(),
    };
    if args.space.dimensions.seq.is_some() || args.space.dimensions.past.is_some() {
        let d = Diagnostic::error(&E0101, "`--seq` and `--past` follow from `--prompt`");
        problems.push(d.hint("leave them out"));
    }
    problems.into_result(Request { prompt_tokens, generated_tokens })
}

/// Whether prompts differ in length.
fn is_ragged(request: &Request) -> bool {
    request.prompt_tokens.windows(2).any(|w| w[0] != w[1])
}

/// Where the graphs come from.
enum Source<'a> {
    /// One exported graph for prompts, one for steps.
    Onnx(&'a OnnxModel, Option<&'a OnnxModel>),
    /// A config, which gives both.
    Config(&'a HfModel),
}

impl<'a> Source<'a> {
    fn of(input: &'a Input, decode: Option<&'a Input>, request: &Request) -> Result<Source<'a>> {
        let onnx = |input: &'a Input| -> Result<&'a OnnxModel> {
            if let Content::Onnx(model) = &input.content {
                return Ok(model);
            }
            Err(Diagnostic::error(&E0101, format!("`{}` cannot be served", input.name))
                .found("a program whose dimensions are numbers, or another text")
                .allowed("a Hugging Face config, or an ONNX model for prompts, with `--decode-model` for steps")
                .into())
        };
        let config = matches!(input.content, Content::Config(_));
        if is_ragged(request) && !config {
            return Err(Diagnostic::error(&E0101, format!("`{}` takes prompts of one length", input.name))
                .found(format!("{} lengths", request.prompt_tokens.len()))
                .allowed("one length, as an exported graph has one sequence axis; or a Hugging Face config")
                .into());
        }
        if let Content::Config(model) = &input.content {
            return match decode {
                None => Ok(Source::Config(model)),
                Some(decode) => Err(Diagnostic::error(&E0101, "`--decode-model` has nothing to add")
                    .found(format!("`{}` beside `{}`, a config that gives steps too", decode.name, input.name))
                    .hint("leave it out")
                    .into()),
            };
        }
        let prefill = onnx(input)?;
        let decode = decode.map(onnx).transpose()?;
        if decode.is_none() && request.generated_tokens > 1 {
            return Err(Diagnostic::error(&E0101, format!("`{}` makes no single tokens", input.name))
                .found(format!("`--generate {}` and a graph for prompts alone", request.generated_tokens))
                .hint("add `--decode-model FILE`, the same model exported with a KV cache")
                .into());
        }
        Ok(Source::Onnx(prefill, decode))
    }

    fn bindings(&self, request: &Request, args: &Args) -> Result<Bindings> {
        let several = request.batch() > 1 || args.space.dimensions.batch.is_some();
        let batch = several.then_some(request.batch());
        Ok(Bindings { batch, ..args.space.dimensions.bindings()? })
    }

    /// The graph that reads the prompts.
    fn prefill(&self, request: &Request, args: &Args) -> Result<Module> {
        if let (Source::Config(model), true) = (self, is_ragged(request)) {
            let prompts: Vec<(u64, u64)> = request.prompt_tokens.iter().map(|length| (*length, 0)).collect();
            return model.import_ragged(&prompts, &args.space.dimensions.precision());
        }
        let seq = request.prompt_tokens.first().copied();
        self.import(&Bindings { seq, ..self.bindings(request, args)? }, args)
    }

    /// The graph that makes the next token when `generated` of each sequence are there.
    fn step(&self, request: &Request, args: &Args, generated: u64) -> Result<Module> {
        if let (Source::Config(model), true) = (self, is_ragged(request)) {
            let past = |length: &u64| (1, length + generated - 1);
            let steps: Vec<(u64, u64)> = request.prompt_tokens.iter().map(past).collect();
            return model.import_ragged(&steps, &args.space.dimensions.precision());
        }
        let past = request.prompt_tokens.first().map(|p| p + generated - 1);
        self.import(&Bindings { past, ..self.bindings(request, args)? }, args)
    }

    /// The graph for a prompt, or for a step where the bindings have a cache.
    fn import(&self, bindings: &Bindings, args: &Args) -> Result<Module> {
        match self {
            Source::Config(model) => model.import(bindings, &args.space.dimensions.precision()),
            Source::Onnx(prefill, decode) => {
                args.space.dimensions.no_precision(&args.space.model)?;
                let step = decode.filter(|_| bindings.past.is_some());
                step.unwrap_or(prefill).import(bindings)
            }
        }
    }
}

/// Compiles one graph after the other.
struct Server<'a> {
    args: &'a Args,
    machine: &'a Machine,
    session: &'a Session,
    source: Source<'a>,
    request: &'a Request,
    /// Whether the warnings of decoding steps have been shown.
    warned: bool,
}

impl Server<'_> {
    fn prefill(&self, console: &mut Console) -> Result<Step> {
        let at = || "this is about the prompt".to_string();
        self.cost(self.source.prefill(self.request, self.args)?, console).map_err(|found| noted(found, &at))
    }

    fn step(&mut self, generated: u64, console: &mut Console) -> Result<Step> {
        let module = self.source.step(self.request, self.args, generated)?;
        // What holds for one step holds for the next: its warnings are shown once.
        let mut silent = Console::silent();
        let console = if self.warned { &mut silent } else { console };
        self.warned = true;
        let at = || format!("this is about the step that makes token {}", generated.saturating_add(1));
        self.cost(module, console).map_err(|found| noted(found, &at))
    }

    fn cost(&self, module: Module, console: &mut Console) -> Result<Step> {
        let (start, end) = (Stage::Import, Stage::Plan);
        let passes = |end, share| text::pipeline(self.args, start, end, share);
        let work = Work {
            passes: &passes,
            machine: self.machine,
            session: self.session,
            seed: self.args.space.seed,
            show: &self.args.show,
            start,
        };
        let outcome = work.until_it_fits(Program::Plain(module), end, console)?.0;
        let empty = Module::default();
        let module = outcome.plain.as_ref().unwrap_or(&empty);
        let plan = plan_export::export(module)?;
        let facts = Facts::of(plan_export::only_body(module)?);
        let run = prism_sim::simulate(&plan)?;
        let report = Report::new(crate::report::Context::default(), &self.machine.target, &facts, &plan, &run)?;
        Ok(Step {
            makespan_s: report.makespan_s,
            bound_s: report.bound.makespan_s.unwrap_or(0.0),
            energy_j: report.energy_j,
            energy_gated_j: report.total_energy_j.gated,
            energy_always_on_j: report.total_energy_j.always_on,
        })
    }
}

/// Errors with a note of what they are about: limits and room hold for each graph by itself.
fn noted(found: Diagnostics, at: &dyn Fn() -> String) -> Diagnostics {
    Diagnostics(found.0.into_iter().map(|d| d.note(at())).collect())
}

/// Writes `serving.json` and `steps.csv`; returns their paths as shown.
fn write(args: &Args, served: &Serving, curve: &Curve) -> Result<Vec<String>> {
    let folder = args.output.clone().unwrap_or_else(|| PathBuf::from("prism-out"));
    let mut written = Vec::new();
    for (name, text) in [("serving.json", served.json()), ("steps.csv", serving::csv(served, curve))] {
        files::write_in(&folder, name, text.as_bytes())?;
        written.push(folder.join(name).display().to_string());
    }
    Ok(written)
}
