//! Scaled dot-product attention.

use super::causal::as_mask;
use super::heads::{once, refolded, refolded_mask, swapped, unfolded};
use super::known::{Known, Scalar, known};
use super::program::{Found, Program, Term, attrs};
use super::{Kind, Pattern};
use crate::nn::fold_constants::rounded;
use prism_dialects::{Attr, Elem, Op, TensorType, ValueId};

pub(super) static PATTERN: Pattern = Pattern {
    name: "attention",
    makes: "nn.attention",
    kind: Kind::Reassociating,
    doc: "Scaled dot-product attention, with keys and values as they are before they are repeated for the heads that share them. The \
          e-graph takes it apart again, so that its products may go to light.",
    forms: "softmax(q k' * scale + mask) v along the last axis; the scale on the products, on q, on k, or on both, as a factor or a \
            divisor; masks added or chosen by, none or several, added before the scale too; scores capped by tanh; the softmax or all scores in wider numbers; k as stored or \
            transposed; k and v repeated by a broadcast; heads and batch in one axis for some of it; weights that are no number made 0",
    roots: &["nn.matmul"],
    apply: attention,
};

/// What was found between the two products, from the softmax upwards.
#[derive(Clone, Debug, Default)]
struct Scores {
    q: Option<Term>,
    k: Option<Term>,
    scale: f64,
    softcap: Option<f64>,
    causal: bool,
    /// Masks that are added, the last one first.
    added: Vec<Term>,
    /// A mask that chooses, and what stands where it is false.
    chosen: Option<(Term, f64)>,
}

impl Scores {
    /// These times a number, and with them what was added before; none where something else was done before.
    fn times(self, p: &Program<'_>, by: f64) -> Option<Scores> {
        if self.causal || self.softcap.is_some() || self.chosen.is_some() {
            return None;
        }
        let mask = |mask: Term| {
            let elem = p.term_ty(&mask)?.elem;
            let by = Term::splat(rounded(by, elem), TensorType::new([], elem));
            Some(Term::Op("nn.mul", vec![mask, by], attrs([]), None))
        };
        let added = self.added.into_iter().map(mask).collect::<Option<_>>()?;
        Some(Scores { scale: self.scale * by, added, ..self })
    }

    /// The same with other leading axes, as many elements in all. Masks are those of all scores, or of every head and sequence.
    fn refolded(self, p: &Program<'_>, lead: &[u64]) -> Option<Scores> {
        let mask = |term: Term| refolded_mask(p, term, lead);
        let chosen = match self.chosen {
            Some((term, fill)) => Some((mask(term)?, fill)),
            None => None,
        };
        let added = self.added.into_iter().map(mask).collect::<Option<_>>()?;
        let (q, k) = (refolded(p, self.q?, lead)?, refolded(p, self.k?, lead)?);
        Some(Scores { q: Some(q), k: Some(k), added, chosen, ..self })
    }
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
    let (weights, v) = super::program::two(op).filter(|_| !flag(op, "transpose_lhs"))?;
    let (weights, folded) = unfolded(p, weights);
    let (weights, is_guarded) = unguarded(p, p.uncast(weights));
    let softmax = p.made_by(p.uncast(weights), "nn.softmax")?;
    let ty = p.result(softmax)?;
    let along_last = softmax.attr("axis").and_then(Attr::as_int) == i64::try_from(ty.rank()).ok()?.checked_sub(1);
    let scores = scores(p, *softmax.operands.first()?, Stage::Masks, MAX_STEPS).filter(|_| along_last)?;
    let v = if flag(op, "transpose_rhs") { swapped(p, v)? } else { Term::Value(v) };
    let v = if folded { refolded(p, v, ty.dims.get(..ty.rank().checked_sub(2)?)?)? } else { v };
    let mut made = written(p, scores, v, (ty.elem, is_guarded))?;
    if folded {
        // The product had its axes folded: so has the result.
        let to = TensorType::new(p.result(op)?.dims, p.term_ty(&made)?.elem);
        made = Term::Op("nn.reshape", vec![made], attrs([]), Some(to));
    }
    if p.term_ty(&made)?.elem != p.result(op)?.elem {
        made = Term::Op("nn.cast", vec![made], attrs([]), p.result(op));
    }
    let Term::Op(name, operands, attrs, _) = made else { return None };
    Some(Found { name, operands, attrs })
}

/// The attention with those scores, the softmax in that element type. Where queries and keys were made wider for it and values
/// were not, values are too.
fn written(p: &Program<'_>, scores: Scores, v: Term, (elem, is_guarded): (Elem, bool)) -> Option<Term> {
    let (q, k) = (scores.q?, scores.k?);
    let (own, (k, mut v)) = (p.term_ty(&q)?.elem, once(p, k, v));
    let narrow = p.term_ty(&v)?;
    if narrow.elem != own {
        if !narrow.elem.is_float() || narrow.elem.bits() >= own.bits() {
            return None;
        }
        v = Term::Op("nn.cast", vec![v], attrs([]), Some(TensorType::new(narrow.dims, own)));
    }
    let mut given = attrs([("scale", Attr::float(scores.scale))]);
    let mut operands = vec![q, k, v];
    match (added(scores.added), scores.chosen) {
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
    // Causal or not, without a mask every query sees a key.
    if is_guarded && operands.len() > 3 && given.get("fill").and_then(Attr::as_float).is_none_or(f64::is_infinite) {
        given.insert("guarded".into(), Attr::Bool(true));
    }
    if elem != own {
        given.insert("softmax_elem".into(), Attr::str(elem.name()));
    }
    Some(Term::Op("nn.attention", operands, given, None))
}

/// Weights before 0 took the place of what is no number in them, and whether it did: a row of which everything is
/// hidden has no other weights.
fn unguarded(p: &Program<'_>, value: ValueId) -> (ValueId, bool) {
    let inside = || {
        let [condition, a, b] = p.made_by(value, "nn.where")?.operands.as_slice() else { return None };
        let (is_number, x, zero) = match p.one(*condition, "nn.not") {
            Some(is_number) => (is_number, *b, *a),
            None => (*condition, *a, *b),
        };
        let (x, y) = p.two(is_number, "nn.equal").filter(|(y, _)| *y == x).filter(|_| p.is(zero, 0.0))?;
        (x == y).then_some(x)
    };
    inside().map_or((value, false), |x| (x, true))
}

/// The sum of the masks.
fn added(masks: Vec<Term>) -> Option<Term> {
    masks.into_iter().rev().reduce(|a, b| Term::Op("nn.add", vec![a, b], attrs([]), None))
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
        "nn.reshape" => {
            let (inner, true) = unfolded(p, value) else { return None };
            scores(p, inner, stage, steps)?.refolded(p, p.ty(value).dims.split_last_chunk::<2>()?.0)
        }
        "nn.mul" | "nn.div" => capped(p, value, stage, steps).or_else(|| {
            let (inner, by) = scaled(p, value)?;
            let products = scores(p, inner, Stage::Scale, steps);
            let masked = || scores(p, inner, stage, steps).filter(|_| stage == Stage::Masks);
            products.or_else(masked)?.times(p, by)
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
        _ => found.added.insert(0, Term::Value(mask)),
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
    Some(Scores { q: Some(Term::Value(q)), k: Some(k), scale: by_q * by_k * inside, ..Scores::default() })
}
