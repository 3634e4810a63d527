//! Words for values, and what counts as a name.

use toml::de::DeValue;

/// What was found where a number has no unit.
pub(crate) const BARE: &str = "a bare number";

/// What an expectation asks for, without its examples.
pub(crate) fn noun(expected: &str) -> &str {
    let end = [" such as", " in quotes", ","].iter().filter_map(|mark| expected.find(mark)).min();
    end.and_then(|end| expected.get(..end)).unwrap_or(expected)
}

/// Whether it is a number without quotes.
pub(crate) fn is_number(value: &DeValue<'_>) -> bool {
    matches!(value, DeValue::Integer(_) | DeValue::Float(_))
}

/// What kind of value it is.
pub(crate) fn kind_name(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(text) if text.trim().is_empty() => "an empty text",
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date or time",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// Names end up in resources such as `dram->hbm` and `phu.dac`, and as keys in IR and reports.
pub(crate) fn is_name(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    !text.is_empty() && text.len() <= 64 && text.chars().all(fits)
}
