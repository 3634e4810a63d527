//! `--target`: a machine by name or file.

use prism_dialects::{Level, registry};
use prism_hardware::Target;
use prism_hardware::target::SHIPPED;
use prism_hardware::target::overrides::{self, Override};
use prism_support::codes::{E0102, E0104, E0501, E0506, E0507};
use prism_support::{Diagnostic, Diagnostics, Result, suggest};
use std::path::Path;

/// The machine that is meant where none is named.
pub const DEFAULT: &str = "lightcode";

/// A machine and the text it was read from, which goes into dumps, reproducers and the report's hashes.
pub struct Machine {
    /// As typed.
    pub given: String,
    /// The machine.
    pub target: Target,
    /// The text of its file.
    pub toml: String,
}

/// The machine of that name, or in that file.
///
/// # Errors
/// [`E0104`] for a name that is neither, [`E0102`] when the file cannot be read, and what the target reader says.
pub fn open(given: &str) -> Result<Machine> {
    open_with(given, &[])
}

/// The same with fields of its file set.
///
/// # Errors
/// Those of [`open`], and what [`overrides::apply`] says of the fields.
pub fn open_with(given: &str, set: &[Override]) -> Result<Machine> {
    let machine = |name: &str, toml: &str| {
        let file = toml;
        let toml = overrides::apply(file, set)?;
        let mut target = Target::parse(name, &toml).map_err(|found| overrides::as_given(found, file, set))?;
        target.changes = set.iter().map(ToString::to_string).collect();
        checked(Machine { given: given.to_string(), target, toml })
    };
    if let Some((name, toml)) = SHIPPED.iter().find(|(name, _)| *name == given) {
        return machine(&format!("{name}.toml"), toml);
    }
    let path = Path::new(given);
    let looks_like_path = given.contains(['/', '\\', '.']) || path.exists();
    if !looks_like_path {
        return Err(unknown(given).into());
    }
    let bytes = prism_support::files::read_at_most(path, prism_hardware::target::MAX_BYTES).map_err(|reason| {
        Diagnostic::error(&E0102, format!("cannot read target `{given}`"))
            .found(reason.to_string())
            .hint("`prism list targets` shows the machines that come with Prism")
    })?;
    let toml = String::from_utf8(bytes).map_err(|e| {
        Diagnostic::error(&E0501, format!("`{given}` is not text"))
            .found(format!("a byte that is not UTF-8 at offset {}", e.utf8_error().valid_up_to()))
    })?;
    machine(given, &toml)
}

/// Refuses machines that no compilation should be made for.
///
/// # Errors
/// [`E0506`] for each thing that physics does not allow, unless `infeasible` ones are allowed; [`E0507`] for slips of
/// published figures that are switched on.
pub fn check_buildable(machine: &Machine, infeasible: bool) -> Result<()> {
    let target = &machine.target;
    let mut problems = Diagnostics::new();
    for why in target.infeasible().into_iter().filter(|_| !infeasible) {
        problems.push(
            Diagnostic::error(&E0506, format!("`{}` cannot be built: {}", target.name, why.headline))
                .found(why.found)
                .allowed(why.allowed)
                .note(format!("`{}` says so", why.field))
                .hint("change the machine, or add `--allow-infeasible`"),
        );
    }
    let slips = target.legacy.on();
    if !slips.is_empty() {
        problems.push(
            Diagnostic::error(&E0507, format!("`{}` repeats slips of a publication", target.name))
                .found(slips.join(", "))
                .allowed("none in `[accounting.legacy]`")
                .hint("`prism validate` and `prism cost` can use them"),
        );
    }
    problems.into_result(())
}

/// The machine in `text`, which diagnostics call `name`.
///
/// # Errors
/// What the target reader says, and names of operations that do not exist.
pub fn read(name: &str, text: &str) -> Result<Target> {
    let machine = Machine { given: name.to_string(), target: Target::parse(name, text)?, toml: String::new() };
    checked(machine).map(|machine| machine.target)
}

/// The names that kernels give to operations must exist.
fn checked(machine: Machine) -> Result<Machine> {
    let known: Vec<&str> = registry::ops().filter(|op| op.level == Level::Nn).map(|op| op.short()).collect();
    machine.target.check_ops(&known).map(|()| machine)
}

fn unknown(given: &str) -> Diagnostic {
    let names: Vec<&str> = SHIPPED.iter().map(|(name, _)| *name).collect();
    Diagnostic::error(&E0104, format!("no target is called `{given}`"))
        .allowed(format!("{}, or the path of a TOML file", names.join(", ")))
        .hint_if(suggest::did_you_mean(given, names.iter().copied()))
}

#[cfg(test)]
mod tests {
    use super::open;
    use prism_hardware::target::SHIPPED;

    #[test]
    fn every_shipped_machine_opens_and_slips_are_corrected() {
        for (name, _) in SHIPPED {
            assert!(open(name).is_ok(), "{name}");
        }
        let problems = open("lightcod").err().expect("unknown");
        assert_eq!(problems.0[0].hint.as_deref(), Some("did you mean `lightcode`?"));
        assert_eq!(open("no/such.toml").err().map(|p| p.exit_code()), Some(2));
    }
}
