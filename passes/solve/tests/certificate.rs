//! Certificates: each answer has one, and whatever one says, what it proves is true.

use prism_solve::certificate::{Certificate, Proof, Reduced, Rest, Shares, Step, check};
use prism_solve::extraction::{
    Class, ClassId, Limits, Node, NodeIndex, Problem, brute_force, check_choice, solve_certified,
};
use proptest::prelude::*;

/// Up to nine classes of two or three ways. Classes read those before them, and now and then any: simplification decides few of them.
/// Costs are whole, or not.
fn problems() -> impl Strategy<Value = Problem> {
    (4usize..=9, any::<bool>()).prop_flat_map(|(n, odd)| {
        let way = (1u32..12, proptest::collection::vec((any::<u32>(), 0u32..6), 1..=3));
        let class = proptest::collection::vec(way, 2..=3);
        let roots = proptest::collection::vec((n as u32 / 2..n as u32).prop_map(ClassId), 1..=3);
        (proptest::collection::vec(class, n), roots).prop_map(move |(ways, roots)| {
            let node = |at: usize, (cost, reads): &(u32, Vec<(u32, u32)>)| Node {
                cost: f64::from(*cost) * if odd { 0.37 } else { 2.0 },
                takes: Vec::new(),
                children: match at {
                    0 | 1 => Vec::new(),
                    _ => reads.iter().map(|(k, any)| ClassId(k % if *any == 0 { n } else { at } as u32)).collect(),
                },
            };
            let class = |(at, ways): (usize, &Vec<_>)| Class { nodes: ways.iter().map(|w| node(at, w)).collect() };
            Problem { classes: ways.iter().enumerate().map(class).collect(), roots, ..Problem::default() }
        })
    })
}

/// Limits under which the search branches, is cut short, or does neither.
fn limits() -> impl Strategy<Value = Limits> {
    prop_oneof![
        Just(Limits::default()),
        (1usize..4).prop_map(|table_entries| Limits { table_entries, table_joins: 12, ..Limits::default() }),
        (0u64..6).prop_map(|branch_nodes| Limits {
            table_entries: 1,
            table_joins: 4,
            branch_nodes,
            ..Limits::default()
        }),
    ]
}

/// A number that somebody hostile may pick.
fn number(dice: &mut dyn FnMut() -> u32) -> f64 {
    [0.0, -1.0, 0.25, 3.0, 7.0, 11.5, 25.0, 1e9, f64::NAN, f64::INFINITY, 1e300][dice() as usize % 11]
}

/// A choice without regard to costs, if it has no cycle.
fn some_choice(problem: &Problem, dice: &mut dyn FnMut() -> u32) -> Option<Vec<Option<NodeIndex>>> {
    let mut choice = vec![None; problem.classes.len()];
    let mut open = problem.roots.clone();
    while let Some(class) = open.pop() {
        let nodes = &problem.classes[class.index()].nodes;
        if choice[class.index()].is_none() {
            let node = dice() % nodes.len().max(1) as u32;
            choice[class.index()] = Some(NodeIndex(node));
            open.extend(&nodes.get(node as usize)?.children);
        }
    }
    check_choice(problem, &choice).ok().map(|_| choice)
}

/// Changes something somewhere in a proof.
fn spoil(proof: &mut Reduced, dice: &mut dyn FnMut() -> u32) {
    let steps = proof.steps.len();
    match dice() % 4 {
        0 if steps > 0 => drop(proof.steps.remove(dice() as usize % steps)),
        1 if steps > 0 => {
            let (class, node, other) = (dice() % 10, dice() % 4, dice() % 10);
            let step = match dice() % 5 {
                0 => Step::Relaxed(vec![(class, node, other)]),
                1 => Step::Dominated(vec![(class, node, other % 4)]),
                2 => Step::SelfSupporting { group: (0..dice() % 10).collect(), nodes: vec![(class, node)] },
                3 => Step::Implied((0..1 + dice() % 3).map(|_| (dice() % 10, dice() % 10)).collect()),
                _ => Step::Forced,
            };
            proof.steps.insert(dice() as usize % steps, step);
        }
        2 if !proof.parts.is_empty() => {
            let part = dice() as usize % proof.parts.len();
            let members = &mut proof.parts[part].0;
            let at = dice() as usize % members.len().max(1);
            if dice().is_multiple_of(2) && !members.is_empty() {
                members.remove(at);
            } else {
                members.insert(at.min(members.len()), dice() % 12);
            }
        }
        _ => {
            let parts = proof.parts.len().max(1);
            let at = dice() as usize % parts;
            if let Some((members, part)) = proof.parts.get_mut(at) {
                match dice() % 3 {
                    0 => *part = Proof::Shares(some_shares(members, dice)),
                    _ => spoil_part(part, dice),
                }
            }
        }
    }
}

/// Payments as they come.
fn some_shares(members: &[u32], dice: &mut dyn FnMut() -> u32) -> Shares {
    let class =
        |dice: &mut dyn FnMut() -> u32| members.get(dice() as usize % members.len().max(1)).copied().unwrap_or(0);
    let payments = (0..dice() % 4).map(|_| (class(dice), class(dice), number(dice))).collect();
    let implied = (0..dice() % 3).map(|_| (class(dice), class(dice))).collect();
    Shares { implied, payments, demand: (0..dice() % 3).map(|_| (class(dice), number(dice))).collect() }
}

fn spoil_part(proof: &mut Proof, dice: &mut dyn FnMut() -> u32) {
    match proof {
        Proof::Shares(shares) => {
            shares.payments.push((dice() % 10, dice() % 10, number(dice)));
            if dice().is_multiple_of(2) {
                shares.demand.push((dice() % 10, number(dice)));
            }
            let some = dice() as usize % (shares.implied.len() + 1);
            match dice() % 3 {
                0 => shares.implied.truncate(some),
                1 => shares.implied.insert(some, (dice() % 10, dice() % 10)),
                _ => {}
            }
        }
        Proof::Joined { within, groups, order } => match dice() % 4 {
            0 => *within = Some((Shares::default(), number(dice))),
            1 => groups.iter_mut().for_each(|g| *g = dice() % 3),
            2 => order.reverse(),
            _ => order.push((dice() % 10, dice() % 10)),
        },
        Proof::Fixed { shares, limit, rest } => match dice() % 3 {
            0 => *limit = number(dice),
            1 => shares.payments.push((dice() % 10, dice() % 10, number(dice))),
            _ => spoil(&mut rest.0, dice),
        },
        Proof::Cases { class, node, with, without } => match dice() % 4 {
            0 => *class = dice() % 10,
            1 => *node = Some(dice() % 4),
            2 => *node = None,
            _ => spoil(if dice().is_multiple_of(2) { &mut with.0 } else { &mut without.0 }, dice),
        },
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_answer_is_proven_by_its_certificate(problem in problems(), limits in limits()) {
        if let Ok(best) = brute_force(&problem) {
            let (answer, certificate) = solve_certified(&problem, &limits).expect("an answer with a certificate");
            let best = best.cost;
            let checked = check(&problem, &certificate).expect("a certificate that holds");
            prop_assert!(checked.bound <= best * (1.0 + 1e-12));
            prop_assert_eq!(checked.proven, answer.proven);
            let written = serde_json::to_string(&certificate).expect("JSON");
            prop_assert_eq!(serde_json::from_str::<Certificate>(&written).expect("a certificate"), certificate);
            prop_assert!(!checked.proven || (answer.cost - best).abs() <= 1e-9 * best);
        }
    }

    /// A certificate with something changed in it, sense or nonsense, may be refused or prove less; never too much.
    #[test]
    fn a_spoilt_certificate_proves_nothing_false(
        problem in problems(),
        limits in limits(),
        dice in proptest::collection::vec(any::<u32>(), 40),
        changes in 1usize..4,
    ) {
        if let Ok((_, mut certificate)) = solve_certified(&problem, &limits) {
            let best = brute_force(&problem).expect("an answer").cost;
            let mut rolls = dice.iter().cycle().zip(0u32..).map(|(d, i)| d.wrapping_mul(i.wrapping_mul(2).wrapping_add(1)) >> 7);
            let mut dice = move || rolls.next().unwrap_or(0);
            (0..changes).for_each(|_| spoil(&mut certificate.proof, &mut dice));
            // The best answer would catch whatever is proven above it.
            certificate.choice = some_choice(&problem, &mut dice).unwrap_or(certificate.choice);
            certificate.step = if dice() % 3 == 0 { number(&mut dice) } else { certificate.step };
            if let Ok(checked) = check(&problem, &certificate) {
                prop_assert!(checked.bound <= best * (1.0 + 1e-12), "{} above {best}: {certificate:?}", checked.bound);
            }
        }
    }

    /// A certificate of another problem proves nothing false either.
    #[test]
    fn a_strange_certificate_proves_nothing_false(problem in problems(), other in problems(), dice in any::<u32>()) {
        let (Ok(best), Ok((_, certificate))) = (brute_force(&problem), solve_certified(&other, &Limits::default())) else {
            return Ok(());
        };
        let mut rolls = (0u32..).map(|i| dice.wrapping_mul(i.wrapping_mul(2).wrapping_add(1)) >> 7);
        let choice = some_choice(&problem, &mut || rolls.next().unwrap_or(0)).unwrap_or(best.choice);
        if let Ok(checked) = check(&problem, &Certificate { choice, ..certificate }) {
            prop_assert!(checked.bound <= best.cost * (1.0 + 1e-12));
        }
    }
}

#[test]
fn a_choice_that_is_dearer_than_the_best_is_not_proven() {
    let node = |cost: f64| Node::new(cost, Vec::new());
    let problem = Problem {
        classes: vec![Class { nodes: vec![node(1.0), node(2.0)] }],
        roots: vec![ClassId(0)],
        ..Problem::default()
    };
    let (answer, mut certificate) = solve_certified(&problem, &Limits::default()).expect("an answer");
    assert!(answer.proven);
    certificate.choice = vec![Some(NodeIndex(1))];
    let checked = check(&problem, &certificate).expect("a valid bound");
    assert_eq!((checked.bound, checked.proven), (1.0, false));
    certificate.choice = vec![None];
    assert!(check(&problem, &certificate).is_err(), "a choice that makes nothing");
}

/// Class 0 is made from 1 or 2, each of which needs 3: that it needs 3 whole follows, that it needs 1 does not.
#[test]
fn who_needs_a_class_by_others_pays_for_it_whole() {
    let node = |cost: f64, children: &[u32]| Node::new(cost, children.iter().copied().map(ClassId).collect());
    let class = |nodes: &[Node]| Class { nodes: nodes.to_vec() };
    let classes = vec![
        class(&[node(1.0, &[1]), node(1.0, &[2])]),
        class(&[node(0.0, &[3])]),
        class(&[node(0.0, &[3])]),
        class(&[node(10.0, &[])]),
    ];
    let problem = Problem { classes, roots: vec![ClassId(0)], ..Problem::default() };
    let proven = |implied: &[(u32, u32)]| {
        let shares = Shares { implied: implied.to_vec(), payments: vec![(0, 3, 10.0)], demand: vec![(0, 11.0)] };
        let proof = Reduced { steps: Vec::new(), parts: vec![((0..4).collect(), Proof::Shares(shares))] };
        let choice = vec![Some(NodeIndex(0)), Some(NodeIndex(0)), None, Some(NodeIndex(0))];
        check(&problem, &Certificate { choice, step: 0.0, proof, kept: None })
    };
    assert!(proven(&[(1, 3), (2, 3)]).expect("a valid bound").proven);
    assert_eq!(proven(&[(1, 3)]).expect("a valid bound").bound, 1.0, "the way by 2 pays nothing");
    let refused = proven(&[(0, 1)]).expect_err("a pair that does not hold");
    assert!(format!("{refused:?}").contains("does not need class `1`"), "{refused:?}");
}

#[test]
fn a_part_cannot_count_twice() {
    // Two classes, each with two ways, that neither simplification decides: one is cheaper, one shares.
    let node = |cost: f64, children: &[u32]| Node::new(cost, children.iter().copied().map(ClassId).collect());
    let shared = |cost| Class { nodes: vec![node(cost, &[]), node(1.0, &[2])] };
    let classes = vec![shared(2.0), shared(2.5), Class { nodes: vec![node(2.0, &[])] }];
    let problem = Problem { classes, roots: vec![ClassId(0), ClassId(1)], ..Problem::default() };
    let (_, mut certificate) = solve_certified(&problem, &Limits::default()).expect("an answer");
    let part = certificate.proof.parts.first().cloned().expect("a part");
    certificate.proof.parts.push(part);
    let refused = check(&problem, &certificate).expect_err("counted twice");
    assert!(format!("{refused:?}").contains("in two parts"), "{refused:?}");
}

/// Cases a hundred deep: more than readers of JSON go.
#[test]
fn a_deep_certificate_can_be_read_again() {
    let node = |cost: f64| Node::new(cost, Vec::new());
    let problem =
        Problem { classes: vec![Class { nodes: vec![node(1.0)] }], roots: vec![ClassId(0)], ..Problem::default() };
    let mut proof = Reduced::default();
    for _ in 0..400 {
        let [with, without] = [proof, Reduced::default()].map(|p| Rest(Box::new(p)));
        proof =
            Reduced { steps: Vec::new(), parts: vec![(vec![0], Proof::Cases { class: 0, node: None, with, without })] };
    }
    let certificate = Certificate { choice: vec![Some(NodeIndex(0))], step: 0.0, proof, kept: None };
    let written = serde_json::to_string(&certificate).expect("JSON");
    let read: Certificate = serde_json::from_str(&written).expect("a certificate");
    assert_eq!(read, certificate);
    assert_eq!(check(&problem, &read).expect("a valid bound").bound, 1.0);
}

#[test]
fn what_is_no_certificate_is_refused() {
    let empty = r#"{"steps": [], "parts": []}"#;
    let cases = |with: u32| {
        format!(
            r#"{{"steps": [], "parts": [[[0], {{"cases": {{"class": 0, "node": null, "with": {with}, "without": 0}}}}]]}}"#
        )
    };
    for (proof, why) in [
        (String::new(), "no problem"),
        (format!("{empty}, {}", cases(0)), "another one"),
        (format!("{empty}, {}", cases(1)), "not before it"),
        (format!("{empty}, {}", cases(7)), "not before it"),
    ] {
        let text = format!(r#"{{"choice": [0], "step": 0.0, "proof": [{proof}]}}"#);
        let refused = serde_json::from_str::<Certificate>(&text).expect_err("no certificate").to_string();
        assert!(refused.contains(why), "{refused}");
    }
}
