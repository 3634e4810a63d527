// RUN: prism opt %s -p outline-layers{least=2}
// The same operations on the other operand, and another constant: no layers.

func.func @main(%x: tensor<4xf32>, %t: tensor<4xf32>) -> tensor<4xf32> {
  %c = "nn.constant"() {value = dense<2.0> : tensor<f32>} : () -> tensor<f32>
  %k = "nn.constant"() {value = dense<3.0> : tensor<f32>} : () -> tensor<f32>
  %a = "nn.mul"(%x, %t) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %b = "nn.sub"(%a, %x) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %d = "nn.pow"(%b, %c) : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  %e = "nn.mul"(%d, %t) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %f = "nn.sub"(%d, %e) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  %g = "nn.pow"(%f, %k) : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
  return %g : tensor<4xf32>
}
// OUTPUT:
// module {
//   func.func @main(%arg0: tensor<4xf32>, %arg1: tensor<4xf32>) -> tensor<4xf32> {
//     %0 = "nn.constant"() {value = dense<2.000000e+00> : tensor<f32>} : () -> tensor<f32>
//     %1 = "nn.constant"() {value = dense<3.000000e+00> : tensor<f32>} : () -> tensor<f32>
//     %2 = "nn.mul"(%arg0, %arg1) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
//     %3 = "nn.sub"(%2, %arg0) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
//     %4 = "nn.pow"(%3, %0) : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
//     %5 = "nn.mul"(%4, %arg1) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
//     %6 = "nn.sub"(%4, %5) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
//     %7 = "nn.pow"(%6, %1) : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
//     return %7 : tensor<4xf32>
//   }
// }
