//! Realisations compete by price: for each kind a small program on which it wins, and one on which it is offered and loses.

use crate::common::{Machine, after, machine, machine_of, parse, session};
use prism_dialects::{Attr, Op};

crate::trials!("realisations": each_wins_and_loses);

/// A machine, what is least, and a program.
type On = (&'static str, &'static str, &'static str);

/// A kind of realisation, how it is told, and where it wins and loses.
struct Example {
    kind: &'static str,
    is: fn(&Op) -> bool,
    wins: On,
    loses: On,
}

/// What follows the name of a machine with groups of wavelengths between which there is crosstalk, and of one of few bits but not where it reads; and of a machine that is asked for results of 8 bits.
const GROUPED: &str = " with groups";
const NARROW: &str = " with 5 bits and a readout of 10";
const AT_8: &str = " at 8 bits";
/// And of one whose light has room for weights.
const STORING: &str = " with arrays";
const GROUPS: &str = "wavelengths = 48\ngroups = 4\ngroup_penalty = \"1 dB\"";

/// The machine of that name, edited as what follows it says.
fn edited(name: &'static str) -> Machine {
    let with = |suffix: &str, from: &str, to: &str| {
        let plain = machine(name.strip_suffix(suffix)?);
        Some(machine_of(name, plain.toml.replace(from, to)))
    };
    let grouped = with(GROUPED, "wavelengths = 12", GROUPS);
    let narrow = || with(NARROW, "precision = \"8 bit\"", "precision = \"5 bit\"\nreadout_bits = \"10 bit\"");
    let storing = || with(STORING, "program_time", "arrays = 1000000\nprogram_time");
    grouped.or_else(narrow).or_else(storing).unwrap_or_else(|| machine(name))
}

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
/// Two small products, of which a kernel does the second one with its activation for less.
const SHORT_CHAIN: &str = r#"(%x: tensor<4x8xf32>) -> tensor<4x16xf32> {
  %w = "nn.param"() {name = "w"} : () -> tensor<8x8xf32>
  %v = "nn.param"() {name = "v"} : () -> tensor<8x16xf32>
  %y = "nn.matmul"(%x, %w) : (tensor<4x8xf32>, tensor<8x8xf32>) -> tensor<4x8xf32>
  %z = "nn.matmul"(%y, %v) : (tensor<4x8xf32>, tensor<8x16xf32>) -> tensor<4x16xf32>
  %a = "nn.relu"(%z) : (tensor<4x16xf32>) -> tensor<4x16xf32>
  return %a : tensor<4x16xf32>"#;

/// A tall product, and a wide one.
const TALL: &str = r#"(%x: tensor<1024x64xf32>) -> tensor<1024x16xf32> {
  %w = "nn.param"() {name = "w"} : () -> tensor<64x16xf32>
  %y = "nn.matmul"(%x, %w) : (tensor<1024x64xf32>, tensor<64x16xf32>) -> tensor<1024x16xf32>
  return %y : tensor<1024x16xf32>"#;
const WIDE: &str = r#"(%x: tensor<4x64xf32>) -> tensor<4x4096xf32> {
  %w = "nn.param"() {name = "w"} : () -> tensor<64x4096xf32>
  %y = "nn.matmul"(%x, %w) : (tensor<4x64xf32>, tensor<64x4096xf32>) -> tensor<4x4096xf32>
  return %y : tensor<4x4096xf32>"#;

/// Scores of twelve heads.
const HEADS: &str = r#"(%q: tensor<12x192x64xf32>, %k: tensor<12x192x64xf32>) -> tensor<12x192x192xf32> {
  %s = "nn.matmul"(%q, %k) {transpose_rhs = true} : (tensor<12x192x64xf32>, tensor<12x192x64xf32>) -> tensor<12x192x192xf32>
  return %s : tensor<12x192x192xf32>"#;

const EXAMPLES: &[Example] = &[
    Example {
        kind: "a product and its activation as one kernel",
        is: |op| op.name() == "elec.fused",
        wins: ("lightcode", "energy", ACTIVATED),
        loses: ("lightcode", "energy", LONG),
    },
    Example {
        kind: "a result that drives the next product",
        is: |op| op.name() == "ptu.relay",
        wins: ("edge-demo", "energy", CHAIN),
        loses: ("edge-demo", "energy", SHORT_CHAIN),
    },
    Example {
        kind: "heads side by side on groups of wavelengths",
        is: |op| op.attr("groups").is_some(),
        wins: ("lt-b-4bit with groups", "latency", HEADS),
        loses: ("lt-b-4bit with groups", "energy", HEADS),
    },
    Example {
        kind: "a product by electrons and light at the same time",
        is: |op| op.name() == "mem.join",
        wins: ("lt-mzi-8bit", "latency", LONG),
        loses: ("lt-mzi-8bit", "energy", LONG),
    },
    Example {
        kind: "a product of bit slices",
        is: |op| op.name() == "elec.shift_add",
        wins: ("lightmatter-2025 at 8 bits", "energy", LONG),
        loses: ("lt-mzi-8bit with 5 bits and a readout of 10 at 8 bits", "energy", ACTIVATED),
    },
    Example {
        kind: "a weight that is held from before the run",
        is: |op| op.name() == "ptu.hold",
        wins: ("lt-mzi-4bit with arrays", "energy", WIDE),
        loses: ("lt-mzi-4bit with arrays", "energy", LONG),
    },
    Example {
        kind: "the right operand on the row side",
        is: |op| op.attr("stationary").and_then(Attr::as_str) == Some("rhs"),
        wins: ("lt-mrr-8bit", "energy", WIDE),
        loses: ("lt-mrr-8bit", "energy", TALL),
    },
];

fn each_wins_and_loses() {
    let session = session();
    for example in EXAMPLES {
        for ((name, objective, program), wins) in [(example.wins, true), (example.loses, false)] {
            let on = edited(name.strip_suffix(AT_8).unwrap_or(name));
            let module = parse(&session, &format!("func.func @main{program}\n}}"));
            let saturate = if name.ends_with(AT_8) { "saturate{min-bits=8}" } else { "saturate" };
            let stack = after(&session, &on, saturate, &module);
            let extract = format!("extract{{objective={objective}}}");
            let chosen = after(&session, &on, &extract, &stack);
            let has = |ops: &[Op]| ops.iter().any(example.is);
            let shown = || chosen.bodies[0].ops.iter().map(Op::name).collect::<Vec<_>>();
            assert!(has(&stack.bodies[0].ops), "{} is not offered on {name}", example.kind);
            // Its loop is the one that was priced, and it can be scheduled.
            after(&session, &on, "tile,schedule", &chosen);
            assert_eq!(has(&chosen.bodies[0].ops), wins, "{} on {name}: {:?}", example.kind, shown());
        }
    }
}
