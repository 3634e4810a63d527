//! `elec.fused`: several operations of `nn` as one kernel.

use super::{check_bits, tensors};
use crate::attr::{Attr, Attrs};
use crate::cost_attr::check_cost;
use crate::define::{OpDef, OpView, Problem};
use crate::interp::{Tensor, evaluate};
use crate::level::Level;
use crate::types::{TensorType, Type};
use std::borrow::Cow;

/// What a member of a fused kernel works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// That operand of the kernel.
    Operand(usize),
    /// The result of that member.
    Member(usize),
}

/// One of the operations of a fused kernel.
#[derive(Clone, Debug)]
pub struct Member {
    /// The operation.
    pub def: &'static OpDef,
    /// Its attributes.
    pub params: Attrs,
    /// What it works on.
    pub sources: Vec<Source>,
}

impl Member {
    /// As an entry of `members`, for a kernel of so many operands.
    pub fn to_attr(&self, operands: usize) -> Attr {
        let number = |s: &Source| match s {
            Source::Operand(i) => *i,
            Source::Member(i) => operands.saturating_add(*i),
        };
        let numbers = self.sources.iter().map(|s| i64::try_from(number(s)).unwrap_or(i64::MAX)).collect();
        let mut entry =
            Attrs::from([("op".to_string(), Attr::str(self.def.name)), ("from".to_string(), Attr::Ints(numbers))]);
        if !self.params.is_empty() {
            entry.insert("params".into(), Attr::dict(self.params.clone()));
        }
        Attr::dict(entry)
    }

    fn of(entry: &Attr, index: usize, operands: usize) -> Result<Member, Problem> {
        let what = format!("member {index}");
        let malformed = || Problem::new(&*what, entry.to_string(), "{op = \"nn....\", from = array<i64: ...>}");
        let entry = entry.as_dict().ok_or_else(malformed)?;
        let name = entry.get("op").and_then(Attr::as_str).ok_or_else(malformed)?;
        let def = crate::registry::find(name).filter(|d| d.level == Level::Nn).ok_or_else(malformed)?;
        let source = |n: &i64| match usize::try_from(*n).ok()? {
            n if n < operands => Some(Source::Operand(n)),
            n if n - operands < index => Some(Source::Member(n - operands)),
            _ => None,
        };
        let from = entry.get("from").and_then(Attr::as_ints).ok_or_else(malformed)?;
        let sources: Option<Vec<Source>> = from.iter().map(source).collect();
        let allowed = format!("operands below {operands}, then members before this one");
        let sources = sources.ok_or_else(|| Problem::new(format!("`from` of {what}"), format!("{from:?}"), allowed))?;
        Ok(Member { def, params: entry.get("params").and_then(Attr::as_dict).cloned().unwrap_or_default(), sources })
    }
}

/// The members of a fused kernel of so many operands, in their order.
///
/// # Errors
/// When an entry of `members` does not say an operation of `nn` and what it works on.
pub fn members(attrs: &Attrs, operands: usize) -> Result<Vec<Member>, Problem> {
    let entries = attrs.get("members").and_then(Attr::as_list).unwrap_or(&[]);
    entries.iter().enumerate().map(|(i, entry)| Member::of(entry, i, operands)).collect()
}

/// The types of what the members make: by their shape rules, but for the last, which makes the result.
///
/// # Errors
/// What a shape rule refuses, or a member before the last that has none.
pub fn types(members: &[Member], operands: &[TensorType], result: &TensorType) -> Result<Vec<TensorType>, Problem> {
    let mut made: Vec<TensorType> = Vec::with_capacity(members.len());
    for (i, member) in members.iter().enumerate() {
        let given: Vec<Type> = sources(member, operands, &made)?.into_iter().cloned().map(Type::Tensor).collect();
        let view = OpView { def: member.def, operands: &given, results: &[], attrs: &member.params };
        let ty = if i + 1 == members.len() {
            result.clone()
        } else {
            let infer = member.def.infer;
            let infer = infer.ok_or_else(|| Problem::new(format!("member {i}"), member.def.name, "a shape rule"))?;
            infer(&view)?
        };
        crate::verify::check_op(&OpView { results: &[Type::Tensor(ty.clone())], ..view })?;
        made.push(ty);
    }
    Ok(made)
}

fn sources<'a, T>(member: &Member, operands: &'a [T], made: &'a [T]) -> Result<Vec<&'a T>, Problem> {
    let of = |s: &Source| match s {
        Source::Operand(i) => operands.get(*i),
        Source::Member(i) => made.get(*i),
    };
    let all: Option<Vec<&T>> = member.sources.iter().map(of).collect();
    all.ok_or_else(|| Problem::new(member.def.name, "an operand that is not there", "operands, then earlier members"))
}

pub(super) fn verify(op: &OpView<'_>) -> Result<(), Problem> {
    check_cost(op)?;
    let members = members(op.attrs, op.operands.len())?;
    if members.len() < 2 {
        return Err(Problem::new("number of members", members.len().to_string(), "at least 2"));
    }
    let used = |i: usize| members.iter().any(|m| m.sources.contains(&Source::Member(i)));
    if let Some(i) = (0..members.len() - 1).find(|i| !used(*i)) {
        return Err(Problem::new(format!("member {i}"), "a result that nothing uses", "one that a later member uses"));
    }
    let Some(result) = op.results.first().and_then(Type::tensor) else { return Ok(()) };
    types(&members, &tensors(op.operands), result)?;
    check_bits(op)
}

/// The members, one after another.
pub(super) fn interp(_: &'static OpDef, args: &[&Tensor], attrs: &Attrs, ty: &TensorType) -> Result<Tensor, String> {
    let told = |p: Problem| format!("{}: {}", p.what, p.found);
    let members = members(attrs, args.len()).map_err(told)?;
    let operands: Vec<TensorType> = args.iter().map(|t| t.ty.clone()).collect();
    let types = types(&members, &operands, ty).map_err(told)?;
    let mut made: Vec<Cow<'_, Tensor>> = Vec::with_capacity(members.len());
    let args: Vec<Cow<'_, Tensor>> = args.iter().map(|t| Cow::Borrowed(*t)).collect();
    for (member, ty) in members.iter().zip(&types) {
        let given = sources(member, &args, &made).map_err(told)?;
        let given: Vec<&Tensor> = given.into_iter().map(Cow::as_ref).collect();
        let value = evaluate(member.def, &given, &member.params, ty)?;
        made.push(Cow::Owned(value));
    }
    made.pop().map(Cow::into_owned).ok_or_else(|| "no members".into())
}
