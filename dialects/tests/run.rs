//! Whole bodies: functions at both levels, and classes of a segment.

use prism_dialects::interp::{self, Data, Tensor};
use prism_dialects::registry::op;
use prism_dialects::{Attr, Attrs, Body, Elem, Holder, Loc, TensorType, Type, ValueId, View};

fn tensor(dims: &[u64], numbers: &[f64]) -> Tensor {
    Tensor { ty: TensorType::new(dims, Elem::F32), data: Data::Float(numbers.to_vec()) }
}

fn attrs<const N: usize>(entries: [(&str, Attr); N]) -> Attrs {
    entries.into_iter().map(|(k, v)| (k.to_string(), v)).collect()
}

fn priced<const N: usize>(entries: [(&str, Attr); N]) -> Attrs {
    let mut all = attrs([("unit", Attr::str("u")), ("cost", Attr::dict(Attrs::new()))]);
    all.extend(attrs(entries));
    all
}

fn maths(dims: &[u64]) -> Type {
    Type::Tensor(TensorType::new(dims, Elem::F32))
}

fn view(view: View, dims: &[u64]) -> Type {
    Type::viewed(view, TensorType::new(dims, Elem::F32), 8)
}

fn weight(name: &str, ty: &TensorType) -> Result<Tensor, String> {
    let n = usize::try_from(ty.numel()).map_err(|e| e.to_string())?;
    if name != "w" {
        return Err(format!("no weight `{name}`"));
    }
    Ok(Tensor { ty: ty.clone(), data: Data::Float((0..n).map(|i| i as f64).collect()) })
}

/// `x w + x w` for x of 1x2 and w of 2x2.
fn product() -> Body {
    let mut b = Body::new("main", Holder::Func);
    let x = b.arg(maths(&[1, 2]), Loc::name("x"));
    let w = b.push(op("nn.param"), &[], attrs([("name", Attr::str("w"))]), maths(&[2, 2]), Loc::name("w"));
    let y = b.push(op("nn.matmul"), &[x, w], Attrs::new(), maths(&[1, 2]), Loc::name("fc"));
    let z = b.push(op("nn.add"), &[y, y], Attrs::new(), maths(&[1, 2]), Loc::name("twice"));
    b.results.push(z);
    b
}

#[test]
fn a_function_of_maths_runs() {
    let out = interp::run(&product(), &[tensor(&[1, 2], &[1.0, 10.0])], &weight);
    // [1 10] [[0 1] [2 3]] = [20 31]
    assert_eq!(out, Ok(vec![tensor(&[1, 2], &[40.0, 62.0])]));
}

#[test]
fn what_cannot_run_names_the_operation() {
    let b = product();
    let wrong = interp::run(&b, &[tensor(&[2, 1], &[1.0, 10.0])], &weight);
    assert!(wrong.is_err_and(|e| e.contains("argument 0")));
    assert!(interp::run(&b, &[], &weight).is_err_and(|e| e.contains("takes 1 arguments")));
    let nothing = interp::run(&b, &[tensor(&[1, 2], &[1.0, 10.0])], &|n, _| Err(format!("no weight `{n}`")));
    assert_eq!(nothing, Err("w (nn.param): no weight `w`".into()));
    let mut late = b.clone();
    late.ops.swap(1, 2);
    let early = interp::run(&late, &[tensor(&[1, 2], &[1.0, 10.0])], &weight);
    assert!(early.is_err_and(|e| e.contains("twice (nn.add)")));
}

/// The same product on light: load, encode, program, matmul, detect, store.
fn photonic(stationary: &str) -> Body {
    let mut b = Body::new("main", Holder::Func);
    let x = b.arg(maths(&[1, 2]), Loc::name("x"));
    let step = |b: &mut Body, name, from: &[ValueId], a: Attrs, v, dims: &[u64]| {
        b.push(op(name), from, a, view(v, dims), Loc::name(name))
    };
    let input = step(&mut b, "mem.input", &[x], Attrs::new(), View::Offchip, &[1, 2]);
    let w = step(&mut b, "mem.param", &[], attrs([("name", Attr::str("w"))]), View::Offchip, &[2, 2]);
    let x = step(&mut b, "mem.load", &[input], priced([]), View::Digital, &[1, 2]);
    let w = step(&mut b, "mem.load", &[w], priced([]), View::Digital, &[2, 2]);
    let (light, held, dims) = if stationary == "rhs" { (x, w, ([1, 2], [2, 2])) } else { (w, x, ([2, 2], [1, 2])) };
    let light = step(&mut b, "ptu.encode", &[light], priced([]), View::Light, &dims.0);
    let held = step(&mut b, "ptu.program", &[held], priced([]), View::Weights, &dims.1);
    let kept = priced([("stationary", Attr::str(stationary))]);
    let out = step(&mut b, "ptu.matmul", &[light, held], kept, View::Readout, &[1, 2]);
    let out = step(&mut b, "ptu.detect", &[out], priced([]), View::Digital, &[1, 2]);
    let twice = priced([("op", Attr::str("nn.add"))]);
    let out = step(&mut b, "elec.kernel", &[out, out], twice, View::Digital, &[1, 2]);
    let out = step(&mut b, "mem.store", &[out], priced([]), View::Offchip, &[1, 2]);
    b.results.push(out);
    b
}

#[test]
fn light_computes_what_maths_says_whichever_operand_is_held() {
    let x = tensor(&[1, 2], &[1.0, 10.0]);
    let want = interp::run(&product(), std::slice::from_ref(&x), &weight);
    for stationary in ["lhs", "rhs"] {
        assert_eq!(interp::run(&photonic(stationary), std::slice::from_ref(&x), &weight), want, "{stationary}");
    }
}

/// Classes of y = f(x): maths, on chip and off chip. Load and store make a cycle, and users come before makers.
fn segment(kernel: &str) -> (Body, [ValueId; 3]) {
    let mut b = Body::new("segment", Holder::Subgraph);
    let x = b.arg(view(View::Digital, &[2]), Loc::name("x"));
    let m = b.arg(maths(&[2]), Loc::name("x"));
    let [digital, offchip] = [View::Digital, View::Offchip].map(|v| b.value(view(v, &[2])));
    let stored = b.push(op("mem.store"), &[digital], priced([]), view(View::Offchip, &[2]), Loc::name("st"));
    let loaded = b.push(op("mem.load"), &[offchip], priced([]), view(View::Digital, &[2]), Loc::name("ld"));
    let made = b.push(
        op("elec.kernel"),
        &[x],
        priced([("op", Attr::str(kernel))]),
        view(View::Digital, &[2]),
        Loc::name("act").by_rule("r7"),
    );
    let relu = b.push(op("nn.relu"), &[m], Attrs::new(), maths(&[2]), Loc::name("act"));
    let seen = b.push(op("stack.view"), &[relu], Attrs::new(), view(View::Digital, &[2]), Loc::name("act"));
    for (result, of) in [(digital, vec![loaded, made, seen]), (offchip, vec![stored])] {
        b.ops.push(prism_dialects::Op {
            def: op("stack.class"),
            operands: of.into(),
            results: [result].into_iter().collect(),
            attrs: Default::default(),
            loc: Loc::name("act"),
        });
    }
    b.results.push(offchip);
    (b, [digital, offchip, relu])
}

#[test]
fn classes_resolve_cycles_and_agree() {
    let (b, [digital, offchip, relu]) = segment("nn.relu");
    let x = tensor(&[2], &[-1.0, 3.0]);
    let values = interp::run_classes(&b, &[x.clone(), x], &weight, 1e-9).expect("sound");
    let want = tensor(&[2], &[0.0, 3.0]);
    for class in [digital, offchip, relu] {
        assert_eq!(values.get(&class), Some(&want));
    }
    // Three classes and two arguments; alternatives belong to their class.
    assert_eq!(values.len(), 5);
}

#[test]
fn an_unsound_union_is_named() {
    let (b, _) = segment("nn.abs");
    let x = tensor(&[2], &[-1.0, 3.0]);
    let e = interp::run_classes(&b, &[x.clone(), x], &weight, 1e-9).expect_err("unsound");
    assert!(e.contains("act (stack.class)") && e.contains("`elec.kernel` at act by rule r7"), "{e}");
    // Told once, not for every conversion of the wrong value.
    assert_eq!(e.lines().count(), 1, "{e}");
}

#[test]
fn a_class_that_only_feeds_itself_has_no_value() {
    let (mut b, _) = segment("nn.relu");
    b.ops.retain(|op| !matches!(op.name(), "elec.kernel" | "stack.view"));
    let x = tensor(&[2], &[-1.0, 3.0]);
    let e = interp::run_classes(&b, &[x.clone(), x], &weight, 1e-9).expect_err("no leaf");
    assert!(e.contains("no alternative"), "{e}");
}

#[test]
fn tolerance_is_relative_to_the_tensor() {
    let (a, b) = (tensor(&[2], &[1e9, 1.0]), tensor(&[2], &[1e9, 1.5]));
    assert_eq!(interp::difference(&a, &b, 1e-9), None);
    assert!(interp::difference(&a, &b, 1e-10).is_some());
    let nan = tensor(&[2], &[f64::NAN, f64::INFINITY]);
    assert_eq!(interp::difference(&nan, &nan, 0.0), None);
    assert!(interp::difference(&nan, &a, 1.0).is_some());
}
