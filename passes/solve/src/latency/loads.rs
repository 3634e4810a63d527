//! Bounds by the work on resources over the whole of a problem.

use super::bound::{Stretches, rounding};
use super::net::{Net, Way};
use super::problem::{Choice, Node, Problem};
use super::regions::Regions;
use super::segment::drop_self_supporting;
use crate::extraction::linear::Program;
use crate::extraction::{self, Limits};
use crate::schedule::{Job, strongest};
use prism_support::Result;
use std::collections::BTreeMap;

/// The least time before and after each class, stretches included.
pub(super) struct Reach {
    /// Earliest end.
    end: Vec<f64>,
    /// Least time from the end of a class to the end of everything.
    tail: Vec<f64>,
}

impl Reach {
    pub(super) fn new(stretches: &Stretches) -> Reach {
        let (net, chain) = (&stretches.net, &stretches.chain);
        let (mut before, mut after) = (vec![0.0; net.len()], vec![0.0; net.len()]);
        let mut sum = 0.0;
        for s in &stretches.all {
            sum += s.solved.bound;
            before[chain.classes[s.to] as usize] = sum;
        }
        sum = 0.0;
        for s in stretches.all.iter().rev() {
            after[chain.classes[s.to] as usize] = sum;
            sum += s.solved.bound;
        }
        let end = net.least(|_, way, most| most + way.latency, |c, v| v.max(before[c])).value;
        let end = end.iter().zip(&before).map(|(e, b)| e.max(*b)).collect();
        Reach { end, tail: net.tails(&after) }
    }

    /// Within one stretch.
    fn within(net: &Net) -> Reach {
        let end = net.least(|_, way, most| most + way.latency, |_, v| v).value;
        Reach { end, tail: net.tails(&vec![0.0; net.len()]) }
    }

    fn start(&self, way: &Way) -> f64 {
        way.children.iter().map(|k| self.end[*k as usize]).fold(0.0, f64::max)
    }
}

/// The resource that every choice keeps busy longest, and until when at least.
///
/// A class that every choice makes is made with classes that nothing but it needs. Whichever of them are chosen, together
/// they hold a resource for some time.
pub(super) fn unavoidable(net: &Net, reach: &Reach) -> Option<(u32, f64)> {
    let mut net = net.clone();
    let must = drop_self_supporting(&mut net);
    let (net, regions) = (&net, Regions::new(&net, &must));
    let mut jobs: Vec<Vec<Job>> = vec![Vec::new(); net.capacity.len()];
    for (r, jobs) in jobs.iter_mut().enumerate() {
        let mut known = BTreeMap::new();
        for region in &regions.all {
            let uses = || region.iter().flat_map(|c| net.ways[*c as usize].iter().map(move |w| (*c as usize, w)));
            let uses = || uses().filter(|(c, w)| held(w, r) > 0.0 && reach.tail[*c].is_finite());
            let head = uses().map(|(_, w)| reach.start(w)).fold(f64::INFINITY, f64::min);
            let rest = |(c, w): (usize, &Way)| (w.latency - held(w, r)).max(0.0) + reach.tail[c];
            let tail = uses().map(rest).fold(f64::INFINITY, f64::min);
            if !(head.is_finite() && tail.is_finite()) {
                continue;
            }
            let load = regions.least(net, region, &|w| held(w, r) / net.capacity[r], &mut known);
            if load > 0.0 && load.is_finite() {
                jobs.push(Job { head, load, tail });
            }
        }
    }
    let least = |(r, jobs): (usize, &Vec<Job>)| (r as u32, strongest(jobs).sum() * (1.0 - rounding(net.len())));
    jobs.iter().enumerate().map(least).max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)))
}

/// What the loads of a stretch make of a bound on it, with the resource that weighs most; `None` where that is not more than `floor`.
pub(super) fn of_stretch(net: &Net, floor: f64, mut extractions: u32) -> Option<(f64, u32)> {
    let problem = net.problem();
    let mut mix = Mix::new(&problem, net, &Reach::within(net), floor, &[]);
    // A stretch whose loads cannot be had keeps the bound that it has.
    let (makespan, weights) = mix.climb(f64::INFINITY, &mut extractions).ok()?;
    let heaviest = (0u32..).zip(weights).max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)))?;
    (makespan > floor).then_some((makespan, heaviest.0))
}

fn held(way: &Way, r: usize) -> f64 {
    way.uses.iter().find(|u| u.0 as usize == r).map_or(0.0, |u| u.1)
}

/// The largest least value of a weighted mean of loads: Lagrange's dual of the greatest load.
///
/// Weights come from the game between them and the choices that are known; the choice that is best against them is the next
/// to be known (J. E. Kelley, "The cutting-plane method for solving convex programs", J. SIAM 8, 1960).
pub(super) struct Mix<'a> {
    problem: &'a Problem,
    capacity: &'a [f64],
    /// For each resource, the least time before its first use and after its last.
    around: Vec<f64>,
    /// A bound that is known.
    floor: f64,
    /// The end at the earliest, by each resource, of each choice that is known.
    rows: Vec<Vec<f64>>,
    /// Choices met.
    pub(super) found: Vec<Choice>,
}

/// Iterations of the simplex method that a game may take: it has a row for each choice that is known.
const ITERATIONS: u64 = 10_000;
/// A gain below this, relative, ends the climb.
const GAIN: f64 = 1e-4;

impl<'a> Mix<'a> {
    pub(super) fn new(problem: &'a Problem, net: &'a Net, reach: &Reach, floor: f64, known: &[Choice]) -> Self {
        let (mut first, mut last) = (vec![f64::INFINITY; net.capacity.len()], vec![f64::INFINITY; net.capacity.len()]);
        for (c, ways) in net.ways.iter().enumerate().filter(|(c, _)| reach.tail[*c].is_finite()) {
            for way in ways {
                for &(r, time) in &way.uses {
                    let (first, last) = (&mut first[r as usize], &mut last[r as usize]);
                    *first = first.min(reach.start(way));
                    *last = last.min((way.latency - time).max(0.0) + reach.tail[c]);
                }
            }
        }
        // A choice may not use a resource at all; then only the floor holds.
        let sum = |(a, b): (&f64, &f64)| if a.is_finite() && b.is_finite() { (a + b).min(floor) } else { 0.0 };
        let around = first.iter().zip(&last).map(sum).collect();
        let mut mix = Mix { problem, capacity: &net.capacity, around, floor, rows: Vec::new(), found: Vec::new() };
        mix.rows = known.iter().map(|c| mix.row(c)).collect();
        mix
    }

    fn row(&self, choice: &Choice) -> Vec<f64> {
        let mut loads = self.around.clone();
        for (class, index) in self.problem.classes.iter().zip(choice) {
            let node = index.and_then(|n| class.nodes.get(n.index()));
            for &(r, time) in node.iter().flat_map(|n| &n.uses) {
                loads[r as usize] += time / self.capacity[r as usize];
            }
        }
        loads
    }

    /// The least of energy plus `price` times the weighted mean of loads, over all choices: with a makespan of `t`, no
    /// choice takes less than that minus `price * t`.
    pub(super) fn least(&self, weights: &[f64], price: f64, energy: &dyn Fn(&Node) -> f64) -> Result<(f64, Choice)> {
        let of = |n: &Node| energy(n) + price * self.mean(weights, n);
        let solution = extraction::solve(&self.problem.priced(&of), &Limits::default())?;
        let fixed: f64 = self.around.iter().zip(weights).map(|(a, w)| a * w).sum();
        let bound = (solution.bound + price * fixed) * (1.0 - rounding(self.problem.classes.len()));
        Ok((bound, solution.choice))
    }

    fn mean(&self, weights: &[f64], node: &Node) -> f64 {
        node.uses.iter().map(|u| weights[u.0 as usize] * u.1 / self.capacity[u.0 as usize]).sum()
    }

    /// The best bound found and its weights.
    pub(super) fn climb(&mut self, best: f64, extractions: &mut u32) -> Result<(f64, Vec<f64>)> {
        let mut found = (0.0, vec![0.0; self.capacity.len()]);
        let mut ceiling = f64::INFINITY;
        if self.capacity.is_empty() {
            return Ok(found);
        }
        while *extractions > 0 {
            let weights = if self.rows.is_empty() {
                vec![1.0 / (self.capacity.len() as f64 * (1.0 + rounding(self.capacity.len()))); self.capacity.len()]
            } else {
                let Some((weights, value)) = play(&self.rows) else { break };
                ceiling = value;
                weights
            };
            // No weights can give more than against the choices that are known.
            if ceiling <= self.floor.max(found.0) * (1.0 + GAIN) || found.0 >= best * (1.0 - GAIN) {
                break;
            }
            *extractions -= 1;
            let (bound, choice) = self.least(&weights, 1.0, &|_| 0.0)?;
            if bound > found.0 {
                found = (bound, weights);
            }
            let row = self.row(&choice);
            let again = self.rows.contains(&row);
            self.rows.push(row);
            self.found.push(choice);
            if again {
                break;
            }
        }
        Ok(found)
    }
}

/// Weights of the columns, no more than one in all, that make the least weighted mean over the rows as large as can be, and that mean: what the
/// first player of a game does. `None` where no linear program is solved.
fn play(rows: &[Vec<f64>]) -> Option<(Vec<f64>, f64)> {
    let columns = rows.first().map_or(0, Vec::len);
    let scale = rows.iter().flatten().fold(0.0, |a: f64, b| a.max(*b)).max(f64::MIN_POSITIVE);
    let mut game = Program::default();
    let weights: Vec<usize> = (0..columns).map(|_| game.column(0.0, [0.0, 1.0])).collect();
    let mean = game.column(-1.0, [0.0, 1.0]);
    game.row([1.0, 1.0], weights.iter().map(|w| (*w, 1.0)).collect());
    for row in rows {
        let loads = weights.iter().zip(row).map(|(w, load)| (*w, load / scale));
        game.row([0.0, f64::INFINITY], loads.chain([(mean, -1.0)]).collect());
    }
    let solved = game.solve(ITERATIONS)?.columns;
    let weights: Vec<f64> = solved.iter().take(columns).map(|w| w.clamp(0.0, 1.0)).collect();
    // No mean unless they add up to no more than one, rounding included.
    let total = weights.iter().sum::<f64>().max(1.0) * (1.0 + rounding(columns));
    let weights: Vec<f64> = weights.iter().map(|w| w / total).collect();
    Some((weights, solved.get(mean)? * scale))
}
