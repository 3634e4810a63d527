//! Readers on damaged input: an error or a program, never a panic, a crash, or minutes.
//!
//! `PRISM_FUZZ_ROUNDS` sets the number of damaged inputs of each kind (`make fuzz` runs many), `PRISM_FUZZ_SEED` the first
//! seed. MLIR's parser is C++: a crash there would end this process, so it runs in another one, which leaves the input
//! it is at in a file.

use crate::common::session;
use crate::prism::{ROLE, root, this_binary};
use bytes::Bytes;
use prism_dialects::{Level, verify};
use prism_hardware::Target;
use prism_hardware::target::SHIPPED;
use prism_import::{Bindings, OnnxModel};
use prism_passes::manager::{Manager, Observers, Pipeline};
use prism_passes::testing::Rng;
use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

crate::trials!("mutation": fuzz_onnx, fuzz_toml, fuzz_mlir);

/// The role of the process that may crash.
pub(crate) const CHILD: &str = "mutate-mlir";
const START: &str = "PRISM_TESTS_START";
const COUNT: &str = "PRISM_TESTS_COUNT";
const PLACE: &str = "PRISM_TESTS_PLACE";

/// Damaged MLIR inputs per process.
const BATCH: u64 = 250;
/// Longest time that one input may take: a hundred times what the whole one takes.
const LONGEST: Duration = Duration::from_secs(10);

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(default)
}

fn rounds(default: u64) -> u64 {
    number("PRISM_FUZZ_ROUNDS", default)
}

fn first_seed() -> u64 {
    number("PRISM_FUZZ_SEED", 1)
}

/// Numbers and pieces that have brought readers down before.
const PIECES: &[&str] = &[
    "0",
    "-1",
    "9223372036854775807",
    "18446744073709551616",
    "0x7FF0000000000000",
    "1e999",
    "1e-999",
    "nan",
    "[",
    "]",
    "{",
    "}",
    "<",
    ">",
    "(",
    ")",
    "\"",
    "'",
    "#",
    "!",
    "%",
    "@",
    "\\",
    "\0",
    "\n",
    "é",
    "tensor<0xf32>",
    "dense<1.0>",
    "loc(unknown)",
];

/// One to four changes to some bytes.
fn damaged(original: &[u8], rng: &mut Rng) -> Vec<u8> {
    let mut bytes = original.to_vec();
    for _ in 0..=rng.below(3) {
        let at = rng.below(bytes.len());
        let end = (at + 1 + rng.below(40)).min(bytes.len());
        match rng.below(8) {
            0 => bytes.iter_mut().skip(at).take(1).for_each(|b| *b ^= 1 << (rng.bits() % 8)),
            1 => bytes.truncate(at),
            2 => drop(bytes.drain(at..end)),
            3 => {
                let copy = bytes[at..end].to_vec();
                let to = rng.below(bytes.len());
                bytes.splice(to..to, copy);
            }
            4 => bytes.iter_mut().skip(at).take(1).for_each(|b| *b = rng.bits() as u8),
            5 => {
                let piece = PIECES[rng.below(PIECES.len())].bytes();
                bytes.splice(at..at, piece);
            }
            _ => bytes = swapped(&bytes, rng),
        }
    }
    bytes
}

/// Two words of the text, in each other's place.
fn swapped(bytes: &[u8], rng: &mut Rng) -> Vec<u8> {
    let is_word = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'%');
    let mut words: Vec<&[u8]> = bytes.chunk_by(|a, b| is_word(a) && is_word(b)).collect();
    let (a, b) = (rng.below(words.len()), rng.below(words.len()));
    if a.max(b) < words.len() {
        words.swap(a, b);
    }
    words.concat()
}

/// Runs `read` on one damaged input; a panic or a long time fails the test with the input kept.
fn survives(kind: &str, seed: u64, input: &[u8], read: impl Fn() + std::panic::UnwindSafe) {
    let start = Instant::now();
    let calm = catch_unwind(read).is_ok();
    let took = start.elapsed();
    if !calm || took > LONGEST {
        let kept = keep(kind, seed, input);
        panic!("{kind}, seed {seed}: {}, input in {}", if calm { "too slow" } else { "a panic" }, kept.display());
    }
}

/// Keeps an input for a closer look.
fn keep(kind: &str, seed: u64, input: &[u8]) -> PathBuf {
    let folder = root().join("prism-repro");
    let path = folder.join(format!("{kind}-{seed}"));
    fs::create_dir_all(&folder).and_then(|()| fs::write(&path, input)).expect("the input is kept");
    path
}

fn fuzz_onnx() {
    let path = root().join("examples/models/gpt2_tiny.onnx");
    let original = fs::read(&path).expect("a model");
    let mut read = 0u64;
    for seed in first_seed()..first_seed() + rounds(200) {
        let input = damaged(&original, &mut Rng(seed));
        let bytes = Bytes::from(input.clone());
        read += u64::from(OnnxModel::parse(bytes.clone(), &path).is_ok());
        survives("onnx", seed, &input, || {
            if let Ok(model) = OnnxModel::parse(bytes.clone(), &path) {
                model.inspect(&Bindings::default());
                if let Ok(module) = model.import(&Bindings::default()) {
                    verify::check_module(&module).expect("what is imported verifies");
                }
            }
        });
    }
    assert!(read > 0, "no damaged model was read: nothing behind the first check was tested");
}

fn fuzz_toml() {
    let mut read = 0u64;
    for seed in first_seed()..first_seed() + rounds(300) {
        for (name, text) in SHIPPED {
            let input = damaged(text.as_bytes(), &mut Rng(seed));
            let Ok(text) = String::from_utf8(input.clone()) else { continue };
            read += u64::from(Target::parse(name, &text).is_ok());
            survives("toml", seed, &input, || {
                if let Ok(target) = Target::parse(name, &text) {
                    target.resources();
                    target.ops();
                }
            });
        }
    }
    assert!(read > 0, "no damaged target was read");
}

fn fuzz_mlir() {
    let folder = tempfile::tempdir().expect("a folder");
    let last = folder.path().join("last.mlir");
    let (first, rounds) = (first_seed(), rounds(500));
    for start in (first..first + rounds).step_by(BATCH as usize) {
        let count = BATCH.min(first + rounds - start);
        let mut command = this_binary(CHILD);
        command.env(START, start.to_string()).env(COUNT, count.to_string()).env(PLACE, &last);
        let mut child = command.spawn().expect("this binary starts");
        let deadline = Instant::now() + LONGEST * 6;
        let status = loop {
            match child.try_wait().expect("a status") {
                Some(status) => break Some(status),
                None if Instant::now() > deadline => {
                    child.kill().expect("it ends");
                    child.wait().expect("it has ended");
                    break None;
                }
                None => std::thread::sleep(Duration::from_millis(10)),
            }
        };
        if !status.is_some_and(|s| s.success()) {
            let input = fs::read(&last).unwrap_or_default();
            let kept = keep("mlir", start, &input);
            let what = status.map_or("too slow".to_string(), |s| s.to_string());
            panic!("seeds from {start}: {what}, input in {}", kept.display());
        }
    }
}

/// Texts to damage: every test file that is a program.
fn texts() -> Vec<String> {
    let files = crate::filetests::files().into_iter().filter(|p| !p.ends_with("errors.mlir"));
    files.map(|p| fs::read_to_string(p).expect("a test file")).collect()
}

/// Reads a batch of damaged texts.
pub(crate) fn child() -> ExitCode {
    assert!(std::env::var(ROLE).is_ok());
    let place = PathBuf::from(std::env::var_os(PLACE).unwrap_or_default());
    let (start, texts) = (number(START, 0), texts());
    for seed in start..start + number(COUNT, 0) {
        let mut rng = Rng(seed);
        let text = &texts[rng.below(texts.len())];
        let input = damaged(text.as_bytes(), &mut rng);
        if let Ok(text) = String::from_utf8(input)
            && let Err(why) = read_mlir(&text, &place)
        {
            eprintln!("seed {seed}: {why}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

/// What becomes of a text: an error; or a program that prints to text that reads back, and that passes accept or refuse.
fn read_mlir(text: &str, place: &Path) -> Result<(), String> {
    fs::write(place, text).map_err(|e| e.to_string())?;
    let session = session();
    let Ok(ir) = session.parse("damaged.mlir", text) else { return Ok(()) };
    let printed = ir.text(crate::common::WHOLE);
    let again = session.parse("printed.mlir", &printed).map_err(|d| format!("it does not read what it prints: {d}"))?;
    let Ok(module) = again.read() else { return Ok(()) };
    let sound = verify::check_module(&module).is_ok();
    let (toml, passes) = (SHIPPED[0].1, passes(module.level()));
    let target = Target::parse(SHIPPED[0].0, toml).map_err(|d| d.to_string())?;
    let pipeline = Pipeline::parse(passes, &session).map_err(|d| d.to_string())?;
    let manager = Manager::new(&session, pipeline, Observers::default()).target(&target, toml).repro_dir(None);
    match manager.run(ir) {
        Ok(_) if !sound => Err("passes accept a program that does not verify".into()),
        Err(d)
            if d.0
                .iter()
                .any(|d| d.to_string().contains("internal error") || d.notes.iter().any(|n| n.contains("bug"))) =>
        {
            Err(d.to_string())
        }
        _ => Ok(()),
    }
}

/// Everything that can be done to a program of a level, within bounds.
fn passes(level: Level) -> &'static str {
    match level {
        Level::Nn => "fold-constants,cse,dce,saturate{iterations=8,max-nodes=3000},extract,tile,schedule",
        Level::Stack => "cse,dce,saturate{iterations=8,max-nodes=3000},extract,schedule",
        Level::Assigned => "cse,dce,tile,schedule",
        Level::Plan => "cse,dce",
    }
}
