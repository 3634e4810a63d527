//! Model files in: [`OnnxModel`] reads ONNX and converts it to the `nn` dialect, with symbolic dimensions bound by
//! [`Bindings`] and shape arithmetic folded away. [`detect`] tells formats apart by content.
//!
//! Nothing here reads weights: they become `nn.param` operations that name them. [`weight_data`] fetches one.

mod bindings;
mod detect;
mod dims;
mod onnx;

pub use bindings::{Bindings, MAX_EXTENT};
pub use detect::{Format, detect};
pub use onnx::{
    Bound, Inspection, OPSETS, OnnxModel, Parameters, PortInfo, SymbolInfo, Unsupported, proto, supported_operators,
    weight_data,
};
