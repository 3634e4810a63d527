//! The reference pages: Markdown made from the same tables that the commands read, so that neither can be wrong alone.
//!
//! One file per kind of thing; each gives text from a list that it does not own. Nothing in a page depends on where
//! or when it was made.

mod cli;
mod dialects;
mod errors;
mod markdown;
mod passes;
mod rules;
mod targets;

use prism_support::codes::{E0102, E0106};
use prism_support::{Diagnostic, Diagnostics, Result, files};
use std::collections::BTreeMap;
use std::path::Path;

/// All pages: path below the folder, and text.
pub fn pages() -> BTreeMap<String, String> {
    let mut pages = BTreeMap::from([
        ("cli.md".to_string(), cli::page()),
        ("dialects.md".to_string(), dialects::index()),
        ("errors.md".to_string(), errors::page()),
        ("passes.md".to_string(), passes::page()),
        ("rules.md".to_string(), rules::page()),
        ("target-fields.md".to_string(), targets::fields_page()),
        ("targets.md".to_string(), targets::page()),
    ]);
    pages.extend(dialects::pages());
    let index = index(&pages);
    pages.insert("README.md".to_string(), index);
    for text in pages.values_mut() {
        text.insert_str(0, "<!-- Made by `make docs` from the code; do not edit. -->\n\n");
    }
    pages
}

/// A list of the pages by their titles.
fn index(pages: &BTreeMap<String, String>) -> String {
    let title = |text: &str| text.lines().next().unwrap_or("").trim_start_matches("# ").to_string();
    let lines = pages.iter().map(|(path, text)| format!("- [{}]({path})\n", title(text)));
    format!("# Reference\n\n{}", lines.collect::<String>())
}

/// JSON schemas made from the same tables: path from the folder of the pages, and text.
pub fn schemas() -> BTreeMap<String, String> {
    let target = prism_hardware::target::fields::json_schema();
    BTreeMap::from([("../schema/target.schema.json".to_string(), format!("{target:#}\n"))])
}

/// Writes the pages below `folder`, and the schemas beside it; removes pages that are no longer made.
///
/// # Errors
/// When a file cannot be read, written or removed.
pub fn write(folder: &Path) -> Result<()> {
    let pages = pages();
    for (path, text) in pages.iter().chain(&schemas()) {
        files::write_in(folder, path, text.as_bytes())?;
    }
    for old in present(folder)?.keys().filter(|path| !pages.contains_key(*path)) {
        let path = folder.join(old);
        std::fs::remove_file(&path).map_err(|e| cannot("remove", &path, &e))?;
    }
    Ok(())
}

/// Compares the pages below `folder` with what the code says.
///
/// # Errors
/// [`E0106`] for every page that is missing, differs or should not be there.
pub fn check(folder: &Path) -> Result<()> {
    let (mut wanted, mut found) = (pages(), present(folder)?);
    let mut problems = Diagnostics::new();
    for (path, text) in schemas() {
        // A file that cannot be read is one that is missing.
        found.extend(std::fs::read_to_string(folder.join(&path)).ok().map(|text| (path.clone(), text)));
        wanted.insert(path, text);
    }
    let mut stale = |path: &str, what: &str| {
        let headline = format!("reference page `{}` {what}", folder.join(path).display());
        problems.push(Diagnostic::error(&E0106, headline).hint("run `make docs` and commit the result"));
    };
    for (path, text) in &wanted {
        match found.get(path) {
            None => stale(path, "is missing"),
            Some(there) if there != text => stale(path, "is not what the code says"),
            Some(_) => {}
        }
    }
    for path in found.keys().filter(|path| !wanted.contains_key(*path)) {
        stale(path, "is about nothing that exists");
    }
    problems.into_result(())
}

/// The Markdown files below `folder`, by path in it; two levels deep, as the pages are.
fn present(folder: &Path) -> Result<BTreeMap<String, String>> {
    let mut out = BTreeMap::new();
    collect(folder, "", &mut out)?;
    Ok(out)
}

fn collect(folder: &Path, prefix: &str, out: &mut BTreeMap<String, String>) -> Result<()> {
    if !folder.exists() {
        return Ok(());
    }
    let entries = std::fs::read_dir(folder).map_err(|e| cannot("read", folder, &e))?;
    for entry in entries {
        let path = entry.map_err(|e| cannot("read", folder, &e))?.path();
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        if path.is_dir() && prefix.is_empty() {
            collect(&path, &format!("{name}/"), out)?;
        } else if name.ends_with(".md") {
            let text = std::fs::read_to_string(&path).map_err(|e| cannot("read", &path, &e))?;
            out.insert(format!("{prefix}{name}"), text);
        }
    }
    Ok(())
}

fn cannot(verb: &str, path: &Path, reason: &std::io::Error) -> Diagnostic {
    Diagnostic::error(&E0102, format!("cannot {verb} `{}`", path.display())).found(reason.to_string())
}

#[cfg(test)]
mod tests {
    use super::{check, pages, write};
    use prism_support::codes::E0106;

    #[test]
    fn written_pages_pass_and_each_kind_of_staleness_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = folder.path().join("reference");
        write(&at).expect("written");
        check(&at).expect("fresh");
        std::fs::write(at.join("passes.md"), "old").expect("written");
        std::fs::remove_file(at.join("cli.md")).expect("removed");
        std::fs::write(at.join("ops").join("gone.md"), "x").expect("written");
        std::fs::remove_file(folder.path().join("schema/target.schema.json")).expect("removed");
        let problems = check(&at).expect_err("stale");
        let mut said: Vec<&str> = problems.0.iter().map(|d| d.headline.as_str()).collect();
        said.sort_by_key(|s| s.rsplit_once('`').map(|(_, tail)| tail.to_string()));
        assert_eq!(said.len(), 4, "{said:?}");
        assert!(said[0].ends_with("gone.md` is about nothing that exists"), "{said:?}");
        assert!(said[1].ends_with("is missing") && said[2].ends_with("is missing"), "{said:?}");
        assert!(said[3].ends_with("passes.md` is not what the code says"), "{said:?}");
        assert!(problems.0.iter().all(|d| std::ptr::eq(d.code, &E0106)));
        write(&at).expect("written");
        check(&at).expect("fresh again");
    }

    #[test]
    fn links_between_pages_lead_somewhere_and_every_page_is_in_the_index() {
        let pages = pages();
        for (path, text) in &pages {
            for link in text.split("](").skip(1).filter_map(|l| l.split(')').next()) {
                let file = link.split('#').next().unwrap_or("");
                let inside = !file.is_empty() && !file.starts_with("../../") && !file.contains("://");
                let from = path.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
                let to = format!("{from}{file}").replace("ops/../", "");
                assert!(!inside || pages.contains_key(&to), "{path} links to {link}");
            }
            assert!(path == "README.md" || pages["README.md"].contains(&format!("({path})")), "{path}");
        }
    }
}
