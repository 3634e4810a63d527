//! Norms over the last axis.

use crate::hf::graph::{Built, Graph, V, attrs, int};
use crate::hf::spec::Norm;
use prism_dialects::Attr;

/// The root mean square norm at `path`.
pub(crate) fn rms(g: &mut Graph<'_>, x: V, path: &str, norm: Norm) -> Built {
    let dims = g.ty(x).dims;
    let width = dims.last().copied().unwrap_or(1);
    let mut scale = g.weight(&format!("{path}.weight"), [width])?;
    g.at(path);
    if norm.one_more {
        let one = g.scalar(1.0, g.compute())?;
        scale = g.two("nn.add", scale, one)?;
    }
    let over = attrs([("axis", int(dims.len().saturating_sub(1))), ("epsilon", Attr::float(norm.epsilon))]);
    g.op("nn.rms_norm", &[x, scale], over)
}

/// The layer norm at `path`, with a bias.
pub(crate) fn layer(g: &mut Graph<'_>, x: V, path: &str, epsilon: f64) -> Built {
    let dims = g.ty(x).dims;
    let width = dims.last().copied().unwrap_or(1);
    let scale = g.weight(&format!("{path}.weight"), [width])?;
    let bias = g.weight(&format!("{path}.bias"), [width])?;
    g.at(path);
    let over = attrs([("axis", int(dims.len().saturating_sub(1))), ("epsilon", Attr::float(epsilon))]);
    g.op("nn.layer_norm", &[x, scale, bias], over)
}
