//! A node as the conversions see it: operands found, attributes typed.

use super::fault::Fault;
use super::lower::Val;
use super::needs;
use super::proto::{self, attribute_type as kind};
use prism_dialects::Problem;

/// A node whose operands are converted.
pub(crate) struct Node<'m> {
    /// As in the file.
    pub(crate) proto: &'m proto::Node,
    /// Version of the standard operator set.
    pub(crate) opset: i64,
    /// Operands; `None` where one is left out.
    pub(crate) operands: Vec<Option<Val>>,
}

impl<'m> Node<'m> {
    /// An operand that must be there.
    pub(crate) fn operand(&self, index: usize) -> Result<Val, Fault> {
        self.maybe(index).ok_or_else(|| {
            let found = format!("operand {index} is left out");
            Fault::Malformed(Problem::new("operands", found, "an operand"))
        })
    }

    /// An operand that may be left out.
    pub(crate) fn maybe(&self, index: usize) -> Option<Val> {
        self.operands.get(index).copied().flatten()
    }

    /// All operands, none left out.
    pub(crate) fn all(&self) -> Result<Vec<Val>, Fault> {
        (0..self.operands.len()).map(|i| self.operand(i)).collect()
    }

    fn attribute(&self, name: &str, kind: i32) -> Result<Option<&'m proto::Attribute>, Fault> {
        match self.proto.attribute.iter().find(|a| a.name == name) {
            // Old exporters leave the kind out.
            Some(a) if a.r#type == kind || a.r#type == 0 => Ok(Some(a)),
            Some(a) => {
                let found = format!("kind {} ", a.r#type);
                Err(Fault::Malformed(Problem::new(format!("attribute `{name}`"), found, format!("kind {kind}"))))
            }
            None => Ok(None),
        }
    }

    /// An integer attribute.
    pub(crate) fn int(&self, name: &str) -> Result<Option<i64>, Fault> {
        Ok(self.attribute(name, kind::INT)?.map(|a| a.i))
    }

    /// An integer attribute read as a truth value.
    pub(crate) fn flag(&self, name: &str, default: bool) -> Result<bool, Fault> {
        Ok(self.int(name)?.map_or(default, |i| i != 0))
    }

    /// An integer-list attribute.
    pub(crate) fn ints(&self, name: &str) -> Result<Option<&'m [i64]>, Fault> {
        Ok(self.attribute(name, kind::INTS)?.map(|a| a.ints.as_slice()))
    }

    /// A float attribute.
    pub(crate) fn float(&self, name: &str) -> Result<Option<f32>, Fault> {
        Ok(self.attribute(name, kind::FLOAT)?.map(|a| a.f))
    }

    /// A float-list attribute.
    pub(crate) fn floats(&self, name: &str) -> Result<Option<&'m [f32]>, Fault> {
        Ok(self.attribute(name, kind::FLOATS)?.map(|a| a.floats.as_slice()))
    }

    /// A text attribute.
    pub(crate) fn text(&self, name: &str) -> Result<Option<&'m str>, Fault> {
        Ok(self.attribute(name, kind::STRING)?.and_then(|a| std::str::from_utf8(&a.s).ok()))
    }

    /// A tensor attribute.
    pub(crate) fn tensor(&self, name: &str) -> Result<Option<&'m proto::Tensor>, Fault> {
        Ok(self.attribute(name, kind::TENSOR)?.and_then(|a| a.t.as_ref()))
    }

    /// A fault that says that this operator is not supported in that form, such as `with mode = "odd"`.
    pub(crate) fn unsupported(&self, form: impl std::fmt::Display) -> Fault {
        Fault::Unsupported(form.to_string(), needs::FORM)
    }
}
