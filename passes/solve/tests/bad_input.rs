//! Broken problems and broken answers: an error that names the thing, never a panic.

use prism_solve::extraction::{
    Class, ClassId, Limits, Node, NodeIndex, Problem, brute_force, check, greedy, greedy_dag, solve,
};

fn problem(classes: &[&[(f64, &[u32])]], roots: &[u32]) -> Problem {
    let ids = |list: &[u32]| list.iter().copied().map(ClassId).collect();
    let node = |(cost, children): &(f64, &[u32])| Node::new(*cost, ids(children));
    let classes = classes.iter().map(|nodes| Class { nodes: nodes.iter().map(node).collect() }).collect();
    Problem { classes, roots: ids(roots), ..Problem::default() }
}

/// The headlines and findings, for every method alike.
fn errors(problem: &Problem) -> String {
    let all = [
        problem.validate(&|c| format!("layer.{}", c.0)).map(|()| None),
        solve(problem, &Limits::default()).map(Some),
        greedy(problem).map(Some),
        greedy_dag(problem).map(Some),
        brute_force(problem).map(Some),
    ];
    let mut texts = all.map(|result| {
        let problems = result.expect_err("an error").0;
        assert!(problems.iter().all(|d| d.code.name == "E0702"));
        problems.iter().map(|d| format!("{}; {}\n", d.headline, d.found.as_deref().unwrap_or(""))).collect::<String>()
    });
    std::mem::take(&mut texts[0])
}

#[test]
fn all_field_problems_are_reported_at_once() {
    let text = errors(&problem(&[&[(-1.0, &[]), (f64::NAN, &[7])], &[(f64::INFINITY, &[])]], &[0, 9]));
    let expected = "\
a root is not in the e-graph; class 9
node 0 of class `layer.0` has an unusable cost; -1
node 1 of class `layer.0` has an unusable cost; NaN
node 1 of class `layer.0` reads a missing class; class 7
node 0 of class `layer.1` has an unusable cost; inf
";
    assert_eq!(text, expected);
}

#[test]
fn nothing_to_make_is_an_error() {
    assert_eq!(errors(&problem(&[], &[])), "the e-graph has no root; no roots\n");
    assert_eq!(errors(&problem(&[], &[0])), "a root is not in the e-graph; class 0\n");
}

#[test]
fn an_empty_class_is_named_with_the_root_that_needs_it() {
    let text = errors(&problem(&[&[(1.0, &[1]), (2.0, &[2])], &[], &[(1.0, &[0])]], &[0]));
    assert_eq!(text, "class `layer.0` cannot be made; it needs classes without nodes: `layer.1`\n");
}

#[test]
fn conversions_that_only_support_each_other_are_an_error() {
    let text = errors(&problem(&[&[(1.0, &[1])], &[(1.0, &[0])]], &[1]));
    let why = "every choice of nodes for it runs into a cycle, such as `layer.1`, which reads `layer.0`, which reads `layer.1`";
    assert_eq!(text, format!("class `layer.1` cannot be made; {why}\n"));
}

#[test]
fn huge_and_tiny_costs_stay_in_order() {
    let p = problem(&[&[(1e300, &[]), (1e-300, &[1])], &[(0.0, &[])]], &[0]);
    let answer = solve(&p, &Limits::default()).expect("an answer");
    assert_eq!((answer.choice[0], answer.proven), (Some(NodeIndex(1)), true));
    let overflow = problem(&[&[(f64::MAX, &[1])], &[(f64::MAX, &[])]], &[0]);
    assert_eq!(errors(&overflow), "the costs of the e-graph are too large to add up; \n");
}

/// One over such a cost is no number.
#[cfg(feature = "highs")]
#[test]
fn costs_of_any_size_are_verified() {
    use prism_solve::extraction::{Verified, agree};
    for unit in [1e-310, 1e300] {
        let p = problem(&[&[(unit, &[1]), (3.0 * unit, &[])], &[(unit, &[])]], &[0]);
        let answer = solve(&p, &Limits::default()).expect("an answer");
        assert_eq!(agree(&p, &answer, "two classes"), Ok(Verified::Least));
    }
}

#[test]
fn the_checker_rejects_what_is_not_a_solution() {
    let p = problem(&[&[(1.0, &[1]), (5.0, &[])], &[(1.0, &[0]), (3.0, &[])], &[(1.0, &[])]], &[0]);
    let good = solve(&p, &Limits::default()).expect("an answer");
    assert_eq!((good.cost, good.proven), (4.0, true));
    let wrong = |edit: &dyn Fn(&mut prism_solve::extraction::Solution)| {
        let mut bad = good.clone();
        edit(&mut bad);
        check(&p, &bad).expect_err("a broken answer").0[0].headline.clone()
    };
    assert_eq!(wrong(&|s| s.cost = 3.0), "the cost of an extraction contradicts its choice");
    assert_eq!(wrong(&|s| s.cost = f64::NAN), "the cost of an extraction contradicts its choice");
    assert_eq!(wrong(&|s| s.bound = 4.5), "the bound of an extraction contradicts its choice");
    assert_eq!(wrong(&|s| s.choice[1] = None), "class `1` is needed but no node of it is chosen");
    assert_eq!(wrong(&|s| s.choice[1] = Some(NodeIndex(9))), "class `1` is needed but no node of it is chosen");
    assert_eq!(wrong(&|s| s.choice[1] = Some(NodeIndex(0))), "the choice has a cycle through class `0`");
    assert_eq!(wrong(&|s| s.choice[2] = Some(NodeIndex(0))), "class `2` is chosen but nothing needs it");
    assert_eq!(wrong(&|s| s.choice.truncate(1)), "the choice is none of this e-graph");
}
