//! Dimension expressions such as `past + 1` or `2*seq`.
//!
//! Grammar: sums and differences of products of atoms; `*`, `//` and `/` (both floor), `%`; parentheses; `floor(x)`,
//! `max(a, b)`, `min(a, b)`. A `-` directly between letters belongs to the name (`batch-size`). A text that does not
//! parse is one symbol with that whole text as its name: exporters are free to write anything.

use std::collections::BTreeMap;
use std::fmt;

/// Nesting of an expression, and length of its text in bytes: beyond these it is taken as a plain name.
const MAX_DEPTH: usize = 32;
const MAX_TEXT: usize = 256;

/// The extent of an axis, as written in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Dim {
    /// A number.
    Number(i64),
    /// A symbol.
    Symbol(String),
    /// An operation on two extents.
    Pair(Operator, Box<Dim>, Box<Dim>),
}

/// What is done to two extents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operator {
    Add,
    Sub,
    Mul,
    /// Rounded towards negative infinity.
    Div,
    Mod,
    Max,
    Min,
}

impl Dim {
    /// The expression in `text`.
    pub(crate) fn parse(text: &str) -> Dim {
        let plain = || Dim::Symbol(text.trim().to_string());
        if text.len() > MAX_TEXT {
            return plain();
        }
        let Some(tokens) = tokens(text) else { return plain() };
        let mut parser = Parser { tokens: &tokens, at: 0, depth: 0 };
        match parser.sum() {
            Some(dim) if parser.at == tokens.len() => dim,
            _ => plain(),
        }
    }

    /// Calls `see` with every symbol in it.
    pub(crate) fn symbols(&self, see: &mut impl FnMut(&str)) {
        match self {
            Dim::Number(_) => {}
            Dim::Symbol(name) => see(name),
            Dim::Pair(_, a, b) => {
                a.symbols(see);
                b.symbols(see);
            }
        }
    }

    /// Its value; `None` where a symbol has none, at a division by zero, or beyond 64 bits.
    pub(crate) fn value(&self, symbols: &BTreeMap<String, u64>) -> Option<i64> {
        match self {
            Dim::Number(n) => Some(*n),
            Dim::Symbol(name) => symbols.get(name).and_then(|n| i64::try_from(*n).ok()),
            Dim::Pair(operator, a, b) => {
                let (a, b) = (a.value(symbols)?, b.value(symbols)?);
                match operator {
                    Operator::Add => a.checked_add(b),
                    Operator::Sub => a.checked_sub(b),
                    Operator::Mul => a.checked_mul(b),
                    Operator::Div => Some(a.checked_sub(floor_mod(a, b)?)?.checked_div(b)?),
                    Operator::Mod => floor_mod(a, b),
                    Operator::Max => Some(a.max(b)),
                    Operator::Min => Some(a.min(b)),
                }
            }
        }
    }
}

/// The remainder with the sign of the divisor.
fn floor_mod(a: i64, b: i64) -> Option<i64> {
    let r = a.checked_rem(b)?;
    if r != 0 && (r < 0) != (b < 0) { r.checked_add(b) } else { Some(r) }
}

impl fmt::Display for Dim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (operator, a, b) = match self {
            Dim::Number(n) => return write!(f, "{n}"),
            Dim::Symbol(name) => return f.write_str(name),
            Dim::Pair(operator, a, b) => (operator, a, b),
        };
        let sign = match operator {
            Operator::Add => "+",
            Operator::Sub => "-",
            Operator::Mul => "*",
            Operator::Div => "//",
            Operator::Mod => "%",
            Operator::Max => return write!(f, "max({a}, {b})"),
            Operator::Min => return write!(f, "min({a}, {b})"),
        };
        let inner = |d: &Dim| match d {
            Dim::Pair(Operator::Max | Operator::Min, ..) | Dim::Number(_) | Dim::Symbol(_) => d.to_string(),
            Dim::Pair(..) => format!("({d})"),
        };
        write!(f, "{} {sign} {}", inner(a), inner(b))
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Token<'a> {
    Number(i64),
    Name(&'a str),
    Sign(&'a str),
}

fn tokens(text: &str) -> Option<Vec<Token<'_>>> {
    let mut rest = text.trim();
    let mut out = Vec::new();
    while let Some(first) = rest.chars().next() {
        let n = if first.is_ascii_digit() {
            let n = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            out.push(Token::Number(rest[..n].parse().ok()?));
            n
        } else if first.is_alphabetic() || first == '_' {
            let n = name_length(rest);
            out.push(Token::Name(&rest[..n]));
            n
        } else {
            let n = if rest.starts_with("//") { 2 } else { 1 };
            let sign = rest.get(..n)?;
            if !matches!(sign, "+" | "-" | "*" | "/" | "//" | "%" | "(" | ")" | ",") {
                return None;
            }
            out.push(Token::Sign(sign));
            n
        };
        rest = rest[n..].trim_start();
    }
    Some(out)
}

/// Length of the name that `text` starts with, in bytes.
fn name_length(text: &str) -> usize {
    let mut characters = text.char_indices().peekable();
    while let Some((i, c)) = characters.next() {
        let next_is_letter = characters.peek().is_some_and(|(_, n)| n.is_alphabetic());
        let inside = c.is_alphanumeric() || matches!(c, '_' | '.') || (c == '-' && next_is_letter);
        if !inside {
            return i;
        }
    }
    text.len()
}

struct Parser<'a, 't> {
    tokens: &'t [Token<'a>],
    at: usize,
    depth: usize,
}

impl<'a> Parser<'a, '_> {
    fn sign(&mut self, among: &[(&str, Operator)]) -> Option<Operator> {
        let Some(Token::Sign(found)) = self.tokens.get(self.at) else { return None };
        let (_, operator) = among.iter().find(|(s, _)| s == found)?;
        self.at += 1;
        Some(*operator)
    }

    fn expect(&mut self, sign: &str) -> Option<()> {
        let ok = matches!(self.tokens.get(self.at), Some(Token::Sign(s)) if *s == sign);
        self.at += 1;
        ok.then_some(())
    }

    fn sum(&mut self) -> Option<Dim> {
        let mut left = self.product()?;
        while let Some(operator) = self.sign(&[("+", Operator::Add), ("-", Operator::Sub)]) {
            left = Dim::Pair(operator, Box::new(left), Box::new(self.product()?));
        }
        Some(left)
    }

    fn product(&mut self) -> Option<Dim> {
        let signs = [("*", Operator::Mul), ("//", Operator::Div), ("/", Operator::Div), ("%", Operator::Mod)];
        let mut left = self.atom()?;
        while let Some(operator) = self.sign(&signs) {
            left = Dim::Pair(operator, Box::new(left), Box::new(self.atom()?));
        }
        Some(left)
    }

    fn atom(&mut self) -> Option<Dim> {
        let token = self.tokens.get(self.at)?.clone();
        self.at += 1;
        match token {
            Token::Number(n) => Some(Dim::Number(n)),
            Token::Name(name) if self.tokens.get(self.at) == Some(&Token::Sign("(")) => self.call(name),
            Token::Name(name) => Some(Dim::Symbol(name.to_string())),
            Token::Sign("(") => self.nested(|p| {
                let inner = p.sum()?;
                p.expect(")")?;
                Some(inner)
            }),
            Token::Sign("-") => {
                let minus_one = Box::new(Dim::Number(-1));
                let inner = self.nested(Self::atom)?;
                Some(Dim::Pair(Operator::Mul, minus_one, Box::new(inner)))
            }
            Token::Sign(_) => None,
        }
    }

    fn call(&mut self, function: &'a str) -> Option<Dim> {
        let operator = match function.to_ascii_lowercase().as_str() {
            // Divisions are floored already.
            "floor" => None,
            "max" => Some(Operator::Max),
            "min" => Some(Operator::Min),
            _ => return None,
        };
        self.nested(|p| {
            p.expect("(")?;
            let mut out = p.sum()?;
            if let Some(operator) = operator {
                p.expect(",")?;
                out = Dim::Pair(operator, Box::new(out), Box::new(p.sum()?));
            }
            p.expect(")")?;
            Some(out)
        })
    }

    fn nested(&mut self, inner: impl FnOnce(&mut Self) -> Option<Dim>) -> Option<Dim> {
        if self.depth >= MAX_DEPTH {
            return None;
        }
        self.depth += 1;
        let out = inner(self);
        self.depth -= 1;
        out
    }
}

#[cfg(test)]
mod tests {
    use super::Dim;
    use std::collections::BTreeMap;

    fn value(text: &str) -> Option<i64> {
        let symbols = [("seq", 10), ("past", 3), ("batch-size", 2), ("s0", 5)];
        Dim::parse(text).value(&symbols.iter().map(|(n, v)| (n.to_string(), *v)).collect::<BTreeMap<_, _>>())
    }

    #[test]
    fn expressions_follow_the_usual_precedence() {
        let cases = [
            ("seq", 10),
            ("past + 1", 4),
            ("2*seq", 20),
            ("past + seq", 13),
            ("seq - past - 1", 6),
            ("seq-1", 9),
            ("batch-size * 2", 4),
            ("2*(seq + past)//4", 6),
            ("floor(seq/4) + 1", 3),
            ("Max(1, s0)", 5),
            ("-past + seq", 7),
            ("(0-7)//2 + seq", 6),
            ("(0-7) % 4", 1),
        ];
        for (text, want) in cases {
            assert_eq!(value(text), Some(want), "{text}");
            let printed = Dim::parse(text).to_string();
            assert_eq!(value(&printed), Some(want), "{text} printed as {printed}");
        }
    }

    #[test]
    fn what_is_no_expression_is_a_name() {
        for text in ["seq +", "a b", "?", "((", "x(1)", "1 2", "a$b"] {
            assert_eq!(Dim::parse(text), Dim::Symbol(text.into()));
        }
        let deep = "(".repeat(100) + "1" + &")".repeat(100);
        assert_eq!(Dim::parse(&deep), Dim::Symbol(deep.clone()));
    }

    #[test]
    fn overflow_and_division_by_zero_have_no_value() {
        assert_eq!(value("seq // 0"), None);
        assert_eq!(value("9223372036854775807 + seq"), None);
        assert_eq!(value("unbound"), None);
    }
}
