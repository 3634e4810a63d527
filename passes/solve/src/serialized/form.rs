//! The JSON as it is written: every key is read, refused or noted, and none twice.

use serde::de::{Error, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use std::fmt;
use std::marker::PhantomData;

/// A file.
#[derive(Default)]
pub(super) struct File {
    pub(super) nodes: Option<Entries>,
    pub(super) roots: Option<Vec<String>>,
    /// Ours: what nodes together must not take more of. Other readers of the format pass it over.
    pub(super) capacities: Vec<Room>,
    /// Keys that say nothing here.
    pub(super) unknown: Vec<String>,
}

impl File {
    /// Its keys, as far as they were read.
    pub(super) fn said(&self) -> String {
        match self.unknown.as_slice() {
            [] => "none".into(),
            keys => keys.iter().take(5).map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", "),
        }
    }
}

/// A capacity.
#[derive(Default)]
pub(super) struct Room {
    pub(super) name: String,
    pub(super) most: u64,
    pub(super) unknown: Vec<String>,
}

/// A node.
#[derive(Default)]
pub(super) struct Entry {
    pub(super) op: String,
    pub(super) children: Vec<String>,
    pub(super) eclass: String,
    /// Ours: of each capacity.
    pub(super) takes: Vec<u64>,
    /// Missing cost means one.
    pub(super) cost: Option<f64>,
    pub(super) subsumed: bool,
    pub(super) unknown: Vec<String>,
}

/// Nodes in order of the file, a name that is given twice included.
#[derive(Default)]
pub(super) struct Entries(pub(super) Vec<(String, Entry)>);

/// What is read from an object, key by key.
pub(super) trait Keyed: Default {
    /// What the object is, for messages.
    const WHAT: &'static str;
    /// Its keys.
    const KEYS: &'static [&'static str];
    /// Those that have to be there.
    const NEEDED: &'static [&'static str];

    /// Takes the value of one of its keys.
    fn take<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error>;

    /// Where keys are noted that are none of its own.
    fn unknown(&mut self) -> &mut Vec<String>;
}

fn keyed<'de, T: Keyed, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
    struct Keys<T>(PhantomData<T>);
    impl<'de, T: Keyed> Visitor<'de> for Keys<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(T::WHAT)
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<T, A::Error> {
            let (mut out, mut seen) = (T::default(), vec![false; T::KEYS.len()]);
            while let Some(key) = map.next_key::<String>()? {
                let named = |e: A::Error| A::Error::custom(format!("`{key}`: {e}"));
                let Some(seen) = T::KEYS.iter().position(|k| *k == key).and_then(|at| seen.get_mut(at)) else {
                    map.next_value::<IgnoredAny>().map_err(named)?;
                    out.unknown().push(key);
                    continue;
                };
                if std::mem::replace(seen, true) {
                    return Err(A::Error::custom(format!("`{key}` is given twice")));
                }
                out.take(&key, &mut map).map_err(named)?;
            }
            match T::KEYS.iter().zip(seen).find(|(key, seen)| !seen && T::NEEDED.contains(key)) {
                Some((key, _)) => Err(A::Error::custom(format!("`{key}` is missing"))),
                None => Ok(out),
            }
        }
    }
    from.deserialize_map(Keys(PhantomData))
}

impl Keyed for File {
    const WHAT: &'static str = "an object with `nodes` and `root_eclasses`";
    /// `class_data` and, in 0.1, `classes` say what classes are of, which does not concern a choice; files of extraction-gym have a `comment`.
    const KEYS: &'static [&'static str] = &["nodes", "root_eclasses", "class_data", "capacities", "classes", "comment"];
    /// What is missing is told later, beside the keys that may be a slip of it.
    const NEEDED: &'static [&'static str] = &[];

    fn take<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "nodes" => self.nodes = Some(map.next_value()?),
            "root_eclasses" => self.roots = map.next_value()?,
            "capacities" => self.capacities = map.next_value()?,
            _ => drop(map.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }

    fn unknown(&mut self) -> &mut Vec<String> {
        &mut self.unknown
    }
}

impl Keyed for Room {
    const WHAT: &'static str = "a capacity, as an object";
    const KEYS: &'static [&'static str] = &["name", "most"];
    const NEEDED: &'static [&'static str] = Self::KEYS;

    fn take<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "name" => self.name = map.next_value()?,
            _ => self.most = map.next_value()?,
        }
        Ok(())
    }

    fn unknown(&mut self) -> &mut Vec<String> {
        &mut self.unknown
    }
}

impl Keyed for Entry {
    const WHAT: &'static str = "a node, as an object";
    const KEYS: &'static [&'static str] = &["op", "children", "eclass", "cost", "takes", "subsumed"];
    const NEEDED: &'static [&'static str] = &["eclass"];

    fn take<'de, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "op" => self.op = map.next_value()?,
            "children" => self.children = map.next_value()?,
            "eclass" => self.eclass = map.next_value()?,
            "cost" => self.cost = Some(map.next_value()?),
            "takes" => self.takes = map.next_value()?,
            _ => self.subsumed = map.next_value()?,
        }
        Ok(())
    }

    fn unknown(&mut self) -> &mut Vec<String> {
        &mut self.unknown
    }
}

impl<'de> Deserialize<'de> for File {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        keyed(from)
    }
}

impl<'de> Deserialize<'de> for Room {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        keyed(from)
    }
}

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        keyed(from)
    }
}

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Each;
        impl<'de> Visitor<'de> for Each {
            type Value = Entries;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object with nodes by name")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries, A::Error> {
                let mut all = Vec::new();
                while let Some(name) = map.next_key::<String>()? {
                    let entry = map.next_value().map_err(|e| A::Error::custom(format!("node `{name}`: {e}")))?;
                    all.push((name, entry));
                }
                Ok(Entries(all))
            }
        }
        from.deserialize_map(Each)
    }
}
