//! Small safe wrappers over the C API that melior does not have.

use mlir_sys::*;
use std::ffi::c_void;

/// A string that the C API may borrow for the length of a call.
pub(super) fn sref(s: &str) -> MlirStringRef {
    MlirStringRef { data: s.as_ptr().cast(), length: s.len() }
}

/// A copy of a string that MLIR owns.
///
/// # Safety
/// `s` must point to live memory, as strings that the C API returns do while their context lives.
pub(super) unsafe fn owned(s: MlirStringRef) -> String {
    if s.data.is_null() {
        return String::new();
    }
    // SAFETY: the caller promises live memory of that length.
    let bytes = unsafe { std::slice::from_raw_parts(s.data.cast::<u8>(), s.length) };
    String::from_utf8_lossy(bytes).into_owned()
}

/// Collects what a C API printer writes.
pub(super) fn collect(print: impl FnOnce(MlirStringCallback, *mut c_void)) -> String {
    unsafe extern "C" fn append(part: MlirStringRef, out: *mut c_void) {
        // SAFETY: `out` is the vector below, alive during `print`; `part` is live during the callback.
        unsafe {
            let out = &mut *out.cast::<Vec<u8>>();
            out.extend_from_slice(std::slice::from_raw_parts(part.data.cast::<u8>(), part.length));
        }
    }
    let mut out: Vec<u8> = Vec::new();
    print(Some(append), (&raw mut out).cast());
    String::from_utf8_lossy(&out).into_owned()
}

/// Text of a type.
pub(super) fn type_text(ty: MlirType) -> String {
    // SAFETY: `ty` is a live type of a live context.
    collect(|cb, out| unsafe { mlirTypePrint(ty, cb, out) })
}

/// Text of an attribute.
pub(super) fn attr_text(attr: MlirAttribute) -> String {
    // SAFETY: `attr` is a live attribute of a live context.
    collect(|cb, out| unsafe { mlirAttributePrint(attr, cb, out) })
}
