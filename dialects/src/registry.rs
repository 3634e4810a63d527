//! THE list: one line per dialect.

use crate::define::{Dialect, OpDef};
use rustc_hash::FxHashMap;
use std::sync::LazyLock;

/// Every dialect of Prism, in order of level.
pub static DIALECTS: LazyLock<Vec<Dialect>> = LazyLock::new(|| {
    vec![
        crate::nn::dialect(),
        crate::stack::dialect(),
        crate::ptu::dialect(),
        crate::elec::dialect(),
        crate::mem::dialect(),
        crate::plan::dialect(),
    ]
});

static BY_NAME: LazyLock<FxHashMap<&'static str, &'static OpDef>> =
    LazyLock::new(|| DIALECTS.iter().flat_map(|d| &d.ops).map(|op| (op.name, op)).collect());

/// The operation of that full name.
pub fn find(name: &str) -> Option<&'static OpDef> {
    // The one operation of MLIR's that a tensor program may have.
    BY_NAME.get(name).copied().or_else(|| (name == crate::call::CALL).then(crate::call::def))
}

/// All operations, in order of dialect and table.
pub fn ops() -> impl Iterator<Item = &'static OpDef> {
    DIALECTS.iter().flat_map(|d| &d.ops)
}

/// Operation `name` of our own tables.
///
/// # Panics
/// When no table has it: a slip in the code, met by the first test that reaches it.
pub fn op(name: &'static str) -> &'static OpDef {
    find(name).unwrap_or_else(|| panic!("no operation is called `{name}`"))
}
