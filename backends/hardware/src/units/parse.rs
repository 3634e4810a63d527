//! Quantities from text.

use super::light::{Current, Decibel, Fraction, OpticalPower, Responsivity};
use super::{
    Area, Bandwidth, Basis, Bits, Bytes, Cycles, Duration, Energy, EnergyPer, Frequency, MacEnergy, Power, Rate, Time,
};

/// Why a text is not the quantity that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnitError {
    /// What was found, such as `a bare number` or ``a time (`ns`)``.
    pub found: String,
    /// What is expected, with an example.
    pub expected: &'static str,
    /// The unit that was meant, where another case of its letters is one.
    pub hint: Option<String>,
}

/// A quantity that can be read from text with its unit.
pub trait Quantity: Sized {
    /// What it is, with an example: `an energy such as "3.18 pJ"`.
    const EXPECTED: &'static str;

    /// Least and most that a machine may have of it, in SI units, zero and `unlimited` apart. Sums of what lies between are
    /// numbers; what lies beyond is a slip of the pen.
    const PLAUSIBLE: (f64, f64) = (1e-36, 1e18);

    /// The quantity that `unit` makes of `number`; `None` when the unit is of another dimension.
    fn from_parts(number: f64, unit: &str) -> Option<Self>;

    /// The quantity named by a word alone, such as `unlimited`.
    fn from_word(_word: &str) -> Option<Self> {
        None
    }

    /// The number in SI units, for range checks; infinite when unlimited.
    fn si(&self) -> f64;

    /// Reads `text`: a number, then a unit; spaces around them do not matter.
    ///
    /// # Errors
    /// A missing, unknown or wrong unit, and a number that is not finite.
    fn parse(text: &str) -> Result<Self, UnitError> {
        let fail = |found: String| UnitError { found, expected: Self::EXPECTED, hint: None };
        let text = text.trim();
        if let Some(word) = Self::from_word(text) {
            return Ok(word);
        }
        let (number, unit) = split(text);
        let Ok(number) = number.parse::<f64>() else {
            return Err(fail(format!("`{text}`, which is not a number with a unit")));
        };
        if !number.is_finite() {
            return Err(fail(format!("`{text}`, which is out of range")));
        }
        if unit.is_empty() {
            return Err(fail("a bare number".into()));
        }
        match Self::from_parts(number, unit) {
            Some(quantity) if quantity.si().is_finite() => Ok(quantity),
            Some(_) => Err(fail(format!("`{text}`, which is out of range"))),
            None => match dimension_of(unit) {
                Some(dimension) => Err(fail(format!("{dimension} (`{unit}`)"))),
                None => {
                    let near = meant::<Self>(number, unit);
                    let hint = near.map(|near| format!("did you mean `{near}`?"));
                    Err(UnitError { hint, ..fail(format!("the unit `{unit}`, which Prism does not know")) })
                }
            },
        }
    }
}

/// The unit that was meant: one that its letters in another case make. Bytes stay bytes; of several, the least that a machine may have, as `MS` is
/// milliseconds, not megaseconds.
fn meant<Q: Quantity>(number: f64, unit: &str) -> Option<String> {
    let size = |near: &str| Q::from_parts(number, near).map(|q| q.si().abs());
    let plausible = |size: &f64| *size >= Q::PLAUSIBLE.0 && *size <= Q::PLAUSIBLE.1;
    let sized = |near: String| Some((near.chars().last() != unit.chars().last(), size(&near).filter(plausible)?, near));
    let near = other_case(unit).into_iter().filter_map(sized);
    near.min_by(|a, b| a.0.cmp(&b.0).then_with(|| a.1.total_cmp(&b.1))).map(|(_, _, near)| near)
}

/// A unit with its prefix, the letter behind it or both in the other case, such as `kB` for `KB` and `mJ` for `mj`.
fn other_case(unit: &str) -> Vec<String> {
    let flipped = |at: &[usize]| -> String {
        let flip = |c: char| if c.is_ascii_uppercase() { c.to_ascii_lowercase() } else { c.to_ascii_uppercase() };
        unit.chars().enumerate().map(|(i, c)| if at.contains(&i) { flip(c) } else { c }).collect()
    };
    [&[0][..], &[1], &[0, 1], &[2], &[0, 2], &[1, 2], &[0, 1, 2]].into_iter().map(flipped).collect()
}

/// Splits `3.18e-1 pJ` behind the number. An exponent belongs to the number only when digits follow it.
fn split(text: &str) -> (&str, &str) {
    let bytes = text.as_bytes();
    let digits = |from: usize| bytes.iter().skip(from).take_while(|b| b.is_ascii_digit() || **b == b'_').count();
    let sign = |at: usize| usize::from(matches!(bytes.get(at), Some(b'+' | b'-')));
    let mut end = sign(0);
    end += digits(end);
    if bytes.get(end) == Some(&b'.') {
        end += 1 + digits(end + 1);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let exponent = end + 1 + sign(end + 1);
        if digits(exponent) > 0 {
            end = exponent + digits(exponent);
        }
    }
    // `end` only ever passed ASCII bytes, so it is a character boundary.
    let (number, unit) = text.split_at_checked(end).unwrap_or((text, ""));
    (number, unit.trim_start())
}

/// The factor of a decimal SI prefix; empty is 1.
fn si_prefix(prefix: &str) -> Option<f64> {
    Some(match prefix {
        "f" => 1e-15,
        "p" => 1e-12,
        "n" => 1e-9,
        "u" | "µ" | "μ" => 1e-6,
        "m" => 1e-3,
        "" => 1.0,
        "k" => 1e3,
        "M" => 1e6,
        "G" => 1e9,
        "T" => 1e12,
        "P" => 1e15,
        "E" => 1e18,
        _ => return None,
    })
}

/// The factor of a prefix of data: decimal ones from `k` on, and binary `Ki` to `Ei`.
fn data_prefix(prefix: &str) -> Option<f64> {
    let power = |n: i32| 1024f64.powi(n);
    match prefix {
        "Ki" => Some(power(1)),
        "Mi" => Some(power(2)),
        "Gi" => Some(power(3)),
        "Ti" => Some(power(4)),
        "Pi" => Some(power(5)),
        "Ei" => Some(power(6)),
        _ => si_prefix(prefix).filter(|factor| *factor >= 1.0),
    }
}

pub(super) fn scaled(number: f64, unit: &str, symbol: &str) -> Option<f64> {
    // Dividing by the reciprocal of a small prefix rounds once, so "3.18 pJ" is the double nearest to 3.18e-12.
    let factor = si_prefix(unit.strip_suffix(symbol)?)?;
    Some(if factor < 1.0 { number / (1.0 / factor).round() } else { number * factor })
}

fn data(number: f64, unit: &str) -> Option<f64> {
    if let Some(prefix) = unit.strip_suffix('B') {
        return Some(number * data_prefix(prefix)?);
    }
    let prefix = unit.strip_suffix('b').or_else(|| unit.strip_suffix("bit"))?;
    Some(number * data_prefix(prefix)? / 8.0)
}

/// Declares a dimension whose unit is one symbol with an SI prefix.
macro_rules! simple {
    ($($name:ident, $symbol:literal, $plausible:expr, $expected:literal;)*) => { $(
        impl Quantity for $name {
            const EXPECTED: &'static str = $expected;
            const PLAUSIBLE: (f64, f64) = $plausible;
            fn from_parts(number: f64, unit: &str) -> Option<Self> {
                scaled(number, unit, $symbol).map($name)
            }
            fn si(&self) -> f64 {
                self.0
            }
        }
    )* };
}

simple! {
    Energy, "J", (1e-30, 1e6), "an energy such as \"3.18 pJ\"";
    Time, "s", (1e-27, 1e9), "a time such as \"10.167 ns\"";
    Frequency, "Hz", (1.0, 1e18), "a frequency such as \"9.7 GHz\"";
    Power, "W", (1e-24, 1e9), "a power such as \"15 W\"";
}

impl Quantity for Area {
    const EXPECTED: &'static str = "an area such as \"2850 um2\" or \"14.3 mm2\"";
    fn from_parts(number: f64, unit: &str) -> Option<Self> {
        let length = unit.strip_suffix('2').or_else(|| unit.strip_suffix('²'))?;
        // The same rounding as for other small prefixes: one division.
        let per_square_metre = match length {
            "um" | "µm" | "μm" => 1e12,
            "mm" => 1e6,
            "cm" => 1e4,
            _ => return None,
        };
        Some(Area(number / per_square_metre))
    }
    fn si(&self) -> f64 {
        self.0
    }
}

impl Quantity for Bytes {
    const EXPECTED: &'static str = "an amount of data such as \"64 GiB\"";
    fn from_parts(number: f64, unit: &str) -> Option<Self> {
        data(number, unit).map(Bytes)
    }
    fn si(&self) -> f64 {
        self.0
    }
}

impl Quantity for Bits {
    const EXPECTED: &'static str = "a width in bits such as \"8 bit\"";
    fn from_parts(number: f64, unit: &str) -> Option<Self> {
        matches!(unit, "bit" | "bits" | "b").then_some(Bits(number))
    }
    fn si(&self) -> f64 {
        self.0
    }
}

impl Quantity for Cycles {
    const EXPECTED: &'static str = "clock periods such as \"4 cycles\"";
    fn from_parts(number: f64, unit: &str) -> Option<Self> {
        matches!(unit, "cycle" | "cycles").then_some(Cycles(number))
    }
    fn si(&self) -> f64 {
        self.0
    }
}

impl Quantity for Duration {
    const EXPECTED: &'static str = "a time such as \"57.3 ps\" or clock periods such as \"4 cycles\"";
    const PLAUSIBLE: (f64, f64) = (1e-27, 1e9);
    fn from_parts(number: f64, unit: &str) -> Option<Self> {
        let time = Time::from_parts(number, unit).map(Duration::Time);
        time.or_else(|| Cycles::from_parts(number, unit).map(Duration::Cycles))
    }
    fn si(&self) -> f64 {
        match self {
            Duration::Time(time) => time.0,
            Duration::Cycles(cycles) => cycles.0,
        }
    }
}

impl Quantity for Bandwidth {
    const EXPECTED: &'static str = "a bandwidth such as \"25 GB/s\" (bytes), \"200 Gb/s\" (bits) or \"unlimited\"";
    const PLAUSIBLE: (f64, f64) = (1.0, 1e18);
    fn from_parts(number: f64, unit: &str) -> Option<Self> {
        data(number, unit.strip_suffix("/s")?).map(Bandwidth::Limited)
    }
    fn from_word(word: &str) -> Option<Self> {
        (word == "unlimited").then_some(Bandwidth::Unlimited)
    }
    fn si(&self) -> f64 {
        match self {
            Bandwidth::Unlimited => f64::INFINITY,
            Bandwidth::Limited(rate) => *rate,
        }
    }
}

impl Quantity for Rate {
    const EXPECTED: &'static str = "numbers per second such as \"9.7 GHz\" or \"unlimited\"";
    fn from_parts(number: f64, unit: &str) -> Option<Self> {
        Frequency::from_parts(number, unit).map(Rate::Limited)
    }
    fn from_word(word: &str) -> Option<Self> {
        (word == "unlimited").then_some(Rate::Unlimited)
    }
    fn si(&self) -> f64 {
        match self {
            Rate::Unlimited => f64::INFINITY,
            Rate::Limited(rate) => rate.0,
        }
    }
}

impl Quantity for EnergyPer {
    const EXPECTED: &'static str =
        "an energy per number, bit, byte or word such as \"12 pJ/number\", \"3.9 pJ/bit\" or \"62.4 pJ/16bit\"";
    const PLAUSIBLE: (f64, f64) = (1e-30, 1e6);
    fn from_parts(number: f64, unit: &str) -> Option<Self> {
        let (energy, basis) = unit.split_once('/')?;
        let basis = match basis {
            "number" => Basis::Number,
            "bit" => Basis::Bits(1),
            "byte" => Basis::Bits(8),
            word => Basis::Bits(word.strip_suffix("bit")?.parse().ok().filter(|n| (1..=1024).contains(n))?),
        };
        Some(EnergyPer { energy: Energy::from_parts(number, energy)?, basis })
    }
    fn si(&self) -> f64 {
        self.energy.0
    }
}

impl Quantity for MacEnergy {
    const EXPECTED: &'static str = "an energy per multiply-accumulate such as \"0.04 pJ/MAC\"";
    const PLAUSIBLE: (f64, f64) = (1e-30, 1e6);
    fn from_parts(number: f64, unit: &str) -> Option<Self> {
        Energy::from_parts(number, unit.strip_suffix("/MAC")?).map(MacEnergy)
    }
    fn si(&self) -> f64 {
        self.0.0
    }
}

/// Names the dimension of a known unit, to say what was found instead.
fn dimension_of(unit: &str) -> Option<&'static str> {
    let is = |found: bool, name: &'static str| found.then_some(name);
    is(Energy::from_parts(1.0, unit).is_some(), "an energy")
        .or_else(|| is(Time::from_parts(1.0, unit).is_some(), "a time"))
        .or_else(|| is(Frequency::from_parts(1.0, unit).is_some(), "a frequency"))
        .or_else(|| is(Power::from_parts(1.0, unit).is_some(), "a power"))
        .or_else(|| is(OpticalPower::from_parts(1.0, unit).is_some(), "an optical power"))
        .or_else(|| is(Decibel::from_parts(1.0, unit).is_some(), "a ratio"))
        .or_else(|| is(Fraction::from_parts(1.0, unit).is_some(), "a share"))
        .or_else(|| is(Current::from_parts(1.0, unit).is_some(), "a current"))
        .or_else(|| is(Responsivity::from_parts(1.0, unit).is_some(), "a responsivity"))
        .or_else(|| is(Area::from_parts(1.0, unit).is_some(), "an area"))
        .or_else(|| is(Cycles::from_parts(1.0, unit).is_some(), "clock periods"))
        .or_else(|| is(Bytes::from_parts(1.0, unit).is_some(), "an amount of data"))
        .or_else(|| is(Bandwidth::from_parts(1.0, unit).is_some(), "a bandwidth"))
        .or_else(|| is(EnergyPer::from_parts(1.0, unit).is_some(), "an energy per amount of data"))
        .or_else(|| is(MacEnergy::from_parts(1.0, unit).is_some(), "an energy per multiply-accumulate"))
}

#[cfg(test)]
mod tests {
    use super::Quantity;
    use crate::units::{
        Bandwidth, Basis, Bits, Bytes, Cycles, Duration, Energy, EnergyPer, Frequency, Power, Rate, Time,
    };

    #[test]
    fn reads_the_usual_texts() {
        assert_eq!(Energy::parse("3.18 pJ"), Ok(Energy(3.18e-12)));
        assert_eq!(Energy::parse("1e-3J"), Ok(Energy(1e-3)));
        assert_eq!(Frequency::parse(" 9.7 GHz "), Ok(Frequency(9.7e9)));
        assert_eq!(Time::parse("10.167 ns"), Ok(Time(10.167e-9)));
        assert_eq!(Time::parse("2 µs"), Time::parse("2 us"));
        assert_eq!(Power::parse("15 W"), Ok(Power(15.0)));
        assert_eq!(Bytes::parse("64 GiB"), Ok(Bytes(64.0 * 1024.0 * 1024.0 * 1024.0)));
        assert_eq!(Bits::parse("8 bit"), Ok(Bits(8.0)));
        assert_eq!(Bandwidth::parse("200 Gb/s"), Ok(Bandwidth::Limited(25e9)));
        assert_eq!(Bandwidth::parse("200 GB/s"), Ok(Bandwidth::Limited(200e9)));
        assert_eq!(Bandwidth::parse("unlimited"), Ok(Bandwidth::Unlimited));
        assert_eq!(Rate::parse("5 GHz"), Ok(Rate::Limited(Frequency(5e9))));
        assert_eq!(Duration::parse("1 cycle"), Ok(Duration::Cycles(Cycles(1.0))));
        let per_bit = EnergyPer { energy: Energy(3.9e-12), basis: Basis::Bits(1) };
        assert_eq!(EnergyPer::parse("3.9 pJ/bit"), Ok(per_bit));
    }

    #[test]
    fn says_what_was_found_instead() {
        let found = |text: &str| Energy::parse(text).map_err(|e| e.found).unwrap_err();
        assert_eq!(found("3.18"), "a bare number");
        assert_eq!(found("3.18 ns"), "a time (`ns`)");
        assert_eq!(found("3.18 pX"), "the unit `pX`, which Prism does not know");
        assert_eq!(found("much"), "`much`, which is not a number with a unit");
        assert_eq!(found("1e999 J"), "`1e999 J`, which is out of range");
        assert_eq!(found("9e307 EJ"), "`9e307 EJ`, which is out of range");
        for nonsense in ["", " ", "-", ".", "e", "1e", "é", "1é", "nan J", "inf J", "1__J", "unlimited"] {
            assert!(Energy::parse(nonsense).is_err(), "{nonsense:?}");
        }
        let meant = |hint: Option<String>| hint.unwrap_or_default();
        assert_eq!(meant(Bytes::parse("1KB").unwrap_err().hint), "did you mean `kB`?");
        assert_eq!(meant(Time::parse("3 MS").unwrap_err().hint), "did you mean `ms`?");
        assert_eq!(meant(Frequency::parse("3 mhz").unwrap_err().hint), "did you mean `MHz`?");
        assert_eq!(meant(Energy::parse("3 mj").unwrap_err().hint), "did you mean `mJ`?");
        assert_eq!(Energy::parse("3 pX").unwrap_err().hint, None);
        assert!(Bandwidth::parse("1 mB/s").is_err(), "a millibyte is a slip");
    }
}
