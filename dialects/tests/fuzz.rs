//! Nothing panics on any operation, and what is inferred is what is computed.

use prism_dialects::define::AttrKind;
use prism_dialects::interp::{self, Data, Tensor};
use prism_dialects::verify::check_op;
use prism_dialects::{Attr, Attrs, Dense, Elem, F64, Numbers, OpDef, OpView, TensorType, Type, View, registry};
use proptest::prelude::*;

fn elem() -> impl Strategy<Value = Elem> + Clone {
    prop_oneof![3 => Just(Elem::F32), 2 => Just(Elem::I64), 1 => Just(Elem::I1), 1 => prop::sample::select(&Elem::ALL[..])]
}

fn any_type() -> impl Strategy<Value = Type> {
    let extent = prop_oneof![6 => 0u64..4, 1 => Just(1u64 << 40), 1 => any::<u64>()];
    let tensor = (prop::collection::vec(extent, 0..5), elem()).prop_map(|(d, e)| TensorType::new(d, e));
    prop_oneof![
        6 => tensor.clone().prop_map(Type::Tensor),
        2 => (tensor.clone(), prop::sample::select(&View::ALL[..]), any::<u32>()).prop_map(|(t, v, b)| Type::viewed(v, t, b)),
        1 => (tensor, prop::sample::select(&View::ALL[..]), any::<u32>()).prop_map(|(t, v, b)| Type::in_unit(v, t, b, "u")),
        1 => Just(Type::Event),
    ]
}

fn any_int() -> impl Strategy<Value = i64> + Clone {
    prop_oneof![6 => -2i64..5, 1 => any::<i64>(), 1 => Just(i64::MIN), 1 => Just(i64::MAX)]
}

fn any_attr() -> impl Strategy<Value = Attr> {
    let numbers = prop::collection::vec(any_int(), 0..5);
    let dense = (any_type(), numbers.clone(), any::<bool>()).prop_map(|(t, v, float)| {
        let ty = t.tensor().cloned().unwrap_or_else(|| TensorType::new([], Elem::F32));
        let floats = v.iter().map(|x| F64(*x as f64)).collect();
        Attr::Dense(Dense { ty, numbers: if float { Numbers::Float(floats) } else { Numbers::Int(v) } })
    });
    let names = prop::sample::select(vec!["lhs", "rhs", "nn.matmul", "nn.softmax", "nn.param", "nn.concat", "", "w"]);
    prop_oneof![
        any_int().prop_map(Attr::Int),
        numbers.prop_map(Attr::Ints),
        any::<bool>().prop_map(Attr::Bool),
        any::<f64>().prop_map(Attr::float),
        names.prop_map(Attr::str),
        dense,
        Just(Attr::dict(Attrs::new())),
        Just(Attr::Unit),
    ]
}

/// An operation with attributes that are mostly its own, of mostly the right kind.
fn any_op() -> impl Strategy<Value = (&'static OpDef, Vec<Type>, Vec<Type>, Attrs)> {
    let defs: Vec<&'static OpDef> = registry::ops().collect();
    prop::sample::select(defs).prop_flat_map(|def| {
        let own: Vec<&str> = def.attrs.iter().map(|a| a.name).chain(["other"]).collect();
        let pick = prop::collection::btree_map(prop::sample::select(own).prop_map(str::to_string), any_attr(), 0..6);
        let types = prop::collection::vec(any_type(), 0..4);
        (Just(def), types, prop::collection::vec(any_type(), 0..2), pick)
    })
}

/// Numbers for a tensor, if it is small.
fn filled(ty: &TensorType, seed: &[i64]) -> Option<Tensor> {
    let n = usize::try_from(ty.checked_numel().filter(|n| *n <= 4096)?).ok()?;
    let at = |i: usize| seed.get(i % seed.len().max(1)).copied().unwrap_or(1);
    let data = match ty.elem {
        e if e.is_float() => Data::Float((0..n).map(|i| at(i) as f64 / 4.0).collect()),
        Elem::I1 => Data::Int((0..n).map(|i| at(i) & 1).collect()),
        _ => Data::Int((0..n).map(|i| at(i).clamp(0, 100)).collect()),
    };
    Some(Tensor { ty: ty.clone(), data })
}

/// The same operation with attributes of the right kinds, so that the rules behind the kinds are reached.
fn right_kinds(def: &OpDef, attrs: &Attrs) -> Attrs {
    let fits = |k: &String, v: &Attr| def.attrs.iter().any(|a| a.name == k && a.kind.accepts(v));
    attrs.iter().filter(|(k, v)| fits(k, v)).map(|(k, v)| (k.clone(), v.clone())).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn no_rule_panics((def, operands, results, attrs) in any_op(), seed in prop::collection::vec(any_int(), 1..6)) {
        for attrs in [right_kinds(def, &attrs), attrs] {
            let view = OpView { def, operands: &operands, results: &results, attrs: &attrs };
            let _ = check_op(&view);
            let _ = def.infer.map(|infer| infer(&view));
            let _ = def.verify.map(|verify| verify(&view));
            let tensors: Option<Vec<Tensor>> = operands.iter().map(|t| filled(t.tensor()?, &seed)).collect();
            let args = tensors.unwrap_or_default();
            let args: Vec<&Tensor> = args.iter().collect();
            let ty = results.first().and_then(Type::tensor).cloned().unwrap_or_else(|| TensorType::new([2], Elem::F32));
            let _ = interp::evaluate(def, &args, &attrs, &ty);
        }
    }
}

/// Shapes and attributes that the operation accepts more often than not, given two small shapes and some numbers.
fn plausible(def: &OpDef, dims: &[u64], n: usize, elem: Elem, pick: &[i64]) -> (Vec<TensorType>, Attrs) {
    let at = |i: usize| pick.get(i % pick.len().max(1)).copied().unwrap_or(0);
    let rank = i64::try_from(dims.len()).unwrap_or(0);
    let axis = at(0).rem_euclid(rank.max(1));
    let mut operands = vec![TensorType::new(dims, elem); n];
    let mut attrs = Attrs::new();
    for a in &def.attrs {
        let each =
            |f: &dyn Fn(usize, i64) -> i64| Attr::Ints(dims.iter().enumerate().map(|(i, d)| f(i, *d as i64)).collect());
        let value = match a.name {
            "axis" => Attr::Int(axis),
            "axes" => Attr::Ints((0..rank).filter(|i| at(*i as usize) % 2 == 0).collect()),
            "perm" => {
                let mut perm: Vec<i64> = (0..rank).collect();
                perm.rotate_left(usize::try_from(axis).unwrap_or(0));
                Attr::Ints(perm)
            }
            "starts" => each(&|i, d| if at(i) % 2 == 0 { 0 } else { (d - 1).max(0) }),
            "sizes" => each(&|_, d| d),
            "steps" => each(&|i, _| if at(i) % 2 == 0 { 1 } else { -1 }),
            "epsilon" => Attr::float(1e-5),
            "batch_dims" => Attr::Int(at(1).rem_euclid(2)),
            "k" => Attr::Int(at(1).rem_euclid(2)),
            "scale" => Attr::float(0.5),
            "experts" | "capacity" => Attr::Int(at(1) + 2),
            _ if a.kind == AttrKind::Bool => Attr::Bool(at(2) % 2 == 0),
            // Others may be left out.
            _ => continue,
        };
        attrs.insert(a.name.to_string(), value);
    }
    match def.short() {
        "layer_norm" | "rms_norm" => {
            for t in operands.iter_mut().skip(1) {
                t.dims.drain(..usize::try_from(axis).unwrap_or(0).min(t.dims.len()));
            }
        }
        "gather" | "gather_nd" | "gather_elements" | "scatter_elements" => operands[1].elem = Elem::I64,
        "scatter_nd" => {
            operands[1] = TensorType::new([2, 1], Elem::I64);
            operands[2].dims = [&[2], dims.get(1..).unwrap_or(&[])].concat();
        }
        // Both operands of one shape.
        "swiglu" => {}
        "where" => operands[0].elem = Elem::I1,
        "matmul" => {
            attrs.remove("transpose_lhs");
            attrs.insert("transpose_rhs".into(), Attr::Bool(true));
        }
        "moe_dispatch" => operands[1].elem = Elem::I64,
        "moe_combine" => {
            let tokens = operands[0].dims.iter().take(2).copied().collect::<Vec<_>>();
            operands[1] = TensorType::new(&*tokens, Elem::I64);
            operands[2] = TensorType::new(&*tokens, elem);
        }
        // Axes of extent 1 on one side broadcast.
        _ if def.operands.len() == 2 => operands[1].dims.iter_mut().step_by(2).for_each(|d| *d = 1),
        _ => {}
    }
    (operands, attrs)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn computed_is_what_was_inferred(
        dims in prop::collection::vec(0u64..4, 0..4),
        elem in elem(),
        pick in prop::collection::vec(0i64..7, 1..6),
        which in any::<prop::sample::Index>(),
        seed in prop::collection::vec(-20i64..20, 1..6),
    ) {
        let defs: Vec<&'static OpDef> = registry::ops().filter(|d| d.infer.is_some()).collect();
        let def = which.get(&defs);
        let (types, attrs) = plausible(def, &dims, def.operands.len(), elem, &pick);
        let operands: Vec<Type> = types.iter().cloned().map(Type::Tensor).collect();
        let view = OpView { def, operands: &operands, results: &[], attrs: &attrs };
        let inferred = def.infer.map(|infer| infer(&view));
        let Some(Ok(ty)) = inferred else { return Ok(()) };
        let results = [Type::Tensor(ty.clone())];
        prop_assert_eq!(check_op(&OpView { results: &results, ..view }), Ok(()));
        let args: Vec<Tensor> = types.iter().filter_map(|t| filled(t, &seed)).collect();
        match interp::evaluate(def, &args.iter().collect::<Vec<_>>(), &attrs, &ty) {
            Ok(made) => {
                prop_assert_eq!(&made.ty, &ty);
                prop_assert_eq!(made.check(), Ok(()));
            }
            // Only numbers can be at fault: a range, a division, an index, a reduction of nothing.
            Err(why) => {
                let numbers = ["fit", "zero", "overflows", "index", "negative", "no integers", "no numbers"];
                prop_assert!(numbers.iter().any(|n| why.contains(n)), "{}: {}", def.name, why);
            }
        }
    }
}

/// The property above is not empty: every operation with a shape rule gets through it for some input.
#[test]
fn every_shape_rule_is_reached() {
    let mut missed: Vec<&str> = registry::ops().filter(|d| d.infer.is_some()).map(|d| d.name).collect();
    for elem in [Elem::F32, Elem::I64, Elem::I1] {
        for dims in [&[2u64, 2][..], &[2, 3, 2], &[1, 2, 2]] {
            missed.retain(|name| {
                let def = registry::op(name);
                let (types, attrs) = plausible(def, dims, def.operands.len(), elem, &[0, 0]);
                let operands: Vec<Type> = types.iter().cloned().map(Type::Tensor).collect();
                let view = OpView { def, operands: &operands, results: &[], attrs: &attrs };
                let Some(Ok(ty)) = def.infer.map(|infer| infer(&view)) else { return true };
                let args: Vec<Tensor> = types.iter().filter_map(|t| filled(t, &[0, 1])).collect();
                interp::evaluate(def, &args.iter().collect::<Vec<_>>(), &attrs, &ty).is_err()
            });
        }
    }
    assert_eq!(missed, Vec::<&str>::new());
}
