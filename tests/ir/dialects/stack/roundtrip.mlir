// RUN: prism opt %s
// A tensor with two forms, its views, and conversions that make a cycle: on chip from off chip from on chip.

ml_program.subgraph @main(%x: tensor<2x3xf32>) -> !mem.offchip<tensor<2x3xf32>, 32 : i32> {
  %p = "nn.neg"(%x) : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %q = "nn.sub"(%z, %x) : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  %z = "nn.constant"() {value = dense<0.0> : tensor<2x3xf32>} : () -> tensor<2x3xf32>
  %y = "stack.class"(%p, %q) : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  %v = "stack.view"(%y) : (tensor<2x3xf32>) -> !elec.digital<tensor<2x3xf32>, 32 : i32>
  %l = "mem.load"(%o) {path = "dram->sram", cost = {}} : (!mem.offchip<tensor<2x3xf32>, 32 : i32>) -> !elec.digital<tensor<2x3xf32>, 32 : i32>
  %xi = "mem.input"(%x) : (tensor<2x3xf32>) -> !mem.offchip<tensor<2x3xf32>, 32 : i32>
  %xd = "mem.load"(%xi) {path = "dram->sram", cost = {}} : (!mem.offchip<tensor<2x3xf32>, 32 : i32>) -> !elec.digital<tensor<2x3xf32>, 32 : i32>
  %k = "elec.kernel"(%xd) {op = "nn.neg", unit = "cpu", operandSegmentSizes = array<i32: 1, 0, 0, 0, 0, 0>, cost = {}} : (!elec.digital<tensor<2x3xf32>, 32 : i32>) -> !elec.digital<tensor<2x3xf32>, 32 : i32>
  %d = "stack.class"(%v, %l, %k) : (!elec.digital<tensor<2x3xf32>, 32 : i32>, !elec.digital<tensor<2x3xf32>, 32 : i32>, !elec.digital<tensor<2x3xf32>, 32 : i32>) -> !elec.digital<tensor<2x3xf32>, 32 : i32>
  %s = "mem.store"(%d) {path = "sram->dram", cost = {}} : (!elec.digital<tensor<2x3xf32>, 32 : i32>) -> !mem.offchip<tensor<2x3xf32>, 32 : i32>
  %o = "stack.class"(%s) : (!mem.offchip<tensor<2x3xf32>, 32 : i32>) -> !mem.offchip<tensor<2x3xf32>, 32 : i32>
  ml_program.output %o : !mem.offchip<tensor<2x3xf32>, 32 : i32>
}
// OUTPUT:
// module {
//   ml_program.subgraph @main(%arg0: tensor<2x3xf32>) -> !mem.offchip<tensor<2x3xf32>, 32 : i32> {
//     %0 = "nn.neg"(%arg0) : (tensor<2x3xf32>) -> tensor<2x3xf32>
//     %1 = "nn.sub"(%2, %arg0) : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
//     %2 = "nn.constant"() {value = dense<0.000000e+00> : tensor<2x3xf32>} : () -> tensor<2x3xf32>
//     %3 = "stack.class"(%0, %1) : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
//     %4 = "stack.view"(%3) : (tensor<2x3xf32>) -> !elec.digital<tensor<2x3xf32>, 32 : i32>
//     %5 = "mem.load"(%11) {cost = {}, path = "dram->sram"} : (!mem.offchip<tensor<2x3xf32>, 32 : i32>) -> !elec.digital<tensor<2x3xf32>, 32 : i32>
//     %6 = "mem.input"(%arg0) : (tensor<2x3xf32>) -> !mem.offchip<tensor<2x3xf32>, 32 : i32>
//     %7 = "mem.load"(%6) {cost = {}, path = "dram->sram"} : (!mem.offchip<tensor<2x3xf32>, 32 : i32>) -> !elec.digital<tensor<2x3xf32>, 32 : i32>
//     %8 = "elec.kernel"(%7) {cost = {}, op = "nn.neg", operandSegmentSizes = array<i32: 1, 0, 0, 0, 0, 0>, unit = "cpu"} : (!elec.digital<tensor<2x3xf32>, 32 : i32>) -> !elec.digital<tensor<2x3xf32>, 32 : i32>
//     %9 = "stack.class"(%4, %5, %8) : (!elec.digital<tensor<2x3xf32>, 32 : i32>, !elec.digital<tensor<2x3xf32>, 32 : i32>, !elec.digital<tensor<2x3xf32>, 32 : i32>) -> !elec.digital<tensor<2x3xf32>, 32 : i32>
//     %10 = "mem.store"(%9) {cost = {}, path = "sram->dram"} : (!elec.digital<tensor<2x3xf32>, 32 : i32>) -> !mem.offchip<tensor<2x3xf32>, 32 : i32>
//     %11 = "stack.class"(%10) : (!mem.offchip<tensor<2x3xf32>, 32 : i32>) -> !mem.offchip<tensor<2x3xf32>, 32 : i32>
//     ml_program.output %11 : !mem.offchip<tensor<2x3xf32>, 32 : i32>
//   }
// }
