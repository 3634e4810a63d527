//! Published e-graphs with known best costs, and chains of layers.

mod common;

use prism_solve::extraction::{Limits, Problem, Solution, check, greedy_dag, solve};
use std::path::PathBuf;

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

fn read(name: &str) -> String {
    let path = path(name);
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1e-9)
}

fn solved(name: &str, problem: &Problem) -> Solution {
    let solution = solve(problem, &Limits::default()).expect("an answer");
    check(problem, &solution).expect("a valid answer");
    println!("{name}: {} {:?}", solution.cost, solution.stats);
    solution
}

/// The files with what is known about them: name, problem, best known cost.
fn published() -> Vec<(String, Problem, f64)> {
    let reference: serde_json::Value = serde_json::from_str(&read("REFERENCE.json")).expect("JSON");
    let instances = reference["instances"].as_array().expect("instances");
    let load = |entry: &serde_json::Value| {
        let name = entry["file"].as_str().expect("file");
        let best = entry["best_known_dag"].as_f64().expect("a cost");
        let compact = format!("compact_{name}");
        let file = if path(&compact).exists() { &compact } else { name };
        (name.to_owned(), common::gym(&read(file)), best)
    };
    instances.iter().map(load).collect()
}

#[test]
fn published_graphs_reach_their_best_known_cost() {
    let mut proven = 0;
    for (name, problem, best) in published() {
        // No table holds the cuts of one of them: its proof is by the linear relaxation.
        let hard = name.starts_with("rover") && !cfg!(feature = "highs");
        let limits = if hard { Limits { branch_nodes: 5, ..Limits::default() } } else { Limits::default() };
        let solution = solve(&problem, &limits).expect("an answer");
        check(&problem, &solution).expect("a valid answer");
        println!("{name}: {} bound {} {:?}", solution.cost, solution.bound, solution.stats);
        assert!(solution.bound <= best * (1.0 + 1e-9), "{name}: bound {} best {best}", solution.bound);
        assert!(close(solution.cost, best), "{name}: {} best {best}", solution.cost);
        assert!(solution.proven || hard, "{name}");
        assert!(greedy_dag(&problem).expect("a baseline").cost >= best * (1.0 - 1e-9));
        proven += u32::from(solution.proven);
    }
    assert_eq!(proven, if cfg!(feature = "highs") { 10 } else { 9 });
}

#[test]
fn chains_of_near_equal_layers_need_no_branching() {
    for layers in [24, 2_000] {
        let solution = solved(&format!("{layers} layers"), &common::dense_chain(layers, 1, 1));
        assert!(solution.proven && solution.stats.branches == 0);
        assert!(solution.stats.largest_table <= 64, "{:?}", solution.stats);
    }
}

#[test]
fn equal_heads_side_by_side_need_no_branching() {
    let solution = solved("4 layers of 32 heads", &common::dense_chain(4, 32, 7));
    assert!(solution.proven && solution.stats.branches == 0);
}

/// The two forms of what joins 70 heads have more inputs together than one table can mention.
#[test]
fn a_join_wider_than_a_table_waits_until_it_fits() {
    let solution = solved("70 heads", &common::dense_chain(2, 70, 5));
    assert!(solution.proven && solution.stats.branches == 0);
}

#[cfg(feature = "highs")]
#[test]
fn a_chain_costs_what_the_integer_program_says() {
    let problem = common::dense_chain(12, 3, 3);
    let milp = prism_solve::extraction::milp(&problem, std::time::Duration::from_secs(120)).expect("an answer");
    let own = solved("12 layers of 3 heads", &problem);
    println!("HiGHS: {} {} {:?}", milp.cost, milp.bound, milp.stats.time);
    assert!(milp.proven && close(milp.cost, own.cost), "HiGHS {} own {}", milp.cost, own.cost);
}
