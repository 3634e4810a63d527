//! The stacked graph: equality saturation and extraction. See the README of this folder for how to write a rule.

pub mod capacity;
pub mod check;
pub mod convert;
pub mod coverage;
pub mod explain;
pub mod extract;
mod fitting;
mod frontier;
mod goal;
pub mod graph;
pub mod language;
pub mod places;
pub mod price;
pub mod readers;
pub mod rounds;
pub mod rules;
pub mod saturate;
mod settled;
mod unmet;
