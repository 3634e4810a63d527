//! safetensors files: their headers alone. Tensor data is never read.
//!
//! A file is the length of the header in eight bytes, the header as JSON, then the data. The data of all tensors fills the rest of
//! the file without gaps, which is how a file that was cut short shows.

use super::json::{Json, Object, entry};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// Longest header, bytes, as in the reference reader.
const MAX_HEADER: u64 = 100_000_000;
/// Most axes of a tensor.
const MAX_AXES: usize = 64;

/// Width of each element type, bits.
const DTYPES: [(&str, u64); 22] = [
    ("BOOL", 8),
    ("U8", 8),
    ("I8", 8),
    ("U16", 16),
    ("I16", 16),
    ("U32", 32),
    ("I32", 32),
    ("U64", 64),
    ("I64", 64),
    ("F4", 4),
    ("F6_E2M3", 6),
    ("F6_E3M2", 6),
    ("F8_E4M3", 8),
    ("F8_E4M3FNUZ", 8),
    ("F8_E5M2", 8),
    ("F8_E5M2FNUZ", 8),
    ("F8_E8M0", 8),
    ("F16", 16),
    ("BF16", 16),
    ("F32", 32),
    ("F64", 64),
    ("C64", 64),
];

/// A tensor of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stored {
    /// Its element type as the file names it, such as `BF16`.
    pub(super) dtype: String,
    /// Its extents.
    pub(super) dims: Vec<u64>,
    offsets: [u64; 2],
}

/// The tensors of a file, by name.
pub(super) type Header = BTreeMap<String, Stored>;

/// Reads the header of the file at `path`, and keeps its bytes.
///
/// # Errors
/// What was found, and what is allowed.
pub(super) fn open(path: &Path) -> Result<(Header, Vec<u8>), (String, String)> {
    let unreadable = |e: std::io::Error| (e.to_string(), "a file that can be read".to_string());
    let mut file = File::open(path).map_err(unreadable)?;
    let metadata = file.metadata().map_err(unreadable)?;
    if !metadata.is_file() {
        return Err(("no regular file".into(), "a safetensors file".into()));
    }
    let mut bytes = Vec::new();
    file.by_ref().take(8).read_to_end(&mut bytes).map_err(unreadable)?;
    let length = header_length(&bytes, metadata.len())?;
    file.take(length).read_to_end(&mut bytes).map_err(unreadable)?;
    let header = parse(&bytes, metadata.len())?;
    Ok((header, bytes))
}

/// The length that the first eight bytes give.
fn header_length(bytes: &[u8], file: u64) -> Result<u64, (String, String)> {
    let first: Option<[u8; 8]> = bytes.get(..8).and_then(|b| b.try_into().ok());
    let first = first.ok_or_else(|| (format!("{} bytes", bytes.len()), "at least 8 bytes".to_string()))?;
    let length = u64::from_le_bytes(first);
    let room = file.saturating_sub(8).min(MAX_HEADER);
    if length > room {
        return Err((format!("a header of {length} bytes"), format!("at most {room} bytes in a file of {file}")));
    }
    Ok(length)
}

/// The header in `bytes`, the beginning of a file of `file` bytes.
///
/// # Errors
/// What was found, and what is allowed.
pub(super) fn parse(bytes: &[u8], file: u64) -> Result<Header, (String, String)> {
    let length = header_length(bytes, file)?;
    let text = usize::try_from(length).ok().and_then(|n| bytes.get(8..)?.get(..n));
    let text = text.ok_or_else(|| ("a file that ends inside its header".to_string(), format!("{length} bytes")))?;
    let read: Entries = serde_json::from_slice(text)
        .map_err(|e| (prism_support::plain::of_json(&e.to_string()), "a header as JSON".to_string()))?;
    check(&read.0, file - 8 - length)?;
    Ok(read.0)
}

/// Checks that the tensors fill `room` bytes, each with as many as it takes.
fn check(header: &Header, room: u64) -> Result<(), (String, String)> {
    let mut spans: Vec<(&str, [u64; 2])> = Vec::with_capacity(header.len());
    for (name, t) in header {
        let short = short(name);
        let Some((_, bits)) = DTYPES.iter().find(|(dtype, _)| *dtype == t.dtype) else {
            let known = DTYPES.map(|(name, _)| name).join(", ");
            return Err((format!("element type `{}` of `{short}`", self::short(&t.dtype)), known));
        };
        let count = t.dims.iter().try_fold(1u64, |n, d| n.checked_mul(*d));
        let bytes = count.and_then(|n| n.checked_mul(*bits)).map(|bits| bits.div_ceil(8));
        let [begin, end] = t.offsets;
        if end < begin || Some(end - begin) != bytes {
            let want = bytes.map_or("fewer elements".to_string(), |n| format!("{n} bytes"));
            return Err((format!("`{short}` at {begin} to {end}"), format!("{want}, as its shape and type take")));
        }
        if begin < end {
            spans.push((name, t.offsets));
        }
    }
    spans.sort_by_key(|(_, offsets)| *offsets);
    let mut at = 0;
    for (name, [begin, end]) in spans {
        if begin != at {
            return Err((format!("`{}` at byte {begin} of the data", short(name)), format!("byte {at}, without gap")));
        }
        at = end;
    }
    match at == room {
        true => Ok(()),
        false => Err((format!("{room} bytes of data"), format!("{at} bytes, as its tensors take: is the file whole?"))),
    }
}

/// A name as messages show it.
pub(super) fn short(name: &str) -> String {
    name.chars().take(120).collect()
}

/// Which file each tensor is in, from a `model.safetensors.index.json`.
///
/// # Errors
/// What was found, and what is allowed.
pub(super) fn index(bytes: &[u8]) -> Result<BTreeMap<String, String>, (String, String)> {
    let json = Json::parse(bytes).map_err(|e| (e, "JSON".to_string()))?;
    let map: Option<&Object> = json.object().and_then(|o| entry(o, "weight_map")).and_then(Json::object);
    let map = map.ok_or_else(|| ("no `weight_map`".to_string(), "names of tensors, with their files".to_string()))?;
    let each = |(name, file): &(String, Json)| match file.text() {
        // A name of a file, not a path that leads elsewhere.
        Some(file) if !file.is_empty() && !file.contains(['/', '\\']) && file != ".." => {
            Ok((name.clone(), file.to_string()))
        }
        _ => Err((format!("{file} as the file of `{}`", short(name)), "the name of a file in the same folder".into())),
    };
    map.iter().map(each).collect()
}

/// The entries of a header.
struct Entries(Header);

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Entries, D::Error> {
        from.deserialize_map(EntriesVisitor)
    }
}

struct EntriesVisitor;

impl<'de> Visitor<'de> for EntriesVisitor {
    type Value = Entries;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of tensors")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Entries, A::Error> {
        let mut out = Header::new();
        let mut met_metadata = false;
        while let Some(name) = entries.next_key::<String>()? {
            let twice = if name == "__metadata__" {
                entries.next_value::<serde::de::IgnoredAny>()?;
                std::mem::replace(&mut met_metadata, true)
            } else {
                let tensor: Tensor = entries.next_value()?;
                let Axes(dims) = tensor.shape;
                let stored = Stored { dtype: tensor.dtype, dims, offsets: tensor.data_offsets };
                out.insert(name.clone(), stored).is_some()
            };
            if twice {
                return Err(A::Error::custom(format_args!("`{}` is there twice", short(&name))));
            }
        }
        Ok(Entries(out))
    }
}

#[derive(serde::Deserialize)]
struct Tensor {
    dtype: String,
    shape: Axes,
    data_offsets: [u64; 2],
}

/// Extents, of few axes.
struct Axes(Vec<u64>);

impl<'de> Deserialize<'de> for Axes {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Axes, D::Error> {
        from.deserialize_seq(AxesVisitor)
    }
}

struct AxesVisitor;

impl<'de> Visitor<'de> for AxesVisitor {
    type Value = Axes;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "at most {MAX_AXES} extents")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Axes, A::Error> {
        let mut out = Vec::new();
        while let Some(extent) = items.next_element()? {
            if out.len() == MAX_AXES {
                return Err(A::Error::invalid_length(MAX_AXES + 1, &self));
            }
            out.push(extent);
        }
        Ok(Axes(out))
    }
}

#[cfg(test)]
mod tests {
    use super::{index, parse};

    fn file(header: &str, data: usize) -> (Vec<u8>, u64) {
        let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
        bytes.extend(header.as_bytes());
        let length = bytes.len() + data;
        (bytes, length as u64)
    }

    fn wrong(header: &str, data: usize) -> String {
        let (bytes, length) = file(header, data);
        let (found, allowed) = parse(&bytes, length).expect_err(header);
        format!("{found}; {allowed}")
    }

    const TWO: &str = r#"{"__metadata__": {"format": "pt"},
        "a": {"dtype": "BF16", "shape": [2, 3], "data_offsets": [4, 16]}, "b": {"dtype": "F32", "shape": [], "data_offsets": [0, 4]}}"#;

    #[test]
    fn headers_give_types_and_shapes() {
        let (bytes, length) = file(TWO, 16);
        let header = parse(&bytes, length).expect("a header");
        assert_eq!((header["a"].dtype.as_str(), &*header["a"].dims), ("BF16", &[2, 3][..]));
        assert_eq!(header.len(), 2);
        // Six numbers of 4 bits take three bytes.
        let (bytes, length) = file(r#"{"a": {"dtype": "F4", "shape": [6], "data_offsets": [0, 3]}}"#, 3);
        assert!(parse(&bytes, length).is_ok());
    }

    #[test]
    fn damage_is_told() {
        assert!(wrong(TWO, 15).contains("15 bytes of data; 16 bytes"));
        assert!(wrong("{", 0).contains("the text ends"));
        assert!(wrong("[]", 0).contains("an object of tensors"));
        let one = |dtype: &str, shape: &str, offsets: &str| {
            format!(r#"{{"a": {{"dtype": "{dtype}", "shape": [{shape}], "data_offsets": [{offsets}]}}}}"#)
        };
        assert!(wrong(&one("F32", "2", "0, 4"), 4).contains("8 bytes"));
        assert!(wrong(&one("F32", "1", "4, 8"), 8).contains("without gap"));
        assert!(wrong(&one("F32", "1", "8, 4"), 8).contains("at 8 to 4"));
        assert!(wrong(&one("F99", "1", "0, 4"), 4).contains("`F99`"));
        assert!(wrong(&one("F32", "4294967296, 4294967296", "0, 4"), 4).contains("fewer elements"));
        assert!(wrong(&one("F32", "-1", "0, 4"), 4).contains("-1"));
        assert!(wrong(&one("U8", &vec!["1"; 65].join(","), "0, 1"), 1).contains("64"));
        let twice = r#"{"a": {"dtype": "U8", "shape": [1], "data_offsets": [0, 1]}, "a": {"dtype": "U8", "shape": [1], "data_offsets": [0, 1]}}"#;
        assert!(wrong(twice, 1).contains("`a` is there twice"));
        assert!(parse(&[1, 2, 3], 3).is_err() && parse(&u64::MAX.to_le_bytes(), 8).is_err());
        assert!(parse(&200_000_000u64.to_le_bytes(), 1 << 40).expect_err("long").1.contains("100000000"));
    }

    #[test]
    fn an_index_names_files_of_its_folder() {
        let found = index(br#"{"metadata": {}, "weight_map": {"a": "model-1.safetensors"}}"#).expect("an index");
        assert_eq!(found["a"], "model-1.safetensors");
        for bad in
            ["{}", r#"{"weight_map": {"a": "../x"}}"#, r#"{"weight_map": {"a": 1}}"#, "{", r#"{"weight_map": []}"#]
        {
            assert!(index(bad.as_bytes()).is_err(), "{bad}");
        }
    }
}
