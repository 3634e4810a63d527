//! `--target`: a machine by name or file.

use prism_dialects::{Level, registry};
use prism_hardware::Target;
use prism_hardware::target::SHIPPED;
use prism_support::codes::{E0102, E0104, E0501};
use prism_support::{Diagnostic, Result, suggest};
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
    let machine = |target, toml| Machine { given: given.to_string(), target, toml };
    if let Some((name, toml)) = SHIPPED.iter().find(|(name, _)| *name == given) {
        let target = Target::parse(&format!("{name}.toml"), toml)?;
        return checked(machine(target, (*toml).to_string()));
    }
    let path = Path::new(given);
    let looks_like_path = given.contains(['/', '\\', '.']) || path.exists();
    if !looks_like_path {
        return Err(unknown(given).into());
    }
    let bytes = std::fs::read(path).map_err(|reason| {
        Diagnostic::error(&E0102, format!("cannot read target `{given}`"))
            .found(reason.to_string())
            .hint("`prism list targets` shows the machines that come with Prism")
    })?;
    let toml = String::from_utf8(bytes).map_err(|e| {
        Diagnostic::error(&E0501, format!("`{given}` is not text"))
            .found(format!("a byte that is not UTF-8 at offset {}", e.utf8_error().valid_up_to()))
    })?;
    checked(machine(Target::parse(given, &toml)?, toml))
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
