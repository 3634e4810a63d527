// RUN: prism opt %s -p dce
// A cycle of conversions that no result needs goes as a whole, although each of its operations has a reader.

ml_program.subgraph @main(%x: tensor<4xf32>) -> !mem.offchip<tensor<4xf32>, 32 : i32> {
  %i = "mem.input"(%x) : (tensor<4xf32>) -> !mem.offchip<tensor<4xf32>, 32 : i32>
  %y = "nn.exp"(%x) : (tensor<4xf32>) -> tensor<4xf32>
  %v = "stack.view"(%y) : (tensor<4xf32>) -> !elec.digital<tensor<4xf32>, 32 : i32>
  %l = "mem.load"(%o) {path = "dram->sram", cost = {}} : (!mem.offchip<tensor<4xf32>, 32 : i32>) -> !elec.digital<tensor<4xf32>, 32 : i32>
  %d = "stack.class"(%v, %l) : (!elec.digital<tensor<4xf32>, 32 : i32>, !elec.digital<tensor<4xf32>, 32 : i32>) -> !elec.digital<tensor<4xf32>, 32 : i32>
  %s = "mem.store"(%d) {path = "sram->dram", cost = {}} : (!elec.digital<tensor<4xf32>, 32 : i32>) -> !mem.offchip<tensor<4xf32>, 32 : i32>
  %o = "stack.class"(%s) : (!mem.offchip<tensor<4xf32>, 32 : i32>) -> !mem.offchip<tensor<4xf32>, 32 : i32>
  ml_program.output %i : !mem.offchip<tensor<4xf32>, 32 : i32>
}
// OUTPUT:
// module {
//   ml_program.subgraph @main(%arg0: tensor<4xf32>) -> !mem.offchip<tensor<4xf32>, 32 : i32> {
//     %0 = "mem.input"(%arg0) : (tensor<4xf32>) -> !mem.offchip<tensor<4xf32>, 32 : i32>
//     ml_program.output %0 : !mem.offchip<tensor<4xf32>, 32 : i32>
//   }
// }
