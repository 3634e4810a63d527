//! What a running pass is given: options, target, seed; and where it leaves counts, details and warnings.

use super::info::PassInfo;
use super::options::{OptionValue, Options};
use prism_hardware::Target;
use prism_support::codes::E0101;
use prism_support::{Diagnostic, Diagnostics, Result};

/// The context of one run of a pass.
pub struct PassCx<'a> {
    info: &'static PassInfo,
    options: &'a Options,
    target: Option<&'a Target>,
    /// Seed of everything random in the pass.
    pub seed: u64,
    pub(super) counts: Vec<u64>,
    pub(super) details: Vec<(&'static str, serde_json::Value)>,
    pub(super) warnings: Diagnostics,
}

impl<'a> PassCx<'a> {
    /// A context for `info`.
    pub fn new(info: &'static PassInfo, options: &'a Options, target: Option<&'a Target>, seed: u64) -> PassCx<'a> {
        PassCx {
            info,
            options,
            target,
            seed,
            counts: vec![0; info.counters.len()],
            details: Vec::new(),
            warnings: Diagnostics::new(),
        }
    }

    /// The machine.
    ///
    /// # Errors
    /// [`E0101`] when none was given.
    pub fn target(&self) -> Result<&'a Target> {
        self.target.ok_or_else(|| needs_target(self.info.name).into())
    }

    fn option(&self, name: &str) -> &'a OptionValue {
        let slip = || panic!("pass `{}` declares no option `{name}`", self.info.name);
        self.options.get(self.info, name).unwrap_or_else(slip)
    }

    /// Value of an `Int` option.
    ///
    /// # Panics
    /// As all option getters: when the pass declares no such option of this kind, a slip in the code.
    pub fn int(&self, name: &str) -> i64 {
        match self.option(name) {
            OptionValue::Int(v) => *v,
            other => panic!("option `{name}` is {other:?}, not a whole number"),
        }
    }

    /// Value of an `Int` option whose smallest value is not negative.
    pub fn count_of(&self, name: &str) -> usize {
        usize::try_from(self.int(name)).unwrap_or(0)
    }

    /// Value of a `Float` option.
    pub fn float(&self, name: &str) -> f64 {
        match self.option(name) {
            OptionValue::Float(v) => *v,
            other => panic!("option `{name}` is {other:?}, not a number"),
        }
    }

    /// Value of a `Bool` option.
    pub fn flag(&self, name: &str) -> bool {
        match self.option(name) {
            OptionValue::Bool(v) => *v,
            other => panic!("option `{name}` is {other:?}, not true or false"),
        }
    }

    /// Value of a `Choice` or `Text` option.
    pub fn text(&self, name: &str) -> &'a str {
        match self.option(name) {
            OptionValue::Text(v) => v,
            other => panic!("option `{name}` is {other:?}, not text"),
        }
    }

    /// Value of a `List` option.
    pub fn list(&self, name: &str) -> &'a [String] {
        match self.option(name) {
            OptionValue::List(v) => v,
            other => panic!("option `{name}` is {other:?}, not a list"),
        }
    }

    /// Adds to a counter.
    ///
    /// # Panics
    /// When the pass declares no such counter, a slip in the code.
    pub fn count(&mut self, counter: &str, more: u64) {
        let at = self.info.counters.iter().position(|c| c.name == counter);
        let at = at.unwrap_or_else(|| panic!("pass `{}` declares no counter `{counter}`", self.info.name));
        self.counts[at] = self.counts[at].saturating_add(more);
    }

    /// Records a fact that is more than a number, such as why a saturation stopped. It appears in `--stats` and in the
    /// report under `key`, in the order given.
    pub fn detail(&mut self, key: &'static str, value: serde_json::Value) {
        self.details.push((key, value));
    }

    /// The facts recorded so far.
    pub fn details(&self) -> &[(&'static str, serde_json::Value)] {
        &self.details
    }

    /// Warns; the run goes on.
    pub fn warn(&mut self, warning: Diagnostic) {
        self.warnings.push(warning);
    }
}

/// The error of a pass that needs a machine and has none.
pub(super) fn needs_target(pass: &str) -> Diagnostic {
    Diagnostic::error(&E0101, format!("`{pass}` needs a target"))
        .found("no target")
        .allowed("a machine described in a TOML file")
        .hint("add `--target FILE`; `prism list targets` shows those that come with Prism")
}
