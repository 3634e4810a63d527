// RUN: prism opt %s -p last-logits
// One position is the last one already, and a product of two results is no output projection.

func.func @main(%x: tensor<1x1x4xf32>, %k: tensor<1x4x8xf32>, %q: tensor<1x8x4xf32>) -> (tensor<1x1x16xf32>, tensor<1x8x8xf32>) {
  %w = "nn.param"() {name = "lm_head"} : () -> tensor<4x16xf32>
  %y = "nn.matmul"(%x, %w) : (tensor<1x1x4xf32>, tensor<4x16xf32>) -> tensor<1x1x16xf32>
  %z = "nn.matmul"(%q, %k) : (tensor<1x8x4xf32>, tensor<1x4x8xf32>) -> tensor<1x8x8xf32>
  return %y, %z : tensor<1x1x16xf32>, tensor<1x8x8xf32>
}
// OUTPUT:
// module {
//   func.func @main(%arg0: tensor<1x1x4xf32>, %arg1: tensor<1x4x8xf32>, %arg2: tensor<1x8x4xf32>) -> (tensor<1x1x16xf32>, tensor<1x8x8xf32>) {
//     %0 = "nn.param"() {name = "lm_head"} : () -> tensor<4x16xf32>
//     %1 = "nn.matmul"(%arg0, %0) : (tensor<1x1x4xf32>, tensor<4x16xf32>) -> tensor<1x1x16xf32>
//     %2 = "nn.matmul"(%arg2, %arg1) : (tensor<1x8x4xf32>, tensor<1x4x8xf32>) -> tensor<1x8x8xf32>
//     return %1, %2 : tensor<1x1x16xf32>, tensor<1x8x8xf32>
//   }
// }
