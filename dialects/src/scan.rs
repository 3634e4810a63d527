//! Looks over MLIR text before the parser sees it.
//!
//! MLIR's parser is recursive descent and trusts its input: deep nesting overflows its stack, and a few tokens can ask
//! for any amount of memory or time. Everything it recurses on, or sizes something by, is bounded here, in one pass and
//! without recursion:
//!
//! - brackets of every kind, also across attribute and type aliases, which nest without brackets at the use;
//! - operators of one affine expression (`- - - d0`, `d0 + d0 + ...`), on which it recurses as well;
//! - how much text the aliases stand for once written out (`#b = [#a, #a]`, repeated, doubles each time);
//! - comments inside `#dialect<...>`, which MLIR reads as plain characters, so that brackets in them count;
//! - extents and sizes of shapes, elements of constants, result numbers, widths of integer types, digits of numbers.

mod alias;
mod shape;
#[cfg(test)]
mod tests;

use alias::Aliases;
use prism_support::codes::E0302;
use prism_support::render::line_column;
use prism_support::{Diagnostic, Place, Result};
use std::ops::Range;
use std::path::PathBuf;

/// Most bytes of MLIR text that are handed to the parser.
pub const MAX_TEXT_BYTES: usize = 256 << 20;
/// Deepest nesting of brackets, aliases written out.
pub const MAX_NESTING: usize = 256;
/// Most operators in one affine expression.
const MAX_OPERATORS: usize = 256;
/// Most tokens that aliases stand for in a whole text.
const MAX_EXPANSION: u64 = 1 << 28;
/// Most elements of a constant: more than any that is written out, less than what passes would choke on as a splat.
const MAX_CONSTANT_ELEMENTS: u64 = 1 << 32;
/// Most results of one operation that a use may count to: MLIR makes room for as many.
const MAX_RESULT_NUMBER: u64 = 1 << 16;
/// Widest integer type, bits: MLIR stores every integer attribute at full width.
const MAX_INTEGER_BITS: u64 = 4096;
/// Longest number, characters: MLIR's time grows with their square.
const MAX_NUMBER_CHARS: usize = 512;
/// Texts longer than this are not copied into a diagnostic.
const MAX_SHOWN_BYTES: usize = 4 << 20;

/// Refuses text that would bring the parser down. What it lets through may still not parse.
///
/// # Errors
/// [`E0302`] at the first such place.
pub fn check_text(name: &str, text: &str) -> Result<()> {
    if text.len() > MAX_TEXT_BYTES {
        let d = Diagnostic::error(&E0302, format!("`{name}` is too large"));
        return Err(d.found(format!("{} bytes", text.len())).allowed(format!("{MAX_TEXT_BYTES} bytes")).into());
    }
    let mut scan = Scan {
        text,
        at: 0,
        frames: Vec::new(),
        inside_dialect: 0,
        sets: 0,
        before: Before::Start,
        aliases: Aliases::default(),
    };
    scan.run().map_err(|p| p.diagnostic(name, text).into())
}

/// What is wrong, and where.
#[derive(Debug, PartialEq)]
struct Refused {
    span: Range<usize>,
    what: &'static str,
    found: String,
    allowed: String,
}

impl Refused {
    fn new(span: Range<usize>, what: &'static str, found: impl Into<String>, allowed: impl Into<String>) -> Refused {
        Refused { span, what, found: found.into(), allowed: allowed.into() }
    }

    fn diagnostic(self, name: &str, text: &str) -> Diagnostic {
        let d = Diagnostic::error(&E0302, format!("`{name}`: {}", self.what)).found(self.found).allowed(self.allowed);
        if text.len() <= MAX_SHOWN_BYTES {
            return d.at(Place::Text { name: name.into(), text: text.into(), span: self.span });
        }
        let (line, column) = line_column(text, self.span.start);
        d.at(Place::File(PathBuf::from(name))).note(format!("line {line}, column {column}"))
    }
}

/// An open bracket.
struct Frame {
    open: u8,
    /// Follows `#dialect.name` or `!dialect.name`: MLIR may read it character by character.
    dialect: bool,
    /// Follows `affine_set`.
    set: bool,
    /// Holds the numbers of a constant, whose type follows.
    constant: bool,
    /// Operators so far in the expression around it.
    outer: usize,
    /// Operators so far in this expression, `outer` included.
    operators: usize,
}

/// The token before, as far as it matters.
#[derive(Clone, Copy, PartialEq)]
enum Before<'a> {
    Start,
    /// A name or number; also the word before an opening bracket.
    Word(&'a str),
    /// `#dialect.name`, `!dialect.name`, or `#dialect` before `<`.
    Dialect,
    /// Anything else that a value may end with.
    Item,
    /// The closing bracket of a constant's numbers.
    Constant,
    /// The colon after that: the type comes next.
    ConstantColon,
    /// The first word of that type.
    ConstantType(&'a str),
    /// What joins two parts of one value.
    Joint,
}

struct Scan<'a> {
    text: &'a str,
    at: usize,
    frames: Vec<Frame>,
    inside_dialect: usize,
    sets: usize,
    before: Before<'a>,
    aliases: Aliases<'a>,
}

type Step = std::result::Result<(), Refused>;

impl<'a> Scan<'a> {
    fn run(&mut self) -> Step {
        if let Some(at) = self.text.bytes().position(|b| b == 0) {
            return Err(Refused::new(at..at + 1, "a NUL character", "byte 0", "text"));
        }
        while let Some(byte) = self.peek(0) {
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' => self.at += 1,
                b'/' if self.peek(1) == Some(b'/') => self.comment()?,
                _ => self.token(byte)?,
            }
        }
        self.aliases.end(self.text.len())
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.text.as_bytes().get(self.at.saturating_add(ahead)).copied()
    }

    /// Moves on while `keep` holds; returns what was passed.
    fn take(&mut self, keep: impl Fn(u8) -> bool) -> &'a str {
        let rest = self.text.get(self.at..).unwrap_or("");
        let end = rest.bytes().position(|b| !keep(b)).unwrap_or(rest.len());
        self.at += end;
        rest.get(..end).unwrap_or("")
    }

    /// The text from the next token on.
    fn ahead(&self) -> &'a str {
        let mut rest = self.text.get(self.at..).unwrap_or("").trim_start();
        while rest.starts_with("//") {
            rest = rest.find('\n').and_then(|end| rest.get(end..)).unwrap_or("").trim_start();
        }
        rest
    }

    fn comment(&mut self) -> Step {
        if self.inside_dialect > 0 {
            let span = self.at..self.at + 2;
            return Err(Refused::new(span, "a comment inside `#dialect<...>`", "`//`", "comments outside of it"));
        }
        self.take(|b| b != b'\n');
        Ok(())
    }

    fn token(&mut self, byte: u8) -> Step {
        self.aliases.token(self.frames.len(), self.starts_value(byte), self.before_is_value());
        let next = self.peek(1);
        let before = match byte {
            b'"' => self.string(),
            b'-' if next == Some(b'>') => self.joint(2),
            b'=' if next == Some(b'=') => self.joint(2),
            b'<' | b'>' if next == Some(b'=') && self.in_constraints() => self.joint(2),
            b'(' | b'[' | b'{' | b'<' => return self.open(byte),
            b')' | b']' | b'}' | b'>' => self.close(byte),
            b'#' | b'!' => self.sigil(byte)?,
            b'%' | b'^' | b'@' => self.name(),
            b'+' | b'-' | b'*' => {
                self.operator()?;
                self.joint(1)
            }
            b',' => {
                if let Some(frame) = self.frames.last_mut() {
                    frame.operators = frame.outer;
                }
                self.joint(1)
            }
            b':' if self.before == Before::Constant => {
                self.at += 1;
                Before::ConstantColon
            }
            _ if is_word(byte) => self.word()?,
            _ => self.joint(1),
        };
        self.before = before;
        Ok(())
    }

    /// Whether a token that begins with `byte` begins a value rather than goes on with one.
    fn starts_value(&self, byte: u8) -> bool {
        byte == b'"' || is_word(byte) || matches!(byte, b'#' | b'!' | b'%' | b'^' | b'@')
    }

    /// Whether `<=` and `>=` are comparisons here: within, not right after, the brackets of an `affine_set`.
    fn in_constraints(&self) -> bool {
        self.sets > 0 && self.frames.last().is_some_and(|f| !f.set)
    }

    fn before_is_value(&self) -> bool {
        !matches!(self.before, Before::Start | Before::Joint | Before::ConstantColon)
    }

    fn joint(&mut self, len: usize) -> Before<'a> {
        self.at += len;
        Before::Joint
    }

    /// A string; it cannot span lines.
    fn string(&mut self) -> Before<'a> {
        self.at += 1;
        while let Some(byte) = self.peek(0) {
            match byte {
                b'\\' if self.peek(1).is_some_and(|b| b != b'\n') => self.at += 2,
                b'\n' => break,
                b'"' => {
                    self.at += 1;
                    break;
                }
                _ => self.at += 1,
            }
        }
        Before::Item
    }

    fn name(&mut self) -> Before<'a> {
        self.at += 1;
        self.take(is_suffix);
        Before::Item
    }

    fn open(&mut self, open: u8) -> Step {
        if self.frames.len() >= MAX_NESTING {
            let span = self.at..self.at + 1;
            let allowed = format!("{MAX_NESTING} levels");
            return Err(Refused::new(span, "nested too deeply", format!("level {}", MAX_NESTING + 1), allowed));
        }
        let (word, of_constant) = match self.before {
            Before::Word(word) => (word, false),
            Before::ConstantType(word) => (word, true),
            _ => ("", false),
        };
        let dialect = open == b'<' && self.before == Before::Dialect;
        self.inside_dialect += usize::from(dialect);
        // Regions and dictionaries begin new statements.
        let outer = if open == b'{' { 0 } else { self.frames.last().map_or(0, |f| f.operators) };
        let constant = open == b'<' && matches!(word, "dense" | "sparse" | "dense_resource");
        let set = open == b'<' && word == "affine_set";
        self.sets += usize::from(set);
        self.frames.push(Frame { open, dialect, set, constant, outer, operators: outer });
        self.at += 1;
        if open == b'<' && matches!(word, "tensor" | "vector" | "memref") {
            let start = self.at;
            let limit = if of_constant { MAX_CONSTANT_ELEMENTS } else { crate::types::MAX_ELEMENTS };
            let elements = shape::elements(self.text, start, limit)?;
            self.aliases.shaped(elements);
        }
        self.before = Before::Joint;
        Ok(())
    }

    fn close(&mut self, close: u8) -> Before<'a> {
        self.at += 1;
        let open = match close {
            b')' => b'(',
            b']' => b'[',
            b'}' => b'{',
            _ => b'<',
        };
        // A `<` that something else closes was a comparison; a bracket that nothing opened is the parser's to refuse.
        let Some(depth) = self.frames.iter().rposition(|f| f.open == open || f.open != b'<') else {
            return Before::Item;
        };
        if self.frames.get(depth).is_none_or(|f| f.open != open) {
            return Before::Item;
        }
        let mut constant = false;
        for frame in self.frames.drain(depth..) {
            self.inside_dialect -= usize::from(frame.dialect);
            self.sets -= usize::from(frame.set);
            constant = frame.constant;
        }
        if constant { Before::Constant } else { Before::Item }
    }

    fn operator(&mut self) -> Step {
        let span = self.at..self.at + 1;
        match self.frames.last_mut() {
            Some(frame) if frame.open != b'{' => {
                frame.operators += 1;
                if frame.operators <= MAX_OPERATORS {
                    return Ok(());
                }
                let allowed = format!("{MAX_OPERATORS} operators");
                Err(Refused::new(
                    span,
                    "an expression is too long",
                    format!("{} operators", MAX_OPERATORS + 1),
                    allowed,
                ))
            }
            _ => Ok(()),
        }
    }

    /// A word or a number.
    fn word(&mut self) -> std::result::Result<Before<'a>, Refused> {
        let start = self.at;
        let word = self.take(|b| is_word(b) || b == b'$');
        let span = start..self.at;
        if matches!(word, "floordiv" | "ceildiv" | "mod") {
            self.operator()?;
            return Ok(Before::Joint);
        }
        if word.len() > MAX_NUMBER_CHARS && word.starts_with(|c: char| c.is_ascii_digit()) {
            let found = format!("{} characters", word.len());
            return Err(Refused::new(span, "a number is too long", found, format!("{MAX_NUMBER_CHARS} characters")));
        }
        match shape::integer_bits(word) {
            Some(bits) if bits > MAX_INTEGER_BITS => {
                let allowed = format!("{MAX_INTEGER_BITS} bits");
                Err(Refused::new(span, "an integer type is too wide", format!("{bits} bits"), allowed))
            }
            _ if self.before == Before::ConstantColon => Ok(Before::ConstantType(word)),
            _ => Ok(Before::Word(word)),
        }
    }

    /// After `#` or `!`: a result number, an alias or its definition, or an attribute or type of a dialect.
    fn sigil(&mut self, sigil: u8) -> std::result::Result<Before<'a>, Refused> {
        let start = self.at;
        self.at += 1;
        let name = self.take(is_suffix);
        let span = start..self.at;
        if sigil == b'#' && !name.is_empty() && name.bytes().all(|b| b.is_ascii_digit()) {
            if name.parse::<u64>().is_ok_and(|n| n <= MAX_RESULT_NUMBER) {
                return Ok(Before::Item);
            }
            return Err(Refused::new(
                span,
                "a result number is too large",
                name,
                format!("at most {MAX_RESULT_NUMBER}"),
            ));
        }
        let whole = self.text.get(span.clone()).unwrap_or("");
        let rest = self.ahead();
        if self.frames.is_empty() && rest.starts_with('=') && !rest.starts_with("==") {
            self.aliases.define(whole);
            return Ok(Before::Joint);
        }
        if name.contains('.') || rest.starts_with('<') {
            return Ok(Before::Dialect);
        }
        let typed_constant = self.before == Before::ConstantColon;
        self.aliases.used(whole, span, self.frames.len(), typed_constant)?;
        Ok(Before::Item)
    }
}

fn is_word(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.')
}

/// Characters of names after `%`, `#`, `!`, `^`, `@`.
fn is_suffix(b: u8) -> bool {
    is_word(b) || matches!(b, b'$' | b'-')
}
