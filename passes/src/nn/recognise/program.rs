//! What patterns look at: a program with the operation behind every value, and what they hand back.

use super::known::Known;
use prism_dialects::{
    Attr, Attrs, Body, Dense, Elem, F64, Loc, Numbers, Op, OpView, TensorType, Type, ValueId, registry, verify,
};
use rustc_hash::FxHashMap;
use smallvec::SmallVec;
use std::cell::RefCell;

/// Most operations that one replacement is traced back through for their names.
const MAX_PARTS: usize = 64;

/// An operand of a replacement.
#[derive(Clone, Debug)]
pub(super) enum Term {
    /// A value that is there.
    Value(ValueId),
    /// An operation to put in front; its type, where it has no shape rule.
    Op(&'static str, Vec<Term>, Attrs, Option<TensorType>),
}

impl Term {
    /// A constant that repeats one number, which the element type holds.
    pub(super) fn splat(x: f64, ty: TensorType) -> Term {
        let value = Dense { ty: ty.clone(), numbers: Numbers::Float(vec![F64(x)]) };
        Term::Op("nn.constant", Vec::new(), Attrs::from([("value".to_string(), Attr::Dense(value))]), Some(ty))
    }
}

/// What takes the place of the operation that a pattern matched.
#[derive(Clone, Debug)]
pub(super) struct Found {
    /// The operation.
    pub(super) name: &'static str,
    /// Its operands.
    pub(super) operands: Vec<Term>,
    /// Its attributes.
    pub(super) attrs: Attrs,
}

/// Attributes from a list.
pub(super) fn attrs<const N: usize>(list: [(&str, Attr); N]) -> Attrs {
    list.into_iter().map(|(name, value)| (name.to_string(), value)).collect()
}

/// A program while it is matched. Matching reads; [`Program::replace`] writes.
pub(super) struct Program<'b> {
    body: &'b mut Body,
    /// The operation that makes each value; past those of the body, one that was put in front.
    maker: Vec<Option<u32>>,
    /// Operations put in front, each with the index of the one that it stands before, ascending.
    inserted: Vec<(usize, Op)>,
    /// Values of those operations.
    interned: FxHashMap<(&'static str, Vec<ValueId>, Attrs, Type), ValueId>,
    /// What is known of positions and masks, by value.
    pub(super) known: RefCell<FxHashMap<ValueId, Known>>,
}

impl<'b> Program<'b> {
    pub(super) fn new(body: &'b mut Body) -> Self {
        let maker = body.definitions();
        let (inserted, interned, known) = (Vec::new(), FxHashMap::default(), RefCell::default());
        Program { body, maker, inserted, interned, known }
    }

    /// How many operations there are to match.
    pub(super) fn len(&self) -> usize {
        self.body.ops.len()
    }

    /// Operation number `i`.
    pub(super) fn at(&self, i: usize) -> Option<&Op> {
        self.body.ops.get(i)
    }

    /// The operation that makes a value; none makes an argument.
    pub(super) fn op(&self, value: ValueId) -> Option<&Op> {
        let i = self.maker.get(value.index()).copied().flatten()? as usize;
        self.body.ops.get(i).or_else(|| self.inserted.get(i - self.body.ops.len()).map(|(_, op)| op))
    }

    /// The operation that makes a value, if it is called that.
    pub(super) fn made_by(&self, value: ValueId, name: &str) -> Option<&Op> {
        self.op(value).filter(|op| op.name() == name)
    }

    /// The only operand of the operation of that name that makes a value.
    pub(super) fn one(&self, value: ValueId, name: &str) -> Option<ValueId> {
        match self.made_by(value, name)?.operands.as_slice() {
            [x] => Some(*x),
            _ => None,
        }
    }

    /// The two operands of the operation of that name that makes a value.
    pub(super) fn two(&self, value: ValueId, name: &str) -> Option<(ValueId, ValueId)> {
        two(self.made_by(value, name)?)
    }

    /// Both orders of the operands of the commutative operation of that name that makes a value; nothing for others.
    pub(super) fn either(&self, value: ValueId, name: &str) -> impl Iterator<Item = (ValueId, ValueId)> + use<> {
        self.two(value, name).into_iter().flat_map(|(a, b)| [(a, b), (b, a)])
    }

    /// The type of a value.
    pub(super) fn ty(&self, value: ValueId) -> TensorType {
        self.body.ty(value).tensor().cloned().unwrap_or_else(|| TensorType::new([], Elem::I1))
    }

    /// The type of the result of an operation.
    pub(super) fn result(&self, op: &Op) -> Option<TensorType> {
        self.body.ty(op.result()?).tensor().cloned()
    }

    /// The number that a value repeats, if it is a known one.
    pub(super) fn splat(&self, value: ValueId) -> Option<f64> {
        let op = self.op(value)?;
        match op.name() {
            "nn.constant" => match &op.attr("value")?.as_dense()?.numbers {
                Numbers::Float(v) if v.len() == 1 => Some(v[0].0),
                Numbers::Int(v) if v.len() == 1 => Some(v[0] as f64),
                _ => None,
            },
            "nn.broadcast" | "nn.reshape" => self.splat(*op.operands.first()?),
            "nn.cast" if self.result(op)?.elem.is_float() => self.splat(*op.operands.first()?),
            _ => None,
        }
    }

    /// Whether a value is that number everywhere.
    pub(super) fn is(&self, value: ValueId, x: f64) -> bool {
        self.splat(value) == Some(x)
    }

    /// What a value was before it was cast from one float type to another.
    pub(super) fn uncast(&self, mut value: ValueId) -> ValueId {
        while let Some(from) = self.one(value, "nn.cast").filter(|x| self.ty(*x).elem.is_float()) {
            if !self.ty(value).elem.is_float() {
                break;
            }
            value = from;
        }
        value
    }

    /// What a value was before it was broadcast.
    pub(super) fn unspread(&self, mut value: ValueId) -> ValueId {
        while let Some(from) = self.one(value, "nn.broadcast") {
            value = from;
        }
        value
    }

    /// The type of a term, if its shape rules accept it.
    pub(super) fn term_ty(&self, term: &Term) -> Option<TensorType> {
        match term {
            Term::Value(v) => Some(self.ty(*v)),
            Term::Op(name, operands, attrs, ty) => self.op_ty(name, operands, attrs, ty.as_ref()),
        }
    }

    /// The type of an operation on terms, if its shape rule or verifier accepts it.
    fn op_ty(
        &self,
        name: &'static str,
        operands: &[Term],
        attrs: &Attrs,
        ty: Option<&TensorType>,
    ) -> Option<TensorType> {
        let def = registry::op(name);
        let operands: Vec<Type> = operands.iter().map(|t| self.term_ty(t).map(Type::Tensor)).collect::<Option<_>>()?;
        let view = OpView { def, operands: &operands, results: &[], attrs };
        let made = match (ty, def.infer) {
            (Some(ty), _) => ty.clone(),
            (None, Some(infer)) => infer(&view).ok()?,
            (None, None) => return None,
        };
        let results = [Type::Tensor(made.clone())];
        verify::check_op(&OpView { results: &results, ..view }).ok()?;
        Some(made)
    }

    /// Puts `found` in the place of operation `i`, if the result keeps its type; whether it did.
    pub(super) fn replace(&mut self, i: usize, pattern: &str, found: Found) -> bool {
        let Some(op) = self.body.ops.get(i) else { return false };
        let own = self.result(op);
        let given = registry::op(found.name).infer.is_none().then_some(own.clone()).flatten();
        let fits = self.op_ty(found.name, &found.operands, &found.attrs, given.as_ref());
        if fits.is_none() || fits != own {
            return false;
        }
        let loc = self.fused(i, &found.operands).by_rule(pattern);
        let operands: SmallVec<[ValueId; 4]> = found.operands.iter().filter_map(|t| self.build(i, t, &loc)).collect();
        let Some(op) = self.body.ops.get_mut(i) else { return false };
        (op.def, op.operands, op.attrs, op.loc) = (registry::op(found.name), operands, found.attrs.into(), loc);
        true
    }

    /// The value of a term, its operations put in front of operation `i`.
    fn build(&mut self, i: usize, term: &Term, loc: &Loc) -> Option<ValueId> {
        let (name, operands, attrs) = match term {
            Term::Value(v) => return Some(*v),
            Term::Op(name, operands, attrs, _) => (*name, operands, attrs),
        };
        let ty = Type::Tensor(self.term_ty(term)?);
        let operands: Vec<ValueId> = operands.iter().map(|t| self.build(i, t, loc)).collect::<Option<_>>()?;
        let key = (name, operands.clone(), attrs.clone(), ty.clone());
        if let Some(made) = self.interned.get(&key) {
            return Some(*made);
        }
        let result = self.body.value(ty);
        let number = u32::try_from(self.body.ops.len() + self.inserted.len()).ok();
        self.maker.push(number);
        let (operands, results) = (operands.into_iter().collect(), [result].into_iter().collect());
        let op = Op { def: registry::op(name), operands, results, attrs: attrs.clone().into(), loc: loc.clone() };
        self.inserted.push((i, op));
        self.interned.insert(key, result);
        Some(result)
    }

    /// The names of all operations from operation `i` back to what remains of its operands.
    fn fused(&self, i: usize, operands: &[Term]) -> Loc {
        let mut loc = self.body.ops[i].loc.clone();
        let mut leaves = Vec::new();
        operands.iter().for_each(|t| values(t, &mut leaves));
        let mut todo: Vec<ValueId> = self.body.ops[i].operands.iter().rev().copied().collect();
        let mut seen = 0;
        while let (Some(value), true) = (todo.pop(), seen < MAX_PARTS) {
            let part = self.op(value).filter(|op| !op.operands.is_empty() && !leaves.contains(&value));
            let Some(part) = part else { continue };
            seen += 1;
            loc = loc.fused(&part.loc);
            todo.extend(part.operands.iter().rev());
        }
        loc
    }

    /// For each operation, whether a result of the program needs it.
    pub(super) fn needed(&self) -> Vec<bool> {
        let mut needed = vec![false; self.body.ops.len() + self.inserted.len()];
        let mut todo = self.body.results.clone();
        while let Some(value) = todo.pop() {
            let Some(i) = self.maker.get(value.index()).copied().flatten().map(|i| i as usize) else { continue };
            if !std::mem::replace(&mut needed[i], true) {
                todo.extend(self.op(value).into_iter().flat_map(|op| op.operands.iter().copied()));
            }
        }
        needed.truncate(self.body.ops.len());
        needed
    }

    /// Puts the operations that stand in front of others into the program.
    pub(super) fn finish(self) {
        let mut inserted = self.inserted.into_iter().peekable();
        let old = std::mem::take(&mut self.body.ops);
        for (i, op) in old.into_iter().enumerate() {
            while let Some((_, before)) = inserted.next_if(|(at, _)| *at == i) {
                self.body.ops.push(before);
            }
            self.body.ops.push(op);
        }
    }
}

/// The operands of an operation on two.
pub(super) fn two(op: &Op) -> Option<(ValueId, ValueId)> {
    match op.operands.as_slice() {
        [a, b] => Some((*a, *b)),
        _ => None,
    }
}

/// Both orders of the operands of an operation on two.
pub(super) fn orders(op: &Op) -> impl Iterator<Item = (ValueId, ValueId)> + use<> {
    two(op).into_iter().flat_map(|(a, b)| [(a, b), (b, a)])
}

/// The values that a term holds.
fn values(term: &Term, out: &mut Vec<ValueId>) {
    match term {
        Term::Value(v) => out.push(*v),
        Term::Op(_, operands, ..) => operands.iter().for_each(|t| values(t, out)),
    }
}
