//! How the configs of each family are read, one file for each.

pub(super) mod bert;
mod common;
pub(super) mod deepseek;
pub(super) mod gemma;
pub(super) mod gpt2;
pub(super) mod llama;
pub(super) mod moe;
pub(super) mod phi3;
