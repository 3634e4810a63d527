// RUN: prism opt %s
// A kernel runs on a unit.
func.func @main(%x: !elec.digital<tensor<2x3xf32>, 32 : i32>) {
// error: [E0301] 'elec.kernel' op attribute "unit" is expected but not provided
  %y = "elec.kernel"(%x) {op = "nn.exp", cost = {}, operandSegmentSizes = array<i32: 1, 0, 0, 0, 0, 0>} : (!elec.digital<tensor<2x3xf32>, 32 : i32>) -> !elec.digital<tensor<2x3xf32>, 32 : i32>
  return
}
// -----
// An operation that `nn` does not have.
func.func @main(%x: !elec.digital<tensor<2x3xf32>, 32 : i32>) {
// error: [E0401] `elec.kernel` does not verify: attribute `op`; "nn.expo"; an operation of `nn`
  %y = "elec.kernel"(%x) {unit = "cpu", cost = {}, op = "nn.expo", operandSegmentSizes = array<i32: 1, 0, 0, 0, 0, 0>} : (!elec.digital<tensor<2x3xf32>, 32 : i32>) -> !elec.digital<tensor<2x3xf32>, 32 : i32>
  return
}
// -----
// Kernels compute maths.
func.func @main(%x: !elec.digital<tensor<2x3xf32>, 32 : i32>) {
// error: [E0401] `elec.kernel` does not verify: attribute `op`; "mem.load"; an operation of `nn`
  %y = "elec.kernel"(%x) {unit = "cpu", cost = {}, op = "mem.load", operandSegmentSizes = array<i32: 1, 0, 0, 0, 0, 0>} : (!elec.digital<tensor<2x3xf32>, 32 : i32>) -> !elec.digital<tensor<2x3xf32>, 32 : i32>
  return
}
// -----
// The attributes of the computed operation are in `params`.
func.func @main(%x: !elec.digital<tensor<2x3xf32>, 32 : i32>) {
// error: [E0401] `elec.kernel` does not verify: attribute `axis`; absent; integer (7 : i64)
  %y = "elec.kernel"(%x) {unit = "cpu", cost = {}, op = "nn.softmax", operandSegmentSizes = array<i32: 1, 0, 0, 0, 0, 0>} : (!elec.digital<tensor<2x3xf32>, 32 : i32>) -> !elec.digital<tensor<2x3xf32>, 32 : i32>
  return
}
// -----
// Its rules hold for the kernel.
func.func @main(%x: !elec.digital<tensor<2x3xf32>, 32 : i32>) {
// error: [E0401] `elec.kernel` does not verify: attribute `axis`; 7; 0 to 1 for tensor<2x3xf32>
  %y = "elec.kernel"(%x) {unit = "cpu", cost = {}, op = "nn.softmax", params = {axis = 7 : i64}, operandSegmentSizes = array<i32: 1, 0, 0, 0, 0, 0>} : (!elec.digital<tensor<2x3xf32>, 32 : i32>) -> !elec.digital<tensor<2x3xf32>, 32 : i32>
  return
}
// -----
// So does its shape rule.
func.func @main(%x: !elec.digital<tensor<2x3xf32>, 32 : i32>) {
// error: [E0401] `elec.kernel` does not verify: result type; tensor<3x2xf32>; tensor<2x3xf32>
  %y = "elec.kernel"(%x) {unit = "cpu", cost = {}, op = "nn.exp", operandSegmentSizes = array<i32: 1, 0, 0, 0, 0, 0>} : (!elec.digital<tensor<2x3xf32>, 32 : i32>) -> !elec.digital<tensor<3x2xf32>, 32 : i32>
  return
}
// -----
// Bits do not come back.
func.func @main(%x: !elec.digital<tensor<2x3xf32>, 8 : i32>) {
// error: [E0401] `elec.kernel` does not verify: effective bits; 32; at most 8, as its operands have
  %y = "elec.kernel"(%x) {unit = "cpu", cost = {}, op = "nn.exp", operandSegmentSizes = array<i32: 1, 0, 0, 0, 0, 0>} : (!elec.digital<tensor<2x3xf32>, 8 : i32>) -> !elec.digital<tensor<2x3xf32>, 32 : i32>
  return
}
// -----
// Time does not run backwards.
func.func @main(%x: !elec.digital<tensor<2x3xf32>, 32 : i32>) {
// error: [E0401] `elec.kernel` does not verify: `cost.latency_s`; -1.0 : f64; energy_j, busy_s, moved_bytes (dictionaries) and latency_s, finite and not negative
  %y = "elec.kernel"(%x) {op = "nn.exp", unit = "cpu", cost = {latency_s = -1.0 : f64}, operandSegmentSizes = array<i32: 1, 0, 0, 0, 0, 0>} : (!elec.digital<tensor<2x3xf32>, 32 : i32>) -> !elec.digital<tensor<2x3xf32>, 32 : i32>
  return
}
// -----
// Energy is finite.
func.func @main(%x: !elec.digital<tensor<2x3xf32>, 32 : i32>) {
// error: [E0401] `elec.kernel` does not verify: `cost.energy_j`; {core = inf : f64}; energy_j, busy_s, moved_bytes (dictionaries) and latency_s, finite and not negative
  %y = "elec.kernel"(%x) {op = "nn.exp", unit = "cpu", cost = {energy_j = {core = 0x7FF0000000000000 : f64}}, operandSegmentSizes = array<i32: 1, 0, 0, 0, 0, 0>} : (!elec.digital<tensor<2x3xf32>, 32 : i32>) -> !elec.digital<tensor<2x3xf32>, 32 : i32>
  return
}
// -----
// A field that no cost has.
func.func @main(%x: !elec.digital<tensor<2x3xf32>, 32 : i32>) {
// error: [E0401] `elec.kernel` does not verify: `cost.power_w`; 1.0 : f64; energy_j, busy_s, moved_bytes (dictionaries) and latency_s, finite and not negative
  %y = "elec.kernel"(%x) {op = "nn.exp", unit = "cpu", cost = {power_w = 1.0 : f64}, operandSegmentSizes = array<i32: 1, 0, 0, 0, 0, 0>} : (!elec.digital<tensor<2x3xf32>, 32 : i32>) -> !elec.digital<tensor<2x3xf32>, 32 : i32>
  return
}
// -----
// Resources are named.
func.func @main(%x: !elec.digital<tensor<2x3xf32>, 32 : i32>) {
// error: [E0401] `elec.kernel` does not verify: `cost.busy_s`; 1.0 : f64; energy_j, busy_s, moved_bytes (dictionaries) and latency_s, finite and not negative
  %y = "elec.kernel"(%x) {op = "nn.exp", unit = "cpu", cost = {busy_s = 1.0 : f64}, operandSegmentSizes = array<i32: 1, 0, 0, 0, 0, 0>} : (!elec.digital<tensor<2x3xf32>, 32 : i32>) -> !elec.digital<tensor<2x3xf32>, 32 : i32>
  return
}
// -----
// Amounts are floats.
func.func @main(%x: !elec.digital<tensor<2x3xf32>, 32 : i32>) {
// error: [E0401] `elec.kernel` does not verify: `cost.moved_bytes`; {sram = 1 : i64}; energy_j, busy_s, moved_bytes (dictionaries) and latency_s, finite and not negative
  %y = "elec.kernel"(%x) {op = "nn.exp", unit = "cpu", cost = {moved_bytes = {sram = 1 : i64}}, operandSegmentSizes = array<i32: 1, 0, 0, 0, 0, 0>} : (!elec.digital<tensor<2x3xf32>, 32 : i32>) -> !elec.digital<tensor<2x3xf32>, 32 : i32>
  return
}
// -----
// Weakening leaves fewer bits.
func.func @main(%x: !elec.digital<tensor<2x3xf32>, 32 : i32>) {
// error: [E0401] `elec.weaken` does not verify: result; !elec.digital<tensor<2x3xf32>, 32 : i32>; !elec.digital<tensor<2x3xf32>, 32 : i32> with fewer bits
  %y = "elec.weaken"(%x) : (!elec.digital<tensor<2x3xf32>, 32 : i32>) -> !elec.digital<tensor<2x3xf32>, 32 : i32>
  return
}
// -----
// It never adds any.
func.func @main(%x: !elec.digital<tensor<2x3xf32>, 8 : i32>) {
// error: [E0401] `elec.weaken` does not verify: result; !elec.digital<tensor<2x3xf32>, 32 : i32>; !elec.digital<tensor<2x3xf32>, 8 : i32> with fewer bits
  %y = "elec.weaken"(%x) : (!elec.digital<tensor<2x3xf32>, 8 : i32>) -> !elec.digital<tensor<2x3xf32>, 32 : i32>
  return
}
// -----
// It keeps the tensor.
func.func @main(%x: !elec.digital<tensor<2x3xf32>, 32 : i32>) {
// error: [E0401] `elec.weaken` does not verify: result; !elec.digital<tensor<3x2xf32>, 8 : i32>; !elec.digital<tensor<2x3xf32>, 32 : i32> with fewer bits
  %y = "elec.weaken"(%x) : (!elec.digital<tensor<2x3xf32>, 32 : i32>) -> !elec.digital<tensor<3x2xf32>, 8 : i32>
  return
}
// -----
// What lies off chip is loaded first.
func.func @main(%x: !mem.offchip<tensor<2x3xf32>, 32 : i32>) {
// error: [E0301] expected base type 'elec.digital' but got 'mem.offchip'
  %y = "elec.weaken"(%x) : (!mem.offchip<tensor<2x3xf32>, 32 : i32>) -> !elec.digital<tensor<2x3xf32>, 8 : i32>
  return
}
// -----
// A fused kernel does several operations.
func.func @main(%x: !elec.digital<tensor<2x3xf32>, 32 : i32>) {
// error: [E0401] `elec.fused` does not verify: number of members; 1; at least 2
  %y = "elec.fused"(%x) {unit = "cpu", cost = {}, members = [{op = "nn.exp", from = array<i64: 0>}], operandSegmentSizes = array<i32: 1, 0, 0, 0, 0, 0>} : (!elec.digital<tensor<2x3xf32>, 32 : i32>) -> !elec.digital<tensor<2x3xf32>, 32 : i32>
  return
}
// -----
// A member works on what was made before it.
func.func @main(%x: !elec.digital<tensor<2x3xf32>, 32 : i32>) {
// error: [E0401] `elec.fused` does not verify: `from` of member 0; [2]; operands below 1, then members before this one
  %y = "elec.fused"(%x) {unit = "cpu", cost = {}, members = [{op = "nn.exp", from = array<i64: 2>}, {op = "nn.neg", from = array<i64: 1>}], operandSegmentSizes = array<i32: 1, 0, 0, 0, 0, 0>} : (!elec.digital<tensor<2x3xf32>, 32 : i32>) -> !elec.digital<tensor<2x3xf32>, 32 : i32>
  return
}
// -----
// Nothing is made in vain.
func.func @main(%x: !elec.digital<tensor<2x3xf32>, 32 : i32>) {
// error: [E0401] `elec.fused` does not verify: member 0; a result that nothing uses; one that a later member uses
  %y = "elec.fused"(%x) {unit = "cpu", cost = {}, members = [{op = "nn.exp", from = array<i64: 0>}, {op = "nn.neg", from = array<i64: 0>}], operandSegmentSizes = array<i32: 1, 0, 0, 0, 0, 0>} : (!elec.digital<tensor<2x3xf32>, 32 : i32>) -> !elec.digital<tensor<2x3xf32>, 32 : i32>
  return
}
// -----
// Shape rules hold for members.
func.func @main(%x: !elec.digital<tensor<2x3xf32>, 32 : i32>) {
// error: [E0401] `elec.fused` does not verify: attribute `axis`; 7; 0 to 1 for tensor<2x3xf32>
  %y = "elec.fused"(%x) {unit = "cpu", cost = {}, members = [{op = "nn.softmax", params = {axis = 7 : i64}, from = array<i64: 0>}, {op = "nn.neg", from = array<i64: 1>}], operandSegmentSizes = array<i32: 1, 0, 0, 0, 0, 0>} : (!elec.digital<tensor<2x3xf32>, 32 : i32>) -> !elec.digital<tensor<2x3xf32>, 32 : i32>
  return
}
// -----
// Slices lie where their numbers lie, one behind the other.
func.func @main(%x: !elec.digital<tensor<2x3xf32>, 32 : i32>) {
// error: [E0401] `elec.slices` does not verify: result; !elec.digital<tensor<2x3xf32>, 5 : i32>; !elec.digital<tensor<4x3xf32>, 5 : i32>
  %y = "elec.slices"(%x) {axis = 0 : i64, count = 2 : i64, bits = 5 : i64} : (!elec.digital<tensor<2x3xf32>, 32 : i32>) -> !elec.digital<tensor<2x3xf32>, 5 : i32>
  return
}
// -----
// Slices follow one another along an axis.
func.func @main(%x: !elec.digital<tensor<2x3xf32>, 32 : i32>) {
// error: [E0401] `elec.slices` does not verify: attribute `axis`; 2; an axis of tensor<2x3xf32>
  %y = "elec.slices"(%x) {axis = 2 : i64, count = 2 : i64, bits = 5 : i64} : (!elec.digital<tensor<2x3xf32>, 32 : i32>) -> !elec.digital<tensor<4x3xf32>, 5 : i32>
  return
}
// -----
// Numbers have slices.
func.func @main(%x: !elec.digital<tensor<2x3xf32>, 32 : i32>) {
// error: [E0401] `elec.slices` does not verify: attribute `count`; 0; 1 to 64
  %y = "elec.slices"(%x) {axis = 0 : i64, count = 0 : i64, bits = 5 : i64} : (!elec.digital<tensor<2x3xf32>, 32 : i32>) -> !elec.digital<tensor<0x3xf32>, 5 : i32>
  return
}
// -----
// Blocks of slices are all of one size.
func.func @main(%p: !elec.digital<tensor<4x9xf32>, 5 : i32>) {
// error: [E0401] `elec.shift_add` does not verify: result; !elec.digital<tensor<2x4xf32>, 9 : i32>; tensor<4x9xf32> with its last axes 2 and 2 times shorter
  %y = "elec.shift_add"(%p) {rows = 2 : i64, columns = 2 : i64, unit = "cpu", cost = {}} : (!elec.digital<tensor<4x9xf32>, 5 : i32>) -> !elec.digital<tensor<2x4xf32>, 9 : i32>
  return
}
// -----
// They have no more bits than slices add up to.
func.func @main(%p: !elec.digital<tensor<4x8xf32>, 5 : i32>) {
// error: [E0401] `elec.shift_add` does not verify: effective bits; 10; at most 9, as its slices have
  %y = "elec.shift_add"(%p) {rows = 2 : i64, columns = 2 : i64, unit = "cpu", cost = {}} : (!elec.digital<tensor<4x8xf32>, 5 : i32>) -> !elec.digital<tensor<2x4xf32>, 10 : i32>
  return
}
