//! What a program in MLIR holds.

use prism_dialects::{Attr, Body, Module, Op, OpView, Type, nn};
use prism_passes::manager::count_ops;
use prism_passes::nn::inline_calls::inline;
use serde::Serialize;
use std::collections::BTreeMap;

/// An argument or result of a function.
#[derive(Clone, Debug, Serialize)]
pub struct Port {
    /// The user's name; empty for results.
    pub name: String,
    /// Its type, as MLIR writes it.
    #[serde(rename = "type")]
    pub ty: String,
}

/// A function or segment.
#[derive(Clone, Debug, Serialize)]
pub struct Function {
    /// Its symbol.
    pub name: String,
    /// Arguments, in order.
    pub inputs: Vec<Port>,
    /// Results, in order.
    pub outputs: Vec<Port>,
}

/// A program.
#[derive(Clone, Debug, Serialize)]
pub struct ProgramInfo {
    /// Its level.
    pub level: &'static str,
    /// Its functions and segments.
    pub functions: Vec<Function>,
    /// How many operations of each name it has.
    pub operations: BTreeMap<&'static str, u64>,
    /// Elements of all weights that it names, each counted once.
    pub parameters: u64,
    /// Multiply-accumulates of all products of `nn`; alternatives in a segment are counted one by one.
    pub macs: u64,
}

/// What a program holds.
pub fn of(module: &Module) -> ProgramInfo {
    let mut whole = module.clone();
    inline(&mut whole);
    let mut weights: BTreeMap<&str, u64> = BTreeMap::new();
    let mut macs = 0u64;
    // Layers count as often as they are called, each with weights of its own.
    for (body, op) in whole.bodies.iter().flat_map(|b| b.ops.iter().map(move |op| (b, op))) {
        let made = op.result().and_then(|r| body.ty(r).tensor());
        match (op.name(), made) {
            ("nn.param", Some(ty)) => {
                let name = op.attr("name").and_then(Attr::as_str).unwrap_or("");
                weights.insert(name, ty.numel());
            }
            _ => macs = macs.saturating_add(work(body, op)),
        }
    }
    ProgramInfo {
        level: module.level().name(),
        functions: module.bodies.iter().map(function).collect(),
        operations: count_ops(module),
        parameters: weights.values().fold(0, |a: u64, b| a.saturating_add(*b)),
        macs,
    }
}

/// Multiply-accumulates of an operation of `nn`.
fn work(body: &Body, op: &Op) -> u64 {
    let operands: Vec<Type> = op.operands.iter().map(|v| body.ty(*v).clone()).collect();
    nn::macs(&OpView { def: op.def, operands: &operands, results: &[], attrs: &op.attrs })
}

fn function(body: &Body) -> Function {
    let named = body.args.iter().zip(&body.arg_locs);
    Function {
        name: body.name.clone(),
        inputs: named.map(|(v, loc)| Port { name: loc.first().to_string(), ty: body.ty(*v).to_string() }).collect(),
        outputs: body.results.iter().map(|v| Port { name: String::new(), ty: body.ty(*v).to_string() }).collect(),
    }
}
