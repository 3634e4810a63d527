//! What happens when a pass fails: the program before it is made again, shown, and written as a reproducer.

use super::cx::PassCx;
use super::program::{WHOLE, broken};
use super::repro::{self, Draft};
use super::run::{Form, Run, call, left_invalid};
use super::spec::StepKind;
use super::structure;
use prism_dialects::Module;
use prism_support::{Diagnostics, Result};

impl Run<'_, '_> {
    /// The program before step `index`: the kept one, with the passes since then replayed.
    fn before(&self, index: usize) -> Result<String> {
        let session = self.manager.session;
        let mut module = match &self.kept {
            Form::Text(text) => return Ok(text.clone()),
            Form::Ir(ir) if self.kept_at == index => return Ok(ir.text(WHOLE)),
            Form::None => return Ok(self.program.ir.as_ref().map(|ir| ir.text(WHOLE)).unwrap_or_default()),
            Form::Ir(ir) => ir.read()?,
            Form::Plain(module) => module.clone(),
        };
        self.replay(&mut module, self.kept_at, index)?;
        broken(&module)?;
        Ok(session.write(&module).text(WHOLE))
    }

    /// Runs the steps from `from` to before `to` once more.
    fn replay(&self, module: &mut Module, from: usize, to: usize) -> Result<()> {
        for step in &self.manager.pipeline.steps[from..to] {
            let StepKind::Own(info, options) = &step.kind else { continue };
            let target = self.manager.machine.map(|m| m.target);
            call(info, module, &mut PassCx::new(info, options, target, self.manager.seed))?;
        }
        Ok(())
    }

    /// MLIR refuses the program after `done` steps: finds the first pass since the kept program that it refuses.
    pub(super) fn blame(&mut self, done: usize, errors: Diagnostics) -> Diagnostics {
        let session = self.manager.session;
        let start = match &self.kept {
            Form::Plain(module) => Some(module.clone()),
            Form::Ir(ir) => ir.read().ok(),
            _ => None,
        };
        let Some(mut module) = start.filter(|_| done > self.kept_at) else { return errors };
        let guilty = (self.kept_at..done).find(|i| {
            let ran = self.replay(&mut module, *i, i + 1).and_then(|()| broken(&module));
            ran.is_err() || session.write(&module).verify().is_err()
        });
        let guilty = guilty.unwrap_or(done - 1);
        let pass = self.manager.pipeline.steps[guilty].name();
        self.failed(guilty, left_invalid(pass, errors))
    }

    /// Shows and keeps what belongs to a failure, and adds to its errors where to find it.
    pub(super) fn failed(&mut self, index: usize, mut errors: Diagnostics) -> Diagnostics {
        let name = self.manager.pipeline.steps[index].name().to_string();
        let about_usage = errors.0.iter().all(|d| d.code.exit == 2);
        if !about_usage {
            let (text, from) = match self.before(index) {
                Ok(text) => (text, index),
                // The replay failed: what was kept replays all the same.
                Err(_) => (self.before(self.kept_at).unwrap_or_default(), self.kept_at),
            };
            let left = self.program.plain.as_ref().filter(|m| structure::check(m).is_ok());
            let left = left.map(|m| self.manager.session.write(m).text(self.manager.observers.print));
            self.manager.observers.failure(&name, &text, left.as_deref());
            self.reproducer(&name, &text, from, &mut errors);
        }
        errors.0.append(&mut self.warnings.0);
        errors
    }

    fn reproducer(&self, pass: &str, ir: &str, from: usize, errors: &mut Diagnostics) {
        let (Some(folder), Some(first)) = (&self.manager.repro_dir, errors.0.first_mut()) else { return };
        let pipeline = self.manager.pipeline.rest(from);
        let target_toml = self.manager.machine.map(|m| m.toml);
        let draft = Draft { pass, ir, pipeline: &pipeline, seed: self.manager.seed, target_toml };
        first.notes.push(match repro::write(folder, &draft) {
            Ok(path) => format!("to replay: prism repro {}", path.display()),
            Err(why) => format!("no reproducer could be written: {why}"),
        });
    }
}
