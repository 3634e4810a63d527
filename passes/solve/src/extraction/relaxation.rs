//! The linear relaxation of a part: the best shares that there are, and where choices are open.
//!
//! One row per class and what it needs, as in [`super::bound`], but for all that a node needs, however far below it lies: if either of two
//! children needs a third class, a reader needs it whole, where each child for itself would need it by half. The prices of the rows are
//! taken as shares, and what those prove is calculated anew: nothing rests on who solved the program.

use super::bound::Dual;
use super::implied::Needs;
use super::linear::{Optimum, Program};
use super::work::{Work, WorkNode};
use crate::certificate::Shares;
use std::collections::{BTreeMap, BTreeSet};

/// Largest part that is looked at, in nodes.
const LARGEST: usize = 200_000;
/// Products of a share and what is left of it up to which a choice is not open.
const OPEN: f64 = 1e-6;

/// What the relaxation says of a part.
pub(super) struct Relaxed {
    /// The bound.
    pub(super) dual: Dual,
    /// The class, or the node of a class that is there anyway, about which most is open, if anything is.
    pub(super) open: Option<(usize, usize)>,
}

/// What a class pays for another one that it needs.
type Payments = BTreeMap<(u32, u32), f64>;

/// The relaxation; `None` where it was not solved with half of the `effort` that is left, in iterations times factors.
pub(super) fn relax(part: &Work, effort: &mut u64) -> Option<Relaxed> {
    if part.node_count() > LARGEST {
        return None;
    }
    let demands = Demands::of(part);
    let scale = part.nodes.iter().flatten().map(|n| n.cost).fold(f64::MIN_POSITIVE, f64::max);
    let program = demands.program(scale);
    let most = *effort / 2 / program.size().max(1);
    let optimum = program.solve(most);
    let iterations = optimum.as_ref().map_or(most, |o| o.iterations);
    *effort = effort.saturating_sub(iterations.saturating_mul(program.size()));
    let optimum = optimum?;
    // Rows of classes come first.
    let prices = optimum.prices.get(part.len()..)?;
    let payments = demands.pairs.iter().zip(prices).map(|(pair, price)| (*pair, -price * scale));
    let (dual, paid) = demands.dual(&payments.filter(|(_, payment)| *payment > 0.0).collect());
    Some(Relaxed { dual, open: open(part, &optimum, &paid) })
}

/// The class that is neither used nor unused and dear; of classes that are there anyway, the node that is neither chosen nor not.
fn open(part: &Work, optimum: &Optimum, paid: &[f64]) -> Option<(usize, usize)> {
    let (used, chosen) = optimum.columns.split_at_checked(part.len())?;
    let half = |x: &f64| x * (1.0 - x);
    let most = |a: &(f64, usize, usize), b: &(f64, usize, usize)| a.0.total_cmp(&b.0);
    let classes = used.iter().enumerate().filter(|(c, x)| !part.forced[*c] && half(x) > OPEN);
    let class = classes.map(|(c, x)| (half(x) * paid[c], c, 0)).max_by(most);
    let nodes = part.nodes.iter().enumerate().flat_map(|(c, nodes)| (0..nodes.len()).map(move |n| (c, n)));
    let nodes = nodes.zip(chosen).filter(|((c, _), x)| part.forced[*c] && half(x) > OPEN);
    let node = || nodes.map(|((c, n), x)| (half(x), c, n)).max_by(most);
    class.or_else(node).map(|(_, c, n)| (c, n))
}

struct Demands<'a> {
    part: &'a Work,
    needs: Needs,
    /// All that each node needs and is not there anyway, ascending.
    below: Vec<Vec<Vec<u32>>>,
    /// Classes and what some of their nodes need.
    pairs: Vec<(u32, u32)>,
}

impl<'a> Demands<'a> {
    fn of(part: &'a Work) -> Self {
        let needs = Needs::of(part, &part.components());
        let below_node = |n: &WorkNode| needs.below(&n.children, &part.forced);
        let below: Vec<Vec<Vec<u32>>> = part.nodes.iter().map(|nodes| nodes.iter().map(below_node).collect()).collect();
        let mut pairs = Vec::new();
        for (c, nodes) in (0u32..).zip(&below) {
            let all: BTreeSet<u32> = nodes.iter().flatten().copied().collect();
            pairs.extend(all.into_iter().map(|k| (c, k)));
        }
        Demands { part, needs, below, pairs }
    }

    /// Columns: classes, then nodes. Rows: a class is used by as much as its nodes are chosen; then `pairs`.
    fn program(&self, scale: f64) -> Program {
        let mut program = Program::default();
        let used: Vec<usize> =
            self.part.forced.iter().map(|f| program.column(0.0, [if *f { 1.0 } else { 0.0 }, 1.0])).collect();
        let chosen = |nodes: &Vec<WorkNode>| -> Vec<usize> {
            nodes.iter().map(|n| program.column(n.cost / scale, [0.0, 1.0])).collect()
        };
        let chosen: Vec<Vec<usize>> = self.part.nodes.iter().map(chosen).collect();
        for (used, chosen) in used.iter().zip(&chosen) {
            program.row([0.0, 0.0], chosen.iter().map(|x| (*x, 1.0)).chain([(*used, -1.0)]).collect());
        }
        for &(c, k) in &self.pairs {
            let nodes = self.below[c as usize].iter().zip(&chosen[c as usize]);
            let need = nodes.filter(|(below, _)| below.binary_search(&k).is_ok()).map(|(_, x)| (*x, 1.0));
            program.row([f64::NEG_INFINITY, 0.0], need.chain([(used[k as usize], -1.0)]).collect());
        }
        program
    }

    /// What `payments` prove, and what each class is paid.
    fn dual(&self, payments: &Payments) -> (Dual, Vec<f64>) {
        let part = self.part;
        let mut paid = vec![0.0; part.len()];
        payments.iter().for_each(|((_, k), payment)| paid[*k as usize] += payment);
        let class = |c: u32| part.origin[c as usize];
        let pair = |(c, k): (u32, u32)| (class(c), class(k));
        let mut shares = Shares {
            implied: self.reasons(payments).into_iter().map(pair).collect(),
            payments: payments.iter().map(|((c, k), payment)| (class(*c), class(*k), *payment)).collect(),
            demand: Vec::new(),
        };
        let (mut bound, mut reduced) = (0.0, Vec::with_capacity(part.len()));
        for (c, nodes) in part.nodes.iter().enumerate() {
            let pays = |k: &u32| payments.get(&(c as u32, *k)).copied().unwrap_or(0.0);
            let price = |(n, below): (&WorkNode, &Vec<u32>)| n.cost + below.iter().map(pays).sum::<f64>();
            let prices: Vec<f64> = nodes.iter().zip(&self.below[c]).map(price).collect();
            let least = prices.iter().copied().fold(f64::INFINITY, f64::min);
            let demand = least - paid[c];
            if part.forced[c] && demand > 0.0 && demand.is_finite() {
                shares.demand.push((part.origin[c], demand));
                paid[c] += demand;
                bound += demand;
            }
            let short = (least - paid[c]).min(0.0);
            bound += short;
            reduced.push(prices.iter().map(|p| (p - paid[c] - short).max(0.0)).collect());
        }
        // As with other shares, rounding must not make the bound too high.
        let bound = (bound - 1e-11 * bound.abs()).max(0.0);
        (Dual { bound, reduced, shares }, paid)
    }

    /// Why nodes need what they pay for and do not read, as pairs in the order in which each follows from those before.
    fn reasons(&self, payments: &Payments) -> Vec<(u32, u32)> {
        let mut used: BTreeSet<(u32, u32)> = BTreeSet::new();
        for &(c, k) in payments.keys() {
            for node in self.part.nodes[c as usize].iter().filter(|n| n.children.binary_search(&k).is_err()) {
                let by = node.children.iter().find(|j| !self.part.forced[**j as usize] && self.needs.has(**j, k));
                used.extend(by.map(|j| (*j, k)));
            }
        }
        self.needs.reasons(self.part, &self.part.forced, used.into_iter().collect())
    }
}
