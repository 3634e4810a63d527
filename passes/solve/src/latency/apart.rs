//! A sub-problem of a stretch as stretches of its own.
//!
//! What is decided makes classes that every choice left makes: a score is one only where attention is not one kernel. Between them stretches
//! follow each other, and each is bounded by its path and by its loads. Children of one sub-problem differ in few stretches, so
//! those are remembered.

use super::bound::rounding;
use super::chain::Chain;
use super::hull::EXTRACTION;
use super::loads;
use super::net::Net;
use super::relax::{Relaxed, relax};
use super::segment::Key;
use std::collections::BTreeMap;

/// Bounds on stretches met so far, with what binds them.
#[derive(Default)]
pub(super) struct Apart {
    known: BTreeMap<Key, (f64, Option<u32>)>,
}

/// Extractions for the loads of one stretch.
const EXTRACTIONS: u32 = 12;

/// Raises the bound of a stretch by its loads.
pub(super) fn by_loads(net: &Net, relaxed: &mut Relaxed, effort: &mut u64) {
    *effort = effort.saturating_sub(net.way_count() as u64 * EXTRACTION * u64::from(EXTRACTIONS));
    if let Some((bound, resource)) = loads::of_stretch(net, relaxed.bound, EXTRACTIONS) {
        (relaxed.bound, relaxed.binding) = (bound, Some(resource));
    }
}

impl Apart {
    /// Raises the bound of a sub-problem; what it takes is taken off `effort`.
    pub(super) fn raise(&mut self, mut net: Net, relaxed: &mut Relaxed, effort: &mut u64) {
        net.keep_derivable();
        let chain = Chain::new(&net);
        // Whether what runs across a cut counts for more than the cut does is not known before.
        for within in [false, true] {
            self.one_after_the_other(&net, &chain, within, relaxed, effort);
        }
    }

    fn one_after_the_other(&mut self, net: &Net, chain: &Chain, within: bool, relaxed: &mut Relaxed, effort: &mut u64) {
        let (mut sum, mut longest) = (0.0, (0.0, None));
        for (_, _, segment) in chain.stretches(net, within) {
            let part = &segment.net;
            let (bound, binding) = *self.known.entry(segment.key()).or_insert_with(|| {
                let mut path = relax(part);
                by_loads(part, &mut path, effort);
                (path.bound, path.binding)
            });
            sum += bound;
            if bound > longest.0 {
                longest = (bound, binding);
            }
        }
        let bound = sum * (1.0 - rounding(net.len()));
        if bound > relaxed.bound {
            (relaxed.bound, relaxed.binding) = (bound, longest.1);
        }
    }
}
