// RUN: prism opt %s -p last-logits
// The output projection sees the last position alone; other products by weights stay.

func.func @main(%x: tensor<1x8x4xf32>) -> tensor<1x8x16xf32> {
  %u = "nn.param"() {name = "u"} : () -> tensor<4x4xf32>
  %h = "nn.matmul"(%x, %u) : (tensor<1x8x4xf32>, tensor<4x4xf32>) -> tensor<1x8x4xf32>
  %w = "nn.param"() {name = "lm_head"} : () -> tensor<4x16xf32>
  %y = "nn.matmul"(%h, %w) : (tensor<1x8x4xf32>, tensor<4x16xf32>) -> tensor<1x8x16xf32>
  return %y : tensor<1x8x16xf32>
}
// OUTPUT:
// module {
//   func.func @main(%arg0: tensor<1x8x4xf32>) -> tensor<1x1x16xf32> {
//     %0 = "nn.param"() {name = "u"} : () -> tensor<4x4xf32>
//     %1 = "nn.matmul"(%arg0, %0) : (tensor<1x8x4xf32>, tensor<4x4xf32>) -> tensor<1x8x4xf32>
//     %2 = "nn.param"() {name = "lm_head"} : () -> tensor<4x16xf32>
//     %3 = "nn.slice"(%1) {sizes = array<i64: 1, 1, 4>, starts = array<i64: 0, 7, 0>, steps = array<i64: 1, 1, 1>} : (tensor<1x8x4xf32>) -> tensor<1x1x4xf32>
//     %4 = "nn.matmul"(%3, %2) : (tensor<1x1x4xf32>, tensor<4x16xf32>) -> tensor<1x1x16xf32>
//     return %4 : tensor<1x1x16xf32>
//   }
// }
