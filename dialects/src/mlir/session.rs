//! A context with our dialects, and modules in it.

use super::{ffi, read, write};
use crate::body::Module as Plain;
use melior::Context;
use melior::dialect::DialectRegistry;
use melior::ir::Module;
use melior::ir::operation::OperationLike;
use melior::utility;
use mlir_sys::*;
use prism_support::codes::{E0105, E0301, E0401, E0604};
use prism_support::{Diagnostic, Diagnostics, Place, Result};
use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;
use std::sync::Once;

/// What MLIR said, with where it said it: file, line, column, or a location's text.
#[derive(Clone, Debug)]
struct Said {
    text: String,
    place: String,
}

/// An MLIR context with the dialects of Prism loaded and its diagnostics caught.
pub struct Session {
    context: Context,
    said: Rc<RefCell<Vec<Said>>>,
}

/// How to print a module.
#[derive(Clone, Copy, Debug, Default)]
pub struct PrintOptions {
    /// Locations too, so that a dump can be resumed without losing the user's names.
    pub locations: bool,
    /// Shorten constants longer than this many numbers; `None` prints all.
    pub elide: Option<usize>,
}

impl Session {
    /// A new session.
    ///
    /// # Errors
    /// [`E0105`] when MLIR refuses the IRDL of our dialects, as another LLVM version might.
    pub fn new() -> Result<Session> {
        let registry = DialectRegistry::new();
        utility::register_all_dialects(&registry);
        // One thread: the same input gives the same bytes, and modules here are small.
        let context = Context::new_with_registry(&registry, false);
        for name in ["func", "ml_program", "irdl"] {
            context.get_or_load_dialect(name);
        }
        let said = Rc::new(RefCell::new(Vec::new()));
        let sink = Rc::clone(&said);
        context.attach_diagnostic_handler(move |d| {
            sink.borrow_mut().push(Said { text: d.to_string(), place: d.location().to_string() });
            true
        });
        let session = Session { context, said };
        let loaded = Module::parse(&session.context, &crate::irdl::text())
            .is_some_and(|irdl| utility::load_irdl_dialects(&irdl));
        if !loaded {
            return Err(Diagnostic::error(&E0105, "MLIR does not accept the dialect definitions")
                .found(session.words().unwrap_or_else(|| "no message".into()))
                .hint("run `prism doctor`; Prism needs LLVM/MLIR 22")
                .into());
        }
        session.said.borrow_mut().clear();
        Ok(session)
    }

    pub(super) fn raw(&self) -> MlirContext {
        self.context.to_raw()
    }

    /// Parses text that [`crate::scan::check_text`] has passed, and verifies it.
    ///
    /// # Errors
    /// [`E0302`](prism_support::codes::E0302) from the scan, [`E0301`] where it does not parse, [`E0401`] where it does not verify.
    pub fn parse(&self, name: &str, text: &str) -> Result<Ir<'_>> {
        crate::scan::check_text(name, text)?;
        self.said.borrow_mut().clear();
        match Module::parse(&self.context, text) {
            Some(module) => Ok(Ir { session: self, module }),
            None => Err(self.complaints(&E0301, name, text)),
        }
    }

    /// Builds MLIR from a plain program. It is not verified yet: see [`Ir::verify`].
    pub fn write(&self, module: &Plain) -> Ir<'_> {
        Ir { session: self, module: write::module(self, module) }
    }

    /// Runs an upstream pass pipeline such as `builtin.module(canonicalize)`.
    ///
    /// # Errors
    /// [`E0604`] with what MLIR said.
    pub fn run_upstream(&self, ir: &mut Ir<'_>, pipeline: &str) -> Result<()> {
        static PASSES: Once = Once::new();
        PASSES.call_once(utility::register_all_passes);
        self.said.borrow_mut().clear();
        let manager = melior::pass::PassManager::new(&self.context);
        let fail = |what: &str| {
            let said = self.words().unwrap_or_else(|| "no message".into());
            Diagnostics::from(Diagnostic::error(&E0604, format!("{what} `{pipeline}`")).found(said))
        };
        utility::parse_pass_pipeline(manager.as_operation_pass_manager(), pipeline)
            .map_err(|e| fail("MLIR does not accept the pipeline").0.remove(0).note(e.to_string()))?;
        manager.run(&mut ir.module).map_err(|_| fail("an MLIR pass failed in"))
    }

    /// Whether MLIR knows a pass or pipeline of that name.
    pub fn knows_upstream(&self, pass: &str) -> bool {
        static PASSES: Once = Once::new();
        PASSES.call_once(utility::register_all_passes);
        let manager = melior::pass::PassManager::new(&self.context);
        ["builtin.module", "builtin.module(func.func"].iter().any(|at| {
            let close = if at.contains('(') { "))" } else { ")" };
            utility::parse_pass_pipeline(manager.as_operation_pass_manager(), &format!("{at}({pass}{close}")).is_ok()
        })
    }

    /// Everything said since the last clearing, joined.
    fn words(&self) -> Option<String> {
        let said = std::mem::take(&mut *self.said.borrow_mut());
        let lines: Vec<String> = said.into_iter().map(|s| s.text).collect();
        (!lines.is_empty()).then(|| lines.join("; "))
    }

    fn complaints(&self, code: &'static prism_support::Code, name: &str, text: &str) -> Diagnostics {
        let said = std::mem::take(&mut *self.said.borrow_mut());
        let mut out = Diagnostics::new();
        for s in said {
            let place = position(&s.place, text).map_or(Place::File(name.into()), |span| Place::Text {
                name: name.into(),
                text: text.into(),
                span,
            });
            out.push(Diagnostic::error(code, s.text).at(place));
        }
        if out.0.is_empty() {
            out.push(Diagnostic::error(code, "MLIR gives no reason").at(Place::File(name.into())));
        }
        out
    }
}

/// The byte range of `loc("name":line:column)` in `text`: the word that starts there.
fn position(place: &str, text: &str) -> Option<std::ops::Range<usize>> {
    let inner = place.trim_start_matches("loc(").trim_end_matches(')');
    let mut parts = inner.rsplit(':');
    let column: usize = parts.next()?.trim().parse().ok()?;
    let line: usize = parts.next()?.trim().parse().ok()?;
    let start_of_line = text.split_inclusive('\n').take(line.checked_sub(1)?).map(str::len).sum::<usize>();
    let start = (start_of_line + column.checked_sub(1)?).min(text.len());
    let rest = text.get(start..).unwrap_or("");
    let word = rest.find(|c: char| !(c.is_alphanumeric() || "._$%@!#\"-".contains(c))).unwrap_or(rest.len());
    Some(start..start + word.max(1))
}

/// A module in a session.
pub struct Ir<'s> {
    session: &'s Session,
    module: Module<'s>,
}

impl Ir<'_> {
    /// Verifies against MLIR's rules and IRDL, then against ours.
    ///
    /// # Errors
    /// [`E0401`], one per problem.
    pub fn verify(&self) -> Result<()> {
        self.session.said.borrow_mut().clear();
        if !self.module.as_operation().verify() {
            return Err(self.session.complaints(&E0401, "IR", ""));
        }
        Ok(())
    }

    /// As plain data.
    ///
    /// # Errors
    /// [`E0401`] for what Prism's passes do not handle: foreign operations, dynamic shapes, other attributes.
    pub fn read(&self) -> Result<Plain> {
        read::module(self.module.as_operation().to_raw())
    }

    /// As text, ending in a newline.
    pub fn text(&self, options: PrintOptions) -> String {
        let mut out = Vec::new();
        // Writing to memory does not fail.
        let _ = self.write_text(options, &mut out);
        ffi::text(out)
    }

    /// Writes what [`Ir::text`] gives, without holding it: text is larger than the program. It comes in small pieces.
    ///
    /// # Errors
    /// Those of `out`.
    pub fn write_text(&self, options: PrintOptions, out: &mut dyn Write) -> io::Result<()> {
        // SAFETY: the operation and the flags live through the printing; the flags are destroyed after it.
        let last = unsafe {
            let flags = mlirOpPrintingFlagsCreate();
            if options.locations {
                mlirOpPrintingFlagsEnableDebugInfo(flags, true, false);
            }
            if let Some(limit) = options.elide {
                mlirOpPrintingFlagsElideLargeElementsAttrs(flags, isize::try_from(limit).unwrap_or(isize::MAX));
            }
            let raw = self.module.as_operation().to_raw();
            let last = ffi::stream(out, |cb, sink| mlirOperationPrintWithFlags(raw, flags, cb, sink));
            mlirOpPrintingFlagsDestroy(flags);
            last
        };
        if last? == Some(b'\n') { Ok(()) } else { out.write_all(b"\n") }
    }
}
