//! The scheduler against exhaustive search, against its own checker, and against bad problems.

#[path = "common/least.rs"]
#[expect(dead_code, reason = "another test uses the rest")]
mod least;

use least::least_makespan;
use prism_solve::schedule::{Binding, Problem, Resource, Task, bound, check, list_schedule};
use proptest::prelude::*;
use proptest::strategy::ValueTree;

fn resource(name: &str, capacity: u32) -> Resource {
    Resource { name: name.into(), capacity }
}

fn task(after: &[u32], uses: &[(u32, f64)], latency: f64) -> Task {
    Task { after: after.to_vec(), uses: uses.to_vec(), latency }
}

prop_compose! {
    /// Tasks with times that are whole numbers, so that sums are exact.
    fn problems(most: usize)(
        capacities in prop::collection::vec(1_u32..3, 1..4),
        raw in prop::collection::vec((any::<u32>(), prop::collection::vec((0_u32..3, 0_u32..6), 0..3), 0_u32..4), 0..=most),
    ) -> Problem {
        let resources = capacities.iter().enumerate().map(|(i, &c)| resource(&format!("r{i}"), c)).collect();
        let tasks = raw.into_iter().enumerate().map(|(i, (edges, wanted, extra))| {
            let mut uses: Vec<(u32, f64)> = Vec::new();
            for (r, t) in wanted {
                let r = r % capacities.len() as u32;
                if uses.iter().all(|u| u.0 != r) {
                    uses.push((r, f64::from(t)));
                }
            }
            let held = uses.iter().map(|u| u.1).fold(0.0, f64::max);
            // Sparse: an edge to each earlier task with probability 1/4.
            let after = (0..i).filter(|b| (edges >> ((2 * b) % 31)) & 3 == 0).map(|b| b as u32).collect();
            Task { after, uses, latency: held + f64::from(extra) }
        }).collect();
        Problem { resources, tasks }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn bound_least_and_achieved_are_in_order(problem in problems(6)) {
        let least = least_makespan(&problem);
        let lower = bound(&problem).unwrap();
        let upper = list_schedule(&problem).unwrap();
        prop_assert!(check(&problem, &upper).is_ok(), "{:?}", check(&problem, &upper));
        prop_assert!(lower.makespan <= least, "{lower:?} above {least}");
        prop_assert!(least <= upper.makespan, "{upper:?} below {least}");
    }

    #[test]
    fn larger_problems_are_feasible_bounded_and_repeatable(problem in problems(60)) {
        let achieved = list_schedule(&problem).unwrap();
        prop_assert!(check(&problem, &achieved).is_ok());
        prop_assert!(bound(&problem).unwrap().makespan <= achieved.makespan);
        prop_assert_eq!(list_schedule(&problem).unwrap(), achieved);
    }

    #[test]
    fn the_checker_rejects_a_start_that_is_pulled_forward(problem in problems(12), pick in any::<prop::sample::Index>()) {
        prop_assume!(!problem.tasks.is_empty());
        let mut schedule = list_schedule(&problem).unwrap();
        let i = pick.index(problem.tasks.len());
        let waited = problem.tasks[i].after.iter().map(|&b| schedule.start[b as usize] + problem.tasks[b as usize].latency);
        let ready = waited.fold(0.0, f64::max);
        prop_assume!(ready > 0.0);
        schedule.start[i] = ready - 0.5;
        prop_assert!(check(&problem, &schedule).is_err());
    }
}

#[test]
fn the_search_is_close_to_optimal_on_small_problems() {
    // Not a theorem: a guard on the quality of the priorities, with a fixed seed.
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let (mut optimal, mut proven) = (0, 0);
    for _ in 0..200 {
        let problem = problems(6).new_tree(&mut runner).unwrap().current();
        let achieved = list_schedule(&problem).unwrap().makespan;
        optimal += usize::from(achieved == least_makespan(&problem));
        proven += usize::from(achieved <= bound(&problem).unwrap().makespan * (1.0 + 1e-12));
    }
    assert!(optimal >= 190 && proven >= 150, "{optimal} optimal and {proven} proven of 200");
}

#[test]
fn a_chain_is_exact_and_names_its_path() {
    let mut tasks = vec![task(&[], &[(0, 0.1)], 0.1)];
    tasks.extend((0..50).map(|i| task(&[i], &[(0, 0.1)], 0.1 + f64::from(i) * 0.01)));
    let problem = Problem { resources: vec![resource("cpu", 1)], tasks };
    let lower = bound(&problem).unwrap();
    assert_eq!(lower.makespan, list_schedule(&problem).unwrap().makespan);
    assert_eq!(lower.binding, Binding::Path((0..=50).collect()));
}

#[test]
fn loading_overlaps_with_computing() {
    // Four layers, each a load of 2 s on the path and 3 s on the unit: only the first load is seen.
    let mut tasks = Vec::new();
    for layer in 0..4_u32 {
        tasks.push(task(&[], &[(0, 2.0)], 2.0));
        let before: Vec<u32> = if layer == 0 { vec![0] } else { vec![2 * layer, 2 * layer - 1] };
        tasks.push(task(&before, &[(1, 3.0)], 3.0));
    }
    let problem = Problem { resources: vec![resource("dram -> sram", 1), resource("ptu", 1)], tasks };
    assert_eq!(list_schedule(&problem).unwrap().makespan, 14.0);
    assert_eq!(bound(&problem).unwrap().makespan, 14.0);
}

#[test]
fn a_resource_binds_when_its_load_does() {
    let mut tasks = vec![task(&[], &[], 1.0)];
    tasks.extend((0..5).map(|_| task(&[0], &[(0, 2.0)], 2.0)));
    tasks.push(task(&[1, 2, 3, 4, 5], &[], 4.0));
    let problem = Problem { resources: vec![resource("cores", 2)], tasks };
    let lower = bound(&problem).unwrap();
    assert_eq!(lower.binding, Binding::Resource { resource: 0, head: 1.0, load: 5.0, tail: 4.0 });
    assert!((lower.makespan - 10.0).abs() < 1e-9);
    assert_eq!(list_schedule(&problem).unwrap().makespan, 11.0, "five tasks on two cores take three rounds");
}

#[test]
fn a_pipelined_unit_is_free_before_its_result_is_there() {
    let tasks = (0..3).map(|_| task(&[], &[(0, 1.0)], 5.0)).collect();
    let problem = Problem { resources: vec![resource("ptu", 1)], tasks };
    assert_eq!(list_schedule(&problem).unwrap().start, [0.0, 1.0, 2.0]);
    assert_eq!(list_schedule(&problem).unwrap().makespan, 7.0);
}

#[test]
fn a_fetch_without_a_limit_comes_just_in_time() {
    let tasks = vec![
        task(&[], &[(0, 0.3)], 0.3),
        task(&[], &[], 0.1),
        task(&[0, 1], &[(0, 0.7)], 0.7),
        task(&[1, 2], &[(0, 1.0)], 1.0),
        task(&[], &[(0, 0.0)], 0.2),
    ];
    let problem = Problem { resources: vec![resource("cpu", 1)], tasks };
    let schedule = list_schedule(&problem).unwrap();
    check(&problem, &schedule).unwrap();
    assert!((schedule.start[1] - 0.2).abs() < 1e-12, "just before its first reader: {schedule:?}");
    assert_eq!(schedule.start[4], 0.0, "nothing reads it, so it does not wait");
}

#[test]
fn nothing_to_do_takes_no_time() {
    let problem = Problem::default();
    assert_eq!(list_schedule(&problem).unwrap().makespan, 0.0);
    assert_eq!(bound(&problem).unwrap().binding, Binding::Path(Vec::new()));
}

#[test]
fn defects_are_reported_together() {
    let problem = Problem {
        resources: vec![resource("ptu", 0)],
        tasks: vec![
            task(&[9], &[(4, 1.0)], f64::NAN),
            task(&[], &[(0, -1.0), (0, 1.0)], 2.0),
            task(&[], &[(0, 3.0)], 2.0),
        ],
    };
    let found = list_schedule(&problem).unwrap_err();
    let headlines: Vec<_> = found.0.iter().map(|d| d.headline.as_str()).collect();
    assert_eq!(
        headlines,
        [
            "resource `ptu` has no units",
            "task 0 has no valid latency",
            "task 0 waits for a task that does not exist",
            "task 0 uses a resource that does not exist",
            "task 1 holds `ptu` for no valid time",
            "task 1 uses `ptu` twice",
            "task 2 holds `ptu` for longer than it runs",
        ]
    );
    assert!(found.0.iter().all(|d| d.code.name == "E0801"));
}

#[test]
fn a_cycle_is_an_error_that_shows_it() {
    let tasks = vec![task(&[], &[], 1.0), task(&[0, 3], &[], 1.0), task(&[1], &[], 1.0), task(&[2], &[], 1.0)];
    let found = bound(&Problem { resources: Vec::new(), tasks }).unwrap_err();
    assert_eq!(found.0.len(), 1);
    let shown = found.0[0].found.clone().unwrap();
    assert_eq!(shown, "task 1, which waits for task 3, which waits for task 2, back to task 1");
    let itself = Problem { resources: Vec::new(), tasks: vec![task(&[0], &[], 1.0)] };
    assert!(list_schedule(&itself).is_err());
}

#[test]
fn totals_beyond_the_floats_are_an_error() {
    let tasks = vec![task(&[], &[], 1e308); 2];
    assert!(list_schedule(&Problem { resources: Vec::new(), tasks }).is_err());
}

#[test]
fn a_hundred_thousand_tasks_are_no_trouble() {
    let resources = vec![resource("cpu", 1), resource("ptu", 4), resource("dram -> sram", 1)];
    let tasks = (0..100_000_u32)
        .map(|i| {
            let after: Vec<u32> = if i < 7 { vec![] } else { vec![i - 1 - i % 5, i - 7] };
            let held = f64::from(i % 11) * 1e-9;
            task(&after, &[(i % 3, held)], held * 1.5)
        })
        .collect();
    let problem = Problem { resources, tasks };
    let achieved = list_schedule(&problem).unwrap();
    check(&problem, &achieved).unwrap();
    assert!(bound(&problem).unwrap().makespan <= achieved.makespan);
}

/// Layers of three products that stream their weights over a link with an instant between them, and one product that waits for a long
/// load: the load must not start in that instant, and must start while the last product runs, though it delays the next layer a little.
#[test]
fn a_unit_waits_an_instant_for_what_is_more_urgent() {
    let (link, unit, core) = (0, 1, 2);
    let resources = vec![resource("dram -> sram", 1), resource("ptu", 1), resource("cpu", 1)];
    let layers = 12_u32;
    let layer = |i: u32| {
        let at = 7 * i;
        let stream = |after: u32, held| task(&[after], &[(link, held), (unit, held)], held);
        let instant = |after: u32| task(&[after], &[(core, 1e-3)], 1e-3);
        let last: Vec<u32> = i.checked_sub(1).map(|_| at - 1).into_iter().collect();
        [
            task(&[], &[(link, 120.0)], 120.0),
            task(&last, &[(core, 1e-3)], 1e-3),
            stream(at + 1, 90.0),
            instant(at + 2),
            stream(at + 3, 90.0),
            instant(at + 4),
            task(&[at, at + 5], &[(unit, 80.0)], 80.0),
        ]
    };
    let problem = Problem { resources, tasks: (0..layers).flat_map(layer).collect() };
    let achieved = list_schedule(&problem).unwrap();
    check(&problem, &achieved).unwrap();
    // The link is busy from the first to the last, but for the last product.
    assert!(achieved.makespan < 1.03 * f64::from(layers) * 300.0, "{achieved:?}");
}

/// Everything is ready at once and nothing contends.
#[test]
fn a_wide_graph_is_no_trouble() {
    let resources = vec![resource("ptu", u32::MAX), resource("cpu", 1)];
    let mut tasks = vec![task(&[], &[(1, 1.0)], 1.0)];
    tasks.extend((0..50_000).map(|i| task(&[0], &[(0, f64::from(i % 7))], f64::from(i % 7))));
    tasks.extend((0..5).map(|_| task(&[0], &[(1, 3.0)], 4.0)));
    let problem = Problem { resources, tasks };
    check(&problem, &list_schedule(&problem).unwrap()).unwrap();
}
