//! `ptu`: photonic realisations. See the README of this folder.

use crate::attr::Attr;
use crate::cost_attr::{check_cost, priced};
use crate::define::{AttrKind, Dialect, Kind, OpDef, OpView, Problem, TypeDef};
use crate::level::Level;
use crate::types::{TensorType, Type, View};

/// What only says which number of a tensor goes where.
pub const ROUTED: [&str; 3] = ["nn.reshape", "nn.transpose", "nn.slice"];

/// A conversion keeps the tensor and never adds bits.
fn converts(op: &OpView<'_>) -> Result<(), Problem> {
    check_cost(op)?;
    in_its_unit(op)?;
    let (Some(from), Some(to)) = (op.operands.first(), op.results.first()) else { return Ok(()) };
    if from.tensor() != to.tensor() {
        return Err(Problem::new("result", to.to_string(), format!("the tensor of {from}")));
    }
    no_more_bits(from, to)
}

/// No step adds effective bits.
pub(crate) fn no_more_bits(from: &Type, to: &Type) -> Result<(), Problem> {
    match (from, to) {
        (Type::View { bits: have, .. }, Type::View { bits: claimed, .. }) if claimed > have => {
            Err(Problem::new("effective bits", claimed.to_string(), format!("at most {have}, as its operand has")))
        }
        _ => Ok(()),
    }
}

/// Everything that is in a unit is in the unit that the operation names.
fn in_its_unit(op: &OpView<'_>) -> Result<(), Problem> {
    let named = op.attrs.get("unit").and_then(Attr::as_str).unwrap_or("");
    let mut units = op.operands.iter().chain(op.results).filter_map(Type::unit);
    match units.find(|u| *u != named) {
        Some(other) => {
            Err(Problem::new("unit of a type", format!("\"{other}\""), format!("\"{named}\", as `unit` says")))
        }
        None => Ok(()),
    }
}

/// Which operand of the product a unit holds still.
fn stationary(op: &OpView<'_>) -> Result<&'static str, Problem> {
    match op.attrs.get("stationary").and_then(Attr::as_str).unwrap_or("") {
        "rhs" => Ok("rhs"),
        "lhs" => Ok("lhs"),
        other => Err(Problem::new("attribute `stationary`", format!("\"{other}\""), "\"lhs\" or \"rhs\"")),
    }
}

fn verify_matmul(op: &OpView<'_>) -> Result<(), Problem> {
    check_cost(op)?;
    in_its_unit(op)?;
    passes(op)?;
    let (light, weights) = (op.tensor(0), op.tensor(1));
    let operands = if stationary(op)? == "rhs" { [light, weights] } else { [weights, light] };
    verify_product(op, operands)
}

fn verify_gemm(op: &OpView<'_>) -> Result<(), Problem> {
    check_cost(op)?;
    in_its_unit(op)?;
    passes(op)?;
    let streamed = if stationary(op)? == "rhs" { 0 } else { 1 };
    if let Some(light) = op.operands.get(streamed).filter(|ty| ty.view() == Some(View::Weights)) {
        return Err(Problem::new(
            "streamed operand",
            light.to_string(),
            "a view in a memory: the unit holds the other one",
        ));
    }
    verify_product(op, [op.tensor(0), op.tensor(1)])
}

/// At least one pass, and one group of wavelengths.
fn passes(op: &OpView<'_>) -> Result<(), Problem> {
    for name in ["passes", "groups"] {
        if let Some(n) = op.int(name).filter(|n| *n < 1) {
            return Err(Problem::new(format!("attribute `{name}`"), n.to_string(), "at least 1"));
        }
    }
    Ok(())
}

/// The result is that of `nn.matmul` of these operands, with no more bits than they have.
fn verify_product(op: &OpView<'_>, operands: [TensorType; 2]) -> Result<(), Problem> {
    let maths = crate::registry::op("nn.matmul");
    let operands = operands.map(Type::Tensor);
    let as_maths = OpView { def: maths, operands: &operands, results: &[], attrs: op.attrs };
    let product: TensorType = maths.infer.map_or_else(|| Ok(op.tensor(0)), |infer| infer(&as_maths))?;
    for (from, to) in op.operands.iter().zip(op.results.iter().cycle()) {
        no_more_bits(from, to)?;
    }
    match op.results.first() {
        Some(result) if result.tensor() != Some(&product) => {
            Err(Problem::new("result", result.to_string(), format!("a view of {product}")))
        }
        _ => Ok(()),
    }
}

fn conversion(name: &'static str, from: Kind, to: Kind, doc: &'static str) -> OpDef {
    let op = OpDef::new(name, Level::Assigned, to, doc).operand("x", from);
    priced(op).verify(converts).interp(crate::interp::identity)
}

/// Weights that are written before the run: a conversion that takes blocks.
fn verify_hold(op: &OpView<'_>) -> Result<(), Problem> {
    converts(op)?;
    match op.int("blocks") {
        Some(n) if n < 0 => Err(Problem::new("attribute `blocks`", n.to_string(), "at least 0")),
        _ => Ok(()),
    }
}

/// Blocks of a unit that weights take from before the run.
fn hold() -> OpDef {
    let doc = "Weights in the blocks of a unit that stores them, written before the run: last axis along the rows of blocks, the one before it \
               along their inner dimension. Many products may hold them; no other weights can take those blocks.";
    conversion("ptu.hold", Kind::Of(View::Offchip), Kind::Of(View::Weights), doc)
        .attr("blocks", AttrKind::Int, "blocks that they take, of the `arrays` of the unit")
        .verify(verify_hold)
}

/// Light of a tensor as light of its parts, or of the same numbers in another order.
fn route() -> OpDef {
    let doc =
        "Which lane carries which number: a reshape, transpose or slice of a tensor that is on light, at no cost.";
    let op = OpDef::new("ptu.route", Level::Assigned, Kind::Of(View::Light), doc).operand("x", Kind::Of(View::Light));
    priced(op)
        .attr("op", AttrKind::Str, "`nn.reshape`, `nn.transpose` or `nn.slice`")
        .maybe("params", AttrKind::Dict, "attributes of that operation")
        .verify(verify_route)
        .interp(crate::interp::computed)
}

fn verify_route(op: &OpView<'_>) -> Result<(), Problem> {
    check_cost(op)?;
    in_its_unit(op)?;
    let named = op.attrs.get("op").and_then(Attr::as_str).unwrap_or("");
    if !ROUTED.contains(&named) {
        return Err(Problem::new("attribute `op`", format!("\"{named}\""), ROUTED.join(", ")));
    }
    if let (Some(from), Some(to)) = (op.operands.first(), op.results.first()) {
        no_more_bits(from, to)?;
    }
    crate::elec::verify_computed(op)
}

const GROUPS_DOC: &str = "groups of wavelengths, each with products of the batch (in a mesh, columns) of its own at the same time; default 1";

/// The product that meets conversions of its own, and the one that has them in it.
fn products() -> [OpDef; 2] {
    let matmul = OpDef::new(
        "ptu.matmul",
        Level::Assigned,
        Kind::Of(View::Readout),
        "Matrix product in a photonic unit: light that carries the moving operand meets the operand that the unit holds.",
    )
    .operand("light", Kind::Of(View::Light))
    .operand("weights", Kind::Of(View::Weights))
    .attr("stationary", AttrKind::Str, "which operand of the product the unit holds: \"lhs\" or \"rhs\"")
    .maybe("passes", AttrKind::Int, "passes for a streamed operand with negative numbers; default 1")
    .maybe("groups", AttrKind::Int, GROUPS_DOC)
    .maybe("transpose_lhs", AttrKind::Bool, "lhs is stored with its last two axes swapped; default false")
    .maybe("transpose_rhs", AttrKind::Bool, "rhs is stored with its last two axes swapped; default false")
    .maybe("tiling", AttrKind::Dict, "closed form of the unrolled loop: lanes, passes, cycles; written by `tile`");
    let gemm = OpDef::new(
        "ptu.gemm",
        Level::Assigned,
        Kind::Stored,
        "Matrix product in a photonic unit that converts per use: numbers in, numbers out, with all conversions, \
         programming and light in its cost.\n\
         Operands that are off chip stream through on-chip memory while it runs, and so does a result that is left off chip. \
         Weights that the unit holds since before the run are neither read nor written.",
    )
    .operand("lhs", Kind::Given)
    .operand("rhs", Kind::Given)
    .attr("stationary", AttrKind::Str, "which operand is on the unit's row side, held or shared: \"lhs\" or \"rhs\"")
    .attr("passes", AttrKind::Int, "passes for a streamed operand with negative numbers")
    .maybe("groups", AttrKind::Int, GROUPS_DOC)
    .maybe("transpose_lhs", AttrKind::Bool, "lhs is stored with its last two axes swapped; default false")
    .maybe("transpose_rhs", AttrKind::Bool, "rhs is stored with its last two axes swapped; default false")
    .maybe("tiling", AttrKind::Dict, "closed form of the loop: cycles, blocks, programs, residency; written by `tile`");
    [
        priced(matmul).verify(verify_matmul).interp(crate::interp::photonic_matmul),
        priced(gemm).verify(verify_gemm).interp(crate::interp::matmul),
    ]
}

fn types() -> Vec<TypeDef> {
    vec![
        TypeDef {
            name: "light",
            parameters: &["tensor", "bits", "unit"],
            doc: "Light that carries a tensor into a photonic unit.",
        },
        TypeDef {
            name: "weights",
            parameters: &["tensor", "bits", "unit"],
            doc: "A tensor held in a photonic unit as its stationary operand.",
        },
        TypeDef {
            name: "readout",
            parameters: &["tensor", "bits", "unit"],
            doc: "A result that leaves a photonic unit, not yet read: light, or the current of its detector.",
        },
    ]
}

/// The dialect.
pub(crate) fn dialect() -> Dialect {
    let [matmul, gemm] = products();
    Dialect {
        name: "ptu",
        summary: "Photonic realisations: conversions to and from light, and what light computes.",
        page: include_str!("README.md"),
        types: types(),
        ops: vec![
            conversion("ptu.encode", Kind::Stored, Kind::Of(View::Light), "Numbers onto light: DAC and modulator."),
            conversion(
                "ptu.program",
                Kind::Stored,
                Kind::Of(View::Weights),
                "Numbers into the unit as its stationary operand.",
            ),
            hold(),
            matmul,
            gemm,
            conversion(
                "ptu.detect",
                Kind::Of(View::Readout),
                Kind::Stored,
                "Light to numbers: photodiode, amplifier, ADC.",
            ),
            conversion(
                "ptu.relay",
                Kind::Of(View::Readout),
                Kind::Of(View::Light),
                "A result drives the modulators of the next product as it is, neither read nor rounded. Only in units with a part that works on `relay`.",
            ),
            route(),
        ],
    }
}
