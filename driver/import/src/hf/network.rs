//! What every family gives: something that can be built.

use super::graph::{Built, Graph, Lengths};

/// A network whose config has been read and found right.
pub(super) trait Network: std::fmt::Debug {
    /// Builds it: arguments, operations, results.
    fn build(&self, g: &mut Graph<'_>, lengths: Lengths) -> Built<()>;

    /// Whether it keeps keys and values from one step to the next. Then sequences of different lengths may be in one batch, each with
    /// a cache of its own.
    fn has_cache(&self) -> bool;

    /// Most tokens of a sequence, where positions have a table of weights.
    fn max_positions(&self) -> Option<u64>;

    /// What to show of it.
    fn facts(&self) -> Vec<(&'static str, String)>;
}
