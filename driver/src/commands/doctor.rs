//! `prism doctor`: is everything that building and running Prism needs there?

use crate::console::Console;
use crate::table::table;
use prism_dialects::mlir::Session;
use prism_support::codes::E0105;
use prism_support::{Diagnostic, Result};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Arguments of `prism doctor`.
#[derive(Debug, clap::Args)]
pub struct Args {}

/// The version of LLVM and MLIR that Prism is built with.
const LLVM: &str = "22";
/// Variable that says where they are, and where Debian puts them.
const PREFIX_VARIABLE: &str = "MLIR_SYS_220_PREFIX";
const PREFIX: &str = "/usr/lib/llvm-22";

/// One thing that is needed.
struct Check {
    name: &'static str,
    /// What is there, or why it is not enough.
    state: std::result::Result<String, String>,
    /// The Debian package that has it; empty where none has.
    package: &'static str,
}

/// Prints one line per check.
///
/// # Errors
/// [`E0105`] with the line to paste when something is missing.
pub fn run(_: &Args, console: &Console) -> Result<()> {
    let checks = checks();
    let word = |c: &Check| if c.state.is_ok() { "ok" } else { "missing" };
    let said = |c: &Check| c.state.clone().unwrap_or_else(|why| why);
    if console.json() {
        let row = |c: &Check| json!({ "check": c.name, "state": word(c), "found": said(c), "package": c.package });
        console.data(&format!("{:#}\n", json!(checks.iter().map(row).collect::<Vec<_>>())))?;
    } else {
        let rows: Vec<Vec<String>> = checks.iter().map(|c| vec![word(c).into(), c.name.into(), said(c)]).collect();
        console.data(&table(&["state", "what", "found"], &rows))?;
    }
    let missing: Vec<&Check> = checks.iter().filter(|c| c.state.is_err()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = missing.iter().map(|c| c.name).collect();
    let error = Diagnostic::error(&E0105, format!("{} of {} checks fail", missing.len(), checks.len()));
    Err(error.found(format!("missing: {}", names.join(", "))).hint(fix(&missing)).into())
}

/// One line to paste.
fn fix(missing: &[&Check]) -> String {
    let mut packages: Vec<&str> = missing.iter().map(|c| c.package).filter(|p| !p.is_empty()).collect();
    packages.sort_unstable();
    packages.dedup();
    let mut steps = Vec::new();
    if !packages.is_empty() {
        let sudo = if rustix::process::geteuid().is_root() { "" } else { "sudo " };
        steps.push(format!("{sudo}apt-get install -y {}", packages.join(" ")));
    }
    if missing.iter().any(|c| ["rustc", "cargo"].contains(&c.name)) {
        steps.push(format!("rustup toolchain install {}", env!("CARGO_PKG_RUST_VERSION")));
    }
    if steps.is_empty() {
        steps.push("cargo clean -p mlir-sys && cargo build --release".into());
    }
    steps.join(" && ")
}

fn checks() -> Vec<Check> {
    let prefix = PathBuf::from(std::env::var(PREFIX_VARIABLE).unwrap_or_else(|_| PREFIX.into()));
    let at = |file: &str| file_in(&prefix, file);
    let tool = |name, package| Check { name, state: runs(Path::new(name)), package };
    let library = |name, file: &str, package| Check { name, state: at(file), package };
    let header = |name, file: &str, package| Check { name, state: file_in(Path::new("/usr/include"), file), package };
    vec![
        Check { name: "rustc", state: rust("rustc"), package: "" },
        Check { name: "cargo", state: rust("cargo"), package: "" },
        tool("c++", "build-essential"),
        tool("cmake", "cmake"),
        Check { name: "llvm-config-22", state: llvm_config(&prefix), package: "llvm-22-dev" },
        library("MLIR headers", "include/mlir-c/IR.h", "libmlir-22-dev"),
        library("MLIR libraries", "lib/libMLIRCAPIIR.a", "libmlir-22-dev"),
        library("mlir-opt", "bin/mlir-opt", "mlir-22-tools"),
        library("Polly", "lib/libPolly.a", "libpolly-22-dev"),
        library("libclang", "lib/libclang.so", "libclang-22-dev"),
        header("zlib", "zlib.h", "zlib1g-dev"),
        header("zstd", "zstd.h", "libzstd-dev"),
        header("libxml2", "libxml2/libxml/parser.h", "libxml2-dev"),
        header("z3", "z3.h", "libz3-dev"),
        Check { name: "dialects load", state: dialects(), package: "" },
    ]
}

fn file_in(folder: &Path, file: &str) -> std::result::Result<String, String> {
    let path = folder.join(file);
    if path.exists() { Ok(path.display().to_string()) } else { Err(format!("no {}", path.display())) }
}

/// The first line that `tool --version` prints.
fn runs(tool: &Path) -> std::result::Result<String, String> {
    let shown = tool.display();
    let out = Command::new(tool).arg("--version").output().map_err(|e| format!("{shown} does not run: {e}"))?;
    if !out.status.success() {
        return Err(format!("`{shown} --version` fails"));
    }
    Ok(String::from_utf8_lossy(&out.stdout).lines().next().unwrap_or("").trim().to_string())
}

fn rust(tool: &str) -> std::result::Result<String, String> {
    let said = runs(Path::new(tool))?;
    let needed = env!("CARGO_PKG_RUST_VERSION");
    let found = said.split_whitespace().nth(1).unwrap_or("");
    if version(found) >= version(needed) { Ok(said) } else { Err(format!("{said}, {needed} or newer is needed")) }
}

/// Numbers of a version, such as `1.95.0`.
fn version(text: &str) -> Vec<u32> {
    text.split(['.', '-']).map_while(|part| part.parse().ok()).collect()
}

fn llvm_config(prefix: &Path) -> std::result::Result<String, String> {
    let path = prefix.join("bin/llvm-config");
    let version = runs(&path)?;
    match version.split('.').next() {
        Some(LLVM) => Ok(format!("{version}, {}", path.display())),
        _ => Err(format!("{version} in {}, {LLVM} is needed; set {PREFIX_VARIABLE}", prefix.display())),
    }
}

/// The MLIR inside this program takes our dialects.
fn dialects() -> std::result::Result<String, String> {
    let linked = linked_llvm();
    match Session::new() {
        Ok(_) if linked.starts_with(LLVM) => {
            Ok(format!("{} dialects in the LLVM {linked} of this program", prism_dialects::registry::DIALECTS.len()))
        }
        Ok(_) => Err(format!("this program contains LLVM {linked}, {LLVM} is needed")),
        Err(problems) => Err(problems.to_string()),
    }
}

unsafe extern "C" {
    /// `llvm-c/Core.h`: the version of the LLVM linked in.
    fn LLVMGetVersion(major: *mut u32, minor: *mut u32, patch: *mut u32);
}

fn linked_llvm() -> String {
    let (mut major, mut minor, mut patch) = (0, 0, 0);
    // SAFETY: the function writes to three valid integers and keeps nothing.
    unsafe { LLVMGetVersion(&mut major, &mut minor, &mut patch) };
    format!("{major}.{minor}.{patch}")
}

#[cfg(test)]
mod tests {
    use super::{Check, checks, fix, version};

    #[test]
    fn set_up_installs_every_package_that_a_check_asks_for() {
        let installed = include_str!("../../../scripts/debian-packages");
        let listed = |package: &str| installed.lines().any(|l| l.split_whitespace().next() == Some(package));
        let unlisted: Vec<&str> = checks().iter().map(|c| c.package).filter(|p| !p.is_empty() && !listed(p)).collect();
        assert!(unlisted.is_empty(), "{unlisted:?}");
    }

    #[test]
    fn the_fix_is_one_line_with_each_package_once() {
        let lacking = |name, package| Check { name, state: Err("no".into()), package };
        let checks = [
            lacking("MLIR headers", "libmlir-22-dev"),
            lacking("MLIR libraries", "libmlir-22-dev"),
            lacking("rustc", ""),
        ];
        let line = fix(&checks.iter().collect::<Vec<_>>());
        assert!(line.ends_with(&format!(
            "apt-get install -y libmlir-22-dev && rustup toolchain install {}",
            env!("CARGO_PKG_RUST_VERSION")
        )));
        assert!(
            version("1.95.0") >= version("1.95")
                && version("1.100.1") > version("1.95.0")
                && version("1.9") < version("1.95")
        );
    }
}
