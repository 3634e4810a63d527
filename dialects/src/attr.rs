//! Attributes of operations as plain values: ordered, hashable, exact.

use crate::types::{TensorType, Type};
use std::collections::BTreeMap;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// A double that compares and hashes by its bits, so that attributes can be interned.
#[derive(Clone, Copy, Debug)]
pub struct F64(pub f64);

impl PartialEq for F64 {
    fn eq(&self, other: &Self) -> bool {
        self.0.to_bits() == other.0.to_bits()
    }
}

impl Eq for F64 {}

impl Hash for F64 {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.to_bits().hash(state);
    }
}

impl PartialOrd for F64 {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for F64 {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.total_cmp(&other.0)
    }
}

/// The numbers of a constant tensor. One element stands for a splat of any shape.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Numbers {
    /// Of a floating-point tensor, each exactly representable in its element type.
    Float(Vec<F64>),
    /// Of an integer or boolean tensor.
    Int(Vec<i64>),
}

impl Numbers {
    /// How many are stored: the element count, or 1 for a splat.
    pub fn len(&self) -> usize {
        match self {
            Numbers::Float(v) => v.len(),
            Numbers::Int(v) => v.len(),
        }
    }

    /// Whether none are stored.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A constant tensor.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Dense {
    /// Its type.
    pub ty: TensorType,
    /// Its numbers in row-major order, or one number for a splat.
    pub numbers: Numbers,
}

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Attr {
    /// `true`, `false`.
    Bool(bool),
    /// `7 : i64`.
    Int(i64),
    /// `0.5 : f64`.
    Float(F64),
    /// `"text"`.
    Str(String),
    /// `array<i64: 0, 2, 1>`.
    Ints(Vec<i64>),
    /// `[...]`.
    List(Vec<Attr>),
    /// `{...}`, shared: the same price stands at thousands of operations that are alike.
    Dict(Arc<Attrs>),
    /// `@name`.
    Symbol(String),
    /// A type.
    Type(Type),
    /// `dense<...> : tensor<...>`.
    Dense(Dense),
    /// `unit`.
    Unit,
}

/// As it would be written in MLIR text, for messages; constants by their type alone.
impl fmt::Display for Attr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Attr::Bool(v) => write!(f, "{v}"),
            Attr::Int(v) => write!(f, "{v} : i64"),
            Attr::Float(v) => write!(f, "{:?} : f64", v.0),
            Attr::Str(v) => write!(f, "\"{v}\""),
            Attr::Ints(v) => write!(f, "array<i64: {}>", joined(v.iter())),
            Attr::List(v) => write!(f, "[{}]", joined(v.iter())),
            Attr::Dict(v) => write!(f, "{{{}}}", joined(v.iter().map(|(name, value)| format!("{name} = {value}")))),
            Attr::Symbol(v) => write!(f, "@{v}"),
            Attr::Type(v) => v.fmt(f),
            Attr::Dense(v) => write!(f, "dense<...> : {}", v.ty),
            Attr::Unit => f.write_str("unit"),
        }
    }
}

fn joined(parts: impl Iterator<Item = impl ToString>) -> String {
    parts.map(|p| p.to_string()).collect::<Vec<_>>().join(", ")
}

/// Attributes by name, in order of name (as MLIR keeps them).
pub type Attrs = BTreeMap<String, Attr>;

impl Attr {
    /// A float attribute.
    pub fn float(value: f64) -> Attr {
        Attr::Float(F64(value))
    }

    /// A string attribute.
    pub fn str(value: impl Into<String>) -> Attr {
        Attr::Str(value.into())
    }

    /// The integer, if it is one.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Attr::Int(v) => Some(*v),
            _ => None,
        }
    }

    /// The boolean, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Attr::Bool(v) => Some(*v),
            _ => None,
        }
    }

    /// The float, if it is one.
    pub fn as_float(&self) -> Option<f64> {
        match self {
            Attr::Float(v) => Some(v.0),
            _ => None,
        }
    }

    /// The text, if it is a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Attr::Str(v) => Some(v),
            _ => None,
        }
    }

    /// The integers, if it is an array of them.
    pub fn as_ints(&self) -> Option<&[i64]> {
        match self {
            Attr::Ints(v) => Some(v),
            _ => None,
        }
    }

    /// A dictionary.
    pub fn dict(entries: Attrs) -> Attr {
        Attr::Dict(Arc::new(entries))
    }

    /// The dictionary, if it is one.
    pub fn as_dict(&self) -> Option<&Attrs> {
        match self {
            Attr::Dict(v) => Some(v),
            _ => None,
        }
    }

    /// The list, if it is one.
    pub fn as_list(&self) -> Option<&[Attr]> {
        match self {
            Attr::List(v) => Some(v),
            _ => None,
        }
    }

    /// The constant tensor, if it is one.
    pub fn as_dense(&self) -> Option<&Dense> {
        match self {
            Attr::Dense(v) => Some(v),
            _ => None,
        }
    }
}
