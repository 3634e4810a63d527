// RUN: prism opt %s -p outline-layers{least=2}
// Two layers with weights of their own become one function; the table that both read is an argument, the constant is inside.

func.func @main(%x: tensor<4xf32>, %t: tensor<4xf32>) -> tensor<4xf32> {
  %c = "nn.constant"() {value = dense<2.0> : tensor<f32>} : () -> tensor<f32>
  %v = "nn.param"() {name = "h.0.scale"} : () -> tensor<4xf32> loc("h.0.mlp")
  %a = "nn.mul"(%x, %v) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32> loc("h.0.mlp")
  %b = "nn.add"(%a, %t) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32> loc("h.0.attn")
  %d = "nn.pow"(%b, %c) : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32> loc("h.0")
  %w = "nn.param"() {name = "val_7"} : () -> tensor<4xf32> loc("h.1.mlp")
  %e = "nn.mul"(%d, %w) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32> loc("h.1.mlp")
  %f = "nn.add"(%e, %t) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32> loc("h.1.attn")
  %g = "nn.pow"(%f, %c) : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32> loc("h.1")
  return %g : tensor<4xf32>
}
// OUTPUT:
// module {
//   func.func @main(%arg0: tensor<4xf32>, %arg1: tensor<4xf32>) -> tensor<4xf32> {
//     %0 = call @layer(%arg0, %arg1) {params = {mlp.weight = "h.0.scale"}, prefix = "h.0."} : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
//     %1 = call @layer(%0, %arg1) {params = {mlp.weight = "val_7"}, prefix = "h.1."} : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
//     return %1 : tensor<4xf32>
//   }
//   func.func private @layer(%arg0: tensor<4xf32>, %arg1: tensor<4xf32>) -> tensor<4xf32> {
//     %0 = "nn.param"() {name = "mlp.weight"} : () -> tensor<4xf32>
//     %1 = "nn.mul"(%arg0, %0) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
//     %2 = "nn.add"(%1, %arg1) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
//     %3 = "nn.constant"() {value = dense<2.000000e+00> : tensor<f32>} : () -> tensor<f32>
//     %4 = "nn.pow"(%2, %3) : (tensor<4xf32>, tensor<f32>) -> tensor<4xf32>
//     return %4 : tensor<4xf32>
//   }
// }
