// RUN: prism opt %s
// The result has the shape of the operand.
func.func @main(%x: tensor<2x3xf32>) {
// error: [E0401] `nn.exp` does not verify: result type; tensor<3x2xf32>; tensor<2x3xf32>
  %y = "nn.exp"(%x) : (tensor<2x3xf32>) -> tensor<3x2xf32>
  return
}
// -----
// Exponentials are of floats.
func.func @main(%x: tensor<2x3xi64>) {
// error: [E0401] `nn.exp` does not verify: element type; tensor<2x3xi64>; a floating-point tensor
  %y = "nn.exp"(%x) : (tensor<2x3xi64>) -> tensor<2x3xi64>
  return
}
// -----
// Booleans have no sign.
func.func @main(%x: tensor<2xi1>) {
// error: [E0401] `nn.neg` does not verify: element type; tensor<2xi1>; numbers
  %y = "nn.neg"(%x) : (tensor<2xi1>) -> tensor<2xi1>
  return
}
// -----
// Only booleans are negated logically.
func.func @main(%x: tensor<2xf32>) {
// error: [E0401] `nn.not` does not verify: element type; tensor<2xf32>; booleans (i1)
  %y = "nn.not"(%x) : (tensor<2xf32>) -> tensor<2xf32>
  return
}
// -----
// An attribute that the operation does not have.
func.func @main(%x: tensor<2x3xf32>) {
// error: [E0401] `nn.exp` does not verify: attributes; `axis`, which `nn.exp` does not have; none
  %y = "nn.exp"(%x) {axis = 1 : i64} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}
// -----
// A missing attribute.
func.func @main(%x: tensor<2x3xf32>) {
// error: [E0301] 'nn.softmax' op attribute "axis" is expected but not provided
  %y = "nn.softmax"(%x) : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}
// -----
// An attribute of another kind.
func.func @main(%x: tensor<2x3xf32>) {
// error: [E0401] `nn.softmax` does not verify: attribute `axis`; "last"; integer (7 : i64)
  %y = "nn.softmax"(%x) {axis = "last"} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}
// -----
// An axis beyond the last.
func.func @main(%x: tensor<2x3xf32>) {
// error: [E0401] `nn.softmax` does not verify: attribute `axis`; 2; 0 to 1 for tensor<2x3xf32>
  %y = "nn.softmax"(%x) {axis = 2 : i64} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}
// -----
// Axes count from 0, never from the end.
func.func @main(%x: tensor<2x3xf32>) {
// error: [E0401] `nn.softmax` does not verify: attribute `axis`; -1; 0 to 1 for tensor<2x3xf32>
  %y = "nn.softmax"(%x) {axis = -1 : i64} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}
// -----
// One operand too many.
func.func @main(%x: tensor<2x3xf32>) {
// error: [E0301] op expects exactly 1 operands, but got 2
  %y = "nn.exp"(%x, %x) : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}
// -----
// One operand too few.
func.func @main(%x: tensor<2x3xf32>) {
// error: [E0301] op expects exactly 2 operands, but got 1
  %y = "nn.add"(%x) : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}
// -----
// Maths has no place: views are no operands.
func.func @main(%x: !elec.digital<tensor<2xf32>, 8 : i32>) {
// error: [E0301] expected base type 'builtin.tensor' but got 'elec.digital'
  %y = "nn.exp"(%x) : (!elec.digital<tensor<2xf32>, 8 : i32>) -> tensor<2xf32>
  return
}
// -----
// Shapes that do not broadcast.
func.func @main(%x: tensor<2x3xf32>, %y: tensor<2xf32>) {
// error: [E0401] `nn.add` does not verify: shapes; tensor<2x3xf32> and tensor<2xf32>; shapes that broadcast: equal extents, or 1
  %z = "nn.add"(%x, %y) : (tensor<2x3xf32>, tensor<2xf32>) -> tensor<2x3xf32>
  return
}
// -----
// Element types do not mix.
func.func @main(%x: tensor<2xf32>, %y: tensor<2xf16>) {
// error: [E0401] `nn.add` does not verify: element types; tensor<2xf32> and tensor<2xf16>; the same element type
  %z = "nn.add"(%x, %y) : (tensor<2xf32>, tensor<2xf16>) -> tensor<2xf32>
  return
}
// -----
// Booleans are not added.
func.func @main(%x: tensor<2xi1>) {
// error: [E0401] `nn.add` does not verify: element type; tensor<2xi1>; numbers
  %z = "nn.add"(%x, %x) : (tensor<2xi1>, tensor<2xi1>) -> tensor<2xi1>
  return
}
// -----
// Comparisons give booleans.
func.func @main(%x: tensor<2xf32>) {
// error: [E0401] `nn.less` does not verify: result type; tensor<2xf32>; tensor<2xi1>
  %z = "nn.less"(%x, %x) : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  return
}
// -----
// Logic is on booleans.
func.func @main(%x: tensor<2xi64>) {
// error: [E0401] `nn.and` does not verify: element type; tensor<2xi64>; booleans (i1)
  %z = "nn.and"(%x, %x) : (tensor<2xi64>, tensor<2xi64>) -> tensor<2xi64>
  return
}
// -----
// A condition is boolean.
func.func @main(%x: tensor<2xf32>) {
// error: [E0401] `nn.where` does not verify: condition; tensor<2xf32>; booleans (i1)
  %z = "nn.where"(%x, %x, %x) : (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<2xf32>
  return
}
// -----
// Both branches have one element type.
func.func @main(%c: tensor<2xi1>, %x: tensor<2xf32>, %y: tensor<2xf16>) {
// error: [E0401] `nn.where` does not verify: element types; tensor<2xf32> and tensor<2xf16>; the same element type
  %z = "nn.where"(%c, %x, %y) : (tensor<2xi1>, tensor<2xf32>, tensor<2xf16>) -> tensor<2xf32>
  return
}
// -----
// The contracted extents differ.
func.func @main(%x: tensor<2x3xf32>) {
// error: [E0401] `nn.matmul` does not verify: contracted extent; 3 of tensor<2x3xf32> and 2 of tensor<2x3xf32>; equal extents
  %z = "nn.matmul"(%x, %x) : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}
// -----
// The flag swaps the right operand, so the result is 2 x 2.
func.func @main(%x: tensor<2x3xf32>) {
// error: [E0401] `nn.matmul` does not verify: result type; tensor<3x3xf32>; tensor<2x2xf32>
  %z = "nn.matmul"(%x, %x) {transpose_rhs = true} : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<3x3xf32>
  return
}
// -----
// A vector is no matrix.
func.func @main(%x: tensor<3xf32>) {
// error: [E0401] `nn.matmul` does not verify: lhs; tensor<3xf32>; at least two axes
  %z = "nn.matmul"(%x, %x) : (tensor<3xf32>, tensor<3xf32>) -> tensor<f32>
  return
}
// -----
// Leading axes that do not broadcast.
func.func @main(%x: tensor<2x3x3xf32>, %y: tensor<4x3x3xf32>) {
// error: [E0401] `nn.matmul` does not verify: leading axes; tensor<2x3x3xf32> and tensor<4x3x3xf32>; axes that broadcast
  %z = "nn.matmul"(%x, %y) : (tensor<2x3x3xf32>, tensor<4x3x3xf32>) -> tensor<4x3x3xf32>
  return
}
// -----
// Booleans are not multiplied.
func.func @main(%x: tensor<2x3xi1>, %y: tensor<3x2xi1>) {
// error: [E0401] `nn.matmul` does not verify: element type; tensor<2x3xi1>; numbers
  %z = "nn.matmul"(%x, %y) : (tensor<2x3xi1>, tensor<3x2xi1>) -> tensor<2x2xi1>
  return
}
// -----
// An outer product of 2^48 elements is the largest that there may be; this one fits, but the result type does not.
func.func @main(%x: tensor<16777216x1xf32>) {
// error: [E0401] `nn.matmul` does not verify: size; tensor<16777216x16777216xf32>; at most 68719476736 elements
  %z = "nn.matmul"(%x, %x) {transpose_rhs = true} : (tensor<16777216x1xf32>, tensor<16777216x1xf32>) -> tensor<2x2xf32>
  return
}
// -----
// 2^50 elements.
func.func @main(%x: tensor<33554432x1xf32>) {
// error: [E0401] `nn.matmul` does not verify: size; tensor<33554432x33554432xf32>; at most 68719476736 elements
  %z = "nn.matmul"(%x, %x) {transpose_rhs = true} : (tensor<33554432x1xf32>, tensor<33554432x1xf32>) -> tensor<2x2xf32>
  return
}
// -----
// The scale has the shape of the normalised axes.
func.func @main(%x: tensor<2x3xf32>, %s: tensor<2xf32>) {
// error: [E0401] `nn.layer_norm` does not verify: scale or bias; tensor<2xf32>; tensor<3xf32>
  %z = "nn.layer_norm"(%x, %s) {axis = 1 : i64, epsilon = 0.0 : f64} : (tensor<2x3xf32>, tensor<2xf32>) -> tensor<2x3xf32>
  return
}
// -----
// So has the bias, in the same element type.
func.func @main(%x: tensor<2x3xf32>, %s: tensor<3xf32>, %b: tensor<3xf16>) {
// error: [E0401] `nn.layer_norm` does not verify: scale or bias; tensor<3xf16>; tensor<3xf32>
  %z = "nn.layer_norm"(%x, %s, %b) {axis = 1 : i64, epsilon = 0.0 : f64} : (tensor<2x3xf32>, tensor<3xf32>, tensor<3xf16>) -> tensor<2x3xf32>
  return
}
// -----
// A negative epsilon.
func.func @main(%x: tensor<2x3xf32>, %s: tensor<3xf32>) {
// error: [E0401] `nn.rms_norm` does not verify: attribute `epsilon`; -1; a finite number that is not negative
  %z = "nn.rms_norm"(%x, %s) {axis = 1 : i64, epsilon = -1.0 : f64} : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  return
}
// -----
// An epsilon that is no number.
func.func @main(%x: tensor<2x3xf32>, %s: tensor<3xf32>) {
// error: [E0401] `nn.rms_norm` does not verify: attribute `epsilon`; NaN; a finite number that is not negative
  %z = "nn.rms_norm"(%x, %s) {axis = 1 : i64, epsilon = 0x7FF8000000000000 : f64} : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  return
}
// -----
// Axes that descend.
func.func @main(%x: tensor<2x3xf32>) {
// error: [E0401] `nn.reduce_sum` does not verify: attribute `axes`; [1, 0]; ascending axes of tensor<2x3xf32>
  %z = "nn.reduce_sum"(%x) {axes = array<i64: 1, 0>} : (tensor<2x3xf32>) -> tensor<f32>
  return
}
// -----
// An axis twice.
func.func @main(%x: tensor<2x3xf32>) {
// error: [E0401] `nn.reduce_sum` does not verify: attribute `axes`; [0, 0]; ascending axes of tensor<2x3xf32>
  %z = "nn.reduce_sum"(%x) {axes = array<i64: 0, 0>} : (tensor<2x3xf32>) -> tensor<3xf32>
  return
}
// -----
// An axis that is not there.
func.func @main(%x: tensor<2x3xf32>) {
// error: [E0401] `nn.reduce_max` does not verify: attribute `axes`; [2]; ascending axes of tensor<2x3xf32>
  %z = "nn.reduce_max"(%x) {axes = array<i64: 2>} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}
// -----
// Kept axes have extent 1.
func.func @main(%x: tensor<2x3xf32>) {
// error: [E0401] `nn.reduce_mean` does not verify: result type; tensor<2xf32>; tensor<2x1xf32>
  %z = "nn.reduce_mean"(%x) {axes = array<i64: 1>, keepdims = true} : (tensor<2x3xf32>) -> tensor<2xf32>
  return
}
// -----
// An axis beyond the last of a running sum.
func.func @main(%x: tensor<2xi1>) {
// error: [E0401] `nn.cumsum` does not verify: attribute `axis`; 1; 0 to 0 for tensor<2xi1>
  %z = "nn.cumsum"(%x) {axis = 1 : i64} : (tensor<2xi1>) -> tensor<2xi1>
  return
}
// -----
// Reshaping keeps the number of elements.
func.func @main(%x: tensor<2x3xf32>) {
// error: [E0401] `nn.reshape` does not verify: result; tensor<7xf32>; as many elements as tensor<2x3xf32>, of its type
  %z = "nn.reshape"(%x) : (tensor<2x3xf32>) -> tensor<7xf32>
  return
}
// -----
// Reshaping keeps the element type.
func.func @main(%x: tensor<2x3xf32>) {
// error: [E0401] `nn.reshape` does not verify: result; tensor<6xf16>; as many elements as tensor<2x3xf32>, of its type
  %z = "nn.reshape"(%x) : (tensor<2x3xf32>) -> tensor<6xf16>
  return
}
// -----
// Only extents of 1 are repeated.
func.func @main(%x: tensor<2x3xf32>) {
// error: [E0401] `nn.broadcast` does not verify: result; tensor<2x6xf32>; a shape that tensor<2x3xf32> broadcasts to
  %z = "nn.broadcast"(%x) : (tensor<2x3xf32>) -> tensor<2x6xf32>
  return
}
// -----
// More elements than a tensor may have.
func.func @main(%x: tensor<1xf32>) {
// error: [E0302] `%s`: an extent is too large; 1125899906842624; at most 68719476736
  %z = "nn.broadcast"(%x) : (tensor<1xf32>) -> tensor<1125899906842624xf32>
  return
}
// -----
// Casting keeps the shape.
func.func @main(%x: tensor<2x3xf32>) {
// error: [E0401] `nn.cast` does not verify: result; tensor<3x2xi64>; the shape of tensor<2x3xf32>
  %z = "nn.cast"(%x) : (tensor<2x3xf32>) -> tensor<3x2xi64>
  return
}
// -----
// No permutation.
func.func @main(%x: tensor<2x3xf32>) {
// error: [E0401] `nn.transpose` does not verify: attribute `perm`; [0, 0]; a permutation of the 2 axes of tensor<2x3xf32>
  %z = "nn.transpose"(%x) {perm = array<i64: 0, 0>} : (tensor<2x3xf32>) -> tensor<2x2xf32>
  return
}
// -----
// A permutation of fewer axes.
func.func @main(%x: tensor<2x3xf32>) {
// error: [E0401] `nn.transpose` does not verify: attribute `perm`; [0]; a permutation of the 2 axes of tensor<2x3xf32>
  %z = "nn.transpose"(%x) {perm = array<i64: 0>} : (tensor<2x3xf32>) -> tensor<2xf32>
  return
}
// -----
// The result of a transpose is transposed.
func.func @main(%x: tensor<2x3xf32>) {
// error: [E0401] `nn.transpose` does not verify: result type; tensor<2x3xf32>; tensor<3x2xf32>
  %z = "nn.transpose"(%x) {perm = array<i64: 1, 0>} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}
// -----
// One entry per axis.
func.func @main(%x: tensor<2x3xf32>) {
// error: [E0401] `nn.slice` does not verify: slice attributes; 1 starts, 1 sizes, 1 steps; 2 of each, for tensor<2x3xf32>
  %z = "nn.slice"(%x) {starts = array<i64: 0>, sizes = array<i64: 1>, steps = array<i64: 1>} : (tensor<2x3xf32>) -> tensor<1xf32>
  return
}
// -----
// Beyond the end.
func.func @main(%x: tensor<2x3xf32>) {
// error: [E0401] `nn.slice` does not verify: slice; start 1, size 3, step 1 on axis 1; elements inside tensor<2x3xf32>, step not 0
  %z = "nn.slice"(%x) {starts = array<i64: 0, 1>, sizes = array<i64: 2, 3>, steps = array<i64: 1, 1>} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}
// -----
// A step of 0.
func.func @main(%x: tensor<2x3xf32>) {
// error: [E0401] `nn.slice` does not verify: slice; start 0, size 1, step 0 on axis 1; elements inside tensor<2x3xf32>, step not 0
  %z = "nn.slice"(%x) {starts = array<i64: 0, 0>, sizes = array<i64: 2, 1>, steps = array<i64: 1, 0>} : (tensor<2x3xf32>) -> tensor<2x1xf32>
  return
}
// -----
// Beyond the beginning.
func.func @main(%x: tensor<2x3xf32>) {
// error: [E0401] `nn.slice` does not verify: slice; start 1, size 3, step -1 on axis 1; elements inside tensor<2x3xf32>, step not 0
  %z = "nn.slice"(%x) {starts = array<i64: 0, 1>, sizes = array<i64: 2, 3>, steps = array<i64: 1, -1>} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}
// -----
// Numbers at the end of their range do not wrap around.
func.func @main(%x: tensor<2x3xf32>) {
// error: [E0401] `nn.slice` does not verify: slice; start 1, size 9223372036854775807, step 9223372036854775807 on axis 1; elements inside tensor<2x3xf32>, step not 0
  %z = "nn.slice"(%x) {starts = array<i64: 0, 1>, sizes = array<i64: 2, 9223372036854775807>, steps = array<i64: 1, 9223372036854775807>} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}
// -----
// Nothing to join.
func.func @main() {
// error: [E0401] `nn.concat` does not verify: operands; none; at least one
  %z = "nn.concat"() {axis = 0 : i64, operandSegmentSizes = array<i32: 0, 0, 0, 0, 0, 0>} : () -> tensor<2xf32>
  return
}
// -----
// The other axes differ.
func.func @main(%x: tensor<2x3xf32>, %y: tensor<3x3xf32>) {
// error: [E0401] `nn.concat` does not verify: operand 1; tensor<3x3xf32>; like tensor<2x3xf32> except on axis 1
  %z = "nn.concat"(%x, %y) {axis = 1 : i64, operandSegmentSizes = array<i32: 1, 1, 0, 0, 0, 0>} : (tensor<2x3xf32>, tensor<3x3xf32>) -> tensor<2x6xf32>
  return
}
// -----
// An axis that is not there.
func.func @main(%x: tensor<2x3xf32>) {
// error: [E0401] `nn.concat` does not verify: attribute `axis`; 2; 0 to 1 for tensor<2x3xf32>
  %z = "nn.concat"(%x, %x) {axis = 2 : i64, operandSegmentSizes = array<i32: 2, 0, 0, 0, 0, 0>} : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x6xf32>
  return
}
// -----
// Indices are integers.
func.func @main(%x: tensor<2x3xf32>, %i: tensor<4xf32>) {
// error: [E0401] `nn.gather` does not verify: indices; tensor<4xf32>; an i64 or i32 tensor
  %z = "nn.gather"(%x, %i) {axis = 0 : i64} : (tensor<2x3xf32>, tensor<4xf32>) -> tensor<4x3xf32>
  return
}
// -----
// The picked axis is replaced by those of the indices.
func.func @main(%x: tensor<2x3xf32>, %i: tensor<4xi64>) {
// error: [E0401] `nn.gather` does not verify: result type; tensor<4x3xf32>; tensor<2x4xf32>
  %z = "nn.gather"(%x, %i) {axis = 1 : i64} : (tensor<2x3xf32>, tensor<4xi64>) -> tensor<4x3xf32>
  return
}
// -----
// Index vectors longer than the table has axes.
func.func @main(%x: tensor<2x3xf32>, %i: tensor<4x3xi64>) {
// error: [E0401] `nn.gather_nd` does not verify: gather_nd; table tensor<2x3xf32>, indices tensor<4x3xi64>, batch_dims 0; index vectors no longer than the table's axes after the shared batch axes
  %z = "nn.gather_nd"(%x, %i) {batch_dims = 0 : i64} : (tensor<2x3xf32>, tensor<4x3xi64>) -> tensor<4xf32>
  return
}
// -----
// Shared axes that differ.
func.func @main(%x: tensor<2x3xf32>, %i: tensor<4x1xi64>) {
// error: [E0401] `nn.gather_nd` does not verify: gather_nd; table tensor<2x3xf32>, indices tensor<4x1xi64>, batch_dims 1; index vectors no longer than the table's axes after the shared batch axes
  %z = "nn.gather_nd"(%x, %i) {batch_dims = 1 : i64} : (tensor<2x3xf32>, tensor<4x1xi64>) -> tensor<4xf32>
  return
}
// -----
// A negative number of shared axes.
func.func @main(%x: tensor<2x3xf32>, %i: tensor<4x1xi64>) {
// error: [E0401] `nn.gather_nd` does not verify: gather_nd; table tensor<2x3xf32>, indices tensor<4x1xi64>, batch_dims -1; index vectors no longer than the table's axes after the shared batch axes
  %z = "nn.gather_nd"(%x, %i) {batch_dims = -1 : i64} : (tensor<2x3xf32>, tensor<4x1xi64>) -> tensor<4x3xf32>
  return
}
// -----
// A weight without a name.
func.func @main() {
// error: [E0401] `nn.param` does not verify: attribute `name`; an empty string; the weight's name
  %z = "nn.param"() {name = ""} : () -> tensor<2xf32>
  return
}
// -----
// The type of the numbers is that of the result.
func.func @main() {
// error: [E0401] `nn.constant` does not verify: attribute `value`; tensor<3xf32>; tensor<2xf32>
  %z = "nn.constant"() {value = dense<1.0> : tensor<3xf32>} : () -> tensor<2xf32>
  return
}
// -----
// A sequence is a vector.
func.func @main() {
// error: [E0401] `nn.iota` does not verify: result; tensor<2x2xi64>; a vector of numbers
  %z = "nn.iota"() {start = 0 : i64, step = 1 : i64} : () -> tensor<2x2xi64>
  return
}
// -----
// Several problems are reported at once.
func.func @main(%x: tensor<2x3xf32>) {
// error: [E0401] `nn.softmax` does not verify: attribute `axis`; 5; 0 to 1 for tensor<2x3xf32>
  %a = "nn.softmax"(%x) {axis = 5 : i64} : (tensor<2x3xf32>) -> tensor<2x3xf32>
// error: [E0401] `nn.reshape` does not verify: result; tensor<7xf32>; as many elements as tensor<2x3xf32>, of its type
  %b = "nn.reshape"(%x) : (tensor<2x3xf32>) -> tensor<7xf32>
  return
}
// -----
// An operation that no dialect has.
func.func @main(%x: tensor<2xf32>) {
// error: [E0301] unregistered operation 'nn.soft' found in dialect ('nn') that does not allow unknown operations
  %a = "nn.soft"(%x) : (tensor<2xf32>) -> tensor<2xf32>
  return
}
// -----
// A value that nothing makes.
func.func @main(%x: tensor<2xf32>) {
// error: [E0301] use of undeclared SSA value name
  %a = "nn.exp"(%y) : (tensor<2xf32>) -> tensor<2xf32>
  return
}
// -----
// Values are made before they are used.
func.func @main(%x: tensor<2xf32>) {
// error: [E0301] operand #0 does not dominate this use
  %a = "nn.exp"(%b) : (tensor<2xf32>) -> tensor<2xf32>
  %b = "nn.exp"(%x) : (tensor<2xf32>) -> tensor<2xf32>
  return
}
// -----
// Pairs need an even number of channels.
func.func @main(%x: tensor<2x6xf32>, %t: tensor<2x3xf32>) {
// error: [E0401] `nn.rope` does not verify: rotated channels; 3; an even number, at most the 6 of the last axis
  %y = "nn.rope"(%x, %t, %t) {channels = 3 : i64} : (tensor<2x6xf32>, tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x6xf32>
  return
}
// -----
// A table has a number for each channel or each pair.
func.func @main(%x: tensor<2x6xf32>, %t: tensor<2x2xf32>) {
// error: [E0401] `nn.rope` does not verify: cos; tensor<2x2xf32>; 6 or 3 channels that broadcast to tensor<2x6xf32>, of its type
  %y = "nn.rope"(%x, %t, %t) : (tensor<2x6xf32>, tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x6xf32>
  return
}
// -----
// Three heads of queries do not share two of keys evenly.
func.func @main(%q: tensor<3x4x8xf32>, %k: tensor<2x4x8xf32>) {
// error: [E0401] `nn.attention` does not verify: queries, keys and values; tensor<3x4x8xf32>, tensor<2x4x8xf32> and tensor<2x4x8xf32>; [..., H, M, D], [..., G, N, D] and [..., G, N, E] of one type, H a multiple of G
  %y = "nn.attention"(%q, %k, %k) {scale = 1.0 : f64} : (tensor<3x4x8xf32>, tensor<2x4x8xf32>, tensor<2x4x8xf32>) -> tensor<3x4x8xf32>
  return
}
// -----
// A boolean mask says what stands where it is false.
func.func @main(%q: tensor<4x8xf32>, %m: tensor<4x4xi1>) {
// error: [E0401] `nn.attention` does not verify: attribute `fill`; none; a number beside a boolean mask alone; it is tensor<4x4xi1>
  %y = "nn.attention"(%q, %q, %q, %m) {scale = 1.0 : f64} : (tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x4xi1>) -> tensor<4x8xf32>
  return
}
// -----
// Some query would see no key.
func.func @main(%q: tensor<4x8xf32>, %k: tensor<3x8xf32>) {
// error: [E0401] `nn.attention` does not verify: attribute `causal`; 4 queries, 3 keys; at least as many keys as queries
  %y = "nn.attention"(%q, %k, %k) {scale = 1.0 : f64, causal = true} : (tensor<4x8xf32>, tensor<3x8xf32>, tensor<3x8xf32>) -> tensor<4x8xf32>
  return
}
// -----
// An element type by a name that none has.
func.func @main(%q: tensor<4x8xf32>) {
// error: [E0401] `nn.attention` does not verify: attribute `softmax_elem`; float; f16, bf16, f32 or f64
  %y = "nn.attention"(%q, %q, %q) {scale = 1.0 : f64, softmax_elem = "float"} : (tensor<4x8xf32>, tensor<4x8xf32>, tensor<4x8xf32>) -> tensor<4x8xf32>
  return
}
// -----
// A mask of numbers says what stands where a key is hidden.
func.func @main() {
// error: [E0401] `nn.causal_mask` does not verify: attribute `fill`; none; a number where the result is one; it is tensor<4x4xf32>
  %y = "nn.causal_mask"() : () -> tensor<4x4xf32>
  return
}
// -----
// Not that many largest.
func.func @main(%x: tensor<2x3xf32>) {
// error: [E0401] `nn.top_k` does not verify: attribute `k`; 4; 0 to 3, the extent of axis 1 of tensor<2x3xf32>
  %y = "nn.top_k"(%x) {axis = 1 : i64, k = 4 : i64} : (tensor<2x3xf32>) -> tensor<2x4xi64>
  return
}
// -----
// Updates have the shape of the indices.
func.func @main(%x: tensor<2x3xf32>, %i: tensor<2x2xi64>) {
// error: [E0401] `nn.scatter_elements` does not verify: updates; tensor<2x3xf32>; tensor<2x2xf32>
  %y = "nn.scatter_elements"(%x, %i, %x) {axis = 1 : i64} : (tensor<2x3xf32>, tensor<2x2xi64>, tensor<2x3xf32>) -> tensor<2x3xf32>
  return
}
// -----
// Indices of another rank.
func.func @main(%x: tensor<2x3xf32>, %i: tensor<2xi64>) {
// error: [E0401] `nn.gather_elements` does not verify: indices; tensor<2xi64>; of the rank of tensor<2x3xf32>, and no longer on axes other than 1
  %y = "nn.gather_elements"(%x, %i) {axis = 1 : i64} : (tensor<2x3xf32>, tensor<2xi64>) -> tensor<2xf32>
  return
}
// -----
// Every token chooses.
func.func @main(%x: tensor<3x4xf32>, %c: tensor<2x2xi64>) {
// error: [E0401] `nn.moe_dispatch` does not verify: x; tensor<3x4xf32>; [2, width]: a row for each token of the choices
  %y = "nn.moe_dispatch"(%x, %c) {experts = 5 : i64, capacity = 2 : i64} : (tensor<3x4xf32>, tensor<2x2xi64>) -> tensor<5x2x4xf32>
  return
}
// -----
// Experts that have no row.
func.func @main(%x: tensor<3x4xf32>, %c: tensor<3x2xi64>) {
// error: [E0401] `nn.moe_dispatch` does not verify: attribute `capacity`; 0; a positive number
  %y = "nn.moe_dispatch"(%x, %c) {experts = 5 : i64, capacity = 0 : i64} : (tensor<3x4xf32>, tensor<3x2xi64>) -> tensor<5x0x4xf32>
  return
}
// -----
// Every choice has its weight.
func.func @main(%y: tensor<5x2x4xf32>, %c: tensor<3x2xi64>, %w: tensor<3x1xf32>) {
// error: [E0401] `nn.moe_combine` does not verify: weights; tensor<3x1xf32>; tensor<3x2xf32>
  %z = "nn.moe_combine"(%y, %c, %w) : (tensor<5x2x4xf32>, tensor<3x2xi64>, tensor<3x1xf32>) -> tensor<3x4xf32>
  return
}
