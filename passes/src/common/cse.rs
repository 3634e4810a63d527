//! Pass `cse`; its page is `cse.md`.

use crate::manager::{Change, CounterDef, PassCx, PassInfo};
use prism_dialects::{Body, Holder, Level, Module, Op, ValueId};
use prism_support::Result;
use rustc_hash::{FxHashMap, FxHasher};
use smallvec::SmallVec;
use std::hash::{Hash, Hasher};

/// Keeps one of several operations that compute the same.
pub static PASS: PassInfo = PassInfo {
    name: "cse",
    page: include_str!("cse.md"),
    from: &Level::ALL,
    to: Change::Keeps,
    options: &[],
    counters: &[
        CounterDef { name: "merged", doc: "operations that gave way to an equal one" },
        CounterDef { name: "classes-merged", doc: "classes that became one with another" },
    ],
    needs_target: false,
    run,
};

fn run(module: &mut Module, cx: &mut PassCx<'_>) -> Result<()> {
    for body in &mut module.bodies {
        let (merged, classes) = Merger::new(body).run();
        cx.count("merged", merged);
        cx.count("classes-merged", classes);
    }
    Ok(())
}

const CLASS: &str = "stack.class";

struct Merger<'b> {
    body: &'b mut Body,
    /// What each value has become; itself where nothing happened. Chains are followed by [`Merger::find`].
    became: Vec<ValueId>,
    /// For each value that is an alternative, the operation that is its class.
    class_of: Vec<Option<usize>>,
    dead: Vec<bool>,
    merged: u64,
    classes: u64,
}

impl<'b> Merger<'b> {
    fn new(body: &'b mut Body) -> Self {
        let became = (0..body.types.len()).map(|i| ValueId(i as u32)).collect();
        let mut class_of = vec![None; body.types.len()];
        for (i, op) in body.ops.iter().enumerate().filter(|(_, op)| op.name() == CLASS) {
            for v in &op.operands {
                class_of[v.index()] = Some(i);
            }
        }
        let dead = vec![false; body.ops.len()];
        Merger { body, became, class_of, dead, merged: 0, classes: 0 }
    }

    fn run(mut self) -> (u64, u64) {
        // In a function every operand is final when its user is reached: one round finds all.
        while self.round() && self.body.holder == Holder::Subgraph {}
        if self.merged > 0 {
            self.rewrite();
        }
        (self.merged, self.classes)
    }

    /// The value that stands for `v` now.
    fn find(&self, mut v: ValueId) -> ValueId {
        while self.became[v.index()] != v {
            v = self.became[v.index()];
        }
        v
    }

    /// Merges every operation that equals an earlier one; whether there was any.
    fn round(&mut self) -> bool {
        let before = self.merged;
        let mut seen: FxHashMap<u64, SmallVec<[usize; 1]>> = FxHashMap::default();
        for i in 0..self.body.ops.len() {
            let op = &self.body.ops[i];
            if self.dead[i] || !op.def.pure || op.name() == CLASS || op.results.is_empty() {
                continue;
            }
            let candidates = seen.entry(self.hash(op)).or_default();
            match candidates.iter().copied().find(|j| self.equal(&self.body.ops[*j], &self.body.ops[i])) {
                Some(j) => self.merge(j, i),
                None => candidates.push(i),
            }
        }
        self.merged > before
    }

    fn hash(&self, op: &Op) -> u64 {
        let mut h = FxHasher::default();
        op.name().hash(&mut h);
        for v in &op.operands {
            self.find(*v).hash(&mut h);
        }
        op.attrs.hash(&mut h);
        h.finish()
    }

    fn equal(&self, a: &Op, b: &Op) -> bool {
        let types = |op: &Op| op.results.iter().map(|r| self.body.ty(*r)).collect::<SmallVec<[_; 1]>>();
        std::ptr::eq(a.def, b.def)
            && a.operands.len() == b.operands.len()
            && a.operands.iter().zip(&b.operands).all(|(x, y)| self.find(*x) == self.find(*y))
            && types(a) == types(b)
            && a.attrs == b.attrs
    }

    /// Operation `gone` computes the same as `kept`, which comes first.
    fn merge(&mut self, kept: usize, gone: usize) {
        let pairs: SmallVec<[(ValueId, ValueId); 1]> = {
            let (a, b) = (&self.body.ops[kept].results, &self.body.ops[gone].results);
            a.iter().copied().zip(b.iter().copied()).collect()
        };
        self.body.ops[kept].loc = self.body.ops[kept].loc.fused(&self.body.ops[gone].loc);
        self.dead[gone] = true;
        self.merged += 1;
        for (k, g) in pairs {
            match (self.class_of[k.index()], self.class_of[g.index()]) {
                (None, None) => self.became[g.index()] = k,
                (Some(a), Some(b)) => {
                    self.leave(b, g);
                    self.join(a, b);
                }
                (Some(a), None) => self.became[g.index()] = self.class_value(a),
                (None, Some(b)) => {
                    // The one that stays takes the place of the alternative; whoever used it uses the class.
                    self.body.ops[b].operands.iter_mut().filter(|v| **v == g).for_each(|v| *v = k);
                    (self.class_of[g.index()], self.class_of[k.index()]) = (None, Some(b));
                    self.became[k.index()] = self.class_value(b);
                }
            }
        }
    }

    fn class_value(&self, class: usize) -> ValueId {
        self.body.ops[class].results[0]
    }

    /// Takes an alternative out of a class.
    fn leave(&mut self, class: usize, alternative: ValueId) {
        self.body.ops[class].operands.retain(|v| *v != alternative);
        self.class_of[alternative.index()] = None;
    }

    /// Makes class `b` one with class `a`.
    fn join(&mut self, a: usize, b: usize) {
        if a == b {
            return;
        }
        let moved = std::mem::take(&mut self.body.ops[b].operands);
        for v in &moved {
            self.class_of[v.index()] = Some(a);
        }
        self.body.ops[a].operands.extend(moved);
        self.body.ops[a].loc = self.body.ops[a].loc.fused(&self.body.ops[b].loc);
        let (kept, gone) = (self.class_value(a), self.class_value(b));
        self.became[gone.index()] = kept;
        self.dead[b] = true;
        self.classes += 1;
    }

    /// Writes down what each value has become, and removes what gave way.
    fn rewrite(&mut self) {
        for i in 0..self.body.ops.len() {
            if self.dead[i] {
                continue;
            }
            let mut operands = std::mem::take(&mut self.body.ops[i].operands);
            let is_class = self.body.ops[i].name() == CLASS;
            for v in &mut operands {
                // An alternative stays itself in its own class; everywhere else it is the class.
                if !(is_class && self.class_of[v.index()] == Some(i)) {
                    *v = self.find(*v);
                }
            }
            self.body.ops[i].operands = operands;
        }
        let results = self.body.results.iter().map(|v| self.find(*v)).collect();
        self.body.results = results;
        let mut dead = self.dead.iter();
        self.body.ops.retain(|_| dead.next() == Some(&false));
        self.body.compact();
    }
}
