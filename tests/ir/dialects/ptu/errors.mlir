// RUN: prism opt %s
// A conversion keeps the tensor.
func.func @main(%x: !elec.digital<tensor<4x8xf32>, 8 : i32>) {
// error: [E0401] `ptu.encode` does not verify: result; !ptu.light<tensor<8x4xf32>, 8 : i32, "ptu">; the tensor of !elec.digital<tensor<4x8xf32>, 8 : i32>
  %y = "ptu.encode"(%x) {unit = "ptu", cost = {}} : (!elec.digital<tensor<4x8xf32>, 8 : i32>) -> !ptu.light<tensor<8x4xf32>, 8 : i32, "ptu">
  return
}
// -----
// A conversion adds no bits.
func.func @main(%x: !elec.digital<tensor<4x8xf32>, 4 : i32>) {
// error: [E0401] `ptu.encode` does not verify: effective bits; 8; at most 4, as its operand has
  %y = "ptu.encode"(%x) {unit = "ptu", cost = {}} : (!elec.digital<tensor<4x8xf32>, 4 : i32>) -> !ptu.light<tensor<4x8xf32>, 8 : i32, "ptu">
  return
}
// -----
// Light is in the unit that made it.
func.func @main(%x: !elec.digital<tensor<4x8xf32>, 8 : i32>) {
// error: [E0401] `ptu.encode` does not verify: unit of a type; "ptu"; "mesh", as `unit` says
  %y = "ptu.encode"(%x) {unit = "mesh", cost = {}} : (!elec.digital<tensor<4x8xf32>, 8 : i32>) -> !ptu.light<tensor<4x8xf32>, 8 : i32, "ptu">
  return
}
// -----
// What is held is no light.
func.func @main(%x: !elec.digital<tensor<4x8xf32>, 8 : i32>) {
// error: [E0301] expected base type 'ptu.weights' but got 'ptu.light'
  %y = "ptu.program"(%x) {unit = "ptu", cost = {}} : (!elec.digital<tensor<4x8xf32>, 8 : i32>) -> !ptu.light<tensor<4x8xf32>, 8 : i32, "ptu">
  return
}
// -----
// Conversions cost.
func.func @main(%x: !elec.digital<tensor<4x8xf32>, 8 : i32>) {
// error: [E0301] 'ptu.encode' op attribute "cost" is expected but not provided
  %y = "ptu.encode"(%x) {unit = "ptu"} : (!elec.digital<tensor<4x8xf32>, 8 : i32>) -> !ptu.light<tensor<4x8xf32>, 8 : i32, "ptu">
  return
}
// -----
// Energy is not negative.
func.func @main(%x: !ptu.readout<tensor<4x8xf32>, 8 : i32, "ptu">) {
// error: [E0401] `ptu.detect` does not verify: `cost.energy_j`; {adc = -1.0 : f64}; energy_j, busy_s, moved_bytes (dictionaries) and latency_s, finite and not negative
  %y = "ptu.detect"(%x) {unit = "ptu", cost = {energy_j = {adc = -1.0 : f64}}} : (!ptu.readout<tensor<4x8xf32>, 8 : i32, "ptu">) -> !elec.digital<tensor<4x8xf32>, 8 : i32>
  return
}
// -----
// One operand is held.
func.func @main(%l: !ptu.light<tensor<4x8xf32>, 8 : i32, "ptu">, %w: !ptu.weights<tensor<8x16xf32>, 8 : i32, "ptu">) {
// error: [E0401] `ptu.matmul` does not verify: attribute `stationary`; "both"; "lhs" or "rhs"
  %y = "ptu.matmul"(%l, %w) {stationary = "both", unit = "ptu", cost = {}} : (!ptu.light<tensor<4x8xf32>, 8 : i32, "ptu">, !ptu.weights<tensor<8x16xf32>, 8 : i32, "ptu">) -> !ptu.readout<tensor<4x16xf32>, 8 : i32, "ptu">
  return
}
// -----
// With the left operand held, 8x16 times 4x8 is no product.
func.func @main(%l: !ptu.light<tensor<4x8xf32>, 8 : i32, "ptu">, %w: !ptu.weights<tensor<8x16xf32>, 8 : i32, "ptu">) {
// error: [E0401] `ptu.matmul` does not verify: contracted extent; 16 of tensor<8x16xf32> and 4 of tensor<4x8xf32>; equal extents
  %y = "ptu.matmul"(%l, %w) {stationary = "lhs", unit = "ptu", cost = {}} : (!ptu.light<tensor<4x8xf32>, 8 : i32, "ptu">, !ptu.weights<tensor<8x16xf32>, 8 : i32, "ptu">) -> !ptu.readout<tensor<4x16xf32>, 8 : i32, "ptu">
  return
}
// -----
// The result of the product.
func.func @main(%l: !ptu.light<tensor<4x8xf32>, 8 : i32, "ptu">, %w: !ptu.weights<tensor<8x16xf32>, 8 : i32, "ptu">) {
// error: [E0401] `ptu.matmul` does not verify: result; !ptu.readout<tensor<16x4xf32>, 8 : i32, "ptu">; a view of tensor<4x16xf32>
  %y = "ptu.matmul"(%l, %w) {stationary = "rhs", unit = "ptu", cost = {}} : (!ptu.light<tensor<4x8xf32>, 8 : i32, "ptu">, !ptu.weights<tensor<8x16xf32>, 8 : i32, "ptu">) -> !ptu.readout<tensor<16x4xf32>, 8 : i32, "ptu">
  return
}
// -----
// A product is no more exact than its operands.
func.func @main(%l: !ptu.light<tensor<4x8xf32>, 6 : i32, "ptu">, %w: !ptu.weights<tensor<8x16xf32>, 8 : i32, "ptu">) {
// error: [E0401] `ptu.matmul` does not verify: effective bits; 8; at most 6, as its operand has
  %y = "ptu.matmul"(%l, %w) {stationary = "rhs", unit = "ptu", cost = {}} : (!ptu.light<tensor<4x8xf32>, 6 : i32, "ptu">, !ptu.weights<tensor<8x16xf32>, 8 : i32, "ptu">) -> !ptu.readout<tensor<4x16xf32>, 8 : i32, "ptu">
  return
}
// -----
// Light and weights meet in one unit.
func.func @main(%l: !ptu.light<tensor<4x8xf32>, 8 : i32, "ptu">, %w: !ptu.weights<tensor<8x16xf32>, 8 : i32, "other">) {
// error: [E0401] `ptu.matmul` does not verify: unit of a type; "other"; "ptu", as `unit` says
  %y = "ptu.matmul"(%l, %w) {stationary = "rhs", unit = "ptu", cost = {}} : (!ptu.light<tensor<4x8xf32>, 8 : i32, "ptu">, !ptu.weights<tensor<8x16xf32>, 8 : i32, "other">) -> !ptu.readout<tensor<4x16xf32>, 8 : i32, "ptu">
  return
}
// -----
// A product from numbers to numbers is a product.
func.func @main(%x: !elec.digital<tensor<4x8xf32>, 8 : i32>, %w: !elec.digital<tensor<8x16xf32>, 8 : i32>) {
// error: [E0401] `ptu.gemm` does not verify: result; !elec.digital<tensor<4x8xf32>, 8 : i32>; a view of tensor<4x16xf32>
  %y = "ptu.gemm"(%x, %w) {stationary = "rhs", passes = 1 : i64, unit = "ptu", cost = {}} : (!elec.digital<tensor<4x8xf32>, 8 : i32>, !elec.digital<tensor<8x16xf32>, 8 : i32>) -> !elec.digital<tensor<4x8xf32>, 8 : i32>
  return
}
// -----
// It starts from numbers, not from light.
func.func @main(%x: !ptu.light<tensor<4x8xf32>, 8 : i32, "ptu">, %w: !elec.digital<tensor<8x16xf32>, 8 : i32>) {
// error: [E0401] `ptu.gemm` does not verify: operand `lhs`; !ptu.light<tensor<4x8xf32>, 8 : i32, "ptu">; !elec.digital, !mem.offchip or !ptu.weights
  %y = "ptu.gemm"(%x, %w) {stationary = "rhs", passes = 1 : i64, unit = "ptu", cost = {}} : (!ptu.light<tensor<4x8xf32>, 8 : i32, "ptu">, !elec.digital<tensor<8x16xf32>, 8 : i32>) -> !elec.digital<tensor<4x16xf32>, 8 : i32>
  return
}
// -----
// Light is on one group of wavelengths at least.
func.func @main(%x: !elec.digital<tensor<4x8xf32>, 8 : i32>, %w: !elec.digital<tensor<8x16xf32>, 8 : i32>) {
// error: [E0401] `ptu.gemm` does not verify: attribute `groups`; 0; at least 1
  %y = "ptu.gemm"(%x, %w) {stationary = "rhs", passes = 1 : i64, groups = 0 : i64, unit = "ptu", cost = {}} : (!elec.digital<tensor<4x8xf32>, 8 : i32>, !elec.digital<tensor<8x16xf32>, 8 : i32>) -> !elec.digital<tensor<4x16xf32>, 8 : i32>
  return
}
// -----
// Blocks are counted.
func.func @main(%w: !mem.offchip<tensor<8x16xf32>, 32 : i32>) {
// error: [E0401] `ptu.hold` does not verify: attribute `blocks`; -1; at least 0
  %h = "ptu.hold"(%w) {blocks = -1 : i64, unit = "ptu", cost = {}} : (!mem.offchip<tensor<8x16xf32>, 32 : i32>) -> !ptu.weights<tensor<8x16xf32>, 4 : i32, "ptu">
  return
}
// -----
// What is held is the operand that the unit holds.
func.func @main(%x: !elec.digital<tensor<4x8xf32>, 8 : i32>, %h: !ptu.weights<tensor<8x16xf32>, 4 : i32, "ptu">) {
// error: [E0401] `ptu.gemm` does not verify: streamed operand; !ptu.weights<tensor<8x16xf32>, 4 : i32, "ptu">; a view in a memory: the unit holds the other one
  %y = "ptu.gemm"(%x, %h) {stationary = "lhs", passes = 1 : i64, unit = "ptu", cost = {}} : (!elec.digital<tensor<4x8xf32>, 8 : i32>, !ptu.weights<tensor<8x16xf32>, 4 : i32, "ptu">) -> !elec.digital<tensor<4x16xf32>, 4 : i32>
  return
}
// -----
// It is held in the unit that makes the product.
func.func @main(%x: !elec.digital<tensor<4x8xf32>, 8 : i32>, %h: !ptu.weights<tensor<8x16xf32>, 4 : i32, "other">) {
// error: [E0401] `ptu.gemm` does not verify: unit of a type; "other"; "ptu", as `unit` says
  %y = "ptu.gemm"(%x, %h) {stationary = "rhs", passes = 1 : i64, unit = "ptu", cost = {}} : (!elec.digital<tensor<4x8xf32>, 8 : i32>, !ptu.weights<tensor<8x16xf32>, 4 : i32, "other">) -> !elec.digital<tensor<4x16xf32>, 4 : i32>
  return
}
// -----
// Lanes do not compute.
func.func @main(%x: !ptu.light<tensor<4x8xf32>, 8 : i32, "ptu">) {
// error: [E0401] `ptu.route` does not verify: attribute `op`; "nn.relu"; nn.reshape, nn.transpose, nn.slice
  %y = "ptu.route"(%x) {op = "nn.relu", unit = "ptu", cost = {}} : (!ptu.light<tensor<4x8xf32>, 8 : i32, "ptu">) -> !ptu.light<tensor<4x8xf32>, 8 : i32, "ptu">
  return
}
// -----
// Nor do they add bits.
func.func @main(%x: !ptu.light<tensor<4x8xf32>, 6 : i32, "ptu">) {
// error: [E0401] `ptu.route` does not verify: effective bits; 8; at most 6, as its operand has
  %y = "ptu.route"(%x) {op = "nn.reshape", unit = "ptu", cost = {}} : (!ptu.light<tensor<4x8xf32>, 6 : i32, "ptu">) -> !ptu.light<tensor<8x4xf32>, 8 : i32, "ptu">
  return
}
