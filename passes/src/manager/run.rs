//! Runs a pipeline.

use super::cx::{PassCx, needs_target};
use super::info::{Change, PassInfo};
use super::observe::{Dump, Observers};
use super::options::Options;
use super::program::{Program, WHOLE, broken};
use super::spec::{Pipeline, StepKind};
use super::stats::{Record, Records, count_ops};
use super::structure;
use super::timing::{Span, Stopwatch, timed};
use super::upstream::UpstreamPass;
use prism_dialects::mlir::{Ir, Session};
use prism_dialects::{Module, verify};
use prism_hardware::Target;
use prism_support::codes::{E0402, E0604};
use prism_support::{Diagnostic, Diagnostics, Place, Result};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;

/// A machine and the text of its file, which goes into dumps and reproducers.
#[derive(Clone, Copy)]
pub(super) struct Machine<'a> {
    pub(super) target: &'a Target,
    pub(super) toml: &'a str,
}

/// A pipeline ready to run.
pub struct Manager<'a, 's> {
    pub(super) session: &'s Session,
    pub(super) pipeline: Pipeline,
    pub(super) observers: Observers<'a>,
    pub(super) machine: Option<Machine<'a>>,
    pub(super) seed: u64,
    pub(super) verify_each: bool,
    pub(super) repro_dir: Option<PathBuf>,
}

/// What a run leaves.
pub struct Outcome<'s> {
    /// The program as MLIR, verified.
    pub ir: Ir<'s>,
    /// The same as plain data; `None` where it has operations of other dialects.
    pub plain: Option<Module>,
    /// What each pass did and how long it took.
    pub records: Records,
    /// Warnings of the passes, in order.
    pub warnings: Diagnostics,
}

impl<'a, 's> Manager<'a, 's> {
    /// A manager without a target, with seed 0, that verifies after each pass and writes reproducers to `prism-repro`.
    pub fn new(session: &'s Session, pipeline: Pipeline, observers: Observers<'a>) -> Manager<'a, 's> {
        let repro_dir = Some(PathBuf::from("prism-repro"));
        Manager { session, pipeline, observers, machine: None, seed: 0, verify_each: true, repro_dir }
    }

    /// Gives the passes a machine; `toml` is the text of its file.
    #[must_use]
    pub fn target(self, target: &'a Target, toml: &'a str) -> Self {
        Manager { machine: Some(Machine { target, toml }), ..self }
    }

    /// Seeds everything random in the passes.
    #[must_use]
    pub fn seed(self, seed: u64) -> Self {
        Manager { seed, ..self }
    }

    /// Whether to verify after each pass or only at the end.
    #[must_use]
    pub fn verify_each(self, verify_each: bool) -> Self {
        Manager { verify_each, ..self }
    }

    /// Where reproducers go; `None` writes none.
    #[must_use]
    pub fn repro_dir(self, repro_dir: Option<PathBuf>) -> Self {
        Manager { repro_dir, ..self }
    }

    /// Runs the pipeline on MLIR.
    ///
    /// # Errors
    /// Before anything runs: passes that do not fit together or lack a target, a program that breaks our rules. Then
    /// what the failing pass says, with the path of a reproducer.
    pub fn run(self, ir: Ir<'s>) -> Result<Outcome<'s>> {
        let program = Program::new(self.session, Some(ir), None);
        Run::new(self, program, Form::None).all()
    }

    /// Runs the pipeline on a plain program, as an importer makes it.
    ///
    /// # Errors
    /// As [`Manager::run`].
    pub fn run_plain(self, module: Module) -> Result<Outcome<'s>> {
        broken(&module)?;
        verify::check_module(&module)?;
        let form = Form::Plain(module.clone());
        let program = Program::new(self.session, None, Some(module));
        Run::new(self, program, form).all()
    }
}

/// A program kept so that a failing pass can be replayed.
pub(super) enum Form<'s> {
    /// Still in [`Run::program`].
    None,
    Ir(Ir<'s>),
    Plain(Module),
    Text(String),
}

pub(super) struct Run<'a, 's> {
    pub(super) manager: Manager<'a, 's>,
    pub(super) program: Program<'s>,
    /// The program before step `kept_at`; only passes of ours ran since, so replaying them is possible, and free where
    /// nothing fails.
    pub(super) kept: Form<'s>,
    pub(super) kept_at: usize,
    dump: Option<Dump>,
    pub(super) records: Records,
    pub(super) warnings: Diagnostics,
}

impl<'a, 's> Run<'a, 's> {
    fn new(manager: Manager<'a, 's>, program: Program<'s>, kept: Form<'s>) -> Self {
        let (records, warnings) = (Records::default(), Diagnostics::new());
        Run { manager, program, kept, kept_at: 0, dump: None, records, warnings }
    }

    fn all(mut self) -> Result<Outcome<'s>> {
        let watch = Stopwatch::start();
        self.program.read(&mut self.records.timing)?;
        self.check()?;
        let steps = self.manager.pipeline.steps.len();
        if let Some(folder) = &self.manager.observers.dump_dir {
            let toml = self.manager.machine.map(|m| m.toml);
            self.dump = Some(Dump::start(folder, &self.manager.pipeline, toml)?);
            self.dumped(0)?;
        }
        for index in 0..steps {
            self.observed(index)?;
        }
        self.written(steps)?;
        self.program.read(&mut self.records.timing)?;
        if let (false, Some(module)) = (self.manager.verify_each, &self.program.plain) {
            verify::check_module(module)?;
        }
        self.records.timing.total = watch.stop();
        let no_form = || Diagnostics::from(Diagnostic::error(&E0604, "the run left no program"));
        let ir = self.program.ir.take().ok_or_else(no_form)?;
        Ok(Outcome { ir, plain: self.program.plain, records: self.records, warnings: self.warnings })
    }

    /// What can be refused before anything runs, all at once.
    fn check(&self) -> Result<()> {
        let pipeline = &self.manager.pipeline;
        let mut problems = Diagnostics::new();
        let level = self.program.plain.as_ref().map(Module::level);
        problems.absorb(pipeline.check_levels(level));
        problems.absorb(self.manager.observers.check(pipeline));
        if self.manager.machine.is_none() {
            for step in pipeline.steps.iter().filter(|s| s.info().is_some_and(|i| i.needs_target)) {
                problems.push(needs_target(step.name()).at(pipeline.place(step)));
            }
        }
        problems.into_result(())
    }

    /// Makes the MLIR form after `done` steps; where MLIR objects to it, says which pass is to blame.
    fn written(&mut self, done: usize) -> Result<&Ir<'s>> {
        if let Err(errors) = self.program.write(&mut self.records.timing).map(|_| ()) {
            return Err(self.blame(done, errors));
        }
        self.program.write(&mut self.records.timing)
    }

    /// The program's text after `done` steps: whole, or as it is shown.
    fn text(&mut self, done: usize, whole: bool) -> Result<String> {
        let options = if whole { WHOLE } else { self.manager.observers.print };
        self.written(done)?;
        let Run { program, records, .. } = self;
        let ir = program.ir.as_ref();
        Ok(timed(&mut records.timing.observe, || ir.map(|ir| ir.text(options)).unwrap_or_default()))
    }

    fn dumped(&mut self, done: usize) -> Result<()> {
        if self.dump.is_none() {
            return Ok(());
        }
        let text = self.text(done, true)?;
        let Run { dump, manager, records, .. } = self;
        timed(&mut records.timing.observe, || match dump {
            Some(dump) => dump.program(&manager.pipeline, done, &text),
            None => Ok(()),
        })
    }

    /// One step with what is shown and kept around it.
    fn observed(&mut self, index: usize) -> Result<()> {
        let name = self.manager.pipeline.steps[index].name().to_string();
        let wanted = self.manager.observers.wants(&name);
        let before = if wanted { Some(self.text(index, false)?) } else { None };
        if let Some(before) = &before {
            self.manager.observers.before(&name, before);
        }
        self.step(index)?;
        if let Some(before) = before {
            let after = self.text(index + 1, false)?;
            let Run { manager, records, .. } = self;
            timed(&mut records.timing.observe, || manager.observers.after(&name, &before, &after));
        }
        self.dumped(index + 1)
    }

    fn step(&mut self, index: usize) -> Result<()> {
        let step = self.manager.pipeline.steps[index].clone();
        let mut record = Record {
            pass: step.name().to_string(),
            step: step.to_string(),
            ran: Span::default(),
            verified: Span::default(),
            counters: Vec::new(),
            details: Vec::new(),
            before: self.program.plain.as_ref().map(count_ops),
            after: None,
        };
        match &step.kind {
            StepKind::Own(info, options) => self.own(index, info, options, &mut record)?,
            StepKind::Upstream(pass) => self.upstream(index, pass, &mut record)?,
        }
        record.after = self.program.plain.as_ref().map(count_ops);
        self.records.steps.push(record);
        Ok(())
    }

    fn own(&mut self, index: usize, info: &'static PassInfo, options: &Options, record: &mut Record) -> Result<()> {
        self.program.read(&mut self.records.timing)?;
        self.program.plain_mut()?;
        if let Some(ir) = self.program.ir.take() {
            (self.kept, self.kept_at) = (Form::Ir(ir), index);
        }
        let module = self.program.plain_mut()?;
        let target = self.manager.machine.map(|m| m.target);
        let mut cx = PassCx::new(info, options, target, self.manager.seed);
        let ran = timed(&mut record.ran, || call(info, module, &mut cx));
        let names = info.counters.iter().map(|c| c.name);
        record.counters = names.zip(cx.counts).collect();
        record.details = cx.details;
        self.warnings.0.append(&mut cx.warnings.0);
        let verify_each = self.manager.verify_each;
        let left = ran.and_then(|()| match verify_each {
            true => timed(&mut record.verified, || verify_after(info, module)),
            false => Ok(()),
        });
        left.map_err(|errors| self.failed(index, errors))
    }

    fn upstream(&mut self, index: usize, pass: &UpstreamPass, record: &mut Record) -> Result<()> {
        self.written(index)?;
        let Some(mut ir) = self.program.ir.take() else { return Ok(()) };
        self.kept = match self.program.plain.take() {
            Some(module) => Form::Plain(module),
            None => Form::Text(ir.text(WHOLE)),
        };
        self.kept_at = index;
        let session = self.manager.session;
        let ran = timed(&mut record.ran, || session.run_upstream(&mut ir, &pass.anchored));
        let verified = ran.and_then(|()| timed(&mut record.verified, || ir.verify()));
        self.program.ir = Some(ir);
        let read = verified.and_then(|()| self.program.read(&mut self.records.timing));
        read.map_err(|errors| self.failed(index, errors))
    }
}

/// Runs a pass; a panic in it becomes an error.
pub(super) fn call(info: &'static PassInfo, module: &mut Module, cx: &mut PassCx<'_>) -> Result<()> {
    // A panic leaves the module half changed. It is only looked at, after a check, to be printed.
    catch_unwind(AssertUnwindSafe(|| (info.run)(module, cx))).unwrap_or_else(|payload| {
        let said = payload.downcast_ref::<&str>().map(|s| (*s).to_string());
        let said = said.or_else(|| payload.downcast_ref::<String>().cloned());
        Err(Diagnostic::error(&E0604, format!("internal error in pass `{}`", info.name))
            .found(said.unwrap_or_else(|| "a panic without a message".into()))
            .note("this is a bug in Prism, whatever the input")
            .into())
    })
}

/// All that a pass owes.
fn verify_after(info: &'static PassInfo, module: &Module) -> Result<()> {
    broken(module).and_then(|()| verify::check_module(module)).map_err(|errors| left_invalid(info.name, errors))?;
    let Change::To(level) = info.to else { return Ok(()) };
    match structure::leftover(module, level) {
        None => Ok(()),
        Some((op, name)) => Err(Diagnostic::error(&E0402, format!("`{}` left `{op}` behind", info.name))
            .at(Place::Op { name, op })
            .allowed(format!("operations of level {level} only"))
            .into()),
    }
}

/// Says which pass left a program that does not verify, before what is wrong with it.
pub(super) fn left_invalid(pass: &str, errors: Diagnostics) -> Diagnostics {
    let count = match errors.0.len() {
        1 => "one problem, named below".to_string(),
        n => format!("{n} problems, named below"),
    };
    let headline = format!("`{pass}` left a program that does not verify");
    let first = Diagnostic::error(&E0604, headline).found(count);
    let mut out = Diagnostics::from(first.note("this is a bug in Prism, whatever the input"));
    out.0.extend(errors.0);
    out
}
