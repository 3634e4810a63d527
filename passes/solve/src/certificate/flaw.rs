//! What is wrong with a certificate. Classes and nodes are kept as the certificate calls them and named where they are told of.

use crate::extraction::ClassId;

/// What classes and nodes are called in messages.
pub struct Names<'a> {
    /// A class.
    pub class: &'a dyn Fn(ClassId) -> String,
    /// A node of a class, by its position.
    pub node: &'a dyn Fn(ClassId, u32) -> String,
}

impl Names<'_> {
    /// Numbers, for problems whose classes have no names.
    pub const NUMBERS: Names<'static> =
        Names { class: &|class| class.0.to_string(), node: &|_, node| node.to_string() };
}

/// The first thing that is wrong.
#[derive(Debug, PartialEq)]
pub(super) enum Flaw {
    /// A class is not part of the problem, or no longer.
    Missing(u32),
    /// A class is in two parts.
    Twice(u32),
    /// A node, as (class, node), can be made without its own class.
    SelfReliant(u32, u32),
    /// Of (class, node, other node), the other one costs more or reads what the first does not.
    NoStandIn(u32, u32, u32),
    /// Not every node of the first class needs the second.
    NotImplied(u32, u32),
    /// A class is paid for being needed, which it is not.
    NotNeeded(u32),
    /// A class reads too many others for a table.
    TooWide(u32),
    /// Anything that concerns no class.
    Other(String),
}

impl From<&str> for Flaw {
    fn from(text: &str) -> Flaw {
        Flaw::Other(text.into())
    }
}

impl Flaw {
    /// In words.
    pub(super) fn told(&self, names: &Names<'_>) -> String {
        let class = |class: &u32| format!("class `{}`", (names.class)(ClassId(*class)));
        let node = |class: &u32, node: &u32| format!("node `{}`", (names.node)(ClassId(*class), *node));
        match self {
            Flaw::Missing(c) => format!("{} is not there", class(c)),
            Flaw::Twice(c) => format!("{} is in two parts", class(c)),
            Flaw::SelfReliant(c, n) => format!("{} of {} does not need its own class", node(c, n), class(c)),
            Flaw::NoStandIn(c, n, by) => {
                format!("{} of {} does not stand in for {}", node(c, by), class(c), node(c, n))
            }
            Flaw::NotImplied(c, other) => format!("a node of {} does not need {}", class(c), class(other)),
            Flaw::NotNeeded(c) => format!("{} is paid for being needed, which it is not", class(c)),
            Flaw::TooWide(c) => format!("{} reads too many others for a table", class(c)),
            Flaw::Other(text) => text.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Flaw, Names};

    #[test]
    fn classes_and_nodes_are_called_by_their_names() {
        let names = Names { class: &|c| format!("class-{}", c.0), node: &|c, n| format!("node-{}-{n}", c.0) };
        let all = [
            (Flaw::Missing(7), "class `class-7` is not there"),
            (Flaw::Twice(7), "class `class-7` is in two parts"),
            (Flaw::SelfReliant(7, 1), "node `node-7-1` of class `class-7` does not need its own class"),
            (Flaw::NoStandIn(7, 1, 2), "node `node-7-2` of class `class-7` does not stand in for node `node-7-1`"),
            (Flaw::NotImplied(7, 8), "a node of class `class-7` does not need class `class-8`"),
            (Flaw::NotNeeded(7), "class `class-7` is paid for being needed, which it is not"),
            (Flaw::TooWide(7), "class `class-7` reads too many others for a table"),
            ("the prices are too large".into(), "the prices are too large"),
        ];
        for (flaw, told) in all {
            assert_eq!(flaw.told(&names), told);
        }
    }
}
