//! Widths of weights and caches, as element types.

use super::fields::Fields;
use super::graph::Types;
use prism_dialects::Elem;
use prism_support::codes::E0101;
use prism_support::{Diagnostic, Diagnostics};
use std::collections::BTreeMap;

/// What the command line says about widths: `--weight-bits`, `--kv-bits`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Precision {
    /// Width of weights and of what is computed with them; as the model is stored where it is absent.
    pub weight_bits: Option<u32>,
    /// Width of the cache of keys and values; that of the weights where it is absent.
    pub kv_bits: Option<u32>,
}

/// What configs call element types.
const DTYPES: [(&str, Elem); 4] =
    [("float16", Elem::F16), ("bfloat16", Elem::BF16), ("float32", Elem::F32), ("float64", Elem::F64)];

impl Precision {
    /// Whether any is given.
    pub fn any(&self) -> bool {
        self.weight_bits.is_some() || self.kv_bits.is_some()
    }

    /// The flags as they would be typed.
    pub fn flags(&self) -> Vec<String> {
        let flags = [("--weight-bits", self.weight_bits), ("--kv-bits", self.kv_bits)];
        flags.into_iter().flat_map(|(flag, n)| n.into_iter().flat_map(move |n| [flag.into(), n.to_string()])).collect()
    }

    /// The element types of a model whose weights are `stored` and whose config says `dtype`.
    pub(super) fn types(&self, dtype: Elem, stored: &BTreeMap<String, Elem>, problems: &mut Diagnostics) -> Types {
        let mut elem = |flag: &str, bits: Option<u32>, default: Elem| match bits {
            None => default,
            Some(bits) => float(bits, default).unwrap_or_else(|| {
                problems.push(no_such_width(flag, bits));
                default
            }),
        };
        let compute = elem("--weight-bits", self.weight_bits, dtype);
        let cache = elem("--kv-bits", self.kv_bits, compute);
        let stored = if self.weight_bits.is_some() { BTreeMap::new() } else { stored.clone() };
        Types { compute, cache, stored }
    }
}

/// The type of that width; of the two of 16 bits the one that is `like` it, or bfloat16.
fn float(bits: u32, like: Elem) -> Option<Elem> {
    match bits {
        _ if like.bits() == bits => Some(like),
        16 => Some(Elem::BF16),
        32 => Some(Elem::F32),
        64 => Some(Elem::F64),
        _ => None,
    }
}

fn no_such_width(flag: &str, bits: u32) -> Diagnostic {
    Diagnostic::error(&E0101, format!("`{flag} {bits}` is no width of a floating-point number"))
        .found(format!("{bits} bits"))
        .allowed("16, 32 or 64 bits: what products may be computed in")
        .hint("narrower numbers are the machine's: it stores none wider than its own, whatever the model says")
}

/// The element type that a config says its weights have; single precision where it does not.
pub(super) fn dtype(f: &Fields<'_>) -> Elem {
    let name = if f.value("torch_dtype").is_some() { "torch_dtype" } else { "dtype" };
    let Some(word) = f.word(name) else { return Elem::F32 };
    let word = word.strip_prefix("torch.").unwrap_or(word);
    let known = DTYPES.iter().find(|(known, _)| *known == word).map(|(_, elem)| *elem);
    known.unwrap_or_else(|| {
        let names = DTYPES.map(|(name, _)| name).join(", ");
        f.faults.stored_otherwise(format!("`{name}` is \"{word}\"; Prism builds {names}"));
        Elem::BF16
    })
}
