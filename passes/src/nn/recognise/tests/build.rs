//! Small programs, one call per operation.

use prism_dialects::{
    Attr, Attrs, Body, Dense, Elem, F64, Holder, Loc, Numbers, OpView, TensorType, Type, ValueId, registry,
};

/// A function that grows.
pub(super) struct Build {
    body: Body,
    /// Element type of what has none of its own.
    pub(super) elem: Elem,
}

pub(super) fn attrs<const N: usize>(list: [(&str, Attr); N]) -> Attrs {
    list.into_iter().map(|(k, v)| (k.to_string(), v)).collect()
}

pub(super) fn ints(v: &[i64]) -> Attr {
    Attr::Ints(v.to_vec())
}

impl Build {
    pub(super) fn new(elem: Elem) -> Build {
        Build { body: Body::new("main", Holder::Func), elem }
    }

    pub(super) fn done(self) -> Body {
        self.body
    }

    /// Returns a value.
    pub(super) fn result(mut self, value: ValueId) -> Build {
        self.body.results.push(value);
        self
    }

    pub(super) fn dims(&self, v: ValueId) -> Vec<u64> {
        self.body.ty(v).tensor().expect("a tensor").dims.clone()
    }

    pub(super) fn arg(&mut self, dims: &[u64]) -> ValueId {
        let name = format!("x{}", self.body.args.len());
        self.body.arg(Type::Tensor(TensorType::new(dims, self.elem)), Loc::name(name))
    }

    pub(super) fn weight(&mut self, name: &str, dims: &[u64]) -> ValueId {
        let ty = TensorType::new(dims, self.elem);
        self.to("nn.param", &[], attrs([("name", Attr::str(name))]), ty)
    }

    /// A number of the element type, rounded to it.
    pub(super) fn number(&mut self, x: f64) -> ValueId {
        let x = crate::nn::fold_constants::rounded(x, self.elem);
        self.constant(TensorType::new([], self.elem), Numbers::Float(vec![F64(x)]))
    }

    pub(super) fn constant(&mut self, ty: TensorType, numbers: Numbers) -> ValueId {
        let value = Attr::Dense(Dense { ty: ty.clone(), numbers });
        self.to("nn.constant", &[], attrs([("value", value)]), ty)
    }

    /// An operation without attributes.
    pub(super) fn op(&mut self, name: &'static str, operands: &[ValueId]) -> ValueId {
        self.with(name, operands, Attrs::new())
    }

    /// An operation whose shape rule gives its type.
    pub(super) fn with(&mut self, name: &'static str, operands: &[ValueId], attrs: Attrs) -> ValueId {
        let def = registry::op(name);
        let types: Vec<Type> = operands.iter().map(|v| self.body.ty(*v).clone()).collect();
        let view = OpView { def, operands: &types, results: &[], attrs: &attrs };
        let ty = def.infer.expect("a shape rule")(&view).unwrap_or_else(|p| panic!("{name}: {p:?}"));
        self.to(name, operands, attrs, ty)
    }

    pub(super) fn to(&mut self, name: &'static str, operands: &[ValueId], attrs: Attrs, ty: TensorType) -> ValueId {
        let loc = Loc::name(format!("node{}", self.body.ops.len()));
        self.body.push(registry::op(name), operands, attrs, Type::Tensor(ty), loc)
    }

    pub(super) fn mul(&mut self, a: ValueId, b: ValueId) -> ValueId {
        self.op("nn.mul", &[a, b])
    }

    pub(super) fn add(&mut self, a: ValueId, b: ValueId) -> ValueId {
        self.op("nn.add", &[a, b])
    }

    /// An operation on a value and a number.
    pub(super) fn by(&mut self, name: &'static str, a: ValueId, x: f64) -> ValueId {
        let x = self.number(x);
        self.op(name, &[a, x])
    }

    pub(super) fn cast(&mut self, x: ValueId, elem: Elem) -> ValueId {
        let dims = self.dims(x);
        self.to("nn.cast", &[x], Attrs::new(), TensorType::new(dims, elem))
    }

    pub(super) fn reshape(&mut self, x: ValueId, dims: &[u64]) -> ValueId {
        let elem = self.body.ty(x).tensor().expect("a tensor").elem;
        self.to("nn.reshape", &[x], Attrs::new(), TensorType::new(dims, elem))
    }

    pub(super) fn broadcast(&mut self, x: ValueId, dims: &[u64]) -> ValueId {
        let elem = self.body.ty(x).tensor().expect("a tensor").elem;
        self.to("nn.broadcast", &[x], Attrs::new(), TensorType::new(dims, elem))
    }

    pub(super) fn transpose(&mut self, x: ValueId, perm: &[i64]) -> ValueId {
        self.with("nn.transpose", &[x], attrs([("perm", ints(perm))]))
    }

    pub(super) fn reduce(&mut self, name: &'static str, x: ValueId, axes: &[i64], keep: bool) -> ValueId {
        let mut given = attrs([("axes", ints(axes))]);
        if keep {
            given.insert("keepdims".into(), Attr::Bool(true));
        }
        self.with(name, &[x], given)
    }

    /// Part of the last axis.
    pub(super) fn channels(&mut self, x: ValueId, start: i64, size: i64, step: i64) -> ValueId {
        let dims = self.dims(x);
        let n = dims.len();
        let mut sizes: Vec<i64> = dims.iter().map(|d| *d as i64).collect();
        let (mut starts, mut steps) = (vec![0; n], vec![1; n]);
        (starts[n - 1], sizes[n - 1], steps[n - 1]) = (start, size, step);
        self.with(
            "nn.slice",
            &[x],
            attrs([("starts", ints(&starts)), ("sizes", ints(&sizes)), ("steps", ints(&steps))]),
        )
    }

    pub(super) fn concat(&mut self, parts: &[ValueId]) -> ValueId {
        let axis = self.dims(parts[0]).len() as i64 - 1;
        self.with("nn.concat", parts, attrs([("axis", Attr::Int(axis))]))
    }

    pub(super) fn softmax(&mut self, x: ValueId, axis: i64) -> ValueId {
        self.with("nn.softmax", &[x], attrs([("axis", Attr::Int(axis))]))
    }

    /// The whole numbers from `start` on.
    pub(super) fn iota(&mut self, start: i64, n: u64) -> ValueId {
        let ty = TensorType::new([n], Elem::I64);
        self.to("nn.iota", &[], attrs([("start", Attr::Int(start)), ("step", Attr::Int(1))]), ty)
    }
}
