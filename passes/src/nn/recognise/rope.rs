//! Rotary position embedding in its usual spellings.

use super::numbers::ints;
use super::program::{Found, Program, Term, attrs, orders, two};
use super::{Kind, Pattern};
use prism_dialects::{Attr, Attrs, Numbers, Op, TensorType, ValueId};

pub(super) static BY_CHANNEL: Pattern = Pattern {
    name: "rope",
    makes: "nn.rope",
    kind: Kind::Exact,
    doc: "Rotary embedding with a table of one number for each channel.",
    forms: "x * cos + turn(x) * sin in any order; turn(x) is the second half negated, then the first; or of neighbours (a, b) the \
            pairs (-b, a)",
    roots: &["nn.add"],
    apply: by_channel,
};

pub(super) static BY_PAIR: Pattern = Pattern {
    name: "rope-pairs",
    makes: "nn.rope",
    kind: Kind::Exact,
    doc: "Rotary embedding with a table of one number for each pair of channels.",
    forms: "(a cos - b sin) beside (b cos + a sin), a and b being halves of x, or its even and odd channels",
    roots: &["nn.concat", "nn.reshape"],
    apply: by_pair,
};

pub(super) static PARTIAL: Pattern = Pattern {
    name: "rope-partial",
    makes: "nn.rope",
    kind: Kind::Exact,
    doc: "Rotary embedding of the first channels of each head; the others pass.",
    forms: "rope of the first channels of x beside the rest of x",
    roots: &["nn.concat"],
    apply: partial,
};

/// Every `step`-th channel of `x` from `start` on, `count` of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Channels {
    x: ValueId,
    start: i64,
    count: i64,
    step: i64,
}

fn last(ty: &TensorType) -> i64 {
    ty.dims.last().and_then(|d| i64::try_from(*d).ok()).unwrap_or(0)
}

/// `value` with an axis of extent 1 behind its last taken away.
fn squeezed(p: &Program<'_>, value: ValueId) -> ValueId {
    let outer = p.ty(value).dims;
    let inside = p.one(value, "nn.reshape").filter(|x| outer.split_last() == Some((&1, p.ty(*x).dims.as_slice())));
    inside.unwrap_or(value)
}

/// `x` of a value that is x with its last axis cut into pairs.
fn paired(p: &Program<'_>, value: ValueId) -> Option<ValueId> {
    let x = p.one(value, "nn.reshape")?;
    let (mut dims, from) = (p.ty(value).dims, p.ty(x).dims);
    let (two, n) = (dims.pop()?, dims.pop()?);
    dims.push(n * 2);
    (two == 2 && dims == from).then_some(x)
}

impl Channels {
    /// What `value` picks from the last axis of a tensor; an axis of extent 1 behind it is looked through.
    fn of(p: &Program<'_>, value: ValueId) -> Option<Channels> {
        let value = squeezed(p, value);
        let op = p.op(value)?;
        match op.name() {
            "nn.slice" => Channels::sliced(p, op),
            "nn.reshape" => {
                // [..., n, 1] cut from pairs, without its last axis.
                let inside = *op.operands.first()?;
                let (from, to) = (p.ty(inside).dims, p.ty(value).dims);
                (from.split_last() == Some((&1, to.as_slice()))).then(|| Channels::of(p, inside)).flatten()
            }
            "nn.gather" => Channels::gathered(p, op),
            _ => None,
        }
    }

    fn sliced(p: &Program<'_>, op: &Op) -> Option<Channels> {
        let x = *op.operands.first()?;
        let ty = p.ty(x);
        let (starts, sizes, steps) = (ints(op, "starts"), ints(op, "sizes"), ints(op, "steps"));
        let at = ty.rank().checked_sub(1)?;
        let whole =
            |i: usize| starts[i] == 0 && i64::try_from(ty.dims[i]) == Ok(sizes[i]) && (steps[i] == 1 || sizes[i] == 1);
        if starts.len() != ty.rank() || !(0..at).all(whole) {
            return None;
        }
        let step = if sizes[at] == 1 { 1 } else { steps[at] };
        match paired(p, x) {
            Some(x) if sizes[at] == 1 => Some(Channels { x, start: starts[at], count: last(&p.ty(x)) / 2, step: 2 }),
            _ => Some(Channels { x, start: starts[at], count: sizes[at], step }),
        }
    }

    /// One of each pair, picked by a known index.
    fn gathered(p: &Program<'_>, op: &Op) -> Option<Channels> {
        let (table, index) = two(op)?;
        let x = paired(p, table)?;
        let axis = op.attr("axis").and_then(Attr::as_int)?;
        let value = p.made_by(index, "nn.constant")?.attr("value")?.as_dense()?;
        let Numbers::Int(numbers) = &value.numbers else { return None };
        let ([start @ (0 | 1)], true) = (numbers.as_slice(), value.ty.numel() == 1) else { return None };
        let lasts = usize::try_from(axis).ok()? + 1 == p.ty(table).rank();
        lasts.then_some(Channels { x, start: *start, count: last(&p.ty(x)) / 2, step: 2 })
    }

    /// The tensor whose first and second of each pair these are, and whether pairs are neighbours.
    fn pairs(p: &Program<'_>, a: Channels, b: Channels) -> Option<(ValueId, bool)> {
        let x = a.x;
        let half = last(&p.ty(x)) / 2;
        let even = last(&p.ty(x)) == 2 * half && half > 0;
        let with = |start, step| Channels { x, start, count: half, step };
        // One pair is both.
        let step = |step| if half == 1 { a.step } else { step };
        let halves = a == with(0, step(1)) && b == with(half, step(1));
        let near = a == with(0, step(2)) && b == with(1, step(2));
        match even {
            true if halves => Some((x, false)),
            true if near => Some((x, true)),
            _ => None,
        }
    }
}

/// The two parts of a value that are one beside the other along the last axis of pairs or channels: of halves, or of
/// neighbours, which are made pairs first.
fn halves(p: &Program<'_>, value: ValueId) -> Option<(ValueId, ValueId, bool)> {
    let (joined, near) = match paired_back(p, value) {
        Some(pairs) => (pairs, true),
        None => (value, false),
    };
    let op = p.made_by(joined, "nn.concat")?;
    let (a, b) = two(op)?;
    let axis = op.attr("axis").and_then(Attr::as_int).and_then(|a| usize::try_from(a).ok())?;
    let along_last = axis + 1 == p.ty(joined).rank() && p.ty(a) == p.ty(b);
    let fits = along_last && (!near || last(&p.ty(a)) == 1);
    fits.then_some((a, b, near))
}

/// The pairs of a value that is pairs laid out as channels.
fn paired_back(p: &Program<'_>, value: ValueId) -> Option<ValueId> {
    let pairs = p.one(value, "nn.reshape")?;
    let (mut dims, to) = (p.ty(pairs).dims, p.ty(value).dims);
    let (two, n) = (dims.pop()?, dims.pop()?);
    dims.push(n * 2);
    (two == 2 && dims == to).then_some(pairs)
}

/// x of a value that is the pairs (-b, a) of the pairs (a, b) of x, and whether pairs are neighbours.
fn turned(p: &Program<'_>, value: ValueId) -> Option<(ValueId, bool)> {
    let (first, second, near) = halves(p, value)?;
    let b = p.one(first, "nn.neg").or_else(|| p.one(squeezed(p, first), "nn.neg"))?;
    let (x, of_neighbours) = Channels::pairs(p, Channels::of(p, second)?, Channels::of(p, b)?)?;
    // A single pair is halves and neighbours alike.
    (of_neighbours == near || last(&p.ty(x)) == 2).then_some((x, near))
}

fn found(x: ValueId, tables: [Term; 2], near: bool) -> Found {
    let [cos, sin] = tables;
    let given = if near { attrs([("interleaved", Attr::Bool(true))]) } else { Attrs::new() };
    Found { name: "nn.rope", operands: vec![Term::Value(x), cos, sin], attrs: given }
}

fn by_channel(p: &Program<'_>, op: &Op) -> Option<Found> {
    for (along, across) in orders(op) {
        for (across, sin) in p.either(across, "nn.mul") {
            let Some((x, near)) = turned(p, across) else { continue };
            let cos = p.either(along, "nn.mul").find(|(of, _)| *of == x).map(|(_, cos)| cos);
            if let Some(cos) = cos {
                return Some(found(x, [Term::Value(cos), Term::Value(sin)], near));
            }
        }
    }
    None
}

/// The products of a value: those of its operands, with the factors in both orders.
fn products(p: &Program<'_>, value: ValueId, name: &str) -> Option<[(ValueId, ValueId); 2]> {
    let (a, b) = p.two(squeezed(p, value), name)?;
    Some([p.two(a, "nn.mul")?, p.two(b, "nn.mul")?])
}

/// The factor beside the channels `of` of a product.
fn beside(p: &Program<'_>, (a, b): (ValueId, ValueId), of: Channels) -> Option<ValueId> {
    let is = |v: ValueId| Channels::of(p, v) == Some(of);
    if is(a) { Some(b) } else { is(b).then_some(a) }
}

/// The factors of a product that may be channels.
fn candidates(p: &Program<'_>, (a, b): (ValueId, ValueId)) -> impl Iterator<Item = Channels> + use<> {
    [Channels::of(p, a), Channels::of(p, b)].into_iter().flatten()
}

fn by_pair(p: &Program<'_>, op: &Op) -> Option<Found> {
    let (first, second, near) = halves(p, op.result()?)?;
    let [a_cos, b_sin] = products(p, first, "nn.sub")?;
    let sum = products(p, second, "nn.add")?;
    // A table may be cut from a larger one, and then looks like channels too.
    let pairs = candidates(p, a_cos).flat_map(|a| candidates(p, b_sin).map(move |b| (a, b)));
    pairs.into_iter().find_map(|(a, b)| {
        let (x, of_neighbours) = Channels::pairs(p, a, b)?;
        let (cos, sin) = (beside(p, a_cos, a)?, beside(p, b_sin, b)?);
        let fits =
            |[one, other]: [(ValueId, ValueId); 2]| beside(p, one, b) == Some(cos) && beside(p, other, a) == Some(sin);
        let same = fits(sum) || fits([sum[1], sum[0]]);
        let width = last(&p.ty(x)) / 2;
        let tables = [table(p, cos, width)?, table(p, sin, width)?];
        (same && (of_neighbours == near || width == 1)).then(|| found(x, tables, near))
    })
}

/// A table with a number for each of `width` pairs, without an axis of extent 1 behind them.
fn table(p: &Program<'_>, value: ValueId, width: i64) -> Option<Term> {
    let ty = p.ty(value);
    if last(&ty) == width && width != 1 {
        return Some(Term::Value(value));
    }
    let (one, outer) = ty.dims.split_last()?;
    let to = TensorType::new(outer, ty.elem);
    if *one != 1 || last(&to) != width {
        return (last(&ty) == width).then_some(Term::Value(value));
    }
    let before = squeezed(p, value);
    let reshape = || Term::Op("nn.reshape", vec![Term::Value(value)], Attrs::new(), Some(to));
    Some(if before == value { reshape() } else { Term::Value(before) })
}

fn partial(p: &Program<'_>, op: &Op) -> Option<Found> {
    let (front, rest) = two(op)?;
    let rope = p.made_by(front, "nn.rope").filter(|rope| rope.attr("channels").is_none())?;
    let (first, rest) = (Channels::of(p, rope.operands[0])?, Channels::of(p, rest)?);
    let axis = op.attr("axis").and_then(Attr::as_int).and_then(|a| usize::try_from(a).ok())?;
    let all = last(&p.ty(first.x));
    let fits = axis + 1 == p.ty(first.x).rank()
        && first == (Channels { start: 0, step: 1, ..first })
        && rest == (Channels { x: first.x, start: first.count, count: all - first.count, step: 1 });
    let mut given = (*rope.attrs).clone();
    given.insert("channels".into(), Attr::Int(first.count));
    let operands = [first.x].iter().chain(&rope.operands[1..]).map(|v| Term::Value(*v)).collect();
    fits.then_some(Found { name: "nn.rope", operands, attrs: given })
}
