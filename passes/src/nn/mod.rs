//! Passes on the tensor program.

pub mod fold_constants;
mod identities;
mod indices;
#[cfg(test)]
mod tests;
