//! Building blocks of networks, one file for each.

pub(super) mod attention;
pub(super) mod decoder;
pub(super) mod experts;
pub(super) mod latent;
pub(super) mod mlp;
pub(super) mod norm;
pub(super) mod sequences;
pub(super) mod tables;
