//! Markdown: tables, and text from elsewhere under the headings of a page.

/// A table. Cells may hold line breaks and bars; they stay in their cell.
pub(super) fn table<const N: usize>(header: [&str; N], rows: impl IntoIterator<Item = [String; N]>) -> String {
    let mut out = row(header.map(str::to_string));
    out.push_str(&row([(); N].map(|()| "---".to_string())));
    out.extend(rows.into_iter().map(|cells| row(cells.map(|c| cell(&c)))));
    out
}

fn row<const N: usize>(cells: [String; N]) -> String {
    format!("| {} |\n", cells.join(" | "))
}

fn cell(text: &str) -> String {
    text.trim().replace('|', "\\|").replace('\n', "<br>")
}

/// A list of words as code, comma between.
pub(super) fn code_list<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    words.into_iter().map(|w| format!("`{w}`")).collect::<Vec<_>>().join(", ")
}

/// A text that begins below a heading of level `level`: its own headings go deeper by as much.
pub(super) fn below(level: usize, text: &str) -> String {
    let mut fenced = false;
    let lines = text.trim_end().lines().map(|line| {
        fenced ^= line.starts_with("```");
        if !fenced && line.starts_with('#') { format!("{}{line}\n", "#".repeat(level)) } else { format!("{line}\n") }
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::{below, table};

    #[test]
    fn cells_keep_to_their_cell() {
        let text = table(["a", "b"], [["x|y".to_string(), "one\ntwo".to_string()]]);
        assert_eq!(text, "| a | b |\n| --- | --- |\n| x\\|y | one<br>two |\n");
    }

    #[test]
    fn headings_sink_but_not_comments_in_code() {
        assert_eq!(below(2, "# T\n```sh\n# c\n```\n"), "### T\n```sh\n# c\n```\n");
    }
}
