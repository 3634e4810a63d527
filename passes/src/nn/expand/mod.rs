//! What composite operations are made of: written once, built in a program or in an e-graph.
//!
//! Whatever is recognised can be taken apart again. A machine without a kernel for the whole then has those for its parts,
//! and the products of an attention stay visible to units that do products alone.

mod attention;
mod rows;

use super::fold_constants::rounded;
use prism_dialects::{
    Attr, Attrs, Body, Dense, Elem, F64, Loc, Numbers, Op, OpView, TensorType, Type, ValueId, registry,
};

/// Composite operations that a kernel does as a whole where a machine has one.
pub const WHOLE: &[&str] =
    &["nn.rms_norm", "nn.layer_norm", "nn.gelu", "nn.silu", "nn.swiglu", "nn.rope", "nn.causal_mask"];

/// Composite operations that hold products.
pub const OF_PRODUCTS: &[&str] = &["nn.attention"];

/// Whether an operation is made of others.
pub fn is_composite(name: &str) -> bool {
    WHOLE.contains(&name) || OF_PRODUCTS.contains(&name)
}

/// Where parts are built.
pub trait Build {
    /// A tensor there.
    type Value: Copy;

    /// Its type.
    fn tensor(&self, value: Self::Value) -> TensorType;

    /// An operation of `nn`; its type is `ty`, or what its shape rule gives. `None` where the rule refuses.
    fn op(
        &mut self,
        name: &'static str,
        operands: &[Self::Value],
        attrs: Attrs,
        ty: Option<TensorType>,
    ) -> Option<Self::Value>;
}

/// A composite operation to take apart.
pub struct Composite<'a, V> {
    /// Its name.
    pub name: &'static str,
    /// Its operands.
    pub operands: &'a [V],
    /// Its attributes.
    pub attrs: &'a Attrs,
    /// The type of its result.
    pub ty: &'a TensorType,
}

impl<V: Copy> Composite<'_, V> {
    fn flag(&self, name: &str) -> bool {
        self.attrs.get(name).and_then(Attr::as_bool).unwrap_or(false)
    }

    fn float(&self, name: &str) -> Option<f64> {
        self.attrs.get(name).and_then(Attr::as_float)
    }

    fn int(&self, name: &str) -> Option<i64> {
        self.attrs.get(name).and_then(Attr::as_int)
    }

    fn operand(&self, index: usize) -> Option<V> {
        self.operands.get(index).copied()
    }
}

/// Builds the parts of `of`; `None` where it is not composite. The last operation built is the result.
///
/// With `grouped`, the heads of an attention that share keys and values are the rows of one product; otherwise keys and values
/// are repeated. `None` too where nothing is shared.
pub fn parts<B: Build>(build: &mut B, of: &Composite<'_, B::Value>, grouped: bool) -> Option<B::Value> {
    match of.name {
        "nn.attention" => attention::attention(build, of, grouped),
        _ if grouped => None,
        "nn.rope" => attention::rope(build, of),
        "nn.causal_mask" => attention::causal_mask(build, of),
        "nn.rms_norm" => rows::rms_norm(build, of),
        "nn.layer_norm" => rows::layer_norm(build, of),
        "nn.gelu" => rows::gelu(build, of),
        "nn.silu" => {
            let x = of.operand(0)?;
            let gate = build.op("nn.sigmoid", &[x], Attrs::new(), None)?;
            build.op("nn.mul", &[x, gate], Attrs::new(), None)
        }
        "nn.swiglu" => {
            let gate = build.op("nn.silu", &[of.operand(0)?], Attrs::new(), None)?;
            build.op("nn.mul", &[gate, of.operand(1)?], Attrs::new(), None)
        }
        _ => None,
    }
}

fn attrs<const N: usize>(list: [(&str, Attr); N]) -> Attrs {
    list.into_iter().map(|(name, value)| (name.to_string(), value)).collect()
}

/// An operation without attributes, its type from its shape rule.
fn plain<B: Build>(build: &mut B, name: &'static str, operands: &[B::Value]) -> Option<B::Value> {
    build.op(name, operands, Attrs::new(), None)
}

/// One number, rounded to the element type.
fn number<B: Build>(build: &mut B, x: f64, elem: Elem) -> Option<B::Value> {
    let ty = TensorType::new([], elem);
    let value = Dense { ty: ty.clone(), numbers: Numbers::Float(vec![F64(rounded(x, elem))]) };
    build.op("nn.constant", &[], attrs([("value", Attr::Dense(value))]), Some(ty))
}

/// The same numbers under another shape; `x` itself where that is its own.
fn reshaped<B: Build>(build: &mut B, x: B::Value, dims: impl Into<Vec<u64>>) -> Option<B::Value> {
    let from = build.tensor(x);
    let to = TensorType::new(dims, from.elem);
    if from == to { Some(x) } else { build.op("nn.reshape", &[x], Attrs::new(), Some(to)) }
}

/// In another element type; `x` itself where it has it.
fn cast<B: Build>(build: &mut B, x: B::Value, elem: Elem) -> Option<B::Value> {
    let from = build.tensor(x);
    if from.elem == elem {
        return Some(x);
    }
    build.op("nn.cast", &[x], Attrs::new(), Some(TensorType::new(from.dims, elem)))
}

/// A program with the operations that `wants` names taken apart, again and again; values keep their numbers.
pub fn expand(body: &Body, wants: &dyn Fn(&Body, &Op) -> bool) -> Body {
    let mut out = body.clone();
    // Last first, as operations are popped from the end.
    let mut todo: Vec<Op> = std::mem::take(&mut out.ops).into_iter().rev().collect();
    while let Some(op) = todo.pop() {
        match wants(&out, &op).then(|| in_program(&mut out, &op)).flatten() {
            Some(made) => todo.extend(made.into_iter().rev()),
            None => out.ops.push(op),
        }
    }
    out
}

/// The parts of `op`, the last of which makes its result.
fn in_program(body: &mut Body, op: &Op) -> Option<Vec<Op>> {
    let result = op.result()?;
    let ty = body.ty(result).tensor()?.clone();
    let mut build = InBody { types: body, ops: Vec::new(), loc: op.loc.by_rule("expand") };
    let of = Composite { name: op.def.name, operands: &op.operands, attrs: &op.attrs, ty: &ty };
    let made = parts(&mut build, &of, true).or_else(|| {
        build.ops.clear();
        parts(&mut build, &of, false)
    })?;
    let mut ops = build.ops;
    let last = ops.last_mut().filter(|last| last.result() == Some(made))?;
    last.results[0] = result;
    Some(ops)
}

/// Builds beside the operations of a program.
struct InBody<'b> {
    types: &'b mut Body,
    ops: Vec<Op>,
    loc: Loc,
}

impl Build for InBody<'_> {
    type Value = ValueId;

    fn tensor(&self, value: ValueId) -> TensorType {
        self.types.ty(value).tensor().cloned().unwrap_or_else(|| TensorType::new([], Elem::F32))
    }

    fn op(
        &mut self,
        name: &'static str,
        operands: &[ValueId],
        attrs: Attrs,
        ty: Option<TensorType>,
    ) -> Option<ValueId> {
        let def = registry::op(name);
        let types: Vec<Type> = operands.iter().map(|v| self.types.ty(*v).clone()).collect();
        let ty = match ty {
            Some(ty) => ty,
            None => (def.infer?)(&OpView { def, operands: &types, results: &[], attrs: &attrs }).ok()?,
        };
        let result = self.types.value(Type::Tensor(ty));
        let (operands, results) = (operands.iter().copied().collect(), [result].into_iter().collect());
        self.ops.push(Op { def, operands, results, attrs: attrs.into(), loc: self.loc.clone() });
        Some(result)
    }
}
