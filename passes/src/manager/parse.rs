//! The parser of pipeline texts; the grammar is in [`super::spec`]. All problems of a text are found at once.

use super::info::{OptionKind, PassInfo};
use super::options::{OptionValue, Options, Written, is_bare};
use super::spec::{FLAG, Pipeline, Step, StepKind};
use super::upstream::{self, UpstreamPass};
use crate::registry;
use prism_support::codes::{E0104, E0601, E0603};
use prism_support::suggest::did_you_mean;
use prism_support::{Code, Diagnostic, Diagnostics, Place, Result};
use std::ops::Range;

/// No pipeline text may be longer, in bytes.
const MAX_TEXT: usize = 1 << 16;
/// No bracket of a pipeline text may be nested deeper.
const MAX_DEPTH: usize = 32;

/// Finds a pass of Prism by name.
pub(super) type Find<'a> = &'a dyn Fn(&str) -> Option<&'static PassInfo>;
/// Whether MLIR knows a pass text.
pub(super) type Knows<'a> = &'a dyn Fn(&str) -> bool;

/// [`Pipeline::parse`] over given passes.
pub(super) fn parse(text: &str, find: Find<'_>, knows: Knows<'_>) -> Result<Pipeline> {
    if text.len() > MAX_TEXT {
        let d = Diagnostic::error(&E0601, "the pipeline text is too long");
        return Err(d.found(format!("{} bytes", text.len())).allowed(format!("{MAX_TEXT} bytes")).into());
    }
    let mut parser = Parser { text, at: 0, problems: Diagnostics::new(), find, knows };
    let steps = parser.pipeline();
    parser.problems.into_result(Pipeline { steps, source: text.to_string() })
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    problems: Diagnostics,
    find: Find<'a>,
    knows: Knows<'a>,
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || "-_.".contains(c)
}

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn take_while(&mut self, accept: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let taken = &rest[..rest.find(|c| !accept(c)).unwrap_or(rest.len())];
        self.at += taken.len();
        taken
    }

    fn skip_space(&mut self) {
        self.take_while(char::is_whitespace);
    }

    fn eat(&mut self, c: char) -> bool {
        self.skip_space();
        let found = self.peek() == Some(c);
        if found {
            self.at += c.len_utf8();
        }
        found
    }

    fn error(&self, code: &'static Code, span: Range<usize>, headline: impl Into<String>) -> Diagnostic {
        let place = Place::Text { name: FLAG.into(), text: self.text.into(), span };
        Diagnostic::error(code, headline).at(place)
    }

    /// What stands here instead of what was expected.
    fn unexpected(&mut self, expected: &str) {
        let (found, width) = match self.peek() {
            Some(c) => (format!("`{c}`"), c.len_utf8()),
            None => ("the end of the text".into(), 0),
        };
        let d = self.error(&E0601, self.at..self.at + width, format!("expected {expected}"));
        self.problems.push(d.found(found).allowed("PASS, PASS{OPTION=VALUE,...}, joined by commas"));
    }

    fn pipeline(&mut self) -> Vec<Step> {
        let mut steps = Vec::new();
        self.skip_space();
        if self.peek().is_none() {
            return steps;
        }
        loop {
            if let Some(step) = self.step() {
                steps.push(step);
            }
            self.skip_space();
            if self.peek().is_none() {
                return steps;
            }
            if !self.eat(',') {
                self.unexpected("a comma between passes");
                self.skip_to_comma();
                if !self.eat(',') {
                    return steps;
                }
            }
        }
    }

    fn step(&mut self) -> Option<Step> {
        self.skip_space();
        let start = self.at;
        let name = self.take_while(is_name);
        if name.is_empty() {
            self.unexpected("the name of a pass");
            self.skip_to_comma();
            return None;
        }
        let span = start..self.at;
        let nested = self.rest().trim_start().starts_with('(');
        match (self.find)(name).filter(|_| !nested) {
            Some(info) => {
                let options = self.options(info)?;
                Some(Step { kind: StepKind::Own(info, options), span })
            }
            None => self.upstream(name, span),
        }
    }

    fn upstream(&mut self, name: &str, span: Range<usize>) -> Option<Step> {
        self.skip_space();
        if self.peek().is_some_and(|c| c == '(' || c == '{') && !self.skip_group() {
            return None;
        }
        let text = upstream::normal(&self.text[span.start..self.at]);
        if let Some(pass) = UpstreamPass::new(&text, self.knows) {
            return Some(Step { kind: StepKind::Upstream(pass), span });
        }
        let d = self.unknown(name, &text, span);
        self.problems.push(d);
        None
    }

    /// Why `text`, which begins with `name`, is no step.
    fn unknown(&self, name: &str, text: &str, span: Range<usize>) -> Diagnostic {
        let whole = span.start..self.at;
        if text.contains('(') {
            let hint = match (self.find)(name) {
                Some(_) => format!("options go in braces: `{name}{{OPTION=VALUE}}`"),
                None => "inside `OP(...)` only MLIR's own passes run; put Prism's passes outside".into(),
            };
            let d = self.error(&E0601, whole, "this is not a nested pipeline of MLIR").found(text);
            return d.allowed("OP(PASS,...), such as func.func(canonicalize)").hint(hint);
        }
        if text.contains('{') && UpstreamPass::new(name, self.knows).is_some() {
            let d = self.error(&E0603, whole, format!("MLIR does not accept these options of `{name}`")).found(text);
            return d.hint("MLIR separates options by spaces: `PASS{a=1 b=2}`");
        }
        let near = did_you_mean(name, registry::PASSES.iter().map(|p| p.name));
        self.error(&E0104, span, format!("no pass is called `{name}`"))
            .allowed("the passes of `prism list passes`, or one of MLIR's")
            .hint_if(near)
    }

    /// Options in braces, if there are any; `None` where the braces cannot be read on.
    fn options(&mut self, info: &'static PassInfo) -> Option<Options> {
        let mut options = Options::defaults(info);
        if !self.eat('{') {
            return Some(options);
        }
        let mut given: Vec<usize> = Vec::new();
        if self.eat('}') {
            return Some(options);
        }
        loop {
            self.skip_space();
            let start = self.at;
            let name = self.take_while(is_name);
            let name_span = start..self.at;
            if name.is_empty() || !self.eat('=') {
                self.unexpected(if name.is_empty() { "the name of an option" } else { "`=` and a value" });
                self.skip_past_brace();
                return None;
            }
            self.skip_space();
            let start = self.at;
            let Some(written) = self.value() else {
                self.skip_past_brace();
                return None;
            };
            let value_span = start..self.at;
            if let Some((index, value)) = self.option(info, name, name_span, &written, value_span, &given) {
                given.push(index);
                options.set(index, value);
            }
            if self.eat('}') {
                return Some(options);
            }
            if !self.eat(',') {
                self.unexpected("a comma or `}` after an option");
                self.skip_past_brace();
                return None;
            }
        }
    }

    fn option(
        &mut self,
        info: &'static PassInfo,
        name: &str,
        name_span: Range<usize>,
        written: &Written,
        value_span: Range<usize>,
        given: &[usize],
    ) -> Option<(usize, OptionValue)> {
        let Some(index) = info.options.iter().position(|o| o.name == name) else {
            let names: Vec<&str> = info.options.iter().map(|o| o.name).collect();
            let allowed = if names.is_empty() { "none".to_string() } else { names.join(", ") };
            let d = self.error(&E0603, name_span, format!("`{}` has no option `{name}`", info.name));
            self.problems.push(d.allowed(allowed).hint_if(did_you_mean(name, names)));
            return None;
        };
        if given.contains(&index) {
            let d = self.error(&E0603, name_span, format!("option `{name}` of `{}` is given twice", info.name));
            self.problems.push(d.allowed("each option once"));
            return None;
        }
        let def = &info.options[index];
        let value = OptionValue::read(&def.kind, written);
        if value.is_none() {
            let found = self.text.get(value_span.clone()).unwrap_or("").to_string();
            let near = match (&def.kind, written) {
                (OptionKind::Choice(words), Written::One(w)) => did_you_mean(w, words.iter().copied()),
                _ => None,
            };
            let headline = format!("option `{name}` of `{}` does not take this value", info.name);
            let d = self.error(&E0603, value_span, headline).found(found).allowed(def.kind.words());
            self.problems.push(d.hint_if(near));
        }
        value.map(|v| (index, v))
    }

    fn value(&mut self) -> Option<Written> {
        if !self.eat('[') {
            return self.word().map(Written::One);
        }
        let mut items = Vec::new();
        if self.eat(']') {
            return Some(Written::Many(items));
        }
        loop {
            self.skip_space();
            items.push(self.word()?);
            if self.eat(']') {
                return Some(Written::Many(items));
            }
            if !self.eat(',') {
                self.unexpected("a comma or `]` in a list");
                return None;
            }
        }
    }

    /// A bare word or a quoted text.
    fn word(&mut self) -> Option<String> {
        if self.peek() == Some('"') {
            return self.quoted();
        }
        let word = self.take_while(is_bare);
        if word.is_empty() {
            self.unexpected("a value");
            return None;
        }
        Some(word.to_string())
    }

    fn quoted(&mut self) -> Option<String> {
        let start = self.at;
        self.at += 1;
        let mut out = String::new();
        let mut escaped = false;
        for (i, c) in self.rest().char_indices() {
            match (escaped, c) {
                (true, 'n') => out.push('\n'),
                (true, 't') => out.push('\t'),
                (true, 'r') => out.push('\r'),
                (true, c) => out.push(c),
                (false, '\\') => {
                    escaped = true;
                    continue;
                }
                (false, '"') => {
                    self.at += i + 1;
                    return Some(out);
                }
                (false, c) => out.push(c),
            }
            escaped = false;
        }
        self.at = self.text.len();
        let d = self.error(&E0601, start..self.text.len(), "a quoted value has no end");
        self.problems.push(d.allowed("a closing `\"`"));
        None
    }

    /// Skips one bracketed group, quotes respected; complains where it does not end or is too deep.
    fn skip_group(&mut self) -> bool {
        let start = self.at;
        match group_end(self.rest(), MAX_DEPTH) {
            Ok(length) => {
                self.at += length;
                true
            }
            Err(what) => {
                self.at = self.text.len();
                let d = self.error(&E0601, start..start + 1, format!("a bracket {what}"));
                self.problems.push(d.allowed(format!("brackets that match, at most {MAX_DEPTH} deep")));
                false
            }
        }
    }

    /// To the next comma that is outside brackets, or to the end.
    fn skip_to_comma(&mut self) {
        while let Some(c) = self.peek() {
            match c {
                ',' => return,
                '(' | '{' | '[' => self.at += group_end(self.rest(), MAX_DEPTH).unwrap_or(self.rest().len()),
                c => self.at += c.len_utf8(),
            }
        }
    }

    /// Past the brace that closes the options, or to the end.
    fn skip_past_brace(&mut self) {
        self.at += self.rest().find('}').map_or(self.rest().len(), |i| i + 1);
    }
}

/// Length of the bracketed group that `text` starts with, or why it has none.
fn group_end(text: &str, max_depth: usize) -> std::result::Result<usize, &'static str> {
    let mut open: Vec<char> = Vec::new();
    let (mut quoted, mut escaped) = (false, false);
    for (i, c) in text.char_indices() {
        if quoted {
            quoted = escaped || c != '"';
            escaped = !escaped && c == '\\';
            continue;
        }
        match c {
            '"' => quoted = true,
            '(' => open.push(')'),
            '{' => open.push('}'),
            '[' => open.push(']'),
            ')' | '}' | ']' if open.pop() != Some(c) => return Err("is closed by another kind"),
            _ => {}
        }
        if open.len() > max_depth {
            return Err("is nested too deeply");
        }
        if open.is_empty() {
            return Ok(i + c.len_utf8());
        }
    }
    Err("is never closed")
}
