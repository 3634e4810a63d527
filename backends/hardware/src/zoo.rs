//! The transformers that Lightening-Transformer's simulator prices: DeiT and BERT, as lists of products.
//!
//! Source: the public simulator of arXiv 2305.19533. One model is a patch embedding (DeiT), `depth` blocks of projection to
//! q, k and v, two attention products, projection, two layers of a feed-forward network, and a head on one token; beside the
//! products softmax, norms, residuals and activations.

use crate::cost::{Cost, Gemm, MatmulWork, Stationary, TensorSize, UnitUse, Work};
use crate::target::Target;
use crate::units::{Bits, Energy, Time};
use std::collections::BTreeMap;

/// A model of the zoo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Model {
    /// As on the command line.
    pub name: &'static str,
    /// Width.
    pub width: u64,
    /// Attention heads.
    pub heads: u64,
    /// Blocks.
    pub depth: u64,
    /// Numbers that the head makes of one token.
    pub classes: u64,
    /// Patches and numbers per patch of the embedding; none for text.
    pub patches: Option<(u64, u64)>,
    /// Tokens when none are given.
    pub tokens: u64,
}

const fn deit(name: &'static str, width: u64, heads: u64) -> Model {
    Model { name, width, heads, depth: 12, classes: 1000, patches: Some((196, 768)), tokens: 197 }
}

const fn bert(name: &'static str, width: u64, heads: u64, depth: u64, tokens: u64) -> Model {
    Model { name, width, heads, depth, classes: 2, patches: None, tokens }
}

/// All of them.
pub const MODELS: [Model; 5] = [
    deit("deit-t", 192, 3),
    deit("deit-s", 384, 6),
    deit("deit-b", 768, 12),
    bert("bert-b", 768, 12, 12, 128),
    bert("bert-l", 1024, 16, 24, 320),
];

/// The model of that name.
pub fn find(name: &str) -> Option<&'static Model> {
    MODELS.iter().find(|m| m.name == name)
}

/// One kind of product of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Product {
    /// What it is: `embed`, `qkv`, `qk`, `sv`, `proj`, `ffn1`, `ffn2`, `head`.
    pub name: &'static str,
    /// The product.
    pub work: MatmulWork,
    /// How often the model has it.
    pub times: u64,
}

impl Model {
    /// Its products at so many tokens.
    pub fn products(&self, tokens: u64) -> Vec<Product> {
        let (t, e, depth) = (tokens, self.width, self.depth);
        let per_head = e / self.heads.max(1);
        let linear = |name, m, k, n, times| Product { name, work: MatmulWork::new(1, m, k, n), times };
        // Probabilities are not negative, so S V needs one pass where signs cost two.
        let attention = |name, k, n, lhs_signed| Product {
            name,
            work: MatmulWork { dynamic: true, lhs_signed, ..MatmulWork::new(self.heads, t, k, n) },
            times: depth,
        };
        let mut all: Vec<Product> = self.patches.iter().map(|(m, k)| linear("embed", *m, *k, e, 1)).collect();
        all.extend([
            linear("qkv", t, e, 3 * e, depth),
            attention("qk", per_head, t, true),
            attention("sv", t, per_head, false),
            linear("proj", t, e, e, depth),
            linear("ffn1", t, e, 4 * e, depth),
            linear("ffn2", t, 4 * e, e, depth),
            linear("head", 1, e, self.classes, 1),
        ]);
        all
    }
}

/// A model with its price.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Priced {
    /// Energy of the products by kind, `attn` being both attention products; `other` for the rest.
    pub energy_by_kind: BTreeMap<&'static str, Energy>,
    /// Energy by component.
    pub energy_by_component: BTreeMap<String, Energy>,
    /// Sum of the latencies.
    pub latency: Time,
    /// Clock periods of products.
    pub cycles: u128,
    /// Multiply-accumulates.
    pub macs: u128,
    /// Multiply-accumulates over those of full cores in all cycles.
    pub utilisation: f64,
    /// How each unit was used.
    pub used: BTreeMap<String, UnitUse>,
    /// Kinds of product that the machine cannot do, and that are left out.
    pub left_out: Vec<&'static str>,
}

impl Priced {
    /// All of it.
    pub fn energy(&self) -> Energy {
        self.energy_by_kind.values().copied().sum()
    }

    fn use_unit(&mut self, unit: &str, cost: &Cost, times: f64) {
        let used = self.used.entry(unit.into()).or_default();
        used.busy += cost.busy_on(unit) * times;
        used.uses = used.uses.saturating_add(times as u64);
    }

    fn add(&mut self, kind: &'static str, cost: &Cost, times: f64) {
        *self.energy_by_kind.entry(kind).or_insert(Energy::ZERO) += cost.total_energy() * times;
        for (component, energy) in &cost.energy {
            *self.energy_by_component.entry(component.to_string()).or_insert(Energy::ZERO) += *energy * times;
        }
    }
}

/// The model on a machine: products one after another, each on the first unit that can, the rest on electronics.
pub fn price(target: &Target, model: &Model, tokens: u64) -> Priced {
    let mut out = price_products(target, &model.products(tokens));
    other_work(target, model, tokens, &mut out);
    out
}

/// Products one after another, each on the first unit that can.
pub fn price_products(target: &Target, products: &[Product]) -> Priced {
    let mut out = Priced::default();
    let mut slots = 0.0;
    for product in products {
        let fixed = target.photonic.first().and_then(|u| u.dynamic_rows).filter(|_| product.work.dynamic);
        let held = fixed.unwrap_or(Stationary::Rhs);
        // On a photonic machine what light cannot do is left out, not done by electronics at its side.
        let able = |g: &Gemm| target.photonic.is_empty() || g.photonic.is_some();
        let Some(found) = target.gemm(&product.work, held).into_iter().find(able) else {
            out.left_out.push(product.name);
            continue;
        };
        let Gemm { unit, cost, cycles, macs, utilisation, .. } = found;
        let twice = target.legacy.qkv_counted_twice && product.name == "qkv";
        let times = product.times as f64 * if twice { 2.0 } else { 1.0 };
        let kind = if product.work.dynamic { "attn" } else { product.name };
        out.add(kind, &cost, times);
        out.use_unit(&unit, &cost, times);
        out.latency += cost.latency * times;
        out.cycles = out.cycles.saturating_add(cycles.saturating_mul(times as u128));
        out.macs = out.macs.saturating_add(macs.saturating_mul(product.times.into()));
        slots += if utilisation > 0.0 { macs as f64 / utilisation * times } else { 0.0 };
    }
    out.utilisation = if slots > 0.0 { out.macs as f64 / slots } else { 0.0 };
    out
}

/// Softmax, norms, residuals and activations, on the first electronic kernel that does them.
fn other_work(target: &Target, model: &Model, tokens: u64, out: &mut Priced) {
    let legacy = target.legacy;
    let narrow = legacy.four_bit_non_gemm.then(|| target.with_number(Bits(4.0)));
    let target = narrow.as_ref().unwrap_or(target);
    let (t, e) = (tokens, model.width);
    let blocks = if legacy.one_block_non_gemm { 1.0 } else { model.depth as f64 };
    let tensor = |dims: &[u64]| TensorSize::new(dims, target.number_bits());
    let works = [
        ("softmax", vec![tensor(&[model.heads, t, t])], 1.0),
        ("add", vec![tensor(&[t, e])], 2.0),
        ("layer_norm", vec![tensor(&[t, e + 1])], 1.0),
        ("gelu", vec![tensor(&[t, 4 * e])], 1.0),
    ];
    for (op, inputs, times) in works {
        let Some(output) = inputs.first().cloned() else { continue };
        let Some(found) = target.electronic(&Work { op, inputs, output, macs: 0 }).into_iter().next() else {
            out.left_out.push(op);
            continue;
        };
        out.add("other", &found.cost, times * blocks);
        out.use_unit(&found.unit, &found.cost, times * blocks);
        let thousandth = if legacy.seconds_added_to_milliseconds { 1e-3 } else { 1.0 };
        out.latency += found.cost.latency * (times * blocks * thousandth);
    }
}
