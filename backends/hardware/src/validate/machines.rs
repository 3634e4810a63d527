//! The machines that rows are computed on.

use crate::target::legacy::Legacy;
use crate::target::overrides::{Override, apply};
use crate::target::{SHIPPED, Target};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// A shipped machine with some of its fields changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// The shipped machine.
    pub target: &'static str,
    /// Fields of its text and their values: [`crate::target::overrides`].
    pub changes: Vec<(String, String)>,
    /// Slips of the publication: [`Legacy::NAMES`].
    pub legacy: &'static [&'static str],
}

impl Subject {
    /// The machine as it is shipped.
    pub fn shipped(target: &'static str) -> Subject {
        Subject { target, changes: Vec::new(), legacy: &[] }
    }

    /// The same with a field changed.
    pub fn set(mut self, path: &str, value: impl ToString) -> Subject {
        self.changes.push((path.into(), value.to_string()));
        self
    }

    /// The same with these slips on.
    pub fn slips(mut self, legacy: &'static [&'static str]) -> Subject {
        self.legacy = legacy;
        self
    }
}

type Key = (&'static str, Vec<(String, String)>);

/// Reads machines, each once.
pub struct Machines<'a> {
    text: &'a dyn Fn(&str) -> Option<String>,
    read: RefCell<BTreeMap<Key, Option<Rc<Target>>>>,
}

impl<'a> Machines<'a> {
    /// Machines whose files `text` gives.
    pub fn new(text: &'a dyn Fn(&str) -> Option<String>) -> Machines<'a> {
        Machines { text, read: RefCell::default() }
    }

    /// The text of the shipped machine of that name.
    pub fn shipped(name: &str) -> Option<String> {
        SHIPPED.iter().find(|(known, _)| *known == name).map(|(_, text)| (*text).to_string())
    }

    /// The machine; none when its file or a change of it does not read, which is a slip in our own list.
    pub(super) fn get(&self, subject: &Subject, slips: bool) -> Option<Target> {
        let key = (subject.target, subject.changes.clone());
        let read = || self.read(subject).map(Rc::new);
        let target = self.read.borrow_mut().entry(key).or_insert_with(read).clone()?;
        Some(if slips { target.with_legacy(Legacy::of(subject.legacy)) } else { (*target).clone() })
    }

    fn read(&self, subject: &Subject) -> Option<Target> {
        let text = (self.text)(subject.target)?;
        let changes: Vec<Override> = subject.changes.iter().map(|(path, value)| Override::new(path, value)).collect();
        let text = apply(&text, &changes).ok()?;
        Target::parse(&format!("{}.toml", subject.target), &text).ok()
    }
}
