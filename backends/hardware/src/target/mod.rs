//! A machine, read from its TOML file.

mod build;
pub mod causes;
mod check;
pub mod fields;
mod formula;
mod interval;
pub mod legacy;
mod machine;
pub mod overrides;
mod path;
pub mod photonic;
mod problem;
mod read;
mod words;

pub use fields::{FieldDoc, FieldKind, Presence, explain, fields};
pub use machine::{
    Electronic, EnergyTerms, Gating, Kernel, LargeFit, Link, Location, Memory, Placement, StaticPart, SystolicArray,
    TimeTerms, Traffic,
};
pub use photonic::{Photonic, PhotonicClass};

pub(crate) use machine::Hop;

use crate::units::Bits;
use interval::Ends;
use prism_support::codes::{E0102, E0501, E0505};
use prism_support::{Diagnostic, Result, suggest};
use problem::Log;
use read::{At, Reader};
use std::path::Path;
use toml::de::DeTable;

/// Most bytes of a target file; a big one has some 20 kB.
pub const MAX_BYTES: usize = 1 << 18;

/// A machine: its memories, links and units, each quantity with its source.
///
/// Only built by reading a file that passed every check, so cost queries never fail for want of a link.
#[derive(Clone, Debug)]
pub struct Target {
    /// Name.
    pub name: String,
    /// What it is.
    pub description: String,
    /// Where it is described as a whole.
    pub source: String,
    /// Width in the working memory of a number that is converted to or from light.
    pub number: Bits,
    /// Where tensors lie.
    pub placement: Placement,
    /// From the outermost to the innermost.
    pub memories: Vec<Memory>,
    /// One-way connections.
    pub links: Vec<Link>,
    /// Electronic units.
    pub electronic: Vec<Electronic>,
    /// Photonic units.
    pub photonic: Vec<Photonic>,
    /// Slips of published figures that are switched on.
    pub legacy: legacy::Legacy,
    /// What costs nothing.
    pub free: Free,
    /// Fields that were set from outside the file, as `path=value`.
    pub changes: Vec<String>,
    stated: Vec<Stated>,
    /// What the text is called, and the text.
    file: (String, String),
    /// Every mention of an operation.
    named_ops: Vec<At<String>>,
}

/// What costs nothing, to see a ceiling.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Free {
    /// What photonic units do themselves.
    pub light: bool,
    /// Electronic kernels other than products.
    pub non_gemm: bool,
}

/// A quantity as the file states it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stated {
    /// Path in the field registry, such as `photonic.clock`.
    pub path: &'static str,
    /// The quantity, such as ``photonic `phu`: clock``.
    pub field: String,
    /// Its text, such as `9.7 GHz`.
    pub value: String,
    /// The least that it may be; `None` where the file states no range.
    pub min: Option<String>,
    /// The most that it may be.
    pub max: Option<String>,
    /// Where it comes from.
    pub source: String,
    /// Where the value stands in the text, in bytes.
    pub(crate) at: usize,
}

/// The machines that come with Prism, by name: `examples/targets/`.
pub const SHIPPED: &[(&str, &str)] = &[
    ("lightcode", include_str!("../../../../examples/targets/lightcode.toml")),
    ("cpu-only", include_str!("../../../../examples/targets/cpu-only.toml")),
    ("edge-demo", include_str!("../../../../examples/targets/edge-demo.toml")),
    ("lt-b-4bit", include_str!("../../../../examples/targets/lt-b-4bit.toml")),
    ("lt-b-8bit", include_str!("../../../../examples/targets/lt-b-8bit.toml")),
    ("lt-l-4bit", include_str!("../../../../examples/targets/lt-l-4bit.toml")),
    ("lt-l-8bit", include_str!("../../../../examples/targets/lt-l-8bit.toml")),
    ("lt-mrr-4bit", include_str!("../../../../examples/targets/lt-mrr-4bit.toml")),
    ("lt-mrr-8bit", include_str!("../../../../examples/targets/lt-mrr-8bit.toml")),
    ("lt-mzi-4bit", include_str!("../../../../examples/targets/lt-mzi-4bit.toml")),
    ("lt-mzi-8bit", include_str!("../../../../examples/targets/lt-mzi-8bit.toml")),
    ("albireo-conservative", include_str!("../../../../examples/targets/albireo-conservative.toml")),
    ("albireo-moderate", include_str!("../../../../examples/targets/albireo-moderate.toml")),
    ("albireo-aggressive", include_str!("../../../../examples/targets/albireo-aggressive.toml")),
    ("lightmatter-2025", include_str!("../../../../examples/targets/lightmatter-2025.toml")),
    ("pace-2025", include_str!("../../../../examples/targets/pace-2025.toml")),
    ("lightml", include_str!("../../../../examples/targets/lightml.toml")),
    ("a100", include_str!("../../../../examples/targets/a100.toml")),
    ("npu", include_str!("../../../../examples/targets/npu.toml")),
    ("deap", include_str!("../../../../examples/targets/deap.toml")),
    ("oc", include_str!("../../../../examples/targets/oc.toml")),
    ("ubc-mrr", include_str!("../../../../examples/targets/ubc-mrr.toml")),
    ("pcm-wdm", include_str!("../../../../examples/targets/pcm-wdm.toml")),
];

impl Target {
    /// Reads a machine from TOML. `name` is what diagnostics call the text, usually its path.
    ///
    /// # Errors
    /// Every problem of the text: `E0501` not TOML, `E0502` a quantity without its unit, `E0503` an unknown field,
    /// `E0504` a missing one, `E0505` a value out of range or against another.
    pub fn parse(name: &str, text: &str) -> Result<Target> {
        Self::read(name, text, &Ends::new())
    }

    /// Reads a machine with some quantities at an end of their range.
    fn read(name: &str, text: &str, ends: &Ends) -> Result<Target> {
        if text.len() > MAX_BYTES {
            return Err(Diagnostic::error(&E0501, format!("`{name}` is too large for a target file"))
                .found(format!("{} bytes", text.len()))
                .allowed(format!("{MAX_BYTES} bytes"))
                .into());
        }
        let reader = Reader::new(name, text, ends);
        let (table, errors) = DeTable::parse_recoverable(text);
        for error in &errors {
            reader.syntax(error);
        }
        let target = if errors.is_empty() { build::target(&reader, table.get_ref()) } else { None };
        let target = reader.finish(target)?;
        Ok(Target { file: (name.to_string(), text.to_string()), ..target })
    }

    /// Checks the operations that kernels name against those that exist, which only the dialects know.
    ///
    /// # Errors
    /// `E0505` for every name that is not in `known`, at its place in the file.
    pub fn check_ops(&self, known: &[&str]) -> Result<()> {
        let log = Log::new(&self.file.0, &self.file.1);
        for op in self.named_ops.iter().filter(|op| !known.contains(&op.value.as_str())) {
            log.problem(&E0505, op.span.clone(), format!("there is no operation `{}`", op.value))
                .found(format!("\"{}\"", op.value))
                .allowed("operations of `nn` without the prefix; `prism list ops` shows them")
                .hint_if(suggest::did_you_mean(&op.value, known.iter().copied()));
        }
        log.into_problems().into_result(())
    }

    /// Reads the machine in a file.
    ///
    /// # Errors
    /// `E0102` when the file cannot be read, and those of [`Target::parse`].
    pub fn open(path: &Path) -> Result<Target> {
        let bytes = prism_support::files::read_at_most(path, MAX_BYTES).map_err(|reason| {
            Diagnostic::error(&E0102, format!("cannot read target `{}`", path.display())).found(reason.to_string())
        })?;
        let name = path.display().to_string();
        match std::str::from_utf8(&bytes) {
            Ok(text) => Target::parse(&name, text),
            Err(e) => Err(Diagnostic::error(&E0501, format!("`{name}` is not text"))
                .found(format!("a byte that is not UTF-8 at offset {}", e.valid_up_to()))
                .into()),
        }
    }

    /// A machine that comes with Prism; `None` when no such name is known.
    pub fn shipped(name: &str) -> Option<Result<Target>> {
        let (name, text) = SHIPPED.iter().find(|(known, _)| *known == name)?;
        Some(Target::parse(&format!("{name}.toml"), text))
    }

    /// What the file says but for comments and blanks, as 16 hexadecimal digits (FNV-1a, 64 bit): prices of machines that
    /// share a name and differ in a figure must not be mixed.
    pub fn figures(&self) -> String {
        let said = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
        let bytes = self.file.1.lines().filter(said).flat_map(|line| line.trim().bytes().chain(*b"\n"));
        let hash = bytes
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
        format!("{hash:016x}")
    }

    /// The machine by name, with what was changed in its file: prices of machines that differ must not be mixed.
    pub fn identity(&self) -> String {
        if self.changes.is_empty() {
            self.name.clone()
        } else {
            format!("{} with {}", self.name, self.changes.join(", "))
        }
    }

    /// The same machine with these slips of published figures, and no others.
    pub fn with_legacy(&self, legacy: legacy::Legacy) -> Target {
        Target { legacy, ..self.clone() }
    }

    /// The same machine with numbers of another width in its memories.
    pub(crate) fn with_number(&self, number: Bits) -> Target {
        Target { number, ..self.clone() }
    }

    /// Width at which floats lie in memories.
    pub fn number_bits(&self) -> u32 {
        self.number.0 as u32
    }

    /// Effective bits of a number as light in `unit`; `None` when it is no photonic unit.
    pub fn light_bits(&self, unit: &str) -> Option<u32> {
        self.photonic_unit(unit).map(|u| u.precision.0 as u32)
    }

    /// The photonic unit of that name.
    pub fn photonic_unit(&self, name: &str) -> Option<&Photonic> {
        self.photonic.iter().find(|u| *u.name == *name)
    }

    /// The electronic unit of that name.
    pub fn electronic_unit(&self, name: &str) -> Option<&Electronic> {
        self.electronic.iter().find(|u| *u.name == *name)
    }

    /// Every quantity that the file states, with its source, in the order of reading.
    pub fn stated(&self) -> &[Stated] {
        &self.stated
    }

    /// The operations that some electronic kernel realises, sorted.
    pub fn ops(&self) -> Vec<&str> {
        let kernels = self.electronic.iter().flat_map(|u| &u.kernels);
        let mut ops: Vec<_> = kernels.flat_map(|k| k.ops.iter().map(String::as_str)).collect();
        ops.sort_unstable();
        ops.dedup();
        ops
    }
}
