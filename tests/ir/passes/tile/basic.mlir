// RUN: prism opt %s -p 'saturate,extract,tile'
// The loop of the product in closed form, as it was priced.

func.func @main(%x: tensor<1024x1024xf32>) -> tensor<1024x2048xf32> {
  %w = "nn.param"() {name = "w"} : () -> tensor<1024x2048xf32> loc("fc.weight")
  %y = "nn.matmul"(%x, %w) : (tensor<1024x1024xf32>, tensor<1024x2048xf32>) -> tensor<1024x2048xf32> loc("fc")
  return %y : tensor<1024x2048xf32>
}

// CHECK: "ptu.matmul"
// CHECK-SAME: tiling = {
// CHECK-SAME: cycles =
// CHECK-SAME: passes =
// CHECK: return
