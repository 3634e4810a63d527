//! Rows to experts and back.

use super::{f, fails, gives, i};
use prism_dialects::Attr;

fn sizes(experts: i64, capacity: i64) -> [(&'static str, Attr); 2] {
    [("experts", Attr::Int(experts)), ("capacity", Attr::Int(capacity))]
}

#[test]
fn rows_go_to_their_experts_and_come_back() {
    let x = f(&[3, 2], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    let choices = i(&[3, 2], &[2, 0, 0, 2, 1, 0]);
    // Expert 0 is chosen by all three tokens, expert 1 by the last, expert 2 by the first two.
    let all = f(&[3, 3, 2], &[1., 2., 3., 4., 5., 6., 5., 6., 0., 0., 0., 0., 1., 2., 3., 4., 0., 0.]);
    gives("nn.moe_dispatch", &[&x, &choices], &sizes(3, 3), &all);
    let weights = f(&[3, 2], &[0.5, 2.0, 1.0, 10.0, 3.0, 0.25]);
    // Experts that change nothing: each row times the sum of its weights.
    gives("nn.moe_combine", &[&all, &choices, &weights], &[], &f(&[3, 2], &[2.5, 5.0, 33.0, 44.0, 16.25, 19.5]));
}

#[test]
fn choices_beyond_the_capacity_are_dropped() {
    let x = f(&[3, 1], &[1.0, 2.0, 3.0]);
    let choices = i(&[3, 1], &[0, 0, 0]);
    let two = f(&[2, 2, 1], &[1.0, 2.0, 0.0, 0.0]);
    gives("nn.moe_dispatch", &[&x, &choices], &sizes(2, 2), &two);
    let weights = f(&[3, 1], &[1.0, 1.0, 1.0]);
    gives("nn.moe_combine", &[&two, &choices, &weights], &[], &f(&[3, 1], &[1.0, 2.0, 0.0]));
    // Without tokens experts have nothing to do.
    gives("nn.moe_dispatch", &[&f(&[0, 1], &[]), &i(&[0, 1], &[])], &sizes(1, 2), &f(&[1, 2, 1], &[0.0, 0.0]));
}

#[test]
fn what_is_no_routing_is_refused() {
    let (x, choices) = (f(&[2, 1], &[1.0, 2.0]), i(&[2, 1], &[0, 1]));
    fails("nn.moe_dispatch", &[&x, &choices], &sizes(0, 1), "attribute `experts`");
    fails("nn.moe_dispatch", &[&x, &choices], &sizes(2, -1), "attribute `capacity`");
    fails("nn.moe_dispatch", &[&x, &i(&[3, 1], &[0, 1, 0])], &sizes(2, 1), "x");
    fails("nn.moe_dispatch", &[&x, &f(&[2, 1], &[0.0, 1.0])], &sizes(2, 1), "choices");
    fails("nn.moe_dispatch", &[&x, &i(&[2, 1], &[0, 2])], &sizes(2, 1), "index 2 of an expert among 2");
    fails("nn.moe_dispatch", &[&x, &i(&[2, 1], &[0, -1])], &sizes(2, 1), "index -1");
    fails("nn.moe_dispatch", &[&x, &choices], &sizes(1 << 40, 1 << 40), "size");
    let y = f(&[2, 1, 1], &[1.0, 2.0]);
    fails("nn.moe_combine", &[&y, &choices, &f(&[1, 2], &[1.0, 1.0])], &[], "weights");
    fails("nn.moe_combine", &[&x, &choices, &x], &[], "y");
}
