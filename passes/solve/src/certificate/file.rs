//! Certificates as they are written: the problems that cases come to one after another, not one inside another, as readers
//! of JSON go only so deep.

use super::{Certificate, Proof, Reduced, Rest};
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

impl From<Certificate> for File {
    fn from(certificate: Certificate) -> File {
        let mut proof = Vec::new();
        flatten(certificate.proof, &mut proof);
        File { choice: certificate.choice, step: certificate.step, proof }
    }
}

impl TryFrom<File> for Certificate {
    type Error = String;

    fn try_from(file: File) -> Result<Certificate, String> {
        let mut known: Vec<Option<(Reduced, usize)>> = Vec::with_capacity(file.proof.len());
        for (at, problem) in file.proof.into_iter().enumerate() {
            let mut depth = 0;
            let nested = problem.map(&mut |rest: u32| {
                let found = known.get_mut(rest as usize).and_then(Option::take);
                let (rest, below) = found.ok_or_else(|| {
                    format!(
                        "problem {at} comes to problem {rest}, which is not before it or is what another one comes to"
                    )
                })?;
                depth = depth.max(below + 1);
                Ok::<_, String>(Rest(Box::new(rest)))
            })?;
            if depth > DEEPEST {
                return Err(format!("cases lie more than {DEEPEST} deep in one another"));
            }
            known.push(Some((nested, depth)));
        }
        let (proof, _) = known.pop().flatten().ok_or("there is no problem in it")?;
        Ok(Certificate { choice: file.choice, step: file.step, proof })
    }
}
