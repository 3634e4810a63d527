//! Tables to IRDL: the text that makes MLIR, and upstream's `mlir-opt --irdl-file`, know our dialects.

use crate::define::{Arity, Dialect, Kind, MIXED_RUNS, OpDef, Slot};
use crate::registry::DIALECTS;
use std::fmt::Write;

/// IRDL of all dialects, as one module.
pub fn text() -> String {
    let mut out = String::from("builtin.module {\n");
    for d in DIALECTS.iter() {
        dialect(&mut out, d);
    }
    out.push_str("}\n");
    out
}

fn dialect(out: &mut String, d: &Dialect) {
    // Writing into a string cannot fail.
    let _ = writeln!(out, "  irdl.dialect @{} {{", d.name);
    for t in &d.types {
        let _ = writeln!(out, "    irdl.type @{} {{", t.name);
        if !t.parameters.is_empty() {
            // A constraint is a variable: two uses of one must be equal, so each parameter has its own.
            for p in t.parameters {
                let _ = writeln!(out, "      %{p} = irdl.any");
            }
            let parameters: Vec<String> = t.parameters.iter().map(|p| format!("{p}: %{p}")).collect();
            let _ = writeln!(out, "      irdl.parameters({})", parameters.join(", "));
        }
        out.push_str("    }\n");
    }
    for op in &d.ops {
        operation(out, op);
    }
    out.push_str("  }\n");
}

fn operation(out: &mut String, op: &OpDef) {
    let _ = writeln!(out, "    irdl.operation @{} {{", op.short());
    let slots = |out: &mut String, what: &str, slots: &[Slot]| {
        if slots.is_empty() {
            return;
        }
        let mut list = Vec::new();
        for s in slots {
            let segments = if s.arity == Arity::Mixed { MIXED_RUNS } else { 1 };
            for i in 0..segments {
                let name = if segments == 1 { s.name.to_string() } else { format!("{}_{i}", s.name) };
                let _ = writeln!(out, "      %{what}_{name} = {}", constraint(s.kind));
                list.push(format!("{name}: {}%{what}_{name}", arity(s.arity)));
            }
        }
        let _ = writeln!(out, "      irdl.{what}s({})", list.join(", "));
    };
    slots(out, "operand", &op.operands);
    slots(out, "result", &op.results);
    // IRDL attributes are all required: optional ones are checked by `verify`.
    let required: Vec<&str> = op.attrs.iter().filter(|a| a.required).map(|a| a.name).collect();
    if !required.is_empty() {
        for name in &required {
            let _ = writeln!(out, "      %attr_{name} = irdl.any");
        }
        let required: Vec<String> = required.iter().map(|name| format!("\"{name}\" = %attr_{name}")).collect();
        let _ = writeln!(out, "      irdl.attributes {{ {} }}", required.join(", "));
    }
    out.push_str("    }\n");
}

fn constraint(kind: Kind) -> String {
    match kind {
        Kind::Tensor => "irdl.base \"!builtin.tensor\"".into(),
        Kind::Any | Kind::Stored | Kind::Given => "irdl.any".into(),
        Kind::Event => "irdl.base @plan::@event".into(),
        Kind::Of(view) => format!("irdl.base @{}", view.type_name().replace('.', "::@")),
    }
}

fn arity(arity: Arity) -> &'static str {
    match arity {
        Arity::One => "",
        Arity::Optional => "optional ",
        Arity::Variadic | Arity::Mixed => "variadic ",
    }
}
