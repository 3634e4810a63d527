//! Room in a working memory: which tasks must wait until others have read what they hold there.
//!
//! Tasks are looked at in the program's order, in which operands come first. The result of a task takes room from the task's
//! start until its last reader has ended. A task may start only when the results of all tasks before it, those freed by
//! tasks that it waits for left out, and its own result fit. Where they do not, it waits for the readers of more of them,
//! earliest first; a wait that follows from another is not added. Whatever starts in whatever order then fits: at any time,
//! take the task started last in program order; its condition counted everything that is there.
//!
//! What is freed by waiting for the first results, in order of their last readers, is the same for all tasks after those
//! readers. So it is found once, and a task looks for how many it needs by halves.

use super::seen::{Holder, Holders, Seen};

/// What is known of a task's result.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Held {
    /// Tasks that it waits for.
    pub(super) after: Vec<u32>,
    /// Bytes that its result takes.
    pub(super) bytes: u64,
}

/// What came of making room.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Room {
    /// The most bytes that results take.
    pub(super) most: u64,
    /// Tasks looked at.
    pub(super) steps: u64,
}

/// Adds to each task what it must wait for so that results never take more than `capacity` bytes. `Err` names the first task
/// for which there is no room however long it waits, and the bytes it would need.
pub(super) fn make_room(tasks: &mut [Held], capacity: u64) -> Result<Room, (usize, u64)> {
    let holders = holders(tasks);
    let mut seen: Vec<Seen> = Vec::with_capacity(tasks.len());
    let mut freed = Freed::default();
    let mut made: u128 = 0;
    let mut room = Room { most: 0, steps: 0 };
    for (i, task) in tasks.iter_mut().enumerate() {
        let mut now = Seen::default();
        // The latest first: it has seen most, and the others add to it.
        for before in task.after.iter().rev().map(|b| *b as usize) {
            if let Some(then) = seen.get(before).filter(|_| !now.ended.has(before)) {
                room.steps += now.join(before, then, &holders);
            }
        }
        made += u128::from(task.bytes);
        let taken = |seen: &Seen| u64::try_from(made.saturating_sub(seen.free_bytes)).unwrap_or(u64::MAX);
        if task.bytes > 0 && taken(&now) > capacity {
            room.steps += freed.grow(i, &seen, &holders);
            let (wanted, then) = freed.fewest(&now, &holders, |then| taken(then) <= capacity, &mut room.steps);
            if taken(&then) > capacity {
                return Err((i, taken(&then)));
            }
            let waits = waits(&mut now, then.count, wanted, (&seen, &holders), &mut room.steps);
            task.after.extend(waits.iter().map(|r| u32::try_from(*r).unwrap_or(u32::MAX)));
        }
        if task.bytes > 0 {
            room.most = room.most.max(taken(&now));
        }
        seen.push(now);
    }
    Ok(room)
}

/// What a task has seen that waits for all readers of the first results to be free, by how many results: results in the order
/// of their last readers.
#[derive(Default)]
struct Freed(Vec<Seen>);

impl Freed {
    /// Goes on to all results that are read for the last time before `task`.
    fn grow(&mut self, task: usize, seen: &[Seen], holders: &Holders) -> u64 {
        let mut steps = 0;
        while let Some(holder) = holders.all.get(self.0.len()).filter(|h| h.readers.last().is_some_and(|r| *r < task)) {
            let mut then = self.0.last().cloned().unwrap_or_default();
            for reader in holder.readers.iter().rev() {
                if let Some(before) = seen.get(*reader).filter(|_| !then.ended.has(*reader)) {
                    steps += then.join(*reader, before, holders);
                }
            }
            self.0.push(then);
        }
        steps
    }

    /// The fewest results that must be free beside what is free `now` for it to be `enough`, and what has been seen then; all
    /// of them where that is not enough either. More of them free no less, so that halves will do.
    fn fewest(&self, now: &Seen, holders: &Holders, enough: impl Fn(&Seen) -> bool, steps: &mut u64) -> (usize, Seen) {
        let mut with = |count: usize| {
            let mut then = now.clone();
            if let Some(freed) = count.checked_sub(1).and_then(|i| self.0.get(i)) {
                *steps += then.join_all(freed, holders);
            }
            then
        };
        let (mut low, mut high) = (0, self.0.len());
        let mut best = with(high);
        while low + 1 < high {
            let middle = low.midpoint(high);
            let then = with(middle);
            if enough(&then) {
                (high, best) = (middle, then);
            } else {
                low = middle;
            }
        }
        (high, best)
    }
}

/// Readers of the first `wanted` results that a task which has seen `now` must wait for to see as many tasks as `all`; none
/// that another of them waits for anyway.
fn waits(
    now: &mut Seen,
    all: usize,
    wanted: usize,
    (seen, holders): (&[Seen], &Holders),
    steps: &mut u64,
) -> Vec<usize> {
    let mut waits: Vec<usize> = Vec::new();
    // The last of them wait for most of the others.
    let readers = holders.all.iter().take(wanted).rev().flat_map(|h| h.readers.iter().rev());
    for reader in readers {
        if now.count == all {
            break;
        }
        if let Some(then) = seen.get(*reader).filter(|_| !now.ended.has(*reader)) {
            *steps += now.join(*reader, then, holders);
            waits.retain(|w| !then.ended.has(*w));
            waits.push(*reader);
        }
    }
    waits.sort_unstable();
    waits
}

/// Results that take room until they have been read. What nobody reads stays to the end.
fn holders(tasks: &[Held]) -> Holders {
    let mut readers: Vec<Vec<usize>> = vec![Vec::new(); tasks.len()];
    for (reader, task) in tasks.iter().enumerate() {
        for before in &task.after {
            readers[*before as usize].push(reader);
        }
    }
    let results = tasks.iter().zip(readers).filter(|(task, readers)| task.bytes > 0 && !readers.is_empty());
    Holders::new(tasks.len(), results.map(|(task, readers)| Holder { bytes: task.bytes, readers }).collect())
}

#[cfg(test)]
mod tests {
    use super::{Held, make_room};

    fn most(tasks: &mut [Held], capacity: u64) -> Result<u64, (usize, u64)> {
        make_room(tasks, capacity).map(|room| room.most)
    }

    fn chain(bytes: &[u64]) -> Vec<Held> {
        let task =
            |(i, b): (usize, &u64)| Held { after: (i > 0).then(|| i as u32 - 1).into_iter().collect(), bytes: *b };
        bytes.iter().enumerate().map(task).collect()
    }

    #[test]
    fn a_chain_needs_room_for_two_neighbours() {
        let mut tasks = chain(&[10, 20, 30, 0]);
        assert_eq!(most(&mut tasks, 50), Ok(50));
        assert_eq!(most(&mut chain(&[10, 20, 30, 0]), 49), Err((2, 50)));
    }

    #[test]
    fn what_could_come_early_waits_for_room() {
        // Two pairs of load and reader: the second load would fit only when the first reader has ended.
        let load = || Held { after: Vec::new(), bytes: 60 };
        let reader = |of: u32| Held { after: vec![of], bytes: 0 };
        let mut tasks = vec![load(), reader(0), load(), reader(2)];
        assert_eq!(most(&mut tasks, 100), Ok(60));
        assert_eq!(tasks[2].after, [1]);
        let mut tasks = vec![load(), reader(0), load(), reader(2)];
        assert_eq!(most(&mut tasks, 120), Ok(120));
        assert!(tasks[2].after.is_empty());
    }

    /// What [`make_room`] says, written down as it says it: every result that is still read, looked at for every task.
    fn by_definition(tasks: &mut [Held], capacity: u64) -> Result<u64, (usize, u64)> {
        let count = tasks.len();
        let mut readers: Vec<Vec<usize>> = vec![Vec::new(); count];
        for (reader, task) in tasks.iter().enumerate() {
            for before in &task.after {
                readers[*before as usize].push(reader);
            }
        }
        // A result that nobody reads stays to the end.
        let last_reader: Vec<usize> = readers.iter().map(|r| r.iter().copied().max().unwrap_or(usize::MAX)).collect();
        let mut ancestors: Vec<Vec<bool>> = Vec::with_capacity(count);
        let mut holders: Vec<usize> = Vec::new();
        let mut most = 0;
        for task in 0..count {
            let mut above = vec![false; count];
            for before in &tasks[task].after {
                add(&mut above, *before as usize, &ancestors);
            }
            let own = tasks[task].bytes;
            if own > 0 {
                holders.push(task);
            }
            loop {
                let is_free = |h: usize| last_reader[h] < task && readers[h].iter().all(|r| above[*r]);
                let held: Vec<usize> = holders.iter().copied().filter(|h| !is_free(*h)).collect();
                let taken = held.iter().fold(0u64, |sum, h| sum.saturating_add(tasks[*h].bytes));
                if taken <= capacity || own == 0 {
                    most = most.max(if own == 0 { 0 } else { taken });
                    break;
                }
                let next = held.iter().copied().filter(|h| last_reader[*h] < task).min_by_key(|h| last_reader[*h]);
                let Some(next) = next else { return Err((task, taken)) };
                for reader in &readers[next] {
                    if !above[*reader] {
                        add(&mut above, *reader, &ancestors);
                        tasks[task].after.push(u32::try_from(*reader).unwrap_or(u32::MAX));
                    }
                }
            }
            ancestors.push(above);
        }
        Ok(most)
    }

    fn add(above: &mut [bool], task: usize, ancestors: &[Vec<bool>]) {
        above[task] = true;
        above.iter_mut().zip(&ancestors[task]).for_each(|(a, b)| *a |= b);
    }

    /// Numbers below a bound, the same every time.
    struct Draw(u64);

    impl Draw {
        fn below(&mut self, bound: usize) -> usize {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (self.0 >> 33) as usize % bound
        }
    }

    /// Layers of a few tasks each, with loads that wait for nothing, results that are read late, and results that nobody reads.
    fn random(draw: &mut Draw, count: usize) -> Vec<Held> {
        let task = |i: usize| {
            let reach = if draw.below(8) == 0 { i } else { i.min(6) };
            let reads = if draw.below(4) == 0 { 0 } else { draw.below(4) };
            let mut after: Vec<u32> =
                (0..reads).filter(|_| reach > 0).map(|_| (i - 1 - draw.below(reach.max(1))) as u32).collect();
            after.sort_unstable();
            after.dedup();
            Held { after, bytes: if draw.below(3) == 0 { 0 } else { 1 + draw.below(20) as u64 } }
        };
        (0..count).map(task).collect()
    }

    /// For each task everything that it waits for, directly or not.
    fn closure(tasks: &[Held]) -> Vec<Vec<bool>> {
        let mut all: Vec<Vec<bool>> = Vec::new();
        for task in tasks {
            let mut above = vec![false; tasks.len()];
            task.after.iter().for_each(|before| add(&mut above, *before as usize, &all));
            all.push(above);
        }
        all
    }

    #[test]
    fn waits_are_those_of_the_definition_but_for_what_follows_from_others() {
        let mut draw = Draw(1);
        let (mut waited, mut refused, mut fewer) = (0, 0, 0);
        for round in 0..300 {
            // Some of them longer than a page of a set.
            let count = if round % 150 == 0 { 1100 } else { 1 + draw.below(60) };
            let given = random(&mut draw, count);
            let capacity = (20 + draw.below(12 * count)) as u64;
            let (mut fast, mut plain) = (given.clone(), given.clone());
            let found = most(&mut fast, capacity);
            let expected = by_definition(&mut plain, capacity);
            assert_eq!(found, expected, "round {round}");
            // Up to the first task without room both say the same of every task.
            let sure = expected.map_or_else(|(task, _)| task, |_| count);
            assert!(closure(&fast[..sure]) == closure(&plain[..sure]), "round {round}");
            for (i, (task, given)) in fast.iter().zip(&given).enumerate().take(sure) {
                let (before, waits) = task.after.split_at(given.after.len());
                assert_eq!(before, given.after, "round {round}");
                assert!(waits.iter().all(|w| plain[i].after.contains(w)), "round {round}, task {i}");
                fewer += plain[i].after.len() - task.after.len();
            }
            waited += usize::from(found.is_ok() && fast != given);
            refused += usize::from(found.is_err());
        }
        assert!(waited > 25 && refused > 25, "{waited} waited, {refused} were refused");
        assert!(fewer > 100, "{fewer} waits follow from others");
    }

    /// Layers that each load weights, which wait for nothing of their own: every load waits for room.
    #[test]
    fn work_grows_with_layers_where_all_wait() {
        let layers = |count: u32| -> Vec<Held> {
            let of = |i: u32| {
                let before = i.checked_sub(1).map(|before| 2 * before + 1);
                let result = Held { after: before.into_iter().chain([2 * i]).collect(), bytes: 20 };
                [Held { after: Vec::new(), bytes: 40 }, result]
            };
            (0..count).flat_map(of).collect()
        };
        let steps = |count: u32| {
            let mut tasks = layers(count);
            let room = make_room(&mut tasks, 100).expect("fits");
            assert_eq!(room.most, 100);
            assert!(tasks.iter().all(|task| task.after.len() <= 2), "a wait for the latest is a wait for all");
            // All loads but two, and the first reader.
            assert_eq!(tasks.iter().filter(|task| task.after.len() == 1).count() as u32, count - 1);
            room.steps as f64
        };
        let [few, some, many] = [500, 1000, 2000].map(steps);
        assert!(some < 2.5 * few && many < 2.5 * some, "{few}, {some}, {many}");
    }
}
