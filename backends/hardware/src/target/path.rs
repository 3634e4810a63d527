//! The way of a tensor between two memories: through every memory between them.

use super::machine::Hop;

/// What checks need to know of a memory, even when its quantities are wrong.
pub(crate) struct MemoryEnd {
    pub(crate) name: String,
    pub(crate) writable: bool,
}

/// From where to where a link goes.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Ends {
    pub(crate) from: String,
    pub(crate) to: String,
}

/// Why there is no way.
pub(crate) enum Broken {
    /// No link between two neighbouring memories.
    NoLink(Ends),
    /// A memory on the way cannot be written.
    NotWritable(String),
    /// A memory or link on the way has no usable name, which was noted when it was read.
    Unreadable,
}

/// The links from memory `from` to memory `to`, which pass through each memory between them in order. Entries
/// without a name are `None`.
pub(crate) fn between(
    memories: &[Option<MemoryEnd>],
    links: &[Option<Ends>],
    from: usize,
    to: usize,
) -> Result<Vec<Hop>, Broken> {
    let mut hops = Vec::new();
    let mut at = from;
    while at != to {
        let next = if at < to { at.saturating_add(1) } else { at.saturating_sub(1) };
        let (Some(Some(here)), Some(Some(there))) = (memories.get(at), memories.get(next)) else {
            return Err(Broken::Unreadable);
        };
        let joins = |l: &Option<Ends>| l.as_ref().is_some_and(|l| l.from == here.name && l.to == there.name);
        let Some(link) = links.iter().position(joins) else {
            let missing = Broken::NoLink(Ends { from: here.name.clone(), to: there.name.clone() });
            return Err(if links.iter().any(Option::is_none) { Broken::Unreadable } else { missing });
        };
        if !there.writable {
            return Err(Broken::NotWritable(there.name.clone()));
        }
        hops.push(Hop { from: at, link, to: next });
        at = next;
    }
    Ok(hops)
}
