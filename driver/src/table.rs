//! Text tables: columns aligned, no frames, so that they copy and grep well.

use std::fmt::Write;
use std::io::IsTerminal;

/// Rows of cells with a header. On a terminal the last column goes on below itself where it would not fit; elsewhere a row is a line.
pub fn table(header: &[&str], rows: &[Vec<String>]) -> String {
    within(header, rows, terminal_width())
}

/// Columns of the terminal that standard output is; none where it is a file or a pipe, which programs read line by line.
fn terminal_width() -> Option<usize> {
    let out = std::io::stdout();
    let size = out.is_terminal().then(|| rustix::termios::tcgetwinsize(out).ok()).flatten()?;
    Some(usize::from(size.ws_col)).filter(|columns| *columns > 0)
}

/// Least width of a column that is wrapped: below that, long lines read better.
const LEAST: usize = 24;

/// The table, at most so wide where the last column can give way.
fn within(header: &[&str], rows: &[Vec<String>], most: Option<usize>) -> String {
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
    let before: usize = widths.iter().rev().skip(1).map(|width| width + 2).sum();
    let room = most.and_then(|most| most.checked_sub(before)).filter(|room| *room >= LEAST);
    let mut out = line(&mut header.iter().copied());
    for row in rows {
        let (Some(room), Some((last, others))) = (room, row.split_last()) else {
            out.push_str(&line(&mut row.iter().map(String::as_str)));
            continue;
        };
        let mut pieces = wrapped(last, room).into_iter();
        let first = pieces.next().unwrap_or_default();
        out.push_str(&line(&mut others.iter().map(String::as_str).chain([first.as_str()])));
        pieces.for_each(|piece| _ = writeln!(out, "{:before$}{piece}", ""));
    }
    out
}

/// A text in lines of at most `width` characters, broken between words; a word that is longer has a line of its own.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_string()),
        }
    }
    lines
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
    let within = within(columns, rows, terminal_width().and_then(|columns| columns.checked_sub(2)));
    for line in within.lines() {
        let _ = writeln!(out, "  {line}");
    }
}

#[cfg(test)]
mod tests {
    use super::{grouped, table, within};

    #[test]
    fn the_last_column_goes_on_below_itself() {
        let rows = vec![vec!["a".to_string(), "one two three four five six seven eight".into()]];
        let narrow = within(&["name", "x"], &rows, Some(30));
        assert_eq!(narrow, "name  x\na     one two three four five\n      six seven eight\n");
        for wide in [None, Some(80), Some(12)] {
            assert_eq!(within(&["name", "x"], &rows, wide).lines().count(), 2, "{wide:?}");
        }
    }

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
