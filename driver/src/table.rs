//! Text tables: columns aligned, no frames, so that they copy and grep well.

use std::fmt::Write;

/// Rows of cells with a header; the last column is as wide as it needs to be.
pub fn table(header: &[&str], rows: &[Vec<String>]) -> String {
    let mut widths: Vec<usize> = header.iter().map(|h| h.chars().count()).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let padded: Vec<String> = cells.zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        format!("{}\n", padded.join("  ").trim_end())
    };
    let mut out = line(&mut header.iter().copied());
    for row in rows {
        out.push_str(&line(&mut row.iter().map(String::as_str)));
    }
    out
}

/// A count with thin groups of three, such as `124_439_808` as `124,439,808`.
pub fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A table below its title; nothing when it has no rows.
pub fn section(out: &mut String, title: &str, columns: &[&str], rows: &[Vec<String>]) {
    if rows.is_empty() {
        return;
    }
    let _ = write!(out, "\n{title}\n");
    for line in table(columns, rows).lines() {
        let _ = writeln!(out, "  {line}");
    }
}

#[cfg(test)]
mod tests {
    use super::{grouped, table};

    #[test]
    fn columns_line_up() {
        let rows = vec![vec!["a".to_string(), "one".into()], vec!["long".into(), "é".into()]];
        assert_eq!(table(&["name", "x"], &rows), "name  x\na     one\nlong  é\n");
        assert_eq!(
            (grouped(7), grouped(1234), grouped(124_439_808)),
            ("7".into(), "1,234".into(), "124,439,808".into())
        );
    }
}
