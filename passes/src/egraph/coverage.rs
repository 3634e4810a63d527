//! Whether a machine can do a program at all, before the work of finding out how; and whether what was found makes its results.

use super::places;
use super::price;
use super::rules::Precision;
use super::rules::Rule;
use crate::nn::expand::{OF_PRODUCTS, WHOLE, expand, is_composite};
use prism_dialects::{Attr, Body, Holder, Level, Module, Op};
use prism_hardware::{Target, Work};
use prism_solve::extraction::{ClassId, Problem};
use prism_support::codes::{E0701, W0703};
use prism_support::{Diagnostic, Diagnostics, Result};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// How a segment was saturated.
pub(super) const SATURATION: &str = "stack.saturation";
/// Of that, the rules that were left out, where any were.
pub(super) const WITHOUT: &str = "without";

/// The e-graph of a segment must make its results.
///
/// # Errors
/// `E0702`, with the rules that were left out.
pub(super) fn makes_results(body: &Body, problem: &Problem, name: &dyn Fn(ClassId) -> String) -> Result<()> {
    problem.validate(name).map_err(|found| {
        let saturation = body.attrs.get(SATURATION).and_then(Attr::as_dict);
        let without = saturation.and_then(|s| s.get(WITHOUT)).and_then(Attr::as_list).unwrap_or_default();
        let rules: Vec<&str> = without.iter().filter_map(Attr::as_str).collect();
        let explained = |d: Diagnostic| match rules.is_empty() {
            true => d,
            false => d.hint(format!("rules that were left out may make it: {}", rules.join(", "))),
        };
        Diagnostics(found.0.into_iter().map(explained).collect())
    })
}

/// Which composite operations algebra takes apart.
#[derive(Clone, Copy, Debug)]
pub struct Apart {
    whole: bool,
    of_products: bool,
}

impl Apart {
    /// As these rules do.
    pub fn by(rules: &[&Rule]) -> Apart {
        let has = |name: &str| rules.iter().any(|r| r.name == name);
        Apart { whole: has("expand-composite"), of_products: has("expand-attention") }
    }

    /// The program as the machine is likely to run it: attention in products, the others as a whole where there is a kernel.
    /// A segment has both forms already, and is returned as it is.
    pub fn program<'b>(self, body: &'b Body, target: &Target) -> Cow<'b, Body> {
        if body.holder != Holder::Func || !body.ops.iter().any(|op| is_composite(op.name())) {
            return Cow::Borrowed(body);
        }
        let wants = |body: &Body, op: &Op| {
            let as_a_whole = || work(body, op, target).is_some_and(|w| !target.electronic(&w).is_empty());
            (self.of_products && OF_PRODUCTS.contains(&op.name()))
                || (self.whole && WHOLE.contains(&op.name()) && !as_a_whole())
        };
        Cow::Owned(expand(body, &wants))
    }
}

/// The work of an operation, as far as finding a kernel for it goes.
fn work(body: &Body, op: &Op, target: &Target) -> Option<Work<'static>> {
    let out = op.result().and_then(|r| body.ty(r).tensor())?;
    let inputs = op.operands.iter().filter_map(|v| body.ty(*v).tensor()).map(|t| price::size(target, t)).collect();
    Some(Work { op: op.def.short(), inputs, output: price::size(target, out), macs: 0 })
}

/// Every operation must have an electronic realisation, or parts that have: products of floats may have a photonic one
/// instead.
///
/// # Errors
/// `E0701`, one for each operation that lacks it.
pub(super) fn check(module: &Module, target: &Target, apart: Apart, precision: Precision) -> Result<()> {
    let mut lacking: BTreeMap<&str, (Vec<String>, usize, String)> = BTreeMap::new();
    for body in &module.bodies {
        let body = &apart.program(body, target);
        let (weights, elsewhere) = (places::with_weights(body), has_alternatives(body));
        let stored: Vec<&str> =
            target.photonic.iter().filter(|u| u.dynamic && u.arrays.is_some()).map(|u| &*u.name).collect();
        for op in body.ops.iter().filter(|op| op.def.level == Level::Nn && !op.operands.is_empty()) {
            let Some(result) = op.result() else { continue };
            let Some(work) = work(body, op, target) else { continue };
            let dynamic = !op.operands.iter().any(|v| weights[v.index()]);
            let elem = body.ty(result).tensor().map(|t| t.elem).filter(|elem| elem.is_float());
            let float = elem.is_some();
            let able = |elem| target.photonic.iter().any(|u| (u.takes_results() || !dynamic) && precision.has(u, elem));
            let light = op.name() == "nn.matmul" && elem.is_some_and(able);
            let in_parts = is_composite(op.name()) && elsewhere[result.index()];
            if !light && !in_parts && target.electronic(&work).is_empty() {
                let why = || match stored.first().filter(|_| op.name() == "nn.matmul" && dynamic && float) {
                    Some(unit) => format!(
                        "`{unit}` states `arrays`: it holds weights alone, and these are products of two results"
                    ),
                    None => target.lacking(&work),
                };
                let entry = lacking.entry(op.name()).or_insert_with(|| (Vec::new(), 0, why()));
                entry.1 += 1;
                let name = op.loc.first().to_string();
                if entry.0.len() < 3 && !entry.0.contains(&name) {
                    entry.0.push(name);
                }
            }
        }
    }
    let short_of = precision.short_of(target);
    let problem = |(op, (names, count, why)): (&str, (Vec<String>, usize, String))| {
        let found = format!("{count} of them, such as {}", names.join(", "));
        let d = Diagnostic::error(&E0701, format!("nothing on target `{}` realises `{op}`", target.name)).found(found);
        match short_of.as_ref().filter(|_| op == "nn.matmul") {
            Some((most, units)) => {
                d.note(format!("{why}; bits of light: {units}")).hint(format!("`--min-bits {most}` can be met"))
            }
            None => d.note(why).hint("add a kernel for it to the target file, or choose another target"),
        }
    };
    Diagnostics(lacking.into_iter().map(problem).collect()).into_result(())
}

/// Warns of results that are to have more bits than any number of the program: what has all of them counts as enough.
pub(super) fn more_than_numbers_have(body: &Body, min_bits: u32) -> Option<Diagnostic> {
    let tensors = body.types.iter().filter_map(|ty| ty.tensor());
    let widest = tensors.map(|t| t.elem).filter(|elem| elem.is_float()).max_by_key(|elem| elem.bits())?;
    (widest.bits() < min_bits).then(|| {
        Diagnostic::warning(&W0703, format!("no number of `{}` has {min_bits} bits", body.name))
            .found(format!("`{}` as the widest, {} bits", widest.name(), widest.bits()))
            .allowed(format!("`--min-bits` of at most {}", widest.bits()))
            .note("units that make such numbers with all their bits are used")
    })
}

/// For each value, whether it is one alternative of several.
fn has_alternatives(body: &Body) -> Vec<bool> {
    let mut out = vec![false; body.types.len()];
    for class in body.ops.iter().filter(|op| op.name() == "stack.class" && op.operands.len() > 1) {
        class.operands.iter().for_each(|v| out[v.index()] = true);
    }
    out
}
