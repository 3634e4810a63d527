//! `--emit KIND[=PATH],...`: what a compilation writes, and where.

use crate::console::Console;
use prism_passes::pipelines::Stage;
use prism_support::codes::{E0101, E0104};
use prism_support::{Diagnostic, Diagnostics, Result, files, suggest};
use std::path::{Path, PathBuf};

/// A kind of output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The program.
    Ir,
    /// `report.json`.
    Report,
    /// The simulated run for Perfetto.
    Trace,
    /// The tasks as a table.
    Csv,
    /// The plan as the simulator reads it.
    Plan,
    /// Plans between the fastest and the one that takes least, as a table.
    Pareto,
    /// Those as a picture.
    ParetoPlot,
}

impl Kind {
    /// All kinds, as listed in help and messages.
    pub const ALL: [Kind; 7] =
        [Kind::Ir, Kind::Report, Kind::Trace, Kind::Csv, Kind::Plan, Kind::Pareto, Kind::ParetoPlot];

    /// As written on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Ir => "ir",
            Kind::Report => "report",
            Kind::Trace => "trace",
            Kind::Csv => "csv",
            Kind::Plan => "plan",
            Kind::Pareto => "pareto",
            Kind::ParetoPlot => "pareto-plot",
        }
    }

    /// Its file in the output folder.
    fn file(self, stage: Stage) -> String {
        match self {
            Kind::Ir => format!("{}.mlir", stage.name()),
            Kind::Report => "report.json".into(),
            Kind::Trace => "trace.json".into(),
            Kind::Csv => "tasks.csv".into(),
            Kind::Plan => "plan.json".into(),
            Kind::Pareto => "pareto.csv".into(),
            Kind::ParetoPlot => "pareto.svg".into(),
        }
    }
}

/// Where an output goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// Standard output.
    Stdout,
    /// A file that was named, in a folder that is there.
    File(PathBuf),
    /// A file of the output folder, which is made.
    Folder(PathBuf, String),
}

/// An output that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Emit {
    /// What.
    pub kind: Kind,
    /// Where.
    pub place: Place,
}

/// The outputs that the flags ask for. `stop` is `--to`; `more` are kinds that other flags ask for, if it is not given.
///
/// # Errors
/// [`E0104`] for unknown kinds, [`E0101`] for kinds that need the whole compilation when it stops before, for an empty
/// path, and for two outputs at one place.
pub fn outputs(given: &[String], folder: Option<&Path>, stop: Option<Stage>, more: &[Kind]) -> Result<Vec<Emit>> {
    let stage = stop.unwrap_or(Stage::Plan);
    let stdout = folder.is_some_and(|f| f.as_os_str() == "-");
    if stdout && stop.is_none() {
        return Err(Diagnostic::error(&E0101, "`--output -` is not a folder")
            .found("several outputs for one stream")
            .hint("`--emit report=-` prints one of them")
            .into());
    }
    let folder = folder.filter(|_| !stdout);
    let default_folder = folder.unwrap_or(Path::new("prism-out"));
    let in_folder = |kind: Kind| Place::Folder(default_folder.to_path_buf(), kind.file(stage));
    let mut problems = Diagnostics::new();
    let mut out = Vec::new();
    let words = given.iter().flat_map(|g| g.split(',')).map(str::trim).filter(|w| !w.is_empty());
    for word in words {
        let (name, path) = word.split_once('=').map_or((word, None), |(n, p)| (n, Some(p)));
        let Some(kind) = Kind::ALL.into_iter().find(|k| k.name() == name) else {
            problems.push(unknown(name));
            continue;
        };
        if let (Some(stop), true) = (stop, kind != Kind::Ir) {
            problems.push(too_early(kind, stop));
        }
        let place = match path {
            Some("") => {
                problems.push(Diagnostic::error(&E0101, format!("`--emit {word}` has an empty path")));
                continue;
            }
            Some("-") => Place::Stdout,
            Some(path) => Place::File(path.into()),
            None if stop.is_some() && folder.is_none() => Place::Stdout,
            None => in_folder(kind),
        };
        out.push(Emit { kind, place });
    }
    if given.is_empty() {
        let kinds: &[Kind] = if stop.is_some() { &[Kind::Ir] } else { &[Kind::Report, Kind::Trace] };
        let place = |kind: Kind| match (stop, folder) {
            (Some(_), None) => Place::Stdout,
            _ => in_folder(kind),
        };
        out.extend(kinds.iter().map(|k| Emit { kind: *k, place: place(*k) }));
    }
    let missing = more.iter().filter(|k| stop.is_none() && out.iter().all(|e| e.kind != **k));
    let missing: Vec<Emit> = missing.map(|kind| Emit { kind: *kind, place: in_folder(*kind) }).collect();
    out.extend(missing);
    for (i, emit) in out.iter().enumerate() {
        if out[..i].iter().any(|e| place_name(&e.place) == place_name(&emit.place)) {
            let d =
                Diagnostic::error(&E0101, format!("two outputs at one place, the second is `{}`", emit.kind.name()));
            problems.push(d.found(place_name(&emit.place)).allowed("one place each"));
        }
    }
    problems.into_result(out)
}

fn place_name(place: &Place) -> String {
    match place {
        Place::Stdout => "standard output".into(),
        Place::File(path) => path.display().to_string(),
        Place::Folder(folder, name) => folder.join(name).display().to_string(),
    }
}

fn unknown(name: &str) -> Diagnostic {
    let names = Kind::ALL.map(Kind::name);
    Diagnostic::error(&E0104, format!("`--emit` does not know `{name}`"))
        .allowed(names.join(", "))
        .hint_if(suggest::did_you_mean(name, names))
}

fn too_early(kind: Kind, stop: Stage) -> Diagnostic {
    Diagnostic::error(&E0101, format!("`--emit {}` needs the whole compilation", kind.name()))
        .found(format!("`--to {}`", stop.name()))
        .allowed("`--emit ir` with `--to`")
        .hint("leave `--to` out")
}

/// Writes outputs, each whole or not at all; returns the files.
///
/// # Errors
/// `E0103` when one cannot be written.
pub fn write(outputs: &[(Emit, Vec<u8>)], console: &Console) -> Result<Vec<String>> {
    let mut written = Vec::new();
    for (emit, bytes) in outputs {
        match &emit.place {
            Place::Stdout => console.data(&String::from_utf8_lossy(bytes))?,
            Place::File(path) => files::write_atomic(path, bytes)?,
            Place::Folder(folder, name) => files::write_in(folder, name, bytes)?,
        }
        if emit.place != Place::Stdout {
            written.push(place_name(&emit.place));
        }
    }
    Ok(written)
}

#[cfg(test)]
mod tests {
    use super::{Kind, Place, outputs};
    use prism_passes::pipelines::Stage;
    use std::path::Path;

    fn given(words: &[&str], folder: Option<&str>, stop: Option<Stage>) -> Result<Vec<(Kind, String)>, Vec<String>> {
        let words: Vec<String> = words.iter().map(ToString::to_string).collect();
        let name = |p: &Place| match p {
            Place::Stdout => "-".to_string(),
            place => super::place_name(place),
        };
        match outputs(&words, folder.map(Path::new), stop, &[]) {
            Ok(all) => Ok(all.iter().map(|e| (e.kind, name(&e.place))).collect()),
            Err(problems) => Err(problems.0.iter().map(|d| format!("{} {}", d.code.name, d.headline)).collect()),
        }
    }

    #[test]
    fn places_follow_the_flags() {
        let report = (Kind::Report, "prism-out/report.json".to_string());
        assert_eq!(given(&[], None, None), Ok(vec![report, (Kind::Trace, "prism-out/trace.json".into())]));
        assert_eq!(
            given(&["csv,plan=-"], Some("o"), None),
            Ok(vec![(Kind::Csv, "o/tasks.csv".into()), (Kind::Plan, "-".into())])
        );
        assert_eq!(given(&[], None, Some(Stage::Stack)), Ok(vec![(Kind::Ir, "-".into())]));
        assert_eq!(given(&[], Some("o"), Some(Stage::Stack)), Ok(vec![(Kind::Ir, "o/stack.mlir".into())]));
    }

    #[test]
    fn all_problems_are_told_at_once() {
        let problems = given(&["raport", "trace", "ir=", "ir=a,ir=a"], None, Some(Stage::Nn)).expect_err("wrong");
        let codes: Vec<&str> = problems.iter().map(|p| &p[..5]).collect();
        assert_eq!(codes, ["E0104", "E0101", "E0101", "E0101"], "{problems:?}");
    }
}
