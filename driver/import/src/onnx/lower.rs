//! What conversions build with: values of the graph, known or made by operations, and the body that grows.
//!
//! A value that is known stays out of the body until an operation that is not folded uses it. So shape arithmetic
//! leaves no trace.

use super::data::External;
use super::fault::{Fault, shape};
use super::fold::{self, fold, is_small, progression};
use super::needs;
use super::proto;
use super::tensor;
use prism_dialects::{
    Attr, Attrs, Body, Dense, Elem, F64, Holder, Loc, Numbers, OpView, TensorType, Type, ValueId, registry, verify,
};
use std::rc::Rc;

/// Weights with more elements than this stay in the model file; smaller ones become constants.
pub(crate) const MAX_CONSTANT: u64 = 64;
/// Longer progressions of integers are written as `nn.iota`.
const MAX_WRITTEN_OUT: usize = 8;

/// Most axes of a tensor. Some rules take time quadratic in them.
pub(crate) const MAX_RANK: usize = 64;

/// A value while the graph is converted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Val(usize);

struct Slot {
    ty: TensorType,
    /// In the body, once something there uses it.
    made: Option<ValueId>,
    /// Its numbers, if they are known.
    known: Option<Rc<Dense>>,
    /// The initializer that it is, by index.
    weight: Option<usize>,
    /// The user's name for it.
    loc: Loc,
}

/// The conversion of one graph.
pub(crate) struct Lower<'m> {
    initializers: &'m [proto::Tensor],
    external: External<'m>,
    slots: Vec<Slot>,
    /// Numbers that may still be folded.
    budget: usize,
    /// The body so far.
    pub(crate) body: Body,
    /// Location of the node at hand.
    pub(crate) loc: Loc,
}

/// Attributes from a list.
pub(crate) fn attrs<const N: usize>(list: [(&str, Attr); N]) -> Attrs {
    list.into_iter().map(|(name, value)| (name.to_string(), value)).collect()
}

impl<'m> Lower<'m> {
    /// Nothing converted yet.
    pub(crate) fn new(initializers: &'m [proto::Tensor], external: External<'m>) -> Lower<'m> {
        let body = Body::new("main", Holder::Func);
        Lower { initializers, external, slots: Vec::new(), budget: fold::BUDGET, body, loc: Loc::default() }
    }

    fn slot(&mut self, slot: Slot) -> Val {
        self.slots.push(slot);
        Val(self.slots.len() - 1)
    }

    /// A graph input.
    pub(crate) fn input(&mut self, ty: TensorType, loc: Loc) -> Val {
        let made = Some(self.body.arg(ty.clone(), loc.clone()));
        self.slot(Slot { ty, made, known: None, weight: None, loc })
    }

    /// An initializer; its numbers are read now if they are few and in the file.
    pub(crate) fn weight(&mut self, index: usize, ty: TensorType, loc: Loc) -> Val {
        let tensor = self.initializers.get(index).filter(|t| is_small(&ty) && !tensor::is_external(t));
        let numbers = tensor.and_then(|t| tensor::numbers(t, &ty).ok());
        let known = numbers.map(|numbers| Rc::new(fold::compact(Dense { ty: ty.clone(), numbers })));
        self.slot(Slot { ty, made: None, known, weight: Some(index), loc })
    }

    /// A known value.
    pub(crate) fn constant(&mut self, value: Dense) -> Val {
        let loc = self.loc.clone();
        let ty = value.ty.clone();
        self.slot(Slot { ty, made: None, known: Some(Rc::new(fold::compact(value))), weight: None, loc })
    }

    /// A vector of known integers.
    pub(crate) fn vector(&mut self, numbers: Vec<i64>) -> Val {
        let ty = TensorType::new([numbers.len() as u64], Elem::I64);
        self.constant(Dense { ty, numbers: Numbers::Int(numbers) })
    }

    /// `x` as a tensor of one number; the number is rounded to the element type.
    pub(crate) fn splat(&mut self, x: f64, ty: TensorType) -> Val {
        let numbers = match ty.elem.is_float() {
            true => Numbers::Float(vec![F64(tensor::rounded(x, ty.elem))]),
            // Conversions pass small whole numbers only.
            false => Numbers::Int(vec![x as i64]),
        };
        self.constant(Dense { ty, numbers })
    }

    /// `x` as a scalar of that element type.
    pub(crate) fn scalar(&mut self, x: f64, elem: Elem) -> Val {
        self.splat(x, TensorType::new([], elem))
    }

    /// The type of a value.
    pub(crate) fn ty(&self, val: Val) -> &TensorType {
        &self.slots[val.0].ty
    }

    /// The numbers of a value, if they are known.
    pub(crate) fn known(&self, val: Val) -> Option<&Rc<Dense>> {
        self.slots[val.0].known.as_ref()
    }

    /// The numbers of a value, read from the file of external data if they are there.
    ///
    /// # Errors
    /// [`Fault::Missing`] when they are not, [`Fault::Unsupported`] when they depend on the inputs.
    pub(crate) fn needed(&mut self, val: Val, role: &str) -> Result<Rc<Dense>, Fault> {
        let slot = &self.slots[val.0];
        if let Some(known) = &slot.known {
            return Ok(known.clone());
        }
        let Some(tensor) = slot.weight.and_then(|i| self.initializers.get(i)) else {
            return Err(Fault::Unsupported(format!("where {role} depends on the values of inputs"), needs::VALUE));
        };
        let (what, ty) = (format!("{role} is `{}`, whose values are needed", tensor.name), slot.ty.clone());
        if !is_small(&ty) {
            return Err(shape(role, ty.to_string(), format!("at most {} integers", fold::MAX_INTEGERS)));
        }
        let read =
            if tensor::is_external(tensor) { self.external.numbers(tensor, &ty) } else { tensor::numbers(tensor, &ty) };
        let numbers = read.map_err(|found| Fault::Missing { what, found })?;
        let known = Rc::new(fold::compact(Dense { ty, numbers }));
        self.slots[val.0].known = Some(known.clone());
        Ok(known)
    }

    /// The integers that a value holds, as a list whatever its rank.
    pub(crate) fn ints(&mut self, val: Val, role: &str) -> Result<Vec<i64>, Fault> {
        let known = self.needed(val, role)?;
        let Numbers::Int(v) = &known.numbers else {
            return Err(shape(role, known.ty.to_string(), "integers"));
        };
        if !is_small(&known.ty) {
            return Err(shape(role, known.ty.to_string(), format!("at most {} integers", fold::MAX_INTEGERS)));
        }
        match v.as_slice() {
            [one] => Ok(vec![*one; usize::try_from(known.ty.numel()).unwrap_or(0)]),
            all => Ok(all.to_vec()),
        }
    }

    /// The one number that a value holds.
    pub(crate) fn number(&mut self, val: Val, role: &str) -> Result<f64, Fault> {
        let known = self.needed(val, role)?;
        match &known.numbers {
            Numbers::Int(v) if v.len() == 1 => Ok(v[0] as f64),
            Numbers::Float(v) if v.len() == 1 => Ok(v[0].0),
            _ => Err(shape(role, known.ty.to_string(), "one number")),
        }
    }

    /// An operation without attributes.
    pub(crate) fn op(&mut self, name: &'static str, operands: &[Val]) -> Result<Val, Fault> {
        self.op_with(name, operands, Attrs::new())
    }

    /// An operation whose result type follows from its operands.
    pub(crate) fn op_with(&mut self, name: &'static str, operands: &[Val], attrs: Attrs) -> Result<Val, Fault> {
        self.build(name, operands, attrs, None)
    }

    /// An operation with a result type of its own.
    pub(crate) fn op_to(
        &mut self,
        name: &'static str,
        operands: &[Val],
        attrs: Attrs,
        ty: TensorType,
    ) -> Result<Val, Fault> {
        self.build(name, operands, attrs, Some(ty))
    }

    fn build(
        &mut self,
        name: &'static str,
        operands: &[Val],
        attrs: Attrs,
        ty: Option<TensorType>,
    ) -> Result<Val, Fault> {
        let def = registry::op(name);
        let types: Vec<Type> = operands.iter().map(|v| Type::Tensor(self.ty(*v).clone())).collect();
        let ty = match (ty, def.infer) {
            (Some(ty), _) => ty,
            (None, Some(infer)) => infer(&OpView { def, operands: &types, results: &[], attrs: &attrs })?,
            (None, None) => return Err(shape("result", format!("`{name}` without a type"), "a type")),
        };
        if ty.rank() > MAX_RANK {
            return Err(shape("number of axes", ty.rank().to_string(), format!("at most {MAX_RANK}")));
        }
        let results = [Type::Tensor(ty.clone())];
        verify::check_op(&OpView { def, operands: &types, results: &results, attrs: &attrs })?;
        let known: Option<Vec<&Dense>> = operands.iter().map(|v| self.known(*v).map(|d| &**d)).collect();
        let known = known.filter(|_| self.budget > 0);
        if let Some(value) = known.and_then(|known| fold(def, &known, &attrs, &ty)) {
            self.budget = self.budget.saturating_sub(value.numbers.len());
            return Ok(self.constant(value));
        }
        let operands: Vec<ValueId> = operands.iter().map(|v| self.in_body(*v)).collect();
        let loc = self.loc.clone();
        let made = Some(self.body.push(def, &operands, attrs, ty.clone(), loc.clone()));
        Ok(self.slot(Slot { ty, made, known: None, weight: None, loc }))
    }

    /// The value as the body has it; written there first if it is not yet.
    pub(crate) fn in_body(&mut self, val: Val) -> ValueId {
        let slot = &self.slots[val.0];
        if let Some(made) = slot.made {
            return made;
        }
        let (ty, loc) = (slot.ty.clone(), self.place_of(slot));
        let weight = slot.weight.and_then(|i| self.initializers.get(i));
        let stays = |t: &&proto::Tensor| tensor::is_external(t) || ty.numel() > MAX_CONSTANT;
        let made = match (weight.filter(stays), slot.known.clone()) {
            (None, Some(value)) => self.write_constant(&value, loc),
            (weight, _) => {
                let name = weight.map_or("", |t| &t.name);
                let attrs = attrs([("name", Attr::str(name))]);
                self.body.push(registry::op("nn.param"), &[], attrs, ty, loc)
            }
        };
        self.slots[val.0].made = Some(made);
        made
    }

    /// Where a value that is written into the body belongs. Names without a module path, such as the `val_107` that
    /// exporters give to a transposed weight, say nothing: then the module of the first user comes first.
    fn place_of(&self, slot: &Slot) -> Loc {
        let mut loc = Loc::default();
        if slot.weight.is_some() && !slot.loc.first().contains('.') {
            loc.names.extend(self.loc.names.first().cloned());
        }
        loc.fused(&slot.loc)
    }

    fn write_constant(&mut self, value: &Dense, loc: Loc) -> ValueId {
        let ty = value.ty.clone();
        let long = value.numbers.len() > MAX_WRITTEN_OUT;
        let Some((start, step)) = progression(&value.numbers).filter(|_| long && ty.elem != Elem::I1) else {
            let attrs = attrs([("value", Attr::Dense(value.clone()))]);
            return self.body.push(registry::op("nn.constant"), &[], attrs, ty, loc);
        };
        let attrs = attrs([("start", Attr::Int(start)), ("step", Attr::Int(step))]);
        let flat = TensorType::new([ty.numel()], ty.elem);
        let line = self.body.push(registry::op("nn.iota"), &[], attrs, flat, loc.clone());
        if ty.rank() == 1 {
            return line;
        }
        self.body.push(registry::op("nn.reshape"), &[line], Attrs::new(), ty, loc)
    }

    /// `val` under another shape of as many elements.
    pub(crate) fn reshape(&mut self, val: Val, dims: Vec<u64>) -> Result<Val, Fault> {
        let from = self.ty(val);
        if from.dims == dims {
            return Ok(val);
        }
        let to = TensorType::new(dims, from.elem);
        self.op_to("nn.reshape", &[val], Attrs::new(), to)
    }

    /// `val` repeated to a larger shape.
    pub(crate) fn broadcast(&mut self, val: Val, dims: Vec<u64>) -> Result<Val, Fault> {
        let from = self.ty(val);
        if from.dims == dims {
            return Ok(val);
        }
        let to = TensorType::new(dims, from.elem);
        self.op_to("nn.broadcast", &[val], Attrs::new(), to)
    }

    /// `val` in another element type.
    pub(crate) fn cast(&mut self, val: Val, elem: Elem) -> Result<Val, Fault> {
        let from = self.ty(val);
        if from.elem == elem {
            return Ok(val);
        }
        let to = TensorType::new(from.dims.clone(), elem);
        self.op_to("nn.cast", &[val], Attrs::new(), to)
    }
}
