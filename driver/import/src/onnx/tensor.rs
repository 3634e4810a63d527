//! Tensors of the file: their types, and their numbers when somebody needs them.

use super::lower::MAX_RANK;
use super::proto;
use super::wire::varint;
use bytes::Bytes;
use half::{bf16, f16};
use prism_dialects::{Elem, F64, Numbers, TensorType};

/// Largest number of elements of a weight or input (2^36): 270 GB of single precision, beyond any model's tensors.
pub(crate) const MAX_STORED: u64 = 1 << 36;

/// `TensorProto.DataType` by number: name in ONNX, and ours where there is one.
const ELEMENT_TYPES: [(&str, Option<Elem>); 29] = [
    ("undefined", None),
    ("float", Some(Elem::F32)),
    ("uint8", Some(Elem::U8)),
    ("int8", Some(Elem::I8)),
    ("uint16", None),
    ("int16", Some(Elem::I16)),
    ("int32", Some(Elem::I32)),
    ("int64", Some(Elem::I64)),
    ("string", None),
    ("bool", Some(Elem::I1)),
    ("float16", Some(Elem::F16)),
    ("double", Some(Elem::F64)),
    ("uint32", None),
    ("uint64", None),
    ("complex64", None),
    ("complex128", None),
    ("bfloat16", Some(Elem::BF16)),
    ("float8e4m3fn", None),
    ("float8e4m3fnuz", None),
    ("float8e5m2", None),
    ("float8e5m2fnuz", None),
    ("uint4", None),
    ("int4", None),
    ("float4e2m1", None),
    ("float8e8m0", None),
    ("uint2", None),
    ("int2", None),
    ("float6e2m3", None),
    ("float6e3m2", None),
];

/// Our element type for ONNX's number, or what ONNX calls it.
pub(crate) fn element_type(code: i32) -> Result<Elem, String> {
    let row = usize::try_from(code).ok().and_then(|i| ELEMENT_TYPES.get(i));
    match row {
        Some((_, Some(elem))) => Ok(*elem),
        Some((name, None)) => Err((*name).to_string()),
        None => Err(format!("number {code}")),
    }
}

/// Why a tensor has no type.
pub(crate) enum Untyped {
    /// Its element type is not supported.
    Element(String),
    /// An extent is negative.
    Negative(String),
    /// More than [`MAX_STORED`] elements or [`MAX_RANK`] axes.
    Large(String),
}

/// The type of a tensor of the file.
pub(crate) fn tensor_type(tensor: &proto::Tensor) -> Result<TensorType, Untyped> {
    let elem = element_type(tensor.data_type).map_err(Untyped::Element)?;
    let shown = || tensor.dims.iter().map(i64::to_string).collect::<Vec<_>>().join(" x ");
    let dims: Option<Vec<u64>> = tensor.dims.iter().map(|d| u64::try_from(*d).ok()).collect();
    if tensor.dims.len() > MAX_RANK {
        return Err(Untyped::Large(format!("{} axes", tensor.dims.len())));
    }
    let ty = TensorType::new(dims.ok_or_else(|| Untyped::Negative(shown()))?, elem);
    match ty.checked_numel().is_some_and(|n| n <= MAX_STORED) {
        true => Ok(ty),
        false => Err(Untyped::Large(shown())),
    }
}

/// Whether the data is in another file.
pub(crate) fn is_external(tensor: &proto::Tensor) -> bool {
    tensor.data_location == 1
}

/// An entry of the external-data list.
pub(crate) fn external<'a>(tensor: &'a proto::Tensor, key: &str) -> Option<&'a str> {
    let entry = tensor.external_data.iter().find(|e| e.key == key)?;
    std::str::from_utf8(&entry.value).ok()
}

/// Bytes that a tensor of this type takes.
pub(crate) fn byte_size(ty: &TensorType) -> u64 {
    ty.numel().saturating_mul(u64::from(ty.elem.bits() / 8))
}

/// Checks that the data in the file fits the type, without reading it.
///
/// # Errors
/// What was found.
pub(crate) fn check_size(tensor: &proto::Tensor, ty: &TensorType) -> Result<(), String> {
    let want = byte_size(ty);
    if is_external(tensor) {
        return match external(tensor, "length").map(str::parse::<u64>) {
            Some(Ok(n)) if n != want => Err(format!("{n} bytes of external data")),
            Some(Err(_)) => Err("a length of external data that is no number".into()),
            _ => Ok(()),
        };
    }
    match &tensor.raw_data {
        Some(raw) if raw.len() as u64 != want => Err(format!("{} bytes", raw.len())),
        Some(_) => Ok(()),
        None => {
            let stored = [&tensor.float_data, &tensor.int32_data, &tensor.int64_data, &tensor.double_data];
            let bytes: usize = stored.iter().flat_map(|field| field.iter().map(Bytes::len)).sum();
            // The shortest number takes one byte.
            if (bytes as u64) < ty.numel() { Err(format!("{bytes} bytes")) } else { Ok(()) }
        }
    }
}

/// The numbers of a tensor whose data is in the file.
///
/// # Errors
/// What is wrong with them.
pub(crate) fn numbers(tensor: &proto::Tensor, ty: &TensorType) -> Result<Numbers, String> {
    let found = match &tensor.raw_data {
        Some(raw) => from_raw(raw, ty.elem),
        None => from_fields(tensor, ty.elem)?,
    };
    match found.len() as u64 == ty.numel() {
        true => Ok(found),
        false => Err(format!("{} numbers for {ty}", found.len())),
    }
}

/// Little-endian numbers one after another.
pub(crate) fn from_raw(raw: &[u8], elem: Elem) -> Numbers {
    fn each<const N: usize, T>(raw: &[u8], read: impl Fn([u8; N]) -> T) -> Vec<T> {
        raw.chunks_exact(N).filter_map(|c| c.try_into().ok()).map(read).collect()
    }
    match elem {
        Elem::F16 => Numbers::Float(each(raw, |b| F64(f16::from_le_bytes(b).to_f64()))),
        Elem::BF16 => Numbers::Float(each(raw, |b| F64(bf16::from_le_bytes(b).to_f64()))),
        Elem::F32 => Numbers::Float(each(raw, |b| F64(f32::from_le_bytes(b).into()))),
        Elem::F64 => Numbers::Float(each(raw, |b| F64(f64::from_le_bytes(b)))),
        Elem::I1 => Numbers::Int(each(raw, |[b]: [u8; 1]| i64::from(b != 0))),
        Elem::I8 => Numbers::Int(each(raw, |b| i8::from_le_bytes(b).into())),
        Elem::I16 => Numbers::Int(each(raw, |b| i16::from_le_bytes(b).into())),
        Elem::I32 => Numbers::Int(each(raw, |b| i32::from_le_bytes(b).into())),
        Elem::I64 => Numbers::Int(each(raw, i64::from_le_bytes)),
        Elem::U8 => Numbers::Int(each(raw, |[b]: [u8; 1]| b.into())),
    }
}

fn from_fields(tensor: &proto::Tensor, elem: Elem) -> Result<Numbers, String> {
    let joined = |field: &[Bytes]| field.concat();
    Ok(match elem {
        Elem::F32 => from_raw(&joined(&tensor.float_data), elem),
        Elem::F64 => from_raw(&joined(&tensor.double_data), elem),
        Elem::I64 => Numbers::Int(varints(&joined(&tensor.int64_data))?),
        Elem::F16 | Elem::BF16 => {
            let bits = varints(&joined(&tensor.int32_data))?;
            let bytes: Vec<u8> = bits.iter().flat_map(|b| (*b as u16).to_le_bytes()).collect();
            from_raw(&bytes, elem)
        }
        Elem::I1 | Elem::I8 | Elem::I16 | Elem::I32 | Elem::U8 => {
            let whole = varints(&joined(&tensor.int32_data))?;
            Numbers::Int(whole.into_iter().map(|n| if elem == Elem::I1 { i64::from(n != 0) } else { n }).collect())
        }
    })
}

fn varints(bytes: &[u8]) -> Result<Vec<i64>, String> {
    let (mut at, mut out) = (0, Vec::new());
    while at < bytes.len() {
        let n = varint(bytes, &mut at).ok_or("a number that breaks off")?;
        // Negative numbers are written as their two's complement.
        out.push(n as i64);
    }
    Ok(out)
}

/// `x` as the nearest number of a floating-point type.
pub(crate) fn rounded(x: f64, elem: Elem) -> f64 {
    match elem {
        Elem::F16 => f16::from_f64(x).to_f64(),
        Elem::BF16 => bf16::from_f64(x).to_f64(),
        Elem::F32 => f64::from(x as f32),
        _ => x,
    }
}
