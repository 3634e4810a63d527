//! What there is to choose from: a model on a machine, every way to realise it, and how much of it may lie on chip.
//!
//! `compile` chooses from it, `egraph` says why.

mod args;
mod fit;
mod open;

pub use args::{Kept, Logits, Space, word};
pub use fit::Work;
pub use open::{Opened, stage};

use crate::machine::{self, Machine};
use prism_dialects::Level;
use prism_hardware::target::overrides::Override;
use prism_passes::pipelines::{ON_REQUEST, OnRequest, STAGES, Stage};
use prism_support::{Diagnostics, Result};

impl Space {
    /// The machine with the fields that the command line sets.
    ///
    /// # Errors
    /// What [`machine::open_with`] and [`machine::check_buildable`] report.
    pub fn machine(&self) -> Result<Machine> {
        let mut problems = Diagnostics::new();
        let mut set: Vec<Override> = Vec::new();
        for given in &self.set {
            set.extend(problems.absorb(Override::parse(given)));
        }
        if !self.free.is_empty() {
            let words: Vec<String> = self.free.iter().map(|f| format!("\"{}\"", word(*f))).collect();
            set.push(Override::new("accounting.free", &format!("[{}]", words.join(", "))));
        }
        let set = problems.into_result(set)?;
        let machine = machine::open_with(&self.target, &set)?;
        machine::check_buildable(&machine, self.allow_infeasible)?;
        Ok(machine)
    }

    /// The passes between two stages; `resident` is the share of the working memory that results may take, where it is not the default.
    pub fn pipeline(
        &self,
        (start, end): (Stage, Stage),
        logits: Logits,
        resident: Option<f64>,
        extract: &[String],
    ) -> String {
        let stages = STAGES.iter().filter(|s| s.to > start && s.to <= end);
        let asked = |pass: &str| pass == "last-logits" && logits == Logits::Last;
        let passes = stages.flat_map(|s| {
            s.passes.iter().flat_map(move |pass| {
                let here = move |p: &&OnRequest| p.at == s.to && p.before == *pass && asked(p.pass);
                ON_REQUEST.iter().filter(here).map(|p| p.pass).chain([*pass])
            })
        });
        let saturate = self.saturate_options(resident);
        let steps = passes.map(|pass| {
            let options: &[String] = match pass {
                "saturate" => &saturate,
                "extract" => extract,
                _ => &[],
            };
            if options.is_empty() { pass.to_string() } else { format!("{pass}{{{}}}", options.join(",")) }
        });
        steps.collect::<Vec<_>>().join(",")
    }

    fn saturate_options(&self, resident: Option<f64>) -> Vec<String> {
        let mut options: Vec<String> = self.min_bits.map(|n| format!("min-bits={n}")).into_iter().collect();
        if self.on_chip != Kept::None {
            options.push(format!("on-chip={}", word(self.on_chip)));
        }
        if !self.without.is_empty() {
            options.push(format!("without=[{}]", self.without.join(",")));
        }
        options.extend(resident.map(|share| format!("resident={share:?}")));
        options
    }

    /// Flags that were given and act on a stage that a program of this level is past.
    pub fn without_effect(&self, level: Level, logits: Logits) -> Vec<&'static str> {
        let given = [
            ("--logits", logits != Logits::All),
            ("--on-chip", self.on_chip != Kept::None),
            ("--min-bits", self.min_bits.is_some()),
            ("--without", !self.without.is_empty()),
        ];
        given.into_iter().filter(|(_, given)| *given && level > Level::Nn).map(|(flag, _)| flag).collect()
    }
}
