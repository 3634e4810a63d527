//! Passes on the tensor program.

pub mod expand;
pub mod fold_constants;
mod identities;
mod indices;
pub mod inline_calls;
pub mod last_logits;
pub mod outline_layers;
pub mod recognise;
#[cfg(test)]
mod tests;
