//! Dialects and their operations.

use super::markdown::{code_list, table};
use prism_dialects::OpDef;
use prism_dialects::define::{Arity, Dialect, Slot, TypeDef};
use prism_dialects::registry::DIALECTS;

/// The list of dialects.
pub(super) fn index() -> String {
    let rows = DIALECTS.iter().map(|d| {
        let name = d.name;
        [
            format!("[`{name}`](ops/{name}.md)"),
            d.summary.to_string(),
            d.ops.len().to_string(),
            code_list(d.types.iter().map(|t| spelled(d, t)).collect::<Vec<_>>().iter().map(String::as_str)),
            format!("[why it exists](../../dialects/src/{name}/README.md)"),
        ]
    });
    format!(
        "# Dialects\n\nIn order of level.\n\n{}",
        table(["dialect", "holds", "operations", "types", "decisions"], rows)
    )
}

fn spelled(dialect: &Dialect, ty: &TypeDef) -> String {
    format!("!{}.{}<{}>", dialect.name, ty.name, ty.parameters.join(", ")).replace("<>", "")
}

/// One page per dialect.
pub(super) fn pages() -> impl Iterator<Item = (String, String)> {
    DIALECTS.iter().map(|d| (format!("ops/{}.md", d.name), page(d)))
}

fn page(dialect: &Dialect) -> String {
    let name = dialect.name;
    let mut out = format!("# Operations of `{name}`\n\n{}\n", dialect.summary);
    out.push_str(&format!("Why it is as it is: [its README](../../../dialects/src/{name}/README.md).\n"));
    if !dialect.types.is_empty() {
        let rows = dialect.types.iter().map(|t| [format!("`{}`", spelled(dialect, t)), t.doc.to_string()]);
        out.push_str(&format!("\n{}", table(["type", "meaning"], rows)));
    }
    for op in &dialect.ops {
        out.push_str(&operation(op));
    }
    out
}

fn operation(op: &OpDef) -> String {
    let mut out = format!("\n## `{}`\n\n{}\n\n", op.name, op.doc.trim());
    let effect = if op.pure { "no effect" } else { "has an effect: never merged or removed" };
    let meaning = if op.interp.is_some() { "interpreted" } else { "not interpreted" };
    out.push_str(&format!("Level `{}`; {effect}; {meaning}.\n", op.level));
    let values = op.operands.iter().map(|s| value("operand", s)).chain(op.results.iter().map(|s| value("result", s)));
    let attrs = op.attrs.iter().map(|a| {
        let need = if a.required { "" } else { ", may be absent" };
        [format!("attribute `{}`", a.name), format!("{}{need}", a.kind.words()), a.doc.to_string()]
    });
    let rows: Vec<[String; 3]> = values.chain(attrs).collect();
    if !rows.is_empty() {
        out.push_str(&format!("\n{}", table(["name", "is", "meaning"], rows)));
    }
    out
}

fn value(what: &str, slot: &Slot) -> [String; 3] {
    let many = match slot.arity {
        Arity::One => "",
        Arity::Optional => ", may be absent",
        Arity::Variadic => ", any number, all of one type",
        Arity::Mixed => ", any number of any types",
    };
    [format!("{what} `{}`", slot.name), format!("{}{many}", slot.kind.words()), String::new()]
}
