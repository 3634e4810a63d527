//! Products side by side on groups of wavelengths.

use super::realise::{gemms, readouts};
use super::{Kind, Phase, Rule};
use prism_hardware::Target;

/// `stack(a1 b1, a2 b2)` in one pass, each product on wavelengths of its own.
pub(super) static GROUP_WAVELENGTHS: Rule = Rule {
    name: "group-wavelengths",
    kind: Kind::Realisation,
    phase: Phase::Realise,
    doc: "Products of a batch, such as the heads of an attention, pass a unit at the same time, each on a group of wavelengths of its own: \
          fewer cycles, in each of which more is lit. In a mesh, which all wavelengths pass, they are columns of one product.",
    condition: "the unit has several `groups` of wavelengths; the product has a batch, or the unit is a mesh; and it takes less time so",
    roots: || vec!["stack.view"],
    apply: |graph, machine, _, node, loc| {
        if machine.target.is_none_or(|t| t.photonic.iter().all(|u| u.groups < 2)) {
            return Vec::new();
        }
        let mut out = gemms(graph, machine, node, Target::photonic_grouped, loc);
        out.extend(readouts(graph, machine, node, Target::photonic_grouped, loc));
        out
    },
};
