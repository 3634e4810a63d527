//! Measures the solver: `cargo run --release -p prism-solve --example extract -- [FILE.json | LAYERSxHEADS] ...`
//! where a file is in the egraph-serialize format and `24x1` is a chain of 24 dense layers. `--entries N`
//! changes the size of tables from there on.

#[path = "../tests/common/mod.rs"]
mod common;

use prism_solve::extraction::{Limits, greedy, greedy_dag, solve};

fn main() {
    let mut limits = Limits::default();
    let mut args = std::env::args().skip(1);
    while let Some(what) = args.next() {
        if what == "--entries" {
            limits.table_entries = args.next().and_then(|n| n.parse().ok()).expect("a number");
            continue;
        }
        let chain = what.split_once('x').and_then(|(l, h)| Some((l.parse().ok()?, h.parse().ok()?)));
        let problem = match chain {
            Some((layers, heads)) => common::dense_chain(layers, heads, 1),
            None => common::gym(&std::fs::read_to_string(&what).expect("a readable file")),
        };
        let nodes: usize = problem.classes.iter().map(|c| c.nodes.len()).sum();
        println!("{what}: {} classes, {nodes} nodes", problem.classes.len());
        match solve(&problem, &limits) {
            Ok(s) => println!("  {} cost {} bound {} proven {} {:?}", s.method, s.cost, s.bound, s.proven, s.stats),
            Err(e) => println!("  {e}"),
        }
        for baseline in [greedy, greedy_dag] {
            if problem.classes.len() <= 4_000
                && let Ok(s) = baseline(&problem)
            {
                println!("  {} cost {} {:?}", s.method, s.cost, s.stats.time);
            }
        }
    }
}
