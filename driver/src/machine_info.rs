//! What `prism inspect` says of a target file: parts, peak, power, area, link budget, and where each figure comes from.

use crate::table::section;
use prism_hardware::target::photonic::Photonic;
use prism_hardware::{Infeasible, Power, Target};
use prism_support::Result;
use serde_json::{Map, Value, json};

/// The machine in `text`, which diagnostics call `name`, as data and as text.
///
/// # Errors
/// What the target reader says.
pub(crate) fn describe(name: &str, text: &str) -> Result<(Value, String)> {
    let target = crate::machine::read(name, text)?;
    let mut out = format!("{name}: target `{}`\n{}\n", target.name, target.description);
    let memories: Vec<Vec<String>> = target
        .memories
        .iter()
        .map(|m| vec![m.name.to_string(), m.capacity.map_or("unlimited".into(), |c| c.to_string())])
        .collect();
    section(&mut out, "memories", &["name", "capacity"], &memories);
    let units = units(&target);
    section(&mut out, "units", &["name", "kind", "clock", "cores", "does"], &units);
    let (power, area) = (target.power(), target.area());
    let chip = chip_rows(&target);
    section(&mut out, "chip", &["component", "power at full load", "area"], &chip);
    section(&mut out, "light", &["unit", "on a detector", "loss", "split", "launched", "plug"], &light(&target));
    let why: Vec<Vec<String>> =
        target.infeasible().into_iter().map(|i| vec![i.field.into(), i.headline, i.found, i.allowed]).collect();
    section(&mut out, "cannot be built", &["field", "because", "found", "allowed"], &why);
    let stated: Vec<Vec<String>> =
        target.stated().iter().map(|s| vec![s.field.clone(), s.value.clone(), s.source.clone()]).collect();
    section(&mut out, "quantities", &["field", "value", "source"], &stated);
    let unit =
        |row: &Vec<String>| json!({ "name": row[0], "kind": row[1], "clock": row[2], "cores": row[3], "does": row[4] });
    let infeasible =
        |i: &Infeasible| json!({ "field": i.field, "headline": i.headline, "found": i.found, "allowed": i.allowed });
    let watts: Map<String, Value> = power.iter().map(|(k, v)| (k.clone(), v.0.into())).collect();
    let square_mm: Map<String, Value> = area.iter().map(|(k, v)| (k.clone(), (v.0 * 1e6).into())).collect();
    let value = json!({
        "name": target.name,
        "description": target.description,
        "source": target.source,
        "memories": memories.iter().map(|m| json!({ "name": m[0], "capacity": m[1] })).collect::<Vec<_>>(),
        "units": units.iter().map(unit).collect::<Vec<_>>(),
        "peak_macs_per_s": target.peak_macs_per_second(),
        "power_by_component_w": watts,
        "area_by_component_mm2": square_mm,
        "infeasible": target.infeasible().iter().map(infeasible).collect::<Vec<_>>(),
        "ops": target.ops(),
        "quantities": stated.iter().map(|s| json!({ "field": s[0], "value": s[1], "source": s[2] })).collect::<Vec<_>>(),
    });
    Ok((value, out))
}

fn units(target: &Target) -> Vec<Vec<String>> {
    let mut units = Vec::new();
    for u in &target.electronic {
        let does = format!("{} kernels", u.kernels.len());
        units.push(vec![u.name.to_string(), "electronic".into(), u.clock.to_string(), u.cores.to_string(), does]);
    }
    for u in &target.photonic {
        let peak = u.peak_macs() * u.clock.0 / 1e12;
        let (rows, inner, columns) = (u.rows, u.inner, u.columns);
        let does = format!(
            "products at {} bit: {} of {rows} x {inner} x {columns}, {peak:.4} TMAC/s at most",
            u.precision.0,
            u.class.word()
        );
        units.push(vec![u.name.to_string(), "photonic".into(), u.clock.to_string(), u.all_cores().to_string(), does]);
    }
    units
}

/// Power and area by component, with their sums; empty for a machine that states neither.
fn chip_rows(target: &Target) -> Vec<Vec<String>> {
    let (power, area) = (target.power(), target.area());
    let mut names: Vec<&String> = power.keys().chain(area.keys()).collect();
    names.sort();
    names.dedup();
    let text = |p: Option<String>| p.unwrap_or_else(|| "-".into());
    let row = |name: &&String| {
        let (watts, size) = (power.get(*name).map(ToString::to_string), area.get(*name).map(ToString::to_string));
        vec![(*name).clone(), text(watts), text(size)]
    };
    let mut rows: Vec<Vec<String>> = names.iter().map(row).collect();
    if rows.len() > 1 {
        let watts: Power = power.values().copied().sum();
        let size: prism_hardware::units::Area = area.values().copied().sum();
        rows.push(vec!["in all".into(), watts.to_string(), size.to_string()]);
    }
    rows
}

/// The link budget of each unit that has a laser, for one core.
fn light(target: &Target) -> Vec<Vec<String>> {
    let row = |u: &Photonic| {
        let laser = u.laser.as_ref()?;
        Some(vec![
            u.name.to_string(),
            laser.detected(u.clock).to_string(),
            format!("{:.2} dB", laser.loss().0),
            format!("{:.2} dB", laser.split().0),
            laser.launched(u.clock).to_string(),
            laser.core_power.to_string(),
        ])
    };
    target.photonic.iter().filter_map(row).collect()
}
