// RUN: prism opt %s
// Weights, constants, arguments, what is prepared from them, and the way to the chip and back.

func.func @main(%x: tensor<2x3xf32>) -> !mem.offchip<tensor<2x3xf32>, 32 : i32> {
  %p = "mem.param"() {name = "w"} : () -> !mem.offchip<tensor<2x3xf32>, 32 : i32>
  %c = "mem.constant"() {value = dense<0.5> : tensor<2x3xf32>} : () -> !mem.offchip<tensor<2x3xf32>, 32 : i32>
  %i = "mem.input"(%x) : (tensor<2x3xf32>) -> !mem.offchip<tensor<2x3xf32>, 32 : i32>
  %j = "mem.prepare"(%p, %c) {op = "nn.concat", params = {axis = 0 : i64}, operandSegmentSizes = array<i32: 2, 0, 0, 0, 0, 0>} : (!mem.offchip<tensor<2x3xf32>, 32 : i32>, !mem.offchip<tensor<2x3xf32>, 32 : i32>) -> !mem.offchip<tensor<4x3xf32>, 32 : i32>
  %l = "mem.load"(%i) {path = "dram->sram", cost = {busy_s = {cpu = 2.0e-9 : f64}, energy_j = {core = 3.0e-12 : f64}, latency_s = 2.0e-9 : f64, moved_bytes = {sram = 24.0 : f64}}} : (!mem.offchip<tensor<2x3xf32>, 32 : i32>) -> !elec.digital<tensor<2x3xf32>, 32 : i32>
  %s = "mem.store"(%l) {path = "sram->dram", cost = {}} : (!elec.digital<tensor<2x3xf32>, 32 : i32>) -> !mem.offchip<tensor<2x3xf32>, 32 : i32>
  %a = "mem.append"(%s, %l) {axis = 0 : i64, path = "sram->dram", cost = {}} : (!mem.offchip<tensor<2x3xf32>, 32 : i32>, !elec.digital<tensor<2x3xf32>, 32 : i32>) -> !mem.offchip<tensor<4x3xf32>, 32 : i32>
  %e = "mem.param"() {name = "experts"} : () -> !mem.offchip<tensor<8x2x3xf32>, 32 : i32>
  %k = "mem.param"() {name = "chosen"} : () -> !mem.offchip<tensor<4xi64>, 64 : i32>
  %h = "mem.load"(%k) {path = "dram->sram", cost = {}} : (!mem.offchip<tensor<4xi64>, 64 : i32>) -> !elec.digital<tensor<4xi64>, 64 : i32>
  %m = "mem.select"(%e, %h) {axis = 0 : i64} : (!mem.offchip<tensor<8x2x3xf32>, 32 : i32>, !elec.digital<tensor<4xi64>, 64 : i32>) -> !mem.offchip<tensor<4x2x3xf32>, 32 : i32>
  %n = "mem.join"(%l, %l) {axis = 1 : i64} : (!elec.digital<tensor<2x3xf32>, 32 : i32>, !elec.digital<tensor<2x3xf32>, 32 : i32>) -> !elec.digital<tensor<2x6xf32>, 32 : i32>
  return %s : !mem.offchip<tensor<2x3xf32>, 32 : i32>
}
// OUTPUT:
// module {
//   func.func @main(%arg0: tensor<2x3xf32>) -> !mem.offchip<tensor<2x3xf32>, 32 : i32> {
//     %0 = "mem.param"() {name = "w"} : () -> !mem.offchip<tensor<2x3xf32>, 32 : i32>
//     %1 = "mem.constant"() {value = dense<5.000000e-01> : tensor<2x3xf32>} : () -> !mem.offchip<tensor<2x3xf32>, 32 : i32>
//     %2 = "mem.input"(%arg0) : (tensor<2x3xf32>) -> !mem.offchip<tensor<2x3xf32>, 32 : i32>
//     %3 = "mem.prepare"(%0, %1) {op = "nn.concat", operandSegmentSizes = array<i32: 2, 0, 0, 0, 0, 0>, params = {axis = 0 : i64}} : (!mem.offchip<tensor<2x3xf32>, 32 : i32>, !mem.offchip<tensor<2x3xf32>, 32 : i32>) -> !mem.offchip<tensor<4x3xf32>, 32 : i32>
//     %4 = "mem.load"(%2) {cost = {busy_s = {cpu = 2.000000e-09 : f64}, energy_j = {core = 3.000000e-12 : f64}, latency_s = 2.000000e-09 : f64, moved_bytes = {sram = 2.400000e+01 : f64}}, path = "dram->sram"} : (!mem.offchip<tensor<2x3xf32>, 32 : i32>) -> !elec.digital<tensor<2x3xf32>, 32 : i32>
//     %5 = "mem.store"(%4) {cost = {}, path = "sram->dram"} : (!elec.digital<tensor<2x3xf32>, 32 : i32>) -> !mem.offchip<tensor<2x3xf32>, 32 : i32>
//     %6 = "mem.append"(%5, %4) {axis = 0 : i64, cost = {}, path = "sram->dram"} : (!mem.offchip<tensor<2x3xf32>, 32 : i32>, !elec.digital<tensor<2x3xf32>, 32 : i32>) -> !mem.offchip<tensor<4x3xf32>, 32 : i32>
//     %7 = "mem.param"() {name = "experts"} : () -> !mem.offchip<tensor<8x2x3xf32>, 32 : i32>
//     %8 = "mem.param"() {name = "chosen"} : () -> !mem.offchip<tensor<4xi64>, 64 : i32>
//     %9 = "mem.load"(%8) {cost = {}, path = "dram->sram"} : (!mem.offchip<tensor<4xi64>, 64 : i32>) -> !elec.digital<tensor<4xi64>, 64 : i32>
//     %10 = "mem.select"(%7, %9) {axis = 0 : i64} : (!mem.offchip<tensor<8x2x3xf32>, 32 : i32>, !elec.digital<tensor<4xi64>, 64 : i32>) -> !mem.offchip<tensor<4x2x3xf32>, 32 : i32>
//     %11 = "mem.join"(%4, %4) {axis = 1 : i64} : (!elec.digital<tensor<2x3xf32>, 32 : i32>, !elec.digital<tensor<2x3xf32>, 32 : i32>) -> !elec.digital<tensor<2x6xf32>, 32 : i32>
//     return %5 : !mem.offchip<tensor<2x3xf32>, 32 : i32>
//   }
// }
