//! A plain program to MLIR.

use super::ffi::sref;
use super::session::Session;
use super::write_attr::Maker;
use crate::attr::{Attr, Attrs};
use crate::body::{Body, Holder, Loc, Module as Plain, ValueId};
use melior::ir::Module;
use mlir_sys::*;

pub(super) fn module<'s>(session: &'s Session, plain: &Plain) -> Module<'s> {
    let mut maker = Maker::new(session.raw());
    // SAFETY: the module is created here and handed to melior, which destroys it.
    unsafe {
        let module = mlirModuleCreateEmpty(mlirLocationUnknownGet(maker.context));
        let op = mlirModuleGetOperation(module);
        for (name, value) in &plain.attrs {
            let value = maker.attr(value);
            mlirOperationSetAttributeByName(op, sref(name), value);
        }
        let block = mlirModuleGetBody(module);
        for body in &plain.bodies {
            let holder = Writer { maker: &mut maker, body, values: vec![None; body.types.len()] }.holder();
            mlirBlockAppendOwnedOperation(block, holder);
        }
        Module::from_raw(module)
    }
}

struct Writer<'a> {
    maker: &'a mut Maker,
    body: &'a Body,
    values: Vec<Option<MlirValue>>,
}

/// An operation under construction.
struct Parts<'a> {
    name: &'a str,
    operands: Vec<MlirValue>,
    results: Vec<MlirType>,
    attrs: Vec<MlirNamedAttribute>,
    region: Option<MlirRegion>,
    loc: MlirLocation,
}

fn create(parts: Parts<'_>) -> MlirOperation {
    // SAFETY: all parts belong to one live context; the region is owned by the new operation.
    unsafe {
        let mut state = mlirOperationStateGet(sref(parts.name), parts.loc);
        mlirOperationStateAddOperands(&mut state, parts.operands.len() as isize, parts.operands.as_ptr());
        mlirOperationStateAddResults(&mut state, parts.results.len() as isize, parts.results.as_ptr());
        mlirOperationStateAddAttributes(&mut state, parts.attrs.len() as isize, parts.attrs.as_ptr());
        if let Some(region) = parts.region {
            mlirOperationStateAddOwnedRegions(&mut state, 1, &region);
        }
        mlirOperationCreate(&mut state)
    }
}

impl Writer<'_> {
    fn holder(mut self) -> MlirOperation {
        let args: Vec<MlirType> = self.body.args.iter().map(|a| self.maker.ty(self.body.ty(*a))).collect();
        let results: Vec<MlirType> = self.body.results.iter().map(|r| self.maker.ty(self.body.ty(*r))).collect();
        let locs: Vec<MlirLocation> = self.body.arg_locs.iter().map(|l| self.maker.loc(l)).collect();
        // SAFETY: types, locations and block belong to one context; each array is as long as said.
        let (region, function_type) = unsafe {
            let block = mlirBlockCreate(args.len() as isize, args.as_ptr(), locs.as_ptr());
            for (i, a) in self.body.args.iter().enumerate() {
                self.values[a.index()] = Some(mlirBlockGetArgument(block, i as isize));
            }
            self.fill(block);
            let region = mlirRegionCreate();
            mlirRegionAppendOwnedBlock(region, block);
            let counts = (args.len() as isize, results.len() as isize);
            let ty = mlirFunctionTypeGet(self.maker.context, counts.0, args.as_ptr(), counts.1, results.as_ptr());
            (region, mlirTypeAttrGet(ty))
        };
        let mut attrs: Attrs = self.body.attrs.clone();
        attrs.insert("sym_name".into(), Attr::str(self.body.name.as_str()));
        let mut attrs = self.maker.named(&attrs);
        // SAFETY: name and type belong to this context.
        attrs.push(unsafe {
            let name = mlirIdentifierGet(self.maker.context, sref("function_type"));
            mlirNamedAttributeGet(name, function_type)
        });
        let name = match self.body.holder {
            Holder::Func => "func.func",
            Holder::Subgraph => "ml_program.subgraph",
        };
        let loc = self.maker.loc(&Loc::default());
        create(Parts { name, operands: Vec::new(), results: Vec::new(), attrs, region: Some(region), loc })
    }

    /// Appends the operations and the terminator to `block`.
    fn fill(&mut self, block: MlirBlock) {
        let body = self.body;
        let mut forward: Vec<(MlirOperation, isize, ValueId)> = Vec::new();
        let mut stand_ins: Vec<MlirOperation> = Vec::new();
        for op in &body.ops {
            let mut operands = Vec::with_capacity(op.operands.len());
            let mut waiting: Vec<(isize, ValueId)> = Vec::new();
            for (i, v) in op.operands.iter().enumerate() {
                operands.push(self.values[v.index()].unwrap_or_else(|| {
                    waiting.push((i as isize, *v));
                    self.stand_in(*v, block, &mut stand_ins)
                }));
            }
            let results = op.results.iter().map(|r| self.maker.ty(body.ty(*r))).collect();
            let mut attrs = self.maker.named(&op.attrs);
            if op.def.is_mixed() {
                attrs.push(self.maker.segments(op.def, &op.operands.iter().map(|v| body.ty(*v)).collect::<Vec<_>>()));
            }
            let loc = self.maker.loc(&op.loc);
            let made = create(Parts { name: op.name(), operands, results, attrs, region: None, loc });
            // SAFETY: `made` is live and appended to a live block; it has as many results as the plain operation.
            unsafe {
                mlirBlockAppendOwnedOperation(block, made);
                for (i, r) in op.results.iter().enumerate() {
                    self.values[r.index()] = Some(mlirOperationGetResult(made, i as isize));
                }
            }
            forward.extend(waiting.into_iter().map(|(i, v)| (made, i, v)));
        }
        for (op, index, value) in forward {
            if let Some(v) = self.values[value.index()] {
                // SAFETY: the operation is live and has that operand.
                unsafe { mlirOperationSetOperand(op, index, v) };
            }
        }
        let operands = body.results.iter().filter_map(|r| self.values[r.index()]).collect();
        let name = match body.holder {
            Holder::Func => "func.return",
            Holder::Subgraph => "ml_program.output",
        };
        let loc = self.maker.loc(&Loc::default());
        let end = create(Parts { name, operands, results: Vec::new(), attrs: Vec::new(), region: None, loc });
        // SAFETY: block and terminator are live; no stand-in has users left once all forward uses are set.
        unsafe {
            mlirBlockAppendOwnedOperation(block, end);
            for s in stand_ins {
                mlirOperationDestroy(s);
            }
        }
    }

    /// A value of the right type to stand where a later one belongs: graph regions may use before they define.
    fn stand_in(&mut self, value: ValueId, block: MlirBlock, all: &mut Vec<MlirOperation>) -> MlirValue {
        let ty = self.maker.ty(self.body.ty(value));
        let loc = self.maker.loc(&Loc::default());
        let name = "builtin.unrealized_conversion_cast";
        let op = create(Parts { name, operands: Vec::new(), results: vec![ty], attrs: Vec::new(), region: None, loc });
        all.push(op);
        // SAFETY: `op` is live, is appended to a live block, and has one result.
        unsafe {
            mlirBlockAppendOwnedOperation(block, op);
            mlirOperationGetResult(op, 0)
        }
    }
}
