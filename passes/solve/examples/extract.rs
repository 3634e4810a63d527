//! Extracts from e-graph files in the egraph-serialize format and prints what the solver did:
//! `cargo run --release -p prism-solve --example extract -- FILE.json ...`

#[path = "../tests/common/mod.rs"]
mod common;

use prism_solve::extraction::{Limits, solve};

fn main() {
    for path in std::env::args().skip(1) {
        let text = std::fs::read_to_string(&path).expect("a readable file");
        let problem = common::gym(&text);
        match solve(&problem, &Limits::default()) {
            Ok(s) => println!("{path}: cost {} bound {} {:?}", s.cost, s.bound, s.stats),
            Err(e) => println!("{path}: {e}"),
        }
    }
}
