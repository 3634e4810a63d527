//! A model and a machine, from what was typed to a program at a stage.

use super::args::Space;
use crate::flow::Program;
use crate::input::{self, Content, Input};
use crate::machine::Machine;
use crate::phases::Phases;
use prism_dialects::Level;
use prism_dialects::mlir::{Ir, Session};
use prism_import::Bindings;
use prism_passes::egraph::price::check_target;
use prism_passes::pipelines::Stage;
use prism_support::codes::{E0101, E0104, E0402};
use prism_support::{Diagnostic, Diagnostics, Result, suggest};

/// What the command line names, read and found to be in order.
pub struct Opened {
    /// The machine.
    pub machine: Machine,
    /// The model.
    pub input: Input,
    bindings: Bindings,
}

impl Opened {
    /// Reads the files; all that is wrong with any of them goes to `problems`, and then there is nothing.
    pub fn read(space: &Space, phases: &mut Phases, problems: &mut Diagnostics) -> Option<Opened> {
        let bindings = problems.absorb(space.dimensions.bindings());
        let machine = problems.absorb(phases.time("target", || space.machine()));
        let input = problems.absorb(phases.time("read", || Input::open(&space.model)));
        Some(Opened { machine: machine?, input: input?, bindings: bindings? })
    }

    /// The program and the stage that it is at: `from`, which must be at the level of the file, or the first of that level. `late` are the
    /// flags that were given and come too late for a program of that level.
    ///
    /// # Errors
    /// Those of the importers and of the parser; `E0101` for flags that have no effect, `E0402` for another stage, `E0703` for prices of
    /// another machine.
    pub fn program<'s>(
        &self,
        space: &Space,
        session: &'s Session,
        from: Option<Stage>,
        late: &dyn Fn(Level) -> Vec<&'static str>,
        phases: &mut Phases,
    ) -> Result<(Program<'s>, Stage)> {
        let imported = match &self.input.content {
            Content::Config(model) => {
                phases.time("import", || model.import(&self.bindings, &space.dimensions.precision()))?
            }
            Content::Onnx(model) => {
                space.dimensions.no_precision(&space.model)?;
                phases.time("import", || model.import(&self.bindings))?
            }
            Content::Mlir(_) | Content::Text(_) => {
                let (ir, level) = phases.time("parse", || self.parse(session))?;
                return Ok((Program::Ir(ir), start(space, from, level, &late(level))?));
            }
        };
        match from {
            None | Some(Stage::Import) => Ok((Program::Plain(imported), Stage::Import)),
            Some(from) => Err(Diagnostic::error(&E0402, format!("`{}` is not at stage {}", space.model, from.name()))
                .found("a model that is not imported yet")
                .allowed("MLIR text of that level")
                .hint("leave `--from` out")
                .into()),
        }
    }

    /// The MLIR of the input, and its level. Prices in it must be those of the machine.
    fn parse<'s>(&self, session: &'s Session) -> Result<(Ir<'s>, Level)> {
        let input = &self.input;
        if let Content::Text(_) = input.content {
            return Err(input::not_a_model(&input.name, "text of another kind").into());
        }
        let ir = session.parse(&input.name, input.mlir()?)?;
        let module = ir.read()?;
        if let Some(main) = module.main() {
            check_target(main, &self.machine.target)?;
        }
        Ok((ir, module.level()))
    }
}

/// The stage of that name, which `flag` gives.
///
/// # Errors
/// `E0104`.
pub fn stage(flag: &str, given: &str) -> Result<Stage> {
    let names = Stage::ALL.map(Stage::name);
    Stage::parse(given).ok_or_else(|| {
        let d = Diagnostic::error(&E0104, format!("`{flag}` does not know the stage `{given}`"));
        d.allowed(names.join(", ")).hint_if(suggest::did_you_mean(given, names)).into()
    })
}

/// The stage that MLIR of that level starts from.
fn start(space: &Space, from: Option<Stage>, level: Level, late: &[&str]) -> Result<Stage> {
    if space.dimensions.any() {
        return Err(input::nothing_to_bind(&space.model, level).into());
    }
    space.dimensions.no_precision(&space.model)?;
    if !late.is_empty() {
        return Err(Diagnostic::error(&E0101, format!("`{}` is past what {} decides", space.model, late.join(", ")))
            .found(format!("a program of level {level}"))
            .allowed("flags that act on later stages")
            .hint("start again from the model, or leave them out")
            .into());
    }
    let first = Stage::ALL.into_iter().find(|s| s.level() == level).unwrap_or(Stage::Import);
    match from {
        Some(from) if from.level() != level => {
            let headline = format!("`{}` is not at stage {}", space.model, from.name());
            Err(Diagnostic::error(&E0402, headline)
                .found(format!("operations of level {level}"))
                .allowed(format!("operations of level {}", from.level()))
                .hint(format!("use `--from {}`, or leave it out", first.name()))
                .into())
        }
        Some(from) => Ok(from),
        None => Ok(first),
    }
}
