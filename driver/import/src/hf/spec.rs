//! What a decoder is, as plain data: families read their configs into this, and `blocks` builds it.

use super::rope::Rope;

/// A decoder with root mean square norms: embedding, layers, norm, head.
#[derive(Clone, Debug)]
pub(crate) struct Decoder {
    /// Number of tokens.
    pub(crate) vocabulary: u64,
    /// Width of the residual stream.
    pub(crate) hidden: u64,
    /// The norms.
    pub(crate) norm: Norm,
    /// What embeddings are multiplied by.
    pub(crate) embedding_factor: Option<f64>,
    /// Whether the head's weight is that of the embedding.
    pub(crate) tied: bool,
    /// Logits s become c tanh(s / c).
    pub(crate) logit_cap: Option<f64>,
    /// Rotary embeddings; layers say which is theirs.
    pub(crate) ropes: Vec<Rope>,
    /// The layers.
    pub(crate) layers: Vec<Layer>,
}

/// Root mean square norm.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Norm {
    /// Added to the mean square.
    pub(crate) epsilon: f64,
    /// Whether the scale is 1 + the weight.
    pub(crate) one_more: bool,
}

/// Which norms a layer has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Norms {
    /// Before attention and before the feed-forward part.
    Before,
    /// Before and after each of them.
    Around,
}

/// A layer: attention, then a feed-forward part, each added to the residual stream.
#[derive(Clone, Debug)]
pub(crate) struct Layer {
    pub(crate) norms: Norms,
    pub(crate) attention: Attention,
    pub(crate) mlp: Mlp,
}

/// Attention of a layer.
#[derive(Clone, Debug)]
pub(crate) enum Attention {
    /// Heads of queries that share heads of keys and values.
    Grouped(Grouped),
    /// Keys and values made from a latent vector.
    Latent(Latent),
}

/// Grouped-query attention: Ainslie et al., arXiv 2305.13245. With as many heads of keys as of queries, multi-head attention.
#[derive(Clone, Debug)]
pub(crate) struct Grouped {
    /// Heads of queries.
    pub(crate) heads: u64,
    /// Heads of keys and values.
    pub(crate) kv_heads: u64,
    /// Channels of a head.
    pub(crate) head_dim: u64,
    /// Whether queries, keys and values have a bias.
    pub(crate) bias: bool,
    /// Whether the output has one.
    pub(crate) output_bias: bool,
    /// Whether queries and keys are normed, head by head.
    pub(crate) normed: bool,
    /// Whether queries, keys and values have one weight, `qkv_proj`.
    pub(crate) joined: bool,
    /// Factor of the products.
    pub(crate) scale: f64,
    /// Scores s become c tanh(s / c).
    pub(crate) cap: Option<f64>,
    /// Keys that a query sees: itself and those before it.
    pub(crate) window: Option<u64>,
    /// Which of the decoder's rotary embeddings.
    pub(crate) rope: usize,
}

/// Multi-head latent attention: DeepSeek-V2, arXiv 2405.04434, section 2.1.
#[derive(Clone, Debug)]
pub(crate) struct Latent {
    pub(crate) heads: u64,
    /// Rank of the queries; `None` where they are made in one step.
    pub(crate) q_rank: Option<u64>,
    /// Width of the latent vector of keys and values.
    pub(crate) kv_rank: u64,
    /// Channels of a query without position.
    pub(crate) plain: u64,
    /// Channels of a query with position.
    pub(crate) turned: u64,
    /// Channels of a value.
    pub(crate) value: u64,
    pub(crate) bias: bool,
    pub(crate) scale: f64,
    /// Whether pairs of channels that are rotated are neighbours.
    pub(crate) interleaved: bool,
}

/// Activation of a feed-forward part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Activation {
    Silu,
    Gelu,
    GeluTanh,
    Relu,
}

/// The feed-forward part of a layer.
#[derive(Clone, Debug)]
pub(crate) enum Mlp {
    /// One for all tokens.
    Dense(Gated),
    /// Experts.
    Experts(Box<Moe>),
}

/// down(act(gate x) * up x): Shazeer, arXiv 2002.05202.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gated {
    pub(crate) width: u64,
    pub(crate) act: Activation,
    pub(crate) bias: bool,
    /// Whether gate and up have one weight, `gate_up_proj`.
    pub(crate) joined: bool,
}

/// A mixture of experts.
#[derive(Clone, Debug)]
pub(crate) struct Moe {
    /// Name of the module in a layer.
    pub(crate) module: &'static str,
    /// Names of an expert's weights: gate, up, down.
    pub(crate) weights: [&'static str; 3],
    pub(crate) experts: u64,
    /// Experts of a token.
    pub(crate) top_k: u64,
    /// An expert.
    pub(crate) expert: Gated,
    pub(crate) routing: Routing,
    /// An expert of all tokens.
    pub(crate) shared: Option<Shared>,
}

/// How experts are chosen and weighed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Routing {
    pub(crate) scores: Scores,
    /// Whether a bias is added to the scores for choosing alone.
    pub(crate) choice_bias: bool,
    /// Only the best groups are chosen from.
    pub(crate) groups: Option<Groups>,
    /// Whether the weights of a token are divided by their sum, and what is added to it.
    pub(crate) normed: Option<f64>,
    /// What the weights are multiplied by.
    pub(crate) factor: f64,
}

/// What makes scores from logits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scores {
    Softmax,
    Sigmoid,
}

/// Experts in groups of neighbours.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Groups {
    pub(crate) count: u64,
    /// Groups that are kept for each token.
    pub(crate) kept: u64,
    /// A group is judged by the sum of its so many best scores.
    pub(crate) judged_by: u64,
    /// Score of experts of the other groups.
    pub(crate) hidden: f64,
}

/// An expert of all tokens.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shared {
    /// Name of its module.
    pub(crate) module: &'static str,
    pub(crate) mlp: Gated,
    /// Module of a sigmoid gate on what it gives.
    pub(crate) gate: Option<&'static str>,
}
