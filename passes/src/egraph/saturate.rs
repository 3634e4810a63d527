//! `saturate`: from a tensor program to the stacked graph.

use super::check::Check;
use super::convert;
use super::coverage::{self, Apart};
use super::graph::Graph;
use super::places::{self, OnChip, Places};
use super::price;
use super::readers::Readers;
use super::rounds::{Limits, Outcome, Stop, realise, rewrite};
use super::rules::{Machine, Phase, Precision, RULES, Rule, hold};
use crate::manager::{Change, CounterDef, OptionDef, OptionKind, PassCx, PassInfo};
use egg::Id;
use prism_dialects::{Attr, Attrs, Body, Level, Loc, Module, View};
use prism_support::codes::{E0104, E0402, E0604, W0701};
use prism_support::{Diagnostic, Diagnostics, Result, suggest};
use std::collections::BTreeMap;

/// The pass.
pub static PASS: PassInfo = PassInfo {
    name: "saturate",
    page: include_str!("saturate.md"),
    from: &[Level::Nn, Level::Stack],
    to: Change::To(Level::Stack),
    options: &[
        OptionDef {
            name: "phase",
            kind: OptionKind::Choice(&["all", "algebra", "realise"]),
            default: "all",
            doc: "which rules: `algebra` on maths terms, `realise` on views, or both in that order",
        },
        OptionDef {
            name: "iterations",
            kind: OptionKind::Int { min: 1, max: 10_000 },
            default: "64",
            doc: "most rounds of algebra",
        },
        OptionDef {
            name: "max-nodes",
            kind: OptionKind::Int { min: 1, max: 100_000_000 },
            default: "500000",
            doc: "most e-nodes of one body in algebra; checked at every match",
        },
        OptionDef {
            name: "growth",
            kind: OptionKind::Int { min: 1, max: 1_000_000 },
            default: "4",
            doc: "most e-nodes of one body in algebra, as a multiple of those it starts with, and 1000 more; whichever \
                  limit is lower counts",
        },
        OptionDef {
            name: "without",
            kind: OptionKind::List,
            default: "",
            doc: "rules to leave out, by name, as in `saturate{without=[merge-shared-input,transpose-into-matmul]}`",
        },
        OptionDef {
            name: "min-bits",
            kind: OptionKind::Int { min: 1, max: 64 },
            default: "1",
            doc: "least effective bits of the results; photonic units with fewer make products from bit slices, or are not used",
        },
        OptionDef {
            name: "on-chip",
            kind: OptionKind::Choice(&["none", "kv", "all"]),
            default: "none",
            doc: "what is on chip whatever the machine says: `kv`, the cache of keys and values; `all`, that and every result, \
                  as if the working memory had no end",
        },
        OptionDef {
            name: "resident",
            kind: OptionKind::Float { min: 0.0, max: 1.0 },
            default: "0.5",
            doc: "share of the working memory's capacity that results may take; what does not fit lies off chip and streams",
        },
        OptionDef {
            name: "check",
            kind: OptionKind::Bool,
            default: "false",
            doc: "evaluate every class on random tensors, and stop at the first two that a rule joins though they differ; for small \
                  programs",
        },
    ],
    counters: &[
        CounterDef { name: "enodes", doc: "e-nodes at the end" },
        CounterDef { name: "eclasses", doc: "e-classes at the end" },
        CounterDef { name: "iterations", doc: "rounds over all bodies" },
        CounterDef { name: "unions", doc: "classes found equal" },
    ],
    needs_target: true,
    run,
};

fn run(module: &mut Module, cx: &mut PassCx<'_>) -> Result<()> {
    let target = cx.target()?;
    no_calls(module)?;
    let phases: &[Phase] = match cx.text("phase") {
        "algebra" => &[Phase::Algebra],
        "realise" => &[Phase::Realise],
        _ => &[Phase::Algebra, Phase::Realise],
    };
    let left_out = left_out(cx)?;
    let limits = Limits {
        iterations: cx.count_of("iterations"),
        nodes: cx.count_of("max-nodes"),
        growth: cx.count_of("growth"),
    };
    let min_bits = u32::try_from(cx.int("min-bits")).unwrap_or(1);
    let precision = Precision::of(target, min_bits, &left_out);
    let apart = Apart::by(&rules_of(Phase::Algebra, phases, &left_out));
    if phases.contains(&Phase::Realise) {
        coverage::check(module, target, apart, precision)?;
    }
    let (on_chip, share) = (OnChip::parse(cx.text("on-chip")), cx.float("resident"));
    for body in &mut module.bodies {
        let (level, places, readers) = (precision.level, Places::default(), Readers::default());
        let machine = Machine { target: Some(target), min_bits, level, places, readers };
        price::check_target(body, target)?;
        if phases.contains(&Phase::Realise) {
            body.attrs.insert(price::PRICED_ON.into(), Attr::str(target.identity()));
            body.attrs.insert(price::FIGURES.into(), Attr::str(target.figures()));
            body.attrs.extend(hold::arrays(target).map(|arrays| (hold::ARRAYS.to_string(), arrays)));
            if min_bits > 1 {
                body.attrs.insert(price::MIN_BITS.into(), Attr::Int(i64::from(min_bits)));
            }
            if let Some(warning) = coverage::more_than_numbers_have(body, min_bits) {
                cx.warn(warning);
            }
            if on_chip == OnChip::All {
                body.attrs.insert(places::UNBOUNDED.into(), Attr::Bool(true));
            }
        }
        saturate_body(body, machine, (on_chip, share), phases, &left_out, limits, cx)?;
    }
    Ok(())
}

/// The search looks at a program as a whole.
fn no_calls(module: &Module) -> Result<()> {
    let mut calls = module.bodies.iter().flat_map(|b| &b.ops).filter(|op| op.name() == prism_dialects::call::CALL);
    match calls.next() {
        None => Ok(()),
        Some(first) => {
            Err(Diagnostic::error(&E0402, "`saturate` looks at a program as a whole, and this one has calls")
                .found(format!("{} calls, such as {}", 1 + calls.count(), first.loc.first()))
                .allowed("a program without calls")
                .hint("run `inline-calls` first, as in `-p inline-calls,saturate`")
                .into())
        }
    }
}

/// The rules that run in `phase`, none where it is not among `phases`.
fn rules_of(phase: Phase, phases: &[Phase], left_out: &[&'static str]) -> Vec<&'static Rule> {
    let runs = |r: &&Rule| phases.contains(&phase) && r.phase == phase && !left_out.contains(&r.name);
    RULES.iter().copied().filter(runs).collect()
}

/// The rules named by `without`.
fn left_out(cx: &PassCx<'_>) -> Result<Vec<&'static str>> {
    let mut problems = Diagnostics::new();
    let mut out = Vec::new();
    for name in cx.list("without") {
        match super::rules::find(name) {
            Some(rule) => out.push(rule.name),
            None => problems.push(
                Diagnostic::error(&E0104, format!("no rule is called `{name}`"))
                    .allowed(RULES.iter().map(|r| r.name).collect::<Vec<_>>().join(", "))
                    .hint_if(suggest::did_you_mean(name, RULES.iter().map(|r| r.name))),
            ),
        }
    }
    problems.into_result(out)
}

fn saturate_body(
    body: &mut Body,
    mut machine: Machine<'_>,
    (on_chip, share): (OnChip, f64),
    phases: &[Phase],
    left_out: &[&'static str],
    limits: Limits,
    cx: &mut PassCx<'_>,
) -> Result<()> {
    let mut read = convert::read(body);
    if cx.flag("check") {
        let mut check = Check::of(body)?;
        // Operands first, so that no evaluation is deeper than what a rule adds.
        for class in convert::post_order(&read.graph, &read.roots) {
            check.value(&read.graph, class);
        }
        read.graph.check = Some(Box::new(check));
    }
    let mut rounds = Vec::new();
    for phase in phases {
        if let (Phase::Realise, Some(target)) = (phase, machine.target) {
            let apart = Apart::by(&rules_of(Phase::Algebra, phases, left_out));
            let walked = apart.program(body, target);
            let classes = convert::classes(&mut read.graph, &walked, &read.values);
            machine.places = Places::of(&walked, &classes, &read.graph, target, on_chip, share);
            machine.readers = Readers::of(&read.graph, &read.roots, target);
            drop(walked);
            body.attrs.extend(machine.places.facts(share).map(|facts| (places::PLACES.to_string(), facts)));
            read.roots = ask_for_results(&mut read.graph, &read.roots, &machine);
            read.graph.egraph.rebuild();
        }
        let rules = rules_of(*phase, phases, left_out);
        let outcome = match phase {
            Phase::Algebra => rewrite(&mut read.graph, &machine, &rules, limits),
            Phase::Realise => realise(&mut read.graph, &machine, &rules),
        };
        if let Some(found) = read.graph.check.as_ref().and_then(|c| c.found()) {
            return Err(found.clone().into());
        }
        cx.count("iterations", outcome.iterations as u64);
        cx.count("unions", outcome.unions);
        if outcome.stop != Stop::Saturated {
            cx.warn(stopped_early(&body.name, *phase, &outcome));
        }
        rounds.push((*phase, outcome));
    }
    sound(&read.graph)?;
    let (enodes, eclasses) = (read.graph.size(), read.graph.egraph.number_of_classes());
    cx.count("enodes", enodes as u64);
    cx.count("eclasses", eclasses as u64);
    let mut written = convert::write(read.graph, &read.roots, body);
    let stop = rounds.iter().map(|(_, o)| o.stop).find(|s| *s != Stop::Saturated).unwrap_or(Stop::Saturated);
    let iterations: usize = rounds.iter().map(|(_, o)| o.iterations).sum();
    let mut facts = Attrs::from([
        ("stop".to_string(), Attr::str(stop.name())),
        ("enodes".to_string(), Attr::Int(enodes as i64)),
        ("eclasses".to_string(), Attr::Int(eclasses as i64)),
        ("iterations".to_string(), Attr::Int(iterations as i64)),
    ]);
    if !left_out.is_empty() {
        facts.insert(coverage::WITHOUT.into(), Attr::List(left_out.iter().map(|rule| Attr::str(*rule)).collect()));
    }
    written.attrs.insert(coverage::SATURATION.into(), Attr::dict(facts));
    let rules: BTreeMap<&str, u64> = rounds.iter().flat_map(|(_, o)| o.by_rule.iter().map(|(k, v)| (*k, *v))).collect();
    cx.detail(
        "saturation",
        serde_json::json!({ "segment": body.name, "stop": stop.name(), "enodes": enodes, "eclasses": eclasses,
            "iterations": iterations, "equalities_by_rule": rules }),
    );
    *body = written;
    Ok(())
}

/// Rules join equal tensors alone, which have equal types.
fn sound(graph: &Graph) -> Result<()> {
    match graph.egraph.analysis.unsound.first() {
        None => Ok(()),
        Some((a, b)) => Err(Diagnostic::error(&E0604, "a rule joined tensors of different types")
            .found(format!("{a} and {b}"))
            .note("this is a bug in a rule; `saturate{without=[...]}` narrows it down")
            .into()),
    }
}

fn stopped_early(body: &str, phase: Phase, outcome: &Outcome) -> Diagnostic {
    let hint = if outcome.stop == Stop::Nodes { "growth=...,max-nodes=..." } else { "iterations=..." };
    Diagnostic::warning(&W0701, format!("saturation of `{body}` stopped early ({phase:?} rules)").to_lowercase())
        .found(format!("{} after {} rounds", outcome.stop.name(), outcome.iterations))
        .note("the optimum is over the alternatives found so far")
        .hint(format!("raise `saturate{{{hint}}}`"))
}

/// Results leave the chip: their off-chip views are what the segment returns. Roots that are views already stay.
fn ask_for_results(graph: &mut Graph, roots: &[Id], machine: &Machine<'_>) -> Vec<Id> {
    let views = roots.iter().map(|r| {
        if graph.ty(*r).view().is_some() {
            return *r;
        }
        let elem = graph.tensor(*r).elem;
        let leaf = graph.is_offline(*r) || graph.egraph[*r].iter().any(|n| n.children.is_empty());
        let bits = if leaf { elem.bits() } else { price::bits_at(elem, machine.level) };
        graph.view(*r, View::Offchip, bits, &Loc::default())
    });
    views.collect()
}
