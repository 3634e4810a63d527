// RUN: prism opt %s -p recognise,dce
// Rotated queries and keys, two heads of queries for each of keys, a causal mask from positions.

func.func @main(%q: tensor<1x4x6x8xf32>, %k: tensor<1x2x6x8xf32>, %v: tensor<1x2x6x8xf32>, %cos: tensor<1x1x6x8xf32>, %sin: tensor<1x1x6x8xf32>) -> tensor<1x4x6x8xf32> {
  %q1 = "nn.slice"(%q) {starts = array<i64: 0, 0, 0, 0>, sizes = array<i64: 1, 4, 6, 4>, steps = array<i64: 1, 1, 1, 1>} : (tensor<1x4x6x8xf32>) -> tensor<1x4x6x4xf32>
  %q2 = "nn.slice"(%q) {starts = array<i64: 0, 0, 0, 4>, sizes = array<i64: 1, 4, 6, 4>, steps = array<i64: 1, 1, 1, 1>} : (tensor<1x4x6x8xf32>) -> tensor<1x4x6x4xf32>
  %q3 = "nn.neg"(%q2) : (tensor<1x4x6x4xf32>) -> tensor<1x4x6x4xf32>
  %q4 = "nn.concat"(%q3, %q1) {axis = 3 : i64, operandSegmentSizes = array<i32: 2, 0, 0, 0, 0, 0>} : (tensor<1x4x6x4xf32>, tensor<1x4x6x4xf32>) -> tensor<1x4x6x8xf32>
  %q5 = "nn.mul"(%q, %cos) : (tensor<1x4x6x8xf32>, tensor<1x1x6x8xf32>) -> tensor<1x4x6x8xf32>
  %q6 = "nn.mul"(%q4, %sin) : (tensor<1x4x6x8xf32>, tensor<1x1x6x8xf32>) -> tensor<1x4x6x8xf32>
  %qr = "nn.add"(%q5, %q6) : (tensor<1x4x6x8xf32>, tensor<1x4x6x8xf32>) -> tensor<1x4x6x8xf32>
  %k1 = "nn.reshape"(%k) : (tensor<1x2x6x8xf32>) -> tensor<1x2x1x6x8xf32>
  %k2 = "nn.broadcast"(%k1) : (tensor<1x2x1x6x8xf32>) -> tensor<1x2x2x6x8xf32>
  %k3 = "nn.reshape"(%k2) : (tensor<1x2x2x6x8xf32>) -> tensor<1x4x6x8xf32>
  %v1 = "nn.reshape"(%v) : (tensor<1x2x6x8xf32>) -> tensor<1x2x1x6x8xf32>
  %v2 = "nn.broadcast"(%v1) : (tensor<1x2x1x6x8xf32>) -> tensor<1x2x2x6x8xf32>
  %v3 = "nn.reshape"(%v2) : (tensor<1x2x2x6x8xf32>) -> tensor<1x4x6x8xf32>
  %t = "nn.transpose"(%k3) {perm = array<i64: 0, 1, 3, 2>} : (tensor<1x4x6x8xf32>) -> tensor<1x4x8x6xf32>
  %s = "nn.matmul"(%qr, %t) : (tensor<1x4x6x8xf32>, tensor<1x4x8x6xf32>) -> tensor<1x4x6x6xf32>
  %c = "nn.constant"() {value = dense<0.5> : tensor<f32>} : () -> tensor<f32>
  %scaled = "nn.mul"(%s, %c) : (tensor<1x4x6x6xf32>, tensor<f32>) -> tensor<1x4x6x6xf32>
  %keys = "nn.iota"() {start = 0 : i64, step = 1 : i64} : () -> tensor<6xi64>
  %column = "nn.reshape"(%keys) : (tensor<6xi64>) -> tensor<6x1xi64>
  %seen = "nn.less_equal"(%keys, %column) : (tensor<6xi64>, tensor<6x1xi64>) -> tensor<6x6xi1>
  %zero = "nn.constant"() {value = dense<0.0> : tensor<f32>} : () -> tensor<f32>
  %least = "nn.constant"() {value = dense<-3.40282347E+38> : tensor<f32>} : () -> tensor<f32>
  %mask = "nn.where"(%seen, %zero, %least) : (tensor<6x6xi1>, tensor<f32>, tensor<f32>) -> tensor<6x6xf32>
  %masked = "nn.add"(%scaled, %mask) : (tensor<1x4x6x6xf32>, tensor<6x6xf32>) -> tensor<1x4x6x6xf32>
  %p = "nn.softmax"(%masked) {axis = 3 : i64} : (tensor<1x4x6x6xf32>) -> tensor<1x4x6x6xf32>
  %y = "nn.matmul"(%p, %v3) : (tensor<1x4x6x6xf32>, tensor<1x4x6x8xf32>) -> tensor<1x4x6x8xf32>
  return %y : tensor<1x4x6x8xf32>
}
// OUTPUT:
// module {
//   func.func @main(%arg0: tensor<1x4x6x8xf32>, %arg1: tensor<1x2x6x8xf32>, %arg2: tensor<1x2x6x8xf32>, %arg3: tensor<1x1x6x8xf32>, %arg4: tensor<1x1x6x8xf32>) -> tensor<1x4x6x8xf32> {
//     %0 = "nn.rope"(%arg0, %arg3, %arg4) : (tensor<1x4x6x8xf32>, tensor<1x1x6x8xf32>, tensor<1x1x6x8xf32>) -> tensor<1x4x6x8xf32>
//     %1 = "nn.attention"(%0, %arg1, %arg2) {causal = true, scale = 5.000000e-01 : f64} : (tensor<1x4x6x8xf32>, tensor<1x2x6x8xf32>, tensor<1x2x6x8xf32>) -> tensor<1x4x6x8xf32>
//     return %1 : tensor<1x4x6x8xf32>
//   }
// }
