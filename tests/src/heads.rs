//! A decoder like Llama's in which every head is an operation of its own, and nothing says that heads or layers are alike.

use std::fmt::{Result, Write};

/// Sizes of a decoder.
#[derive(Clone, Copy, Debug)]
pub struct Decoder {
    /// Layers, one after another.
    pub layers: u64,
    /// Heads of each layer.
    pub heads: u64,
    /// Tokens of the prompt.
    pub tokens: u64,
    /// Width of what goes from layer to layer.
    pub width: u64,
    /// Width of a head.
    pub head: u64,
    /// Width inside the feed-forward part.
    pub inner: u64,
}

impl Decoder {
    /// Layers as wide as those of Llama-2-7B, whose heads are 128 wide (Touvron et al., arXiv 2307.09288): 32 layers of 32 heads
    /// are that model.
    pub fn llama(layers: u64, heads: u64) -> Decoder {
        Decoder { layers, heads, tokens: 128, width: 4096, head: 128, inner: 11008 }
    }

    /// The text of the program, with attention spelled out: for each head its own three weights, queries, keys and values, scores,
    /// scale, softmax and their sum; heads side by side, projected; a gated feed-forward part; norms and the residual stream.
    pub fn program(&self) -> String {
        let all = matrix(self.tokens, self.width);
        let mut out = format!("func.func @main(%x0: {all}) -> {all} {{\n");
        // Writing to a string does not fail.
        let _ = self.body(&mut out);
        out
    }

    fn body(&self, out: &mut String) -> Result {
        let root = 1.0 / (self.head as f64).sqrt();
        writeln!(out, "  %scale = \"nn.constant\"() {{value = dense<{root:.8e}> : tensor<f32>}} : () -> tensor<f32>")?;
        for i in 0..self.layers {
            self.layer(out, i)?;
        }
        writeln!(out, "  return %x{} : {}\n}}", self.layers, matrix(self.tokens, self.width))
    }

    fn layer(&self, out: &mut String, i: u64) -> Result {
        let (t, width, inner) = (self.tokens, self.width, self.inner);
        let all = matrix(t, width);
        self.norm(out, &format!("%x{i}"), &format!("n{i}"), &format!("layers.{i}.input_norm"))?;
        for h in 0..self.heads {
            self.head(out, i, h)?;
        }
        let heads: Vec<String> = (0..self.heads).map(|h| format!("%a{i}_{h}")).collect();
        let types = vec![matrix(t, self.head); heads.len()];
        let joined = self.heads * self.head;
        writeln!(
            out,
            "  %c{i} = \"nn.concat\"({}) {{axis = 1 : i64, operandSegmentSizes = array<i32: {}, 0, 0, 0, 0, 0>}} : ({}) -> {}",
            heads.join(", "),
            self.heads,
            types.join(", "),
            matrix(t, joined)
        )?;
        let of = |part: &str| format!("layers.{i}.{part}");
        self.product(out, (&format!("%c{i}"), &format!("o{i}")), &of("o_proj"), (joined, width))?;
        writeln!(out, "  %y{i} = \"nn.add\"(%x{i}, %o{i}) : ({all}, {all}) -> {all}")?;
        self.norm(out, &format!("%y{i}"), &format!("m{i}"), &of("post_norm"))?;
        self.product(out, (&format!("%m{i}"), &format!("g{i}")), &of("gate_proj"), (width, inner))?;
        self.product(out, (&format!("%m{i}"), &format!("u{i}")), &of("up_proj"), (width, inner))?;
        let wide = matrix(t, inner);
        writeln!(out, "  %s{i} = \"nn.silu\"(%g{i}) : ({wide}) -> {wide}")?;
        writeln!(out, "  %f{i} = \"nn.mul\"(%s{i}, %u{i}) : ({wide}, {wide}) -> {wide}")?;
        self.product(out, (&format!("%f{i}"), &format!("d{i}")), &of("down_proj"), (inner, width))?;
        writeln!(out, "  %x{} = \"nn.add\"(%y{i}, %d{i}) : ({all}, {all}) -> {all}", i + 1)
    }

    fn head(&self, out: &mut String, i: u64, h: u64) -> Result {
        let (one, square) = (matrix(self.tokens, self.head), matrix(self.tokens, self.tokens));
        for part in ["q", "k", "v"] {
            let name = format!("layers.{i}.heads.{h}.{part}_proj");
            self.product(out, (&format!("%n{i}"), &format!("{part}{i}_{h}")), &name, (self.width, self.head))?;
        }
        let at = format!("{i}_{h}");
        writeln!(
            out,
            "  %p{at} = \"nn.matmul\"(%q{at}, %k{at}) {{transpose_rhs = true}} : ({one}, {one}) -> {square}"
        )?;
        writeln!(out, "  %r{at} = \"nn.mul\"(%p{at}, %scale) : ({square}, tensor<f32>) -> {square}")?;
        writeln!(out, "  %t{at} = \"nn.softmax\"(%r{at}) {{axis = 1 : i64}} : ({square}) -> {square}")?;
        writeln!(out, "  %a{at} = \"nn.matmul\"(%t{at}, %v{at}) : ({square}, {one}) -> {one}")
    }

    fn norm(&self, out: &mut String, from: &str, to: &str, name: &str) -> Result {
        let (all, scale) = (matrix(self.tokens, self.width), format!("tensor<{}xf32>", self.width));
        writeln!(out, "  %{to}w = \"nn.param\"() {{name = \"{name}.weight\"}} : () -> {scale}")?;
        let attrs = "{axis = 1 : i64, epsilon = 1.0e-5 : f64}";
        writeln!(out, "  %{to} = \"nn.rms_norm\"({from}, %{to}w) {attrs} : ({all}, {scale}) -> {all}")
    }

    fn product(&self, out: &mut String, (from, to): (&str, &str), name: &str, (k, n): (u64, u64)) -> Result {
        let (x, w, y) = (matrix(self.tokens, k), matrix(k, n), matrix(self.tokens, n));
        writeln!(out, "  %{to}w = \"nn.param\"() {{name = \"{name}.weight\"}} : () -> {w}")?;
        writeln!(out, "  %{to} = \"nn.matmul\"({from}, %{to}w) : ({x}, {w}) -> {y}")
    }
}

fn matrix(rows: u64, columns: u64) -> String {
    format!("tensor<{rows}x{columns}xf32>")
}
