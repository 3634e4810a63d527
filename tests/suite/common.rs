//! Programs and machines for tests, and passes run on them.

use prism_dialects::interp::Tensor;
use prism_dialects::mlir::{PrintOptions, Session};
use prism_dialects::{Body, Module, TensorType};
use prism_hardware::Target;
use prism_hardware::target::SHIPPED;
use prism_passes::manager::{Manager, Observers, Outcome, Pipeline};
use prism_passes::testing::{Rng, random_tensor};
use prism_support::{Result, render};

/// Everything: what a program is compared by.
pub(crate) const WHOLE: PrintOptions = PrintOptions { locations: true, elide: None };

/// The value, or a panic that shows what the user would see.
pub(crate) fn shown<T>(result: Result<T>) -> T {
    result.unwrap_or_else(|d| panic!("{}", render::text_all(&d, false)))
}

/// A session.
pub(crate) fn session() -> Session {
    shown(Session::new())
}

/// A machine and the text it was read from.
#[derive(Clone)]
pub(crate) struct Machine {
    pub(crate) name: &'static str,
    pub(crate) target: Target,
    pub(crate) toml: String,
}

/// The machine of that TOML.
pub(crate) fn machine_of(name: &'static str, toml: String) -> Machine {
    Machine { name, target: shown(Target::parse(name, &toml)), toml }
}

/// The machine of that name.
pub(crate) fn machine(name: &str) -> Machine {
    let (name, toml) = SHIPPED.iter().find(|(n, _)| *n == name).unwrap_or_else(|| panic!("no target `{name}`"));
    machine_of(name, (*toml).to_string())
}

/// All machines that come with Prism.
pub(crate) fn machines() -> Vec<Machine> {
    SHIPPED.iter().map(|(name, _)| machine(name)).collect()
}

/// Runs a pipeline on a plain program.
pub(crate) fn run<'s>(session: &'s Session, machine: &Machine, passes: &str, module: &Module) -> Result<Outcome<'s>> {
    let pipeline = Pipeline::parse(passes, session)?;
    let manager = Manager::new(session, pipeline, Observers::default()).target(&machine.target, &machine.toml);
    manager.repro_dir(None).run_plain(module.clone())
}

/// What a pipeline makes of a plain program that it must accept.
pub(crate) fn after(session: &Session, machine: &Machine, passes: &str, module: &Module) -> Module {
    shown(run(session, machine, passes, module)).plain.expect("a program of ours")
}

/// A program from its text.
pub(crate) fn parse(session: &Session, text: &str) -> Module {
    shown(shown(session.parse("test.mlir", text)).read())
}

/// The text of a program, everything shown.
pub(crate) fn text(session: &Session, module: &Module) -> String {
    session.write(module).text(WHOLE)
}

/// Arguments for a body, the same for the same seed.
pub(crate) fn arguments(body: &Body, seed: u64) -> Vec<Tensor> {
    let mut rng = Rng(seed);
    let types = body.args.iter().map(|a| body.ty(*a).tensor().expect("a tensor").clone());
    types.map(|ty| random_tensor(&ty, &mut rng)).collect()
}

/// The weight of that name: the same numbers wherever it is asked for.
pub(crate) fn weight(name: &str, ty: &TensorType) -> std::result::Result<Tensor, String> {
    let seed = name.bytes().fold(7u64, |s, b| s.wrapping_mul(31).wrapping_add(u64::from(b)));
    Ok(random_tensor(ty, &mut Rng(seed)))
}
