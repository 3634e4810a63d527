//! Pages of documentation: the commands in them, the output they show, and where they point.

/// A ```` ```sh ```` block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Line of its fence, from 1.
    pub line: usize,
    /// What is between the fences.
    pub commands: String,
    /// The exit code that it must end with.
    pub exit: i32,
    /// What the ```` ```text ```` block right below it holds.
    pub shown: Option<String>,
}

/// A page, taken apart so that it can be put together again with other output.
#[derive(Clone, Debug)]
pub struct Page {
    /// Its command blocks, in order.
    pub blocks: Vec<Block>,
    parts: Vec<Part>,
}

/// A stretch of a page.
#[derive(Clone, Debug)]
enum Part {
    /// As it stands.
    Text(String),
    /// The output of that block.
    Output(usize),
}

impl Page {
    /// Takes a page apart.
    ///
    /// # Errors
    /// `LINE: what is wrong`, for a fence that is not closed or an exit code that is no number.
    pub fn parse(text: &str) -> Result<Page, String> {
        let (mut blocks, mut parts): (Vec<Block>, Vec<Part>) = (Vec::new(), Vec::new());
        let mut kept = String::new();
        // Whether only blank lines came since the last command block.
        let mut right_below = false;
        let mut lines = text.split_inclusive('\n').enumerate();
        while let Some((at, line)) = lines.next() {
            kept.push_str(line);
            let Some(info) = line.trim_end().strip_prefix("```") else {
                right_below &= line.trim().is_empty();
                continue;
            };
            let mut inside = String::new();
            let close = loop {
                match lines.next() {
                    Some((_, l)) if l.trim_end() == "```" => break l,
                    Some((_, l)) => inside.push_str(l),
                    None => return Err(format!("{}: this block is not closed", at + 1)),
                }
            };
            let mut words = info.split_whitespace();
            let language = words.next();
            if language == Some("text") && right_below {
                parts.push(Part::Text(std::mem::take(&mut kept)));
                parts.push(Part::Output(blocks.len() - 1));
                if let Some(block) = blocks.last_mut() {
                    block.shown = Some(inside);
                }
            } else {
                kept.push_str(&inside);
                if language == Some("sh") {
                    let exit = exit_code(words).map_err(|e| format!("{}: {e}", at + 1))?;
                    blocks.push(Block { line: at + 1, commands: inside, exit, shown: None });
                }
            }
            right_below = language == Some("sh");
            kept.push_str(close);
        }
        parts.push(Part::Text(kept));
        Ok(Page { blocks, parts })
    }

    /// The page with the output that its blocks now show.
    pub fn text(&self) -> String {
        let part = |p: &Part| match p {
            Part::Text(text) => text.clone(),
            Part::Output(block) => self.blocks.get(*block).and_then(|b| b.shown.clone()).unwrap_or_default(),
        };
        self.parts.iter().map(part).collect()
    }
}

/// The links of a page to files, each with its line: relative, without the part after `#`. Links in code do not count.
pub fn links(text: &str) -> Vec<(usize, &str)> {
    let mut fenced = false;
    let mut out = Vec::new();
    for (at, line) in text.lines().enumerate() {
        fenced ^= line.starts_with("```");
        let ends = line.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        let files = ends.filter(|to| !to.contains("://")).map(|to| to.split('#').next().unwrap_or(to));
        out.extend(files.filter(|to| !fenced && !to.is_empty()).map(|to| (at + 1, to)));
    }
    out
}

fn exit_code<'a>(words: impl Iterator<Item = &'a str>) -> Result<i32, String> {
    let mut code = 0;
    for word in words {
        let number = word.strip_prefix("exit=").and_then(|n| n.parse().ok());
        code = number.ok_or_else(|| format!("`{word}` is not `exit=` and a number"))?;
    }
    Ok(code)
}

#[cfg(test)]
mod tests {
    use super::{Page, links};

    const PAGE: &str =
        "# A\n\n```sh\necho a\n```\n\n```text\na\n```\n\n```text\nfree\n```\n```sh exit=2\nfalse\n```\nend\n";

    #[test]
    fn blocks_are_found_with_their_output_and_exit_code() {
        let page = Page::parse(PAGE).expect("a page");
        let found: Vec<_> = page.blocks.iter().map(|b| (b.line, b.commands.as_str(), b.exit)).collect();
        assert_eq!(found, [(3, "echo a\n", 0), (14, "false\n", 2)]);
        assert_eq!(page.blocks[0].shown.as_deref(), Some("a\n"));
        assert_eq!(page.blocks[1].shown, None);
        assert_eq!(page.text(), PAGE);
    }

    #[test]
    fn new_output_replaces_only_what_is_shown() {
        let mut page = Page::parse(PAGE).expect("a page");
        page.blocks[0].shown = Some("b\nc\n".into());
        assert_eq!(page.text(), PAGE.replace("```text\na\n", "```text\nb\nc\n"));
    }

    #[test]
    fn slips_in_a_page_are_named_by_line() {
        assert!(Page::parse("x\n```sh\nls\n").is_err_and(|e| e.starts_with("2: ")));
        assert!(Page::parse("```sh exit=one\n```\n").is_err_and(|e| e.starts_with("1: ")));
    }

    #[test]
    fn links_to_files_are_found_but_not_those_elsewhere_or_in_code() {
        let text = "[a](b.md#c) and [d](https://e.f)\n```sh\n[g](h)\n```\n[i](#j), [k](l/m)\n";
        assert_eq!(links(text), [(1, "b.md"), (5, "l/m")]);
    }
}
