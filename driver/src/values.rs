//! Values of flags that are refused: what was found and what is allowed, apart, as in every other message.

use prism_support::Diagnostic;
use std::error::Error;
use std::fmt;
use std::num::{IntErrorKind, ParseIntError};

/// Why a value is refused, as the parser of a flag says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// What was found.
    pub found: String,
    /// What would have been accepted.
    pub allowed: String,
    /// What was meant, if something is near.
    pub hint: Option<String>,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "found {}, allowed {}", self.found, self.allowed)
    }
}

impl Error for Refused {}

/// The message about `value`, with what the parser of the flag says of it.
pub fn explained(d: Diagnostic, value: &str, cause: &(dyn Error + 'static)) -> Diagnostic {
    if let Some(refused) = cause.downcast_ref::<Refused>() {
        return d.found(&refused.found).allowed(&refused.allowed).hint_if(refused.hint.clone());
    }
    let found = if value.is_empty() { "nothing".to_string() } else { format!("`{value}`") };
    if let Some(number) = cause.downcast_ref::<ParseIntError>() {
        let allowed = match number.kind() {
            IntErrorKind::PosOverflow => "a whole number below 2^64",
            _ => "a whole number, zero or more",
        };
        return d.found(found).allowed(allowed);
    }
    // The parser of ranges has no error of its own, but always this form.
    let text = cause.to_string();
    match text.split_once(" is not in ").and_then(|(_, range)| range.split_once("..=")) {
        Some((least, most)) => d.found(found).allowed(format!("a whole number from {least} to {most}")),
        None => d.found(text),
    }
}
