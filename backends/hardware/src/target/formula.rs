//! Counts as formulas over the sizes of a unit: `rows * inner * (tiles + 1) * cores`, `ceil(log2(rows))`.
//!
//! Numbers, names, `+ - * /`, brackets, and the functions ceil, log2, sqrt, max and min. No more: a count is not a program.

/// Longest formula and deepest nesting, so that no file makes the reader run long.
const MAX_LEN: usize = 200;
const MAX_DEPTH: usize = 16;

/// Names that a formula may use, with their values.
pub(crate) type Sizes<'a> = &'a [(&'static str, f64)];

/// The value of `text`; what is wrong with it otherwise.
pub(crate) fn evaluate(text: &str, sizes: Sizes<'_>) -> Result<f64, String> {
    if text.len() > MAX_LEN {
        return Err(format!("a formula of {} bytes; at most {MAX_LEN}", text.len()));
    }
    let mut parser = Parser { rest: text.trim_start(), sizes, depth: 0 };
    let value = parser.sum()?;
    if !parser.rest.is_empty() {
        return Err(format!("`{}` behind the end of the formula", parser.rest));
    }
    if !(value.is_finite() && (0.0..=1e15).contains(&value)) {
        return Err(format!("a formula of value {value}; allowed are 0 to 1e15"));
    }
    Ok(value)
}

struct Parser<'a> {
    rest: &'a str,
    sizes: Sizes<'a>,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn take(&mut self, token: &str) -> bool {
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest.trim_start();
                true
            }
            None => false,
        }
    }

    fn expect(&mut self, token: &str) -> Result<(), String> {
        if self.take(token) {
            return Ok(());
        }
        let found = self.rest.chars().next().map_or("the end".to_string(), |c| format!("`{c}`"));
        Err(format!("{found} where `{token}` belongs"))
    }

    /// The longest prefix of characters that `fits`.
    fn word(&mut self, fits: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|c| !fits(c)).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, ""));
        self.rest = rest.trim_start();
        word
    }

    fn sum(&mut self) -> Result<f64, String> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(format!("brackets nested more than {MAX_DEPTH} deep"));
        }
        let mut value = self.product()?;
        loop {
            if self.take("+") {
                value += self.product()?;
            } else if self.take("-") {
                value -= self.product()?;
            } else {
                self.depth -= 1;
                return Ok(value);
            }
        }
    }

    fn product(&mut self) -> Result<f64, String> {
        let mut value = self.atom()?;
        loop {
            if self.take("*") {
                value *= self.atom()?;
            } else if self.take("/") {
                value /= self.atom()?;
            } else {
                return Ok(value);
            }
        }
    }

    fn atom(&mut self) -> Result<f64, String> {
        if self.take("(") {
            let value = self.sum()?;
            return self.expect(")").map(|()| value);
        }
        if self.rest.starts_with(|c: char| c.is_ascii_digit()) {
            let number = self.word(|c| c.is_ascii_digit() || c == '.');
            return number.parse().map_err(|_| format!("`{number}`, which is no number"));
        }
        let name = self.word(|c| c.is_ascii_alphanumeric() || c == '_');
        if self.take("(") {
            return self.call(name);
        }
        match self.sizes.iter().find(|(known, _)| *known == name) {
            Some((_, value)) => Ok(*value),
            None if name.is_empty() => self.expect("a number or a name").map(|()| 0.0),
            None => Err(format!("`{name}`, which is not a size of this unit")),
        }
    }

    fn call(&mut self, name: &str) -> Result<f64, String> {
        let first = self.sum()?;
        let value = match name {
            "ceil" => first.ceil(),
            "log2" => first.log2(),
            "sqrt" => first.sqrt(),
            "max" | "min" => {
                self.expect(",")?;
                let second = self.sum()?;
                if name == "max" { first.max(second) } else { first.min(second) }
            }
            _ => return Err(format!("`{name}`, which is no function; there are ceil, log2, sqrt, max and min")),
        };
        self.expect(")").map(|()| value)
    }
}

#[cfg(test)]
mod tests {
    use super::evaluate;

    #[test]
    fn formulas_follow_the_usual_rules() {
        let of = |text: &str| evaluate(text, &[("rows", 12.0), ("tiles", 4.0)]);
        assert_eq!(of("rows * (tiles + 1) - 2*3"), Ok(54.0));
        assert_eq!(of(" ceil(log2(rows)) / 2 "), Ok(2.0));
        assert_eq!(of("max(rows, min(tiles, 3))"), Ok(12.0));
        for wrong in ["", "rows *", "rowz", "1 2", "(1", "sin(1)", "1 - 2", "1 / 0", "log2(0)", "max(1)", "é"] {
            assert!(of(wrong).is_err(), "{wrong:?}");
        }
        assert!(of(&"(".repeat(100)).is_err() && of(&"1+".repeat(400)).is_err());
    }
}
