//! Pass `fold-constants`; its page is `fold_constants.md`.

use super::identities::{Simpler, simpler};
use crate::manager::{Change, CounterDef, OptionDef, OptionKind, PassCx, PassInfo};
use prism_dialects::interp::{Data, Tensor, evaluate};
use prism_dialects::{Attr, Attrs, Body, Dense, Elem, F64, Level, Module, Numbers, Op, TensorType, ValueId, registry};
use prism_support::Result;
use smallvec::SmallVec;

/// Computes what is known before the program runs, and removes operations that change nothing.
pub static PASS: PassInfo = PassInfo {
    name: "fold-constants",
    page: include_str!("fold_constants.md"),
    from: &[Level::Nn],
    to: Change::Keeps,
    options: &[OptionDef {
        name: "max-elements",
        kind: OptionKind::Int { min: 1, max: 1 << 20 },
        default: "4096",
        doc: "largest folded constant, elements",
    }],
    counters: &[
        CounterDef { name: "folded", doc: "operations replaced by their value" },
        CounterDef { name: "identities", doc: "operations that changed nothing, or two of them that one can do" },
    ],
    needs_target: false,
    run,
};

/// Operands may have this many times as many elements as a result.
const OPERAND_FACTOR: u64 = 64;

/// Operations that compute each element of the result from the elements at the same place.
pub(crate) const ELEMENTWISE: &[&str] = &[
    "nn.neg",
    "nn.abs",
    "nn.exp",
    "nn.log",
    "nn.sqrt",
    "nn.rsqrt",
    "nn.reciprocal",
    "nn.sin",
    "nn.cos",
    "nn.tanh",
    "nn.sigmoid",
    "nn.erf",
    "nn.relu",
    "nn.silu",
    "nn.gelu",
    "nn.swiglu",
    "nn.floor",
    "nn.ceil",
    "nn.round",
    "nn.not",
    "nn.cast",
    "nn.add",
    "nn.sub",
    "nn.mul",
    "nn.div",
    "nn.pow",
    "nn.max",
    "nn.min",
    "nn.mod",
    "nn.equal",
    "nn.less",
    "nn.less_equal",
    "nn.greater",
    "nn.greater_equal",
    "nn.and",
    "nn.or",
    "nn.xor",
    "nn.where",
];

/// Operations whose result holds no number that its operands do not hold.
pub(super) const MOVING: &[&str] = &["nn.reshape", "nn.broadcast", "nn.transpose", "nn.slice", "nn.concat"];

fn run(module: &mut Module, cx: &mut PassCx<'_>) -> Result<()> {
    let limit = cx.count_of("max-elements") as u64;
    for body in &mut module.bodies {
        let mut folder = Folder::new(body, limit);
        folder.walk();
        let (folded, identities) = (folder.folded, folder.identities);
        cx.count("folded", folded);
        cx.count("identities", identities);
        super::indices::warn_outside(body, cx);
    }
    Ok(())
}

struct Folder<'b> {
    body: &'b mut Body,
    limit: u64,
    /// What each value has become: an earlier value that equals it, or itself.
    became: Vec<ValueId>,
    /// The operation that makes each value.
    maker: Vec<Option<u32>>,
    folded: u64,
    identities: u64,
}

impl<'b> Folder<'b> {
    fn new(body: &'b mut Body, limit: u64) -> Self {
        let became = (0..body.types.len()).map(|i| ValueId(i as u32)).collect();
        let maker = body.definitions();
        Folder { body, limit, became, maker, folded: 0, identities: 0 }
    }

    fn walk(&mut self) {
        for i in 0..self.body.ops.len() {
            let mut operands = std::mem::take(&mut self.body.ops[i].operands);
            operands.iter_mut().for_each(|v| *v = self.became[v.index()]);
            self.body.ops[i].operands = operands;
            self.simplify(i);
            if let Some(value) = self.value(&self.body.ops[i]) {
                let op = &mut self.body.ops[i];
                op.def = registry::op("nn.constant");
                op.operands.clear();
                op.attrs = Attrs::from([("value".to_string(), Attr::Dense(value))]).into();
                op.loc = op.loc.by_rule("fold-constants");
                self.folded += 1;
            }
        }
        self.body.results.iter_mut().for_each(|v| *v = self.became[v.index()]);
    }

    /// Applies identities to operation `i` until none fits.
    fn simplify(&mut self, i: usize) {
        loop {
            let op = &self.body.ops[i];
            let Some(result) = op.result() else { return };
            let made_by = |v: ValueId| self.maker[v.index()].map(|at| &self.body.ops[at as usize]);
            match simpler(self.body, op, &made_by) {
                None => return,
                Some(Simpler::Value(same)) => {
                    self.became[result.index()] = same;
                    self.identities += 1;
                    return;
                }
                Some(Simpler::Op { def, operand, attrs }) => {
                    let op = &mut self.body.ops[i];
                    op.def = def;
                    op.operands = SmallVec::from_slice(&[operand]);
                    op.attrs = attrs;
                    self.identities += 1;
                }
            }
        }
    }

    fn constant(&self, v: ValueId) -> Option<&Dense> {
        constant(self.maker[v.index()].map(|at| &self.body.ops[at as usize])?)
    }

    /// The value of an operation, if all its operands are constants and it is small enough.
    fn value(&self, op: &Op) -> Option<Dense> {
        let made = op.result()?;
        if op.name() == "nn.constant" || self.became[made.index()] != made {
            return None;
        }
        let result = self.body.ty(made).tensor()?;
        let operands: Vec<&Dense> = op.operands.iter().map(|v| self.constant(*v)).collect::<Option<_>>()?;
        if let Some(splat) = splat_value(op, &operands, result) {
            return Some(splat);
        }
        let size = operands.iter().map(|d| d.ty.numel()).fold(0, u64::saturating_add);
        if result.numel() > self.limit || size > self.limit.saturating_mul(OPERAND_FACTOR) {
            return None;
        }
        let tensors =
            operands.iter().map(|d| Tensor::from_dense(d)).collect::<std::result::Result<Vec<_>, _>>().ok()?;
        compute(op, &tensors, result)
    }
}

/// The constant that an operation makes, if it is one.
pub(super) fn constant(op: &Op) -> Option<&Dense> {
    (op.name() == "nn.constant").then(|| op.attr("value").and_then(Attr::as_dense)).flatten()
}

/// The number that a constant repeats, as a constant without axes; none where it has several or no elements.
pub(super) fn splat(dense: &Dense) -> Option<Dense> {
    let one = dense.numbers.len() == 1 && dense.ty.numel() > 0;
    one.then(|| Dense { ty: TensorType::new([], dense.ty.elem), numbers: dense.numbers.clone() })
}

/// The value of an operation whose operands each repeat one number, where the result does too.
fn splat_value(op: &Op, operands: &[&Dense], result: &TensorType) -> Option<Dense> {
    let numbers: Vec<Dense> = operands.iter().map(|d| splat(d)).collect::<Option<_>>()?;
    if result.numel() == 0 || numbers.is_empty() {
        return None;
    }
    if MOVING.contains(&op.name()) {
        let same = numbers.iter().all(|d| d.numbers == numbers[0].numbers);
        return same.then(|| Dense { ty: result.clone(), numbers: numbers[0].numbers.clone() });
    }
    if !ELEMENTWISE.contains(&op.name()) {
        return None;
    }
    let tensors = numbers.iter().map(Tensor::from_dense).collect::<std::result::Result<Vec<_>, _>>().ok()?;
    let value = compute(op, &tensors, &TensorType::new([], result.elem))?;
    Some(Dense { ty: result.clone(), numbers: value.numbers })
}

/// Runs an operation; `None` where it has no value, such as an integer division by zero.
fn compute(op: &Op, operands: &[Tensor], result: &TensorType) -> Option<Dense> {
    let args: Vec<&Tensor> = operands.iter().collect();
    let mut value = evaluate(op.def, &args, &op.attrs, result).ok()?;
    if let Data::Float(numbers) = &mut value.data {
        numbers.iter_mut().for_each(|x| *x = rounded(*x, result.elem));
    }
    Some(shortened(value.to_dense()))
}

/// The nearest number of the element type, ties to even.
pub(super) fn rounded(x: f64, elem: Elem) -> f64 {
    match elem {
        Elem::F16 => half::f16::from_f64(x).to_f64(),
        Elem::BF16 => half::bf16::from_f64(x).to_f64(),
        Elem::F32 => f64::from(x as f32),
        _ => x,
    }
}

/// One number where all are the same, bit by bit.
fn shortened(dense: Dense) -> Dense {
    fn first<T: Copy + PartialEq>(v: &[T]) -> Option<T> {
        v.first().copied().filter(|x| v.iter().all(|y| y == x))
    }
    let numbers = match &dense.numbers {
        Numbers::Float(v) => first::<F64>(v).map(|x| Numbers::Float(vec![x])),
        Numbers::Int(v) => first(v).map(|x| Numbers::Int(vec![x])),
    };
    match numbers {
        Some(numbers) => Dense { ty: dense.ty, numbers },
        None => dense,
    }
}
