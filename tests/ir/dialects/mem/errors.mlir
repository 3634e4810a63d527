// RUN: prism opt %s
// An argument keeps its tensor.
func.func @main(%x: tensor<3x2xf32>) {
// error: [E0401] `mem.input` does not verify: result; !mem.offchip<tensor<2x3xf32>, 32 : i32>; the tensor of tensor<3x2xf32>
  %y = "mem.input"(%x) : (tensor<3x2xf32>) -> !mem.offchip<tensor<2x3xf32>, 32 : i32>
  return
}
// -----
// The type of the numbers is that of the result.
func.func @main() {
// error: [E0401] `mem.constant` does not verify: attribute `value`; tensor<4xf32>; tensor<2x3xf32>
  %y = "mem.constant"() {value = dense<1.0> : tensor<4xf32>} : () -> !mem.offchip<tensor<2x3xf32>, 32 : i32>
  return
}
// -----
// A weight has a name.
func.func @main() {
// error: [E0301] 'mem.param' op attribute "name" is expected but not provided
  %y = "mem.param"() : () -> !mem.offchip<tensor<2x3xf32>, 32 : i32>
  return
}
// -----
// Weights lie off chip.
func.func @main() {
// error: [E0301] expected base type 'mem.offchip' but got 'elec.digital'
  %y = "mem.param"() {name = "w"} : () -> !elec.digital<tensor<2x3xf32>, 32 : i32>
  return
}
// -----
// Moving keeps the tensor.
func.func @main(%x: !mem.offchip<tensor<2x3xf32>, 32 : i32>) {
// error: [E0401] `mem.load` does not verify: result; !elec.digital<tensor<6xf32>, 32 : i32>; the tensor of !mem.offchip<tensor<2x3xf32>, 32 : i32>
  %y = "mem.load"(%x) {path = "dram->sram", cost = {}} : (!mem.offchip<tensor<2x3xf32>, 32 : i32>) -> !elec.digital<tensor<6xf32>, 32 : i32>
  return
}
// -----
// A transfer has a path.
func.func @main(%x: !mem.offchip<tensor<2x3xf32>, 32 : i32>) {
// error: [E0301] 'mem.load' op attribute "path" is expected but not provided
  %y = "mem.load"(%x) {cost = {}} : (!mem.offchip<tensor<2x3xf32>, 32 : i32>) -> !elec.digital<tensor<2x3xf32>, 32 : i32>
  return
}
// -----
// What is on chip is not loaded.
func.func @main(%x: !elec.digital<tensor<2x3xf32>, 32 : i32>) {
// error: [E0301] expected base type 'mem.offchip' but got 'elec.digital'
  %y = "mem.load"(%x) {path = "dram->sram", cost = {}} : (!elec.digital<tensor<2x3xf32>, 32 : i32>) -> !elec.digital<tensor<2x3xf32>, 32 : i32>
  return
}
// -----
// A latency that is no number.
func.func @main(%x: !elec.digital<tensor<2x3xf32>, 32 : i32>) {
// error: [E0401] `mem.store` does not verify: `cost.latency_s`; NaN : f64; energy_j, busy_s, moved_bytes (dictionaries) and latency_s, finite and not negative
  %y = "mem.store"(%x) {path = "sram->dram", cost = {latency_s = 0x7FF8000000000000 : f64}} : (!elec.digital<tensor<2x3xf32>, 32 : i32>) -> !mem.offchip<tensor<2x3xf32>, 32 : i32>
  return
}
// -----
// An operation that `nn` does not have.
func.func @main(%x: !mem.offchip<tensor<2x3xf32>, 32 : i32>) {
// error: [E0401] `mem.prepare` does not verify: attribute `op`; "nn.exps"; an operation of `nn`
  %y = "mem.prepare"(%x) {op = "nn.exps", operandSegmentSizes = array<i32: 1, 0, 0, 0, 0, 0>} : (!mem.offchip<tensor<2x3xf32>, 32 : i32>) -> !mem.offchip<tensor<2x3xf32>, 32 : i32>
  return
}
// -----
// What is prepared has the shape that its operation gives.
func.func @main(%x: !mem.offchip<tensor<2x3xf32>, 32 : i32>) {
// error: [E0401] `mem.prepare` does not verify: result type; tensor<2x3xf32>; tensor<3x2xf32>
  %y = "mem.prepare"(%x) {op = "nn.transpose", params = {perm = array<i64: 1, 0>}, operandSegmentSizes = array<i32: 1, 0, 0, 0, 0, 0>} : (!mem.offchip<tensor<2x3xf32>, 32 : i32>) -> !mem.offchip<tensor<2x3xf32>, 32 : i32>
  return
}
// -----
// Moving adds no bits.
func.func @main(%x: !mem.offchip<tensor<2x3xf32>, 8 : i32>) {
// error: [E0401] `mem.load` does not verify: effective bits; 32; at most 8, as its operand has
  %y = "mem.load"(%x) {path = "dram->sram", cost = {}} : (!mem.offchip<tensor<2x3xf32>, 8 : i32>) -> !elec.digital<tensor<2x3xf32>, 32 : i32>
  return
}
// -----
// A cache stays where it is.
func.func @main(%c: !mem.offchip<tensor<2x3xf32>, 32 : i32>, %x: !elec.digital<tensor<1x3xf32>, 32 : i32>) {
// error: [E0401]
  %y = "mem.append"(%c, %x) {axis = 0 : i64, path = "sram->dram", cost = {}} : (!mem.offchip<tensor<2x3xf32>, 32 : i32>, !elec.digital<tensor<1x3xf32>, 32 : i32>) -> !elec.digital<tensor<3x3xf32>, 32 : i32>
  return
}
// -----
// It grows by what is appended.
func.func @main(%c: !mem.offchip<tensor<2x3xf32>, 32 : i32>, %x: !elec.digital<tensor<1x3xf32>, 32 : i32>) {
// error: [E0401]
  %y = "mem.append"(%c, %x) {axis = 0 : i64, path = "sram->dram", cost = {}} : (!mem.offchip<tensor<2x3xf32>, 32 : i32>, !elec.digital<tensor<1x3xf32>, 32 : i32>) -> !mem.offchip<tensor<4x3xf32>, 32 : i32>
  return
}
// -----
// What is picked has the shape that the indices give.
func.func @main(%w: !mem.offchip<tensor<8x2x3xf32>, 32 : i32>, %i: !elec.digital<tensor<4xi64>, 64 : i32>) {
// error: [E0401] `mem.select` does not verify: result; !mem.offchip<tensor<8x2x3xf32>, 32 : i32>; tensor<4x2x3xf32> off chip
  %y = "mem.select"(%w, %i) {axis = 0 : i64} : (!mem.offchip<tensor<8x2x3xf32>, 32 : i32>, !elec.digital<tensor<4xi64>, 64 : i32>) -> !mem.offchip<tensor<8x2x3xf32>, 32 : i32>
  return
}
// -----
// Indices are whole numbers.
func.func @main(%w: !mem.offchip<tensor<8x2x3xf32>, 32 : i32>, %i: !elec.digital<tensor<4xf32>, 32 : i32>) {
// error: [E0401] `mem.select` does not verify: indices; tensor<4xf32>; an i64 or i32 tensor
  %y = "mem.select"(%w, %i) {axis = 0 : i64} : (!mem.offchip<tensor<8x2x3xf32>, 32 : i32>, !elec.digital<tensor<4xf32>, 32 : i32>) -> !mem.offchip<tensor<4x2x3xf32>, 32 : i32>
  return
}
// -----
// Parts follow one another.
func.func @main(%a: !elec.digital<tensor<2x3xf32>, 32 : i32>, %b: !elec.digital<tensor<2x5xf32>, 32 : i32>) {
// error: [E0401] `mem.join` does not verify: result; !elec.digital<tensor<2x9xf32>, 32 : i32>; tensor<2x8xf32> where both parts are, as in !elec.digital<tensor<2x3xf32>, 32 : i32>
  %y = "mem.join"(%a, %b) {axis = 1 : i64} : (!elec.digital<tensor<2x3xf32>, 32 : i32>, !elec.digital<tensor<2x5xf32>, 32 : i32>) -> !elec.digital<tensor<2x9xf32>, 32 : i32>
  return
}
// -----
// Parts are in one place.
func.func @main(%a: !elec.digital<tensor<2x3xf32>, 32 : i32>, %b: !mem.offchip<tensor<2x5xf32>, 32 : i32>) {
// error: [E0401] `mem.join` does not verify: result; !elec.digital<tensor<2x8xf32>, 32 : i32>; tensor<2x8xf32> where both parts are, as in !mem.offchip<tensor<2x5xf32>, 32 : i32>
  %y = "mem.join"(%a, %b) {axis = 1 : i64} : (!elec.digital<tensor<2x3xf32>, 32 : i32>, !mem.offchip<tensor<2x5xf32>, 32 : i32>) -> !elec.digital<tensor<2x8xf32>, 32 : i32>
  return
}
// -----
// The whole has the bits of the part with fewer.
func.func @main(%a: !elec.digital<tensor<2x3xf32>, 32 : i32>, %b: !elec.digital<tensor<2x5xf32>, 8 : i32>) {
// error: [E0401] `mem.join` does not verify: effective bits; 32; at most 8, as its operand has
  %y = "mem.join"(%a, %b) {axis = 1 : i64} : (!elec.digital<tensor<2x3xf32>, 32 : i32>, !elec.digital<tensor<2x5xf32>, 8 : i32>) -> !elec.digital<tensor<2x8xf32>, 32 : i32>
  return
}
