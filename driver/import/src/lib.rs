//! Model files in: [`OnnxModel`] reads ONNX and converts it to the `nn` dialect, with symbolic dimensions bound by
//! [`Bindings`] and shape arithmetic folded away. [`HfModel`] reads a Hugging Face config and builds its network.
//! [`detect`] tells formats apart by content.
//!
//! Nothing here reads weights: they become `nn.param` operations that name them. [`weight_data`] fetches one.

mod bindings;
mod detect;
mod dims;
mod hf;
mod onnx;
mod work;

pub use bindings::{Bindings, MAX_EXTENT};
pub use detect::{Format, detect};
pub use hf::{CONFIG, ConfigInspection, HfModel, Precision, supported_architectures};
pub use onnx::{
    Inspection, OPSETS, OnnxModel, Parameters, PortInfo, SymbolInfo, Unsupported, proto, supported_operators,
    weight_data,
};
pub use work::Bound;
