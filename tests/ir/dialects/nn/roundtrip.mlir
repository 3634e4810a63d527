// RUN: prism opt %s
// Every operation of `nn`, with and without its optional operands and attributes.

func.func @leaves() {
  %l1 = "nn.param"() {name = "wte.weight"} : () -> tensor<2x3xf32>
  %l2 = "nn.constant"() {value = dense<[[1.0, -2.5, 0.0], [0x7FC00000, 0x7F800000, 1.0e-3]]> : tensor<2x3xf32>} : () -> tensor<2x3xf32>
  %l3 = "nn.constant"() {value = dense<7> : tensor<2x3xi64>} : () -> tensor<2x3xi64>
  %l4 = "nn.constant"() {value = dense<[true, false]> : tensor<2xi1>} : () -> tensor<2xi1>
  %l5 = "nn.iota"() {start = 3 : i64, step = -1 : i64} : () -> tensor<4xi64>
  return
}

func.func @element_wise(%x: tensor<2x3xf32>, %row: tensor<3xf32>, %x_b: tensor<2x3xi1>, %x_i: tensor<2x3xi64>) {
  %u1 = "nn.neg"(%x) : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %u2 = "nn.abs"(%x) : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %u3 = "nn.exp"(%x) : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %u4 = "nn.log"(%x) : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %u5 = "nn.sqrt"(%x) : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %u6 = "nn.rsqrt"(%x) : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %u7 = "nn.reciprocal"(%x) : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %u8 = "nn.sin"(%x) : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %u9 = "nn.cos"(%x) : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %u10 = "nn.tanh"(%x) : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %u11 = "nn.sigmoid"(%x) : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %u12 = "nn.erf"(%x) : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %u13 = "nn.relu"(%x) : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %u14 = "nn.silu"(%x) : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %u15 = "nn.gelu"(%x) : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %u16 = "nn.gelu"(%x) {tanh = true} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %u17 = "nn.floor"(%x) : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %u18 = "nn.ceil"(%x) : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %u19 = "nn.not"(%x_b) : (tensor<2x3xi1>) -> tensor<2x3xi1>
  %u21 = "nn.round"(%x) : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %u20 = "nn.cast"(%x) : (tensor<2x3xf32>) -> tensor<2x3xi64>
  %b1 = "nn.add"(%x, %row) : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  %b2 = "nn.sub"(%x, %row) : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  %b3 = "nn.mul"(%x, %row) : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  %b4 = "nn.div"(%x, %row) : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  %b5 = "nn.pow"(%x, %row) : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  %b6 = "nn.max"(%x, %row) : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  %b7 = "nn.min"(%x, %row) : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  %b8 = "nn.mod"(%x, %row) : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  %b9 = "nn.equal"(%x, %x) : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xi1>
  %b10 = "nn.less"(%x, %x) : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xi1>
  %b11 = "nn.less_equal"(%x, %x) : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xi1>
  %b12 = "nn.greater"(%x, %x) : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xi1>
  %b13 = "nn.greater_equal"(%x, %x) : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xi1>
  %b14 = "nn.and"(%x_b, %x_b) : (tensor<2x3xi1>, tensor<2x3xi1>) -> tensor<2x3xi1>
  %b15 = "nn.or"(%x_b, %x_b) : (tensor<2x3xi1>, tensor<2x3xi1>) -> tensor<2x3xi1>
  %b16 = "nn.xor"(%x_b, %x_b) : (tensor<2x3xi1>, tensor<2x3xi1>) -> tensor<2x3xi1>
  %b17 = "nn.where"(%x_b, %x, %row) : (tensor<2x3xi1>, tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  return
}

func.func @rows(%x: tensor<2x3xf32>, %row: tensor<3xf32>, %x_i: tensor<2x3xi64>) {
  %r1 = "nn.softmax"(%x) {axis = 1 : i64} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %r2 = "nn.layer_norm"(%x, %row, %row) {axis = 1 : i64, epsilon = 1.0e-5 : f64} : (tensor<2x3xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  %r3 = "nn.layer_norm"(%x, %row) {axis = 1 : i64, epsilon = 0.0 : f64} : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  %r4 = "nn.rms_norm"(%x, %row) {axis = 1 : i64, epsilon = 1.0e-6 : f64} : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
  %r5 = "nn.reduce_mean"(%x) {axes = array<i64: 1>} : (tensor<2x3xf32>) -> tensor<2xf32>
  %r6 = "nn.reduce_sum"(%x) {axes = array<i64: 0, 1>, keepdims = true} : (tensor<2x3xf32>) -> tensor<1x1xf32>
  %r7 = "nn.reduce_max"(%x_i) {axes = array<i64: 0>} : (tensor<2x3xi64>) -> tensor<3xi64>
  %r8 = "nn.reduce_min"(%x) {axes = array<i64>} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %r10 = "nn.reduce_prod"(%x) {axes = array<i64: 1>} : (tensor<2x3xf32>) -> tensor<2xf32>
  %r9 = "nn.cumsum"(%x_i) {axis = 0 : i64, exclusive = true, reverse = true} : (tensor<2x3xi64>) -> tensor<2x3xi64>
  return
}

func.func @linear(%x: tensor<2x3xf32>, %w: tensor<3x4xf32>) {
  %m1 = "nn.matmul"(%x, %w) : (tensor<2x3xf32>, tensor<3x4xf32>) -> tensor<2x4xf32>
  %m2 = "nn.matmul"(%w, %x) {transpose_lhs = true, transpose_rhs = true} : (tensor<3x4xf32>, tensor<2x3xf32>) -> tensor<4x2xf32>
  return
}

func.func @shaping(%x: tensor<2x3xf32>, %row: tensor<3xf32>, %s3_t: tensor<2x1xf32>, %i: tensor<4xi64>, %ij: tensor<5x2xi64>) {
  %s1 = "nn.reshape"(%x) : (tensor<2x3xf32>) -> tensor<3x2x1xf32>
  %s2 = "nn.broadcast"(%row) : (tensor<3xf32>) -> tensor<2x3xf32>
  %s3 = "nn.transpose"(%x) {perm = array<i64: 1, 0>} : (tensor<2x3xf32>) -> tensor<3x2xf32>
  %s4 = "nn.slice"(%x) {starts = array<i64: 0, 2>, sizes = array<i64: 1, 2>, steps = array<i64: 1, -2>} : (tensor<2x3xf32>) -> tensor<1x2xf32>
  %s5 = "nn.concat"(%x, %x, %s3_t) {axis = 1 : i64, operandSegmentSizes = array<i32: 2, 1, 0, 0, 0, 0>} : (tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x1xf32>) -> tensor<2x7xf32>
  %s6 = "nn.gather"(%x, %i) {axis = 0 : i64} : (tensor<2x3xf32>, tensor<4xi64>) -> tensor<4x3xf32>
  %s7 = "nn.gather_nd"(%x, %ij) {batch_dims = 0 : i64} : (tensor<2x3xf32>, tensor<5x2xi64>) -> tensor<5xf32>
  return
}

func.func @indexing(%x: tensor<2x3xf32>, %i: tensor<2x2xi64>, %u: tensor<2x2xf32>, %rows: tensor<1x1xi64>, %row: tensor<1x3xf32>) {
  %i1 = "nn.gather_elements"(%x, %i) {axis = 1 : i64} : (tensor<2x3xf32>, tensor<2x2xi64>) -> tensor<2x2xf32>
  %i2 = "nn.scatter_elements"(%x, %i, %u) {axis = 1 : i64} : (tensor<2x3xf32>, tensor<2x2xi64>, tensor<2x2xf32>) -> tensor<2x3xf32>
  %i3 = "nn.scatter_nd"(%x, %rows, %row) {reduction = "add"} : (tensor<2x3xf32>, tensor<1x1xi64>, tensor<1x3xf32>) -> tensor<2x3xf32>
  %i4 = "nn.arg_max"(%x) {axis = 1 : i64, last = true} : (tensor<2x3xf32>) -> tensor<2xi64>
  %i5 = "nn.top_k"(%x) {axis = 1 : i64, k = 2 : i64, smallest = true} : (tensor<2x3xf32>) -> tensor<2x2xi64>
  return
}

func.func @attention(%q: tensor<1x4x3x8xf32>, %k: tensor<1x2x5x8xf32>, %v: tensor<1x2x5x6xf32>, %m: tensor<1x1x1x5xf32>, %b: tensor<5xi1>, %t: tensor<3x4xf32>) {
  %a1 = "nn.swiglu"(%q, %q) : (tensor<1x4x3x8xf32>, tensor<1x4x3x8xf32>) -> tensor<1x4x3x8xf32>
  %a2 = "nn.rope"(%q, %t, %t) : (tensor<1x4x3x8xf32>, tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<1x4x3x8xf32>
  %a3 = "nn.rope"(%q, %t, %t) {channels = 4 : i64, interleaved = true} : (tensor<1x4x3x8xf32>, tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<1x4x3x8xf32>
  %a4 = "nn.causal_mask"() : () -> tensor<3x5xi1>
  %a5 = "nn.causal_mask"() {fill = 0xFFF0000000000000 : f64} : () -> tensor<1x3x5xf32>
  %a6 = "nn.attention"(%q, %k, %v) {scale = 0.5 : f64, causal = true} : (tensor<1x4x3x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x6xf32>) -> tensor<1x4x3x6xf32>
  %a7 = "nn.attention"(%q, %k, %v, %m) {scale = 1.0 : f64, softcap = 30.0 : f64, softmax_elem = "f64"} : (tensor<1x4x3x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x6xf32>, tensor<1x1x1x5xf32>) -> tensor<1x4x3x6xf32>
  %a8 = "nn.attention"(%q, %k, %v, %b) {scale = 0.5 : f64, fill = -1.0e9 : f64, guarded = true} : (tensor<1x4x3x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x6xf32>, tensor<5xi1>) -> tensor<1x4x3x6xf32>
  return
}
func.func @experts(%x: tensor<3x4xf32>, %c: tensor<3x2xi64>, %w: tensor<3x2xf32>) {
  %0 = "nn.moe_dispatch"(%x, %c) {experts = 5 : i64, capacity = 2 : i64} : (tensor<3x4xf32>, tensor<3x2xi64>) -> tensor<5x2x4xf32>
  %1 = "nn.moe_combine"(%0, %c, %w) : (tensor<5x2x4xf32>, tensor<3x2xi64>, tensor<3x2xf32>) -> tensor<3x4xf32>
  return
}
// OUTPUT:
// module {
//   func.func @leaves() {
//     %0 = "nn.param"() {name = "wte.weight"} : () -> tensor<2x3xf32>
//     %1 = "nn.constant"() {value = dense<[[1.000000e+00, -2.500000e+00, 0.000000e+00], [0x7FC00000, 0x7F800000, 1.000000e-03]]> : tensor<2x3xf32>} : () -> tensor<2x3xf32>
//     %2 = "nn.constant"() {value = dense<7> : tensor<2x3xi64>} : () -> tensor<2x3xi64>
//     %3 = "nn.constant"() {value = dense<[true, false]> : tensor<2xi1>} : () -> tensor<2xi1>
//     %4 = "nn.iota"() {start = 3 : i64, step = -1 : i64} : () -> tensor<4xi64>
//     return
//   }
//   func.func @element_wise(%arg0: tensor<2x3xf32>, %arg1: tensor<3xf32>, %arg2: tensor<2x3xi1>, %arg3: tensor<2x3xi64>) {
//     %0 = "nn.neg"(%arg0) : (tensor<2x3xf32>) -> tensor<2x3xf32>
//     %1 = "nn.abs"(%arg0) : (tensor<2x3xf32>) -> tensor<2x3xf32>
//     %2 = "nn.exp"(%arg0) : (tensor<2x3xf32>) -> tensor<2x3xf32>
//     %3 = "nn.log"(%arg0) : (tensor<2x3xf32>) -> tensor<2x3xf32>
//     %4 = "nn.sqrt"(%arg0) : (tensor<2x3xf32>) -> tensor<2x3xf32>
//     %5 = "nn.rsqrt"(%arg0) : (tensor<2x3xf32>) -> tensor<2x3xf32>
//     %6 = "nn.reciprocal"(%arg0) : (tensor<2x3xf32>) -> tensor<2x3xf32>
//     %7 = "nn.sin"(%arg0) : (tensor<2x3xf32>) -> tensor<2x3xf32>
//     %8 = "nn.cos"(%arg0) : (tensor<2x3xf32>) -> tensor<2x3xf32>
//     %9 = "nn.tanh"(%arg0) : (tensor<2x3xf32>) -> tensor<2x3xf32>
//     %10 = "nn.sigmoid"(%arg0) : (tensor<2x3xf32>) -> tensor<2x3xf32>
//     %11 = "nn.erf"(%arg0) : (tensor<2x3xf32>) -> tensor<2x3xf32>
//     %12 = "nn.relu"(%arg0) : (tensor<2x3xf32>) -> tensor<2x3xf32>
//     %13 = "nn.silu"(%arg0) : (tensor<2x3xf32>) -> tensor<2x3xf32>
//     %14 = "nn.gelu"(%arg0) : (tensor<2x3xf32>) -> tensor<2x3xf32>
//     %15 = "nn.gelu"(%arg0) {tanh = true} : (tensor<2x3xf32>) -> tensor<2x3xf32>
//     %16 = "nn.floor"(%arg0) : (tensor<2x3xf32>) -> tensor<2x3xf32>
//     %17 = "nn.ceil"(%arg0) : (tensor<2x3xf32>) -> tensor<2x3xf32>
//     %18 = "nn.not"(%arg2) : (tensor<2x3xi1>) -> tensor<2x3xi1>
//     %19 = "nn.round"(%arg0) : (tensor<2x3xf32>) -> tensor<2x3xf32>
//     %20 = "nn.cast"(%arg0) : (tensor<2x3xf32>) -> tensor<2x3xi64>
//     %21 = "nn.add"(%arg0, %arg1) : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
//     %22 = "nn.sub"(%arg0, %arg1) : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
//     %23 = "nn.mul"(%arg0, %arg1) : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
//     %24 = "nn.div"(%arg0, %arg1) : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
//     %25 = "nn.pow"(%arg0, %arg1) : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
//     %26 = "nn.max"(%arg0, %arg1) : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
//     %27 = "nn.min"(%arg0, %arg1) : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
//     %28 = "nn.mod"(%arg0, %arg1) : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
//     %29 = "nn.equal"(%arg0, %arg0) : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xi1>
//     %30 = "nn.less"(%arg0, %arg0) : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xi1>
//     %31 = "nn.less_equal"(%arg0, %arg0) : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xi1>
//     %32 = "nn.greater"(%arg0, %arg0) : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xi1>
//     %33 = "nn.greater_equal"(%arg0, %arg0) : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2x3xi1>
//     %34 = "nn.and"(%arg2, %arg2) : (tensor<2x3xi1>, tensor<2x3xi1>) -> tensor<2x3xi1>
//     %35 = "nn.or"(%arg2, %arg2) : (tensor<2x3xi1>, tensor<2x3xi1>) -> tensor<2x3xi1>
//     %36 = "nn.xor"(%arg2, %arg2) : (tensor<2x3xi1>, tensor<2x3xi1>) -> tensor<2x3xi1>
//     %37 = "nn.where"(%arg2, %arg0, %arg1) : (tensor<2x3xi1>, tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
//     return
//   }
//   func.func @rows(%arg0: tensor<2x3xf32>, %arg1: tensor<3xf32>, %arg2: tensor<2x3xi64>) {
//     %0 = "nn.softmax"(%arg0) {axis = 1 : i64} : (tensor<2x3xf32>) -> tensor<2x3xf32>
//     %1 = "nn.layer_norm"(%arg0, %arg1, %arg1) {axis = 1 : i64, epsilon = 1.000000e-05 : f64} : (tensor<2x3xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
//     %2 = "nn.layer_norm"(%arg0, %arg1) {axis = 1 : i64, epsilon = 0.000000e+00 : f64} : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
//     %3 = "nn.rms_norm"(%arg0, %arg1) {axis = 1 : i64, epsilon = 9.9999999999999995E-7 : f64} : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<2x3xf32>
//     %4 = "nn.reduce_mean"(%arg0) {axes = array<i64: 1>} : (tensor<2x3xf32>) -> tensor<2xf32>
//     %5 = "nn.reduce_sum"(%arg0) {axes = array<i64: 0, 1>, keepdims = true} : (tensor<2x3xf32>) -> tensor<1x1xf32>
//     %6 = "nn.reduce_max"(%arg2) {axes = array<i64: 0>} : (tensor<2x3xi64>) -> tensor<3xi64>
//     %7 = "nn.reduce_min"(%arg0) {axes = array<i64>} : (tensor<2x3xf32>) -> tensor<2x3xf32>
//     %8 = "nn.reduce_prod"(%arg0) {axes = array<i64: 1>} : (tensor<2x3xf32>) -> tensor<2xf32>
//     %9 = "nn.cumsum"(%arg2) {axis = 0 : i64, exclusive = true, reverse = true} : (tensor<2x3xi64>) -> tensor<2x3xi64>
//     return
//   }
//   func.func @linear(%arg0: tensor<2x3xf32>, %arg1: tensor<3x4xf32>) {
//     %0 = "nn.matmul"(%arg0, %arg1) : (tensor<2x3xf32>, tensor<3x4xf32>) -> tensor<2x4xf32>
//     %1 = "nn.matmul"(%arg1, %arg0) {transpose_lhs = true, transpose_rhs = true} : (tensor<3x4xf32>, tensor<2x3xf32>) -> tensor<4x2xf32>
//     return
//   }
//   func.func @shaping(%arg0: tensor<2x3xf32>, %arg1: tensor<3xf32>, %arg2: tensor<2x1xf32>, %arg3: tensor<4xi64>, %arg4: tensor<5x2xi64>) {
//     %0 = "nn.reshape"(%arg0) : (tensor<2x3xf32>) -> tensor<3x2x1xf32>
//     %1 = "nn.broadcast"(%arg1) : (tensor<3xf32>) -> tensor<2x3xf32>
//     %2 = "nn.transpose"(%arg0) {perm = array<i64: 1, 0>} : (tensor<2x3xf32>) -> tensor<3x2xf32>
//     %3 = "nn.slice"(%arg0) {sizes = array<i64: 1, 2>, starts = array<i64: 0, 2>, steps = array<i64: 1, -2>} : (tensor<2x3xf32>) -> tensor<1x2xf32>
//     %4 = "nn.concat"(%arg0, %arg0, %arg2) {axis = 1 : i64, operandSegmentSizes = array<i32: 2, 1, 0, 0, 0, 0>} : (tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x1xf32>) -> tensor<2x7xf32>
//     %5 = "nn.gather"(%arg0, %arg3) {axis = 0 : i64} : (tensor<2x3xf32>, tensor<4xi64>) -> tensor<4x3xf32>
//     %6 = "nn.gather_nd"(%arg0, %arg4) {batch_dims = 0 : i64} : (tensor<2x3xf32>, tensor<5x2xi64>) -> tensor<5xf32>
//     return
//   }
//   func.func @indexing(%arg0: tensor<2x3xf32>, %arg1: tensor<2x2xi64>, %arg2: tensor<2x2xf32>, %arg3: tensor<1x1xi64>, %arg4: tensor<1x3xf32>) {
//     %0 = "nn.gather_elements"(%arg0, %arg1) {axis = 1 : i64} : (tensor<2x3xf32>, tensor<2x2xi64>) -> tensor<2x2xf32>
//     %1 = "nn.scatter_elements"(%arg0, %arg1, %arg2) {axis = 1 : i64} : (tensor<2x3xf32>, tensor<2x2xi64>, tensor<2x2xf32>) -> tensor<2x3xf32>
//     %2 = "nn.scatter_nd"(%arg0, %arg3, %arg4) {reduction = "add"} : (tensor<2x3xf32>, tensor<1x1xi64>, tensor<1x3xf32>) -> tensor<2x3xf32>
//     %3 = "nn.arg_max"(%arg0) {axis = 1 : i64, last = true} : (tensor<2x3xf32>) -> tensor<2xi64>
//     %4 = "nn.top_k"(%arg0) {axis = 1 : i64, k = 2 : i64, smallest = true} : (tensor<2x3xf32>) -> tensor<2x2xi64>
//     return
//   }
//   func.func @attention(%arg0: tensor<1x4x3x8xf32>, %arg1: tensor<1x2x5x8xf32>, %arg2: tensor<1x2x5x6xf32>, %arg3: tensor<1x1x1x5xf32>, %arg4: tensor<5xi1>, %arg5: tensor<3x4xf32>) {
//     %0 = "nn.swiglu"(%arg0, %arg0) : (tensor<1x4x3x8xf32>, tensor<1x4x3x8xf32>) -> tensor<1x4x3x8xf32>
//     %1 = "nn.rope"(%arg0, %arg5, %arg5) : (tensor<1x4x3x8xf32>, tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<1x4x3x8xf32>
//     %2 = "nn.rope"(%arg0, %arg5, %arg5) {channels = 4 : i64, interleaved = true} : (tensor<1x4x3x8xf32>, tensor<3x4xf32>, tensor<3x4xf32>) -> tensor<1x4x3x8xf32>
//     %3 = "nn.causal_mask"() : () -> tensor<3x5xi1>
//     %4 = "nn.causal_mask"() {fill = 0xFFF0000000000000 : f64} : () -> tensor<1x3x5xf32>
//     %5 = "nn.attention"(%arg0, %arg1, %arg2) {causal = true, scale = 5.000000e-01 : f64} : (tensor<1x4x3x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x6xf32>) -> tensor<1x4x3x6xf32>
//     %6 = "nn.attention"(%arg0, %arg1, %arg2, %arg3) {scale = 1.000000e+00 : f64, softcap = 3.000000e+01 : f64, softmax_elem = "f64"} : (tensor<1x4x3x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x6xf32>, tensor<1x1x1x5xf32>) -> tensor<1x4x3x6xf32>
//     %7 = "nn.attention"(%arg0, %arg1, %arg2, %arg4) {fill = -1.000000e+09 : f64, guarded = true, scale = 5.000000e-01 : f64} : (tensor<1x4x3x8xf32>, tensor<1x2x5x8xf32>, tensor<1x2x5x6xf32>, tensor<5xi1>) -> tensor<1x4x3x6xf32>
//     return
//   }
//   func.func @experts(%arg0: tensor<3x4xf32>, %arg1: tensor<3x2xi64>, %arg2: tensor<3x2xf32>) {
//     %0 = "nn.moe_dispatch"(%arg0, %arg1) {capacity = 2 : i64, experts = 5 : i64} : (tensor<3x4xf32>, tensor<3x2xi64>) -> tensor<5x2x4xf32>
//     %1 = "nn.moe_combine"(%0, %arg1, %arg2) : (tensor<5x2x4xf32>, tensor<3x2xi64>, tensor<3x2xf32>) -> tensor<3x4xf32>
//     return
//   }
// }
