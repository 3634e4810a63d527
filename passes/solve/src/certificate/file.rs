//! Certificates as they are written: the problems that cases come to one after another, not one inside another, as readers
//! of JSON go only so deep.

use super::{Certificate, Kept, Proof, Reduced, Rest};
use crate::extraction::NodeIndex;
use serde::{Deserialize, Serialize};

/// How deep cases may lie in one another.
const DEEPEST: usize = 1_000;

/// A [`Certificate`].
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    choice: Vec<Option<NodeIndex>>,
    step: f64,
    /// Problems by their position, each after those that it comes to; the last is the whole.
    proof: Vec<Reduced<u32>>,
    /// Why capacities are no cheaper to keep: reasons by their position, as with problems.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    kept: Vec<Reason>,
}

/// A [`Kept`].
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
enum Reason {
    Priced { prices: Vec<f64>, proof: Vec<Reduced<u32>> },
    Full { capacity: u32 },
    Cases { class: u32, node: u32, with: u32, without: u32 },
}

impl<R> Reduced<R> {
    /// The same with what each `R` becomes.
    fn map<S, E>(self, become_: &mut dyn FnMut(R) -> Result<S, E>) -> Result<Reduced<S>, E> {
        let mut parts = Vec::with_capacity(self.parts.len());
        for (members, proof) in self.parts {
            let proof = match proof {
                Proof::Shares(shares) => Proof::Shares(shares),
                Proof::Joined { within, groups, order } => Proof::Joined { within, groups, order },
                Proof::Fixed { shares, limit, rest } => Proof::Fixed { shares, limit, rest: become_(rest)? },
                Proof::Cases { class, node, with, without } => {
                    Proof::Cases { class, node, with: become_(with)?, without: become_(without)? }
                }
            };
            parts.push((members, proof));
        }
        Ok(Reduced { steps: self.steps, parts })
    }
}

/// Puts a problem behind those that it comes to; says where.
fn flatten(problem: Reduced, out: &mut Vec<Reduced<u32>>) -> u32 {
    let mapped = problem.map::<u32, std::convert::Infallible>(&mut |rest: Rest| Ok(flatten(*rest.0, out)));
    let Ok(mapped) = mapped;
    out.push(mapped);
    u32::try_from(out.len() - 1).unwrap_or(u32::MAX)
}

/// Puts a reason behind those that it rests on; says where.
fn put(kept: Kept, out: &mut Vec<Reason>) -> u32 {
    let reason = match kept {
        Kept::Priced { prices, proof } => Reason::Priced { prices, proof: flat(proof) },
        Kept::Full { capacity } => Reason::Full { capacity },
        Kept::Cases { class, node, with, without } => {
            Reason::Cases { class, node, with: put(*with, out), without: put(*without, out) }
        }
    };
    out.push(reason);
    u32::try_from(out.len() - 1).unwrap_or(u32::MAX)
}

fn flat(proof: Reduced) -> Vec<Reduced<u32>> {
    let mut out = Vec::new();
    flatten(proof, &mut out);
    out
}

impl From<Certificate> for File {
    fn from(certificate: Certificate) -> File {
        let mut kept = Vec::new();
        if let Some(reason) = certificate.kept {
            put(reason, &mut kept);
        }
        File { choice: certificate.choice, step: certificate.step, proof: flat(certificate.proof), kept }
    }
}

/// What is at `at` and was not taken yet, with how deep cases lie in it.
fn take<T>(known: &mut [Option<(T, usize)>], by: usize, at: u32) -> Result<(T, usize), String> {
    known.get_mut(at as usize).and_then(Option::take).ok_or_else(|| {
        format!("problem {by} comes to problem {at}, which is not before it or is what another one comes to")
    })
}

fn within(depth: usize) -> Result<usize, String> {
    if depth > DEEPEST { Err(format!("cases lie more than {DEEPEST} deep in one another")) } else { Ok(depth) }
}

/// The last of the problems with those that it comes to inside it.
fn nested(proof: Vec<Reduced<u32>>) -> Result<Reduced, String> {
    let mut known: Vec<Option<(Reduced, usize)>> = Vec::with_capacity(proof.len());
    for (by, problem) in proof.into_iter().enumerate() {
        let mut depth = 0;
        let nested = problem.map(&mut |rest: u32| {
            let (rest, below) = take(&mut known, by, rest)?;
            depth = depth.max(below + 1);
            Ok::<_, String>(Rest(Box::new(rest)))
        })?;
        known.push(Some((nested, within(depth)?)));
    }
    known.pop().flatten().map(|(proof, _)| proof).ok_or_else(|| "there is no problem in it".into())
}

/// The last of the reasons with those that it rests on inside it.
fn reason(kept: Vec<Reason>) -> Result<Option<Kept>, String> {
    let mut known: Vec<Option<(Kept, usize)>> = Vec::with_capacity(kept.len());
    for (by, reason) in kept.into_iter().enumerate() {
        let (kept, depth) = match reason {
            Reason::Priced { prices, proof } => (Kept::Priced { prices, proof: nested(proof)? }, 0),
            Reason::Full { capacity } => (Kept::Full { capacity }, 0),
            Reason::Cases { class, node, with, without } => {
                let (with, a) = take(&mut known, by, with)?;
                let (without, b) = take(&mut known, by, without)?;
                (Kept::Cases { class, node, with: Box::new(with), without: Box::new(without) }, a.max(b) + 1)
            }
        };
        known.push(Some((kept, within(depth)?)));
    }
    Ok(known.pop().flatten().map(|(kept, _)| kept))
}

impl TryFrom<File> for Certificate {
    type Error = String;

    fn try_from(file: File) -> Result<Certificate, String> {
        let (proof, kept) = (nested(file.proof)?, reason(file.kept)?);
        Ok(Certificate { choice: file.choice, step: file.step, proof, kept })
    }
}
