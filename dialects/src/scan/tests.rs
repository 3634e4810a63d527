//! Each attack that the scan is there for, at its limit and past it, and ordinary text next to it.

use super::{MAX_NESTING, MAX_OPERATORS, check_text};

/// Why the text is refused; empty if it is not.
fn why(text: &str) -> String {
    check_text("t.mlir", text).map_or_else(|e| e.0.iter().map(|d| d.headline.clone()).collect(), |()| String::new())
}

fn attr(value: &str) -> String {
    format!("\"a.b\"() {{m = {value}}} : () -> ()\n")
}

fn nested(open: &str, inside: &str, close: &str, n: usize) -> String {
    format!("{}{inside}{}", open.repeat(n), close.repeat(n))
}

#[test]
fn ordinary_text_passes() {
    let text = r##"
#loc = loc("model.mlir":1:1)
#loc1 = loc("transformer.h.0"(#loc))
!t = tensor<1x1024x768xf32>
#map = affine_map<(d0, d1)[s0] -> (d0 * 2 + d1 floordiv s0, -d1)>
#set = affine_set<(d0) : (d0 - 1 >= 0, d0 <= 7, d0 == 3)>
module attributes {prism.level = "nn"} { // a comment with ((((( and "
  func.func @main(%x: !t loc("x")) -> !t {
    %0:2 = "a.pair"(%x) {s = "\"<<<(((", e = 1.0e-05 : f64, n = [-1, -2], p = array<i64: 0, 2, 1>} : (!t) -> (!t, !t) loc(#loc1)
    %1 = "nn.constant"() {value = dense<0.0> : tensor<1024x1024xf32>} : () -> tensor<1024x1024xf32>
    %2 = "x.y"(%0#1) {v = vector<[4]x8xi1>, b = dense<"0x0000803F"> : tensor<1xf32>} : (!t) -> !ptu.light<!t, 8 : i32>
    return %0#0 : !t loc(fused<"r">["a", #loc1])
  }
}
#loc2 = loc(callsite(#loc1 at #loc))
"##;
    assert_eq!(why(text), "");
    assert_eq!(why(""), "");
}

#[test]
fn brackets_of_every_kind_are_counted() {
    let room = MAX_NESTING - 1;
    for (open, close) in [("[", "]"), ("(", ")"), ("{a = ", "}"), ("tuple<", ">")] {
        assert_eq!(why(&attr(&nested(open, "i1", close, room))), "", "{open}");
        assert!(why(&attr(&nested(open, "i1", close, room + 1))).contains("nested"), "{open}");
    }
    let regions = nested("\"a.b\"() ({", "", "}) : () -> ()", MAX_NESTING / 2 + 1);
    assert!(why(&regions).contains("nested"));
    let located = format!("\"a.b\"() : () -> () loc({})", nested("callsite(\"a\" at ", "\"b\"", ")", MAX_NESTING));
    assert!(why(&located).contains("nested"));
    let views = nested("!elec.digital<", "i1", ", 8>", MAX_NESTING + 1);
    assert!(why(&views).contains("nested"));
}

#[test]
fn what_looks_like_a_bracket_does_not_hide_one() {
    let deep = "[".repeat(MAX_NESTING + 1);
    for before in ["() -> ()", "a >= b", "// x\n", "\"\\\"\"", "\"a\\\\\"", "\"unfinished\n", "%a->", "i1>=", "<)"] {
        assert!(why(&format!("{before} {deep}")).contains("nested"), "{before}");
    }
    assert_eq!(why(&format!("\"{deep}\"")), "");
    assert_eq!(why(&format!("// {deep}")), "");
    // A stray `<` ends with the bracket around it.
    assert_eq!(why(&"(a < b)".repeat(MAX_NESTING * 2)), "");
    assert_eq!(why(&"() -> ()\n".repeat(MAX_NESTING * 2)), "");
    // MLIR reads the rest of that line as brackets.
    assert!(why(&format!("#x.y<//> , {deep}")).contains("comment"));
}

#[test]
fn aliases_nest_and_double_without_brackets() {
    let chain = |n: usize, of: fn(usize) -> String| -> String {
        let lines = (1..=n).map(|i| format!("#a{i} = {}\n", of(i - 1)));
        format!("#a0 = [1]\n{}{}", lines.collect::<String>(), attr(&format!("#a{n}")))
    };
    assert_eq!(why(&chain(100, |i| format!("[#a{i}]"))), "");
    assert!(why(&chain(300, |i| format!("[#a{i}]"))).contains("nested"));
    assert!(why(&chain(300, |i| format!("// [\n #a{i}"))).contains("nested"));
    assert!(why(&chain(40, |i| format!("[#a{i}, #a{i}]"))).contains("too much"));
    let hidden = chain(300, |i| format!("[#a{i}]")).replace(" =", " // why\n=");
    assert!(why(&hidden).contains("nested"));
    let types: String = (1..300).map(|i| format!("!t{i} = () -> !t{}\n", i - 1)).collect();
    assert!(why(&format!("!t0 = i32\n{types}")).contains("nested"));
    // Location aliases come after their uses.
    let late = format!("{}#l = loc(fused[{}])", "loc(#l)\n".repeat(20_000), "\"a\", ".repeat(20_000));
    assert!(why(&late).contains("too much"));
    // Many independent definitions are fine, and so is a long body after one.
    let flat: String = (0..2000).map(|i| format!("#a{i} = [{i}]\n")).collect();
    assert_eq!(why(&format!("{flat}{}", attr("#a7").repeat(2000))), "");
}

#[test]
fn affine_expressions_are_short() {
    let map = |e: &str| attr(&format!("affine_map<(d0) -> ({e})>"));
    assert_eq!(why(&map(&format!("d0{}", " + d0".repeat(MAX_OPERATORS)))), "");
    assert!(why(&map(&format!("d0{}", " + d0".repeat(MAX_OPERATORS + 1)))).contains("expression"));
    assert!(why(&map(&format!("{}d0", "- ".repeat(MAX_OPERATORS + 1)))).contains("expression"));
    assert!(why(&map(&format!("d0{}", " mod 3".repeat(MAX_OPERATORS + 1)))).contains("expression"));
    // Operators around a bracket count in it.
    let half = "d0 + ".repeat(MAX_OPERATORS / 2 + 1);
    assert!(why(&map(&format!("{half}({half}d0)"))).contains("expression"));
    assert_eq!(why(&map(&"d0 + 1, ".repeat(MAX_OPERATORS * 2))), "");
    assert_eq!(why(&"x = -1 : i32\n".repeat(MAX_OPERATORS * 2)), "");
}

#[test]
fn shapes_and_constants_have_bounds() {
    for shape in
        ["300000000000000xf32", "16777216x16777217x2xf32", "99999999999999999999999999xf32", "4x 999999999999999x4xi8"]
    {
        let text = attr(&format!("tensor<{shape}>"));
        assert!(why(&text).contains("too large"), "{shape}");
        assert!(why(&text.replace("tensor <", "vector<")).contains("too large"), "{shape}");
    }
    assert_eq!(why(&attr("tensor<68719476736xf32>")), "");
    assert_eq!(why(&attr("tensor<60000000000xf32>")), "");
    assert!(why(&attr("dense<1.0> : tensor<60000000000xf32>")).contains("constant"));
    assert!(why(&attr("dense<[1.0]> // x\n: // y\n tensor <60000000000xf32>")).contains("constant"));
    let aliased = "!t = tensor<60000000000xf32>\n!u = !t\n\"a.b\"() {m = dense<1.0> : !u} : () -> ()";
    assert!(why(aliased).contains("constant"));
    assert_eq!(why(&attr("dense<1.0> : tensor<1048576xf32>, n = tensor<60000000000xf32>")), "");
}

#[test]
fn numbers_that_size_something_have_bounds() {
    assert!(why("\"a.b\"(%x#4000000000)").contains("result number"));
    assert!(why("\"a.b\"(%x#99999999999999999999999)").contains("result number"));
    assert_eq!(why("\"a.b\"(%x#7)"), "");
    for wide in ["1 : i16777215", "tensor<4xsi16777215>", "tensor<?xui16777215>", "i99999999999999999999"] {
        assert!(why(&attr(wide)).contains("too wide"), "{wide}");
    }
    assert!(why(&attr(&"9".repeat(2000))).contains("number is too long"));
    assert!(why("a\0b").contains("NUL") && why("// \0").contains("NUL") && why("\"\\\0\"").contains("NUL"));
}

mod arbitrary {
    use super::super::check_text;
    use proptest::prelude::*;

    proptest! {
        /// No text panics, and what is refused is refused at a place inside it.
        #[test]
        fn no_text_panics(text in "([\\[\\](){}<>#!\"/\\\\=:\\-+*,%@ x0-9a-cé\n]|//|->|>=|tensor<|dense<|#a = |affine_set<|#a\\.b<){0,80}") {
            if let Err(e) = check_text("t", &text) {
                for d in &e.0 {
                    let _ = prism_support::render::text(d, false);
                }
            }
        }
    }
}
