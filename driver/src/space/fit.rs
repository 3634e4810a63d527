//! Passes run again with less on chip, until the plan fits into the working memory.

use crate::bug;
use crate::console::Console;
use crate::flow::{Program, Run, Show};
use crate::machine::Machine;
use prism_dialects::mlir::Session;
use prism_passes::manager::{Outcome, Pipeline};
use prism_passes::pipelines::Stage;
use prism_support::codes::E0802;
use prism_support::{Diagnostics, Result, Severity};
use std::path::PathBuf;

/// The passes from one stage to another.
pub struct Work<'a, 's> {
    /// The passes up to a stage; with the share of the working memory that results may take, where it is not the default.
    pub passes: &'a dyn Fn(Stage, Option<f64>) -> String,
    /// The machine.
    pub machine: &'a Machine,
    /// The context that programs live in.
    pub session: &'s Session,
    /// Seed of everything random.
    pub seed: u64,
    /// What to show.
    pub show: &'a Show,
    /// The stage that the program is at.
    pub start: Stage,
}

/// Shares of the working memory that results may take, tried one after another until the plan fits; the first is the
/// default of `saturate`. Results that have no room lie off chip and stream.
const SHARES: [Option<f64>; 4] = [None, Some(0.25), Some(0.1), Some(0.0)];

impl<'s> Work<'_, 's> {
    /// Runs the passes; again with less on chip while the plan does not fit into the working memory. Also the share at which it
    /// does.
    ///
    /// # Errors
    /// Those of the passes.
    pub fn until_it_fits(
        &self,
        program: Program<'s>,
        end: Stage,
        console: &mut Console,
    ) -> Result<(Outcome<'s>, Option<f64>)> {
        let (mut left, again) = match program {
            // Only what has not been priced yet can be priced in another way.
            Program::Plain(module) if self.start < Stage::Stack && end == Stage::Plan => {
                (Some(Program::Plain(module.clone())), Some(module))
            }
            program => (Some(program), None),
        };
        let shares = if again.is_some() { &SHARES[..] } else { &SHARES[..1] };
        let mut problems = Diagnostics::new();
        for (share, is_last) in shares.iter().zip((0..shares.len()).rev().map(|n| n == 0)) {
            let program = left.take().or_else(|| again.clone().map(Program::Plain));
            let Some(program) = program else { break };
            match self.once(program, end, *share, is_last, console) {
                Err(found) if !is_last && lacks_room(&found) => problems = found,
                done => return done.map(|outcome| (outcome, *share)),
            }
        }
        Err(problems)
    }

    /// Runs the passes once with that share.
    ///
    /// # Errors
    /// Those of the passes; a reproducer is left where the failure `is_last`.
    pub fn once(
        &self,
        program: Program<'s>,
        end: Stage,
        share: Option<f64>,
        is_last: bool,
        console: &mut Console,
    ) -> Result<Outcome<'s>> {
        let pipeline = Pipeline::parse(&(self.passes)(end, share), self.session)?;
        let repro_dir = is_last.then(|| PathBuf::from(bug::FOLDER));
        let run = Run { machine: Some(self.machine), seed: self.seed, show: self.show, repro_dir };
        run.passes(self.session, pipeline, program, console)
    }
}

/// Whether room in the working memory is all that is missing.
fn lacks_room(found: &Diagnostics) -> bool {
    let mut errors = found.0.iter().filter(|d| d.severity == Severity::Error).peekable();
    errors.peek().is_some() && errors.all(|d| d.code.name == E0802.name)
}
