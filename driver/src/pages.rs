//! Pages of `prism explain`, made from the registries: one function per kind of thing.

use crate::catalogue::{levels, sentence};
use crate::table::table;
use prism_dialects::define::{Arity, Dialect, OpDef, Slot};
use prism_dialects::registry as dialects;
use prism_hardware::target::{SHIPPED, explain as explain_field, fields};
use prism_passes::egraph::rules::{self, Phase, Rule};
use prism_passes::manager::{Change, OptionDef};
use prism_passes::nn::recognise::{PATTERNS, Pattern};
use prism_passes::pipelines::{STAGES, Stage};
use prism_passes::{PassInfo, registry};
use prism_support::{Code, codes};
use std::fmt::Write;

/// What a name stands for.
pub struct Page {
    /// Kind of thing, such as `pass`.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// The page, ending in a newline.
    pub text: String,
}

/// Every page under a name: a word may name a dialect, a stage and a level at once.
pub fn find(name: &str) -> Vec<Page> {
    let page = |kind, text: String| Page { kind, name: name.to_string(), text };
    let mut out = Vec::new();
    out.extend(registry::find(name).map(|p| page("pass", pass(p))));
    out.extend(Stage::parse(name).map(|s| page("stage", stage(s))));
    out.extend(dialects::DIALECTS.iter().find(|d| d.name == name).map(|d| page("dialect", dialect(d))));
    out.extend(dialects::find(name).map(|op| page("operation", operation(op))));
    out.extend(rules::find(name).map(|r| page("rule", rule(r))));
    out.extend(PATTERNS.iter().find(|p| p.name == name).map(|p| page("rule", pattern(p))));
    out.extend(codes::find(name).map(|c| page("code", code(c))));
    out.extend(SHIPPED.iter().find(|(n, _)| *n == name).map(|(_, text)| page("target", (*text).to_string())));
    let field = name.strip_prefix("target.").unwrap_or(name);
    out.extend(explain_field(field).map(|text| page("target field", text)));
    if name == "target" {
        out.push(page("file", target_file()));
    }
    if let Some((pass, option)) = name.split_once('.') {
        let found = registry::find(pass).and_then(|p| Some((p, p.option(option)?)));
        out.extend(found.map(|(p, o)| page("pass option", format!("{}.{}\n\n{}", p.name, o.name, option_text(o)))));
    }
    out
}

/// What a target file holds: its outermost fields.
fn target_file() -> String {
    let top = fields().iter().filter(|f| f.parent().is_empty());
    let rows: Vec<Vec<String>> =
        top.map(|f| vec![format!("target.{}", f.path), f.doc.lines().next().unwrap_or("").to_string()]).collect();
    format!(
        "A machine, as a TOML file; `prism list targets` shows those that come with Prism.\n\n{}",
        table(&["field", "meaning"], &rows)
    )
}

fn pass(p: &PassInfo) -> String {
    let to = match p.to {
        Change::Keeps => "the same level".to_string(),
        Change::To(level) => format!("level {level}"),
    };
    let mut out = format!("{} (pass): level {} to {to}\n\n{}\n", p.name, levels(p), p.page.trim());
    if p.needs_target {
        out.push_str("\nIt asks the target.\n");
    }
    if !p.options.is_empty() {
        out.push_str("\nOptions\n");
        for o in p.options {
            let _ = write!(out, "\n  {}.{}\n", p.name, o.name);
            for line in option_text(o).lines() {
                let _ = writeln!(out, "    {line}");
            }
        }
    }
    if !p.counters.is_empty() {
        let rows: Vec<Vec<String>> = p.counters.iter().map(|c| vec![c.name.into(), c.doc.into()]).collect();
        let _ = write!(out, "\nCounters of --stats\n\n{}", indented(&table(&["name", "counts"], &rows)));
    }
    out
}

fn option_text(o: &OptionDef) -> String {
    let default = if o.default.is_empty() { "none" } else { o.default };
    format!("{}\nvalue: {}\ndefault: {default}\n", o.doc, o.kind.words())
}

fn stage(stage: Stage) -> String {
    let mut out = format!("{} (stage): a program of level {}\n\n", stage.name(), stage.level());
    match STAGES.iter().find(|s| s.to == stage) {
        None => {
            out.push_str("The program as imported: one operation per node of the model. Compilations start here.\n")
        }
        Some(s) => {
            let _ = write!(out, "{}\n\npasses: {}\n", s.purpose, s.passes.join(","));
        }
    }
    let _ = write!(out, "\n`prism compile MODEL --to {0}` stops here, `--from {0}` goes on from here.\n", stage.name());
    out
}

fn dialect(d: &Dialect) -> String {
    let rows: Vec<Vec<String>> = d.ops.iter().map(|op| vec![op.name.into(), sentence(op.doc)]).collect();
    let mut out = format!("{}\n\nOperations\n\n{}", d.page.trim(), indented(&table(&["name", "does"], &rows)));
    if !d.types.is_empty() {
        out.push_str("\nTypes\n\n");
        for t in &d.types {
            let parameters =
                if t.parameters.is_empty() { String::new() } else { format!("<{}>", t.parameters.join(", ")) };
            let _ = writeln!(out, "  !{}.{}{parameters}  {}", d.name, t.name, t.doc);
        }
    }
    out
}

fn slots(title: &str, slots: &[Slot]) -> String {
    if slots.is_empty() {
        return String::new();
    }
    let row = |s: &Slot| {
        let arity = match s.arity {
            Arity::One => "one",
            Arity::Optional => "none or one",
            Arity::Variadic => "any number",
            Arity::Mixed => "any number, of mixed types",
        };
        vec![s.name.to_string(), arity.into(), s.kind.words()]
    };
    let rows: Vec<Vec<String>> = slots.iter().map(row).collect();
    format!("\n{title}\n\n{}", indented(&table(&["name", "number", "type"], &rows)))
}

fn operation(op: &OpDef) -> String {
    let mut out = format!("{} (operation of level {})\n\n{}\n", op.name, op.level, op.doc.trim());
    out.push_str(&slots("Operands", &op.operands));
    out.push_str(&slots("Results", &op.results));
    if !op.attrs.is_empty() {
        let need = |required: bool| if required { "required" } else { "optional" }.to_string();
        let rows: Vec<Vec<String>> = op
            .attrs
            .iter()
            .map(|a| vec![a.name.into(), need(a.required), a.kind.words().into(), a.doc.into()])
            .collect();
        let columns = ["name", "presence", "value", "says"];
        let _ = write!(out, "\nAttributes\n\n{}", indented(&table(&columns, &rows)));
    }
    let effect = if op.pure {
        "Pure: equal uses may be merged, unused ones removed."
    } else {
        "Uses are never merged or removed."
    };
    let _ = write!(out, "\n{effect}\n");
    out
}

fn pattern(p: &Pattern) -> String {
    let makes = if p.makes.is_empty() { "what it completes" } else { p.makes };
    format!(
        "{} (rule, {}, phase recognise)\n\n{}\n\nfinds: {}\nmakes: {makes}\non: {}\nwithout it: recognise{{without=[{}]}}\n",
        p.name,
        p.kind.name(),
        p.doc,
        p.forms,
        p.roots.join(", "),
        p.name
    )
}

fn rule(r: &Rule) -> String {
    let phase = if r.phase == Phase::Algebra { "algebra" } else { "realise" };
    let roots = (r.roots)().join(", ");
    format!(
        "{} (rule, {}, phase {phase})\n\n{}\n\nwhen: {}\non: {roots}\nwithout it: saturate{{without=[{}]}}\n",
        r.name,
        r.kind.name(),
        r.doc.trim(),
        r.condition,
        r.name
    )
}

fn code(c: &Code) -> String {
    let lines: Vec<&str> = c.page.lines().map(str::trim).collect();
    format!("{}: {}\n\n{}\n\nexit code: {}\n", c.name, c.title, lines.join("\n").trim(), c.exit)
}

fn indented(text: &str) -> String {
    text.lines().map(|l| format!("  {l}\n")).collect()
}

#[cfg(test)]
mod tests {
    use super::find;
    use crate::catalogue::names;

    #[test]
    fn every_name_has_a_page() {
        let without: Vec<String> = names().into_iter().filter(|n| find(n).is_empty()).collect();
        assert!(without.is_empty(), "{without:?}");
        assert!(names().len() > 100);
        for page in names().iter().flat_map(|n| find(n)) {
            assert!(page.text.ends_with('\n') && page.text.len() > 40, "{} {}", page.kind, page.name);
        }
    }

    #[test]
    fn a_page_says_what_options_take() {
        let page = find("saturate.max-nodes").remove(0);
        assert!(
            page.text.contains("a whole number from 1 to") && page.text.contains("default: 500000"),
            "{}",
            page.text
        );
        assert_eq!(find("e0502").len(), 1);
        assert!(find("nothing-of-this-name").is_empty());
    }
}
