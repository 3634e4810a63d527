//! Feed-forward parts.

use crate::hf::graph::{Built, Graph, V, attrs};
use crate::hf::spec::{Activation, Gated};
use prism_dialects::{Attr, Attrs};

/// act(x).
pub(crate) fn activate(g: &mut Graph<'_>, x: V, act: Activation) -> Built {
    match act {
        Activation::Silu => g.one("nn.silu", x),
        Activation::Relu => g.one("nn.relu", x),
        Activation::Gelu => g.op("nn.gelu", &[x], Attrs::new()),
        Activation::GeluTanh => g.op("nn.gelu", &[x], attrs([("tanh", Attr::Bool(true))])),
    }
}

/// act(gate) * up, at the module `path`.
pub(crate) fn gate(g: &mut Graph<'_>, path: &str, (gate, up): (V, V), act: Activation) -> Built {
    g.at(path);
    if act == Activation::Silu {
        return g.two("nn.swiglu", gate, up);
    }
    let open = activate(g, gate, act)?;
    g.two("nn.mul", open, up)
}

/// The gated feed-forward part at `path`.
pub(crate) fn gated(g: &mut Graph<'_>, x: V, path: &str, of: Gated) -> Built {
    let hidden = g.ty(x).dims.last().copied().unwrap_or(1);
    let parts = if of.joined {
        let both = g.linear(x, &format!("{path}.gate_up_proj"), 2 * of.width, of.bias)?;
        let last = g.ty(both).rank().saturating_sub(1);
        (g.slice(both, last, 0, of.width)?, g.slice(both, last, of.width, of.width)?)
    } else {
        let mut part = |name: &str| g.linear(x, &format!("{path}.{name}"), of.width, of.bias);
        (part("gate_proj")?, part("up_proj")?)
    };
    let inner = gate(g, path, parts, of.act)?;
    g.linear(inner, &format!("{path}.down_proj"), hidden, of.bias)
}
