// RUN: prism opt %s
// Kernels on operands on chip, off chip and of different types; fewer bits.

func.func @main(%x: !elec.digital<tensor<2x3xf32>, 32 : i32>, %t: !mem.offchip<tensor<5x3xf32>, 32 : i32>, %i: !elec.digital<tensor<2xi64>, 64 : i32>) -> !elec.digital<tensor<2x3xf32>, 8 : i32> {
  %a = "elec.kernel"(%x, %x) {op = "nn.add", unit = "cpu", operandSegmentSizes = array<i32: 2, 0, 0, 0, 0, 0>, cost = {busy_s = {cpu = 2.0e-9 : f64}, energy_j = {core = 3.0e-12 : f64}, latency_s = 2.0e-9 : f64, moved_bytes = {sram = 24.0 : f64}}} : (!elec.digital<tensor<2x3xf32>, 32 : i32>, !elec.digital<tensor<2x3xf32>, 32 : i32>) -> !elec.digital<tensor<2x3xf32>, 32 : i32>
  %b = "elec.kernel"(%a) {op = "nn.softmax", params = {axis = 1 : i64}, unit = "cpu", operandSegmentSizes = array<i32: 1, 0, 0, 0, 0, 0>, cost = {}} : (!elec.digital<tensor<2x3xf32>, 32 : i32>) -> !elec.digital<tensor<2x3xf32>, 32 : i32>
  %c = "elec.kernel"(%t, %i) {op = "nn.gather", params = {axis = 0 : i64}, unit = "cpu", operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 0>, cost = {}} : (!mem.offchip<tensor<5x3xf32>, 32 : i32>, !elec.digital<tensor<2xi64>, 64 : i32>) -> !elec.digital<tensor<2x3xf32>, 32 : i32>
  %f = "elec.fused"(%x, %x, %c) {members = [{op = "nn.mul", from = array<i64: 0, 1>}, {op = "nn.sub", from = array<i64: 2, 3>}, {op = "nn.softmax", params = {axis = 1 : i64}, from = array<i64: 4>}], unit = "cpu", operandSegmentSizes = array<i32: 3, 0, 0, 0, 0, 0>, cost = {}} : (!elec.digital<tensor<2x3xf32>, 32 : i32>, !elec.digital<tensor<2x3xf32>, 32 : i32>, !elec.digital<tensor<2x3xf32>, 32 : i32>) -> !elec.digital<tensor<2x3xf32>, 32 : i32>
  %d = "elec.weaken"(%f) : (!elec.digital<tensor<2x3xf32>, 32 : i32>) -> !elec.digital<tensor<2x3xf32>, 8 : i32>
  %s = "elec.slices"(%x) {axis = 0 : i64, count = 2 : i64, bits = 5 : i64} : (!elec.digital<tensor<2x3xf32>, 32 : i32>) -> !elec.digital<tensor<4x3xf32>, 5 : i32>
  %w = "elec.slices"(%t) {axis = 0 : i64, count = 2 : i64, bits = 5 : i64} : (!mem.offchip<tensor<5x3xf32>, 32 : i32>) -> !mem.offchip<tensor<10x3xf32>, 5 : i32>
  %p = "ptu.gemm"(%s, %w) {stationary = "rhs", passes = 1 : i64, transpose_rhs = true, unit = "ptc", cost = {}} : (!elec.digital<tensor<4x3xf32>, 5 : i32>, !mem.offchip<tensor<10x3xf32>, 5 : i32>) -> !elec.digital<tensor<4x10xf32>, 5 : i32>
  %q = "elec.shift_add"(%p) {rows = 2 : i64, columns = 2 : i64, unit = "cpu", cost = {}} : (!elec.digital<tensor<4x10xf32>, 5 : i32>) -> !elec.digital<tensor<2x5xf32>, 9 : i32>
  return %d : !elec.digital<tensor<2x3xf32>, 8 : i32>
}
// OUTPUT:
// module {
//   func.func @main(%arg0: !elec.digital<tensor<2x3xf32>, 32 : i32>, %arg1: !mem.offchip<tensor<5x3xf32>, 32 : i32>, %arg2: !elec.digital<tensor<2xi64>, 64 : i32>) -> !elec.digital<tensor<2x3xf32>, 8 : i32> {
//     %0 = "elec.kernel"(%arg0, %arg0) {cost = {busy_s = {cpu = 2.000000e-09 : f64}, energy_j = {core = 3.000000e-12 : f64}, latency_s = 2.000000e-09 : f64, moved_bytes = {sram = 2.400000e+01 : f64}}, op = "nn.add", operandSegmentSizes = array<i32: 2, 0, 0, 0, 0, 0>, unit = "cpu"} : (!elec.digital<tensor<2x3xf32>, 32 : i32>, !elec.digital<tensor<2x3xf32>, 32 : i32>) -> !elec.digital<tensor<2x3xf32>, 32 : i32>
//     %1 = "elec.kernel"(%0) {cost = {}, op = "nn.softmax", operandSegmentSizes = array<i32: 1, 0, 0, 0, 0, 0>, params = {axis = 1 : i64}, unit = "cpu"} : (!elec.digital<tensor<2x3xf32>, 32 : i32>) -> !elec.digital<tensor<2x3xf32>, 32 : i32>
//     %2 = "elec.kernel"(%arg1, %arg2) {cost = {}, op = "nn.gather", operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 0>, params = {axis = 0 : i64}, unit = "cpu"} : (!mem.offchip<tensor<5x3xf32>, 32 : i32>, !elec.digital<tensor<2xi64>, 64 : i32>) -> !elec.digital<tensor<2x3xf32>, 32 : i32>
//     %3 = "elec.fused"(%arg0, %arg0, %2) {cost = {}, members = [{from = array<i64: 0, 1>, op = "nn.mul"}, {from = array<i64: 2, 3>, op = "nn.sub"}, {from = array<i64: 4>, op = "nn.softmax", params = {axis = 1 : i64}}], operandSegmentSizes = array<i32: 3, 0, 0, 0, 0, 0>, unit = "cpu"} : (!elec.digital<tensor<2x3xf32>, 32 : i32>, !elec.digital<tensor<2x3xf32>, 32 : i32>, !elec.digital<tensor<2x3xf32>, 32 : i32>) -> !elec.digital<tensor<2x3xf32>, 32 : i32>
//     %4 = "elec.weaken"(%3) : (!elec.digital<tensor<2x3xf32>, 32 : i32>) -> !elec.digital<tensor<2x3xf32>, 8 : i32>
//     %5 = "elec.slices"(%arg0) {axis = 0 : i64, bits = 5 : i64, count = 2 : i64} : (!elec.digital<tensor<2x3xf32>, 32 : i32>) -> !elec.digital<tensor<4x3xf32>, 5 : i32>
//     %6 = "elec.slices"(%arg1) {axis = 0 : i64, bits = 5 : i64, count = 2 : i64} : (!mem.offchip<tensor<5x3xf32>, 32 : i32>) -> !mem.offchip<tensor<10x3xf32>, 5 : i32>
//     %7 = "ptu.gemm"(%5, %6) {cost = {}, passes = 1 : i64, stationary = "rhs", transpose_rhs = true, unit = "ptc"} : (!elec.digital<tensor<4x3xf32>, 5 : i32>, !mem.offchip<tensor<10x3xf32>, 5 : i32>) -> !elec.digital<tensor<4x10xf32>, 5 : i32>
//     %8 = "elec.shift_add"(%7) {columns = 2 : i64, cost = {}, rows = 2 : i64, unit = "cpu"} : (!elec.digital<tensor<4x10xf32>, 5 : i32>) -> !elec.digital<tensor<2x5xf32>, 9 : i32>
//     return %4 : !elec.digital<tensor<2x3xf32>, 8 : i32>
//   }
// }
