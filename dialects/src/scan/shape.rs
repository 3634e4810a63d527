//! Extents of shapes and widths of integer types, as written.

use super::Refused;
use crate::types::MAX_ELEMENTS;

/// Number of elements of the shape whose first extent is at `start`; extents that are unknown or 0 count as 1.
///
/// # Errors
/// When an extent passes [`MAX_ELEMENTS`] or the product passes `limit`.
pub(super) fn elements(text: &str, start: usize, limit: u64) -> Result<u64, Refused> {
    let bytes = text.as_bytes();
    let skip = |mut at: usize, of: &[u8]| {
        while bytes.get(at).is_some_and(|b| of.contains(b)) {
            at += 1;
        }
        at
    };
    let (mut at, mut product) = (start, Some(1u64));
    loop {
        // `[` and `]` stand around extents of scalable vectors.
        let from = skip(at, b" \t\r\n[");
        let end = skip(from, b"0123456789");
        let digits = text.get(from..end).unwrap_or("");
        if digits.is_empty() {
            if bytes.get(from) != Some(&b'?') {
                break;
            }
            at = from + 1;
        } else {
            let extent = digits.parse::<u64>().ok().filter(|d| *d <= MAX_ELEMENTS);
            let Some(extent) = extent else {
                let allowed = format!("at most {MAX_ELEMENTS}");
                return Err(Refused::new(from..end, "an extent is too large", shorten(digits), allowed));
            };
            product = product.and_then(|p| p.checked_mul(extent.max(1)));
            at = end;
        }
        let joint = skip(at, b" \t\r\n]");
        if bytes.get(joint) != Some(&b'x') {
            break;
        }
        at = joint + 1;
    }
    match product {
        Some(n) if n <= limit => Ok(n),
        n => {
            let what = if limit < MAX_ELEMENTS { "a constant has too many elements" } else { "a shape is too large" };
            let found = n.map_or_else(|| "more than 2^64 elements".to_string(), |n| format!("{n} elements"));
            Err(Refused::new(start..at, what, found, format!("at most {limit}")))
        }
    }
}

fn shorten(digits: &str) -> String {
    if digits.len() <= 40 { digits.to_string() } else { format!("a number of {} digits", digits.len()) }
}

/// Bits of an integer type `i8`, `si8`, `ui8`, also after extents as in `4x8xi8`; `None` for other words.
pub(super) fn integer_bits(word: &str) -> Option<u64> {
    let element = if word.starts_with(|c: char| c.is_ascii_digit()) { word.rsplit('x').next()? } else { word };
    // `tensor<?xi8>` leaves the word `xi8`.
    let element = element.strip_prefix('x').unwrap_or(element);
    let element = element.strip_prefix(['s', 'u']).unwrap_or(element);
    let digits = element.strip_prefix('i')?;
    let number = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    number.then(|| digits.parse().unwrap_or(u64::MAX))
}
