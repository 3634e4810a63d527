//! Passes on the tensor program.

pub mod fold_constants;
mod identities;
mod indices;
pub mod last_logits;
#[cfg(test)]
mod tests;
