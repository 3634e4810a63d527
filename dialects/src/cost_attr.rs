//! The attributes that carry a cost vector, the same on every operation that has one.

use crate::attr::Attrs;
use crate::define::{AttrKind, OpDef, OpView, Problem};

/// Adds `unit` and `cost` to an operation.
pub(crate) fn priced(op: OpDef) -> OpDef {
    op.attr("unit", AttrKind::Str, "unit of the target that does it").attr("cost", AttrKind::Dict, COST_DOC)
}

/// Adds `cost` to an operation that no unit does.
pub(crate) fn moved(op: OpDef) -> OpDef {
    op.attr("cost", AttrKind::Dict, COST_DOC)
}

const COST_DOC: &str = "cost vector: `energy_j` by component, `busy_s` by resource held exclusively, `latency_s` from start to \
                        result, `moved_bytes` by memory";

/// Checks the fields of `cost`: each a finite number that is not negative.
pub(crate) fn check_cost(op: &OpView<'_>) -> Result<(), Problem> {
    let Some(cost) = op.attrs.get("cost").and_then(|c| c.as_dict()) else { return Ok(()) };
    for (field, value) in cost {
        let ok = match field.as_str() {
            "latency_s" => value.as_float().is_some_and(is_amount),
            "energy_j" | "busy_s" | "moved_bytes" => value.as_dict().is_some_and(all_amounts),
            _ => false,
        };
        if !ok {
            let allowed = "energy_j, busy_s, moved_bytes (dictionaries) and latency_s, finite and not negative";
            return Err(Problem::new(format!("`cost.{field}`"), value.to_string(), allowed));
        }
    }
    Ok(())
}

/// Whether every entry is a finite number that is not negative.
pub(crate) fn all_amounts(entries: &Attrs) -> bool {
    entries.values().all(|v| v.as_float().is_some_and(is_amount))
}

fn is_amount(x: f64) -> bool {
    x.is_finite() && x >= 0.0
}
