//! Rotary embedding, attention and what belongs to them.

use super::elementwise::{larger, sigmoid};
use super::rows::floats;
use super::{Value, Walk, broadcast_strides, check, count, extent, finish, flag, int, linear::MAX_MACS};
use crate::attr::{Attr, Attrs};
use crate::define::OpDef;
use crate::interp::{Data, Tensor};
use crate::types::TensorType;

/// `nn.swiglu`.
pub(in crate::nn) fn swiglu(def: &'static OpDef, args: &[&Tensor], attrs: &Attrs, ty: &TensorType) -> Value {
    check(def, args, attrs, ty)?;
    let [gate, up] = args else { return Err("two operands expected".into()) };
    let each = floats(gate)?.iter().zip(floats(up)?);
    finish(ty, Data::Float(each.map(|(g, u)| g * sigmoid(*g) * u).collect()))
}

/// `nn.rope`.
pub(in crate::nn) fn rope(def: &'static OpDef, args: &[&Tensor], attrs: &Attrs, ty: &TensorType) -> Value {
    check(def, args, attrs, ty)?;
    let [x, cos, sin] = args else { return Err("three operands expected".into()) };
    let (Some((all, outer)), Some(width)) = (ty.dims.split_last(), cos.ty.dims.last()) else {
        return Err("a tensor with an axis expected".into());
    };
    let (all, width) = (extent(*all), extent(*width));
    let turned = attrs.get("channels").map_or(all, |_| usize::try_from(int(attrs, "channels")).unwrap_or(all));
    let pairs = turned / 2;
    let mut out = floats(x)?.to_vec();
    // A table broadcasts over the other axes; the offset of its row for each row of x.
    let outer_strides = broadcast_strides(&cos.ty.dims[..cos.ty.rank() - 1], outer.len());
    let rows = Walk::new(outer, outer_strides.iter().map(|s| s * width as i64).collect(), 0);
    let (cos, sin) = (floats(cos)?, floats(sin)?);
    for (row, table) in out.chunks_exact_mut(all.max(1)).zip(rows) {
        for pair in 0..pairs {
            let (i, j) = if flag(attrs, "interleaved") { (2 * pair, 2 * pair + 1) } else { (pair, pair + pairs) };
            let entry = |channel| table + if width == turned { channel } else { pair };
            let (a, b) = (row[i], row[j]);
            row[i] = a * cos[entry(i)] - b * sin[entry(i)];
            row[j] = b * cos[entry(j)] + a * sin[entry(j)];
        }
    }
    finish(ty, Data::Float(out))
}

/// Whether query `i` of `m` sees key `j` of `n`.
fn sees(i: usize, j: usize, m: usize, n: usize) -> bool {
    j + m <= i + n
}

/// `nn.causal_mask`.
pub(in crate::nn) fn causal_mask(def: &'static OpDef, args: &[&Tensor], attrs: &Attrs, ty: &TensorType) -> Value {
    check(def, args, attrs, ty)?;
    let [.., m, n] = ty.dims.as_slice() else { return Err("two axes expected".into()) };
    let (m, n) = (extent(*m), extent(*n));
    let seen = (0..count(ty)).map(|at| sees(at / n.max(1) % m.max(1), at % n.max(1), m, n));
    let data = match attrs.get("fill").and_then(Attr::as_float) {
        Some(fill) => Data::Float(seen.map(|s| if s { 0.0 } else { fill }).collect()),
        None => Data::Int(seen.map(i64::from).collect()),
    };
    finish(ty, data)
}

/// What is done to the scores of one head before the softmax.
struct Scores<'a> {
    scale: f64,
    softcap: Option<f64>,
    causal: bool,
    mask: Option<(&'a Data, f64)>,
}

impl Scores<'_> {
    /// The score of a product; `at` is the element of the mask.
    fn of(&self, product: f64, visible: bool, at: usize) -> f64 {
        let scaled = product * self.scale;
        let capped = self.softcap.map_or(scaled, |c| (scaled / c).tanh() * c);
        let masked = match &self.mask {
            None => capped,
            Some((Data::Float(v), _)) => capped + v[at],
            Some((Data::Int(v), fill)) => {
                if v[at] != 0 {
                    capped
                } else {
                    *fill
                }
            }
        };
        if self.causal && !visible { f64::NEG_INFINITY } else { masked }
    }
}

/// `nn.attention`.
pub(in crate::nn) fn attention(def: &'static OpDef, args: &[&Tensor], attrs: &Attrs, ty: &TensorType) -> Value {
    check(def, args, attrs, ty)?;
    let [q, k, v, mask @ ..] = args else { return Err("three operands expected".into()) };
    let [lead @ .., m, d] = q.ty.dims.as_slice() else { return Err("two axes expected".into()) };
    let [lead_k @ .., n, _] = k.ty.dims.as_slice() else { return Err("two axes expected".into()) };
    let e = v.ty.dims.last().map_or(0, |e| extent(*e));
    let (m, d, n) = (extent(*m), extent(*d), extent(*n));
    let heads = super::product(lead);
    let work = [heads, m, n, d.saturating_add(e)].iter().fold(1u128, |w, x| w.saturating_mul(*x as u128));
    if work > MAX_MACS {
        return Err(format!("{} by {} is too much to interpret", q.ty, k.ty));
    }
    // Every head of keys serves that many neighbouring heads of queries: the last of the leading axes is cut evenly.
    let shared = heads.checked_div(super::product(lead_k)).unwrap_or(1).max(1);
    let dims = [lead, &[m as u64, n as u64]].concat();
    let mask_strides = mask.first().map_or(vec![0; dims.len()], |t| broadcast_strides(&t.ty.dims, dims.len()));
    let mut masks = Walk::new(&dims, mask_strides, 0);
    let float = |name| attrs.get(name).and_then(Attr::as_float);
    let scores = Scores {
        scale: float("scale").unwrap_or(1.0),
        softcap: float("softcap"),
        causal: flag(attrs, "causal"),
        mask: mask.first().map(|t| (&t.data, float("fill").unwrap_or(0.0))),
    };
    let guarded = flag(attrs, "guarded");
    let (q, k, v) = (floats(q)?, floats(k)?, floats(v)?);
    let mut out = Vec::with_capacity(count(ty));
    let mut row = vec![0.0; n];
    for head in 0..heads {
        let (keys, values) = (&k[head / shared * n * d..], &v[head / shared * n * e..]);
        for i in 0..m {
            let query = &q[(head * m + i) * d..][..d];
            for (j, score) in row.iter_mut().enumerate() {
                let product = query.iter().zip(&keys[j * d..]).map(|(a, b)| a * b).sum::<f64>();
                *score = scores.of(product, sees(i, j, m, n), masks.next().unwrap_or(0));
            }
            softmax(&mut row);
            if guarded {
                row.iter_mut().filter(|p| p.is_nan()).for_each(|p| *p = 0.0);
            }
            out.extend((0..e).map(|c| row.iter().enumerate().map(|(j, p)| p * values[j * e + c]).sum::<f64>()));
        }
    }
    finish(ty, Data::Float(out))
}

/// As `nn.softmax` of one line.
fn softmax(row: &mut [f64]) {
    let top = row.iter().fold(f64::NEG_INFINITY, |m, x| larger(m, *x));
    let mut sum = 0.0;
    for x in row.iter_mut() {
        *x = (*x - top).exp();
        sum += *x;
    }
    row.iter_mut().for_each(|x| *x /= sum);
}
