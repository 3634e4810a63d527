//! Arithmetic on values that are known: shape computations, masks of ones. Meaning comes from the interpreters of `nn`.

use super::tensor::rounded;
use prism_dialects::interp::{Data, Tensor, evaluate};
use prism_dialects::{Attrs, Dense, Elem, F64, Numbers, OpDef, TensorType};

/// Integer and boolean tensors up to this many elements are computed at import.
pub(crate) const MAX_INTEGERS: u64 = 4096;
/// Floating-point tensors up to this many elements are computed at import.
pub(crate) const MAX_FLOATS: u64 = 64;

/// Whether a tensor of this type is small enough to compute with.
pub(crate) fn is_small(ty: &TensorType) -> bool {
    let limit = if ty.elem.is_float() { MAX_FLOATS } else { MAX_INTEGERS };
    ty.checked_numel().is_some_and(|n| n <= limit)
}

/// Numbers that all folded values of a graph may have together; beyond, operations stay.
pub(crate) const BUDGET: usize = 1 << 22;

/// One number stands for all.
pub(crate) fn is_splat(value: &Dense) -> bool {
    value.numbers.len() == 1
}

/// Operations that move or repeat numbers: of a splat they make a splat.
const MOVES: [&str; 5] = ["nn.reshape", "nn.broadcast", "nn.transpose", "nn.slice", "nn.gather"];

/// The value of an operation on known operands, if it is small or all operands are splats; `None` too where it has
/// none, such as a division by zero: then the operation stays.
pub(crate) fn fold(def: &'static OpDef, operands: &[&Dense], attrs: &Attrs, ty: &TensorType) -> Option<Dense> {
    let splat = fold_splats(def, operands, attrs, ty);
    if splat.is_some() {
        return splat;
    }
    // Products are work for the machine, not for the importer, and cost more than their operands' size.
    if def.name == "nn.matmul" || !is_small(ty) || !operands.iter().all(|d| is_small(&d.ty)) {
        return None;
    }
    let tensors: Vec<Tensor> = operands.iter().map(|d| Tensor::from_dense(d)).collect::<Result<_, _>>().ok()?;
    let borrowed: Vec<&Tensor> = tensors.iter().collect();
    let made = evaluate(def, &borrowed, attrs, ty).ok()?;
    Some(dense(made))
}

fn fold_splats(def: &'static OpDef, operands: &[&Dense], attrs: &Attrs, ty: &TensorType) -> Option<Dense> {
    if operands.is_empty() || ty.numel() == 0 {
        return None;
    }
    if MOVES.contains(&def.name) {
        let first = operands.first().filter(|d| is_splat(d))?;
        return Some(Dense { ty: ty.clone(), numbers: first.numbers.clone() });
    }
    if !operands.iter().all(|d| is_splat(d)) {
        return None;
    }
    let scalar = |elem: Elem| TensorType::new([], elem);
    let scalars =
        operands.iter().map(|d| Tensor::from_dense(&Dense { ty: scalar(d.ty.elem), numbers: d.numbers.clone() }));
    let scalars: Vec<Tensor> = scalars.collect::<Result<_, _>>().ok()?;
    let borrowed: Vec<&Tensor> = scalars.iter().collect();
    // Operations that are not element by element have attributes that do not fit scalars, and fail here.
    let is_elementwise = attrs.keys().all(|name| name == "tanh");
    let made = is_elementwise.then(|| evaluate(def, &borrowed, attrs, &scalar(ty.elem)).ok())??;
    Some(Dense { ty: ty.clone(), numbers: dense(made).numbers })
}

/// A tensor as a constant: floats rounded to the element type, one number where all are the same.
fn dense(tensor: Tensor) -> Dense {
    let elem = tensor.ty.elem;
    let numbers = match tensor.data {
        Data::Float(v) => Numbers::Float(v.into_iter().map(|x| F64(rounded(x, elem))).collect()),
        Data::Int(v) => Numbers::Int(v),
    };
    compact(Dense { ty: tensor.ty, numbers })
}

/// One number where all are the same.
pub(crate) fn compact(mut value: Dense) -> Dense {
    fn same<T: PartialEq>(v: &mut Vec<T>) {
        if v.windows(2).all(|w| w[0] == w[1]) {
            v.truncate(1);
        }
    }
    match &mut value.numbers {
        Numbers::Float(v) => same(v),
        Numbers::Int(v) => same(v),
    }
    value
}

/// First number and difference, if the numbers are start, start + step, ...
pub(crate) fn progression(numbers: &Numbers) -> Option<(i64, i64)> {
    let Numbers::Int(v) = numbers else { return None };
    let [first, second, ..] = v.as_slice() else { return None };
    let step = second.checked_sub(*first)?;
    v.windows(2).all(|w| w[1].checked_sub(w[0]) == Some(step)).then_some((*first, step))
}

#[cfg(test)]
mod tests {
    use super::{compact, fold, progression};
    use prism_dialects::{Attr, Attrs, Dense, Elem, Numbers, TensorType, registry};

    fn ints(dims: &[u64], numbers: &[i64]) -> Dense {
        Dense { ty: TensorType::new(dims, Elem::I64), numbers: Numbers::Int(numbers.to_vec()) }
    }

    #[test]
    fn splats_fold_at_any_size_and_other_tensors_when_small() {
        let large = TensorType::new([1 << 20, 1 << 20], Elem::I64);
        let (one, two) = (ints(&[1 << 20, 1], &[1]), ints(&[1, 1 << 20], &[2]));
        let made = fold(registry::op("nn.add"), &[&one, &two], &Attrs::new(), &large).expect("folds");
        assert_eq!((made.ty, made.numbers), (large.clone(), Numbers::Int(vec![3])));
        let row = ints(&[2], &[1, 2]);
        let wide = TensorType::new([1 << 20, 2], Elem::I64);
        assert_eq!(fold(registry::op("nn.add"), &[&one, &row], &Attrs::new(), &wide), None);
        let small = fold(registry::op("nn.add"), &[&row, &row], &Attrs::new(), &row.ty).expect("folds");
        assert_eq!(small.numbers, Numbers::Int(vec![2, 4]));
    }

    #[test]
    fn sums_of_splats_are_not_taken_for_element_by_element() {
        let ones = ints(&[4], &[1]);
        let attrs = Attrs::from([("axis".to_string(), Attr::Int(0))]);
        let made = fold(registry::op("nn.cumsum"), &[&ones], &attrs, &ones.ty).expect("folds");
        assert_eq!(made.numbers, Numbers::Int(vec![1, 2, 3, 4]));
        let zero = ints(&[], &[0]);
        assert_eq!(fold(registry::op("nn.div"), &[&zero, &zero], &Attrs::new(), &zero.ty), None);
    }

    #[test]
    fn progressions_and_splats_are_seen() {
        assert_eq!(progression(&Numbers::Int(vec![3, 1, -1])), Some((3, -2)));
        assert_eq!(progression(&Numbers::Int(vec![i64::MIN, i64::MAX, 0])), None);
        assert_eq!(compact(ints(&[3], &[7, 7, 7])).numbers.len(), 1);
    }
}
