//! Text and plain programs are two forms of one thing, at every level, for us and for upstream's tools.

use crate::common::{WHOLE, after, machines, parse, session, shown, text};
use prism_dialects::mlir::Session;
use prism_dialects::{Level, Module, irdl};
use prism_passes::testing::random_module;
use std::process::Command;

crate::trials!("roundtrip": text_and_plain, upstream_reads_what_is_printed);

/// Pipelines that lead to each level.
const LEVELS: &[(Level, &str)] = &[
    (Level::Nn, ""),
    (Level::Stack, "saturate"),
    (Level::Assigned, "saturate,extract,tile"),
    (Level::Plan, "saturate,extract,tile,schedule"),
];

/// Random programs at each level on each target.
fn programs(session: &Session, seeds: std::ops::Range<u64>) -> Vec<(String, Module)> {
    let mut out = Vec::new();
    for machine in machines() {
        for seed in seeds.clone() {
            let module = random_module(seed, 10);
            for (level, passes) in LEVELS {
                let module = after(session, &machine, passes, &module);
                // Without operations nothing says at which level a function is.
                assert!(module.level() == *level || module.bodies[0].ops.is_empty());
                out.push((format!("{level}, seed {seed}, {}", machine.name), module));
            }
        }
    }
    out
}

fn text_and_plain() {
    let session = session();
    for (what, mut module) in programs(&session, 0..12) {
        // A constant of equal numbers is a splat once MLIR has seen it.
        module = shown(session.write(&module).read());
        let printed = text(&session, &module);
        let ir = shown(session.parse("again.mlir", &printed));
        assert_eq!(ir.text(WHOLE), printed, "{what}: text");
        let mut again = shown(ir.read());
        // Numbers of values are no part of a program.
        for body in again.bodies.iter_mut().chain(&mut module.bodies) {
            body.compact();
        }
        assert_eq!(format!("{again:?}"), format!("{module:?}"), "{what}: plain");
    }
}

fn upstream_reads_what_is_printed() {
    let session = session();
    let folder = tempfile::tempdir().expect("a folder");
    let definitions = folder.path().join("prism.irdl.mlir");
    std::fs::write(&definitions, irdl::text()).expect("written");
    // All in one module, as each run of the tool costs more than reading it.
    let mut all = Module::default();
    for (_, module) in programs(&session, 50..53) {
        for mut body in module.bodies {
            body.name = format!("f{}", all.bodies.len());
            all.bodies.push(body);
        }
    }
    let input = folder.path().join("all.mlir");
    std::fs::write(&input, text(&session, &all)).expect("written");
    let mut flag = std::ffi::OsString::from("--irdl-file=");
    flag.push(&definitions);
    let ran = Command::new("mlir-opt-22").arg(flag).arg("--mlir-print-debuginfo").arg(&input).output();
    let ran = ran.unwrap_or_else(|e| panic!("mlir-opt-22 does not start ({e}); `prism doctor` says how to get it"));
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let printed = String::from_utf8(ran.stdout).expect("text");
    let again = parse(&session, &printed);
    assert_eq!(text(&session, &again), text(&session, &all));
}
