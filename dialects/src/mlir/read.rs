//! MLIR to a plain program.

use super::ffi::owned;
use super::read_attr::Reader;
use super::write_attr::SEGMENTS;
use crate::body::{Body, Holder, Module as Plain, Op, ValueId};
use crate::registry;
use mlir_sys::*;
use prism_support::codes::E0401;
use prism_support::{Diagnostic, Diagnostics, Place, Result};
use rustc_hash::FxHashMap;
use std::ffi::c_void;
use std::sync::Arc;

pub(super) fn module(op: MlirOperation) -> Result<Plain> {
    let mut reader = Reader::default();
    let mut problems = Diagnostics::new();
    let attrs = reader.attrs(op, &[]).unwrap_or_else(|what| {
        problems.push(unreadable("module", "module", &what));
        Default::default()
    });
    let mut plain = Plain { attrs, bodies: Vec::new() };
    // SAFETY: `op` is a live module: one region with one block.
    let top = unsafe { mlirRegionGetFirstBlock(mlirOperationGetRegion(op, 0)) };
    for held in operations(top) {
        if let Some(body) = problems.absorb(holder(&mut reader, held)) {
            plain.bodies.push(body);
        }
    }
    problems.into_result(plain)
}

/// The operations of a block, in order.
fn operations(block: MlirBlock) -> impl Iterator<Item = MlirOperation> {
    // SAFETY: the block is live, and so is each operation while the module is borrowed.
    let first = unsafe { if block.ptr.is_null() { None } else { Some(mlirBlockGetFirstOperation(block)) } };
    std::iter::successors(first.filter(|o| !o.ptr.is_null()), |o| {
        // SAFETY: as above.
        Some(unsafe { mlirOperationGetNextInBlock(*o) }).filter(|o| !o.ptr.is_null())
    })
}

fn name_of(op: MlirOperation) -> String {
    // SAFETY: `op` is live.
    unsafe { owned(mlirIdentifierStr(mlirOperationGetName(op))) }
}

fn unreadable(place: &str, op: &str, what: &str) -> Diagnostic {
    Diagnostic::error(&E0401, format!("`{op}` holds something that Prism's passes do not handle"))
        .at(Place::Op { name: place.into(), op: op.into() })
        .found(what.to_string())
}

fn holder(reader: &mut Reader, op: MlirOperation) -> Result<Body> {
    let name = name_of(op);
    let kind = match name.as_str() {
        "func.func" => Holder::Func,
        "ml_program.subgraph" => Holder::Subgraph,
        _ => {
            let allowed = "`func.func` and `ml_program.subgraph` at the top of the module";
            return Err(unreadable("module", &name, &format!("`{name}`")).allowed(allowed).into());
        }
    };
    let attrs = reader.attrs(op, &["function_type", "arg_attrs", "res_attrs"]);
    let mut attrs = attrs.map_err(|what| unreadable(&name, &name, &what))?;
    let symbol = attrs.remove("sym_name").and_then(|s| s.as_str().map(str::to_string)).unwrap_or_default();
    let mut body = Body::new(symbol, kind);
    body.attrs = attrs;
    // SAFETY: both holders have one region; a declaration's is empty and its first block null.
    let block = unsafe { mlirRegionGetFirstBlock(mlirOperationGetRegion(op, 0)) };
    if block.ptr.is_null() {
        return Err(unreadable(&body.name, &name, "a declaration").allowed("a function with a body").into());
    }
    // SAFETY: the block is live.
    let next = unsafe { mlirBlockGetNextInRegion(block) };
    if !next.ptr.is_null() {
        return Err(unreadable(&body.name, &name, "several blocks").allowed("straight-line code").into());
    }
    fill(reader, &mut body, block)?;
    Ok(body)
}

fn fill(reader: &mut Reader, body: &mut Body, block: MlirBlock) -> Result<()> {
    let mut problems = Diagnostics::new();
    let mut ids: FxHashMap<*const c_void, ValueId> = FxHashMap::default();
    // SAFETY: indices stay below the counts; values live as long as the module.
    unsafe {
        for i in 0..mlirBlockGetNumArguments(block) {
            let value = mlirBlockGetArgument(block, i);
            let loc = reader.loc(mlirValueGetLocation(value));
            match reader.ty(mlirValueGetType(value)) {
                Ok(ty) => {
                    ids.insert(value.ptr, body.arg(ty, loc));
                }
                Err(what) => problems.push(unreadable(&body.name, "argument", &what)),
            }
        }
    }
    for op in operations(block) {
        // SAFETY: as above.
        unsafe {
            for i in 0..mlirOperationGetNumResults(op) {
                let value = mlirOperationGetResult(op, i);
                match reader.ty(mlirValueGetType(value)) {
                    Ok(ty) => {
                        ids.insert(value.ptr, body.value(ty));
                    }
                    Err(what) => problems.push(unreadable(&body.name, &name_of(op), &what)),
                }
            }
        }
    }
    if problems.has_errors() {
        return Err(problems);
    }
    for op in operations(block) {
        // SAFETY: as above; every operand is an argument or a result of this block, as there are no nested regions.
        let operands: Vec<ValueId> = unsafe {
            let n = mlirOperationGetNumOperands(op);
            (0..n).filter_map(|i| ids.get(&mlirOperationGetOperand(op, i).ptr).copied()).collect()
        };
        let name = name_of(op);
        if matches!(name.as_str(), "func.return" | "ml_program.output") {
            body.results = operands;
            continue;
        }
        match operation(reader, op, &name, &operands, &ids) {
            Ok(op) => body.ops.push(op),
            Err(d) => problems.push(*d),
        }
    }
    problems.into_result(())
}

fn operation(
    reader: &mut Reader,
    op: MlirOperation,
    name: &str,
    operands: &[ValueId],
    ids: &FxHashMap<*const c_void, ValueId>,
) -> std::result::Result<Op, Box<Diagnostic>> {
    // SAFETY: `op` is live.
    let loc = reader.loc(unsafe { mlirOperationGetLocation(op) });
    let Some(def) = registry::find(name) else {
        let hint = prism_support::suggest::did_you_mean(name, registry::ops().map(|o| o.name));
        let d = unreadable(loc.first(), name, &format!("`{name}`"));
        return Err(Box::new(d.allowed("operations of `prism list ops`").hint_if(hint)));
    };
    let skip: &[&str] = if def.is_mixed() { &[SEGMENTS] } else { &[] };
    let attrs = reader.attrs(op, skip).map_err(|what| Box::new(unreadable(loc.first(), name, &what)))?;
    // SAFETY: indices stay below the count.
    let results = unsafe {
        let n = mlirOperationGetNumResults(op);
        (0..n).filter_map(|i| ids.get(&mlirOperationGetResult(op, i).ptr).copied()).collect()
    };
    Ok(Op { def, operands: operands.iter().copied().collect(), results, attrs: Arc::new(attrs), loc })
}
