//! `tile`: the loop behind each photonic product, in closed form.

use crate::egraph::price::product_of;
use crate::manager::{Change, CounterDef, PassCx, PassInfo};
use prism_dialects::{Attr, Attrs, Body, Level, Module, Op, TensorType, ValueId, View};
use prism_hardware::{Ends, Event, Location, MatmulWork, PhotonicRealisation, Stationary, Target};
use prism_support::codes::E0604;
use prism_support::{Diagnostic, Place, Result};
use std::sync::Arc;

/// The pass.
pub static PASS: PassInfo = PassInfo {
    name: "tile",
    page: include_str!("tile.md"),
    from: &[Level::Assigned],
    to: Change::Keeps,
    options: &[],
    counters: &[
        CounterDef { name: "tiled", doc: "photonic products whose loop was written out" },
        CounterDef { name: "passes", doc: "times that the lanes of a unit are filled, over all products" },
        CounterDef { name: "programs", doc: "blocks of weights written into units, over all products" },
    ],
    needs_target: true,
    run,
};

fn run(module: &mut Module, cx: &mut PassCx<'_>) -> Result<()> {
    let target = cx.target()?;
    for body in &mut module.bodies {
        crate::egraph::price::check_target(body, target)?;
        for i in 0..body.ops.len() {
            if !matches!(body.ops[i].name(), "ptu.matmul" | "ptu.gemm") {
                continue;
            }
            let Some(found) = realisation(body, &body.ops[i], target) else {
                return Err(not_priced_here(&body.ops[i], target, "no such realisation").into());
            };
            check_price(&body.ops[i], &found, target)?;
            cx.count("tiled", 1);
            cx.count("passes", u64::try_from(found.tiling.passes).unwrap_or(u64::MAX));
            cx.count("programs", u64::try_from(found.tiling.programs).unwrap_or(u64::MAX));
            let per_use = body.ops[i].name() == "ptu.gemm";
            Arc::make_mut(&mut body.ops[i].attrs).insert("tiling".into(), tiling_attr(&found, per_use));
        }
    }
    Ok(())
}

/// The realisation on `target` that the operation stands for.
fn realisation(body: &Body, op: &Op, target: &Target) -> Option<PhotonicRealisation> {
    let unit = target.photonic_unit(op.attr("unit")?.as_str()?)?;
    let held = if op.attr("stationary")?.as_str()? == "lhs" { Stationary::Lhs } else { Stationary::Rhs };
    let tensor = |i: usize| op.operands.get(i).and_then(|v| body.ty(*v).tensor());
    // Light comes first in `ptu.matmul`, whichever operand of the product it is; `ptu.gemm` keeps the order of the product.
    let swapped = op.name() == "ptu.matmul" && held == Stationary::Lhs;
    let (lhs, rhs) = if swapped { (tensor(1)?, tensor(0)?) } else { (tensor(0)?, tensor(1)?) };
    let work = work(op, lhs, rhs, body.ty(op.result()?).tensor()?)?;
    let sliced = op.operands.first().and_then(|v| made_by(body, *v)).filter(|o| o.name() == "elec.slices");
    let slices = sliced.and_then(|o| u64::try_from(o.attr("count")?.as_int()?).ok()).unwrap_or(1);
    let work = MatmulWork { slices, ..work };
    target.photonic_on(unit, &work, held, ends(body, op))
}

/// The operation that makes a value; `None` for an argument.
fn made_by(body: &Body, value: ValueId) -> Option<&Op> {
    body.ops.iter().find(|op| op.results.contains(&value))
}

/// Which ends of a `ptu.gemm` stream from and to off chip.
fn ends(body: &Body, op: &Op) -> Ends {
    if op.name() != "ptu.gemm" {
        return Ends::default();
    }
    let off_chip = |v: ValueId| body.ty(v).view() == Some(View::Offchip);
    let place = |i: usize| {
        let v = *op.operands.get(i).filter(|v| off_chip(**v))?;
        let maker = |v| made_by(body, v);
        // Slices lie where what they are of lies.
        let sliced = maker(v).filter(|o| o.name() == "elec.slices").and_then(|o| o.operands.first().copied());
        Some(match maker(sliced.unwrap_or(v)).map_or("mem.input", Op::name) {
            "mem.param" | "mem.constant" | "mem.prepare" | "mem.select" => Location::Parameters,
            "mem.input" => Location::Inputs,
            _ => Location::Results,
        })
    };
    Ends { lhs: place(0), rhs: place(1), result: op.result().is_some_and(off_chip) }
}

fn work(op: &Op, lhs: &TensorType, rhs: &TensorType, out: &TensorType) -> Option<MatmulWork> {
    let transposed = op.attr("transpose_lhs").and_then(Attr::as_bool).unwrap_or(false);
    let k = *lhs.dims.get(lhs.rank().checked_sub(if transposed { 2 } else { 1 })?)?;
    let [lead @ .., m, n] = out.dims.as_slice() else { return None };
    let batch = lead.iter().fold(1u64, |a, b| a.saturating_mul(*b));
    let signed = op.attr("passes").and_then(Attr::as_int).is_some_and(|passes| passes > 1);
    let product = product_of(batch, (*m, k, *n), rhs.rank() == 2);
    let groups = op.attr("groups").and_then(Attr::as_int).and_then(|n| u64::try_from(n).ok()).unwrap_or(1);
    Some(MatmulWork { lhs_signed: signed, rhs_signed: signed, groups, ..product })
}

/// The loop must be the one that was priced: another target would silently give another time.
fn check_price(op: &Op, found: &PhotonicRealisation, target: &Target) -> Result<()> {
    let cost = op.attr("cost").and_then(Attr::as_dict);
    let priced = cost.and_then(|c| c.get("latency_s")).and_then(Attr::as_float).unwrap_or(0.0);
    let ours = found.cost.latency.0;
    if (priced - ours).abs() <= 1e-9 * ours.abs() {
        return Ok(());
    }
    Err(not_priced_here(op, target, &format!("{priced:.6e} s in the IR, {ours:.6e} s by the target")).into())
}

fn not_priced_here(op: &Op, target: &Target, found: &str) -> Diagnostic {
    Diagnostic::error(&E0604, format!("this product was not priced on target `{}`", target.name))
        .at(Place::Op { name: op.loc.first().into(), op: op.name().into() })
        .found(found)
        .hint("give the target with which `saturate` ran")
}

fn tiling_attr(found: &PhotonicRealisation, per_use: bool) -> Attr {
    let t = &found.tiling;
    let count = |n: u128| Attr::Int(i64::try_from(n).unwrap_or(i64::MAX));
    let [rows, inner, columns] = t.blocks;
    let mut attrs = Attrs::from([
        ("lanes".to_string(), count(t.lanes)),
        ("passes".to_string(), count(t.passes)),
        ("cycles".to_string(), count(t.cycles)),
        ("row_blocks".to_string(), count(rows)),
        ("inner_blocks".to_string(), count(inner)),
        ("column_blocks".to_string(), count(columns)),
        ("macs".to_string(), count(t.macs)),
        ("utilisation".to_string(), Attr::float(t.utilisation)),
        ("compute_s".to_string(), Attr::float(t.compute.0)),
    ]);
    let conversions = [
        ("row_encodes", Event::RowEncode),
        ("column_encodes", Event::ColumnEncode),
        ("weight_writes", Event::Program),
        ("reads", Event::Read),
    ];
    for (name, event) in conversions {
        let happens = t.events.of(event);
        if happens > 0.0 && per_use {
            attrs.insert(name.to_string(), Attr::float(happens));
        }
    }
    // What is held, for how many blocks there is room, and how often they are written.
    if t.resident > 0 {
        attrs.insert("programs".into(), count(t.programs));
        attrs.insert("resident_blocks".into(), count(t.resident.min(t.programs)));
        attrs.insert("program_s".into(), Attr::float(t.program.0));
    }
    if found.ends != Ends::default() {
        attrs.insert("fetch_s".into(), Attr::float(t.fetch.0));
    }
    Attr::dict(attrs)
}
