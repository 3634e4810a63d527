//! The price of a product or of a model, as JSON and as text.

use crate::bars::{BOLD, percent, table};
use crate::console::Console;
use crate::table::grouped;
use prism_hardware::cost::UnitUse;
use prism_hardware::zoo::{self, Model};
use prism_hardware::{Energy, Gemm, MatmulWork, Stationary, Target, Tiling, Time};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fmt::Write;

/// Components and kinds shown.
const MOST: usize = 12;

/// What is priced.
pub enum Subject {
    /// One product, or a batch of them.
    Gemm {
        /// The product.
        work: MatmulWork,
        /// The unit that does it.
        unit: String,
        /// The operand on the row side and the loop, when light does it.
        photonic: Option<Box<(Stationary, Tiling)>>,
    },
    /// A transformer.
    Model {
        /// Which.
        model: &'static Model,
        /// How many tokens.
        tokens: u64,
        /// Joules by kind of product; `other` for the rest.
        energy_by_kind: BTreeMap<&'static str, Energy>,
    },
}

/// A price.
pub struct Costing {
    /// Of what.
    pub subject: Subject,
    /// Clock periods of the units that do products.
    pub cycles: u128,
    /// From start to end.
    pub latency: Time,
    /// By component.
    pub energy: BTreeMap<String, Energy>,
    /// Multiply-accumulates.
    pub macs: u128,
    /// Multiply-accumulates over those of full cores in all cycles.
    pub utilisation: f64,
    /// What the machine cannot do.
    pub left_out: Vec<&'static str>,
    used: BTreeMap<String, UnitUse>,
}

impl Costing {
    /// The price of a product.
    pub fn of_gemm(target: &Target, work: MatmulWork, found: Gemm) -> Costing {
        let unit = found.unit.to_string();
        let busy = found.cost.busy_on(&unit);
        debug_assert!(target.photonic_unit(&unit).is_some() || target.electronic_unit(&unit).is_some());
        Costing {
            cycles: found.cycles,
            latency: found.cost.latency,
            energy: found.cost.energy.iter().map(|(k, v)| (k.to_string(), *v)).collect(),
            macs: found.macs,
            utilisation: found.utilisation,
            left_out: Vec::new(),
            used: BTreeMap::from([(unit.clone(), UnitUse { busy, uses: 1 })]),
            subject: Subject::Gemm { work, unit, photonic: found.photonic.map(Box::new) },
        }
    }

    /// The price of a model.
    pub fn of_model(target: &Target, model: &'static Model, tokens: u64) -> Costing {
        let priced = zoo::price(target, model, tokens);
        Costing {
            cycles: priced.cycles,
            latency: priced.latency,
            energy: priced.energy_by_component,
            macs: priced.macs,
            utilisation: priced.utilisation,
            left_out: priced.left_out,
            used: priced.used,
            subject: Subject::Model { model, tokens, energy_by_kind: priced.energy_by_kind },
        }
    }

    fn total(&self) -> Energy {
        self.energy.values().copied().sum()
    }

    /// One JSON object: figures first, then what they are about.
    pub fn json(&self, target: &Target) -> String {
        let number = |n: u128| u64::try_from(n).unwrap_or(u64::MAX);
        let mut all = json!({
            "cycles": number(self.cycles),
            "latency_s": self.latency.0,
            "energy_j": self.total().0,
            "energy_by_component_j": joules(&self.energy),
            "macs": number(self.macs),
            "utilisation": self.utilisation,
            "target": target.name,
        });
        self.about(&mut all);
        let spent = target.static_energy(self.latency, &self.energy, &self.used);
        let (gated, always_on) = spent.totals();
        all["static"] = json!({
            "gated_j": gated.0,
            "always_on_j": always_on.0,
            "gated_by_component_j": joules(&spent.gated),
            "always_on_by_component_j": joules(&spent.always_on),
        });
        all["legacy"] = json!(target.legacy.on());
        let why = |i: &prism_hardware::Infeasible| json!({ "field": i.field, "headline": i.headline, "found": i.found, "allowed": i.allowed });
        all["infeasible"] = target.infeasible().iter().map(why).collect();
        format!("{all:#}\n")
    }

    fn about(&self, all: &mut Value) {
        match &self.subject {
            Subject::Gemm { work, unit, photonic } => {
                all["gemm"] =
                    json!({ "m": work.m, "k": work.k, "n": work.n, "batch": work.batch, "dynamic": work.dynamic });
                all["unit"] = json!(unit);
                all["stationary"] = json!(photonic.as_ref().map(|p| p.0.word()));
                all["tiling"] = photonic.as_ref().map_or(Value::Null, |p| tiling(&p.1));
            }
            Subject::Model { model, tokens, energy_by_kind } => {
                all["model"] = json!(model.name);
                all["tokens"] = json!(tokens);
                let kinds: BTreeMap<String, Energy> = energy_by_kind.iter().map(|(k, v)| (k.to_string(), *v)).collect();
                all["energy_by_kind_j"] = joules(&kinds);
                all["left_out"] = json!(self.left_out);
            }
        }
    }

    /// One screen.
    pub fn text(&self, target: &Target, console: &Console) -> String {
        let (title, how) = self.title(target);
        let mut out = format!("{}  {how}\n\n", console.paint(BOLD, &title));
        let mut line = |name: &str, figure: String| {
            let _ = writeln!(out, "  {:<10} {figure}", name);
        };
        let energy = self.total();
        let group = |n: u128| u64::try_from(n).map_or_else(|_| n.to_string(), grouped);
        line("cycles", group(self.cycles));
        line("latency", self.latency.to_string());
        line("energy", format!("{energy}  {} per multiply-accumulate", energy * (1.0 / self.macs.max(1) as f64)));
        line("work", format!("{} multiply-accumulates, {} of full cores", group(self.macs), percent(self.utilisation)));
        if let Subject::Gemm { photonic: Some(light), .. } = &self.subject {
            let t = &light.1;
            let [n, k, m] = t.blocks.map(group);
            line("blocks", format!("{n} of rows x {k} inner x {m} of columns{}", programs(t)));
        }
        let (gated, on) = target.static_energy(self.latency, &self.energy, &self.used).totals();
        line("static", format!("{gated} with idle parts switched off, {on} with all parts on"));
        if !self.left_out.is_empty() {
            line("left out", format!("{}, which light does not do here", self.left_out.join(", ")));
        }
        let slips = target.legacy.on();
        if !slips.is_empty() {
            line("slips on", slips.join(", "));
        }
        let rows = |all: &BTreeMap<String, Energy>| all.iter().map(|(k, v)| (k.clone(), v.0)).collect::<Vec<_>>();
        out.push_str(&table("energy by component", rows(&self.energy), energy.0, MOST, console));
        if let Subject::Model { energy_by_kind, .. } = &self.subject {
            let kinds = energy_by_kind.iter().map(|(k, v)| (k.to_string(), v.0)).collect();
            out.push_str(&table("energy by kind of product", kinds, energy.0, MOST, console));
        }
        out
    }

    fn title(&self, target: &Target) -> (String, String) {
        match &self.subject {
            Subject::Gemm { work, unit, photonic } => {
                let many = if work.batch > 1 { format!("{} times ", grouped(work.batch)) } else { String::new() };
                let kind = if work.dynamic { "two results" } else { "weights off chip" };
                let held = photonic.as_ref().map_or(String::new(), |p| format!(", {} on the row side", p.0.word()));
                let size = format!("{many}{}x{}x{} on {}", work.m, work.k, work.n, target.name);
                (size, format!("unit {unit}{held}, {kind}"))
            }
            Subject::Model { model, tokens, .. } => {
                (format!("{} on {}", model.name, target.name), format!("{} tokens", grouped(*tokens)))
            }
        }
    }
}

fn programs(t: &Tiling) -> String {
    match t.programs {
        0 => String::new(),
        n => format!("; {n} programmed, {} at once, {} for that", t.resident, t.program),
    }
}

fn joules(parts: &BTreeMap<String, Energy>) -> Value {
    Value::Object(parts.iter().map(|(k, v)| (k.clone(), json!(v.0))).collect::<Map<_, _>>())
}

fn tiling(t: &Tiling) -> Value {
    let number = |n: u128| u64::try_from(n).unwrap_or(u64::MAX);
    let [rows, inner, columns] = t.blocks.map(number);
    json!({
        "blocks": { "rows": rows, "inner": inner, "columns": columns },
        "programs": number(t.programs),
        "resident": number(t.resident),
        "compute_s": t.compute.0,
        "program_s": t.program.0,
        "fetch_s": t.fetch.0,
    })
}
