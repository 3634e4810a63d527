//! Exact extraction against enumeration and HiGHS, on random e-graphs with cycles.

use prism_solve::extraction::{
    Class, ClassId, Limits, Node, Problem, Solution, brute_force, check, greedy, greedy_dag, solve,
};
use proptest::prelude::*;

/// Up to 12 classes of up to 4 nodes whose children are any classes: cycles and self-loops abound.
fn small() -> impl Strategy<Value = Problem> {
    (1usize..=12).prop_flat_map(|n| {
        let node = (0u32..20, proptest::collection::vec(0..n as u32, 0..=3))
            .prop_map(|(cost, children)| Node::new(f64::from(cost) / 4.0, ids(children)));
        let class = proptest::collection::vec(node, 0..=4).prop_map(|nodes| Class { nodes });
        let roots = proptest::collection::vec(0..n as u32, 1..=3).prop_map(ids);
        (proptest::collection::vec(class, n), roots).prop_map(|(classes, roots)| Problem {
            classes,
            roots,
            ..Problem::default()
        })
    })
}

/// Views of tensors as a compiler makes them: a chain of `n` tensors, each in three domains with
/// conversions both ways, each made from one or two earlier ones near it.
fn views() -> impl Strategy<Value = Problem> {
    let step = (1usize..4, 1usize..4, proptest::collection::vec(1u32..60, 9));
    proptest::collection::vec(step, 2..30).prop_map(|steps| {
        let mut problem = Problem { classes: vec![Class::default(); 3], ..Problem::default() };
        problem.classes[0].nodes.push(node(0.0, &[]));
        for (at, (back, other, costs)) in steps.iter().enumerate() {
            let input = |back: usize, view: u32| (3 * at.saturating_sub(back - 1)) as u32 + view;
            let cost = |i: usize| f64::from(costs[i]) * 0.37;
            let mut made: [Vec<Node>; 3] = Default::default();
            made[0].push(node(cost(0), &[input(*back, 0), input(*other, 0)]));
            made[1].push(node(cost(1), &[input(*back, 1), input(*other, 1)]));
            made[0].push(node(cost(2) / 2.0, &[input(*back, 1), input(*other, 0)]));
            made[2].push(node(cost(3), &[input(*back, 2)]));
            problem.classes.extend(made.map(|nodes| Class { nodes }));
            convert(&mut problem, 3 * at, [cost(4), cost(5), cost(6), cost(7)].map(|c| c / 4.0));
        }
        let last = 3 * steps.len();
        convert(&mut problem, last, [1.0; 4]);
        problem.roots = ids([last as u32, last as u32 / 2]);
        problem
    })
}

/// Conversions between the three views that start at class `at`.
fn convert(problem: &mut Problem, at: usize, costs: [f64; 4]) {
    let [e, o, h] = [at as u32, at as u32 + 1, at as u32 + 2];
    problem.classes[at].nodes.push(node(costs[0], &[o]));
    problem.classes[at + 1].nodes.push(node(costs[1], &[e]));
    problem.classes[at + 2].nodes.push(node(costs[2], &[e]));
    problem.classes[at].nodes.push(node(costs[3], &[h]));
}

fn node(cost: f64, children: &[u32]) -> Node {
    Node::new(cost, ids(children.iter().copied()))
}

fn ids(list: impl IntoIterator<Item = u32>) -> Vec<ClassId> {
    list.into_iter().map(ClassId).collect()
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1e-9)
}

/// What holds for every answer.
fn sound(problem: &Problem, solution: &Solution) {
    assert!(close(check(problem, solution).expect("a valid choice"), solution.cost));
    assert!(solution.bound <= solution.cost);
}

#[cfg(feature = "highs")]
fn milp_cost(problem: &Problem) -> Option<f64> {
    let solution = prism_solve::extraction::milp(problem, std::time::Duration::from_secs(60)).expect("an answer");
    sound(problem, &solution);
    solution.proven.then_some(solution.cost)
}

#[cfg(not(feature = "highs"))]
fn milp_cost(_: &Problem) -> Option<f64> {
    None
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn equals_enumeration(problem in small()) {
        let all = brute_force(&problem);
        let own = solve(&problem, &Limits::default());
        prop_assert_eq!(all.is_ok(), own.is_ok());
        if let (Ok(all), Ok(own)) = (all, own) {
            sound(&problem, &own);
            prop_assert!(own.proven);
            prop_assert!(close(all.cost, own.cost), "enumeration {} own {}", all.cost, own.cost);
            for baseline in [greedy(&problem), greedy_dag(&problem)] {
                let baseline = baseline.expect("a baseline wherever there is an answer");
                sound(&problem, &baseline);
                prop_assert!(baseline.cost >= all.cost - 1e-9);
            }
        }
    }

    /// Tables of one to a few entries force branching at every step.
    #[test]
    fn branching_equals_enumeration(problem in small(), table_entries in 1usize..4) {
        let limits = Limits { table_entries, table_joins: 12, ..Limits::default() };
        if let (Ok(all), Ok(own)) = (brute_force(&problem), solve(&problem, &limits)) {
            sound(&problem, &own);
            prop_assert!(own.proven && close(all.cost, own.cost), "enumeration {} own {:?}", all.cost, own);
        }
    }

    /// A search that is cut short still gives an answer and a bound on both sides of the optimum.
    #[test]
    fn a_search_cut_short_brackets_the_optimum(problem in small(), branch_nodes in 0u64..4) {
        let limits = Limits { table_entries: 1, table_joins: 4, branch_nodes, ..Limits::default() };
        if let (Ok(all), Ok(own)) = (brute_force(&problem), solve(&problem, &limits)) {
            sound(&problem, &own);
            prop_assert!(own.bound <= all.cost + 1e-9 && all.cost <= own.cost + 1e-9, "{} {:?}", all.cost, own);
            prop_assert!(!own.proven || close(all.cost, own.cost));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn equals_the_integer_program_on_small_graphs(problem in small()) {
        if let Ok(own) = solve(&problem, &Limits::default()) {
            prop_assert!(milp_cost(&problem).is_none_or(|cost| close(cost, own.cost)));
        }
    }

    #[test]
    fn equals_the_integer_program_on_views(problem in views()) {
        let own = solve(&problem, &Limits::default()).expect("an answer");
        sound(&problem, &own);
        prop_assert!(own.proven);
        if let Some(cost) = milp_cost(&problem) {
            prop_assert!(close(cost, own.cost), "HiGHS {cost} own {}", own.cost);
        }
        let small = Limits { table_entries: 4, table_joins: 200, branch_nodes: 100, ..Limits::default() };
        let branched = solve(&problem, &small).expect("an answer");
        sound(&problem, &branched);
        prop_assert!(!branched.proven || close(branched.cost, own.cost));
        prop_assert!(branched.bound <= own.cost * (1.0 + 1e-9));
    }

    #[test]
    fn the_same_input_gives_the_same_answer(problem in views()) {
        let answer = || solve(&problem, &Limits::default()).expect("an answer").choice;
        prop_assert_eq!(answer(), answer());
    }
}

/// A tensor that one user reads on chip and the other as light: no class is read by all, but the tensor is needed. Found so, each layer is
/// a part of its own, however they are wired.
/// 3,000 classes of 4 nodes with up to 3 children anywhere, one node in twenty a leaf: too wide for tables, and of what greedy choices
/// cost all below is within reach of the bound by shares alone.
#[test]
fn wide_random_graphs_are_proven() {
    let mut state = 1u64;
    let mut below = |n: u64| {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 33) % n
    };
    let classes = 3_000;
    let mut some = |_| {
        let children = if below(20) == 0 { 0 } else { 1 + below(3) };
        let children: Vec<u32> = (0..children).map(|_| below(classes) as u32).collect();
        node((1 + below(20)) as f64, &children)
    };
    let classes = (0..classes).map(|_| Class { nodes: (0..4).map(&mut some).collect() }).collect();
    let problem = Problem { classes, roots: ids([0, 1]), ..Problem::default() };
    let found = solve(&problem, &Limits::default()).unwrap();
    sound(&problem, &found);
    assert!(found.proven, "{found:?}");
}

#[test]
fn a_tensor_that_all_ways_come_from_cuts_the_graph() {
    let layers = 40u32;
    let mut problem = Problem { classes: vec![Class { nodes: vec![node(0.0, &[])] }], ..Problem::default() };
    let mut class = |nodes: Vec<Node>| {
        problem.classes.push(Class { nodes });
        problem.classes.len() as u32 - 1
    };
    let mut x = 0;
    for _ in 0..layers {
        let light = class(vec![node(1.0, &[x])]);
        let readout = class(vec![node(2.0, &[light])]);
        x = class(vec![node(1.5, &[readout]), node(5.0, &[x])]);
    }
    problem.roots = vec![ClassId(x)];
    let solution = solve(&problem, &Limits::default()).expect("an answer");
    sound(&problem, &solution);
    assert!(solution.proven && close(solution.cost, 4.5 * f64::from(layers)), "{solution:?}");
    assert_eq!(solution.stats.components, layers as usize, "{:?}", solution.stats);
}
