//! `func.call`: a function of the tensor program called several times, as layers are. The operation is MLIR's own; here is
//! what Prism adds to it.
//!
//! A private function has names that are relative: an operation `self_attn.q_proj`, a weight `self_attn.q_proj.weight`. A
//! call carries what makes them whole: `prefix` for both, `param_prefix` where weights have another, and `params`
//! for weights whose names follow no prefix.

use crate::attr::Attr;
use crate::body::{Body, Loc, Module, Op};
use crate::define::{Arity, AttrDef, AttrKind, Kind, OpDef, Slot};
use crate::level::Level;
use prism_support::codes::E0401;
use prism_support::{Diagnostic, Diagnostics, Place};
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

/// Its name.
pub const CALL: &str = "func.call";
/// Attribute of a function that nothing outside the module calls, and its value.
pub const VISIBILITY: (&str, &str) = ("sym_visibility", "private");

/// What stands for the prefix itself among relative names.
const WHOLE: &str = ".";
/// What starts a name that is not relative.
const ABSOLUTE: char = '/';

static DEF: LazyLock<OpDef> = LazyLock::new(|| {
    let attr = |name, kind, required, doc| AttrDef { name, kind, required, doc };
    let mut def = OpDef::new(CALL, Level::Nn, Kind::Tensor, "A call of a private function, such as a layer.");
    // Of any types: MLIR and `check` compare them with the function's.
    let any = |name| Slot { name, kind: Kind::Tensor, arity: Arity::Variadic };
    (def.operands, def.results, def.pure) = (vec![any("operands")], vec![any("results")], false);
    def.attrs = vec![
        attr("callee", AttrKind::Symbol, true, "the function"),
        attr("prefix", AttrKind::Str, false, "what stands before the relative names of the function; default nothing"),
        attr("param_prefix", AttrKind::Str, false, "the same for weights; default `prefix`"),
        attr("params", AttrKind::Dict, false, "names of weights that have no prefix, by their names in the function"),
    ];
    def
});

/// The operation.
pub fn def() -> &'static OpDef {
    &DEF
}

fn text<'a>(op: &'a Op, key: &str) -> Option<&'a str> {
    op.attr(key).and_then(Attr::as_str)
}

/// The function that a call names.
pub fn callee(op: &Op) -> Option<&str> {
    match op.attr("callee") {
        Some(Attr::Symbol(name)) if op.name() == CALL => Some(name),
        _ => None,
    }
}

/// The name of a weight of the function, seen from the call.
pub fn full_param(call: &Op, name: &str) -> String {
    let given = call.attr("params").and_then(Attr::as_dict).and_then(|p| p.get(name)).and_then(Attr::as_str);
    match given {
        Some(whole) => whole.to_string(),
        None => format!("{}{name}", text(call, "param_prefix").or(text(call, "prefix")).unwrap_or("")),
    }
}

/// A location of the function, seen from the call.
pub fn full_loc(call: &Op, loc: &Loc) -> Loc {
    let prefix = text(call, "prefix").unwrap_or("");
    let whole = |name: &Arc<str>| -> Arc<str> {
        match name.strip_prefix(ABSOLUTE) {
            Some(rest) => rest.into(),
            None if &**name == WHOLE => prefix.trim_end_matches('.').into(),
            None => format!("{prefix}{name}").into(),
        }
    };
    Loc { names: loc.names.iter().map(whole).collect(), rule: loc.rule.clone() }
}

/// A name below `prefix` as the function has it.
pub fn relative(name: &str, prefix: &str) -> String {
    match name.strip_prefix(prefix) {
        Some(rest) if !rest.is_empty() => rest.to_string(),
        _ if name == prefix.trim_end_matches('.') && !prefix.is_empty() => WHOLE.to_string(),
        _ => format!("{ABSOLUTE}{name}"),
    }
}

/// Whether nothing outside the module calls the function.
pub fn is_private(body: &Body) -> bool {
    body.attrs.get(VISIBILITY.0).and_then(Attr::as_str) == Some(VISIBILITY.1)
}

/// Every call must name a private function that has its types, and no function may reach itself.
pub(crate) fn check(module: &Module, problems: &mut Diagnostics) {
    let by_name: BTreeMap<&str, &Body> = module.bodies.iter().map(|b| (b.name.as_str(), b)).collect();
    for body in &module.bodies {
        for op in body.ops.iter().filter(|op| op.name() == CALL) {
            let name = callee(op).unwrap_or("?");
            let complain = |what: String, found: String, allowed: String| {
                let place = Place::Op { name: op.loc.first().into(), op: CALL.into() };
                Diagnostic::error(&E0401, what).at(place).found(found).allowed(allowed)
            };
            let Some(target) = by_name.get(name).filter(|b| is_private(b)) else {
                let private = module.bodies.iter().filter(|b| is_private(b)).map(|b| format!("@{}", b.name));
                let allowed = private.collect::<Vec<_>>().join(", ");
                let allowed =
                    if allowed.is_empty() { "no call: the module has no private function".into() } else { allowed };
                problems.push(complain("a call of no private function".into(), format!("@{name}"), allowed));
                continue;
            };
            let types = |body: &Body, values: &[crate::ValueId]| {
                values.iter().map(|v| body.ty(*v).to_string()).collect::<Vec<_>>().join(", ")
            };
            for (what, here, there) in [
                ("arguments", types(body, &op.operands), types(target, &target.args)),
                ("results", types(body, &op.results), types(target, &target.results)),
            ] {
                if here != there {
                    let headline = format!("a call of `@{name}` has other {what} than it");
                    problems.push(complain(headline, format!("({here})"), format!("({there})")));
                }
            }
        }
    }
    if let Some(name) = cyclic(&by_name) {
        let d = Diagnostic::error(&E0401, format!("`@{name}` calls itself, through others or not"));
        problems.push(d.allowed("functions that can be written out"));
    }
}

/// A function that reaches itself.
fn cyclic<'a>(by_name: &BTreeMap<&'a str, &'a Body>) -> Option<&'a str> {
    // 0 not seen, 1 on the way, 2 done.
    let mut state: BTreeMap<&str, u8> = BTreeMap::new();
    for start in by_name.keys().copied() {
        let mut stack = vec![(start, false)];
        while let Some((name, done)) = stack.pop() {
            if done {
                state.insert(name, 2);
                continue;
            }
            match state.get(name).copied().unwrap_or(0) {
                1 => continue,
                2 => continue,
                _ => {}
            }
            state.insert(name, 1);
            stack.push((name, true));
            let Some(body) = by_name.get(name) else { continue };
            for next in body.ops.iter().filter_map(callee) {
                let Some((known, _)) = by_name.get_key_value(next) else { continue };
                if state.get(known).copied() == Some(1) {
                    return Some(known);
                }
                stack.push((known, false));
            }
        }
    }
    None
}
