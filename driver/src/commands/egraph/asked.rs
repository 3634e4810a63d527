//! The saturated segment that a question is about, as `compile` would choose from it.

use crate::console::Console;
use crate::flow::{Program, Show};
use crate::goal::Asked;
use crate::machine::Machine;
use crate::phases::Phases;
use crate::space::{Logits, Opened, Space, Work};
use prism_dialects::mlir::Session;
use prism_dialects::{Body, Module};
use prism_passes::egraph::explain::Explainer;
use prism_passes::egraph::extract;
use prism_passes::pipelines::Stage;
use prism_solve::serialized::Serialized;
use prism_support::codes::E0402;
use prism_support::{Diagnostic, Diagnostics, Result};

/// What is asked about: a model on a machine, and what is to be least.
#[derive(Debug, clap::Args)]
pub(super) struct Subject {
    #[command(flatten)]
    pub(super) space: Space,
    #[command(flatten)]
    pub(super) asked: Asked,
}

/// A saturated program and the machine that it is priced on.
pub(super) struct Saturated {
    machine: Machine,
    module: Module,
}

impl Subject {
    /// Runs the passes up to the e-graph; with as little on chip as the best plan needs to fit.
    pub(super) fn saturate(&self, console: &mut Console) -> Result<Saturated> {
        let (mut phases, mut problems) = (Phases::default(), Diagnostics::new());
        let Some(opened) = Opened::read(&self.space, &mut phases, &mut problems) else { return Err(problems) };
        console.warn(opened.input.assumed());
        let session = Session::new()?;
        let logits = self.space.logits.unwrap_or(Logits::All);
        let late = |level| self.space.without_effect(level, logits);
        let (program, start) = opened.program(&self.space, &session, None, &late, &mut phases)?;
        let module = match program {
            Program::Plain(module) => module,
            Program::Ir(ir) => ir.read()?,
        };
        if start > Stage::Stack {
            return Err(past(&self.space.model, start).into());
        }
        if start == Stage::Stack {
            return Ok(Saturated { machine: opened.machine, module });
        }
        let extract = self.asked.options();
        let passes = |end, share| self.space.pipeline((start, end), logits, share, &extract);
        let show = Show::default();
        let (machine, seed) = (&opened.machine, self.space.seed);
        let work = Work { passes: &passes, machine, session: &session, seed, show: &show, start };
        let (_, share) = work.until_it_fits(Program::Plain(module.clone()), Stage::Plan, console)?;
        // What there is to warn of has been said.
        let stacked = work.once(Program::Plain(module), Stage::Stack, share, true, &mut Console::silent())?;
        let module = stacked.plain.unwrap_or_default();
        Ok(Saturated { machine: opened.machine, module })
    }

    /// The e-graph with names.
    pub(super) fn serialized(&self, saturated: &Saturated) -> Result<Serialized> {
        segment(&saturated.module, &self.space.model).map(extract::serialized)
    }

    /// The best assignment, to be asked about.
    pub(super) fn explainer<'a>(&self, saturated: &'a Saturated) -> Result<Explainer<'a>> {
        Explainer::of(segment(&saturated.module, &self.space.model)?, &saturated.machine.target, self.asked.question())
    }
}

impl Saturated {
    /// The name of the machine.
    pub(super) fn target(&self) -> &str {
        &self.machine.target.name
    }
}

/// The one segment of a program.
fn segment<'m>(module: &'m Module, model: &str) -> Result<&'m Body> {
    let found = |n: usize| {
        Diagnostic::error(&E0402, format!("`{model}` is not one segment")).found(format!("{n} bodies")).allowed("one")
    };
    match module.bodies.as_slice() {
        [one] => Ok(one),
        others => Err(found(others.len()).into()),
    }
}

fn past(model: &str, start: Stage) -> Diagnostic {
    Diagnostic::error(&E0402, format!("`{model}` has no alternatives any more"))
        .found(format!("a program at stage {}", start.name()))
        .allowed("a model, or MLIR up to stage stack")
        .hint("`prism compile MODEL --to stack` keeps the alternatives")
}
