//! A segment as somebody asks about it: tensors by the user's names, and which operations make them.

use crate::egraph::rules;
use crate::plan::kernels::computed;
use prism_dialects::elec::{self, Member, Source};
use prism_dialects::{Attr, Body, Level, Loc, Op, Type, ValueId};
use std::collections::{BTreeMap, BTreeSet};

/// Classes of a saturated segment. A class goes by the value that stands for it.
pub(super) struct Segment<'a> {
    pub(super) body: &'a Body,
    /// For each value, the class that it is an alternative of.
    class: Vec<Option<ValueId>>,
    /// The operations of each class, in order.
    makers: BTreeMap<ValueId, Vec<usize>>,
    /// The tensor that each class of views is a view of.
    tensor_of: BTreeMap<ValueId, ValueId>,
}

impl<'a> Segment<'a> {
    pub(super) fn of(body: &'a Body) -> Segment<'a> {
        let mut class = vec![None; body.types.len()];
        for op in body.ops.iter().filter(|op| op.name() == "stack.class") {
            op.operands.iter().for_each(|v| class[v.index()] = op.result());
        }
        let mut segment = Segment { body, class, makers: BTreeMap::new(), tensor_of: BTreeMap::new() };
        for (i, op) in body.ops.iter().enumerate().filter(|(_, op)| op.name() != "stack.class") {
            let Some(made) = op.result().map(|r| segment.class(r)) else { continue };
            match (op.name(), op.operands.first()) {
                ("stack.view", Some(of)) => _ = segment.tensor_of.insert(made, segment.class(*of)),
                _ => segment.makers.entry(made).or_default().push(i),
            }
        }
        segment
    }

    /// The class that a value belongs to.
    pub(super) fn class(&self, value: ValueId) -> ValueId {
        self.class.get(value.index()).copied().flatten().unwrap_or(value)
    }

    /// The operations of a class.
    pub(super) fn makers(&self, class: ValueId) -> impl Iterator<Item = (usize, &'a Op)> {
        let body = self.body;
        self.makers.get(&class).into_iter().flatten().filter_map(move |i| Some((*i, body.ops.get(*i)?)))
    }

    /// The tensor that a class of views is a view of.
    pub(super) fn tensor_of(&self, view: ValueId) -> Option<ValueId> {
        self.tensor_of.get(&view).copied()
    }

    /// The classes of views of a tensor.
    pub(super) fn views(&self, tensor: ValueId) -> impl Iterator<Item = ValueId> {
        self.tensor_of.iter().filter(move |(_, of)| **of == tensor).map(|(view, _)| *view)
    }

    /// The user's names of operations and arguments, in order, with the tensor that each gives.
    pub(super) fn names(&self) -> Vec<(&'a str, ValueId)> {
        let body = self.body;
        let args = body.args.iter().zip(&body.arg_locs).map(|(a, loc)| (loc, self.class(*a)));
        let original = |op: &&Op| op.def.level == Level::Nn && !is_derived(&op.loc);
        let ops = body.ops.iter().filter(original).filter_map(|op| Some((&op.loc, self.class(op.result()?))));
        let named = args.chain(ops).flat_map(|(loc, class)| loc.names.iter().map(move |name| (&**name, class)));
        let param = |op: &'a Op| Some((op.attr("name")?.as_str()?, self.class(op.result()?)));
        let params = body.ops.iter().filter(|op| op.name() == "nn.param").filter_map(param);
        named.chain(params).collect()
    }

    /// The tensors that rules made out of what `name` stands for, in order.
    pub(super) fn derived(&self, name: &str) -> Vec<ValueId> {
        let mut seen = BTreeSet::new();
        let from =
            |op: &&Op| op.def.level == Level::Nn && is_derived(&op.loc) && op.loc.names.iter().any(|n| **n == *name);
        let made = self.body.ops.iter().filter(from).filter_map(Op::result);
        made.map(|v| self.class(v)).filter(|class| seen.insert(*class)).collect()
    }

    /// Ways to make a tensor: operations that give a view of it and read none, such as a kernel or a product by light but no conversion;
    /// and fused kernels that make it on their way to another. With the class that each belongs to.
    pub(super) fn ways(&self, tensor: ValueId) -> Vec<(ValueId, usize)> {
        let mut out = Vec::new();
        for view in self.views(tensor) {
            let reads_view = |op: &Op| op.operands.iter().any(|v| self.tensor_of(self.class(*v)) == Some(tensor));
            let made = self.makers(view).filter(|(_, op)| op.def.level == Level::Assigned && !reads_view(op));
            out.extend(made.map(|(i, _)| (view, i)));
        }
        for (i, op) in self.body.ops.iter().enumerate().filter(|(_, op)| op.name() == "elec.fused") {
            let Some(view) = op.result().map(|r| self.class(r)) else { continue };
            if self.tensor_of(view) != Some(tensor) && self.made_inside(view, op).contains(&tensor) {
                out.push((view, i));
            }
        }
        out
    }

    /// The tensors that a fused kernel makes on its way.
    fn made_inside(&self, view: ValueId, op: &Op) -> BTreeSet<ValueId> {
        let members = elec::members(&op.attrs, op.operands.len()).unwrap_or_default();
        let mut inside = BTreeSet::new();
        if let (Some(last), Some(tensor)) = (members.len().checked_sub(1), self.tensor_of(view)) {
            self.follow(tensor, (&members, last), op, &mut inside);
        }
        inside
    }

    /// Whether member `at` makes `tensor`; adds what its own operands are made from inside the kernel.
    fn follow(
        &self,
        tensor: ValueId,
        (members, at): (&[Member], usize),
        op: &Op,
        inside: &mut BTreeSet<ValueId>,
    ) -> bool {
        let Some(member) = members.get(at) else { return false };
        let same = |maths: &&Op| maths.name() == member.def.name && *maths.attrs == member.params;
        for (_, maths) in self.makers(tensor).filter(|(_, maths)| same(maths)) {
            let mut found = BTreeSet::new();
            let fits = maths.operands.iter().zip(&member.sources).all(|(operand, source)| {
                let operand = self.class(*operand);
                match source {
                    Source::Operand(i) => {
                        let given = op.operands.get(*i).and_then(|v| self.tensor_of(self.class(*v)));
                        given == Some(operand)
                    }
                    Source::Member(i) if *i < at => {
                        found.insert(operand);
                        self.follow(operand, (members, *i), op, &mut found)
                    }
                    Source::Member(_) => false,
                }
            });
            if fits {
                inside.extend(found);
                return true;
            }
        }
        false
    }

    /// The effective bits of a view.
    pub(super) fn view_bits(&self, view: ValueId) -> Option<u32> {
        match self.body.ty(view) {
            Type::View { bits, .. } => Some(*bits),
            _ => None,
        }
    }

    /// The rules that led to `op`, which makes a view of `tensor`, in order: those that made its maths, and the one that realised it.
    pub(super) fn rules(&self, tensor: ValueId, op: &Op) -> Vec<String> {
        let computed = computed(op);
        let last = computed.rsplit('+').next();
        let mut maths: Vec<&Op> = self.makers(tensor).map(|(_, op)| op).filter(|m| Some(m.name()) == last).collect();
        maths.sort_by_key(|op| is_derived(&op.loc));
        let chains = [maths.first().map(|op| &op.loc), Some(&op.loc)];
        let mut out: Vec<String> = Vec::new();
        for rule in chains.into_iter().flatten().filter_map(|loc| loc.rule.as_ref()).flat_map(|rules| rules.split(','))
        {
            if !out.iter().any(|known| known == rule) {
                out.push(rule.to_string());
            }
        }
        out
    }

    /// The user's name for a tensor: of what was there before the rules if anything was.
    pub(super) fn name(&self, tensor: ValueId) -> String {
        if let Some(arg) = self.body.args.iter().position(|a| self.class(*a) == tensor) {
            return self.body.arg_locs.get(arg).map_or("?", |loc| loc.first()).to_string();
        }
        let mut makers: Vec<&Op> = self.makers(tensor).map(|(_, op)| op).collect();
        makers.sort_by_key(|op| is_derived(&op.loc));
        makers.first().map_or("?", |op| op.loc.first()).to_string()
    }

    /// Whether a tensor is there before anything is computed: an argument, a weight or a constant.
    pub(super) fn is_leaf(&self, tensor: ValueId) -> bool {
        self.maths(tensor).iter().all(|name| matches!(*name, "nn.param" | "nn.constant"))
    }

    /// The operations of `nn` that give a tensor, each name once.
    pub(super) fn maths(&self, tensor: ValueId) -> Vec<&'static str> {
        let mut makers: Vec<&Op> =
            self.makers(tensor).map(|(_, op)| op).filter(|op| op.def.level == Level::Nn).collect();
        makers.sort_by_key(|op| is_derived(&op.loc));
        let mut names: Vec<&'static str> = Vec::new();
        for op in makers {
            if !names.contains(&op.name()) {
                names.push(op.name());
            }
        }
        names
    }
}

/// Whether rules of saturation made it out of what the user named; those that recognise what an exporter spelled out give it its name.
fn is_derived(loc: &Loc) -> bool {
    loc.rule.iter().flat_map(|rules| rules.split(',')).any(|rule| rules::find(rule).is_some())
}

/// An operation of the assignment in words: what does it, where.
pub(super) fn in_words(op: &Op) -> String {
    let text = |key: &str| op.attr(key).and_then(Attr::as_str);
    let short = |names: String| names.replace("nn.", "");
    let by = |how: &str, key: &str| text(key).map(|at| format!(" {how} `{at}`")).unwrap_or_default();
    match op.name() {
        "elec.kernel" => format!("kernel {}{}", short(computed(op)), by("on", "unit")),
        "elec.fused" => format!("fused kernel {}{}", short(computed(op)), by("on", "unit")),
        "ptu.matmul" | "ptu.gemm" => {
            let held = match text("stationary") {
                Some("lhs") => ", left held",
                Some("rhs") => ", right held",
                _ => "",
            };
            format!("light{}{held}", by("in", "unit"))
        }
        "elec.shift_add" => format!("light in bit slices, added up{}", by("on", "unit")),
        "mem.join" => "a part by electrons, a part by light".to_string(),
        name => format!("{name}{}{}", by("in", "unit"), by("over", "path")),
    }
}
