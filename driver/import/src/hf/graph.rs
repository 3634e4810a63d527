//! What blocks build with: the body that grows, weights by name, and the operations that they need.

use half::{bf16, f16};
use prism_dialects::{
    Attr, Attrs, Body, Dense, Elem, F64, Holder, Loc, Numbers, OpView, TensorType, Type, ValueId, registry, verify,
};
use prism_support::Diagnostic;
use prism_support::codes::{E0206, E0208};
use std::collections::BTreeMap;

/// A value of the body.
pub(super) type V = ValueId;

/// What building yields; it fails where a tensor is too large.
pub(super) type Built<T = V> = Result<T, Box<Diagnostic>>;

/// Lengths of a run, all positive but `past`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lengths {
    /// Sequences.
    pub(super) batch: u64,
    /// New tokens of each.
    pub(super) seq: u64,
    /// Tokens of each in the cache; 0 for a prompt.
    pub(super) past: u64,
    /// Tokens of the longest sequence when the run is over, where sequences differ: then they are one after another in
    /// `seq`, and [`Graph::sequences`] says where each is.
    pub(super) longest: Option<u64>,
}

/// One sequence of a ragged batch, whose new tokens lie one after another with those of the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sequence {
    /// Its first new token.
    pub(super) start: u64,
    /// New tokens.
    pub(super) seq: u64,
    /// Tokens in its cache; 0 for a prompt.
    pub(super) past: u64,
}

impl Lengths {
    /// Tokens of a sequence when the run is over.
    pub(super) fn total(self) -> u64 {
        self.longest.unwrap_or(self.past.saturating_add(self.seq))
    }
}

/// Element types of a run.
#[derive(Clone, Debug)]
pub(super) struct Types {
    /// What products and all between them are computed in.
    pub(super) compute: Elem,
    /// What keys and values are kept in, and attention is computed in.
    pub(super) cache: Elem,
    /// Weights that are stored in another type.
    pub(super) stored: BTreeMap<String, Elem>,
}

/// The program of a model under construction.
pub(super) struct Graph<'t> {
    types: &'t Types,
    body: Body,
    loc: Loc,
    weights: BTreeMap<String, V>,
    results: Vec<Attr>,
    sequences: Vec<Sequence>,
}

/// Attributes from a list.
pub(super) fn attrs<const N: usize>(list: [(&str, Attr); N]) -> Attrs {
    list.into_iter().map(|(name, value)| (name.to_string(), value)).collect()
}

/// A number of elements or an axis as an attribute; extents are far below 2^63.
pub(super) fn int(n: impl TryInto<i64>) -> Attr {
    Attr::Int(n.try_into().unwrap_or(i64::MAX))
}

/// The nearest number of the element type.
fn rounded(x: f64, elem: Elem) -> f64 {
    match elem {
        Elem::F16 => f16::from_f64(x).to_f64(),
        Elem::BF16 => bf16::from_f64(x).to_f64(),
        Elem::F32 => f64::from(x as f32),
        _ => x,
    }
}

impl<'t> Graph<'t> {
    /// Nothing built yet; `sequences` are those of a ragged batch, none where all have the same lengths.
    pub(super) fn new(types: &'t Types, sequences: Vec<Sequence>) -> Graph<'t> {
        let (weights, results) = (BTreeMap::new(), Vec::new());
        Graph { types, body: Body::new("main", Holder::Func), loc: Loc::default(), weights, results, sequences }
    }

    /// The sequences of a ragged batch.
    pub(super) fn sequences(&self) -> Vec<Sequence> {
        self.sequences.clone()
    }

    /// The body, its results named.
    pub(super) fn finish(mut self) -> Body {
        self.body.attrs.insert("nn.results".into(), Attr::List(self.results));
        self.body
    }

    /// What products are computed in.
    pub(super) fn compute(&self) -> Elem {
        self.types.compute
    }

    /// What keys and values are kept in.
    pub(super) fn cache(&self) -> Elem {
        self.types.cache
    }

    /// Operations from here on belong to that module.
    pub(super) fn at(&mut self, module: &str) {
        self.loc = Loc::name(module);
    }

    /// An argument.
    pub(super) fn arg(&mut self, name: &str, dims: impl Into<Vec<u64>>, elem: Elem) -> Built {
        let ty = TensorType::new(dims, elem);
        self.sized(&format!("argument `{name}`"), &ty)?;
        Ok(self.body.arg(ty, Loc::name(name)))
    }

    /// Makes `value` the next result.
    pub(super) fn result(&mut self, name: &str, value: V) {
        self.body.results.push(value);
        self.results.push(Attr::str(name));
    }

    /// The type of a value.
    pub(super) fn ty(&self, value: V) -> TensorType {
        // Every value here is a tensor.
        self.body.ty(value).tensor().cloned().unwrap_or_else(|| TensorType::new([], Elem::F32))
    }

    fn sized(&self, what: &str, ty: &TensorType) -> Built<()> {
        match ty.checked_numel().is_some_and(|n| n <= prism_dialects::types::MAX_ELEMENTS) {
            true => Ok(()),
            false => Err(self.too_large(what, &ty.to_string())),
        }
    }

    fn too_large(&self, what: &str, found: &str) -> Box<Diagnostic> {
        let allowed = format!("at most {} elements", prism_dialects::types::MAX_ELEMENTS);
        let d = Diagnostic::error(&E0208, format!("{what} is too large")).found(found).allowed(allowed);
        Box::new(d.hint("give a smaller `--batch`, `--seq` or `--past`"))
    }

    /// The weight of that name, in the type that is computed with.
    pub(super) fn weight(&mut self, name: &str, dims: impl Into<Vec<u64>>) -> Built {
        if let Some(known) = self.weights.get(name) {
            return Ok(*known);
        }
        let stored = self.types.stored.get(name).copied().unwrap_or(self.types.compute);
        let ty = TensorType::new(dims, stored);
        self.sized(&format!("weight `{name}`"), &ty)?;
        // The module first: what a weight costs belongs to it.
        let module = name.rsplit_once('.').map_or(name, |(module, _)| module);
        let loc = std::mem::replace(&mut self.loc, Loc::name(module).fused(&Loc::name(name)));
        let given = attrs([("name", Attr::str(name))]);
        let raw = self.body.push(registry::op("nn.param"), &[], given, ty, self.loc.clone());
        let made = self.cast(raw, self.types.compute);
        self.loc = loc;
        self.weights.insert(name.to_string(), made.clone()?);
        made
    }

    /// An operation whose type follows from its operands.
    pub(super) fn op(&mut self, name: &'static str, operands: &[V], given: Attrs) -> Built {
        self.build(name, operands, given, None)
    }

    /// An operation with a type of its own.
    pub(super) fn op_to(&mut self, name: &'static str, operands: &[V], given: Attrs, ty: TensorType) -> Built {
        self.build(name, operands, given, Some(ty))
    }

    fn build(&mut self, name: &'static str, operands: &[V], given: Attrs, ty: Option<TensorType>) -> Built {
        let def = registry::op(name);
        let types: Vec<Type> = operands.iter().map(|v| self.body.ty(*v).clone()).collect();
        let view = OpView { def, operands: &types, results: &[], attrs: &given };
        let inferred = match (ty, def.infer) {
            (Some(ty), _) => Ok(ty),
            (None, Some(infer)) => infer(&view),
            (None, None) => Ok(TensorType::new([], Elem::F32)),
        };
        let checked = inferred.and_then(|ty| {
            let results = [Type::Tensor(ty.clone())];
            verify::check_op(&OpView { results: &results, ..view }).map(|()| ty)
        });
        let ty = checked.map_err(|p| {
            let what = format!("`{name}` of `{}`", self.loc.first());
            if p.what == "size" || p.allowed.starts_with("at most") {
                return self.too_large(&what, &p.found);
            }
            Box::new(Diagnostic::error(&E0206, format!("{what}: {}", p.what)).found(p.found).allowed(p.allowed))
        })?;
        Ok(self.body.push(def, operands, given, ty, self.loc.clone()))
    }

    /// An operation of two operands without attributes.
    pub(super) fn two(&mut self, name: &'static str, a: V, b: V) -> Built {
        self.op(name, &[a, b], Attrs::new())
    }

    /// An operation of one operand without attributes.
    pub(super) fn one(&mut self, name: &'static str, x: V) -> Built {
        self.op(name, &[x], Attrs::new())
    }

    /// Numbers as a constant, each rounded to the element type.
    pub(super) fn floats(&mut self, numbers: &[f64], dims: impl Into<Vec<u64>>, elem: Elem) -> Built {
        let ty = TensorType::new(dims, elem);
        let numbers = Numbers::Float(numbers.iter().map(|x| F64(rounded(*x, elem))).collect());
        let value = Attr::Dense(Dense { ty: ty.clone(), numbers });
        self.op_to("nn.constant", &[], attrs([("value", value)]), ty)
    }

    /// One number.
    pub(super) fn scalar(&mut self, x: f64, elem: Elem) -> Built {
        self.floats(&[x], [], elem)
    }

    /// start, start + 1, ...
    pub(super) fn count_from(&mut self, start: i64, n: u64) -> Built {
        let from = attrs([("start", Attr::Int(start)), ("step", Attr::Int(1))]);
        self.op_to("nn.iota", &[], from, TensorType::new([n], Elem::I64))
    }

    /// The same numbers under another shape.
    pub(super) fn reshape(&mut self, x: V, dims: impl Into<Vec<u64>>) -> Built {
        let from = self.ty(x);
        let to = TensorType::new(dims, from.elem);
        if from == to { Ok(x) } else { self.op_to("nn.reshape", &[x], Attrs::new(), to) }
    }

    /// Axis i of the result is axis perm[i] of x.
    pub(super) fn transpose(&mut self, x: V, perm: &[i64]) -> Built {
        self.op("nn.transpose", &[x], attrs([("perm", Attr::Ints(perm.to_vec()))]))
    }

    /// `size` elements along `axis`, from `start` on.
    pub(super) fn slice(&mut self, x: V, axis: usize, start: u64, size: u64) -> Built {
        let dims = self.ty(x).dims;
        if start == 0 && dims.get(axis) == Some(&size) {
            return Ok(x);
        }
        let whole = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        let along = |i: usize, part: u64, all: u64| whole(if i == axis { part } else { all });
        let starts = (0..dims.len()).map(|i| along(i, start, 0)).collect();
        let sizes = dims.iter().enumerate().map(|(i, d)| along(i, size, *d)).collect();
        let steps = vec![1; dims.len()];
        let parts = [("starts", Attr::Ints(starts)), ("sizes", Attr::Ints(sizes)), ("steps", Attr::Ints(steps))];
        self.op("nn.slice", &[x], attrs(parts))
    }

    /// One after another along `axis`.
    pub(super) fn concat(&mut self, parts: &[V], axis: usize) -> Built {
        self.op("nn.concat", parts, attrs([("axis", int(axis))]))
    }

    /// In another element type.
    pub(super) fn cast(&mut self, x: V, elem: Elem) -> Built {
        let from = self.ty(x);
        let to = TensorType::new(from.dims.clone(), elem);
        if from == to { Ok(x) } else { self.op_to("nn.cast", &[x], Attrs::new(), to) }
    }

    /// x times a number.
    pub(super) fn scaled(&mut self, x: V, by: f64) -> Built {
        if by == 1.0 {
            return Ok(x);
        }
        let by = self.scalar(by, self.ty(x).elem)?;
        self.two("nn.mul", x, by)
    }

    /// c tanh(x / c).
    pub(super) fn capped(&mut self, x: V, cap: Option<f64>) -> Built {
        let Some(cap) = cap else { return Ok(x) };
        let cap = self.scalar(cap, self.ty(x).elem)?;
        let small = self.two("nn.div", x, cap)?;
        let bent = self.one("nn.tanh", small)?;
        self.two("nn.mul", bent, cap)
    }

    /// a b' over the last two axes.
    pub(super) fn by_transposed(&mut self, a: V, b: V) -> Built {
        self.op("nn.matmul", &[a, b], attrs([("transpose_rhs", Attr::Bool(true))]))
    }

    /// The linear module at `path`: x w', its weight stored as [outputs, inputs], plus its bias if it has one.
    pub(super) fn linear(&mut self, x: V, path: &str, outputs: u64, bias: bool) -> Built {
        let inputs = self.ty(x).dims.last().copied().unwrap_or(1);
        let weight = self.weight(&format!("{path}.weight"), [outputs, inputs])?;
        self.at(path);
        let y = self.by_transposed(x, weight)?;
        self.biased(y, path, bias)
    }

    /// y plus the bias of the module at `path`, if it has one.
    pub(super) fn biased(&mut self, y: V, path: &str, bias: bool) -> Built {
        if !bias {
            return Ok(y);
        }
        let outputs = self.ty(y).dims.last().copied().unwrap_or(1);
        let bias = self.weight(&format!("{path}.bias"), [outputs])?;
        self.at(path);
        self.two("nn.add", y, bias)
    }
}
