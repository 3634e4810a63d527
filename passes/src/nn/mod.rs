//! Passes on the tensor program.

pub mod fold_constants;
mod identities;
#[cfg(test)]
mod tests;
