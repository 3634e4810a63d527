//! MLIR types, attributes and locations to plain data.

use super::ffi::{attr_text, owned, type_text};
use crate::attr::{Attr, Attrs, Dense, F64, Numbers};
use crate::body::Loc;
use crate::types::{Elem, TensorType, Type, View};
use mlir_sys::*;
use rustc_hash::FxHashMap;
use std::ffi::c_void;
use std::sync::Arc;

/// Reads types, attributes and locations, each distinct type once.
#[derive(Default)]
pub(super) struct Reader {
    types: FxHashMap<*const c_void, Result<Arc<Type>, String>>,
}

fn elem(ty: MlirType) -> Result<Elem, String> {
    let text = type_text(ty);
    Elem::parse(&text).ok_or_else(|| format!("element type {text}"))
}

fn tensor(ty: MlirType) -> Result<TensorType, String> {
    // SAFETY: `ty` is a live ranked tensor type, as the caller has checked.
    unsafe {
        let rank = mlirShapedTypeGetRank(ty);
        let mut dims = Vec::new();
        for i in 0..rank {
            if mlirShapedTypeIsDynamicDim(ty, i as isize) {
                return Err(format!("{} (shapes are static after import)", type_text(ty)));
            }
            dims.push(u64::try_from(mlirShapedTypeGetDimSize(ty, i as isize)).unwrap_or(0));
        }
        Ok(TensorType::new(dims, elem(mlirShapedTypeGetElementType(ty))?))
    }
}

/// Parses the spelling of a builtin tensor type, `tensor<1x8xf32>`.
fn tensor_of_text(text: &str) -> Option<TensorType> {
    let inner = text.trim().strip_prefix("tensor<")?.strip_suffix('>')?;
    let mut parts: Vec<&str> = inner.split('x').collect();
    let elem = Elem::parse(parts.pop()?)?;
    let dims = parts.into_iter().map(|p| p.parse().ok()).collect::<Option<Vec<u64>>>()?;
    Some(TensorType::new(dims, elem))
}

/// Parses the spelling of one of our types: `!ptu.light<tensor<1x8xf32>, 8 : i32>`.
fn ours(text: &str) -> Option<Type> {
    if text == "!plan.event" {
        return Some(Type::Event);
    }
    let (name, parameters) = text.strip_prefix('!')?.split_once('<')?;
    let mut parts = parameters.strip_suffix('>')?.splitn(3, ',');
    let tensor = tensor_of_text(parts.next()?)?;
    let bits = parts.next()?.trim().strip_suffix(": i32")?.trim().parse().ok()?;
    let unit = parts.next().map(|u| u.trim().trim_matches('"').to_string());
    let view = View::parse(name)?;
    match unit {
        Some(unit) if view.is_in_unit() => Some(Type::in_unit(view, tensor, bits, unit)),
        None if !view.is_in_unit() => Some(Type::viewed(view, tensor, bits)),
        _ => None,
    }
}

impl Reader {
    pub(super) fn ty(&mut self, ty: MlirType) -> Result<Arc<Type>, String> {
        if let Some(known) = self.types.get(&ty.ptr) {
            return known.clone();
        }
        // SAFETY: `ty` is a live type.
        let read = if unsafe { mlirTypeIsARankedTensor(ty) } {
            tensor(ty).map(|t| Arc::new(Type::Tensor(t)))
        } else {
            let text = type_text(ty);
            ours(&text).map(Arc::new).ok_or_else(|| format!("type {text}"))
        };
        self.types.insert(ty.ptr, read.clone());
        read
    }

    pub(super) fn attrs(&mut self, op: MlirOperation, skip: &[&str]) -> Result<Attrs, String> {
        let mut out = Attrs::new();
        // SAFETY: `op` is live; indices stay below the count.
        unsafe {
            for i in 0..mlirOperationGetNumAttributes(op) {
                let named = mlirOperationGetAttribute(op, i);
                let name = owned(mlirIdentifierStr(named.name));
                if !skip.contains(&name.as_str()) {
                    let value = self.attr(named.attribute).map_err(|what| format!("attribute `{name}`: {what}"))?;
                    out.insert(name, value);
                }
            }
        }
        Ok(out)
    }

    fn attr(&mut self, a: MlirAttribute) -> Result<Attr, String> {
        // SAFETY: `a` is a live attribute; each accessor is called on the kind just tested.
        unsafe {
            if mlirAttributeIsABool(a) {
                Ok(Attr::Bool(mlirBoolAttrGetValue(a)))
            } else if mlirAttributeIsAInteger(a) {
                Ok(Attr::Int(mlirIntegerAttrGetValueInt(a)))
            } else if mlirAttributeIsAFloat(a) {
                Ok(Attr::float(mlirFloatAttrGetValueDouble(a)))
            } else if mlirAttributeIsAString(a) {
                Ok(Attr::Str(owned(mlirStringAttrGetValue(a))))
            } else if mlirAttributeIsADenseI64Array(a) {
                let n = mlirDenseArrayGetNumElements(a);
                Ok(Attr::Ints((0..n).map(|i| mlirDenseI64ArrayGetElement(a, i)).collect()))
            } else if mlirAttributeIsAArray(a) {
                let n = mlirArrayAttrGetNumElements(a);
                (0..n).map(|i| self.attr(mlirArrayAttrGetElement(a, i))).collect::<Result<_, _>>().map(Attr::List)
            } else if mlirAttributeIsADictionary(a) {
                let mut out = Attrs::new();
                for i in 0..mlirDictionaryAttrGetNumElements(a) {
                    let named = mlirDictionaryAttrGetElement(a, i);
                    out.insert(owned(mlirIdentifierStr(named.name)), self.attr(named.attribute)?);
                }
                Ok(Attr::dict(out))
            } else if mlirAttributeIsAFlatSymbolRef(a) {
                Ok(Attr::Symbol(owned(mlirFlatSymbolRefAttrGetValue(a))))
            } else if mlirAttributeIsAType(a) {
                self.ty(mlirTypeAttrGetValue(a)).map(|ty| Attr::Type((*ty).clone()))
            } else if mlirAttributeIsADenseElements(a) {
                self.dense(a).map(Attr::Dense)
            } else if mlirAttributeIsAUnit(a) {
                Ok(Attr::Unit)
            } else {
                Err(attr_text(a).chars().take(60).collect())
            }
        }
    }

    fn dense(&mut self, a: MlirAttribute) -> Result<Dense, String> {
        // SAFETY: `a` is live dense elements; raw data holds one element for a splat, else one per element.
        unsafe {
            let ty = self.ty(mlirAttributeGetType(a))?;
            let Type::Tensor(ty) = (*ty).clone() else { return Err(format!("constant of {ty}")) };
            let n = if mlirDenseElementsAttrIsSplat(a) { 1 } else { ty.numel() as usize };
            if ty.elem == Elem::I1 {
                let bit = |i| i64::from(mlirDenseElementsAttrGetBoolValue(a, i as isize));
                return Ok(Dense { ty, numbers: Numbers::Int((0..n).map(bit).collect()) });
            }
            let raw = mlirDenseElementsAttrGetRawData(a).cast::<u8>();
            let width = ty.elem.bits() as usize / 8;
            let bytes = if n == 0 { &[][..] } else { std::slice::from_raw_parts(raw, n * width) };
            let numbers = decode(ty.elem, bytes);
            Ok(Dense { ty, numbers })
        }
    }

    /// Names in order; the rule chain from fused metadata; a file position becomes a name.
    pub(super) fn loc(&self, loc: MlirLocation) -> Loc {
        let mut out = Loc::default();
        gather(loc, &mut out, 0);
        out
    }
}

fn gather(loc: MlirLocation, out: &mut Loc, depth: usize) {
    if depth > 32 {
        return;
    }
    let mut add = |name: String| {
        if !name.is_empty() && out.names.iter().all(|n| **n != *name) {
            out.names.push(Arc::from(name));
        }
    };
    // SAFETY: `loc` is a live location; each accessor is called on the kind just tested.
    unsafe {
        if mlirLocationIsAName(loc) {
            add(owned(mlirIdentifierStr(mlirLocationNameGetName(loc))));
            gather(mlirLocationNameGetChildLoc(loc), out, depth + 1);
        } else if mlirLocationIsAFileLineColRange(loc) {
            let file = owned(mlirIdentifierStr(mlirLocationFileLineColRangeGetFilename(loc)));
            let line = mlirLocationFileLineColRangeGetStartLine(loc);
            // Text that was parsed from memory has no file name.
            add(if matches!(file.as_str(), "" | "-") { format!("line {line}") } else { format!("{file}:{line}") });
        } else if mlirLocationIsACallSite(loc) {
            gather(mlirLocationCallSiteGetCallee(loc), out, depth + 1);
        } else if mlirLocationIsAFused(loc) {
            let metadata = mlirLocationFusedGetMetadata(loc);
            if !metadata.ptr.is_null() && mlirAttributeIsAString(metadata) {
                out.rule = Some(Arc::from(owned(mlirStringAttrGetValue(metadata))));
            }
            let n = mlirLocationFusedGetNumLocations(loc);
            let null = MlirLocation { ptr: std::ptr::null() };
            let mut parts = vec![null; n as usize];
            mlirLocationFusedGetLocations(loc, parts.as_mut_ptr());
            for part in parts {
                gather(part, out, depth + 1);
            }
        }
    }
}

/// Little-endian numbers of one element type.
fn decode(elem: Elem, bytes: &[u8]) -> Numbers {
    fn each<const W: usize, T>(bytes: &[u8], f: impl Fn([u8; W]) -> T) -> Vec<T> {
        bytes.as_chunks::<W>().0.iter().map(|c| f(*c)).collect()
    }
    match elem {
        Elem::F16 => Numbers::Float(each(bytes, |b| F64(half::f16::from_le_bytes(b).to_f64()))),
        Elem::BF16 => Numbers::Float(each(bytes, |b| F64(half::bf16::from_le_bytes(b).to_f64()))),
        Elem::F32 => Numbers::Float(each(bytes, |b| F64(f64::from(f32::from_le_bytes(b))))),
        Elem::F64 => Numbers::Float(each(bytes, |b| F64(f64::from_le_bytes(b)))),
        Elem::I8 | Elem::I1 => Numbers::Int(each(bytes, |b: [u8; 1]| i64::from(b[0].cast_signed()))),
        Elem::U8 => Numbers::Int(each(bytes, |b: [u8; 1]| i64::from(b[0]))),
        Elem::I16 => Numbers::Int(each(bytes, |b| i64::from(i16::from_le_bytes(b)))),
        Elem::I32 => Numbers::Int(each(bytes, |b| i64::from(i32::from_le_bytes(b)))),
        Elem::I64 => Numbers::Int(each(bytes, i64::from_le_bytes)),
    }
}
