//! What is to be least, and within which limits.

use crate::values::Refused;
use prism_hardware::units::Quantity;
use prism_hardware::{Energy, Time};
use prism_passes::egraph::extract::{MEASURES, Measure, Question};
use prism_support::suggest;

/// Plans of a frontier whose number was not said.
const POINTS: &str = "24";

/// The flags that say what a compilation is for.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Goal")]
pub struct Goal {
    /// What one plan is chosen by.
    #[command(flatten)]
    pub asked: Asked,
    /// Plans between the fastest and the one that takes least, too: a table and a plot [default: 24]
    #[arg(long, value_name = "N", num_args = 0..=1, require_equals = true, default_missing_value = POINTS,
          value_parser = clap::value_parser!(u32).range(2..=1_000))]
    pub pareto: Option<u32>,
}

/// What is to be least, and its limits.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Goal")]
pub struct Asked {
    /// What is least: energy, latency, total-energy, edp, or a product such as energy^2*latency
    #[arg(long, value_name = "WHAT", default_value = "energy", value_parser = measure)]
    pub objective: Measure,
    /// Longest makespan allowed, such as 40ms
    #[arg(long, value_name = "TIME", allow_hyphen_values = true, value_parser = Limit::<Time>::read)]
    pub max_latency: Option<Limit<Time>>,
    /// Most dynamic energy allowed, such as 80mJ
    #[arg(long, value_name = "ENERGY", allow_hyphen_values = true, value_parser = Limit::<Energy>::read)]
    pub max_energy: Option<Limit<Energy>>,
}

/// A limit as it was written, and what it comes to.
#[derive(Clone, Debug)]
pub struct Limit<Q> {
    /// As written.
    pub text: String,
    value: Q,
}

impl<Q: Quantity> Limit<Q> {
    fn read(text: &str) -> Result<Limit<Q>, Refused> {
        let value = Q::parse(text).map_err(|e| Refused { found: e.found, allowed: e.expected.into(), hint: e.hint })?;
        if value.si() > 0.0 {
            return Ok(Limit { text: text.into(), value });
        }
        Err(Refused { found: format!("`{text}`"), allowed: format!("more than 0, {}", Q::EXPECTED), hint: None })
    }

    /// In SI units.
    fn si(&self) -> f64 {
        self.value.si()
    }
}

fn measure(text: &str) -> Result<Measure, Refused> {
    let hint = || suggest::did_you_mean(text, ["energy", "latency", "total-energy", "edp"]);
    text.parse().map_err(|found| Refused { found, allowed: MEASURES.into(), hint: hint() })
}

impl Goal {
    /// Options of `extract`.
    pub fn options(&self) -> Vec<String> {
        let mut options = self.asked.options();
        options.extend(self.pareto.map(|n| format!("pareto={n}")));
        options
    }

    /// The flags by name, and whether they were given.
    pub fn given(&self) -> [(&'static str, bool); 4] {
        [
            ("--objective", self.asked.objective != Measure::Energy),
            ("--max-latency", self.asked.max_latency.is_some()),
            ("--max-energy", self.asked.max_energy.is_some()),
            ("--pareto", self.pareto.is_some()),
        ]
    }
}

impl Asked {
    /// Options of `extract`.
    pub fn options(&self) -> Vec<String> {
        let mut options = vec![format!("objective={}", self.objective)];
        options.extend(self.max_latency.iter().map(|l| format!("max-latency={:?}", l.si())));
        options.extend(self.max_energy.iter().map(|l| format!("max-energy={:?}", l.si())));
        options
    }

    /// Flags that say more than the default, with their values.
    pub fn flags(&self) -> Vec<(&'static str, String)> {
        let mut flags = Vec::new();
        if self.objective != Measure::Energy {
            flags.push(("--objective", self.objective.to_string()));
        }
        flags.extend(self.max_latency.iter().map(|l| ("--max-latency", l.text.clone())));
        flags.extend(self.max_energy.iter().map(|l| ("--max-energy", l.text.clone())));
        flags
    }

    /// As the search takes it.
    pub fn question(&self) -> Question {
        Question {
            measure: self.objective,
            max_makespan: self.max_latency.as_ref().map(Limit::si),
            max_energy: self.max_energy.as_ref().map(Limit::si),
        }
    }
}
