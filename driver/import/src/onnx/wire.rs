//! A walk over the protobuf encoding before it is decoded: every length inside its message, bounded nesting, bounded
//! number of fields. What passes can be decoded without surprises in time or memory.
//!
//! Wire format: protobuf.dev, "Encoding". A field is a varint tag (number * 8 + wire type) and a payload.

/// A graph inside an attribute inside a node adds three levels.
const MAX_DEPTH: usize = 48;
/// Fields with a length in a file: the largest language models have some ten thousand nodes with thirty each. What is
/// decoded takes at most some 250 bytes of memory for each, however short it is in the file.
const MAX_FIELDS: u64 = 2_000_000;

/// What is wrong with the encoding.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Damage {
    /// Bytes that are not protobuf, or a length that points outside.
    Broken {
        /// Offset in the file, bytes.
        at: usize,
        /// What was found there.
        found: String,
        /// What would have been fine.
        allowed: String,
    },
    /// Deeper or longer than accepted.
    TooLarge {
        /// What there is too much of.
        found: String,
        /// How much is accepted.
        allowed: String,
    },
}

/// The messages that are decoded, for knowing which fields hold messages.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Message {
    Model,
    Graph,
    Function,
    Node,
    Attribute,
    Tensor,
    Value,
    Type,
    TensorType,
    Shape,
    /// Entries, dimensions, operator sets: no messages inside.
    Leaf,
}

impl Message {
    fn name(self) -> &'static str {
        match self {
            Message::Model => "model",
            Message::Graph => "graph",
            Message::Function => "function",
            Message::Node => "node",
            Message::Attribute => "attribute",
            Message::Tensor => "tensor",
            Message::Value => "input or output",
            Message::Type => "type",
            Message::TensorType => "tensor type",
            Message::Shape => "shape",
            Message::Leaf => "entry",
        }
    }

    /// The message in that field, if the field holds one.
    fn inside(self, field: u64) -> Option<Message> {
        Some(match (self, field) {
            (Message::Model, 7) | (Message::Attribute, 6 | 11) => Message::Graph,
            (Message::Model, 25) => Message::Function,
            (Message::Graph, 1) | (Message::Function, 7) => Message::Node,
            (Message::Graph, 5) | (Message::Attribute, 5 | 10) => Message::Tensor,
            (Message::Graph, 11 | 12) => Message::Value,
            (Message::Node, 5) | (Message::Function, 11) => Message::Attribute,
            (Message::Value, 2) => Message::Type,
            (Message::Type, 1) => Message::TensorType,
            (Message::TensorType, 2) => Message::Shape,
            (Message::Model, 8)
            | (Message::Function, 9)
            | (Message::Node, 9)
            | (Message::Tensor, 13)
            | (Message::Shape, 1) => Message::Leaf,
            _ => return None,
        })
    }
}

/// Fields of `ModelProto` that are numbers, and those that are bytes.
const MODEL_NUMBERS: [u64; 2] = [1, 5];
const MODEL_BYTES: [u64; 10] = [2, 3, 4, 6, 7, 8, 14, 20, 25, 26];

/// Whether the first field could be one of an ONNX model.
pub(crate) fn starts_like_a_model(bytes: &[u8]) -> bool {
    let mut at = 0;
    let Some(tag) = varint(bytes, &mut at) else { return false };
    match tag & 7 {
        0 => MODEL_NUMBERS.contains(&(tag >> 3)),
        2 => MODEL_BYTES.contains(&(tag >> 3)),
        _ => false,
    }
}

/// Reads a varint at `at` and moves past it.
pub(crate) fn varint(bytes: &[u8], at: &mut usize) -> Option<u64> {
    let mut value = 0u64;
    for shift in (0..64).step_by(7) {
        let byte = *bytes.get(*at)?;
        *at += 1;
        let part = u64::from(byte & 0x7f);
        // The tenth byte has room for one bit only.
        if shift == 63 && part > 1 {
            return None;
        }
        value |= part << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

/// Walks over the whole model.
///
/// # Errors
/// The first damage.
pub(crate) fn check(bytes: &[u8]) -> Result<(), Damage> {
    let mut open = vec![(bytes.len(), Message::Model)];
    let (mut at, mut fields) = (0usize, 0u64);
    while let Some(&(end, message)) = open.last() {
        if at >= end {
            open.pop();
            continue;
        }
        let Some((field, payload)) = field(bytes, &mut at, end, message)? else { continue };
        fields += 1;
        if fields > MAX_FIELDS {
            let allowed = format!("at most {MAX_FIELDS}");
            return Err(Damage::TooLarge { found: format!("more than {MAX_FIELDS} fields"), allowed });
        }
        let Some(inside) = message.inside(field) else {
            at = payload;
            continue;
        };
        if open.len() >= MAX_DEPTH {
            let found = format!("messages nested more than {MAX_DEPTH} deep");
            return Err(Damage::TooLarge { found, allowed: format!("at most {MAX_DEPTH} levels") });
        }
        open.push((payload, inside));
    }
    Ok(())
}

/// Reads a tag; for a length-delimited field, its number and where its payload ends, with `at` on the payload.
/// Other payloads are skipped.
fn field(bytes: &[u8], at: &mut usize, end: usize, message: Message) -> Result<Option<(u64, usize)>, Damage> {
    let start = *at;
    let broken = |found: String, allowed: String| Damage::Broken { at: start, found, allowed };
    let inner = bytes.get(..end).unwrap_or(bytes);
    let cut = || broken(format!("a {} that breaks off", message.name()), "a complete field".into());
    let tag = varint(inner, at).ok_or_else(cut)?;
    if tag >> 3 == 0 || tag >> 3 > 0x1fff_ffff {
        return Err(broken(format!("field number {}", tag >> 3), "1 to 536870911".into()));
    }
    let skip = match tag & 7 {
        0 => {
            varint(inner, at).ok_or_else(cut)?;
            return Ok(None);
        }
        1 => 8,
        5 => 4,
        2 => {
            let length = varint(inner, at).ok_or_else(cut)?;
            let left = end.saturating_sub(*at);
            let payload = usize::try_from(length).ok().filter(|n| *n <= left);
            let Some(n) = payload else {
                let found = format!("field {} of a {} claims {length} bytes", tag >> 3, message.name());
                return Err(broken(found, format!("at most {left}, which is where the {} ends", message.name())));
            };
            return Ok(Some((tag >> 3, *at + n)));
        }
        other => return Err(broken(format!("wire type {other}"), "0, 1, 2 or 5".into())),
    };
    if end.saturating_sub(*at) < skip {
        return Err(cut());
    }
    *at += skip;
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::{Damage, check, varint};

    #[test]
    fn varints_are_bounded() {
        let read = |b: &[u8]| varint(b, &mut 0);
        assert_eq!(read(&[0x96, 0x01]), Some(150));
        assert_eq!(read(&[0xff; 10]), None);
        assert_eq!(read(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]), Some(u64::MAX));
        assert_eq!(read(&[0x80]), None);
    }

    #[test]
    fn a_length_beyond_its_message_is_found() {
        // Graph of 3 bytes whose node claims 9.
        assert!(matches!(check(&[0x3a, 3, 0x0a, 9, 0, 0]), Err(Damage::Broken { at: 2, .. })));
        // A length of 2^63.
        assert!(check(&[0x3a, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01]).is_err());
        assert_eq!(check(&[0x08, 10, 0x3a, 2, 0x0a, 0]), Ok(()));
    }

    #[test]
    fn nesting_is_bounded() {
        // From the inside out: a graph in an attribute in a node in a graph, and the model around all.
        let mut bytes = Vec::new();
        for tag in [0x32, 0x2a, 0x0a].into_iter().cycle().take(300).chain([0x3a]) {
            let mut outer = vec![tag];
            let mut n = bytes.len();
            while n >= 0x80 {
                outer.push((n & 0x7f) as u8 | 0x80);
                n >>= 7;
            }
            outer.push(n as u8);
            outer.extend(bytes);
            bytes = outer;
        }
        assert!(matches!(check(&bytes), Err(Damage::TooLarge { .. })));
    }
}
