//! Pass `dce`; its page is `dce.md`.

use crate::manager::{Change, CounterDef, PassCx, PassInfo};
use prism_dialects::{Body, Level, Module, ValueId};
use prism_support::Result;

/// Removes operations whose results nobody needs.
pub static PASS: PassInfo = PassInfo {
    name: "dce",
    page: include_str!("dce.md"),
    from: &Level::ALL,
    to: Change::Keeps,
    options: &[],
    counters: &[CounterDef { name: "removed", doc: "operations removed" }],
    needs_target: false,
    run,
};

fn run(module: &mut Module, cx: &mut PassCx<'_>) -> Result<()> {
    for body in &mut module.bodies {
        let removed = sweep(body);
        cx.count("removed", removed);
    }
    Ok(())
}

/// Removes what is not needed; returns how many operations went.
fn sweep(body: &mut Body) -> u64 {
    let needed = mark(body);
    let before = body.ops.len();
    let mut flags = needed.iter();
    body.ops.retain(|_| flags.next() == Some(&true));
    let removed = before - body.ops.len();
    if removed > 0 {
        body.compact();
    }
    removed as u64
}

/// For each operation, whether a result of the body or an effect needs it. Marks from what is needed towards what it
/// uses, so that a cycle that nothing outside needs is not needed either.
fn mark(body: &Body) -> Vec<bool> {
    let maker = body.definitions();
    let mut needed = vec![false; body.ops.len()];
    let mut todo: Vec<ValueId> = body.results.clone();
    for (flag, op) in needed.iter_mut().zip(&body.ops).filter(|(_, op)| !op.def.pure) {
        *flag = true;
        todo.extend(&op.operands);
    }
    while let Some(value) = todo.pop() {
        let Some(i) = maker[value.index()].map(|i| i as usize) else { continue };
        if !std::mem::replace(&mut needed[i], true) {
            todo.extend(&body.ops[i].operands);
        }
    }
    needed
}
