//! Quantities as text, with engineering prefixes.

use super::{Area, Bandwidth, Bits, Bytes, Cycles, Energy, Frequency, OpticalPower, Power, Rate, Time};
use std::fmt::{self, Display, Formatter};

const PREFIXES: [(f64, &str); 12] = [
    (1e18, "E"),
    (1e15, "P"),
    (1e12, "T"),
    (1e9, "G"),
    (1e6, "M"),
    (1e3, "k"),
    (1.0, ""),
    (1e-3, "m"),
    (1e-6, "µ"),
    (1e-9, "n"),
    (1e-12, "p"),
    (1e-15, "f"),
];

/// Significant digits when the format string gives no precision.
const DIGITS: usize = 4;

/// `number` at `digits` significant digits without trailing zeros, such as `12.3`.
fn significant(number: f64, digits: usize) -> String {
    let digits = digits.max(1);
    let magnitude = if number == 0.0 { 0 } else { number.abs().log10().floor() as i64 };
    let decimals = i64::try_from(digits).unwrap_or(i64::MAX).saturating_sub(1).saturating_sub(magnitude).clamp(0, 30);
    let text = format!("{number:.*}", usize::try_from(decimals).unwrap_or(0));
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_string() } else { text }
}

fn engineering(f: &mut Formatter<'_>, value: f64, unit: &str, smallest: f64) -> fmt::Result {
    let digits = f.precision().unwrap_or(DIGITS);
    if value == 0.0 || !value.is_finite() {
        return padded(f, &format!("{value} {unit}"));
    }
    // Rounding may carry into the next prefix (999.96 -> 1000), so the prefix is chosen after rounding.
    let rounded = format!("{:.*e}", digits.saturating_sub(1), value).parse::<f64>().unwrap_or(value);
    let fits = |entry: &&(f64, &str)| entry.0 >= smallest && rounded.abs() >= entry.0 * (1.0 - 1e-12);
    let last = PREFIXES.iter().rfind(|entry| entry.0 >= smallest);
    let (factor, prefix) = PREFIXES.iter().find(fits).or(last).copied().unwrap_or((1.0, ""));
    padded(f, &format!("{} {prefix}{unit}", significant(rounded / factor, digits)))
}

/// Honours the width alone: `Formatter::pad` would cut the text to the precision, which here counts digits.
fn padded(f: &mut Formatter<'_>, text: &str) -> fmt::Result {
    match f.width() {
        Some(width) => write!(f, "{text:>width$}"),
        None => f.write_str(text),
    }
}

/// Declares how a dimension prints: its symbol and its smallest prefix.
macro_rules! prints {
    ($($name:ident, $symbol:literal, $smallest:literal;)*) => { $(
        /// Engineering prefixes and four significant digits, such as `12.3 mJ`; the precision of the format
        /// string sets another number of digits.
        impl Display for $name {
            fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
                engineering(f, self.0, $symbol, $smallest)
            }
        }
    )* };
}

prints! {
    Energy, "J", 1e-15;
    Time, "s", 1e-15;
    Frequency, "Hz", 1.0;
    Power, "W", 1e-15;
    OpticalPower, "W", 1e-15;
    Bytes, "B", 1.0;
}

/// In square millimetres, as floor plans are.
impl Display for Area {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        padded(f, &format!("{} mm²", significant(self.0 * 1e6, f.precision().unwrap_or(DIGITS))))
    }
}

impl Display for Bits {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} bit", self.0)
    }
}

impl Display for Cycles {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} cycles", self.0)
    }
}

impl Display for Bandwidth {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Bandwidth::Unlimited => padded(f, "unlimited"),
            Bandwidth::Limited(rate) => engineering(f, *rate, "B/s", 1.0),
        }
    }
}

impl Display for Rate {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Rate::Unlimited => padded(f, "unlimited"),
            Rate::Limited(rate) => rate.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::units::{Bandwidth, Bytes, Energy, Time};

    #[test]
    fn prints_as_engineers_write() {
        assert_eq!(Energy(0.0123).to_string(), "12.3 mJ");
        assert_eq!(Energy(3.18e-12).to_string(), "3.18 pJ");
        assert_eq!(Time(0.0).to_string(), "0 s");
        assert_eq!(Time(0.00999996).to_string(), "10 ms");
        assert_eq!(Time(999.96e-6).to_string(), "1 ms");
        assert_eq!(Time(1.254_561).to_string(), "1.255 s");
        assert_eq!(format!("{:.6}", Time(1.254_561)), "1.25456 s");
        assert_eq!(format!("{:.1}", Time(0.0)), "0 s");
        assert_eq!(format!("{:.3}", Bandwidth::Unlimited), "unlimited");
        assert_eq!(Bytes(5e8).to_string(), "500 MB");
        assert_eq!(Bytes(0.5).to_string(), "0.5 B");
        assert_eq!(Bandwidth::Limited(25e9).to_string(), "25 GB/s");
        assert_eq!(format!("{:>9}", Energy(0.0123)), "  12.3 mJ");
    }
}
