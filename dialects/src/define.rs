//! How a dialect is defined: a table of operations. From it come the IRDL text, the generic part of
//! the verifier, `prism list ops`, `prism explain`, and the reference pages.

use crate::attr::{Attr, Attrs};
use crate::interp::Tensor;
use crate::level::Level;
use crate::types::{TensorType, Type, View};

/// What an operand or result may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A maths tensor.
    Tensor,
    /// That view of a tensor.
    Of(View),
    /// A maths tensor or any view.
    Any,
    /// A view in a memory: on chip or off chip.
    Stored,
    /// The same, or weights that a unit holds.
    Given,
    /// `!plan.event`.
    Event,
}

impl Kind {
    /// Whether a value of type `ty` may stand here.
    pub fn accepts(self, ty: &Type) -> bool {
        match self {
            Kind::Tensor => matches!(ty, Type::Tensor(_)),
            Kind::Of(view) => ty.view() == Some(view),
            Kind::Any => !matches!(ty, Type::Event),
            Kind::Stored => matches!(ty.view(), Some(View::Digital | View::Offchip)),
            Kind::Given => matches!(ty.view(), Some(View::Digital | View::Offchip | View::Weights)),
            Kind::Event => matches!(ty, Type::Event),
        }
    }

    /// As shown in docs and messages.
    pub fn words(self) -> String {
        match self {
            Kind::Tensor => "tensor".into(),
            Kind::Of(view) => format!("!{}", view.type_name()),
            Kind::Any => "tensor or view".into(),
            Kind::Stored => "!elec.digital or !mem.offchip".into(),
            Kind::Given => "!elec.digital, !mem.offchip or !ptu.weights".into(),
            Kind::Event => "!plan.event".into(),
        }
    }
}

/// How many values stand at an operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arity {
    /// Exactly one.
    One,
    /// None or one; only the last operands may be optional.
    Optional,
    /// Any number, all of one type; only the last operand may be variadic.
    Variadic,
    /// Any number of any types, in at most [`MIXED_RUNS`] runs of equal type; only the last operand may be mixed.
    Mixed,
}

/// IRDL binds a variadic operand to one type. Operands of mixed types are therefore declared as this many variadic
/// segments (attribute `operandSegmentSizes`), each a run of neighbours of equal type.
pub const MIXED_RUNS: usize = 6;

/// Lengths of the runs of equal neighbours.
pub fn runs<T: PartialEq>(types: &[T]) -> Vec<i32> {
    let lengths = types.chunk_by(|a, b| a == b).map(|run| i32::try_from(run.len()).unwrap_or(i32::MAX));
    lengths.collect()
}

/// An operand or result of an operation.
#[derive(Clone, Copy, Debug)]
pub struct Slot {
    /// Its name.
    pub name: &'static str,
    /// What it may be.
    pub kind: Kind,
    /// How many.
    pub arity: Arity,
}

/// What an attribute may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttrKind {
    /// `7 : i64`.
    Int,
    /// `0.5 : f64`.
    Float,
    /// `true`.
    Bool,
    /// `"text"`.
    Str,
    /// `array<i64: 1, 2>`.
    Ints,
    /// A constant tensor.
    Dense,
    /// `{...}`.
    Dict,
    /// `[...]`.
    List,
    /// `@name`.
    Symbol,
}

impl AttrKind {
    /// Whether `attr` is of this kind.
    pub fn accepts(self, attr: &Attr) -> bool {
        matches!(
            (self, attr),
            (AttrKind::Int, Attr::Int(_))
                | (AttrKind::Float, Attr::Float(_))
                | (AttrKind::Bool, Attr::Bool(_))
                | (AttrKind::Str, Attr::Str(_))
                | (AttrKind::Ints, Attr::Ints(_))
                | (AttrKind::Dense, Attr::Dense(_))
                | (AttrKind::Dict, Attr::Dict(_))
                | (AttrKind::List, Attr::List(_))
                | (AttrKind::Symbol, Attr::Symbol(_))
        )
    }

    /// As shown in docs and messages, with an example.
    pub fn words(self) -> &'static str {
        match self {
            AttrKind::Int => "integer (7 : i64)",
            AttrKind::Float => "float (0.5 : f64)",
            AttrKind::Bool => "boolean (true)",
            AttrKind::Str => "string (\"text\")",
            AttrKind::Ints => "integers (array<i64: 0, 1>)",
            AttrKind::Dense => "constant tensor (dense<1.0> : tensor<4xf32>)",
            AttrKind::Dict => "dictionary ({name = 1 : i64})",
            AttrKind::List => "list ([\"a\", \"b\"])",
            AttrKind::Symbol => "symbol (@name)",
        }
    }
}

/// An attribute of an operation.
#[derive(Clone, Copy, Debug)]
pub struct AttrDef {
    /// Its name.
    pub name: &'static str,
    /// What it may be.
    pub kind: AttrKind,
    /// Whether it must be present.
    pub required: bool,
    /// What it says; with its unit and default.
    pub doc: &'static str,
}

/// What a rule of a dialect objects to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What is wrong, naming the operand or attribute.
    pub what: String,
    /// What was found.
    pub found: String,
    /// What is allowed.
    pub allowed: String,
}

impl Problem {
    /// A problem.
    pub fn new(what: impl Into<String>, found: impl Into<String>, allowed: impl Into<String>) -> Problem {
        Problem { what: what.into(), found: found.into(), allowed: allowed.into() }
    }
}

/// An operation without its values: what shape rules, verifiers and interpreters see.
#[derive(Clone, Copy, Debug)]
pub struct OpView<'a> {
    /// Which operation.
    pub def: &'static OpDef,
    /// Types of its operands.
    pub operands: &'a [Type],
    /// Types of its results; empty while they are being inferred.
    pub results: &'a [Type],
    /// Its attributes.
    pub attrs: &'a Attrs,
}

impl OpView<'_> {
    /// The tensor behind an operand; an empty `i1` tensor stands in where there is none, which the generic checks
    /// have refused before any rule runs.
    pub fn tensor(&self, index: usize) -> TensorType {
        let found = self.operands.get(index).and_then(Type::tensor).cloned();
        found.unwrap_or_else(|| TensorType::new([0], crate::types::Elem::I1))
    }

    /// An integer attribute.
    pub fn int(&self, name: &str) -> Option<i64> {
        self.attrs.get(name).and_then(Attr::as_int)
    }

    /// A boolean attribute; absent is false.
    pub fn flag(&self, name: &str) -> bool {
        self.attrs.get(name).and_then(Attr::as_bool).unwrap_or(false)
    }

    /// An integer-array attribute; absent is empty.
    pub fn ints(&self, name: &str) -> &[i64] {
        self.attrs.get(name).and_then(Attr::as_ints).unwrap_or(&[])
    }

    /// A float attribute.
    pub fn float(&self, name: &str) -> Option<f64> {
        self.attrs.get(name).and_then(Attr::as_float)
    }
}

/// Result type from operands and attributes. For ops whose result type is part of the op (`nn.reshape`), see [`OpDef::verify`].
pub type Infer = fn(&OpView<'_>) -> Result<TensorType, Problem>;
/// Checks what the table and [`Infer`] do not.
pub type Verify = fn(&OpView<'_>) -> Result<(), Problem>;
/// Value of the result on small tensors, from the operation, its operands, its attributes and its result type.
pub type Interp = fn(&'static OpDef, &[&Tensor], &Attrs, &TensorType) -> Result<Tensor, String>;

/// An operation: everything that is true of all its uses.
#[derive(Clone, Debug)]
pub struct OpDef {
    /// Full name, `nn.matmul`.
    pub name: &'static str,
    /// Level whose programs it belongs to.
    pub level: Level,
    /// What it computes, one line, then details.
    pub doc: &'static str,
    /// Its operands.
    pub operands: Vec<Slot>,
    /// Its results.
    pub results: Vec<Slot>,
    /// Its attributes.
    pub attrs: Vec<AttrDef>,
    /// Same operands, same result, no effect: may be merged and removed.
    pub pure: bool,
    /// Shape rule, where the result type follows from the operands.
    pub infer: Option<Infer>,
    /// Further checks.
    pub verify: Option<Verify>,
    /// Meaning on small tensors.
    pub interp: Option<Interp>,
}

impl OpDef {
    /// A pure operation without operands, with one result.
    pub fn new(name: &'static str, level: Level, result: Kind, doc: &'static str) -> OpDef {
        let results = vec![Slot { name: "result", kind: result, arity: Arity::One }];
        OpDef {
            name,
            level,
            doc,
            operands: Vec::new(),
            results,
            attrs: Vec::new(),
            pure: true,
            infer: None,
            verify: None,
            interp: None,
        }
    }

    /// The name without its dialect: `matmul`.
    pub fn short(&self) -> &'static str {
        self.name.split_once('.').map_or(self.name, |(_, s)| s)
    }

    /// First line of the doc.
    pub fn summary(&self) -> &'static str {
        self.doc.lines().next().unwrap_or("")
    }

    fn slot(mut self, name: &'static str, kind: Kind, arity: Arity) -> OpDef {
        self.operands.push(Slot { name, kind, arity });
        self
    }

    /// Adds an operand.
    pub fn operand(self, name: &'static str, kind: Kind) -> OpDef {
        self.slot(name, kind, Arity::One)
    }

    /// Adds an operand that may be absent.
    pub fn optional(self, name: &'static str, kind: Kind) -> OpDef {
        self.slot(name, kind, Arity::Optional)
    }

    /// Adds an operand that stands for any number of any types.
    pub fn mixed(self, name: &'static str, kind: Kind) -> OpDef {
        self.slot(name, kind, Arity::Mixed)
    }

    /// Whether its last operand is mixed, so that its MLIR form carries `operandSegmentSizes`.
    pub fn is_mixed(&self) -> bool {
        self.operands.last().is_some_and(|s| s.arity == Arity::Mixed)
    }

    /// Adds an operand that stands for any number, all of one type.
    pub fn variadic(self, name: &'static str, kind: Kind) -> OpDef {
        self.slot(name, kind, Arity::Variadic)
    }

    /// Adds a required attribute.
    pub fn attr(mut self, name: &'static str, kind: AttrKind, doc: &'static str) -> OpDef {
        self.attrs.push(AttrDef { name, kind, required: true, doc });
        self
    }

    /// Adds an attribute that may be absent.
    pub fn maybe(mut self, name: &'static str, kind: AttrKind, doc: &'static str) -> OpDef {
        self.attrs.push(AttrDef { name, kind, required: false, doc });
        self
    }

    /// Sets the shape rule.
    pub fn infer(mut self, rule: Infer) -> OpDef {
        self.infer = Some(rule);
        self
    }

    /// Sets the further checks.
    pub fn verify(mut self, rule: Verify) -> OpDef {
        self.verify = Some(rule);
        self
    }

    /// Sets the meaning.
    pub fn interp(mut self, meaning: Interp) -> OpDef {
        self.interp = Some(meaning);
        self
    }

    /// Says that uses must not be merged or removed.
    pub fn effectful(mut self) -> OpDef {
        self.pure = false;
        self
    }
}

/// A type of a dialect, for IRDL and docs.
#[derive(Clone, Copy, Debug)]
pub struct TypeDef {
    /// Name without the dialect: `light`.
    pub name: &'static str,
    /// Its parameters, in order.
    pub parameters: &'static [&'static str],
    /// What it says of a value.
    pub doc: &'static str,
}

/// A dialect.
#[derive(Clone, Debug)]
pub struct Dialect {
    /// Its name.
    pub name: &'static str,
    /// What it holds, one line.
    pub summary: &'static str,
    /// Why it exists, what was rejected: the README of its folder.
    pub page: &'static str,
    /// Its types.
    pub types: Vec<TypeDef>,
    /// Its operations.
    pub ops: Vec<OpDef>,
}
