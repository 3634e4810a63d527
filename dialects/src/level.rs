//! The levels of a program and the stages of a compilation, in order.

use std::fmt;

/// What a module is made of. A pass goes from one level to another; the stages of `--from`, `--to` are named after them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// The tensor program (`nn` in `func.func`): no hardware.
    Nn,
    /// The stacked graph (`stack` in `ml_program.subgraph`): the e-graph as IR.
    Stack,
    /// One realisation chosen for each operation (`ptu`, `elec`, `mem` in `func.func`).
    Assigned,
    /// Placed and timed tasks (`plan` in `func.func`).
    Plan,
}

impl Level {
    /// All levels in order.
    pub const ALL: [Level; 4] = [Level::Nn, Level::Stack, Level::Assigned, Level::Plan];

    /// As written in options and messages.
    pub fn name(self) -> &'static str {
        match self {
            Level::Nn => "nn",
            Level::Stack => "stack",
            Level::Assigned => "assigned",
            Level::Plan => "plan",
        }
    }

    /// The level of that name.
    pub fn parse(name: &str) -> Option<Level> {
        Level::ALL.into_iter().find(|l| l.name() == name)
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
