//! `make bench`: processor time and peak memory of whole `prism` runs, beside a fixed loop; of large configs, and of programs twice
//! as deep as others; of a decoder whose heads are operations of their own.
//!
//! Seconds depend on the machine; the ratio to the loop, measured in the same session, much less. Reports, never fails
//! on a number: other work on the machine must not break a build.
//!
//! Usage: `bench PRISM MODELS`, the command to measure and the folder that holds `gpt2_prefill.onnx` and `configs`.

use prism_tests::heads::Decoder;
use prism_tests::unlike;
use std::hint::black_box;
use std::io::{Error, Result};
use std::mem::MaybeUninit;
use std::path::Path;
use std::process::{Child, Command, ExitCode, Stdio};

/// Runs of each case; the median is reported.
const RUNS: usize = 7;

/// Steps of the calibration loop, about half a second on a processor of 2020.
const STEPS: u64 = 100_000_000;

/// What a compilation of GPT-2 should stay below: processor seconds and bytes.
const LIMIT_S: f64 = 0.5;
const LIMIT_BYTES: f64 = 300e6;

/// Name, model file and dimensions of each case.
const CASES: &[(&str, &str, [&str; 2])] = &[
    ("gpt2 prefill 1024", "gpt2_prefill.onnx", ["--seq", "1024"]),
    ("gpt2 decode 1023+1", "gpt2_decode.onnx", ["--past", "1023"]),
];

/// Layers of programs in which no two layers are alike, each twice as deep as the one before.
const DEPTHS: [u64; 3] = [50, 100, 200];

/// Configs that are large, and what they should stay below: processor seconds.
const LARGE: &[(&str, [&str; 2], f64)] = &[
    ("llama-2-7b", ["--seq", "1024"], 1.5),
    ("llama-3.1-405b", ["--seq", "1024"], 3.0),
    ("llama-3.1-405b", ["--past", "1023"], 3.0),
];

/// Passes on a decoder of 32 layers with 32 heads each, every head apart, and what processor time in seconds and memory in bytes should stay
/// below: up to the e-graph, and to the plan. Both with the program read and what comes out written.
const APART: [(&str, &str, f64, f64); 2] = [
    ("to the e-graph", "fold-constants,cse,recognise,dce,saturate", 5.0, 200e6),
    ("to the plan", "fold-constants,cse,recognise,dce,saturate,extract,tile,schedule", 8.0, 300e6),
];

/// What the search on that e-graph should stay below, with reading it: processor seconds and bytes.
const SOLVED: (f64, f64) = (1.0, 200e6);

/// What a process used.
#[derive(Clone, Copy)]
struct Usage {
    /// Processor time of all its threads, user and system, seconds.
    cpu_s: f64,
    /// Largest resident set, bytes.
    peak_bytes: f64,
}

/// Waits for `child` and says what it, and it alone, used.
fn wait(child: &Child) -> Result<(bool, Usage)> {
    let pid = i32::try_from(child.id()).map_err(Error::other)?;
    let mut status = 0;
    let mut usage = MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: both pointers are to live values of the right type, and nothing else waits for this child.
    let usage = unsafe {
        if libc::wait4(pid, &raw mut status, 0, usage.as_mut_ptr()) < 0 {
            return Err(Error::last_os_error());
        }
        usage.assume_init()
    };
    let seconds = |t: libc::timeval| t.tv_sec as f64 + t.tv_usec as f64 * 1e-6;
    let cpu_s = seconds(usage.ru_utime) + seconds(usage.ru_stime);
    // Linux counts the resident set in units of 1024 bytes.
    let used = Usage { cpu_s, peak_bytes: usage.ru_maxrss as f64 * 1024.0 };
    Ok((libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == 0, used))
}

/// Runs `command` to its end, with its output thrown away.
fn run(command: &mut Command) -> Result<Usage> {
    let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    match wait(&child)? {
        (true, usage) => Ok(usage),
        (false, _) => Err(Error::other(format!("{command:?} failed; run it to see why"))),
    }
}

/// The fixed work: integer multiplications, shifts and a table that fits the first cache, each step waiting for the last.
fn calibrate() -> u64 {
    let mut table = [0u64; 1024];
    let mut x = 0x9e37_79b9_7f4a_7c15_u64;
    for step in 0..STEPS {
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9).wrapping_add(step);
        let slot = &mut table[(x >> 54) as usize];
        *slot = slot.wrapping_add(x);
        x ^= *slot;
    }
    x
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The medians of [`RUNS`] runs, after one that warms the file cache.
fn measure(mut once: impl FnMut() -> Result<Usage>) -> Result<Usage> {
    once()?;
    let runs: Vec<Usage> = (0..RUNS).map(|_| once()).collect::<Result<_>>()?;
    let of = |f: fn(&Usage) -> f64| median(runs.iter().map(f).collect());
    Ok(Usage { cpu_s: of(|u| u.cpu_s), peak_bytes: of(|u| u.peak_bytes) })
}

fn report(prism: &str, models: &str) -> Result<()> {
    let this = std::env::current_exe()?;
    let folder = std::env::temp_dir().join(format!("prism-bench-{}", std::process::id()));
    std::fs::create_dir(&folder)?;
    let loop_s = measure(|| run(Command::new(&this).arg("--calibrate")))?.cpu_s;
    println!("median of {RUNS} runs; the fixed loop takes {loop_s:.3} s of processor time on this machine now\n");
    println!("{:<20} {:>10} {:>8} {:>9}   {:>10} {:>9}", "case", "processor", "/ loop", "limit", "peak", "limit");
    for (name, model, dims) in CASES {
        let usage = measure(|| {
            let model = format!("{models}/{model}");
            run(Command::new(prism)
                .args(["compile", model.as_str()])
                .args(dims)
                .arg("--output")
                .arg(folder.join("out")))
        })?;
        println!(
            "{name:<20} {:>8.3} s {:>8.2} {:>7.1} s   {:>7.0} MB {:>6.0} MB",
            usage.cpu_s,
            usage.cpu_s / loop_s,
            LIMIT_S,
            usage.peak_bytes / 1e6,
            LIMIT_BYTES / 1e6
        );
    }
    large(prism, models, &folder)?;
    deep(prism, &folder)?;
    apart(prism, &folder)?;
    std::fs::remove_dir_all(&folder)
}

/// Large models from configs.
fn large(prism: &str, models: &str, folder: &Path) -> Result<()> {
    println!();
    for (name, dims, limit_s) in LARGE {
        let usage = measure(|| {
            let config = format!("{models}/configs/{name}.json");
            let out = folder.join("out");
            run(Command::new(prism).args(["compile", &config, "-t", "a100"]).args(dims).arg("--output").arg(out))
        })?;
        let what = format!("{name} {} {}", dims[0].trim_start_matches('-'), dims[1]);
        println!("{what:<28} {:>8.3} s   below {limit_s:.1} s", usage.cpu_s);
    }
    Ok(())
}

/// How processor time grows with layers that share nothing: 2 beside each would be in proportion.
fn deep(prism: &str, folder: &Path) -> Result<()> {
    println!();
    let mut before: Option<f64> = None;
    for layers in DEPTHS {
        let file = folder.join(format!("unlike-{layers}.mlir"));
        std::fs::write(&file, unlike::program(layers))?;
        let usage = measure(|| {
            run(Command::new(prism)
                .arg("compile")
                .arg(&file)
                .args(["-t", "a100"])
                .arg("--output")
                .arg(folder.join("out")))
        })?;
        let ratio = before.map_or(String::new(), |b| format!("{:>8.2} times", usage.cpu_s / b));
        println!("{layers:>4} layers of their own {:>11.3} s {ratio}", usage.cpu_s);
        before = Some(usage.cpu_s);
    }
    Ok(())
}

/// A decoder with 32 layers of 32 heads, of which nothing says that they are alike: passes, and the search for the least energy with its proof
/// alone, of the e-graph as a file.
fn apart(prism: &str, folder: &Path) -> Result<()> {
    println!();
    let (file, graph) = (folder.join("heads.mlir"), folder.join("heads.json"));
    std::fs::write(&file, Decoder::llama(32, 32).program())?;
    let row = |what: &str, (limit_s, limit_bytes): (f64, f64), usage: Usage| {
        let (cpu_s, peak, limit) = (usage.cpu_s, usage.peak_bytes / 1e6, limit_bytes / 1e6);
        println!("32 x 32 heads {what:<15} {cpu_s:>8.3} s   below {limit_s:.1} s {peak:>6.0} MB   below {limit:.0} MB");
    };
    for (what, passes, limit_s, limit_bytes) in APART {
        let out = folder.join("heads.out.mlir");
        row(
            what,
            (limit_s, limit_bytes),
            measure(|| run(Command::new(prism).arg("opt").arg(&file).args(["-p", passes]).arg("--output").arg(&out)))?,
        );
    }
    run(Command::new(prism).args(["egraph", "export"]).arg(&file).arg("--output").arg(&graph))?;
    row("solved", SOLVED, measure(|| run(Command::new(prism).args(["egraph", "solve"]).arg(&graph)))?);
    Ok(())
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let done = match &args[..] {
        [flag] if flag == "--calibrate" => {
            black_box(calibrate());
            Ok(())
        }
        [prism, models] => report(prism, models),
        _ => Err(Error::other("usage: bench PRISM MODELS")),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("bench: {e}");
            ExitCode::from(2)
        }
    }
}
