//! What can be computed of a machine, in SI units.

use crate::cost::{Event, Gemm, MatmulWork, Stationary, loops};
use crate::target::Target;
use crate::target::photonic::{Laser, Photonic};
use crate::units::{Energy, Time};
use crate::zoo::{self, Model, Priced, Product};

/// Operations of a multiply-accumulate.
const OPS: f64 = 2.0;

/// What is computed.
#[derive(Clone, Debug)]
pub enum Measure {
    /// Power at full load of these components; of all when there are none.
    Power(&'static [&'static str]),
    /// Power of one component.
    PowerOf(String),
    /// Area of these components; of all when there are none.
    Area(&'static [&'static str]),
    /// Area of one component.
    AreaOf(String),
    /// Share of these components in the area.
    AreaShare(&'static [&'static str]),
    /// Operations per second at full load; two for each multiply-accumulate.
    Peak,
    /// Multiply-accumulates per second at full load.
    PeakMacs,
    /// Operations per second at full load, per watt of these components.
    PeakPerWatt(&'static [&'static str]),
    /// Energy per multiply-accumulate at full load, of these components.
    PowerPerMac(&'static [&'static str]),
    /// A transformer of the zoo at so many tokens.
    Model(&'static Model, u64, Part),
    /// Products one after another.
    Products(Vec<Product>, Part),
    /// One product on the first unit that can, with an operand held.
    Gemm(MatmulWork, Stationary, Part),
    /// Losses and margins between source and detector.
    Loss,
    /// The split between detectors.
    Split,
    /// Electrical power of the light of a core.
    LaserPower,
    /// Light launched for a core.
    Launched,
    /// Energy of light per multiply-accumulate of a full core.
    LaserPerMac,
    /// 1 when a waveguide would carry more light than it can, else 0.
    OverLimit,
    /// A number.
    Value(f64),
}

/// What of a priced product or model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Energy.
    Energy,
    /// Latency.
    Latency,
    /// Clock periods.
    Cycles,
    /// Energy per multiply-accumulate.
    PerMac,
    /// Energy of these components.
    Components(&'static [&'static str]),
    /// Share of these components in the energy.
    Share(&'static [&'static str]),
    /// Energy of the parts of a component at one event.
    On(&'static str, Event),
    /// Energy of one kind of product.
    Kind(&'static str),
    /// Multiply-accumulates over what full cores do in the latency.
    Utilisation,
    /// Operations per second over the latency.
    Rate,
}

/// Figures per SI unit, for every unit in which a row is printed; none for a unit that is not in the list.
pub fn scale(unit: &str) -> Option<f64> {
    const SCALES: [(&str, f64); 20] = [
        ("", 1.0),
        ("x", 1.0),
        ("%", 100.0),
        ("dB", 1.0),
        ("cycles", 1.0),
        ("W", 1.0),
        ("mW", 1e3),
        ("mm2", 1e6),
        ("mJ", 1e3),
        ("uJ", 1e6),
        ("nJ", 1e9),
        ("ms", 1e3),
        ("us", 1e6),
        ("ns", 1e9),
        ("pJ/MAC", 1e12),
        ("fJ/MAC", 1e15),
        ("fJ/op", 1e15),
        ("TOPS", 1e-12),
        ("TOPS/W", 1e-12),
        ("TMAC/s", 1e-12),
    ];
    SCALES.iter().find(|(known, _)| *known == unit).map(|(_, scale)| *scale)
}

impl Measure {
    /// The figure; none where the machine has no such thing.
    pub fn of(&self, target: &Target) -> Option<f64> {
        let unit = target.photonic.first();
        let laser = || unit.and_then(|u| Some((u, u.laser.as_ref()?)));
        match self {
            Measure::Power(parts) => Some(power(target, parts)),
            Measure::PowerOf(part) => target.power().get(part).map(|p| p.0),
            Measure::Area(parts) => Some(area(target, parts)),
            Measure::AreaOf(part) => target.area().get(part).map(|a| a.0),
            Measure::AreaShare(parts) => Some(area(target, parts) / area(target, &[])),
            Measure::PeakMacs => Some(target.peak_macs_per_second()),
            Measure::Peak => Some(OPS * target.peak_macs_per_second()),
            Measure::PeakPerWatt(parts) => Some(OPS * target.peak_macs_per_second() / power(target, parts)),
            Measure::PowerPerMac(parts) => Some(power(target, parts) / target.peak_macs_per_second()),
            Measure::Model(model, tokens, part) => of_priced(&zoo::price(target, model, *tokens), unit?, *part),
            Measure::Products(products, part) => of_priced(&zoo::price_products(target, products), unit?, *part),
            Measure::Gemm(work, held, part) => of_gemm(target, unit?, work, *held, *part),
            Measure::Loss => laser().map(|(_, l)| l.loss().0),
            Measure::Split => laser().map(|(_, l)| l.split().0),
            Measure::LaserPower => laser().map(|(_, l)| l.core_power.0),
            Measure::Launched => laser().map(|(u, l)| l.launched(u.clock).0),
            Measure::LaserPerMac => laser().map(|(u, l)| per_mac(u, l)),
            Measure::OverLimit => laser().and_then(|(u, l)| {
                let launched = l.launched(u.clock) / l.waveguides;
                Some(f64::from(u8::from(launched > l.waveguide_limit?)))
            }),
            Measure::Value(value) => Some(*value),
        }
    }
}

fn per_mac(unit: &Photonic, laser: &Laser) -> f64 {
    laser.core_power.0 * unit.all_cores() as f64 / (unit.peak_macs() * unit.clock.0)
}

fn power(target: &Target, parts: &[&str]) -> f64 {
    sum(target.power().into_iter().map(|(k, v)| (k, v.0)), parts)
}

fn area(target: &Target, parts: &[&str]) -> f64 {
    sum(target.area().into_iter().map(|(k, v)| (k, v.0)), parts)
}

fn sum(all: impl Iterator<Item = (String, f64)>, parts: &[&str]) -> f64 {
    all.filter(|(name, _)| parts.is_empty() || parts.contains(&name.as_str())).map(|(_, value)| value).sum()
}

fn utilisation(unit: &Photonic, macs: u128, latency: Time) -> f64 {
    macs as f64 / (latency.0 * unit.clock.0 * unit.peak_macs())
}

fn of_priced(priced: &Priced, unit: &Photonic, part: Part) -> Option<f64> {
    let energy = priced.energy();
    let components = |parts| sum(priced.energy_by_component.iter().map(|(k, v)| (k.clone(), v.0)), parts);
    match part {
        Part::Energy => Some(energy.0),
        Part::Latency => Some(priced.latency.0),
        Part::Cycles => Some(priced.cycles as f64),
        Part::PerMac => Some(energy.0 / priced.macs as f64),
        Part::Components(parts) => Some(components(parts)),
        Part::Share(parts) => Some(components(parts) / energy.0),
        Part::On(..) => None,
        Part::Kind(kind) => priced.energy_by_kind.get(kind).map(|e| e.0),
        Part::Utilisation => Some(utilisation(unit, priced.macs, priced.latency)),
        Part::Rate => Some(OPS * priced.macs as f64 / priced.latency.0),
    }
}

fn of_gemm(target: &Target, unit: &Photonic, work: &MatmulWork, held: Stationary, part: Part) -> Option<f64> {
    let Gemm { cost, cycles, macs, .. } = target.gemm(work, held).into_iter().next()?;
    let energy = cost.total_energy();
    let components = |parts| sum(cost.energy.iter().map(|(k, v)| (k.to_string(), v.0)), parts);
    match part {
        Part::Energy => Some(energy.0),
        Part::Latency => Some(cost.latency.0),
        Part::Cycles => Some(cycles as f64),
        Part::PerMac => Some(energy.0 / macs as f64),
        Part::Components(parts) => Some(components(parts)),
        Part::Share(parts) => Some(components(parts) / energy.0),
        Part::On(component, event) => {
            let l = loops(unit, work, held, target.number, target.legacy);
            let parts = unit.parts.iter().filter(|p| p.component.as_str() == component && p.on.contains(&event));
            Some((parts.map(|p| p.energy).sum::<Energy>() * l.events.of(event)).0)
        }
        Part::Kind(_) => None,
        Part::Utilisation => Some(utilisation(unit, macs, cost.latency)),
        Part::Rate => Some(OPS * macs as f64 / cost.latency.0),
    }
}
