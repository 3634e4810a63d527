//! What aliases stand for: how deep, how much, how large a tensor.
//!
//! An alias may use those defined before it, so a chain of them nests, and doubles, without a bracket at the use.
//! Location aliases may be used before they are defined; those uses are counted when the definition comes.

use super::{MAX_CONSTANT_ELEMENTS, MAX_EXPANSION, MAX_NESTING, Refused};
use rustc_hash::FxHashMap;
use std::ops::Range;

/// What one alias stands for, other aliases written out.
#[derive(Clone, Copy, Default)]
struct Meaning {
    /// Levels of brackets.
    depth: usize,
    /// Tokens.
    weight: u64,
    /// Elements of the largest shape in it.
    elements: u64,
}

/// The definitions so far.
#[derive(Default)]
pub(super) struct Aliases<'a> {
    known: FxHashMap<&'a str, Meaning>,
    open: Option<(&'a str, Meaning)>,
    /// Uses of names that are not defined yet.
    awaited: FxHashMap<&'a str, u64>,
    /// Tokens that the uses outside of definitions stand for.
    expanded: u64,
}

impl<'a> Aliases<'a> {
    /// Begins the definition of `name`.
    pub(super) fn define(&mut self, name: &'a str) {
        self.finish();
        self.open = Some((name, Meaning::default()));
    }

    /// Notes a token. Two values side by side outside of brackets: the second is not part of a definition any more.
    pub(super) fn token(&mut self, depth: usize, starts_value: bool, after_value: bool) {
        if depth == 0 && starts_value && after_value {
            self.finish();
        }
        if let Some((_, meaning)) = &mut self.open {
            meaning.weight = meaning.weight.saturating_add(1);
            meaning.depth = meaning.depth.max(depth);
        }
    }

    /// Notes a shape of that many elements.
    pub(super) fn shaped(&mut self, elements: u64) {
        if let Some((_, meaning)) = &mut self.open {
            meaning.elements = meaning.elements.max(elements);
        }
    }

    /// Notes a use at that depth.
    pub(super) fn used(
        &mut self,
        name: &'a str,
        span: Range<usize>,
        depth: usize,
        of_constant: bool,
    ) -> Result<(), Refused> {
        let meaning = self.known.get(name).copied();
        let Meaning { depth: inner, weight, elements } = meaning.unwrap_or_default();
        let total = depth.saturating_add(inner);
        if total > MAX_NESTING {
            let allowed = format!("{MAX_NESTING} levels, aliases written out");
            return Err(Refused::new(span, "nested too deeply", format!("{total} levels"), allowed));
        }
        if of_constant && elements > MAX_CONSTANT_ELEMENTS {
            let allowed = format!("at most {MAX_CONSTANT_ELEMENTS}");
            return Err(Refused::new(span, "a constant has too many elements", elements.to_string(), allowed));
        }
        let sum = match &mut self.open {
            Some((_, user)) => {
                user.depth = user.depth.max(total);
                user.elements = user.elements.max(elements);
                user.weight = user.weight.saturating_add(weight);
                user.weight
            }
            None => {
                self.expanded = self.expanded.saturating_add(weight);
                self.expanded
            }
        };
        if meaning.is_none() {
            let count = self.awaited.entry(name).or_default();
            *count = count.saturating_add(1);
        }
        if sum > MAX_EXPANSION {
            return Err(too_much(span, sum));
        }
        Ok(())
    }

    /// The end of the text.
    pub(super) fn end(&mut self, at: usize) -> Result<(), Refused> {
        self.finish();
        if self.expanded > MAX_EXPANSION {
            return Err(too_much(at..at, self.expanded));
        }
        Ok(())
    }

    fn finish(&mut self) {
        let Some((name, mut meaning)) = self.open.take() else { return };
        // One level for the alias itself: `() -> !t` goes down to `!t` without a bracket.
        meaning.depth = meaning.depth.saturating_add(1);
        let earlier = self.awaited.remove(name).unwrap_or(0);
        self.expanded = self.expanded.saturating_add(earlier.saturating_mul(meaning.weight));
        self.known.insert(name, meaning);
    }
}

fn too_much(span: Range<usize>, tokens: u64) -> Refused {
    let allowed = format!("{MAX_EXPANSION} tokens, aliases written out");
    Refused::new(span, "aliases stand for too much text", format!("{tokens} tokens"), allowed)
}
