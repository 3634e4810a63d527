//! JSON text as a value, with what `serde_json` lets pass refused: a key that an object has twice.

use prism_support::plain::of_json;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::collections::BTreeSet;
use std::fmt;

/// A JSON value; objects keep their order.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number.
    Float(f64),
    Text(String),
    List(Vec<Json>),
    Object(Object),
}

/// The entries of an object.
pub(crate) type Object = Vec<(String, Json)>;

/// Longest text of a value that a message shows, characters.
const SHOWN: usize = 40;

impl Json {
    /// Reads a text.
    ///
    /// # Errors
    /// What is wrong, with line and column.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Json, String> {
        serde_json::from_slice(bytes).map_err(|e| of_json(&e.to_string()))
    }

    /// The entries, if it is an object.
    pub(crate) fn object(&self) -> Option<&Object> {
        match self {
            Json::Object(entries) => Some(entries),
            _ => None,
        }
    }

    /// The text, if it is one.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Json::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A whole number that is not negative.
    pub(crate) fn count(&self) -> Option<u64> {
        match self {
            Json::Int(n) => u64::try_from(*n).ok(),
            _ => None,
        }
    }

    /// A number.
    pub(crate) fn number(&self) -> Option<f64> {
        match self {
            Json::Int(n) => Some(*n as f64),
            Json::Float(x) => Some(*x),
            _ => None,
        }
    }
}

/// The value of a key.
pub(crate) fn entry<'j>(object: &'j Object, key: &str) -> Option<&'j Json> {
    object.iter().find(|(k, _)| k == key).map(|(_, value)| value)
}

/// As messages show it.
impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Json::Null => f.write_str("null"),
            Json::Bool(b) => b.fmt(f),
            Json::Int(n) => n.fmt(f),
            Json::Float(x) => write!(f, "{x:?}"),
            Json::Text(text) => {
                let short: String = text.chars().take(SHOWN).collect();
                let more = if short.len() < text.len() { "..." } else { "" };
                write!(f, "\"{short}{more}\"")
            }
            Json::List(items) => write!(f, "a list of {}", items.len()),
            Json::Object(entries) => write!(f, "an object with {} fields", entries.len()),
        }
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Json, D::Error> {
        from.deserialize_any(AnyValue)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Int(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(i64::try_from(value).map_or(Json::Float(value as f64), Json::Int))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Json, E> {
        Ok(Json::Float(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(Json::Text(value.to_string()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let mut out = Vec::new();
        while let Some(item) = items.next_element()? {
            out.push(item);
        }
        Ok(Json::List(out))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Json, A::Error> {
        let mut out = Object::new();
        let mut seen = BTreeSet::new();
        while let Some((key, value)) = entries.next_entry::<String, Json>()? {
            if !seen.insert(key.clone()) {
                let short: String = key.chars().take(SHOWN).collect();
                return Err(A::Error::custom(format_args!("`{short}` is there twice")));
            }
            out.push((key, value));
        }
        Ok(Json::Object(out))
    }
}

#[cfg(test)]
mod tests {
    use super::Json;

    #[test]
    fn values_keep_their_kinds() {
        let read = Json::parse(br#"{"a": [1, 1.0, -2, 1e3, null, true, "x"], "b": {}}"#).expect("JSON");
        let list = [
            Json::Int(1),
            Json::Float(1.0),
            Json::Int(-2),
            Json::Float(1000.0),
            Json::Null,
            Json::Bool(true),
            Json::Text("x".into()),
        ];
        let object = vec![("a".to_string(), Json::List(list.into())), ("b".to_string(), Json::Object(vec![]))];
        assert_eq!(read, Json::Object(object));
        assert_eq!(Json::parse(b"18446744073709551615"), Ok(Json::Float(18446744073709551615.0)));
    }

    #[test]
    fn what_is_no_json_is_refused() {
        let twice = Json::parse(br#"{"a": 1, "b": 2, "a": 3}"#).expect_err("twice");
        assert!(twice.contains("`a` is there twice"), "{twice}");
        let deep = "[".repeat(100_000);
        for text in ["", "{", "{\"a\" 1}", "[1,]", "NaN", "{\"a\": 1} x", "1e999", &deep] {
            assert!(Json::parse(text.as_bytes()).is_err(), "{text:.20}");
        }
    }
}
