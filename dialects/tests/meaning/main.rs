//! Each `nn` operation against numbers worked out by hand.

mod attention;
mod experts;
mod indexing;

use prism_dialects::interp::{self, Data, Tensor};
use prism_dialects::registry;
use prism_dialects::{Attr, Attrs, Dense, Elem, F64, Numbers, OpView, TensorType, Type};
use std::collections::BTreeSet;

fn f(dims: &[u64], numbers: &[f64]) -> Tensor {
    Tensor { ty: TensorType::new(dims, Elem::F32), data: Data::Float(numbers.to_vec()) }
}

fn i(dims: &[u64], numbers: &[i64]) -> Tensor {
    of(Elem::I64, dims, numbers)
}

fn bools(dims: &[u64], numbers: &[i64]) -> Tensor {
    of(Elem::I1, dims, numbers)
}

fn of(elem: Elem, dims: &[u64], numbers: &[i64]) -> Tensor {
    Tensor { ty: TensorType::new(dims, elem), data: Data::Int(numbers.to_vec()) }
}

fn ints(v: &[i64]) -> Attr {
    Attr::Ints(v.to_vec())
}

fn attrs(entries: &[(&str, Attr)]) -> Attrs {
    entries.iter().map(|(k, v)| ((*k).to_string(), v.clone())).collect()
}

/// The value of an operation whose result type follows from its operands.
fn eval(name: &'static str, args: &[&Tensor], entries: &[(&str, Attr)]) -> Result<Tensor, String> {
    let def = registry::op(name);
    let operands: Vec<Type> = args.iter().map(|t| Type::Tensor(t.ty.clone())).collect();
    let attrs = attrs(entries);
    let view = OpView { def, operands: &operands, results: &[], attrs: &attrs };
    let ty = def.infer.expect("shape rule")(&view).map_err(|p| p.what)?;
    interp::evaluate(def, args, &attrs, &ty)
}

#[track_caller]
fn gives(name: &'static str, args: &[&Tensor], entries: &[(&str, Attr)], want: &Tensor) {
    let made = eval(name, args, entries).unwrap_or_else(|e| panic!("{name}: {e}"));
    assert_eq!(interp::difference(&made, want, 1e-12), None, "{name}: {made:?}");
}

#[track_caller]
fn fails(name: &'static str, args: &[&Tensor], entries: &[(&str, Attr)], why: &str) {
    let e = eval(name, args, entries).expect_err(name);
    assert!(e.contains(why), "{name}: {e}");
}

#[test]
fn unary() {
    let x = f(&[3], &[-1.5, 0.0, 2.0]);
    let e = std::f64::consts::E;
    let cases: [(&'static str, [f64; 3]); 10] = [
        ("nn.neg", [1.5, 0.0, -2.0]),
        ("nn.abs", [1.5, 0.0, 2.0]),
        ("nn.exp", [0.22313016014842982, 1.0, e * e]),
        ("nn.sin", [-0.9974949866040544, 0.0, 0.9092974268256817]),
        ("nn.cos", [0.0707372016677029, 1.0, -0.4161468365471424]),
        ("nn.tanh", [-0.9051482536448664, 0.0, 0.9640275800758169]),
        ("nn.sigmoid", [0.18242552380635635, 0.5, 0.8807970779778823]),
        ("nn.erf", [-0.9661051464753108, 0.0, 0.9953222650189527]),
        ("nn.relu", [0.0, 0.0, 2.0]),
        ("nn.silu", [-0.273_638_285_709_534_5, 0.0, 1.7615941559557646]),
    ];
    for (name, want) in cases {
        gives(name, &[&x], &[], &f(&[3], &want));
    }
    // x Phi(x), Phi the normal distribution: Phi(-1.5) = 0.0668072012688581, Phi(2) = 0.9772498680518208.
    gives("nn.gelu", &[&x], &[], &f(&[3], &[-0.10021080190328715, 0.0, 1.9544997361036416]));
    let tanh = f(&[2], &[1.0, -1.0]);
    gives("nn.gelu", &[&tanh], &[("tanh", Attr::Bool(true))], &f(&[2], &[0.8411919906082768, -0.15880800939172324]));
    gives("nn.floor", &[&x], &[], &f(&[3], &[-2.0, 0.0, 2.0]));
    gives("nn.round", &[&f(&[4], &[0.5, 1.5, -2.5, 2.6])], &[], &f(&[4], &[0.0, 2.0, -2.0, 3.0]));
    gives("nn.ceil", &[&x], &[], &f(&[3], &[-1.0, 0.0, 2.0]));
    let y = f(&[2], &[4.0, 0.25]);
    gives("nn.log", &[&y], &[], &f(&[2], &[1.3862943611198906, -1.3862943611198906]));
    gives("nn.sqrt", &[&y], &[], &f(&[2], &[2.0, 0.5]));
    gives("nn.rsqrt", &[&y], &[], &f(&[2], &[0.5, 2.0]));
    gives("nn.reciprocal", &[&y], &[], &f(&[2], &[0.25, 4.0]));
    gives("nn.not", &[&bools(&[2], &[0, 1])], &[], &bools(&[2], &[1, 0]));
    gives("nn.neg", &[&i(&[2], &[3, -4])], &[], &i(&[2], &[-3, 4]));
    gives("nn.relu", &[&f(&[1], &[f64::NAN])], &[], &f(&[1], &[f64::NAN]));
    fails("nn.abs", &[&i(&[1], &[i64::MIN])], &[], "overflows");
    fails("nn.neg", &[&of(Elem::U8, &[1], &[1])], &[], "does not fit ui8");
}

#[test]
fn binary() {
    let (a, b) = (f(&[2, 1], &[6.0, -7.0]), f(&[2], &[2.0, 4.0]));
    let cases: [(&'static str, [f64; 4]); 8] = [
        ("nn.add", [8.0, 10.0, -5.0, -3.0]),
        ("nn.sub", [4.0, 2.0, -9.0, -11.0]),
        ("nn.mul", [12.0, 24.0, -14.0, -28.0]),
        ("nn.div", [3.0, 1.5, -3.5, -1.75]),
        ("nn.pow", [36.0, 1296.0, 49.0, 2401.0]),
        ("nn.max", [6.0, 6.0, 2.0, 4.0]),
        ("nn.min", [2.0, 4.0, -7.0, -7.0]),
        ("nn.mod", [0.0, 2.0, 1.0, 1.0]),
    ];
    for (name, want) in cases {
        gives(name, &[&a, &b], &[], &f(&[2, 2], &want));
    }
    let (p, q) = (i(&[3], &[7, -7, 5]), i(&[], &[3]));
    gives("nn.div", &[&p, &q], &[], &i(&[3], &[2, -2, 1]));
    gives("nn.mod", &[&p, &q], &[], &i(&[3], &[1, 2, 2]));
    gives("nn.pow", &[&p, &q], &[], &i(&[3], &[343, -343, 125]));
    fails("nn.div", &[&p, &i(&[1], &[0])], &[], "by zero");
    fails("nn.mul", &[&i(&[1], &[i64::MAX]), &q], &[], "overflows");
    fails("nn.add", &[&of(Elem::I8, &[1], &[100]), &of(Elem::I8, &[1], &[28])], &[], "does not fit i8");
    gives("nn.max", &[&f(&[1], &[f64::NAN]), &f(&[1], &[1.0])], &[], &f(&[1], &[f64::NAN]));
}

#[test]
fn comparison_logic_and_choice() {
    let (a, b) = (f(&[3], &[1.0, 2.0, 3.0]), f(&[1], &[2.0]));
    for (name, want) in [
        ("nn.equal", [0, 1, 0]),
        ("nn.less", [1, 0, 0]),
        ("nn.less_equal", [1, 1, 0]),
        ("nn.greater", [0, 0, 1]),
        ("nn.greater_equal", [0, 1, 1]),
    ] {
        gives(name, &[&a, &b], &[], &bools(&[3], &want));
        gives(name, &[&i(&[3], &[1, 2, 3]), &i(&[1], &[2])], &[], &bools(&[3], &want));
    }
    let (p, q) = (bools(&[4], &[0, 0, 1, 1]), bools(&[4], &[0, 1, 0, 1]));
    for (name, want) in [("nn.and", [0, 0, 0, 1]), ("nn.or", [0, 1, 1, 1]), ("nn.xor", [0, 1, 1, 0])] {
        gives(name, &[&p, &q], &[], &bools(&[4], &want));
    }
    gives("nn.where", &[&bools(&[2, 1], &[1, 0]), &a, &b], &[], &f(&[2, 3], &[1.0, 2.0, 3.0, 2.0, 2.0, 2.0]));
}

#[test]
fn matmul() {
    let a = f(&[2, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    let b = f(&[3, 2], &[7.0, 8.0, 9.0, 10.0, 11.0, 12.0]);
    let ab = f(&[2, 2], &[58.0, 64.0, 139.0, 154.0]);
    gives("nn.matmul", &[&a, &b], &[], &ab);
    let (at, bt) = (f(&[3, 2], &[1.0, 4.0, 2.0, 5.0, 3.0, 6.0]), f(&[2, 3], &[7.0, 9.0, 11.0, 8.0, 10.0, 12.0]));
    let (lhs, rhs) = (("transpose_lhs", Attr::Bool(true)), ("transpose_rhs", Attr::Bool(true)));
    gives("nn.matmul", &[&at, &b], std::slice::from_ref(&lhs), &ab);
    gives("nn.matmul", &[&a, &bt], std::slice::from_ref(&rhs), &ab);
    gives("nn.matmul", &[&at, &bt], &[lhs, rhs], &ab);
    // Leading axes broadcast: [2,1] with [3] to [2,3].
    let (s, t) = (f(&[2, 1, 1, 1], &[2.0, 3.0]), f(&[3, 1, 1], &[5.0, 7.0, 11.0]));
    gives("nn.matmul", &[&s, &t], &[], &f(&[2, 3, 1, 1], &[10.0, 14.0, 22.0, 15.0, 21.0, 33.0]));
    gives("nn.matmul", &[&f(&[2, 0], &[]), &f(&[0, 1], &[])], &[], &f(&[2, 1], &[0.0, 0.0]));
    gives("nn.matmul", &[&i(&[1, 2], &[3, 4]), &i(&[2, 1], &[5, -6])], &[], &i(&[1, 1], &[-9]));
    // A huge extent beside an empty one costs nothing.
    let empty = f(&[1 << 40, 0, 5], &[]);
    gives("nn.matmul", &[&empty, &f(&[5, 1], &[0.0; 5])], &[], &f(&[1 << 40, 0, 1], &[]));
}

#[test]
fn rows() {
    let axis = |a| ("axis", Attr::Int(a));
    let x = f(&[2, 2], &[0.0, 3f64.ln(), 1000.0, 1000.0]);
    gives("nn.softmax", &[&x], &[axis(1)], &f(&[2, 2], &[0.25, 0.75, 0.5, 0.5]));
    let column = f(&[2, 2], &[0.0, 5.0, 3f64.ln(), 5.0]);
    gives("nn.softmax", &[&column], &[axis(0)], &f(&[2, 2], &[0.25, 0.5, 0.75, 0.5]));
    // Rows 1, 3 and 2, 6: means 2 and 4, deviations 1 and 2.
    let y = f(&[2, 2], &[1.0, 3.0, 2.0, 6.0]);
    let (scale, bias) = (f(&[2], &[10.0, 100.0]), f(&[2], &[1.0, 2.0]));
    let exact = [axis(1), ("epsilon", Attr::float(0.0))];
    gives("nn.layer_norm", &[&y, &scale, &bias], &exact, &f(&[2, 2], &[-9.0, 102.0, -9.0, 102.0]));
    gives("nn.layer_norm", &[&y, &scale], &exact, &f(&[2, 2], &[-10.0, 100.0, -10.0, 100.0]));
    let soft = [axis(1), ("epsilon", Attr::float(3.0))];
    gives("nn.layer_norm", &[&f(&[1, 2], &[1.0, 3.0]), &scale], &soft, &f(&[1, 2], &[-5.0, 50.0]));
    let whole = f(&[2, 2], &[1.0; 4]);
    let all = [axis(0), ("epsilon", Attr::float(0.0))];
    gives("nn.layer_norm", &[&f(&[2, 2], &[1.0, 3.0, 1.0, 3.0]), &whole], &all, &f(&[2, 2], &[-1.0, 1.0, -1.0, 1.0]));
    // Mean squares 25 and 4.
    let z = f(&[2, 2], &[1.0, 7.0, 2.0, -2.0]);
    gives("nn.rms_norm", &[&z, &scale], &exact, &f(&[2, 2], &[2.0, 140.0, 10.0, -100.0]));
}

#[test]
fn reductions_and_running_sums() {
    let x = f(&[2, 3], &[1.0, 2.0, 3.0, 4.0, 5.0, 9.0]);
    gives("nn.reduce_sum", &[&x], &[("axes", ints(&[1]))], &f(&[2], &[6.0, 18.0]));
    gives("nn.reduce_mean", &[&x], &[("axes", ints(&[0]))], &f(&[3], &[2.5, 3.5, 6.0]));
    gives("nn.reduce_max", &[&x], &[("axes", ints(&[0, 1])), ("keepdims", Attr::Bool(true))], &f(&[1, 1], &[9.0]));
    gives("nn.reduce_min", &[&x], &[("axes", ints(&[0, 1]))], &f(&[], &[1.0]));
    gives("nn.reduce_prod", &[&x], &[("axes", ints(&[0]))], &f(&[3], &[4.0, 10.0, 27.0]));
    gives("nn.reduce_prod", &[&i(&[0], &[])], &[("axes", ints(&[0]))], &i(&[], &[1]));
    fails("nn.reduce_prod", &[&i(&[2], &[i64::MAX, 2])], &[("axes", ints(&[0]))], "overflows");
    gives("nn.reduce_sum", &[&x], &[("axes", ints(&[]))], &x);
    gives("nn.reduce_mean", &[&i(&[2], &[-4, 1])], &[("axes", ints(&[0]))], &i(&[], &[-1]));
    gives("nn.reduce_sum", &[&f(&[0, 2], &[])], &[("axes", ints(&[0]))], &f(&[2], &[0.0, 0.0]));
    fails("nn.reduce_max", &[&i(&[0], &[])], &[("axes", ints(&[0]))], "no integers");
    let (axis, yes) = (("axis", Attr::Int(1)), Attr::Bool(true));
    gives("nn.cumsum", &[&x], std::slice::from_ref(&axis), &f(&[2, 3], &[1.0, 3.0, 6.0, 4.0, 9.0, 18.0]));
    let back = [axis.clone(), ("reverse", yes.clone())];
    gives("nn.cumsum", &[&x], &back, &f(&[2, 3], &[6.0, 5.0, 3.0, 18.0, 14.0, 9.0]));
    gives(
        "nn.cumsum",
        &[&x],
        &[axis.clone(), ("exclusive", yes.clone())],
        &f(&[2, 3], &[0.0, 1.0, 3.0, 0.0, 4.0, 9.0]),
    );
    let both = [axis, ("exclusive", yes.clone()), ("reverse", yes.clone())];
    gives("nn.cumsum", &[&x], &both, &f(&[2, 3], &[5.0, 3.0, 0.0, 14.0, 9.0, 0.0]));
    let down = [("axis", Attr::Int(0))];
    gives("nn.cumsum", &[&i(&[2, 2], &[1, 2, 3, 4])], &down, &i(&[2, 2], &[1, 2, 4, 6]));
    // The sum that an exclusive run leaves out may overflow.
    let edge = i(&[2], &[i64::MAX, 1]);
    fails("nn.cumsum", &[&edge], &down, "overflows");
    gives("nn.cumsum", &[&edge], &[down[0].clone(), ("exclusive", yes)], &i(&[2], &[0, i64::MAX]));
}

#[test]
fn moving_elements() {
    let x = i(&[2, 3], &[1, 2, 3, 4, 5, 6]);
    gives("nn.transpose", &[&x], &[("perm", ints(&[1, 0]))], &i(&[3, 2], &[1, 4, 2, 5, 3, 6]));
    let cube = i(&[1, 2, 2], &[1, 2, 3, 4]);
    gives("nn.transpose", &[&cube], &[("perm", ints(&[2, 0, 1]))], &i(&[2, 1, 2], &[1, 3, 2, 4]));
    let cut = |a: &[i64], b: &[i64], c: &[i64]| [("starts", ints(a)), ("sizes", ints(b)), ("steps", ints(c))];
    gives("nn.slice", &[&x], &cut(&[0, 2], &[2, 2], &[1, -2]), &i(&[2, 2], &[3, 1, 6, 4]));
    gives("nn.slice", &[&x], &cut(&[1, 0], &[1, 1], &[i64::MAX, i64::MIN]), &i(&[1, 1], &[4]));
    gives("nn.slice", &[&x], &cut(&[99, 0], &[0, 3], &[1, 1]), &i(&[0, 3], &[]));
    fails("nn.slice", &[&x], &cut(&[0, 0], &[2, 4], &[1, 1]), "slice");
    let axis = |a| ("axis", Attr::Int(a));
    gives("nn.concat", &[&x, &i(&[2, 1], &[7, 8])], &[axis(1)], &i(&[2, 4], &[1, 2, 3, 7, 4, 5, 6, 8]));
    gives(
        "nn.concat",
        &[&x, &i(&[0, 3], &[]), &i(&[1, 3], &[7, 8, 9])],
        &[axis(0)],
        &i(&[3, 3], &[1, 2, 3, 4, 5, 6, 7, 8, 9]),
    );
}

/// The value of an operation whose result type is part of it.
fn typed(name: &'static str, args: &[&Tensor], entries: &[(&str, Attr)], ty: TensorType) -> Result<Tensor, String> {
    interp::evaluate(registry::op(name), args, &attrs(entries), &ty)
}

#[test]
fn results_that_the_type_decides() {
    let x = f(&[2], &[-1.9, 2.9]);
    let to = |elem| TensorType::new([2], elem);
    assert_eq!(typed("nn.cast", &[&x], &[], to(Elem::I8)), Ok(of(Elem::I8, &[2], &[-1, 2])));
    assert_eq!(typed("nn.cast", &[&i(&[2], &[0, 7])], &[], to(Elem::I1)), Ok(bools(&[2], &[0, 1])));
    assert_eq!(typed("nn.cast", &[&bools(&[2], &[0, 1])], &[], to(Elem::F32)), Ok(f(&[2], &[0.0, 1.0])));
    assert!(typed("nn.cast", &[&f(&[2], &[0.0, f64::NAN])], &[], to(Elem::I64)).is_err());
    assert!(typed("nn.cast", &[&f(&[2], &[0.0, 300.0])], &[], to(Elem::U8)).is_err());
    let column = TensorType::new([2, 1], Elem::F32);
    assert_eq!(typed("nn.reshape", &[&x], &[], column), Ok(f(&[2, 1], &[-1.9, 2.9])));
    let square = TensorType::new([2, 2], Elem::F32);
    assert_eq!(typed("nn.broadcast", &[&x], &[], square.clone()), Ok(f(&[2, 2], &[-1.9, 2.9, -1.9, 2.9])));
    assert_eq!(typed("nn.broadcast", &[&f(&[2, 1], &[1.0, 2.0])], &[], square), Ok(f(&[2, 2], &[1.0, 1.0, 2.0, 2.0])));
    let steps = [("start", Attr::Int(5)), ("step", Attr::Int(-2))];
    assert_eq!(typed("nn.iota", &[], &steps, TensorType::new([3], Elem::I64)), Ok(i(&[3], &[5, 3, 1])));
    assert_eq!(typed("nn.iota", &[], &steps, TensorType::new([3], Elem::F32)), Ok(f(&[3], &[5.0, 3.0, 1.0])));
    let dense = |v: &[f64]| {
        Attr::Dense(Dense { ty: to(Elem::F32), numbers: Numbers::Float(v.iter().map(|x| F64(*x)).collect()) })
    };
    assert_eq!(typed("nn.constant", &[], &[("value", dense(&[4.0]))], to(Elem::F32)), Ok(f(&[2], &[4.0, 4.0])));
    assert!(typed("nn.constant", &[], &[("value", dense(&[4.0; 3]))], to(Elem::F32)).is_err());
}

/// Every operation of `nn` has a meaning, except weights, whose numbers are not in the program.
#[test]
fn every_operation_has_a_meaning() {
    let nn = registry::DIALECTS.iter().find(|d| d.name == "nn").expect("nn");
    let without: BTreeSet<&str> = nn.ops.iter().filter(|op| op.interp.is_none()).map(|op| op.name).collect();
    assert_eq!(without, BTreeSet::from(["nn.param"]));
}
