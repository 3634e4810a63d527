use super::{ALL, pipeline};
use crate::manager::options::OptionValue;
use crate::manager::{OptionKind, StepKind};
use crate::registry;
use proptest::prelude::*;

fn codes(text: &str) -> Vec<&'static str> {
    pipeline(text, None).err().map(|e| e.0.iter().map(|d| d.code.name).collect()).unwrap_or_default()
}

#[test]
fn reads_names_options_lists_and_quotes() {
    let text =
        r#" cse , idle{ count = 7, label="a, \"b\"}", rules=[x, "y z"], way=exact, on=true },canonicalize{a=1 b=2}"#;
    let parsed = pipeline(text, None);
    // MLIR's options are MLIR's affair: here `canonicalize` is only known without options.
    assert!(parsed.is_err());
    let parsed = pipeline(&text.replace("{a=1 b=2}", ""), None).expect("parses");
    assert_eq!(
        parsed.to_string(),
        r#"cse,idle{count=7,on=true,way=exact,label="a, \"b\"}",rules=[x,"y z"]},canonicalize"#
    );
    let StepKind::Own(info, options) = &parsed.steps[1].kind else { panic!("idle is ours") };
    assert_eq!(options.get(info, "share"), Some(&OptionValue::Float(0.5)));
    assert_eq!(options.get(info, "rules"), Some(&OptionValue::List(vec!["x".into(), "y z".into()])));
    assert!(pipeline("  ", None).expect("empty").steps.is_empty());
}

#[test]
fn a_pass_that_mlir_nests_is_anchored() {
    let parsed = pipeline("func.func(canonicalize)", None).expect("known");
    let StepKind::Upstream(pass) = &parsed.steps[0].kind else { panic!("MLIR's") };
    assert_eq!(pass.anchored, "builtin.module(func.func(func.func(canonicalize)))");
    let parsed = pipeline("canonicalize", None).expect("known");
    let StepKind::Upstream(pass) = &parsed.steps[0].kind else { panic!("MLIR's") };
    assert_eq!(pass.anchored, "builtin.module(canonicalize)");
}

#[test]
fn all_problems_come_at_once_with_suggestions() {
    let errors =
        pipeline("satruate,idle{coutn=3,count=11,way=exakt,on=true,on=false},cse{x=1}", None).expect_err("wrong");
    let shown: Vec<(&str, Option<&str>)> = errors.0.iter().map(|d| (d.code.name, d.hint.as_deref())).collect();
    let expected = [
        ("E0104", Some("did you mean `saturate`?")),
        ("E0603", Some("did you mean `count`?")),
        ("E0603", None),
        ("E0603", Some("did you mean `exact`?")),
        ("E0603", None),
        ("E0603", None),
    ];
    assert_eq!(shown, expected, "{errors}");
    assert!(errors.0[2].allowed.as_deref() == Some("a whole number from 0 to 10"), "{:?}", errors.0[2]);
}

#[test]
fn broken_text_is_refused_where_it_breaks() {
    for text in [
        "cse,",
        ",cse",
        "cse cse",
        "idle{",
        "idle{count}",
        "idle{count=}",
        "idle{label=\"x}",
        "idle{rules=[a}",
        "func.func(",
        "func.func(a}",
        "cse}",
        "{}",
        "idle{count=1",
        "idle{=1}",
    ] {
        assert_eq!(codes(text)[0], "E0601", "{text}");
    }
    assert_eq!(codes(&"(".repeat(100_000))[0], "E0601");
    assert_eq!(codes(&format!("f{}", "(".repeat(60_000)))[0], "E0601");
    assert_eq!(codes("func.func(nonsense)"), ["E0601"]);
    let errors = pipeline("saturate(iterations=8)", None).expect_err("wrong brackets");
    assert_eq!(errors.0[0].hint.as_deref(), Some("options go in braces: `saturate{OPTION=VALUE}`"));
    assert_eq!(codes("canonicalize{nonsense=1}"), ["E0603"]);
}

#[test]
fn the_registry_is_sound() {
    let mut names: Vec<&str> = registry::PASSES.iter().map(|p| p.name).collect();
    for pass in registry::PASSES {
        assert!(!pass.summary().is_empty() && pass.page.contains("When"), "`{}` has no manual page", pass.name);
        for option in pass.options {
            assert!(OptionValue::default_of(option).is_some(), "default of `{}` of `{}`", option.name, pass.name);
            assert!(!option.doc.is_empty(), "`{}` of `{}` says nothing", option.name, pass.name);
        }
    }
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), registry::PASSES.len(), "two passes share a name");
}

/// A value for an option of that kind, as text.
fn written(kind: OptionKind) -> BoxedStrategy<String> {
    let quoted = || any::<String>().prop_map(|s| OptionValue::Text(s).to_string());
    match kind {
        OptionKind::Int { min, max } => (min..=max).prop_map(|v| v.to_string()).boxed(),
        OptionKind::Float { min, max } => (min..=max).prop_map(|v| format!("{v:?}")).boxed(),
        OptionKind::Bool => any::<bool>().prop_map(|v| v.to_string()).boxed(),
        OptionKind::Choice(words) => prop::sample::select(words).prop_map(str::to_string).boxed(),
        OptionKind::Text => quoted().boxed(),
        OptionKind::List => {
            prop::collection::vec(quoted(), 0..4).prop_map(|items| format!("[{}]", items.join(","))).boxed()
        }
    }
}

fn step() -> impl Strategy<Value = String> {
    prop::sample::select(ALL).prop_flat_map(|pass| {
        let all: Vec<(&str, OptionKind)> = pass.options.iter().map(|o| (o.name, o.kind)).collect();
        let count = all.len();
        prop::sample::subsequence(all, 0..=count).prop_flat_map(move |some| {
            let parts: Vec<BoxedStrategy<String>> = some
                .into_iter()
                .map(|(name, kind)| written(kind).prop_map(move |v| format!("{name}={v}")).boxed())
                .collect();
            parts.prop_map(move |parts| format!("{}{{{}}}", pass.name, parts.join(" ,\n ")))
        })
    })
}

proptest! {
    #[test]
    fn printed_pipelines_parse_to_the_same(steps in prop::collection::vec(step(), 0..5)) {
        let first = pipeline(&steps.join(" , "), None).expect("valid by construction");
        let text = first.to_string();
        prop_assert!(!text.contains('\n'), "{text}");
        let second = pipeline(&text, None).expect("its own text");
        prop_assert_eq!(&first, &second);
        prop_assert_eq!(text, second.to_string());
    }

    #[test]
    fn no_text_panics(text in "[a-z,{}()\\[\\]=\"\\\\ é-]{0,40}") {
        if let Err(errors) = pipeline(&text, None) {
            prop_assert!(errors.has_errors());
            for d in &errors.0 {
                prop_assert!(!prism_support::render::text(d, false).is_empty());
            }
        }
    }
}
