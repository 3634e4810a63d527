//! Whether a plain program is sound enough to be printed and checked at all: what no pass may break.
//!
//! The checks of the dialects, and the writer to MLIR, rely on it.

use prism_dialects::{Body, Holder, Level, Module, ValueId};
use rustc_hash::FxHashSet;

/// What is wrong with the structure of a module, if anything: every value in range, made once, made before it is used
/// where order matters, and made at all where it does not.
pub(super) fn check(module: &Module) -> Result<(), String> {
    let mut names = FxHashSet::default();
    for body in &module.bodies {
        check_body(body).map_err(|what| format!("in `@{}`: {what}", body.name))?;
        if !names.insert(body.name.as_str()) {
            return Err(format!("two functions are called `@{}`", body.name));
        }
    }
    Ok(())
}

fn check_body(body: &Body) -> Result<(), String> {
    if body.args.len() != body.arg_locs.len() {
        return Err(format!("{} arguments with {} locations", body.args.len(), body.arg_locs.len()));
    }
    let mut made = vec![false; body.types.len()];
    let mut make = |v: ValueId| match made.get_mut(v.index()) {
        None => Err(format!("value {} has no type", v.0)),
        Some(true) => Err(format!("value {} is made twice", v.0)),
        Some(slot) => {
            *slot = true;
            Ok(())
        }
    };
    body.args.iter().try_for_each(|a| make(*a))?;
    for op in &body.ops {
        op.results.iter().try_for_each(|r| make(*r)).map_err(|e| format!("`{}` ({}): {e}", op.name(), op.loc))?;
    }
    let exists = |v: &ValueId| made.get(v.index()) == Some(&true);
    for op in &body.ops {
        if let Some(v) = op.operands.iter().find(|v| !exists(v)) {
            return Err(format!("`{}` ({}) uses value {}, which nothing makes", op.name(), op.loc, v.0));
        }
    }
    match body.results.iter().find(|v| !exists(v)) {
        Some(v) => Err(format!("the result {} is made by nothing", v.0)),
        None => Ok(()),
    }
}

/// What is left of another level after a pass that promises `level`, with the operation's name and the user's name for
/// it.
pub(super) fn leftover(module: &Module, level: Level) -> Option<(String, String)> {
    if level == Level::Stack {
        return None;
    }
    for body in &module.bodies {
        if body.holder == Holder::Subgraph {
            return Some(("ml_program.subgraph".into(), body.name.clone()));
        }
        if let Some(op) = body.ops.iter().find(|op| op.def.level != level) {
            return Some((op.name().into(), op.loc.first().into()));
        }
    }
    None
}
