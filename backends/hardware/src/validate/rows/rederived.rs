use crate::validate::Row;
pub(super) fn rows() -> Vec<Row> { Vec::new() }
