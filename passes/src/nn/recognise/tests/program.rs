//! Of whole programs: names, values inside a pattern, length, repetition.

use super::build::{Build, attrs};
use super::{count, recognised};
use crate::testing::values;
use prism_dialects::{Attr, Body, Elem, Loc, ValueId};

/// A root mean square norm whose parts all carry the module's name and one of their own.
fn norm(b: &mut Build, x: ValueId) -> ValueId {
    let s = b.mul(x, x);
    let last = b.dims(x).len() as i64 - 1;
    let m = b.reduce("nn.reduce_mean", s, &[last], true);
    let t = b.by("nn.add", m, 1e-6);
    let r = b.op("nn.rsqrt", &[t]);
    let n = b.mul(x, r);
    let w = b.weight("w", &[4]);
    b.mul(w, n)
}

#[test]
fn the_user_keeps_his_name_for_it() {
    let mut b = Build::new(Elem::F32);
    let x = b.arg(&[2, 4]);
    let y = norm(&mut b, x);
    let mut body = b.result(y).done();
    for op in &mut body.ops {
        let own = op.loc.first().to_string();
        op.loc = Loc::name("model.layers.3.input_layernorm").fused(&Loc::name(own));
    }
    let (after, _) = recognised(&body);
    let op = after.ops.iter().find(|op| op.name() == "nn.rms_norm").expect("a norm");
    assert_eq!(op.loc.first(), "model.layers.3.input_layernorm");
    assert_eq!(op.loc.rule.as_deref(), Some("norm-scale"));
    assert!(op.loc.names.len() > 4, "{:?}", op.loc);
}

#[test]
fn what_lies_inside_may_be_used_elsewhere() {
    let mut b = Build::new(Elem::F32);
    let x = b.arg(&[2, 4]);
    let s = b.mul(x, x);
    let m = b.reduce("nn.reduce_mean", s, &[1], true);
    let r = b.op("nn.rsqrt", &[m]);
    let n = b.mul(x, r);
    let body = b.result(n).result(r).result(m).done();
    let (after, _) = recognised(&body);
    assert_eq!((count(&after, "nn.rms_norm"), count(&after, "nn.rsqrt"), after.results.len()), (1, 1, 3));
    let (one, two) = (values(&body, 1).expect("values"), values(&after, 1).expect("values"));
    super::agree(&one, &two, false).unwrap_or_else(|e| panic!("{e}"));
}

#[test]
fn a_second_run_finds_nothing_more() {
    for super::Case { what, body, .. } in super::cases() {
        let (once, _) = recognised(&body);
        let (twice, applied) = recognised(&once);
        assert_eq!(once.ops.len(), twice.ops.len(), "{what}: {applied:?}");
        assert!(applied.is_empty(), "{what}: {applied:?}");
    }
}

/// A chain of that many norms, each added to what came before, with a mask that is looked through from its end.
fn long(layers: usize) -> Body {
    let mut b = Build::new(Elem::F32);
    let mut x = b.arg(&[2, 4]);
    let mut row = b.iota(0, 4);
    for _ in 0..layers {
        let n = norm(&mut b, x);
        x = b.add(x, n);
        let one = b.iota(0, 4);
        row = b.op("nn.add", &[row, one]);
    }
    let row = b.cast(row, Elem::F32);
    let y = b.add(x, row);
    b.result(y).done()
}

/// Long programs need neither a deep stack nor many looks.
#[test]
fn a_hundred_thousand_operations() {
    let body = long(10_000);
    assert!(body.ops.len() > 100_000, "{}", body.ops.len());
    let (after, applied) = recognised(&body);
    assert_eq!(count(&after, "nn.rms_norm"), 10_000, "{applied:?}");
}

#[test]
fn patterns_may_be_left_out() {
    let mut b = Build::new(Elem::F32);
    let x = b.arg(&[2, 4]);
    let given = attrs([("axis", Attr::Int(1))]);
    let y = norm(&mut b, x);
    let y = b.with("nn.softmax", &[y], given);
    let body = b.result(y).done();
    let session = prism_dialects::mlir::Session::new().expect("session");
    let run = |passes: &str| {
        let pipeline = crate::manager::Pipeline::parse(passes, &session)?;
        let manager = crate::manager::Manager::new(&session, pipeline, crate::manager::Observers::default());
        let module = prism_dialects::Module { bodies: vec![body.clone()], ..Default::default() };
        Ok::<_, prism_support::Diagnostics>(manager.repro_dir(None).run_plain(module)?.plain.expect("ours"))
    };
    let without = run("recognise{without=[rms-norm]}").expect("runs");
    assert_eq!(count(&without.bodies[0], "nn.rms_norm"), 0);
    let Err(wrong) = run("recognise{without=[rms-norms]}") else { panic!("no such pattern") };
    let shown = format!("{wrong:?}");
    assert!(shown.contains("no pattern is called `rms-norms`") && shown.contains("rms-norm"), "{shown}");
}
