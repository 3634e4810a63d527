//! `make readme`: runs the commands that the pages show, and holds the output that they show to what comes out.
//!
//! Usage: `pages --prism PATH [--bless] PAGE...`, in the root of the repository. In a page,
//! - a block that starts with ```` ```sh ```` is run by bash, and each of its commands must succeed; with
//!   ```` ```sh exit=1 ```` the block must end with that code. The blocks of a page run in order, in one fresh folder
//!   that shows the repository's files and takes what is written;
//! - a ```` ```text ```` block right below is what the block prints, both streams; `--bless` rewrites it.
//!
//! Links to files must lead somewhere. `prism` is the given binary, and `make` only says what it would do: this runs inside of it.

use prism_tests::diff;
use prism_tests::pages::{Block, Page, links};
use std::fs;
use std::io::{Error, Result};
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

/// What the blocks see besides their own commands.
const PRELUDE: &str = r#"
exec 2>&1
set -euo pipefail
prism() { "$PRISM" "$@"; }
make() { command make --no-print-directory --dry-run "$@" >/dev/null; }
"#;

/// What a block printed, and its exit code.
struct Ran {
    output: String,
    code: Option<i32>,
}

/// A folder in which the repository's files seem to be.
struct Stage {
    folder: PathBuf,
}

impl Stage {
    fn new(root: &Path, number: usize) -> Result<Stage> {
        let folder = std::env::temp_dir().join(format!("prism-pages-{}-{number}", std::process::id()));
        fs::create_dir(&folder)?;
        for entry in fs::read_dir(root)? {
            let entry = entry?;
            let name = entry.file_name();
            // What commands write must land here, and what earlier runs wrote must not be seen.
            if !name.to_string_lossy().starts_with("prism-") {
                symlink(entry.path(), folder.join(name))?;
            }
        }
        Ok(Stage { folder })
    }

    fn run(&self, prism: &Path, commands: &str) -> Result<Ran> {
        let script = format!("{PRELUDE}{commands}");
        let mut bash = Command::new("bash");
        bash.arg("-c").arg(script).current_dir(&self.folder).env("PRISM", prism).stdin(Stdio::null());
        // A page is read by people who have not set these.
        for name in ["PRISM_TARGET", "CLICOLOR_FORCE"] {
            bash.env_remove(name);
        }
        let output = bash.output()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        Ok(Ran { output: text + &String::from_utf8_lossy(&output.stderr), code: output.status.code() })
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // A folder left in the temporary directory is no reason to fail.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// What is wrong with a block, if anything.
fn problem(block: &Block, ran: &Ran) -> Option<String> {
    if ran.code != Some(block.exit) {
        return Some(format!("exit code {:?} instead of {}; it printed\n{}", ran.code, block.exit, ran.output));
    }
    let shown = block.shown.as_ref()?;
    (*shown != ran.output).then(|| format!("it prints something else\n{}", diff::unified(shown, &ran.output)))
}

/// Follows the links of a page; the number of them and of those that lead nowhere.
fn follow(path: &str, text: &str) -> (usize, usize) {
    let folder = Path::new(path).parent().unwrap_or(Path::new(""));
    let links = links(text);
    let dead: Vec<_> = links.iter().filter(|(_, to)| !folder.join(to).exists()).collect();
    for (line, to) in &dead {
        println!("{path}:{line}: the link to {to} leads nowhere");
    }
    (links.len(), dead.len())
}

/// Runs a page; the number of its blocks and links, and of those that failed.
fn check(path: &str, number: usize, prism: &Path, bless: bool) -> Result<(usize, usize)> {
    let text = fs::read_to_string(path)?;
    let mut page = Page::parse(&text).map_err(|e| Error::other(format!("{path}:{e}")))?;
    let stage = Stage::new(&std::env::current_dir()?, number)?;
    let (followed, mut failed) = follow(path, &text);
    for block in &mut page.blocks {
        let ran = stage.run(prism, &block.commands)?;
        if bless && block.shown.is_some() && ran.code == Some(block.exit) {
            block.shown = Some(ran.output.clone());
        }
        if let Some(problem) = problem(block, &ran) {
            failed += 1;
            println!("{path}:{}: {problem}\nthe block:\n{}", block.line, block.commands);
        }
    }
    if bless {
        fs::write(path, page.text())?;
    }
    println!("{path}: {} blocks, {followed} links, {failed} failed", page.blocks.len());
    Ok((page.blocks.len() + followed, failed))
}

fn run() -> Result<bool> {
    let (mut prism, mut bless, mut pages) = (None, false, Vec::new());
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--prism" => prism = args.next(),
            "--bless" => bless = true,
            _ => pages.push(arg),
        }
    }
    let (Some(prism), false) = (prism, pages.is_empty()) else {
        return Err(Error::other("usage: pages --prism PATH [--bless] PAGE..."));
    };
    let prism = fs::canonicalize(prism)?;
    let (mut blocks, mut failed) = (0, 0);
    for (number, page) in pages.iter().enumerate() {
        let (of_page, bad) = check(page, number, &prism, bless)?;
        (blocks, failed) = (blocks + of_page, failed + bad);
    }
    println!("{} passed, {failed} failed", blocks - failed);
    if failed > 0 {
        println!("`make readme BLESS=1` rewrites shown output; a command that fails is to be mended by hand");
    }
    Ok(failed == 0)
}

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(e) => {
            eprintln!("pages: {e}");
            ExitCode::from(2)
        }
    }
}
