//! `prism validate`: published figures beside what the shipped machines give. The names in its JSON are a contract:
//! `docs/schema/validate.schema.json`.

use crate::bars::{BOLD, DIM};
use crate::console::Console;
use crate::table::table;
use prism_hardware::validate::{Basis, GROUPS, Outcome, Row, names, rows, run as compute};
use prism_support::codes::{E0104, E0107};
use prism_support::{Diagnostic, Diagnostics, Result, suggest};
use std::fmt::Write;

/// Arguments of `prism validate`.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  prism validate\n  prism validate gemm albireo\n  \
                        prism validate lt.model.deit-t --format json\n  prism validate --failed")]
pub struct Args {
    /// Rows: a group, a shipped machine, or the start of an id [default: all]
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// Show rows outside their tolerance only
    #[arg(long)]
    failed: bool,
    /// Show groups and how many rows they have
    #[arg(long, conflicts_with = "failed")]
    list: bool,
}

/// Computes and compares.
///
/// # Errors
/// [`E0104`] for a name that means no row, [`E0107`] when a figure is outside its tolerance.
pub fn run(args: &Args, console: &Console) -> Result<()> {
    let rows = chosen(&args.names)?;
    if args.list {
        return list(&rows, console);
    }
    let all = compute(&rows);
    let failed = all.iter().filter(|o| !o.pass).count();
    let shown: Vec<&Outcome> = all.iter().filter(|o| !args.failed || !o.pass).collect();
    if console.json() {
        // Strings and finite numbers always have a JSON form.
        console.data(&format!("{:#}\n", serde_json::to_value(&shown).unwrap_or_default()))?;
    } else {
        console.data(&text(&shown, console))?;
        console.data(&summary(&all, failed))?;
    }
    if failed == 0 {
        return Ok(());
    }
    let worst: Vec<&str> = all.iter().filter(|o| !o.pass).map(|o| o.id.as_str()).take(5).collect();
    let more = if failed > worst.len() { format!(" and {} more", failed - worst.len()) } else { String::new() };
    Err(Diagnostic::error(&E0107, format!("{failed} of {} figures are outside their tolerance", all.len()))
        .found(format!("{}{more}", worst.join(", ")))
        .hint("`prism validate --failed` shows them")
        .into())
}

fn chosen(given: &[String]) -> Result<Vec<Row>> {
    let mut all = rows();
    if given.is_empty() {
        return Ok(all);
    }
    let mut problems = Diagnostics::new();
    for name in given.iter().filter(|name| !all.iter().any(|row| row.is_called(name))) {
        let known = names(&all);
        let groups: Vec<&str> = GROUPS.iter().map(|g| g.name).collect();
        problems.push(
            Diagnostic::error(&E0104, format!("no published figure is called `{name}`"))
                .allowed(format!("{}; a shipped machine; the start of an id", groups.join(", ")))
                .hint_if(suggest::did_you_mean(name, known.iter().map(String::as_str))),
        );
    }
    all.retain(|row| given.iter().any(|name| row.is_called(name)));
    problems.into_result(all)
}

fn list(rows: &[Row], console: &Console) -> Result<()> {
    let of = |name: &str| rows.iter().filter(|r| r.group == name).collect::<Vec<_>>();
    let groups = GROUPS.iter().map(|g| (g, of(g.name))).filter(|(_, rows)| !rows.is_empty());
    if console.json() {
        let object = |(g, rows): (&prism_hardware::validate::Group, Vec<&Row>)| serde_json::json!({ "group": g.name, "title": g.title, "rows": rows.len() });
        return console.data(&format!("{:#}\n", serde_json::Value::from_iter(groups.map(object))));
    }
    let cells = groups.map(|(g, rows)| {
        let published = rows.iter().filter(|r| r.published.is_some()).count();
        vec![g.name.to_string(), rows.len().to_string(), published.to_string(), g.title.to_string()]
    });
    console.data(&table(&["group", "rows", "published", "title"], &cells.collect::<Vec<_>>()))
}

fn text(outcomes: &[&Outcome], console: &Console) -> String {
    let mut out = String::new();
    for group in GROUPS {
        let rows: Vec<Vec<String>> = outcomes.iter().filter(|o| o.group == group.name).map(|o| cells(o)).collect();
        if rows.is_empty() {
            continue;
        }
        let _ = writeln!(out, "{}", console.paint(BOLD, &format!("{}: {}", group.name, group.title)));
        let header = ["case", "figure", "ours", "published", "unit", "error", "tolerance", "label", ""];
        for line in table(&header, &rows).lines() {
            let _ = writeln!(out, "  {line}");
        }
        for source in sources(outcomes.iter().filter(|o| o.group == group.name)) {
            let _ = writeln!(out, "  {}", console.paint(DIM, &source));
        }
        out.push('\n');
    }
    out
}

/// Most sources shown below a table.
const SOURCES: usize = 6;

/// Where the figures of a group come from, in order of appearance.
fn sources<'a>(outcomes: impl Iterator<Item = &'a &'a Outcome>) -> Vec<String> {
    let mut seen: Vec<&str> = Vec::new();
    for outcome in outcomes.filter(|o| o.published.is_some()) {
        if !seen.contains(&outcome.source.as_str()) {
            seen.push(&outcome.source);
        }
    }
    let more = seen.len().saturating_sub(SOURCES);
    let mut lines: Vec<String> = seen.iter().take(SOURCES).map(|s| format!("source: {s}")).collect();
    if more > 0 {
        lines.push(format!("{more} more sources: `--format json` has that of each row"));
    }
    lines
}

fn cells(o: &Outcome) -> Vec<String> {
    // What rounds to nothing has no sign.
    let percent = |x: f64| format!("{:+.2} %", x * 100.0).replace("-0.00 %", "+0.00 %");
    let mut ours = o.ours.map_or("none".into(), digits);
    if let Some(without) = o.ours_without_legacy.filter(|w| Some(*w) != o.ours) {
        let _ = write!(ours, " ({} without slips)", digits(without));
    }
    if let Some([low, high]) = o.interval {
        let _ = write!(ours, " ({} to {})", digits(low), digits(high));
    }
    let published = o.published.map_or("-".into(), digits);
    let tolerance = match (o.published, o.interval) {
        (None, _) => "-".to_string(),
        (Some(_), Some(_)) => "interval".to_string(),
        (Some(_), None) if o.tolerance == 0.0 => "exact".to_string(),
        (Some(_), None) => format!("{} %", significant(o.tolerance * 100.0, 2)),
    };
    let verdict = match (o.pass, o.published) {
        (true, Some(_)) if o.is_wide() => "in range, too wide to confirm",
        (true, Some(_)) if o.basis == Basis::Filled.word() => "ok, open parameters filled",
        (true, Some(_)) if o.basis == Basis::Equations.word() => "ok, worked out",
        (true, Some(_)) if o.basis == Basis::Guard.word() => "ok, parameters derived from it",
        (true, Some(_)) => "ok",
        (true, None) => "",
        (false, _) => "FAIL",
    };
    vec![
        o.case.clone(),
        o.figure.clone(),
        ours,
        published,
        o.unit.into(),
        o.error.map_or("-".into(), percent),
        tolerance,
        o.label.into(),
        verdict.into(),
    ]
}

/// Six significant digits, as many as are published.
fn digits(x: f64) -> String {
    significant(x, 6)
}

fn significant(x: f64, count: i64) -> String {
    let decimals = if x == 0.0 { 0 } else { (count - 1 - x.abs().log10().floor() as i64).clamp(0, 12) };
    let text = format!("{x:.*}", decimals as usize);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_string() } else { text }
}

fn summary(all: &[Outcome], failed: usize) -> String {
    let published = all.iter().filter(|o| o.published.is_some()).count();
    let mut verdict = match failed {
        0 => "all within their tolerance".to_string(),
        n => format!("{n} outside their tolerance"),
    };
    let count = |is: &dyn Fn(&Outcome) -> bool| all.iter().filter(|o| o.published.is_some() && is(o)).count();
    for (n, what) in [
        (count(&|o| o.basis == Basis::Equations.word()), "worked out from published equations"),
        (count(&|o| o.basis == Basis::Arithmetic.word()), "arithmetic of published numbers alone"),
        (count(&|o| o.basis == Basis::Filled.word()), "with open parameters filled in their view"),
        (count(&|o| o.basis == Basis::Guard.word()), "that parameters were derived from"),
        (count(&|o| o.is_wide()), "in intervals too wide to confirm them"),
    ] {
        if n > 0 {
            let _ = write!(verdict, ", {n} {what}");
        }
    }
    let open = match all.len() - published {
        0 => String::new(),
        n => format!("; {n} that nobody published"),
    };
    match published {
        0 => format!("no published figure{open}\n"),
        1 => {
            format!("1 figure, {}{open}\n", if failed == 0 { "within its tolerance" } else { "outside its tolerance" })
        }
        n => format!("{n} figures, {verdict}{open}\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::digits;
    use crate::report::tests::violations;
    use prism_hardware::validate::{rows, run};
    use serde_json::Value;

    const SCHEMA: &str = include_str!("../../../docs/schema/validate.schema.json");

    #[test]
    fn results_follow_their_schema_and_keep_their_order() {
        let schema: Value = serde_json::from_str(SCHEMA).expect("the schema is JSON");
        let outcomes = run(&rows());
        let mut value = serde_json::to_value(&outcomes).expect("JSON");
        let mut found = Vec::new();
        violations(&schema, &value, "validate", &mut found);
        assert!(found.is_empty(), "{found:?}");
        let keys: Vec<&str> = value[0].as_object().expect("object").keys().map(String::as_str).collect();
        let order = "id group case figure ours unit published tolerance error pass label source";
        assert_eq!(keys[..12].join(" "), order);
        value[0]["label"] = "guess".into();
        violations(&schema, &value, "validate", &mut found);
        assert_eq!(found.len(), 1, "{found:?}");
    }

    #[test]
    fn figures_have_six_digits() {
        let shown: Vec<String> = [0.0, 14_752.6, 0.019_35, 138.24, 1.0, 2_271_795.0].into_iter().map(digits).collect();
        assert_eq!(shown, ["0", "14752.6", "0.01935", "138.24", "1", "2271795"]);
    }
}
