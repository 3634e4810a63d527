//! A program on its way through a pipeline: as MLIR, as plain data, or both.

use super::structure;
use super::timing::{Timing, timed};
use prism_dialects::mlir::{Ir, PrintOptions, Session};
use prism_dialects::{Module, verify};
use prism_support::codes::E0604;
use prism_support::{Diagnostic, Diagnostics, Result};

/// With locations and whole constants: what can be parsed back without loss.
pub(super) const WHOLE: PrintOptions = PrintOptions { locations: true, elide: None };

/// At least one of the forms is there; where both are, they say the same.
pub(super) struct Program<'s> {
    session: &'s Session,
    /// As MLIR, verified.
    pub(super) ir: Option<Ir<'s>>,
    /// As plain data, checked.
    pub(super) plain: Option<Module>,
    /// Why it has no plain form: operations of dialects that only MLIR's passes handle.
    foreign: Option<Diagnostics>,
}

impl<'s> Program<'s> {
    pub(super) fn new(session: &'s Session, ir: Option<Ir<'s>>, plain: Option<Module>) -> Program<'s> {
        Program { session, ir, plain, foreign: None }
    }

    /// Makes the plain form where there is one. Only a program that Prism could handle and that breaks its rules is an
    /// error: foreign programs are for MLIR's passes.
    pub(super) fn read(&mut self, timing: &mut Timing) -> Result<()> {
        let (None, Some(ir)) = (&self.plain, &self.ir) else { return Ok(()) };
        timed(&mut timing.read, || {
            match ir.read() {
                Ok(module) => {
                    verify::check_module(&module)?;
                    self.plain = Some(module);
                    self.foreign = None;
                }
                Err(why) => self.foreign = Some(why),
            }
            Ok(())
        })
    }

    /// The plain form. Who changes it has taken the MLIR form away before, as it will no longer be true.
    ///
    /// # Errors
    /// Why there is none.
    pub(super) fn plain_mut(&mut self) -> Result<&mut Module> {
        match (&mut self.plain, &self.foreign) {
            (Some(module), _) => Ok(module),
            (None, Some(why)) => Err(why.clone()),
            (None, None) => Err(formless()),
        }
    }

    /// Makes the MLIR form, verified.
    ///
    /// # Errors
    /// What MLIR's verifier, or ours of the structure, says.
    pub(super) fn write(&mut self, timing: &mut Timing) -> Result<&Ir<'s>> {
        if self.ir.is_none() {
            let session = self.session;
            let module = &*self.plain_mut()?;
            let ir = timed(&mut timing.write, || {
                broken(module)?;
                let ir = session.write(module);
                ir.verify().map(|()| ir)
            })?;
            return Ok(self.ir.insert(ir));
        }
        self.ir.as_ref().ok_or_else(formless)
    }
}

/// [`Program::read`] was not called on a program that has only its MLIR form: a slip of the manager.
fn formless() -> Diagnostics {
    Diagnostic::error(&E0604, "the program was not read before a pass").into()
}

/// Refuses a program that cannot even be printed.
pub(super) fn broken(module: &Module) -> Result<()> {
    structure::check(module)
        .map_err(|what| Diagnostic::error(&E0604, "a pass left a program that makes no sense").found(what).into())
}
