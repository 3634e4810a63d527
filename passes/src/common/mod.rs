//! Passes that work at any level.

pub mod cse;
pub mod dce;
#[cfg(test)]
mod tests;
