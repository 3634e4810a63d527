// RUN: prism opt %s
// One product by light with the right operand held, a second one that takes its light as it leaves the first.

func.func @main(%x: !elec.digital<tensor<4x8xf32>, 8 : i32>, %w: !elec.digital<tensor<8x16xf32>, 8 : i32>, %v: !elec.digital<tensor<2x16xf32>, 8 : i32>) -> !elec.digital<tensor<4x2xf32>, 8 : i32> {
  %l = "ptu.encode"(%x) {unit = "ptu", cost = {busy_s = {cpu = 2.0e-9 : f64}, energy_j = {core = 3.0e-12 : f64}, latency_s = 2.0e-9 : f64, moved_bytes = {sram = 24.0 : f64}}} : (!elec.digital<tensor<4x8xf32>, 8 : i32>) -> !ptu.light<tensor<4x8xf32>, 8 : i32, "ptu">
  %h = "ptu.program"(%w) {unit = "ptu", cost = {}} : (!elec.digital<tensor<8x16xf32>, 8 : i32>) -> !ptu.weights<tensor<8x16xf32>, 8 : i32, "ptu">
  %m = "ptu.matmul"(%l, %h) {stationary = "rhs", unit = "ptu", cost = {}, tiling = {cycles = 2.0 : f64}} : (!ptu.light<tensor<4x8xf32>, 8 : i32, "ptu">, !ptu.weights<tensor<8x16xf32>, 8 : i32, "ptu">) -> !ptu.readout<tensor<4x16xf32>, 8 : i32, "ptu">
  %r = "ptu.relay"(%m) {unit = "ptu", cost = {}} : (!ptu.readout<tensor<4x16xf32>, 8 : i32, "ptu">) -> !ptu.light<tensor<4x16xf32>, 8 : i32, "ptu">
  %k = "ptu.program"(%v) {unit = "ptu", cost = {}} : (!elec.digital<tensor<2x16xf32>, 8 : i32>) -> !ptu.weights<tensor<2x16xf32>, 8 : i32, "ptu">
  %n = "ptu.matmul"(%r, %k) {stationary = "rhs", transpose_rhs = true, unit = "ptu", cost = {}} : (!ptu.light<tensor<4x16xf32>, 8 : i32, "ptu">, !ptu.weights<tensor<2x16xf32>, 8 : i32, "ptu">) -> !ptu.readout<tensor<4x2xf32>, 8 : i32, "ptu">
  %d = "ptu.detect"(%n) {unit = "ptu", cost = {}} : (!ptu.readout<tensor<4x2xf32>, 8 : i32, "ptu">) -> !elec.digital<tensor<4x2xf32>, 8 : i32>
  return %d : !elec.digital<tensor<4x2xf32>, 8 : i32>
}

// Heads side by side as the row that the next product takes.
func.func @heads_as_rows(%x: !ptu.light<tensor<2x4x8xf32>, 8 : i32, "ptu">) -> !ptu.light<tensor<4x16xf32>, 6 : i32, "ptu"> {
  %t = "ptu.route"(%x) {op = "nn.transpose", params = {perm = array<i64: 1, 0, 2>}, unit = "ptu", cost = {}} : (!ptu.light<tensor<2x4x8xf32>, 8 : i32, "ptu">) -> !ptu.light<tensor<4x2x8xf32>, 8 : i32, "ptu">
  %r = "ptu.route"(%t) {op = "nn.reshape", unit = "ptu", cost = {}} : (!ptu.light<tensor<4x2x8xf32>, 8 : i32, "ptu">) -> !ptu.light<tensor<4x16xf32>, 6 : i32, "ptu">
  return %r : !ptu.light<tensor<4x16xf32>, 6 : i32, "ptu">
}

func.func @left_operand_held(%x: !ptu.light<tensor<16x4xf32>, 8 : i32, "ptu">, %w: !ptu.weights<tensor<16x8xf32>, 8 : i32, "ptu">) -> !ptu.readout<tensor<8x4xf32>, 8 : i32, "ptu"> {
  %m = "ptu.matmul"(%x, %w) {stationary = "lhs", transpose_lhs = true, unit = "ptu", cost = {}} : (!ptu.light<tensor<16x4xf32>, 8 : i32, "ptu">, !ptu.weights<tensor<16x8xf32>, 8 : i32, "ptu">) -> !ptu.readout<tensor<8x4xf32>, 8 : i32, "ptu">
  return %m : !ptu.readout<tensor<8x4xf32>, 8 : i32, "ptu">
}

func.func @numbers_to_numbers(%x: !elec.digital<tensor<4x8xf32>, 8 : i32>, %w: !mem.offchip<tensor<16x8xf32>, 32 : i32>) -> !mem.offchip<tensor<4x16xf32>, 4 : i32> {
  %y = "ptu.gemm"(%x, %w) {stationary = "rhs", passes = 2 : i64, groups = 4 : i64, transpose_rhs = true, unit = "ptu", cost = {energy_j = {dac = 1.0e-9 : f64}}} : (!elec.digital<tensor<4x8xf32>, 8 : i32>, !mem.offchip<tensor<16x8xf32>, 32 : i32>) -> !mem.offchip<tensor<4x16xf32>, 4 : i32>
  return %y : !mem.offchip<tensor<4x16xf32>, 4 : i32>
}

func.func @held_from_before(%x: !elec.digital<tensor<4x8xf32>, 8 : i32>, %w: !mem.offchip<tensor<8x16xf32>, 32 : i32>) -> !elec.digital<tensor<4x16xf32>, 4 : i32> {
  %h = "ptu.hold"(%w) {blocks = 2 : i64, unit = "ptu", cost = {}} : (!mem.offchip<tensor<8x16xf32>, 32 : i32>) -> !ptu.weights<tensor<8x16xf32>, 4 : i32, "ptu">
  %y = "ptu.gemm"(%x, %h) {stationary = "rhs", passes = 1 : i64, unit = "ptu", cost = {}} : (!elec.digital<tensor<4x8xf32>, 8 : i32>, !ptu.weights<tensor<8x16xf32>, 4 : i32, "ptu">) -> !elec.digital<tensor<4x16xf32>, 4 : i32>
  return %y : !elec.digital<tensor<4x16xf32>, 4 : i32>
}
// OUTPUT:
// module {
//   func.func @main(%arg0: !elec.digital<tensor<4x8xf32>, 8 : i32>, %arg1: !elec.digital<tensor<8x16xf32>, 8 : i32>, %arg2: !elec.digital<tensor<2x16xf32>, 8 : i32>) -> !elec.digital<tensor<4x2xf32>, 8 : i32> {
//     %0 = "ptu.encode"(%arg0) {cost = {busy_s = {cpu = 2.000000e-09 : f64}, energy_j = {core = 3.000000e-12 : f64}, latency_s = 2.000000e-09 : f64, moved_bytes = {sram = 2.400000e+01 : f64}}, unit = "ptu"} : (!elec.digital<tensor<4x8xf32>, 8 : i32>) -> !ptu.light<tensor<4x8xf32>, 8 : i32, "ptu">
//     %1 = "ptu.program"(%arg1) {cost = {}, unit = "ptu"} : (!elec.digital<tensor<8x16xf32>, 8 : i32>) -> !ptu.weights<tensor<8x16xf32>, 8 : i32, "ptu">
//     %2 = "ptu.matmul"(%0, %1) {cost = {}, stationary = "rhs", tiling = {cycles = 2.000000e+00 : f64}, unit = "ptu"} : (!ptu.light<tensor<4x8xf32>, 8 : i32, "ptu">, !ptu.weights<tensor<8x16xf32>, 8 : i32, "ptu">) -> !ptu.readout<tensor<4x16xf32>, 8 : i32, "ptu">
//     %3 = "ptu.relay"(%2) {cost = {}, unit = "ptu"} : (!ptu.readout<tensor<4x16xf32>, 8 : i32, "ptu">) -> !ptu.light<tensor<4x16xf32>, 8 : i32, "ptu">
//     %4 = "ptu.program"(%arg2) {cost = {}, unit = "ptu"} : (!elec.digital<tensor<2x16xf32>, 8 : i32>) -> !ptu.weights<tensor<2x16xf32>, 8 : i32, "ptu">
//     %5 = "ptu.matmul"(%3, %4) {cost = {}, stationary = "rhs", transpose_rhs = true, unit = "ptu"} : (!ptu.light<tensor<4x16xf32>, 8 : i32, "ptu">, !ptu.weights<tensor<2x16xf32>, 8 : i32, "ptu">) -> !ptu.readout<tensor<4x2xf32>, 8 : i32, "ptu">
//     %6 = "ptu.detect"(%5) {cost = {}, unit = "ptu"} : (!ptu.readout<tensor<4x2xf32>, 8 : i32, "ptu">) -> !elec.digital<tensor<4x2xf32>, 8 : i32>
//     return %6 : !elec.digital<tensor<4x2xf32>, 8 : i32>
//   }
//   func.func @heads_as_rows(%arg0: !ptu.light<tensor<2x4x8xf32>, 8 : i32, "ptu">) -> !ptu.light<tensor<4x16xf32>, 6 : i32, "ptu"> {
//     %0 = "ptu.route"(%arg0) {cost = {}, op = "nn.transpose", params = {perm = array<i64: 1, 0, 2>}, unit = "ptu"} : (!ptu.light<tensor<2x4x8xf32>, 8 : i32, "ptu">) -> !ptu.light<tensor<4x2x8xf32>, 8 : i32, "ptu">
//     %1 = "ptu.route"(%0) {cost = {}, op = "nn.reshape", unit = "ptu"} : (!ptu.light<tensor<4x2x8xf32>, 8 : i32, "ptu">) -> !ptu.light<tensor<4x16xf32>, 6 : i32, "ptu">
//     return %1 : !ptu.light<tensor<4x16xf32>, 6 : i32, "ptu">
//   }
//   func.func @left_operand_held(%arg0: !ptu.light<tensor<16x4xf32>, 8 : i32, "ptu">, %arg1: !ptu.weights<tensor<16x8xf32>, 8 : i32, "ptu">) -> !ptu.readout<tensor<8x4xf32>, 8 : i32, "ptu"> {
//     %0 = "ptu.matmul"(%arg0, %arg1) {cost = {}, stationary = "lhs", transpose_lhs = true, unit = "ptu"} : (!ptu.light<tensor<16x4xf32>, 8 : i32, "ptu">, !ptu.weights<tensor<16x8xf32>, 8 : i32, "ptu">) -> !ptu.readout<tensor<8x4xf32>, 8 : i32, "ptu">
//     return %0 : !ptu.readout<tensor<8x4xf32>, 8 : i32, "ptu">
//   }
//   func.func @numbers_to_numbers(%arg0: !elec.digital<tensor<4x8xf32>, 8 : i32>, %arg1: !mem.offchip<tensor<16x8xf32>, 32 : i32>) -> !mem.offchip<tensor<4x16xf32>, 4 : i32> {
//     %0 = "ptu.gemm"(%arg0, %arg1) {cost = {energy_j = {dac = 1.000000e-09 : f64}}, groups = 4 : i64, passes = 2 : i64, stationary = "rhs", transpose_rhs = true, unit = "ptu"} : (!elec.digital<tensor<4x8xf32>, 8 : i32>, !mem.offchip<tensor<16x8xf32>, 32 : i32>) -> !mem.offchip<tensor<4x16xf32>, 4 : i32>
//     return %0 : !mem.offchip<tensor<4x16xf32>, 4 : i32>
//   }
//   func.func @held_from_before(%arg0: !elec.digital<tensor<4x8xf32>, 8 : i32>, %arg1: !mem.offchip<tensor<8x16xf32>, 32 : i32>) -> !elec.digital<tensor<4x16xf32>, 4 : i32> {
//     %0 = "ptu.hold"(%arg1) {blocks = 2 : i64, cost = {}, unit = "ptu"} : (!mem.offchip<tensor<8x16xf32>, 32 : i32>) -> !ptu.weights<tensor<8x16xf32>, 4 : i32, "ptu">
//     %1 = "ptu.gemm"(%arg0, %0) {cost = {}, passes = 1 : i64, stationary = "rhs", unit = "ptu"} : (!elec.digital<tensor<4x8xf32>, 8 : i32>, !ptu.weights<tensor<8x16xf32>, 4 : i32, "ptu">) -> !elec.digital<tensor<4x16xf32>, 4 : i32>
//     return %1 : !elec.digital<tensor<4x16xf32>, 4 : i32>
//   }
// }
