use super::pipeline;
use prism_dialects::Level;

fn headline(text: &str, start: Option<Level>) -> (String, Option<String>) {
    let errors = pipeline(text, None).expect("parses").check_levels(start).expect_err("does not fit");
    assert_eq!(errors.0[0].code.name, "E0602");
    (errors.0[0].headline.clone(), errors.0[0].hint.clone())
}

#[test]
fn says_what_to_put_before() {
    let (said, hint) = headline("fold-constants,saturate,schedule", Some(Level::Nn));
    assert_eq!(said, "`schedule` expects level assigned, but the pipeline is at level stack after `saturate`");
    assert_eq!(hint.as_deref(), Some("put `extract` before it"));
    let (said, hint) = headline("schedule", Some(Level::Nn));
    assert_eq!(said, "`schedule` expects level assigned, but the program is at level nn");
    assert_eq!(hint.as_deref(), Some("put `saturate`, `extract` before it"));
}

#[test]
fn says_what_to_move() {
    let (said, hint) = headline("saturate,canonicalize,fold-constants", None);
    assert_eq!(said, "`fold-constants` expects level nn, but the pipeline is at level stack after `saturate`");
    assert_eq!(hint.as_deref(), Some("move it before `saturate`"));
}

#[test]
fn every_misfit_is_reported() {
    let errors =
        pipeline("lower,raise,raise", None).expect("parses").check_levels(Some(Level::Nn)).expect_err("misfits");
    assert_eq!(errors.0.len(), 3, "{errors}");
}

#[test]
fn the_stages_fit_together() {
    use crate::pipelines::{STAGES, Stage, between};
    let mut from = Stage::Import;
    for stage in STAGES {
        let parsed = pipeline(&between(from, stage.to), None).expect("only known passes");
        assert_eq!(parsed.check_levels(Some(from.level())).expect("fits"), Some(stage.to.level()));
        from = stage.to;
    }
    let all = pipeline(&between(Stage::Import, Stage::Plan), None).expect("only known passes");
    assert_eq!(all.check_levels(Some(Level::Nn)).expect("fits"), Some(Level::Plan));
    assert_eq!(between(Stage::Plan, Stage::Nn), "");
}
