//! Random tensor programs, and their values, to run passes on in tests. Not for use outside tests.
//!
//! Programs are in `f64`, `i64` and `i1`, so that the interpreters, which compute in `f64`, are exact: a pass that keeps
//! the meaning keeps every bit.

use prism_dialects::interp::{Data, Tensor, run, run_classes};
use prism_dialects::{
    Attr, Attrs, Body, Elem, F64, Holder, Loc, Module, Numbers, Op, OpView, TensorType, Type, ValueId,
};
use prism_dialects::{Dense, registry, verify};

/// SplitMix64: small, seedable, the same everywhere. Steele, Lea, Flood, "Fast Splittable Pseudorandom Number
/// Generators" (2014), figure 2.
#[derive(Clone, Debug)]
pub struct Rng(pub u64);

impl Rng {
    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `n`; 0 where `n` is 0.
    pub fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.bits() % (n.max(1) as u64)).unwrap_or(0)
    }

    /// One of them.
    pub fn pick<T: Copy>(&mut self, of: &[T]) -> Option<T> {
        of.get(self.below(of.len())).copied()
    }
}

/// A module with one function `@main` of about that many operations, valid for its dialect. The same seed and size give
/// the same module.
pub fn random_module(seed: u64, ops: usize) -> Module {
    let mut maker = Maker { rng: Rng(seed), body: Body::new("main", Holder::Func) };
    for i in 0..2 {
        let ty = maker.tensor(Elem::F64);
        maker.body.arg(Type::Tensor(ty), Loc::name(format!("input{i}")));
    }
    // Some attempts do not fit and add nothing.
    for _ in 0..ops.saturating_mul(3) {
        if maker.body.ops.len() < ops {
            maker.attempt();
        }
    }
    let n = maker.body.types.len();
    maker.body.results = (0..3).map(|_| ValueId((n - 1 - maker.rng.below(n.min(6))) as u32)).collect();
    Module { attrs: Attrs::new(), bodies: vec![maker.body] }
}

/// A segment of the stacked graph made of a random program: some values become classes, some of those with the same
/// operation twice, some with an alternative that goes round in a cycle (twice negated). The same seed and size give the
/// same segment.
pub fn random_segment(seed: u64, ops: usize) -> Body {
    let flat = random_module(seed, ops).bodies.pop().unwrap_or_else(|| Body::new("empty", Holder::Func));
    let mut rng = Rng(!seed);
    let mut body = Body::new("segment", Holder::Subgraph);
    let mut became = vec![ValueId(0); flat.types.len()];
    for (a, loc) in flat.args.iter().zip(&flat.arg_locs) {
        became[a.index()] = body.arg(flat.shared_ty(*a), loc.clone());
    }
    for op in &flat.ops {
        let Some(result) = op.result() else { continue };
        let ty = flat.ty(result).clone();
        let operands: Vec<ValueId> = op.operands.iter().map(|v| became[v.index()]).collect();
        let mut alternatives = vec![body.push(op.def, &operands, op.attrs.clone(), ty.clone(), op.loc.clone())];
        became[result.index()] = alternatives[0];
        if rng.below(3) == 0 {
            continue;
        }
        let class = body.value(ty.clone());
        if rng.below(3) == 0 {
            alternatives.push(body.push(op.def, &operands, op.attrs.clone(), ty.clone(), op.loc.by_rule("twice")));
        }
        if rng.below(3) == 0 && ty.tensor().is_some_and(|t| t.elem == Elem::F64) {
            let neg = registry::op("nn.neg");
            let once = body.push(neg, &[class], Attrs::new(), ty.clone(), Loc::name("once"));
            alternatives.push(body.push(neg, &[once], Attrs::new(), ty, Loc::name("back")));
        }
        let def = registry::op("stack.class");
        let (results, operands) = ([class].into_iter().collect(), alternatives.into_iter().collect());
        body.ops.push(Op { def, operands, results, attrs: Default::default(), loc: op.loc.clone() });
        became[result.index()] = class;
    }
    body.results = flat.results.iter().map(|v| became[v.index()]).collect();
    body
}

struct Maker {
    rng: Rng,
    body: Body,
}

const UNARY: &[&str] = &["nn.neg", "nn.abs", "nn.exp", "nn.sqrt", "nn.tanh", "nn.relu", "nn.floor", "nn.sigmoid"];
const BINARY: &[&str] = &["nn.add", "nn.sub", "nn.mul", "nn.div", "nn.max", "nn.min"];
const COMPARE: &[&str] = &["nn.equal", "nn.less", "nn.greater_equal"];
const REDUCE: &[&str] = &["nn.reduce_mean", "nn.reduce_sum", "nn.reduce_max", "nn.reduce_min"];

impl Maker {
    fn tensor(&mut self, elem: Elem) -> TensorType {
        let rank = self.rng.below(4);
        let dims: Vec<u64> = (0..rank).map(|_| 1 + self.rng.below(3) as u64).collect();
        TensorType::new(dims, elem)
    }

    /// A value of that element type, often one of the last.
    fn value(&mut self, elem: Elem) -> Option<ValueId> {
        let of_type = |t: &Type| t.tensor().is_some_and(|t| t.elem == elem);
        let all: Vec<ValueId> =
            (0..self.body.types.len()).filter(|i| of_type(&self.body.types[*i])).map(|i| ValueId(i as u32)).collect();
        let last = &all[all.len().saturating_sub(4)..];
        if self.rng.below(2) == 0 { self.rng.pick(last) } else { self.rng.pick(&all) }
    }

    fn dims(&self, v: ValueId) -> Vec<u64> {
        self.body.ty(v).tensor().map(|t| t.dims.clone()).unwrap_or_default()
    }

    /// Appends the operation if it is valid. `result` is needed where the shape rule does not give it.
    fn op(&mut self, name: &'static str, operands: &[ValueId], attrs: Attrs, result: Option<TensorType>) -> Option<()> {
        let def = registry::op(name);
        let types: Vec<Type> = operands.iter().map(|v| self.body.ty(*v).clone()).collect();
        let view = OpView { def, operands: &types, results: &[], attrs: &attrs };
        let ty = result.or_else(|| def.infer.and_then(|infer| infer(&view).ok()))?;
        let results = [Type::Tensor(ty.clone())];
        verify::check_op(&OpView { def, operands: &types, results: &results, attrs: &attrs }).ok()?;
        let loc = Loc::name(format!("op{}", self.body.ops.len()));
        self.body.push(def, operands, attrs, Type::Tensor(ty), loc);
        Some(())
    }

    /// Tries to append one operation.
    fn attempt(&mut self) -> Option<()> {
        match self.rng.below(13) {
            0 | 1 => self.constant(),
            2 => self.leaf(),
            3 => self.elementwise(),
            4 => self.two(),
            5 => self.boolean(),
            6 | 7 => self.move_whole(),
            8 => self.move_parts(),
            9 => self.matmul(),
            10 => self.rows(),
            11 => self.spelled_out(),
            _ => self.again(),
        }
    }

    fn constant(&mut self) -> Option<()> {
        let elem = self.rng.pick(&[Elem::F64, Elem::F64, Elem::I64, Elem::I1])?;
        let ty = self.tensor(elem);
        let n = if self.rng.below(3) == 0 { 1 } else { ty.numel() };
        let special = [-0.0, 0.0, 1.0, f64::INFINITY, f64::NAN, 2.5];
        let numbers = match elem {
            Elem::F64 => Numbers::Float((0..n).filter_map(|_| self.rng.pick(&special).map(F64)).collect()),
            Elem::I1 => Numbers::Int((0..n).map(|_| self.rng.below(2) as i64).collect()),
            _ => Numbers::Int((0..n).map(|_| self.rng.below(9) as i64 - 4).collect()),
        };
        let attrs = Attrs::from([("value".into(), Attr::Dense(Dense { ty: ty.clone(), numbers }))]);
        self.op("nn.constant", &[], attrs, Some(ty))
    }

    fn leaf(&mut self) -> Option<()> {
        if self.rng.below(2) == 0 {
            let ty = self.tensor(Elem::F64);
            // The type is in the name, so that a name always means one weight.
            let attrs = Attrs::from([("name".into(), Attr::str(format!("w.{ty}")))]);
            return self.op("nn.param", &[], attrs, Some(ty));
        }
        let (start, step) = (self.rng.below(5) as i64, self.rng.below(3) as i64 - 1);
        let ty = TensorType::new([1 + self.rng.below(4) as u64], self.rng.pick(&[Elem::F64, Elem::I64])?);
        let attrs = Attrs::from([("start".into(), Attr::Int(start)), ("step".into(), Attr::Int(step))]);
        self.op("nn.iota", &[], attrs, Some(ty))
    }

    fn elementwise(&mut self) -> Option<()> {
        if self.rng.below(3) > 0 {
            let x = self.value(Elem::F64)?;
            let name = self.rng.pick(UNARY)?;
            return self.op(name, &[x], Attrs::new(), None);
        }
        // Into floats only: not every float is an integer.
        let from = self.rng.pick(&[Elem::F64, Elem::I64, Elem::I1])?;
        let x = self.value(from)?;
        let ty = TensorType::new(self.dims(x), Elem::F64);
        self.op("nn.cast", &[x], Attrs::new(), Some(ty))
    }

    fn two(&mut self) -> Option<()> {
        let (a, b) = (self.value(Elem::F64)?, self.value(Elem::F64)?);
        let name = self.rng.pick(BINARY)?;
        self.op(name, &[a, b], Attrs::new(), None)
    }

    fn boolean(&mut self) -> Option<()> {
        if self.rng.below(2) == 0 {
            let (a, b) = (self.value(Elem::F64)?, self.value(Elem::F64)?);
            let name = self.rng.pick(COMPARE)?;
            return self.op(name, &[a, b], Attrs::new(), None);
        }
        let (c, a, b) = (self.value(Elem::I1)?, self.value(Elem::F64)?, self.value(Elem::F64)?);
        self.op("nn.where", &[c, a, b], Attrs::new(), None)
    }

    /// Reshape, broadcast, transpose.
    fn move_whole(&mut self) -> Option<()> {
        let x = self.value(Elem::F64)?;
        let mut dims = self.dims(x);
        match self.rng.below(3) {
            0 => {
                match self.rng.below(4) {
                    0 => dims = vec![dims.iter().product()],
                    1 => dims.insert(self.rng.below(dims.len() + 1), 1),
                    2 => dims.retain(|d| *d != 1),
                    _ => dims.reverse(),
                }
                self.op("nn.reshape", &[x], Attrs::new(), Some(TensorType::new(dims, Elem::F64)))
            }
            1 => {
                let wide = 1 + self.rng.below(3) as u64;
                dims.iter_mut().filter(|d| **d == 1).for_each(|d| *d = wide);
                if self.rng.below(3) == 0 {
                    dims.insert(0, 2);
                }
                self.op("nn.broadcast", &[x], Attrs::new(), Some(TensorType::new(dims, Elem::F64)))
            }
            _ => {
                let mut perm: Vec<i64> = (0..dims.len() as i64).collect();
                let turn = self.rng.below(dims.len());
                perm.rotate_left(turn);
                self.op("nn.transpose", &[x], Attrs::from([("perm".into(), Attr::Ints(perm))]), None)
            }
        }
    }

    /// Slice, concat, gather.
    fn move_parts(&mut self) -> Option<()> {
        let x = self.value(Elem::F64)?;
        let dims = self.dims(x);
        match self.rng.below(4) {
            0 | 1 => {
                let backwards = self.rng.below(3) == 0;
                let whole = self.rng.below(2) == 0;
                let sizes: Vec<i64> = dims
                    .iter()
                    .map(|d| if whole { *d as i64 } else { 1 + self.rng.below(*d as usize) as i64 })
                    .collect();
                let starts = sizes.iter().map(|s| if backwards { s - 1 } else { 0 }).collect();
                let steps = vec![if backwards { -1 } else { 1 }; dims.len()];
                let ints = [("starts", starts), ("sizes", sizes), ("steps", steps)];
                let attrs = ints.into_iter().map(|(k, v)| (k.to_string(), Attr::Ints(v))).collect();
                self.op("nn.slice", &[x], attrs, None)
            }
            2 => {
                let axis = self.rng.below(dims.len()) as i64;
                let many = vec![x; 1 + self.rng.below(2)];
                self.op("nn.concat", &many, Attrs::from([("axis".into(), Attr::Int(axis))]), None)
            }
            _ => {
                let axis = self.rng.below(dims.len());
                let extent = dims.get(axis).copied()? as i64;
                let numbers = Numbers::Int(vec![0, extent - 1, -1]);
                let dense = Dense { ty: TensorType::new([3], Elem::I64), numbers };
                let attrs = Attrs::from([("value".into(), Attr::Dense(dense.clone()))]);
                self.op("nn.constant", &[], attrs, Some(dense.ty))?;
                let indices = ValueId(self.body.types.len() as u32 - 1);
                self.op("nn.gather", &[x, indices], Attrs::from([("axis".into(), Attr::Int(axis as i64))]), None)
            }
        }
    }

    fn matmul(&mut self) -> Option<()> {
        let (a, b) = (self.value(Elem::F64)?, self.value(Elem::F64)?);
        let mut attrs = Attrs::new();
        for name in ["transpose_lhs", "transpose_rhs"] {
            if self.rng.below(2) == 0 {
                attrs.insert(name.into(), Attr::Bool(true));
            }
        }
        self.op("nn.matmul", &[a, b], attrs, None)
    }

    fn rows(&mut self) -> Option<()> {
        let x = self.value(Elem::F64)?;
        let axis = self.rng.below(self.dims(x).len()) as i64;
        match self.rng.below(3) {
            0 => self.op("nn.softmax", &[x], Attrs::from([("axis".into(), Attr::Int(axis))]), None),
            1 => self.op("nn.cumsum", &[x], Attrs::from([("axis".into(), Attr::Int(axis))]), None),
            _ => {
                let name = self.rng.pick(REDUCE)?;
                self.op(name, &[x], Attrs::from([("axes".into(), Attr::Ints(vec![axis]))]), None)
            }
        }
    }

    /// A gate of SiLU as exporters write it.
    fn spelled_out(&mut self) -> Option<()> {
        let x = self.value(Elem::F64)?;
        self.op("nn.sigmoid", &[x], Attrs::new(), None)?;
        let gate = ValueId(self.body.types.len() as u32 - 1);
        let operands = if self.rng.below(2) == 0 { [x, gate] } else { [gate, x] };
        self.op("nn.mul", &operands, Attrs::new(), None)?;
        let gate = ValueId(self.body.types.len() as u32 - 1);
        let up = self.value(Elem::F64)?;
        self.op("nn.mul", &[gate, up], Attrs::new(), None)
    }

    /// The same as an operation that is there.
    fn again(&mut self) -> Option<()> {
        let at = self.rng.below(self.body.ops.len());
        let op = self.body.ops.get(at)?.clone();
        let ty = self.body.ty(op.result()?).tensor()?.clone();
        self.op(op.def.name, &op.operands, (*op.attrs).clone(), Some(ty))
    }
}

/// Random numbers for a tensor of floats, some of them special.
pub fn random_tensor(ty: &TensorType, rng: &mut Rng) -> Tensor {
    let number = |rng: &mut Rng| match rng.below(8) {
        0 => -0.0,
        1 => 1.0,
        _ => (rng.bits() >> 11) as f64 / (1u64 << 51) as f64 - 2.0,
    };
    let n = ty.numel();
    Tensor { ty: ty.clone(), data: Data::Float((0..n).map(|_| number(rng)).collect()) }
}

/// The results of a function, or of a segment whose alternatives agree, on random arguments and weights of that seed.
///
/// # Errors
/// When an operation has no value, such as an index outside its table.
pub fn values(body: &Body, seed: u64) -> Result<Vec<Tensor>, String> {
    let mut rng = Rng(seed);
    let types = body.args.iter().map(|a| body.ty(*a).tensor().ok_or("an argument without a tensor"));
    let args = types.map(|ty| ty.map(|ty| random_tensor(ty, &mut rng))).collect::<Result<Vec<_>, _>>()?;
    let weight = |name: &str, ty: &TensorType| {
        let of_name = name.bytes().fold(seed, |s, b| s.wrapping_mul(31).wrapping_add(u64::from(b)));
        Ok(random_tensor(ty, &mut Rng(of_name)))
    };
    if body.holder == Holder::Func {
        return run(body, &args, &weight);
    }
    let classes = run_classes(body, &args, &weight, 0.0)?;
    body.results.iter().map(|v| classes.get(v).cloned().ok_or_else(|| "a result without a value".into())).collect()
}

/// Whether two tensors are equal bit by bit, any NaN as good as another.
pub fn same(a: &Tensor, b: &Tensor) -> bool {
    let equal = |x: &f64, y: &f64| x.to_bits() == y.to_bits() || (x.is_nan() && y.is_nan());
    a.ty == b.ty
        && match (&a.data, &b.data) {
            (Data::Float(x), Data::Float(y)) => x.len() == y.len() && x.iter().zip(y).all(|(x, y)| equal(x, y)),
            (x, y) => x == y,
        }
}
