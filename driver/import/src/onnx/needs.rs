//! What would be needed for what Prism does not support.

/// For an operator of that name and domain, the standard one being empty.
pub(super) fn operator(name: &str, domain: &str) -> &'static str {
    match domain {
        "" => standard(name),
        "com.microsoft" => "a conversion, or the graph as it was before onnxruntime fused it",
        _ => "a function of that name in the model, or a conversion",
    }
}

fn standard(name: &str) -> &'static str {
    match name {
        "If" | "Loop" | "Scan" | "SequenceMap" => {
            "control flow in `nn`, or an export with its branches and turns written out"
        }
        "Compress" | "NonMaxSuppression" | "Unique" => "shapes in `nn` that depend on values",
        "LSTM" | "GRU" | "RNN" => "recurrence in `nn`, or an export with its steps written out",
        "Bernoulli" | "Multinomial" | "RandomNormal" | "RandomNormalLike" | "RandomUniform" | "RandomUniformLike" => {
            "random numbers in `nn`, or an export for inference"
        }
        "BitShift" | "BitwiseAnd" | "BitwiseNot" | "BitwiseOr" | "BitwiseXor" | "BitCast" => {
            "operations of `nn` on the bits of integers"
        }
        name if is_window(name) => "an operation of `nn` that slides a window over axes",
        name if name.starts_with("Sequence") || name.starts_with("Optional") || name.ends_with("Sequence") => {
            "lists of tensors in `nn`"
        }
        name if name.starts_with("String") || name == "RegexFullMatch" || name == "TfIdfVectorizer" => "text in `nn`",
        _ => "a conversion to operations of `nn`",
    }
}

fn is_window(name: &str) -> bool {
    let words = ["Conv", "Pool", "Resize", "GridSample", "RoiAlign", "Upsample", "Col2Im", "STFT"];
    words.iter().any(|word| name.contains(word))
}

/// For an attribute that an operator has.
pub(super) const ATTRIBUTE: &str = "a conversion that knows it, or an export without it";
/// For a form of an operator.
pub(super) const FORM: &str = "a conversion of that form";
/// For a value that shapes depend on.
pub(super) const VALUE: &str = "a value that is known at import: a constant, or a dimension of an input";
/// For a result.
pub(super) const RESULT: &str = "a conversion that makes this result";
/// For an element type.
pub(super) const ELEMENT: &str = "an element type of `nn` for it, or a model in f32, f16 or bf16";
/// For a weight of which only some numbers are stored.
pub(super) const SPARSE: &str = "a dense weight";
/// For a tensor whose axes are not counted, or too many.
pub(super) const RANK: &str = "an export with a fixed number of axes";
