//! The equation of an `Einsum`, its labels resolved to axes.

use crate::onnx::fault::{Fault, shape};

/// What an axis is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Label {
    /// An axis of an ellipsis, counted from its last.
    Hidden(usize),
    /// A letter.
    Letter(char),
}

/// Labels of all operands and of the result.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Equation {
    /// For each operand, one label for each axis.
    pub(super) operands: Vec<Vec<Label>>,
    /// One label for each axis of the result.
    pub(super) result: Vec<Label>,
}

const ELLIPSIS: &str = "...";

impl Equation {
    /// Reads `ij,jk->ik` for operands of these ranks. Without an arrow the result has the labels that occur once, in
    /// alphabetical order, behind those of ellipses.
    pub(super) fn parse(text: &str, ranks: &[usize]) -> Result<Equation, Fault> {
        let wrong = |allowed: &str| shape("attribute `equation`", format!("`{text}`"), allowed);
        let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let (left, right) = match compact.split_once("->") {
            Some((left, right)) => (left, Some(right)),
            None => (compact.as_str(), None),
        };
        let terms: Vec<&str> = left.split(',').collect();
        if terms.len() != ranks.len() {
            return Err(wrong(&format!("{} lists of labels, one for each operand", ranks.len())));
        }
        let mut operands = Vec::with_capacity(terms.len());
        for (term, rank) in terms.iter().zip(ranks) {
            let named = term.replacen(ELLIPSIS, "", 1).chars().count();
            let hidden = rank.checked_sub(named).filter(|n| *n == 0 || term.contains(ELLIPSIS));
            let hidden = hidden.ok_or_else(|| wrong(&format!("{rank} labels for an operand of {rank} axes")))?;
            operands.push(labels(term, hidden).ok_or_else(|| wrong("letters, and `...` once for each operand"))?);
        }
        let hidden =
            operands.iter().flatten().filter_map(|l| if let Label::Hidden(i) = l { Some(i + 1) } else { None });
        let hidden = hidden.max().unwrap_or(0);
        let result = match right {
            Some(term) => labels(term, hidden).ok_or_else(|| wrong("letters, and `...` at most once"))?,
            None => once(&operands, hidden),
        };
        let known = result.iter().all(|l| operands.iter().any(|o| o.contains(l)));
        let single = result.iter().enumerate().all(|(i, l)| !result.iter().skip(i + 1).any(|other| other == l));
        match known && single {
            true => Ok(Equation { operands, result }),
            false => Err(wrong("labels of operands in the result, each once")),
        }
    }

    /// Whether an operand has a label twice: a diagonal.
    pub(super) fn repeats(&self) -> bool {
        let twice =
            |labels: &Vec<Label>| labels.iter().enumerate().any(|(i, l)| labels.iter().skip(i + 1).any(|o| o == l));
        self.operands.iter().any(twice)
    }
}

/// The labels of one term; an ellipsis stands for `hidden` axes.
fn labels(term: &str, hidden: usize) -> Option<Vec<Label>> {
    let mut out = Vec::new();
    let mut parts = term.split(ELLIPSIS);
    let letters = |part: &str| {
        let all = part.chars().all(|c| c.is_ascii_alphabetic());
        all.then(|| part.chars().map(Label::Letter).collect::<Vec<_>>())
    };
    out.extend(letters(parts.next()?)?);
    if let Some(part) = parts.next() {
        out.extend((0..hidden).rev().map(Label::Hidden));
        out.extend(letters(part)?);
    }
    parts.next().is_none().then_some(out)
}

fn once(operands: &[Vec<Label>], hidden: usize) -> Vec<Label> {
    let all: Vec<Label> = operands.iter().flatten().copied().collect();
    let mut letters: Vec<Label> = all.iter().copied().filter(|l| matches!(l, Label::Letter(_))).collect();
    letters.retain(|l| all.iter().filter(|other| *other == l).count() == 1);
    letters.sort_unstable();
    (0..hidden).rev().map(Label::Hidden).chain(letters).collect()
}

#[cfg(test)]
mod tests {
    use super::{Equation, Label};

    fn letters(text: &str) -> Vec<Label> {
        text.chars().map(Label::Letter).collect()
    }

    #[test]
    fn equations_are_read_as_numpy_reads_them() {
        let read = |text: &str, ranks: &[usize]| Equation::parse(text, ranks).ok();
        let product = read("ij, jk -> ik", &[2, 2]).expect("an equation");
        assert_eq!((product.operands, product.result), (vec![letters("ij"), letters("jk")], letters("ik")));
        assert_eq!(read("ba,bc", &[2, 2]).map(|e| e.result), Some(letters("ac")));
        let hidden = read("...ij->...j", &[4]).expect("an equation");
        assert_eq!(hidden.result, [Label::Hidden(1), Label::Hidden(0), Label::Letter('j')]);
        assert!(read("ii->i", &[2]).is_some_and(|e| e.repeats()));
        for (text, ranks) in [("ij", &[3][..]), ("ij,jk->il", &[2, 2]), ("i1", &[2]), ("", &[1]), ("i->ii", &[1])] {
            assert_eq!(read(text, ranks), None, "{text}");
        }
        assert!(read("......i", &[3]).is_none() && read("->", &[0]).is_some());
    }
}
