//! What a config holds: `prism inspect`.

use super::graph::{Lengths, Types};
use super::{HfModel, Precision, lengths};
use crate::bindings::Bindings;
use crate::work::{Bound, bound_of};
use crate::{Parameters, PortInfo};
use prism_dialects::{Body, Type};
use prism_support::Diagnostics;
use serde::Serialize;

/// A model as `prism inspect` shows it.
#[derive(Clone, Debug, Serialize)]
pub struct ConfigInspection {
    /// `model_type` of the config.
    pub architecture: &'static str,
    /// What it is, as name and text.
    pub facts: Vec<(&'static str, String)>,
    /// Element type that is computed in, such as `bf16`.
    pub element: &'static str,
    /// Weight files beside the config: number of files and of tensors in them.
    pub checkpoint: Option<(usize, usize)>,
    /// The weights that the program names.
    pub parameters: Parameters,
    /// Inputs, in order; with the lengths as far as they are given.
    pub inputs: Vec<PortInfo>,
    /// Outputs, in order.
    pub outputs: Vec<PortInfo>,
    /// What depends on the lengths; absent while there are none or the config has errors.
    pub bound: Option<Bound>,
    /// Why `bound` is absent: one line per problem.
    pub problems: Vec<String>,
}

/// Looks at everything that can be looked at.
pub(super) fn inspect(model: &HfModel, bindings: &Bindings, precision: &Precision) -> ConfigInspection {
    let mut problems = model.faults.all(precision.weight_bits.is_some());
    // How weights are stored does not keep the network from being shown.
    let right = !model.faults.all(true).has_errors();
    let mut types = precision.types(model.dtype, &Default::default(), &mut problems);
    if !problems.has_errors() {
        types = model.stored(types, precision, &mut problems);
    }
    let lengths = problems.absorb(lengths::of(model, bindings));
    let mut shown = ConfigInspection {
        architecture: model.architecture,
        facts: if right { model.network.facts() } else { Vec::new() },
        element: types.compute.name(),
        checkpoint: model.checkpoint.as_ref().map(|c| (c.files, c.len())),
        parameters: Parameters::default(),
        inputs: Vec::new(),
        outputs: Vec::new(),
        bound: None,
        problems: Vec::new(),
    };
    if right {
        fill(&mut shown, model, &types, lengths, &mut problems);
    }
    for d in problems.0 {
        shown.problems.push(d.headline);
        shown.problems.extend(d.notes);
    }
    shown
}

/// Shows the program; a prompt of one token where no length is given.
fn fill(
    shown: &mut ConfigInspection,
    model: &HfModel,
    types: &Types,
    lengths: Option<Lengths>,
    problems: &mut Diagnostics,
) {
    match model.build(types, lengths.unwrap_or(Lengths { batch: 1, seq: 1, past: 0, longest: None })) {
        Ok(body) => {
            shown.parameters = parameters(&body);
            if lengths.is_some() {
                (shown.inputs, shown.outputs) = ports(&body);
                shown.bound = Some(bound_of(&body));
            }
        }
        Err(d) => problems.push(*d),
    }
}

fn parameters(body: &Body) -> Parameters {
    let mut out = Parameters::default();
    for op in body.ops.iter().filter(|op| op.name() == "nn.param") {
        let Some(ty) = op.result().and_then(|r| body.ty(r).tensor()) else { continue };
        out.tensors += 1;
        out.count = out.count.saturating_add(ty.numel());
        out.bytes = out.bytes.saturating_add(ty.numel().saturating_mul(u64::from(ty.elem.bits() / 8)));
    }
    out
}

fn ports(body: &Body) -> (Vec<PortInfo>, Vec<PortInfo>) {
    let port = |name: &str, ty: &Type| PortInfo {
        name: name.to_string(),
        dims: ty.tensor().map(|t| t.dims.iter().map(u64::to_string).collect()),
        element: ty.tensor().map_or("?", |t| t.elem.name()).to_string(),
    };
    let inputs = body.args.iter().zip(&body.arg_locs).map(|(v, loc)| port(loc.first(), body.ty(*v)));
    let names = body.attrs.get("nn.results").and_then(|n| n.as_list()).unwrap_or(&[]);
    let outputs = body.results.iter().zip(names).map(|(v, name)| port(name.as_str().unwrap_or(""), body.ty(*v)));
    (inputs.collect(), outputs.collect())
}
