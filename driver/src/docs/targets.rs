//! Machines that come with Prism, and the fields of a target file.

use super::markdown::{code_list, table};
use prism_hardware::Target;
use prism_hardware::target::{FieldDoc, FieldKind, Presence, SHIPPED, fields};

/// The machines.
pub(super) fn page() -> String {
    let mut out = String::from(
        "# Targets\n\nThe machines that come with Prism, with every figure and where it comes from. \
         What a field means: [target fields](target-fields.md).\n",
    );
    for (name, _) in SHIPPED {
        out.push_str(&match Target::shipped(name) {
            Some(Ok(target)) => section(&target),
            // A test of the machines fails first.
            _ => format!("\n## `{name}`\n\nThis file does not read.\n"),
        });
    }
    out
}

fn section(target: &Target) -> String {
    let name = &target.name;
    let mut out = format!("\n## `{name}`\n\n{}\n\n", target.description);
    out.push_str(&format!("Source: {}. File: [{name}.toml](../../examples/targets/{name}.toml).\n\n", target.source));
    let electronic = code_list(target.electronic.iter().map(|u| &*u.name));
    let photonic = code_list(target.photonic.iter().map(|u| &*u.name));
    out.push_str(&format!("Electronic units: {}. Photonic units: {}.\n\n", or_none(electronic), or_none(photonic)));
    let rows = target.stated().iter().map(|s| [s.field.clone(), s.value.clone(), s.source.clone()]);
    out.push_str(&table(["quantity", "value", "source"], rows));
    out
}

fn or_none(text: String) -> String {
    if text.is_empty() { "none".into() } else { text }
}

/// The fields.
pub(super) fn fields_page() -> String {
    let mut out = String::from(
        "# Target fields\n\nEvery field of a target file. A quantity carries its unit; a table with quantities, or a quantity \
         by itself, carries its source: `clock = { value = \"9.7 GHz\", source = \"...\" }`.\n\n",
    );
    out.push_str(&rows("Top level", ""));
    for f in fields().iter().filter(|f| matches!(f.kind, FieldKind::Table | FieldKind::Tables)) {
        let header = if f.kind == FieldKind::Tables { format!("[[{}]]", f.path) } else { format!("[{}]", f.path) };
        let need = if f.presence == Presence::Optional { " May be left out." } else { "" };
        out.push_str(&format!("\n## `{header}`\n\n{}{need}\n\n", f.doc));
        out.push_str(&rows("", f.path));
    }
    out
}

fn rows(title: &str, parent: &str) -> String {
    let inner = fields().iter().filter(|f| f.parent() == parent);
    let heading = if title.is_empty() { String::new() } else { format!("## {title}\n\n") };
    heading + &table(["field", "value", "range", "left out", "meaning"], inner.map(cells))
}

fn cells(field: &FieldDoc) -> [String; 5] {
    let left_out = match field.presence {
        Presence::Required => "no".to_string(),
        Presence::Optional => "yes".to_string(),
        Presence::Default(value) => format!("`{value}`"),
    };
    let counted = field.kind.is_quantity() || field.kind == FieldKind::Count;
    let range = if counted { field.range.text() } else { String::new() };
    [format!("`{}`", field.name()), field.kind.expected(), range, left_out, field.doc.to_string()]
}
