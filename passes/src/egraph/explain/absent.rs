//! Why a tensor is not made in some way at all.

use super::Explainer;
use crate::egraph::{price, rules};
use prism_dialects::{Attr, Level, Op, ValueId, registry};
use prism_hardware::target::photonic::{Conversions, Photonic};
use std::collections::BTreeSet;

/// Operations of the assignment, and the rule that makes each.
const MADE_BY: [(&str, &str); 9] = [
    ("elec.kernel", "kernel"),
    ("elec.fused", "fuse"),
    ("ptu.matmul", "photonic-matmul"),
    ("ptu.gemm", "photonic-gemm"),
    ("ptu.hold", "hold"),
    ("ptu.relay", "relay"),
    ("ptu.route", "route"),
    ("mem.join", "co-execute"),
    ("elec.shift_add", "bit-slices"),
];

/// Words for several operations at once.
const GROUPS: [(&str, &[&str]); 3] = [
    ("light", &["ptu.matmul", "ptu.gemm", "elec.shift_add"]),
    ("kernel", &["elec.kernel", "elec.fused"]),
    ("fused", &["elec.fused"]),
];

/// Words beside photonic units and operations that are about light.
const BY_LIGHT: [&str; 11] = [
    "light",
    "photonic-matmul",
    "photonic-gemm",
    "group-wavelengths",
    "bit-slices",
    "elec.shift_add",
    "co-execute",
    "mem.join",
    "encode",
    "program",
    "relay",
];

/// Whether an operation is a step of products by light.
fn makes_products(op: &str) -> bool {
    op.starts_with("ptu.") && op != "ptu.route"
}

impl Explainer<'_> {
    /// Everything that a way may be asked for by: words, operations, units, rules.
    pub fn words(&self) -> Vec<String> {
        let groups = GROUPS.iter().map(|(word, _)| word.to_string());
        let ops = registry::ops().filter(|op| op.level == Level::Assigned).map(|op| op.name.to_string());
        let rules = rules::RULES.iter().map(|r| r.name.to_string());
        let mut words = Vec::new();
        for word in groups.chain(self.units()).chain(ops).chain(rules) {
            if !words.contains(&word) {
                words.push(word);
            }
        }
        words
    }

    /// The units of the machine by name.
    pub(super) fn units(&self) -> impl Iterator<Item = String> {
        let electronic = self.target.electronic.iter().map(|u| u.name.to_string());
        electronic.chain(self.target.photonic.iter().map(|u| u.name.to_string()))
    }

    /// Why no way that `asked` stands for makes the tensor of that name, as far as the machine and the conditions of rules say.
    pub(super) fn absent(&self, tensor: ValueId, asked: &str) -> Vec<String> {
        let maths: Vec<&Op> =
            self.segment.makers(tensor).map(|(_, op)| op).filter(|op| op.def.level == Level::Nn).collect();
        let product = maths.iter().any(|op| op.name() == "nn.matmul");
        let names = self.segment.maths(tensor).join(", ");
        let itself = [asked];
        let ops = GROUPS.iter().find(|(word, _)| *word == asked).map_or(&itself[..], |(_, ops)| ops);
        if let Some(why) = self.bills_otherwise(asked).filter(|_| product) {
            return vec![why];
        }
        let mut why = Vec::new();
        if let Some(unit) = self.target.electronic_unit(asked) {
            let has = |op: &&&Op| unit.kernels.iter().any(|k| k.ops.iter().any(|o| *o == *op.def.short()));
            if !maths.iter().any(|op| has(&op)) {
                why.push(format!("`{asked}` has no kernel for {names}"));
            }
        }
        let unit = self.target.photonic_unit(asked);
        if unit.is_some() || BY_LIGHT.contains(&asked) || ops.iter().any(|op| makes_products(op)) {
            match (product, unit) {
                _ if self.target.photonic.is_empty() => {
                    why.push(format!("`{}` has no photonic unit", self.target.name));
                }
                (false, _) => why.push(format!("light makes products, and this is {names}")),
                (true, Some(unit)) => why.extend(self.short_of_bits(tensor, unit)),
                (true, None) => {
                    let short: Vec<String> =
                        self.target.photonic.iter().filter_map(|u| self.short_of_bits(tensor, u)).collect();
                    // A unit that has the bits lacks something else.
                    why.extend(short.into_iter().filter(|_| self.all_short(tensor)));
                }
            }
            let stored = |name: &str| self.target.photonic_unit(name).is_some_and(|u| u.arrays.is_some());
            let all_store = self.target.photonic.iter().all(|u| stored(&u.name));
            if why.is_empty() && product && (stored(asked) || all_store) && !self.holds_weights(&maths) {
                why.push(
                    "light holds weights from before the run here (`arrays`), and no operand is made of weights alone"
                        .into(),
                );
            }
        }
        let named = |rule: &&&rules::Rule| {
            let made = |op: &&str| MADE_BY.contains(&(*op, rule.name));
            let by_name = rule.name == asked && (why.is_empty() || !self.target.photonic.is_empty());
            by_name || (why.is_empty() && ops.iter().any(made))
        };
        let conditions = rules::RULES.iter().filter(named);
        why.extend(conditions.map(|r| format!("rule `{}` applies where: {}", r.name, r.condition)).collect::<Vec<_>>());
        why
    }

    /// That every photonic unit bills conversions in the other way than the operation or rule that is asked for.
    fn bills_otherwise(&self, asked: &str) -> Option<String> {
        let (conversions, how, instead) = match asked {
            "ptu.gemm" | "photonic-gemm" => (Conversions::PerUse, "once per tensor", "ptu.matmul"),
            "ptu.matmul" | "photonic-matmul" => (Conversions::Once, "at each use", "ptu.gemm"),
            _ => return None,
        };
        let units: Vec<String> = self.target.photonic.iter().map(|u| format!("`{}`", u.name)).collect();
        let none = !units.is_empty() && price::photonic_units(self.target, conversions).is_empty();
        let bill = if units.len() == 1 { "bills" } else { "bill" };
        none.then(|| {
            format!("{} {bill} conversions {how}: light makes products there by `{instead}`", units.join(" and "))
        })
    }

    /// Whether an operand of one of these products is made of weights alone.
    fn holds_weights(&self, products: &[&Op]) -> bool {
        let lies_there = |op: &Op| matches!(op.name(), "mem.param" | "mem.constant" | "mem.prepare");
        let operands = products.iter().flat_map(|op| &op.operands).map(|v| self.segment.class(*v));
        let mut views = operands.flat_map(|tensor| self.segment.views(tensor));
        views.any(|view| self.segment.makers(view).any(|(_, op)| lies_there(op)))
    }

    /// That a unit makes no numbers of the bits at which views of a tensor were asked for; `None` where it does.
    fn short_of_bits(&self, tensor: ValueId, unit: &Photonic) -> Option<String> {
        let bits = self.bits(tensor);
        let elem = self.segment.body.ty(tensor).tensor().map(|t| t.elem)?;
        let own = unit.precision.0 as u32;
        if bits.contains(&price::bits_at(elem, own)) {
            return None;
        }
        let name = &unit.name;
        let asked = self.segment.body.attrs.get(price::MIN_BITS).and_then(Attr::as_int);
        Some(match asked.filter(|asked| *asked > i64::from(own)) {
            Some(asked) => format!("`{name}` has {own} effective bits, and {asked} were asked for"),
            None => {
                let of = bits.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
                format!("`{name}` makes numbers of {own} effective bits; the views asked for have {of}")
            }
        })
    }

    /// Whether no photonic unit makes numbers of those bits.
    fn all_short(&self, tensor: ValueId) -> bool {
        self.target.photonic.iter().all(|u| self.short_of_bits(tensor, u).is_some())
    }

    /// The effective bits at which views of a tensor were asked for.
    fn bits(&self, tensor: ValueId) -> BTreeSet<u32> {
        self.segment.views(tensor).filter_map(|v| self.segment.view_bits(v)).collect()
    }

    /// Whether a way is what `word` stands for. What a rule made out of the model's tensors is made by the rule that realised it alone.
    pub(super) fn stands_for(word: &str, way: &super::Way, original: bool) -> bool {
        let by_rule =
            if original { way.rules.iter().any(|r| r == word) } else { way.rules.last().is_some_and(|r| r == word) };
        let group = GROUPS.iter().any(|(name, ops)| *name == word && ops.contains(&way.op));
        group || way.op == word || way.unit.as_deref() == Some(word) || by_rule
    }
}
