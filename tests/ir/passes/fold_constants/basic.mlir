// RUN: prism opt %s -p fold-constants,dce
// Arithmetic on constants is done once, in the element type; identities go.

func.func @main(%x: tensor<2x3xf32>) -> tensor<3x2xf32> {
  %a = "nn.constant"() {value = dense<2.0> : tensor<f32>} : () -> tensor<f32>
  %b = "nn.sqrt"(%a) : (tensor<f32>) -> tensor<f32>
  %c = "nn.div"(%x, %b) : (tensor<2x3xf32>, tensor<f32>) -> tensor<2x3xf32>
  %d = "nn.reshape"(%c) : (tensor<2x3xf32>) -> tensor<6xf32>
  %e = "nn.reshape"(%d) : (tensor<6xf32>) -> tensor<3x2xf32>
  return %e : tensor<3x2xf32>
}
// OUTPUT:
// module {
//   func.func @main(%arg0: tensor<2x3xf32>) -> tensor<3x2xf32> {
//     %0 = "nn.constant"() {value = dense<1.41421354> : tensor<f32>} : () -> tensor<f32>
//     %1 = "nn.div"(%arg0, %0) : (tensor<2x3xf32>, tensor<f32>) -> tensor<2x3xf32>
//     %2 = "nn.reshape"(%1) : (tensor<2x3xf32>) -> tensor<3x2xf32>
//     return %2 : tensor<3x2xf32>
//   }
// }
