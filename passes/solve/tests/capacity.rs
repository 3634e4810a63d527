//! Capacities against enumeration and HiGHS: the bound is below, the answer keeps them, and what is proven is least.

use prism_solve::certificate::{Certificate, Kept, check};
use prism_solve::extraction::{
    Capacity, Class, ClassId, Limits, Node, NodeIndex, Problem, brute_force, greedy, greedy_dag, solve, solve_certified,
};
use prism_solve::latency::{self, Keeping};
use prism_solve::schedule::Resource;
use proptest::prelude::*;

/// How many classes there are, and of a node its cost, what it reads and what it takes.
type Way = (usize, (u32, Vec<(u32, u32)>, Vec<u64>));

/// Up to ten classes of up to three nodes, some of which take of one or two capacities; cycles now and then.
fn problems() -> impl Strategy<Value = Problem> {
    let way = |n: usize| {
        let takes = prop_oneof![2 => Just(Vec::new()), 3 => proptest::collection::vec(0u64..7, 1..=2)];
        (0u32..20, proptest::collection::vec((any::<u32>(), 0u32..8), 0..=2), takes).prop_map(move |w| (n, w))
    };
    (3usize..=10, 1usize..=2, any::<bool>()).prop_flat_map(move |(n, rows, odd)| {
        let class = proptest::collection::vec(way(n), 1..=3);
        let roots = proptest::collection::vec((n as u32 / 2..n as u32).prop_map(ClassId), 1..=3);
        let most = proptest::collection::vec(0u64..20, rows);
        (proptest::collection::vec(class, n), roots, most).prop_map(move |(classes, roots, most)| {
            let node = |at: usize, (n, (cost, reads, takes)): &Way| {
                let child = |(k, any): &(u32, u32)| ClassId(k % if *any == 0 { *n } else { at.max(1) } as u32);
                let children = if at == 0 { Vec::new() } else { reads.iter().map(child).collect() };
                let takes = takes.iter().copied().take(rows).collect();
                Node { cost: f64::from(*cost) * if odd { 0.37 } else { 1.0 }, children, takes }
            };
            let class = |(at, ways): (usize, &Vec<_>)| Class { nodes: ways.iter().map(|w| node(at, w)).collect() };
            let capacities = most.iter().map(|most| Capacity { name: "room".into(), most: *most }).collect();
            Problem { classes: classes.iter().enumerate().map(class).collect(), roots, capacities }
        })
    })
}

/// Things of which each is had by a dear node or by a cheap one that takes room: the more room, the more are cheap.
fn things(items: &[(f64, u64)], most: u64) -> Problem {
    let held = |(saved, takes): &(f64, u64)| {
        let hold = Class { nodes: vec![Node { cost: 0.0, children: Vec::new(), takes: vec![*takes] }] };
        (hold, *saved)
    };
    let mut problem = Problem { capacities: vec![Capacity { name: "room".into(), most }], ..Problem::default() };
    for (hold, saved) in items.iter().map(held) {
        let at = problem.classes.len() as u32;
        let make = vec![Node::new(10.0 + saved, Vec::new()), Node::new(10.0, vec![ClassId(at)])];
        problem.classes.extend([hold, Class { nodes: make }]);
        problem.roots.push(ClassId(at + 1));
    }
    problem
}

/// A step: its time with something held, how much longer it takes without, what that takes of the room, and joules with and without it.
type Step = (u32, u32, u64, [u32; 2]);

/// Steps of one unit, one after the other, or in any order.
fn steps(steps: &[Step], in_order: bool, most: u64) -> (latency::Problem, Problem) {
    let unit = Resource { name: "unit".into(), capacity: 1 };
    let mut timed = latency::Problem { resources: vec![unit], ..latency::Problem::default() };
    let mut rows = Problem { capacities: vec![Capacity { name: "room".into(), most }], ..Problem::default() };
    let (mut last, mut all): (Vec<ClassId>, Vec<ClassId>) = Default::default();
    for (fast, saved, takes, joules) in steps {
        let hold = ClassId(timed.classes.len() as u32);
        let node = |latency: u32, joules: u32, children: Vec<ClassId>| latency::Node {
            latency: f64::from(latency),
            uses: vec![(0, f64::from(latency))],
            energy: f64::from(joules),
            charged: f64::from(joules),
            children,
        };
        let held: Vec<ClassId> = last.iter().copied().chain([hold]).collect();
        let ways = [node(fast + saved, joules[1], last.clone()), node(*fast, joules[0], held)];
        let same = ways.iter().map(|n| Node::new(n.latency, n.children.clone())).collect();
        timed.classes.extend([vec![latency::Node::default()], ways.to_vec()].map(|nodes| latency::Class { nodes }));
        let takes = Node { cost: 0.0, children: Vec::new(), takes: vec![*takes] };
        rows.classes.extend([vec![takes], same].map(|nodes| Class { nodes }));
        let step = ClassId(hold.0 + 1);
        all.push(step);
        last = if in_order { vec![step] } else { Vec::new() };
    }
    let roots = if in_order { last } else { all };
    (timed.roots, rows.roots) = (roots.clone(), roots);
    (timed, rows)
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1e-9)
}

/// Something else than what is there.
fn spoil(kept: &mut Kept, dice: &mut dyn FnMut() -> u32) {
    let number = |n: u32| [0.0, -1.0, 0.25, 3.0, 1e9, f64::NAN, f64::INFINITY, 1e300, 5e-324][n as usize % 9];
    match kept {
        Kept::Priced { prices, .. } if dice().is_multiple_of(2) => match prices.first_mut() {
            Some(price) if !dice().is_multiple_of(4) => *price = number(dice()),
            _ => prices.push(1.0),
        },
        Kept::Cases { class, node, with, without } => match dice() % 5 {
            0 => *class = dice() % 10,
            1 => *node = dice() % 4,
            2 => std::mem::swap(with, without),
            3 => spoil(with, dice),
            _ => spoil(without, dice),
        },
        _ => *kept = Kept::Full { capacity: dice() % 3 },
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_bound_the_least_and_the_answer_are_in_order(problem in problems(), priced in prop_oneof![Just(200u64), 0u64..40]) {
        let limits = Limits { priced, ..Limits::default() };
        match (brute_force(&problem), solve_certified(&problem, &limits)) {
            (Ok(best), Ok((own, certificate))) => {
                let slack = 1e-9 * best.cost.max(1.0);
                prop_assert!(own.bound <= best.cost + slack && best.cost <= own.cost + slack, "{} {own:?}", best.cost);
                prop_assert!(!own.proven || close(own.cost, best.cost));
                prop_assert!(problem.fits(&problem.taken(&own.choice)));
                let checked = check(&problem, &certificate).expect("a certificate that holds");
                prop_assert!(checked.bound <= best.cost * (1.0 + 1e-12) && checked.proven == own.proven);
                let written = serde_json::to_string(&certificate).expect("JSON");
                prop_assert_eq!(serde_json::from_str::<Certificate>(&written).expect("a certificate"), certificate);
            }
            (Ok(best), Err(found)) => prop_assert!(problem.capacities.len() > 1 || priced < 40, "{} {found:?}", best.cost),
            (Err(_), own) => prop_assert!(own.is_err(), "{own:?}"),
        }
    }

    /// Baselines keep the capacities or say that they do not.
    #[test]
    fn baselines_keep_capacities(problem in problems()) {
        let best = brute_force(&problem);
        for baseline in [greedy(&problem), greedy_dag(&problem)].into_iter().flatten() {
            prop_assert!(problem.fits(&problem.taken(&baseline.choice)));
            prop_assert!(best.as_ref().is_ok_and(|best| best.cost <= baseline.cost + 1e-9));
        }
    }

    #[test]
    fn a_spoilt_certificate_proves_nothing_false(problem in problems(), dice in proptest::collection::vec(any::<u32>(), 40)) {
        let (Ok(best), Ok((_, mut certificate))) = (brute_force(&problem), solve_certified(&problem, &Limits::default())) else {
            return Ok(());
        };
        let mut rolls = dice.iter().cycle().zip(0u32..).map(|(d, i)| d.wrapping_mul(i.wrapping_mul(2).wrapping_add(1)) >> 7);
        let mut dice = move || rolls.next().unwrap_or(0);
        let kept = certificate.kept.get_or_insert(Kept::Priced { prices: vec![0.5; 2], proof: certificate.proof.clone() });
        (0..1 + dice() % 3).for_each(|_| spoil(kept, &mut dice));
        certificate.choice = best.choice;
        if let Ok(checked) = check(&problem, &certificate) {
            prop_assert!(checked.bound <= best.cost * (1.0 + 1e-12), "{} above {}: {certificate:?}", checked.bound, best.cost);
        }
    }

    /// More room never costs more, and all of it costs what no capacity does.
    #[test]
    fn more_room_costs_no_more(items in proptest::collection::vec((1u32..30, 1u64..9), 2..8)) {
        let items: Vec<(f64, u64)> = items.iter().map(|(saved, takes)| (f64::from(*saved), *takes)).collect();
        let all: u64 = items.iter().map(|i| i.1).sum();
        let mut last = f64::INFINITY;
        for most in 0..=all {
            let own = solve(&things(&items, most), &Limits::default()).expect("an answer");
            prop_assert!(!own.proven || own.cost <= last + 1e-9, "{most}: {} after {last}", own.cost);
            last = last.min(own.cost);
        }
        prop_assert!(close(last, 10.0 * items.len() as f64));
    }

    /// Steps of one unit, each slow or with something held fast: no choice that fits is below what is known of all of them, in time or in
    /// both time and energy.
    #[test]
    fn no_plan_that_fits_lies_below_the_bounds(
        all in proptest::collection::vec((1u32..20, 0u32..20, 1u64..6, [0u32..20, 0u32..20]), 1..9),
        in_order: bool,
        most in 0u64..20,
    ) {
        let (timed, rows) = steps(&all, in_order, most);
        let Some(keeping) = Keeping::new(&timed, &rows, &latency::Limits::default()).expect("bounds") else { return Ok(()) };
        let envelope = keeping.envelope(&|n| n.energy).expect("an envelope");
        for held in 0u32..1 << all.len() {
            let chosen = || all.iter().enumerate().map(|(i, s)| (held >> i & 1 == 1, s));
            let taken: u64 = chosen().filter(|(held, _)| *held).map(|(_, s)| s.2).sum();
            if taken > most {
                continue;
            }
            let time: f64 = chosen().map(|(held, s)| f64::from(s.0 + if held { 0 } else { s.1 })).sum();
            let energy: f64 = chosen().map(|(held, s)| f64::from(s.3[usize::from(!held)])).sum();
            prop_assert!(keeping.fastest <= time * (1.0 + 1e-9), "{} above {time}", keeping.fastest);
            let least = envelope.least_energy(time * (1.0 + 1e-9));
            prop_assert!(least <= energy + 1e-9 * (1.0 + energy), "{least} above {energy} at {time}");
        }
    }

    #[cfg(feature = "highs")]
    #[test]
    fn highs_keeps_them_too(problem in problems()) {
        if let Ok(best) = brute_force(&problem) {
            let other = prism_solve::extraction::milp(&problem, std::time::Duration::from_secs(60)).expect("an answer");
            prop_assert!((other.cost - best.cost).abs() <= 1e-6 * best.cost.max(1.0));
        }
    }
}

#[test]
fn what_cannot_be_kept_says_what_is_needed() {
    let mut problem = things(&[(5.0, 4), (3.0, 6)], 3);
    for class in problem.classes.iter_mut().filter(|c| c.nodes.len() == 2) {
        class.nodes.remove(0);
    }
    let found = solve(&problem, &Limits::default()).expect_err("too little room");
    let found = &found.0[0];
    assert_eq!((found.code.name, found.found.as_deref()), ("E0709", Some("10 at least")));
    assert_eq!(found.headline, "no choice keeps the limit on `room`");
    let kept = prism_solve::extraction::check_choice(&problem, &[Some(NodeIndex(0)); 4]).expect_err("too much");
    assert_eq!(kept.0[0].headline, "the choice does not keep the limit on `room`");
}

/// As many of equal things as fit: amounts are multiples of four, so that room for ten and a half counts as ten.
#[test]
fn equal_things_are_proven_without_trying_which() {
    let items: Vec<(f64, u64)> = (0..48).map(|_| (1.5, 4)).collect();
    for most in [0, 3, 4, 42, 100, 191, 192] {
        let own = solve(&things(&items, most), &Limits::default()).expect("an answer");
        assert!(own.proven, "{most}: {own:?}");
        assert!(close(own.cost, 48.0 * 11.5 - 1.5 * (most / 4) as f64), "{most}: {}", own.cost);
    }
}

#[test]
fn unequal_things_are_proven_in_cases() {
    let items: Vec<(f64, u64)> = (0..16).map(|i| (10.0 + f64::from(i * 7 % 11), 3 + (i as u64 * 5) % 7)).collect();
    let own = solve(&things(&items, 40), &Limits::default()).expect("an answer");
    assert!(own.cost - own.bound < 0.01 * own.cost, "{own:?}");
}
