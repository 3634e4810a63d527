//! Realisations compete by price: for each kind a small program on which it wins, and one on which it is offered and loses.

use crate::common::{after, machine, machine_of, parse, session};
use prism_dialects::{Attr, Op};

crate::trials!("realisations": each_wins_and_loses);

/// A machine, and a program for it.
type On = (&'static str, &'static str);

/// A kind of realisation, how it is told, and where it wins and loses.
struct Example {
    kind: &'static str,
    is: fn(&Op) -> bool,
    /// Options of `saturate`.
    options: &'static str,
    objective: &'static str,
    wins: On,
    loses: On,
}

const RELAYING: &str = "edge-demo with relay";

/// A product, and an activation of it.
const ACTIVATED: &str = r#"(%x: tensor<4x8xf32>) -> tensor<4x16xf32> {
  %w = "nn.param"() {name = "w"} : () -> tensor<8x16xf32>
  %y = "nn.matmul"(%x, %w) : (tensor<4x8xf32>, tensor<8x16xf32>) -> tensor<4x16xf32>
  %z = "nn.relu"(%y) : (tensor<4x16xf32>) -> tensor<4x16xf32>
  return %z : tensor<4x16xf32>"#;

/// The same with a long inner extent, where light is cheap.
const LONG: &str = r#"(%x: tensor<512x4096xf32>) -> tensor<512x512xf32> {
  %w = "nn.param"() {name = "w"} : () -> tensor<4096x512xf32>
  %y = "nn.matmul"(%x, %w) : (tensor<512x4096xf32>, tensor<4096x512xf32>) -> tensor<512x512xf32>
  %z = "nn.relu"(%y) : (tensor<512x512xf32>) -> tensor<512x512xf32>
  return %z : tensor<512x512xf32>"#;

/// Two products, one after the other, of that many rows.
const CHAIN: &str = r#"(%x: tensor<512x512xf32>) -> tensor<512x512xf32> {
  %w = "nn.param"() {name = "w"} : () -> tensor<512x512xf32>
  %v = "nn.param"() {name = "v"} : () -> tensor<512x512xf32>
  %y = "nn.matmul"(%x, %w) : (tensor<512x512xf32>, tensor<512x512xf32>) -> tensor<512x512xf32>
  %z = "nn.matmul"(%y, %v) : (tensor<512x512xf32>, tensor<512x512xf32>) -> tensor<512x512xf32>
  return %z : tensor<512x512xf32>"#;
const SHORT_CHAIN: &str = r#"(%x: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %w = "nn.param"() {name = "w"} : () -> tensor<4x4xf32>
  %v = "nn.param"() {name = "v"} : () -> tensor<4x4xf32>
  %y = "nn.matmul"(%x, %w) : (tensor<1x4xf32>, tensor<4x4xf32>) -> tensor<1x4xf32>
  %z = "nn.matmul"(%y, %v) : (tensor<1x4xf32>, tensor<4x4xf32>) -> tensor<1x4xf32>
  return %z : tensor<1x4xf32>"#;

/// A tall product, and a wide one.
const TALL: &str = r#"(%x: tensor<1024x64xf32>) -> tensor<1024x16xf32> {
  %w = "nn.param"() {name = "w"} : () -> tensor<64x16xf32>
  %y = "nn.matmul"(%x, %w) : (tensor<1024x64xf32>, tensor<64x16xf32>) -> tensor<1024x16xf32>
  return %y : tensor<1024x16xf32>"#;
const WIDE: &str = r#"(%x: tensor<4x64xf32>) -> tensor<4x4096xf32> {
  %w = "nn.param"() {name = "w"} : () -> tensor<64x4096xf32>
  %y = "nn.matmul"(%x, %w) : (tensor<4x64xf32>, tensor<64x4096xf32>) -> tensor<4x4096xf32>
  return %y : tensor<4x4096xf32>"#;

const EXAMPLES: &[Example] = &[
    Example {
        kind: "a product and its activation as one kernel",
        is: |op| op.name() == "elec.fused",
        options: "",
        objective: "energy",
        wins: ("lightcode", ACTIVATED),
        loses: ("lightcode", LONG),
    },
    Example {
        kind: "light that goes from product to product",
        is: |op| op.name() == "ptu.relay",
        options: "",
        objective: "energy",
        wins: (RELAYING, CHAIN),
        loses: (RELAYING, SHORT_CHAIN),
    },
    Example {
        kind: "the right operand held",
        is: |op| op.attr("stationary").and_then(Attr::as_str) == Some("rhs"),
        options: "",
        objective: "energy",
        wins: ("lt-mrr-8bit", TALL),
        loses: ("lt-mrr-8bit", WIDE),
    },
];

fn each_wins_and_loses() {
    let session = session();
    for example in EXAMPLES {
        for ((name, program), wins) in [(example.wins, true), (example.loses, false)] {
            let relaying = machine("edge-demo").toml.replace("relay = false", "relay = true");
            let on = if name == RELAYING { machine_of(RELAYING, relaying) } else { machine(name) };
            let module = parse(&session, &format!("func.func @main{program}\n}}"));
            let stack = after(&session, &on, &format!("saturate{{{}}}", example.options), &module);
            let extract = format!("extract{{objective={}}}", example.objective);
            let chosen = after(&session, &on, &extract, &stack);
            let has = |ops: &[Op]| ops.iter().any(example.is);
            let shown = || chosen.bodies[0].ops.iter().map(Op::name).collect::<Vec<_>>();
            assert!(has(&stack.bodies[0].ops), "{} is not offered on {name}", example.kind);
            assert_eq!(has(&chosen.bodies[0].ops), wins, "{} on {name}: {:?}", example.kind, shown());
        }
    }
}
