//! Energy against makespan over the whole of a problem.

use super::bound::{Limits, Stretches, rounding};
use super::hull::{Corner, hull};
use super::kinds::each_kind;
use super::net::{Net, Set, Way};
use super::problem::{Node, Problem};
use super::search::Guide;
use super::segment::{Segment, drop_self_supporting};
use std::rc::Rc;

/// One stretch with the classes that only it needs.
struct Part {
    segment: Segment,
    corners: Rc<Vec<Corner>>,
}

/// What the stretches of a problem can take, and how to choose between time and energy.
pub(super) struct Trade {
    parts: Vec<Part>,
    /// Energy of classes of no stretch that every choice makes.
    rest: f64,
    /// Which part moves on to its next corner, the greatest saving per time first.
    steps: Vec<usize>,
    /// Least energy at each time: corners, fastest first.
    pub(super) corners: Vec<(f64, f64)>,
}

impl Trade {
    /// The trade of a walk over stretches, with the energy that `energy` says.
    pub(super) fn new(walk: &Stretches, problem: &Problem, energy: &dyn Fn(&Node) -> f64, limits: &Limits) -> Trade {
        let mut net = with_energy(&walk.net, problem, energy);
        let must = drop_self_supporting(&mut net);
        let owner = owners(walk, &net);
        let mut segments = Vec::with_capacity(walk.all.len());
        let mut keys = Vec::with_capacity(walk.all.len());
        for (i, stretch) in walk.all.iter().enumerate() {
            let from = stretch.from.map(|f| walk.chain.classes[f]);
            let own = |c: u32| owner[c as usize] == Some(i);
            let inner = |c: u32| walk.is_inside(stretch, c);
            let segment = Segment::with_outer(&net, from, walk.chain.classes[stretch.to], &own, &inner);
            // What every choice makes is made, even where the end of the stretch could do without.
            let always = |c: &u32| must.has(segment.origin[*c as usize] as usize) && own(segment.origin[*c as usize]);
            let roots: Vec<u32> = (0..segment.net.len() as u32).filter(always).collect();
            let floor = stretch.solved.bound * (1.0 - rounding(segment.net.len()));
            keys.push(((segment.key(), roots.clone(), floor.to_bits()), segment.net.way_count()));
            segments.push((segment, roots, floor));
        }
        let hulls = each_kind(keys, limits.trade_effort, |i, share| {
            let (segment, roots, floor) = &segments[i];
            hull(&segment.net, roots, *floor, share)
        });
        let part = |((segment, _, _), corners): ((Segment, Vec<u32>, f64), _)| Part { segment, corners };
        let parts = segments.into_iter().zip(hulls).map(part).collect();
        let mut trade = Trade { parts, rest: rest(&net, &owner, &must), steps: Vec::new(), corners: Vec::new() };
        trade.add_up(net.len());
        trade
    }

    /// The sum of all hulls: from the fastest corners on, the step that saves most energy per time first.
    fn add_up(&mut self, classes: usize) {
        let mut steps: Vec<(f64, usize, f64, f64)> = Vec::new();
        let (mut time, mut energy) = (0.0, self.rest);
        for (i, part) in self.parts.iter().enumerate() {
            let Some(first) = part.corners.first() else { continue };
            time += first.time;
            energy += first.energy;
            for pair in part.corners.windows(2) {
                let (later, saved) = (pair[1].time - pair[0].time, pair[0].energy - pair[1].energy);
                steps.push((saved / later, i, later, saved));
            }
        }
        steps.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let safe = 1.0 - rounding(classes);
        self.corners = vec![(time * safe, energy * safe)];
        for (_, _, later, saved) in &steps {
            time += later;
            energy -= saved;
            self.corners.push((time * safe, energy.max(0.0) * safe));
        }
        self.steps = steps.into_iter().map(|s| s.1).collect();
    }

    /// How many plans differ along the hull.
    pub(super) fn len(&self) -> usize {
        self.steps.len() + 1
    }

    /// The most steps that make the fastest plan no longer than by `near`, relative.
    pub(super) fn near(&self, near: f64) -> usize {
        let fastest = self.corners.first().map_or(0.0, |c| c.0);
        self.corners.partition_point(|c| c.0 <= fastest * (1.0 + near)).saturating_sub(1)
    }

    /// The nodes that classes may have after the first `count` steps.
    pub(super) fn guide(&self, problem: &Problem, count: usize) -> Guide {
        let mut at = vec![0usize; self.parts.len()];
        self.steps.iter().take(count).for_each(|i| at[*i] += 1);
        let mut guide: Guide = vec![None; problem.classes.len()];
        for (part, corner) in self.parts.iter().zip(at) {
            let Some(ways) = part.corners.get(corner).and_then(|c| c.ways.as_ref()) else { continue };
            for (c, ways) in ways.iter().enumerate() {
                let all = &part.segment.net.ways[c];
                let nodes: Vec<u32> = ways.iter().filter_map(|w| all.get(*w as usize)).map(|w| w.node).collect();
                if let Some(slot) = guide.get_mut(part.segment.origin[c] as usize).filter(|_| !nodes.is_empty()) {
                    *slot = Some(nodes);
                }
            }
        }
        guide
    }
}

/// The net with another energy.
fn with_energy(net: &Net, problem: &Problem, energy: &dyn Fn(&Node) -> f64) -> Net {
    let of = |(c, ways): (usize, &Vec<Way>)| {
        let joules = |w: &Way| problem.classes.get(c).and_then(|k| k.nodes.get(w.node as usize)).map_or(0.0, energy);
        ways.iter().map(|w| Way { energy: joules(w), ..w.clone() }).collect()
    };
    Net { ways: net.ways.iter().enumerate().map(of).collect(), goal: net.goal, capacity: net.capacity.clone() }
}

/// The stretch that pays for each class: the one that it lies in, or else the last one that may need it. Whichever pays,
/// no class is paid for twice.
fn owners(walk: &Stretches, net: &Net) -> Vec<Option<usize>> {
    let mut owner: Vec<Option<usize>> = vec![None; net.len()];
    let mut within = vec![false; net.len()];
    for (i, stretch) in walk.all.iter().enumerate() {
        let mut todo = vec![walk.chain.classes[stretch.to]];
        while let Some(c) = todo.pop() {
            if !std::mem::replace(&mut within[c as usize], true) {
                owner[c as usize] = Some(i);
                let children = net.ways[c as usize].iter().flat_map(|w| &w.children);
                // What is derived from nothing on the chain may be made for any stretch.
                let inside = |k: &u32| walk.chain.after[*k as usize] > 0 && walk.is_inside(stretch, *k);
                todo.extend(children.copied().filter(inside));
            }
        }
    }
    let mut todo: Vec<usize> = (0..net.len()).filter(|c| within[*c]).collect();
    while let Some(c) = todo.pop() {
        for &k in net.ways[c].iter().flat_map(|w| &w.children) {
            let k = k as usize;
            if !within[k] && owner[k] < owner[c] {
                owner[k] = owner[c];
                todo.push(k);
            }
        }
    }
    owner
}

/// The least energy of classes of no stretch that every choice makes.
fn rest(net: &Net, owner: &[Option<usize>], must: &Set) -> f64 {
    let least = |c: usize| net.ways[c].iter().map(|w| w.energy).fold(f64::INFINITY, f64::min);
    must.iter().filter(|c| owner.get(*c) == Some(&None)).map(least).filter(|e| e.is_finite()).sum()
}
