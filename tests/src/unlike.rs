//! A program whose layers all differ in size, so that none can be compiled for another.

use std::fmt::Write;

/// Rows and width of what goes from layer to layer.
const ROWS: u64 = 64;
const WIDTH: u64 = 256;

/// The text of a program of so many layers: norm, attention of one head, norm, feed-forward, each with widths of its own.
pub fn program(layers: u64) -> String {
    let all = format!("tensor<{ROWS}x{WIDTH}xf32>");
    let mut out = format!("func.func @main(%x0: {all}) -> {all} {{\n");
    for i in 0..layers {
        // Writing to a string does not fail.
        let _ = layer(&mut out, i, &all);
    }
    let _ = writeln!(out, "  return %x{layers} : {all}\n}}");
    out
}

fn layer(out: &mut String, i: u64, all: &str) -> std::fmt::Result {
    let (head, inner) = (64 + 4 * i, 512 + 8 * i);
    let of = |width: u64| format!("tensor<{ROWS}x{width}xf32>");
    let scale = format!("tensor<{WIDTH}xf32>");
    let norm = |out: &mut String, name: &str, from: &str| -> std::fmt::Result {
        writeln!(out, "  %{name}w = \"nn.param\"() {{name = \"layers.{i}.{name}.weight\"}} : () -> {scale}")?;
        let attrs = "{axis = 1 : i64, epsilon = 1.0e-5 : f64}";
        writeln!(out, "  %{name} = \"nn.rms_norm\"({from}, %{name}w) {attrs} : ({all}, {scale}) -> {all}")
    };
    let product = |out: &mut String, name: &str, from: &str, (inputs, outputs): (u64, u64)| -> std::fmt::Result {
        let weight = format!("tensor<{inputs}x{outputs}xf32>");
        writeln!(out, "  %{name}w = \"nn.param\"() {{name = \"layers.{i}.{name}.weight\"}} : () -> {weight}")?;
        let (a, y) = (of(inputs), of(outputs));
        writeln!(out, "  %{name} = \"nn.matmul\"({from}, %{name}w) : ({a}, {weight}) -> {y}")
    };
    norm(out, &format!("n{i}"), &format!("%x{i}"))?;
    for part in ["q", "k", "v"] {
        product(out, &format!("{part}{i}"), &format!("%n{i}"), (WIDTH, head))?;
    }
    let h = of(head);
    let scaled = "{scale = 0.125 : f64, causal = true}";
    writeln!(out, "  %a{i} = \"nn.attention\"(%q{i}, %k{i}, %v{i}) {scaled} : ({h}, {h}, {h}) -> {h}")?;
    product(out, &format!("o{i}"), &format!("%a{i}"), (head, WIDTH))?;
    writeln!(out, "  %y{i} = \"nn.add\"(%x{i}, %o{i}) : ({all}, {all}) -> {all}")?;
    norm(out, &format!("m{i}"), &format!("%y{i}"))?;
    product(out, &format!("u{i}"), &format!("%m{i}"), (WIDTH, inner))?;
    let u = of(inner);
    writeln!(out, "  %g{i} = \"nn.gelu\"(%u{i}) : ({u}) -> {u}")?;
    product(out, &format!("d{i}"), &format!("%g{i}"), (inner, WIDTH))?;
    writeln!(out, "  %x{} = \"nn.add\"(%y{i}, %d{i}) : ({all}, {all}) -> {all}", i + 1)
}
