//! Work of an operation, counted in the one unit that machines for products are compared by.

use super::infer::matmul_extents;
use crate::define::OpView;

/// Multiply-accumulates of a verified operation: those of `nn.matmul` and of the two products of `nn.attention`, 0 for all
/// others. A causal attention counts all pairs: products are computed whole and masked afterwards.
pub fn macs(op: &OpView<'_>) -> u64 {
    let product = |extents: &[u64]| extents.iter().fold(1u64, |n, d| n.saturating_mul(*d));
    match op.def.name {
        "nn.matmul" => {
            matmul_extents(op).map_or(0, |(lead, m, k, n)| product(&lead).saturating_mul(product(&[m, k, n])))
        }
        "nn.attention" => match (op.tensor(0).dims.as_slice(), op.tensor(2).dims.as_slice()) {
            ([lead @ .., m, d], [.., n, e]) => product(lead).saturating_mul(product(&[*m, *n, d.saturating_add(*e)])),
            _ => 0,
        },
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::macs;
    use crate::{Attr, Attrs, Elem, OpView, TensorType, Type, registry};

    fn of(name: &'static str, dims: &[&[u64]], attrs: &Attrs) -> u64 {
        let operands: Vec<Type> = dims.iter().map(|d| TensorType::new(*d, Elem::F32).into()).collect();
        macs(&OpView { def: registry::op(name), operands: &operands, results: &[], attrs })
    }

    #[test]
    fn products_count_their_extents() {
        let turned = Attrs::from([("transpose_rhs".to_string(), Attr::Bool(true))]);
        assert_eq!(of("nn.matmul", &[&[2, 3, 5], &[7, 5]], &turned), 2 * 3 * 5 * 7);
        // A right operand that broadcasts is multiplied once for each product all the same.
        assert_eq!(of("nn.matmul", &[&[4, 1, 3, 5], &[6, 5, 7]], &Attrs::new()), 4 * 6 * 3 * 5 * 7);
        // 8 heads of queries, 2 of keys and values; 3 queries, 10 keys, 4 and 6 channels.
        let shapes: [&[u64]; 3] = [&[1, 8, 3, 4], &[1, 2, 10, 4], &[1, 2, 10, 6]];
        assert_eq!(of("nn.attention", &shapes, &Attrs::new()), 8 * 3 * 10 * (4 + 6));
        assert_eq!(of("nn.swiglu", &[&[4], &[4]], &Attrs::new()), 0);
    }
}
