//! Room in a working memory: which tasks must wait until others have read what they hold there.
//!
//! Tasks are looked at in the program's order, in which operands come first. The result of a task takes room from the task's
//! start until its last reader has ended. A task may start only when the results of all tasks before it, those freed by
//! tasks that it waits for left out, and its own result fit. Where they do not, it waits for the readers of more of them,
//! earliest first. Whatever starts in whatever order then fits: at any time, take the task started last in program order;
//! its condition counted everything that is there.

/// What is known of a task's result.
pub(super) struct Held {
    /// Tasks that it waits for.
    pub(super) after: Vec<u32>,
    /// Bytes that its result takes.
    pub(super) bytes: u64,
}

/// A set of tasks.
struct Set(Vec<u64>);

impl Set {
    fn new(tasks: usize) -> Self {
        Set(vec![0; tasks.div_ceil(64)])
    }

    fn has(&self, task: usize) -> bool {
        self.0.get(task / 64).is_some_and(|word| word >> (task % 64) & 1 == 1)
    }

    fn add(&mut self, task: usize) {
        if let Some(word) = self.0.get_mut(task / 64) {
            *word |= 1 << (task % 64);
        }
    }

    fn add_all(&mut self, other: &Set) {
        for (word, more) in self.0.iter_mut().zip(&other.0) {
            *word |= more;
        }
    }
}

/// Adds to each task what it must wait for so that results never take more than `capacity` bytes; returns the most that they
/// take. `Err` names the first task for which there is no room however long it waits, and the bytes it would need.
pub(super) fn make_room(tasks: &mut [Held], capacity: u64) -> Result<u64, (usize, u64)> {
    let count = tasks.len();
    let mut readers: Vec<Vec<usize>> = vec![Vec::new(); count];
    for (reader, task) in tasks.iter().enumerate() {
        for before in &task.after {
            readers[*before as usize].push(reader);
        }
    }
    // A result that nobody reads stays to the end.
    let last_reader: Vec<usize> = readers.iter().map(|r| r.iter().copied().max().unwrap_or(usize::MAX)).collect();
    let mut ancestors: Vec<Set> = Vec::with_capacity(count);
    let mut holders: Vec<usize> = Vec::new();
    let mut most = 0;
    for task in 0..count {
        let mut above = Set::new(count);
        for before in &tasks[task].after {
            above.add(*before as usize);
            above.add_all(&ancestors[*before as usize]);
        }
        let own = tasks[task].bytes;
        if own > 0 {
            holders.push(task);
        }
        loop {
            let is_free = |h: usize| last_reader[h] < task && readers[h].iter().all(|r| above.has(*r));
            let held: Vec<usize> = holders.iter().copied().filter(|h| !is_free(*h)).collect();
            let taken = held.iter().fold(0u64, |sum, h| sum.saturating_add(tasks[*h].bytes));
            if taken <= capacity || own == 0 {
                most = most.max(if own == 0 { 0 } else { taken });
                break;
            }
            let next = held.iter().copied().filter(|h| last_reader[*h] < task).min_by_key(|h| last_reader[*h]);
            let Some(next) = next else { return Err((task, taken)) };
            for reader in &readers[next] {
                if !above.has(*reader) {
                    above.add(*reader);
                    above.add_all(&ancestors[*reader]);
                    tasks[task].after.push(u32::try_from(*reader).unwrap_or(u32::MAX));
                }
            }
        }
        ancestors.push(above);
    }
    Ok(most)
}

#[cfg(test)]
mod tests {
    use super::{Held, make_room};

    fn chain(bytes: &[u64]) -> Vec<Held> {
        let task =
            |(i, b): (usize, &u64)| Held { after: (i > 0).then(|| i as u32 - 1).into_iter().collect(), bytes: *b };
        bytes.iter().enumerate().map(task).collect()
    }

    #[test]
    fn a_chain_needs_room_for_two_neighbours() {
        let mut tasks = chain(&[10, 20, 30, 0]);
        assert_eq!(make_room(&mut tasks, 50), Ok(50));
        assert_eq!(make_room(&mut chain(&[10, 20, 30, 0]), 49), Err((2, 50)));
    }

    #[test]
    fn what_could_come_early_waits_for_room() {
        // Two pairs of load and reader: the second load would fit only when the first reader has ended.
        let load = || Held { after: Vec::new(), bytes: 60 };
        let reader = |of: u32| Held { after: vec![of], bytes: 0 };
        let mut tasks = vec![load(), reader(0), load(), reader(2)];
        assert_eq!(make_room(&mut tasks, 100), Ok(60));
        assert_eq!(tasks[2].after, [1]);
        let mut tasks = vec![load(), reader(0), load(), reader(2)];
        assert_eq!(make_room(&mut tasks, 120), Ok(120));
        assert!(tasks[2].after.is_empty());
    }
}
