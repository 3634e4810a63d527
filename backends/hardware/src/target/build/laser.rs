//! The light source of a photonic unit, from its table.

use super::bits;
use super::part::gating;
use super::photonic::{Around, count, optional};
use crate::cost::Component;
use crate::target::photonic::{Convention, Detection, Laser, Loss};
use crate::target::read::{Reader, Section};
use crate::units::Power;
use prism_support::codes::E0504;

pub(super) fn laser<'t>(
    reader: &Reader<'t>,
    section: &Section<'t>,
    around: &Around<'_>,
    losses: Option<Vec<Loss>>,
) -> Option<Laser> {
    let component = reader.name(section, "component");
    let wall_plug = reader.quantity(section, "wall_plug");
    let detection = detection(reader, section);
    let convention = reader.choice(section, "convention");
    let own_bits = optional(reader, section, "bits", || bits(reader, section, "bits"));
    let fan_out = count(reader, section, "fan_out", 1.0, &around.sizes);
    let extinction = optional(reader, section, "extinction", || reader.quantity(section, "extinction"));
    let frequency = reader.quantity(section, "frequency");
    let waveguides = count(reader, section, "waveguides", 1.0, &around.sizes);
    let limit = optional(reader, section, "waveguide_limit", || reader.quantity(section, "waveguide_limit"));
    let sources = count(reader, section, "count", 0.0, &around.sizes);
    let area = reader.quantity::<crate::units::Area>(section, "area");
    let gating = gating(reader, section);
    let component = component?.value;
    let mut laser = Laser {
        padding: Component::new(&format!("{component}.padding")),
        component: Component::new(&component),
        wall_plug: wall_plug?,
        detection: detection?,
        convention: match convention?.as_str() {
            "steps" => Convention::Steps,
            "full-scale" => Convention::FullScale,
            _ => Convention::PerLevel,
        },
        bits: own_bits?.unwrap_or(around.precision),
        fan_out: fan_out?.max(1.0),
        extinction: extinction?,
        frequency: frequency?,
        losses: losses?,
        waveguides: waveguides?.max(1.0),
        waveguide_limit: limit?,
        area: area? * sources?,
        gating: gating?,
        core_power: Power::ZERO,
    };
    laser.core_power = laser.launched(around.clock).wall_plug(laser.wall_plug);
    Some(laser)
}

fn detection<'t>(reader: &Reader<'t>, section: &Section<'t>) -> Option<Detection> {
    let word = reader.choice(section, "detection")?;
    let responsivity = reader.quantity(section, "responsivity");
    let needs = |field: &str, known: bool| {
        if !known && !reader.has(section, field) {
            reader
                .problem(&E0504, section.span.clone(), format!("{} lacks `{field}`", section.label))
                .note(format!("`detection = \"{word}\"` needs it"));
        }
    };
    let (current, snr) = (reader.quantity(section, "noise_current"), reader.number(section, "snr"));
    let sensitivity = reader.quantity(section, "sensitivity");
    if word == "sensitivity" {
        needs("sensitivity", sensitivity.is_some());
        return Some(Detection::Sensitivity(sensitivity?));
    }
    needs("noise_current", current.is_some());
    needs("snr", snr.is_some());
    Some(Detection::Noise { current: current?, responsivity: responsivity?, snr: snr? })
}
