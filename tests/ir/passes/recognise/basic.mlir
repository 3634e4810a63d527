// RUN: prism opt %s -p recognise,dce
// A root mean square norm as an exporter spells it, between casts of a model of half precision.

func.func @main(%x: tensor<2x8xf16>) -> tensor<2x8xf16> {
  %wide = "nn.cast"(%x) : (tensor<2x8xf16>) -> tensor<2x8xf32>
  %two = "nn.constant"() {value = dense<2.0> : tensor<f32>} : () -> tensor<f32>
  %squares = "nn.pow"(%wide, %two) : (tensor<2x8xf32>, tensor<f32>) -> tensor<2x8xf32>
  %mean = "nn.reduce_mean"(%squares) {axes = array<i64: 1>, keepdims = true} : (tensor<2x8xf32>) -> tensor<2x1xf32>
  %e = "nn.constant"() {value = dense<1.0e-6> : tensor<f32>} : () -> tensor<f32>
  %shifted = "nn.add"(%mean, %e) : (tensor<2x1xf32>, tensor<f32>) -> tensor<2x1xf32>
  %by = "nn.rsqrt"(%shifted) : (tensor<2x1xf32>) -> tensor<2x1xf32>
  %unit = "nn.mul"(%wide, %by) : (tensor<2x8xf32>, tensor<2x1xf32>) -> tensor<2x8xf32>
  %narrow = "nn.cast"(%unit) : (tensor<2x8xf32>) -> tensor<2x8xf16>
  %w = "nn.param"() {name = "norm.weight"} : () -> tensor<8xf16>
  %y = "nn.mul"(%w, %narrow) : (tensor<8xf16>, tensor<2x8xf16>) -> tensor<2x8xf16>
  return %y : tensor<2x8xf16>
}
// OUTPUT:
// module {
//   func.func @main(%arg0: tensor<2x8xf16>) -> tensor<2x8xf16> {
//     %0 = "nn.param"() {name = "norm.weight"} : () -> tensor<8xf16>
//     %1 = "nn.rms_norm"(%arg0, %0) {axis = 1 : i64, epsilon = 9.9999999747524271E-7 : f64} : (tensor<2x8xf16>, tensor<8xf16>) -> tensor<2x8xf16>
//     return %1 : tensor<2x8xf16>
//   }
// }
