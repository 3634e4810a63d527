//! Picking elements by index, and putting them there.

use super::{bools, f, fails, gives, i};
use prism_dialects::Attr;

fn axis(a: i64) -> (&'static str, Attr) {
    ("axis", Attr::Int(a))
}

#[test]
fn picking() {
    let x = i(&[2, 3], &[1, 2, 3, 4, 5, 6]);
    gives("nn.gather", &[&x, &i(&[2, 1], &[-1, 0])], &[axis(1)], &i(&[2, 2, 1], &[3, 1, 6, 4]));
    gives("nn.gather", &[&x, &i(&[], &[1])], &[axis(0)], &i(&[3], &[4, 5, 6]));
    fails("nn.gather", &[&x, &i(&[1], &[3])], &[axis(1)], "index 3");
    fails("nn.gather", &[&x, &i(&[1], &[-3])], &[axis(0)], "index -3");
    let at = |n| [("batch_dims", Attr::Int(n))];
    gives("nn.gather_nd", &[&x, &i(&[2, 2], &[0, 1, 1, -1])], &at(0), &i(&[2], &[2, 6]));
    gives("nn.gather_nd", &[&x, &i(&[1, 1], &[1])], &at(0), &i(&[1, 3], &[4, 5, 6]));
    gives("nn.gather_nd", &[&x, &i(&[2, 1], &[2, 0])], &at(1), &i(&[2], &[3, 4]));
    fails("nn.gather_nd", &[&x, &i(&[1, 2], &[0, 3])], &at(0), "index 3");
    gives("nn.gather_elements", &[&x, &i(&[2, 2], &[0, -1, 1, 1])], &[axis(1)], &i(&[2, 2], &[1, 3, 5, 5]));
    gives("nn.gather_elements", &[&x, &i(&[1, 3], &[1, 0, 1])], &[axis(0)], &i(&[1, 3], &[4, 2, 6]));
    // Shorter than the table on the axis that is not picked along.
    gives("nn.gather_elements", &[&x, &i(&[1, 2], &[2, 0])], &[axis(1)], &i(&[1, 2], &[3, 1]));
    fails("nn.gather_elements", &[&x, &i(&[2, 1], &[0, 3])], &[axis(1)], "index 3");
    fails("nn.gather_elements", &[&x, &i(&[3, 3], &[0; 9])], &[axis(1)], "indices");
}

#[test]
fn putting() {
    let x = i(&[2, 3], &[1, 2, 3, 4, 5, 6]);
    let (at, new) = (i(&[2, 2], &[0, -1, 1, 1]), i(&[2, 2], &[10, 20, 30, 40]));
    let how = |word: &str| ("reduction", Attr::str(word));
    // The last update of an element stays.
    gives("nn.scatter_elements", &[&x, &at, &new], &[axis(1)], &i(&[2, 3], &[10, 2, 20, 4, 40, 6]));
    gives("nn.scatter_elements", &[&x, &at, &new], &[axis(1), how("add")], &i(&[2, 3], &[11, 2, 23, 4, 75, 6]));
    gives("nn.scatter_elements", &[&x, &at, &new], &[axis(1), how("max")], &i(&[2, 3], &[10, 2, 20, 4, 40, 6]));
    let (row, deltas) = (i(&[1, 3], &[1, 0, 1]), i(&[1, 3], &[7, 8, 9]));
    gives("nn.scatter_elements", &[&x, &row, &deltas], &[axis(0)], &i(&[2, 3], &[1, 8, 3, 7, 5, 9]));
    let vectors = i(&[2, 2], &[0, 0, 1, -1]);
    gives("nn.scatter_nd", &[&x, &vectors, &i(&[2], &[9, 8])], &[], &i(&[2, 3], &[9, 2, 3, 4, 5, 8]));
    gives("nn.scatter_nd", &[&x, &i(&[1, 1], &[1]), &i(&[1, 3], &[7, 8, 9])], &[], &i(&[2, 3], &[1, 2, 3, 7, 8, 9]));
    let twice = i(&[2, 1], &[0, 0]);
    let y = f(&[1], &[2.0]);
    gives("nn.scatter_nd", &[&y, &twice, &f(&[2], &[3.0, 5.0])], &[how("mul")], &f(&[1], &[30.0]));
    gives("nn.scatter_nd", &[&y, &twice, &f(&[2], &[3.0, 1.0])], &[how("min")], &f(&[1], &[1.0]));
    gives("nn.scatter_nd", &[&bools(&[2], &[0, 0]), &i(&[1, 1], &[1]), &bools(&[1], &[1])], &[], &bools(&[2], &[0, 1]));
    fails("nn.scatter_nd", &[&x, &i(&[1, 1], &[2]), &i(&[1, 3], &[0; 3])], &[], "index 2");
    fails("nn.scatter_nd", &[&x, &i(&[1, 1], &[0]), &i(&[1, 2], &[0; 2])], &[], "updates");
    fails("nn.scatter_nd", &[&y, &twice, &f(&[2], &[3.0, 5.0])], &[how("mean")], "reduction");
    fails(
        "nn.scatter_elements",
        &[&i(&[1], &[i64::MAX]), &i(&[1], &[0]), &i(&[1], &[1])],
        &[axis(0), how("add")],
        "overflows",
    );
}

#[test]
fn the_largest() {
    let x = f(&[2, 3], &[1.0, 5.0, 5.0, 7.0, f64::NAN, 2.0]);
    gives("nn.arg_max", &[&x], &[axis(1)], &i(&[2], &[1, 1]));
    gives("nn.arg_max", &[&x], &[axis(1), ("last", Attr::Bool(true))], &i(&[2], &[2, 1]));
    gives("nn.arg_max", &[&x], &[axis(0)], &i(&[3], &[1, 1, 0]));
    gives("nn.arg_max", &[&i(&[3], &[-1, -1, -5])], &[axis(0), ("last", Attr::Bool(true))], &i(&[], &[1]));
    fails("nn.arg_max", &[&i(&[0], &[])], &[axis(0)], "no numbers");
    let k = |k| ("k", Attr::Int(k));
    gives("nn.top_k", &[&x], &[axis(1), k(2)], &i(&[2, 2], &[1, 2, 1, 0]));
    gives("nn.top_k", &[&x], &[axis(1), k(2), ("smallest", Attr::Bool(true))], &i(&[2, 2], &[0, 1, 2, 0]));
    gives("nn.top_k", &[&x], &[axis(0), k(1)], &i(&[1, 3], &[1, 1, 0]));
    gives("nn.top_k", &[&x], &[axis(0), k(0)], &i(&[0, 3], &[]));
    fails("nn.top_k", &[&x], &[axis(0), k(3)], "attribute `k`");
    // Zeros of both signs are equal.
    gives("nn.top_k", &[&f(&[2], &[-0.0, 0.0])], &[axis(0), k(2)], &i(&[2], &[0, 1]));
}
