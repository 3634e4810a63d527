//! Jackson's preemptive schedule: the best bound of the form head + load + tail over all sets of jobs.

use std::cmp::{Ordering, Reverse};
use std::collections::BinaryHeap;

/// One job of a machine.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Job {
    /// It cannot start earlier, seconds.
    pub(crate) head: f64,
    /// It occupies the machine for so long, seconds; more than 0.
    pub(crate) load: f64,
    /// So much time must pass after it, seconds.
    pub(crate) tail: f64,
}

/// The three parts of the bound and the sum.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Parts {
    pub(crate) head: f64,
    pub(crate) load: f64,
    pub(crate) tail: f64,
}

impl Parts {
    pub(crate) fn sum(self) -> f64 {
        self.head + self.load + self.tail
    }
}

/// The most urgent job is the one with the longest tail; the position makes the order total.
#[derive(Clone, Copy, PartialEq)]
struct Urgent {
    tail: f64,
    job: Reverse<usize>,
}

impl Eq for Urgent {}

impl Ord for Urgent {
    fn cmp(&self, other: &Self) -> Ordering {
        self.tail.total_cmp(&other.tail).then(self.job.cmp(&other.job))
    }
}

impl PartialOrd for Urgent {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A stretch of time in which one job runs.
struct Piece {
    start: f64,
    end: f64,
    tail: f64,
}

/// The largest `min head + sum of loads + min tail` over all non-empty sets of `jobs`.
///
/// The makespan of the preemptive schedule that always runs the released job with the longest tail is
/// that maximum (J. Carlier, "The one-machine sequencing problem", Eur. J. Oper. Res. 11, 1982), so no
/// set has to be tried. O(n log n).
pub(crate) fn strongest(jobs: &[Job]) -> Parts {
    let pieces = preempt(jobs);
    let finish = |p: &Piece| p.end + p.tail;
    let worst = (0..pieces.len()).max_by(|&a, &b| finish(&pieces[a]).total_cmp(&finish(&pieces[b])));
    let Some(last) = worst else { return Parts::default() };
    let tail = pieces[last].tail;
    // Back to the last moment at which the machine was idle or busy with something less urgent: all that
    // runs from there on became available only then.
    let mut first = last;
    while first > 0 && pieces[first - 1].tail >= tail && pieces[first - 1].end >= pieces[first].start {
        first -= 1;
    }
    let load = pieces[first..=last].iter().map(|p| p.end - p.start).sum();
    Parts { head: pieces[first].start, load, tail }
}

fn preempt(jobs: &[Job]) -> Vec<Piece> {
    let mut by_head: Vec<usize> = (0..jobs.len()).collect();
    by_head.sort_by(|&a, &b| jobs[a].head.total_cmp(&jobs[b].head).then(a.cmp(&b)));
    let mut left: Vec<f64> = jobs.iter().map(|j| j.load).collect();
    let mut released = BinaryHeap::new();
    let mut coming = by_head.into_iter().peekable();
    let mut pieces = Vec::with_capacity(jobs.len());
    let mut now = 0.0_f64;
    loop {
        if released.is_empty() {
            let Some(&next) = coming.peek() else { return pieces };
            now = now.max(jobs[next].head);
        }
        while let Some(job) = coming.next_if(|&j| jobs[j].head <= now) {
            released.push(Urgent { tail: jobs[job].tail, job: Reverse(job) });
        }
        let Some(&Urgent { tail, job: Reverse(job) }) = released.peek() else { continue };
        let end = now + left[job];
        let until = coming.peek().map_or(end, |&next| end.min(jobs[next].head));
        pieces.push(Piece { start: now, end: until, tail });
        if until >= end {
            released.pop();
        } else {
            left[job] -= until - now;
        }
        now = until;
    }
}

#[cfg(test)]
mod tests {
    use super::{Job, strongest};

    fn job(head: f64, load: f64, tail: f64) -> Job {
        Job { head, load, tail }
    }

    /// The definition, over all sets.
    fn exhaustive(jobs: &[Job]) -> f64 {
        (1_u32..1 << jobs.len())
            .map(|set| {
                let chosen = jobs.iter().enumerate().filter(|(i, _)| set & (1 << i) != 0).map(|(_, j)| j);
                let (head, load, tail) =
                    chosen.fold((f64::MAX, 0.0, f64::MAX), |(h, l, t), j| (h.min(j.head), l + j.load, t.min(j.tail)));
                head + load + tail
            })
            .fold(0.0, f64::max)
    }

    #[test]
    fn finds_the_set_that_binds() {
        // The early job with the long tail binds alone; the two late ones bind together.
        assert_eq!(strongest(&[job(0.0, 1.0, 10.0), job(5.0, 1.0, 0.0)]).sum(), 11.0);
        let parts = strongest(&[job(0.0, 1.0, 0.0), job(5.0, 4.0, 2.0), job(6.0, 4.0, 2.0)]);
        assert_eq!((parts.head, parts.load, parts.tail), (5.0, 8.0, 2.0));
        assert_eq!(strongest(&[]).sum(), 0.0);
    }

    #[test]
    fn equals_the_maximum_over_all_sets() {
        let mut state = 7_u64;
        let mut draw = |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ((state >> 33) % below) as f64
        };
        for _ in 0..500 {
            let count = 1 + draw(8) as usize;
            let jobs: Vec<_> = (0..count).map(|_| job(draw(12), 1.0 + draw(5), draw(12))).collect();
            assert_eq!(strongest(&jobs).sum(), exhaustive(&jobs), "{jobs:?}");
        }
    }
}
