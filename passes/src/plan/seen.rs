//! Which tasks have ended when a task starts, and whose results nobody reads any more by then.
//!
//! A set is a list of pages, and tasks share pages until they differ: along a chain most pages stay what they were. So a
//! task costs as much as is new to it, not as much as there is before it.

use std::rc::Rc;

const WORDS: usize = 16;
const PAGE: usize = 64 * WORDS;

type Page = [u64; WORDS];

/// A set of numbers; pages that are not there are empty.
#[derive(Clone, Debug, Default)]
pub(super) struct Set(Vec<Rc<Page>>);

impl Set {
    pub(super) fn has(&self, i: usize) -> bool {
        self.0.get(i / PAGE).is_some_and(|page| page[i % PAGE / 64] >> (i % 64) & 1 == 1)
    }

    fn add(&mut self, i: usize) {
        if self.0.len() <= i / PAGE {
            self.0.resize_with(i / PAGE + 1, Rc::default);
        }
        if let Some(page) = self.0.get_mut(i / PAGE) {
            Rc::make_mut(page)[i % PAGE / 64] |= 1 << (i % 64);
        }
    }

    /// The members that `other` does not have.
    fn without(&self, other: &Set) -> Vec<usize> {
        let mut out = Vec::new();
        for (at, page) in self.0.iter().enumerate() {
            let same = other.0.get(at);
            if same.is_some_and(|same| Rc::ptr_eq(page, same)) {
                continue;
            }
            for (w, word) in page.iter().enumerate() {
                let mut left = word & !same.map_or(0, |same| same[w]);
                while left != 0 {
                    out.push(at * PAGE + w * 64 + left.trailing_zeros() as usize);
                    left &= left - 1;
                }
            }
        }
        out
    }
}

/// A result that somebody reads.
#[derive(Clone, Debug)]
pub(super) struct Holder {
    pub(super) bytes: u64,
    /// Tasks that read it, ascending.
    pub(super) readers: Vec<usize>,
}

/// The results that take room, and which of them each task reads.
#[derive(Debug, Default)]
pub(super) struct Holders {
    /// In the order in which their last readers come.
    pub(super) all: Vec<Holder>,
    read_by: Vec<Vec<usize>>,
}

impl Holders {
    /// Of so many tasks; results in order of their tasks.
    pub(super) fn new(tasks: usize, mut all: Vec<Holder>) -> Self {
        all.sort_by_key(|h| h.readers.last().copied());
        let mut read_by = vec![Vec::new(); tasks];
        for (i, holder) in all.iter().enumerate() {
            for reader in &holder.readers {
                read_by[*reader].push(i);
            }
        }
        Holders { all, read_by }
    }
}

/// What has ended when a task starts.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    /// Tasks.
    pub(super) ended: Set,
    /// How many.
    pub(super) count: usize,
    /// Bytes of the results whose readers are all among them.
    pub(super) free_bytes: u128,
}

impl Seen {
    /// Adds a task and what it had seen; says how many tasks had to be looked at.
    pub(super) fn join(&mut self, task: usize, before: &Seen, holders: &Holders) -> u64 {
        let steps = self.join_all(before, holders);
        self.include(task, holders);
        steps
    }

    /// Adds all that had been seen elsewhere.
    pub(super) fn join_all(&mut self, before: &Seen, holders: &Holders) -> u64 {
        let mut other = before.clone();
        // The smaller is added to the larger.
        if other.count > self.count {
            std::mem::swap(self, &mut other);
        }
        let new = other.ended.without(&self.ended);
        new.iter().for_each(|task| self.include(*task, holders));
        new.len() as u64 + 1
    }

    fn include(&mut self, task: usize, holders: &Holders) {
        if self.ended.has(task) {
            return;
        }
        self.ended.add(task);
        self.count += 1;
        for i in holders.read_by.get(task).into_iter().flatten() {
            let holder = holders.all.get(*i).filter(|h| h.readers.iter().all(|r| self.ended.has(*r)));
            // Its last reader comes in but once.
            self.free_bytes += holder.map_or(0, |h| u128::from(h.bytes));
        }
    }
}
