//! Scaled dot-product attention.

use super::causal::as_mask;
use super::known::{Known, Scalar, known};
use super::numbers::ints;
use super::program::{Found, Program, Term, attrs};
use super::{Kind, Pattern};
use prism_dialects::{Attr, Elem, Op, TensorType, ValueId};

pub(super) static PATTERN: Pattern = Pattern {
    name: "attention",
    makes: "nn.attention",
    kind: Kind::Reassociating,
    doc: "Scaled dot-product attention, with keys and values as they are before they are repeated for the heads that share them. The \
          e-graph takes it apart again, so that its products may go to light.",
    forms: "softmax(q k' * scale + mask) v along the last axis; the scale on the products, on q, on k, or on both, as a factor or a \
            divisor; masks added or chosen by, none or several; scores capped by tanh; the softmax in wider numbers; k as stored or \
            transposed; k and v repeated by a broadcast",
    roots: &["nn.matmul"],
    apply: attention,
};

/// What was found between the two products, from the softmax upwards.
#[derive(Clone, Debug, Default)]
struct Scores {
    q: Option<ValueId>,
    k: Option<Term>,
    scale: f64,
    softcap: Option<f64>,
    causal: bool,
    /// Masks that are added, the last one first.
    added: Vec<ValueId>,
    /// A mask that chooses, and what stands where it is false.
    chosen: Option<(Term, f64)>,
}

/// What may still come when scores are followed upwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    Masks,
    Cap,
    Scale,
}

/// Most operations between the softmax and the product.
const MAX_STEPS: u32 = 10;

fn flag(op: &Op, name: &str) -> bool {
    op.attr(name).and_then(Attr::as_bool).unwrap_or(false)
}

fn attention(p: &Program<'_>, op: &Op) -> Option<Found> {
    let (weights, v) = super::program::two(op)?;
    let softmax = p.made_by(p.uncast(weights), "nn.softmax").filter(|_| !flag(op, "transpose_lhs"))?;
    let ty = p.result(softmax)?;
    let along_last = softmax.attr("axis").and_then(Attr::as_int) == i64::try_from(ty.rank()).ok()?.checked_sub(1);
    let scores = scores(p, *softmax.operands.first()?, Stage::Masks, MAX_STEPS).filter(|_| along_last)?;
    let (q, k) = (scores.q?, scores.k?);
    let v = if flag(op, "transpose_rhs") { swapped(p, v)? } else { Term::Value(v) };
    let (k, v) = once(p, k, v);
    let mut given = attrs([("scale", Attr::float(scores.scale))]);
    let mut operands = vec![Term::Value(q), k, v];
    match (added(&scores.added), scores.chosen) {
        (None, None) => {}
        (Some(mask), None) => operands.push(mask),
        (None, Some((mask, fill))) => {
            operands.push(mask);
            given.insert("fill".into(), Attr::float(fill));
        }
        // A choice after a sum has no single mask.
        (Some(_), Some(_)) => return None,
    }
    if scores.causal {
        given.insert("causal".into(), Attr::Bool(true));
    }
    if let Some(cap) = scores.softcap {
        given.insert("softcap".into(), Attr::float(cap));
    }
    if ty.elem != p.ty(q).elem {
        given.insert("softmax_elem".into(), Attr::str(ty.elem.name()));
    }
    Some(Found { name: "nn.attention", operands, attrs: given })
}

/// The sum of the masks.
fn added(masks: &[ValueId]) -> Option<Term> {
    let mut sum = masks.iter().rev().map(|v| Term::Value(*v));
    let first = sum.next()?;
    Some(sum.fold(first, |a, b| Term::Op("nn.add", vec![a, b], attrs([]), None)))
}

/// What is masked, capped and scaled from `value` upwards to a product.
fn scores(p: &Program<'_>, value: ValueId, stage: Stage, steps: u32) -> Option<Scores> {
    let value = p.uncast(value);
    let op = p.op(value)?;
    let steps = steps.checked_sub(1)?;
    match op.name() {
        "nn.matmul" => product(p, op),
        "nn.add" if stage == Stage::Masks => p
            .either(value, "nn.add")
            .find_map(|(inner, mask)| add_mask(p, scores(p, inner, stage, steps)?, value, mask)),
        "nn.where" if stage == Stage::Masks => choose(p, op, steps),
        "nn.mul" | "nn.div" => capped(p, value, stage, steps).or_else(|| {
            let (inner, by) = scaled(p, value)?;
            let mut found = scores(p, inner, Stage::Scale, steps)?;
            found.scale *= by;
            Some(found)
        }),
        _ => None,
    }
}

/// A value as another one times a number.
fn scaled(p: &Program<'_>, value: ValueId) -> Option<(ValueId, f64)> {
    let times = |(x, c)| Some((x, p.splat(c)?));
    let over = || p.two(value, "nn.div").and_then(|(x, c)| Some((x, 1.0 / p.splat(c)?)));
    let found = p.either(value, "nn.mul").find_map(times).or_else(over);
    found.filter(|(x, by)| by.is_finite() && p.splat(*x).is_none())
}

/// c tanh(s / c).
fn capped(p: &Program<'_>, value: ValueId, stage: Stage, steps: u32) -> Option<Scores> {
    let (bent, cap) = scaled(p, value).filter(|(_, cap)| *cap > 0.0 && stage < Stage::Cap)?;
    let inner = p.one(bent, "nn.tanh")?;
    let (inner, by) = scaled(p, inner)?;
    let mut found = scores(p, inner, Stage::Cap, steps)?;
    // What is left beside 1 / c belongs to the scale.
    let rest = by * cap;
    found.scale *= if super::numbers::is_rounded(rest, 1.0, p.ty(bent).elem, 2) { 1.0 } else { rest };
    found.softcap = Some(cap);
    Some(found)
}

/// Whether `x` hides for certain, whatever the scores: they are far from it in either direction.
fn hides(fill: f64, elem: Elem) -> bool {
    fill <= -1e9 || (elem == Elem::F16 && fill <= -65504.0)
}

fn add_mask(p: &Program<'_>, mut found: Scores, sum: ValueId, mask: ValueId) -> Option<Scores> {
    if p.ty(sum).dims.len() < p.ty(mask).dims.len() {
        return None;
    }
    if known(p, mask) == Known::Splat(Scalar::Float(0.0)) {
        return Some(found);
    }
    match as_mask(p, mask) {
        Some(Some(fill)) if hides(fill, p.ty(mask).elem) => found.causal = true,
        _ => found.added.insert(0, mask),
    }
    Some(found)
}

fn choose(p: &Program<'_>, op: &Op, steps: u32) -> Option<Scores> {
    let [condition, a, b] = op.operands.as_slice() else { return None };
    let elem = p.result(op)?.elem;
    let number = |v: ValueId| p.splat(v).filter(|x| !x.is_nan());
    let (inner, fill, kept) = match (number(*a), number(*b)) {
        (None, Some(fill)) => (*a, fill, true),
        (Some(fill), None) => (*b, fill, false),
        _ => return None,
    };
    let mut found = scores(p, inner, Stage::Masks, steps)?;
    let all = Known::Splat(Scalar::Int(i64::from(kept)));
    if known(p, *condition) == all {
        return Some(found);
    }
    if kept && hides(fill, elem) && as_mask(p, *condition) == Some(None) {
        found.causal = true;
        return Some(found);
    }
    // Two choices with different numbers are no single one.
    if found.chosen.is_some() || !found.added.is_empty() {
        return None;
    }
    let mask = Term::Value(*condition);
    let mask = if kept { mask } else { Term::Op("nn.not", vec![mask], attrs([]), None) };
    found.chosen = Some((mask, fill));
    Some(found)
}

/// q k' with what scales either.
fn product(p: &Program<'_>, op: &Op) -> Option<Scores> {
    let (q, k) = super::program::two(op).filter(|_| !flag(op, "transpose_lhs"))?;
    let (q, by_q) = scaled(p, q).unwrap_or((q, 1.0));
    let (k, by_k) = scaled(p, k).unwrap_or((k, 1.0));
    let (k, inside) = match flag(op, "transpose_rhs") {
        true => (Term::Value(k), 1.0),
        false => {
            // The scale may stand before the transpose too.
            let before = p.one(k, "nn.transpose").and_then(|x| scaled(p, x));
            let term = swapped(p, k)?;
            match (before, term) {
                (Some((x, by)), Term::Value(v)) if p.one(k, "nn.transpose") == Some(v) => (Term::Value(x), by),
                (_, term) => (term, 1.0),
            }
        }
    };
    Some(Scores { q: Some(q), k: Some(k), scale: by_q * by_k * inside, ..Scores::default() })
}

/// `value` with its last two axes swapped: what it was before a transpose did so, or a transpose.
fn swapped(p: &Program<'_>, value: ValueId) -> Option<Term> {
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

/// Keys and values before each head was repeated equally often; as they are where that is not so.
fn once(p: &Program<'_>, k: Term, v: Term) -> (Term, Term) {
    let before = |t: &Term| match t {
        Term::Value(v) => repeated(p, *v),
        Term::Op(..) => None,
    };
    match (before(&k), before(&v)) {
        (Some((k, m)), Some((v, n))) if m == n => (Term::Value(k), Term::Value(v)),
        _ => (k, v),
    }
}

/// The heads of a value whose every head is one of them, as many times in a row; and how many times.
fn repeated(p: &Program<'_>, value: ValueId) -> Option<(ValueId, u64)> {
    let wide = p.one(value, "nn.reshape")?;
    let apart = p.one(wide, "nn.broadcast")?;
    let x = p.one(apart, "nn.reshape")?;
    let TensorType { dims, .. } = p.ty(x);
    let [outer @ .., heads, n, d] = dims.as_slice() else { return None };
    let many = p.ty(wide).dims;
    let times = many.len().checked_sub(3).map(|i| many[i])?;
    let fits = p.ty(apart).dims == [outer, &[*heads, 1, *n, *d]].concat()
        && many == [outer, &[*heads, times, *n, *d]].concat()
        && p.ty(value).dims == [outer, &[heads * times, *n, *d]].concat();
    fits.then_some((x, times))
}
