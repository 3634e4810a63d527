//! Small safe wrappers over the C API that melior does not have.

use mlir_sys::*;
use std::ffi::c_void;
use std::io::{self, Write};

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

/// Where a C API printer writes to.
struct Sink<'a> {
    out: &'a mut dyn Write,
    /// The first failure; nothing is written after it.
    result: io::Result<()>,
    last: Option<u8>,
}

/// Hands what a C API printer writes to `out`, piece by piece; the last byte of it.
pub(super) fn stream(
    out: &mut dyn Write,
    print: impl FnOnce(MlirStringCallback, *mut c_void),
) -> io::Result<Option<u8>> {
    unsafe extern "C" fn append(part: MlirStringRef, sink: *mut c_void) {
        if part.length == 0 {
            return;
        }
        // SAFETY: `sink` is the one below, alive during `print`; `part` is live during the callback and not empty.
        let (sink, bytes) =
            unsafe { (&mut *sink.cast::<Sink<'_>>(), std::slice::from_raw_parts(part.data.cast::<u8>(), part.length)) };
        if sink.result.is_ok() {
            sink.result = sink.out.write_all(bytes);
            sink.last = bytes.last().copied();
        }
    }
    let mut sink = Sink { out, result: Ok(()), last: None };
    print(Some(append), (&raw mut sink).cast());
    sink.result.map(|()| sink.last)
}

/// Collects what a C API printer writes.
fn collect(print: impl FnOnce(MlirStringCallback, *mut c_void)) -> String {
    let mut out: Vec<u8> = Vec::new();
    // Writing to memory does not fail.
    let _ = stream(&mut out, print);
    text(out)
}

/// Bytes of a C API printer as text. It escapes what is not, so nothing is copied.
pub(super) fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned())
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
