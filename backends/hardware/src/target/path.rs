//! The way of a tensor between two memories: through every memory between them.

use super::machine::{Hop, Link, Memory};

/// Why there is no way.
pub(crate) enum Broken {
    /// No link between two neighbouring memories.
    NoLink { from: String, to: String },
    /// A memory on the way cannot be written.
    NotWritable(String),
}

/// The links from memory `from` to memory `to`, which pass through each memory between them in order.
pub(crate) fn between(memories: &[Memory], links: &[Link], from: usize, to: usize) -> Result<Vec<Hop>, Broken> {
    let mut hops = Vec::new();
    let mut at = from;
    while at != to {
        let next = if at < to { at.saturating_add(1) } else { at.saturating_sub(1) };
        let (Some(here), Some(there)) = (memories.get(at), memories.get(next)) else { break };
        let joins = |l: &Link| l.from == here.name.as_str() && l.to == there.name.as_str();
        let Some(link) = links.iter().position(joins) else {
            return Err(Broken::NoLink { from: here.name.to_string(), to: there.name.to_string() });
        };
        if there.write.is_none() {
            return Err(Broken::NotWritable(there.name.to_string()));
        }
        hops.push(Hop { from: at, link, to: next });
        at = next;
    }
    Ok(hops)
}
