//! `prism cost`: what one matrix product, or a transformer of the zoo, costs on a machine.

use crate::console::Console;
use crate::costing::{Costing, Subject};
use crate::machine;
use prism_hardware::target::legacy::Legacy;
use prism_hardware::target::overrides::Override;
use prism_hardware::{Gemm, MatmulWork, Stationary, Target, zoo};
use prism_support::codes::{E0101, E0104, E0506, E0701};
use prism_support::{Diagnostic, Diagnostics, Result, suggest};

/// Longest dimension, and most multiply-accumulates: all counts are exact below.
const MOST: u64 = 1_000_000_000;
const MOST_MACS: u128 = 1 << 62;

/// Arguments of `prism cost`.
#[derive(Debug, clap::Args)]
#[command(
    group(clap::ArgGroup::new("what").required(true).args(["gemm", "model"])),
    after_help = "Examples:\n  prism cost --gemm 197x192x576 -t lt-b-4bit\n  \
                  prism cost --model deit-t -t lt-b-8bit --format json\n  \
                  prism cost --gemm 128x4096x4096 -t lt-b-4bit --set photonic.ptc.accumulate=1"
)]
pub struct Args {
    /// Machine: a name of `prism list targets`, or a TOML file
    #[arg(short, long, value_name = "NAME|FILE", default_value = machine::DEFAULT, env = "PRISM_TARGET", hide_env_values = true)]
    target: String,
    /// A product of an MxK by a KxN matrix
    #[arg(long, value_name = "MxKxN", allow_hyphen_values = true)]
    gemm: Option<String>,
    /// A transformer: deit-t, deit-s, deit-b, bert-b, bert-l
    #[arg(long, value_name = "NAME")]
    model: Option<String>,
    /// Products of that shape [default: 1]
    #[arg(long, value_name = "N", conflicts_with = "model", value_parser = clap::value_parser!(u64).range(1..=MOST))]
    batch: Option<u64>,
    /// Both operands are results, as in attention; else the right one is weights off chip
    #[arg(long, conflicts_with = "model")]
    dynamic: bool,
    /// Operand that a photonic unit holds, or has on its row side: rhs, lhs [default: rhs]
    #[arg(long, value_name = "SIDE", value_parser = ["rhs", "lhs"], hide_possible_values = true, conflicts_with = "model")]
    stationary: Option<String>,
    /// Unit that does it [default: the first that can, photonic ones first]
    #[arg(long, value_name = "NAME", conflicts_with = "model")]
    unit: Option<String>,
    /// Tokens [default: those of the model's paper]
    #[arg(long, value_name = "N", conflicts_with = "gemm", value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    tokens: Option<u64>,
    /// Set a field of the target, such as photonic.ptc.accumulate=1; may be repeated
    #[arg(long, value_name = "PATH=VALUE")]
    set: Vec<String>,
    /// Slips of published figures to switch on: `prism explain target.accounting.legacy`
    #[arg(long, value_name = "NAME,...", value_delimiter = ',')]
    legacy: Vec<String>,
}

/// Prices and prints.
///
/// # Errors
/// When the target or the product is wrong, or no unit of the target does it.
pub fn run(args: &Args, console: &mut Console) -> Result<()> {
    let mut problems = Diagnostics::new();
    let set: Result<Vec<Override>> = args.set.iter().map(|s| Override::parse(s)).collect();
    let machine = problems.absorb(set.and_then(|set| machine::open_with(&args.target, &set)));
    let legacy = problems.absorb(slips(&args.legacy));
    let work = problems.absorb(args.gemm.as_deref().map(|text| product(text, args)).transpose());
    let model = problems.absorb(args.model.as_deref().map(model).transpose());
    let (Some(machine), Some(legacy), Some(work), Some(model)) = (machine, legacy, work, model) else {
        return Err(problems);
    };
    let target = legacy.map_or(machine.target.clone(), |slips| machine.target.with_legacy(slips));
    let costing = match (work, model) {
        (Some(work), _) => {
            let held = if args.stationary.as_deref() == Some("lhs") { Stationary::Lhs } else { Stationary::Rhs };
            let found = on_unit(&target, target.gemm(&work, held), args.unit.as_deref())?;
            Costing::of_gemm(&target, work, found)
        }
        (None, Some(model)) => Costing::of_model(&target, model, args.tokens.unwrap_or(model.tokens)),
        (None, None) => return Err(Diagnostic::error(&E0101, "neither --gemm nor --model is given").into()),
    };
    if let Subject::Model { .. } = costing.subject
        && costing.macs == 0
    {
        return Err(nothing(&target, &costing.left_out).into());
    }
    console.warn(infeasible(&target));
    if console.json() { console.data(&costing.json(&target)) } else { console.data(&costing.text(&target, console)) }
}

/// `MxKxN`.
fn product(text: &str, args: &Args) -> Result<MatmulWork> {
    let refused = |found: String, allowed: String| {
        Diagnostic::error(&E0101, format!("`{text}` is not a product that can be priced"))
            .found(found)
            .allowed(allowed)
            .hint("type M, K and N with an `x` between them, as in `--gemm 197x192x576`")
    };
    let allowed = || format!("three whole numbers from 1 to {MOST}: rows, inner dimension, columns");
    let words: Vec<&str> = text.split(['x', 'X', '×']).map(str::trim).collect();
    let [m, k, n] = words[..] else {
        return Err(refused(format!("{} dimensions", words.len()), allowed()).into());
    };
    let number = |word: &str| -> Result<u64> {
        let found = || if word.is_empty() { "an empty dimension".into() } else { format!("`{word}`") };
        let inside = word.parse().ok().filter(|n| (1..=MOST).contains(n));
        inside.ok_or_else(|| refused(found(), allowed()).into())
    };
    let batch = args.batch.unwrap_or(1);
    let work = MatmulWork { dynamic: args.dynamic, ..MatmulWork::new(batch, number(m)?, number(k)?, number(n)?) };
    if work.macs() > MOST_MACS {
        let found = format!("{:.2e} multiply-accumulates", work.macs() as f64);
        return Err(refused(found, format!("at most {:.2e} of them", MOST_MACS as f64)).into());
    }
    Ok(work)
}

fn model(name: &str) -> Result<&'static zoo::Model> {
    zoo::find(name).ok_or_else(|| {
        let names: Vec<&str> = zoo::MODELS.iter().map(|m| m.name).collect();
        Diagnostic::error(&E0104, format!("no model of the zoo is called `{name}`"))
            .allowed(names.join(", "))
            .note("`prism compile` takes any model as an ONNX file")
            .hint_if(suggest::did_you_mean(name, names))
            .into()
    })
}

/// The slips that the command line names; none when it names none, and those of the file count.
fn slips(given: &[String]) -> Result<Option<Legacy>> {
    let mut problems = Diagnostics::new();
    for name in given.iter().filter(|name| !Legacy::NAMES.contains(&name.as_str())) {
        problems.push(
            Diagnostic::error(&E0104, format!("no slip is called `{name}`"))
                .allowed(Legacy::NAMES.join(", "))
                .hint_if(suggest::did_you_mean(name, Legacy::NAMES.iter().copied())),
        );
    }
    let names: Vec<&str> = given.iter().map(String::as_str).collect();
    problems.into_result((!names.is_empty()).then(|| Legacy::of(&names)))
}

fn on_unit(target: &Target, found: Vec<Gemm>, unit: Option<&str>) -> Result<Gemm> {
    let Some(name) = unit else {
        return found.into_iter().next().ok_or_else(|| nothing(target, &["this product"]).into());
    };
    let able: Vec<String> = found.iter().map(|g| g.unit.to_string()).collect();
    if let Some(gemm) = found.into_iter().find(|g| *g.unit == *name) {
        return Ok(gemm);
    }
    let electronic = target.electronic.iter().map(|u| u.name.to_string());
    let units: Vec<String> = target.photonic.iter().map(|u| u.name.to_string()).chain(electronic).collect();
    let d = match units.iter().any(|u| u == name) {
        true => Diagnostic::error(&E0701, format!("unit `{name}` of `{}` cannot do this product", target.name)),
        false => Diagnostic::error(&E0104, format!("target `{}` has no unit `{name}`", target.name))
            .hint_if(suggest::did_you_mean(name, able.iter().map(String::as_str))),
    };
    Err(d.allowed(if able.is_empty() { "no unit can".into() } else { able.join(", ") }).into())
}

fn nothing(target: &Target, what: &[&str]) -> Diagnostic {
    Diagnostic::error(&E0701, format!("no unit of target `{}` does {}", target.name, what.join(", ")))
        .note("a photonic unit with `dynamic = false` does no product of two results, and no kernel is for `matmul`")
}

fn infeasible(target: &Target) -> Diagnostics {
    let warning = |why: prism_hardware::Infeasible| {
        Diagnostic::warning(&E0506, why.headline)
            .found(why.found)
            .allowed(why.allowed)
            .note(format!("`prism explain target.{}` says more", why.field))
    };
    Diagnostics(target.infeasible().into_iter().map(warning).collect())
}
