//! Keys and values as they are before they are laid out for products: swapped, folded, repeated.

use super::numbers::ints;
use super::program::{Program, Term, attrs};
use prism_dialects::{Attr, Attrs, TensorType, ValueId};

/// `value` with its last two axes swapped: what it was before a transpose did so, or a transpose.
pub(super) fn swapped(p: &Program<'_>, value: ValueId) -> Option<Term> {
    if let Some(folded) = folded(p, value) {
        return Some(folded);
    }
    let (of, mut perm) = match p.made_by(value, "nn.transpose") {
        Some(op) => (*op.operands.first()?, ints(op, "perm").to_vec()),
        None => (value, (0..i64::try_from(p.ty(value).rank()).ok()?).collect()),
    };
    let n = perm.len();
    perm.swap(n.checked_sub(1)?, n.checked_sub(2)?);
    let plain = perm.iter().enumerate().all(|(i, q)| usize::try_from(*q) == Ok(i));
    Some(match plain {
        true => Term::Value(of),
        false => Term::Op("nn.transpose", vec![Term::Value(of)], attrs([("perm", Attr::Ints(perm))]), None),
    })
}

/// [..., n, d] of a value [..., d, n] that was swapped with all outer axes folded into one, as exporters do that know only how
/// many axes there are when the graph runs.
fn folded(p: &Program<'_>, value: ValueId) -> Option<Term> {
    let swap = p.made_by(p.one(value, "nn.reshape")?, "nn.transpose").filter(|op| ints(op, "perm") == [0, 2, 1])?;
    let (fold, to) = (*swap.operands.first()?, p.ty(value));
    let from = p.ty(fold).dims;
    let ([lead @ .., d, n], [_, rows, columns]) = (to.dims.as_slice(), from.as_slice()) else { return None };
    let dims = (rows == n && columns == d).then(|| [lead, &[*n, *d]].concat())?;
    let x = p.one(fold, "nn.reshape").unwrap_or(fold);
    Some(if p.ty(x).dims == dims { Term::Value(x) } else { reshaped(x, TensorType::new(dims, to.elem)) })
}

fn reshaped(x: ValueId, ty: TensorType) -> Term {
    Term::Op("nn.reshape", vec![Term::Value(x)], Attrs::new(), Some(ty))
}

/// A value before a reshape that left its last two axes as they are, and whether there was one.
pub(super) fn unfolded(p: &Program<'_>, value: ValueId) -> (ValueId, bool) {
    let last = |v: ValueId| p.ty(v).dims.split_last_chunk::<2>().map(|(_, last)| *last);
    let inner = p.one(value, "nn.reshape").filter(|x| last(*x).is_some() && last(*x) == last(value));
    inner.map_or((value, false), |x| (x, true))
}

/// A term with other leading axes, its last two as they are.
pub(super) fn refolded(p: &Program<'_>, term: Term, lead: &[u64]) -> Option<Term> {
    let from = p.term_ty(&term)?;
    let (_, last) = from.dims.split_last_chunk::<2>()?;
    let to = TensorType::new([lead, last].concat(), from.elem);
    if from.dims == to.dims {
        return Some(term);
    }
    if from.numel() != to.numel() {
        return None;
    }
    Some(match term {
        Term::Value(v) => match p.one(v, "nn.reshape").filter(|x| p.ty(*x) == to) {
            Some(before) => Term::Value(before),
            None => reshaped(v, to),
        },
        op @ Term::Op(..) => Term::Op("nn.reshape", vec![op], Attrs::new(), Some(to)),
    })
}

/// A mask of scores whose leading axes change; none where it has some of them alone.
pub(super) fn refolded_mask(p: &Program<'_>, term: Term, lead: &[u64]) -> Option<Term> {
    let from = p.term_ty(&term)?;
    let Some((outer, last)) = from.dims.split_last_chunk::<2>().filter(|(outer, _)| !outer.is_empty()) else {
        return Some(term);
    };
    if outer.iter().all(|d| *d == 1) {
        return Some(Term::Op("nn.reshape", vec![term], Attrs::new(), Some(TensorType::new(*last, from.elem))));
    }
    refolded(p, term, lead)
}

/// Keys and values before each head was repeated equally often; as they are where that is not so.
pub(super) fn once(p: &Program<'_>, k: Term, v: Term) -> (Term, Term) {
    match (repeated(p, &k), repeated(p, &v)) {
        (Some((k, m)), Some((v, n))) if m == n => (Term::Value(k), Term::Value(v)),
        _ => (k, v),
    }
}

/// The heads of a term whose every head is one of them, as many times in a row; and how many times.
fn repeated(p: &Program<'_>, term: &Term) -> Option<(ValueId, u64)> {
    let (wide, dims) = match term {
        Term::Value(v) => match p.one(*v, "nn.broadcast") {
            Some(x) => return spread(p, x, &p.ty(*v).dims),
            None => (p.one(*v, "nn.reshape")?, p.ty(*v).dims),
        },
        Term::Op("nn.reshape", operands, _, Some(ty)) => match operands.as_slice() {
            [Term::Value(v)] => (*v, ty.dims.clone()),
            _ => return None,
        },
        Term::Op(..) => return None,
    };
    let apart = p.one(wide, "nn.broadcast")?;
    let x = p.one(apart, "nn.reshape")?;
    let TensorType { dims: few, .. } = p.ty(x);
    let [outer @ .., heads, n, d] = few.as_slice() else { return None };
    let many = p.ty(wide).dims;
    let times = many.len().checked_sub(3).and_then(|i| many.get(i)).copied()?;
    let fits = p.ty(apart).dims == [outer, &[*heads, 1, *n, *d]].concat()
        && many == [outer, &[*heads, times, *n, *d]].concat()
        && dims == [outer, &[heads * times, *n, *d]].concat();
    fits.then_some((x, times))
}

/// A single head that was broadcast to several.
fn spread(p: &Program<'_>, x: ValueId, many: &[u64]) -> Option<(ValueId, u64)> {
    let few = p.ty(x).dims;
    let ([outer @ .., 1, n, d], [.., times, _, _]) = (few.as_slice(), many) else { return None };
    (many == [outer, &[*times, *n, *d]].concat()).then_some((x, *times))
}
