//! Plain types, attributes and locations to MLIR.

use super::ffi::sref;
use crate::attr::{Attr, Attrs, Dense, Numbers};
use crate::body::Loc;
use crate::define::{MIXED_RUNS, OpDef, runs};
use crate::types::{Elem, TensorType, Type};
use mlir_sys::*;
use rustc_hash::FxHashMap;
use std::ffi::{c_int, c_void};

/// Where MLIR keeps the lengths of variadic segments.
pub(super) const SEGMENTS: &str = "operandSegmentSizes";

/// Makes types, attributes and locations of one context, each distinct type once.
pub(super) struct Maker {
    pub(super) context: MlirContext,
    types: FxHashMap<Type, MlirType>,
    i64: MlirType,
    f64: MlirType,
}

impl Maker {
    pub(super) fn new(context: MlirContext) -> Maker {
        // SAFETY: `context` is live for as long as this maker, which a session's method owns.
        let (i64, f64) = unsafe { (mlirIntegerTypeGet(context, 64), mlirF64TypeGet(context)) };
        Maker { context, types: FxHashMap::default(), i64, f64 }
    }

    fn elem(&self, elem: Elem) -> MlirType {
        let c = self.context;
        // SAFETY: `c` is a live context.
        unsafe {
            match elem {
                Elem::F16 => mlirF16TypeGet(c),
                Elem::BF16 => mlirBF16TypeGet(c),
                Elem::F32 => mlirF32TypeGet(c),
                Elem::F64 => self.f64,
                Elem::I1 => mlirIntegerTypeGet(c, 1),
                Elem::I8 => mlirIntegerTypeGet(c, 8),
                Elem::I16 => mlirIntegerTypeGet(c, 16),
                Elem::I32 => mlirIntegerTypeGet(c, 32),
                Elem::I64 => self.i64,
                Elem::U8 => mlirIntegerTypeUnsignedGet(c, 8),
            }
        }
    }

    fn tensor(&self, t: &TensorType) -> MlirType {
        let dims: Vec<i64> = t.dims.iter().map(|d| i64::try_from(*d).unwrap_or(i64::MAX)).collect();
        // SAFETY: `dims` holds `rank` extents; no encoding is the null attribute.
        unsafe {
            mlirRankedTensorTypeGet(dims.len() as isize, dims.as_ptr(), self.elem(t.elem), mlirAttributeGetNull())
        }
    }

    pub(super) fn ty(&mut self, ty: &Type) -> MlirType {
        if let Some(known) = self.types.get(ty) {
            return *known;
        }
        let made = match ty {
            Type::Tensor(t) => self.tensor(t),
            // The C API cannot build types of IRDL dialects: their text is parsed, once per distinct type.
            // SAFETY: context and text live through the call; our own spelling of our own type parses.
            _ => unsafe { mlirTypeParseGet(self.context, sref(&ty.to_string())) },
        };
        self.types.insert(ty.clone(), made);
        made
    }

    fn name(&self, name: &str) -> MlirIdentifier {
        // SAFETY: context and name live through the call.
        unsafe { mlirIdentifierGet(self.context, sref(name)) }
    }

    pub(super) fn named(&mut self, attrs: &Attrs) -> Vec<MlirNamedAttribute> {
        let mut out = Vec::with_capacity(attrs.len());
        for (name, value) in attrs {
            let value = self.attr(value);
            // SAFETY: both parts belong to this context.
            out.push(unsafe { mlirNamedAttributeGet(self.name(name), value) });
        }
        out
    }

    /// `operandSegmentSizes` of an operation whose last operand is mixed.
    pub(super) fn segments(&self, def: &OpDef, types: &[&Type]) -> MlirNamedAttribute {
        let fixed = def.operands.len() - 1;
        let mut sizes = vec![1i32; fixed];
        sizes.extend(runs(types.get(fixed..).unwrap_or(&[])));
        sizes.resize(fixed + MIXED_RUNS, 0);
        // SAFETY: `sizes` lives through the call and is as long as said; both parts belong to this context.
        unsafe {
            let value = mlirDenseI32ArrayGet(self.context, sizes.len() as isize, sizes.as_ptr());
            mlirNamedAttributeGet(self.name(SEGMENTS), value)
        }
    }

    pub(super) fn attr(&mut self, attr: &Attr) -> MlirAttribute {
        let c = self.context;
        // SAFETY: every pointer passed lives through its call, with the length passed beside it.
        unsafe {
            match attr {
                Attr::Bool(v) => mlirBoolAttrGet(c, c_int::from(*v)),
                Attr::Int(v) => mlirIntegerAttrGet(self.i64, *v),
                Attr::Float(v) => mlirFloatAttrDoubleGet(c, self.f64, v.0),
                Attr::Str(v) => mlirStringAttrGet(c, sref(v)),
                Attr::Ints(v) => mlirDenseI64ArrayGet(c, v.len() as isize, v.as_ptr()),
                Attr::Symbol(v) => mlirFlatSymbolRefAttrGet(c, sref(v)),
                Attr::Unit => mlirUnitAttrGet(c),
                Attr::Type(t) => mlirTypeAttrGet(self.ty(t)),
                Attr::List(v) => {
                    let parts: Vec<MlirAttribute> = v.iter().map(|a| self.attr(a)).collect();
                    mlirArrayAttrGet(c, parts.len() as isize, parts.as_ptr())
                }
                Attr::Dict(v) => {
                    let parts = self.named(v);
                    mlirDictionaryAttrGet(c, parts.len() as isize, parts.as_ptr())
                }
                Attr::Dense(d) => self.dense(d),
            }
        }
    }

    fn dense(&self, d: &Dense) -> MlirAttribute {
        let ty = self.tensor(&d.ty);
        let raw = |size: usize, data: *const c_void| {
            // SAFETY: `data` points to `size` bytes: one element (a splat) or as many as the type has.
            unsafe { mlirDenseElementsAttrRawBufferGet(ty, size, data) }
        };
        macro_rules! buffer {
            ($values:expr) => {{
                let v: Vec<_> = $values.collect();
                raw(std::mem::size_of_val(v.as_slice()), v.as_ptr().cast())
            }};
        }
        match &d.numbers {
            Numbers::Int(v) if d.ty.elem == Elem::I1 => {
                let bits: Vec<c_int> = v.iter().map(|x| c_int::from(*x != 0)).collect();
                match (bits.as_slice(), d.ty.numel()) {
                    // SAFETY: as above; a splat needs its own call, as packed bits are ambiguous.
                    ([one], _) => unsafe { mlirDenseElementsAttrBoolSplatGet(ty, *one != 0) },
                    // SAFETY: one flag per element.
                    _ => unsafe { mlirDenseElementsAttrBoolGet(ty, bits.len() as isize, bits.as_ptr()) },
                }
            }
            Numbers::Int(v) => match d.ty.elem.bits() {
                8 => buffer!(v.iter().map(|x| *x as i8)),
                16 => buffer!(v.iter().map(|x| *x as i16)),
                32 => buffer!(v.iter().map(|x| *x as i32)),
                _ => buffer!(v.iter().copied()),
            },
            Numbers::Float(v) => match d.ty.elem {
                Elem::F16 => buffer!(v.iter().map(|x| half::f16::from_f64(x.0).to_bits())),
                Elem::BF16 => buffer!(v.iter().map(|x| half::bf16::from_f64(x.0).to_bits())),
                Elem::F64 => buffer!(v.iter().map(|x| x.0)),
                _ => buffer!(v.iter().map(|x| x.0 as f32)),
            },
        }
    }

    /// Names as fused name locations; the rule chain is the metadata.
    pub(super) fn loc(&mut self, loc: &Loc) -> MlirLocation {
        let c = self.context;
        // SAFETY: every location belongs to this context; arrays live through the calls.
        unsafe {
            let unknown = mlirLocationUnknownGet(c);
            let names: Vec<MlirLocation> = loc.names.iter().map(|n| mlirLocationNameGet(c, sref(n), unknown)).collect();
            match (&loc.rule, names.as_slice()) {
                (None, []) => unknown,
                (None, [one]) => *one,
                (rule, _) => {
                    let metadata = match rule {
                        Some(rule) => mlirStringAttrGet(c, sref(rule)),
                        None => mlirAttributeGetNull(),
                    };
                    mlirLocationFusedGet(c, names.len() as isize, names.as_ptr(), metadata)
                }
            }
        }
    }
}
