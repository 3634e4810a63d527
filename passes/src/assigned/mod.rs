//! Passes on the assigned program.

pub mod tile;
