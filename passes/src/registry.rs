//! THE list: one line per pass, grouped by the level it works on.

use crate::manager::PassInfo;

/// Every pass of Prism.
pub static PASSES: &[&PassInfo] = &[
    // Any level.
    &crate::common::cse::PASS,
    &crate::common::dce::PASS,
    // nn.
    &crate::nn::fold_constants::PASS,
    &crate::nn::recognise::PASS,
    &crate::nn::last_logits::PASS,
    &crate::nn::outline_layers::PASS,
    &crate::nn::inline_calls::PASS,
    // nn to stack, stack to assigned.
    &crate::egraph::saturate::PASS,
    &crate::egraph::extract::PASS,
    // assigned, and on to plan.
    &crate::assigned::tile::PASS,
    &crate::plan::schedule::PASS,
];

/// The pass of that name.
pub fn find(name: &str) -> Option<&'static PassInfo> {
    PASSES.iter().copied().find(|p| p.name == name)
}
