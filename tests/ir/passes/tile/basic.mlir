// RUN: prism opt %s -p 'saturate,extract,tile'
// The loop of the product in closed form, as it was priced.

func.func @main(%x: tensor<64x128xf32>) -> tensor<64x256xf32> {
  %w = "nn.param"() {name = "w"} : () -> tensor<128x256xf32> loc("fc.weight")
  %y = "nn.matmul"(%x, %w) : (tensor<64x128xf32>, tensor<128x256xf32>) -> tensor<64x256xf32> loc("fc")
  return %y : tensor<64x256xf32>
}

// CHECK: "ptu.matmul"
// CHECK-SAME: tiling = {
// CHECK-SAME: cycles =
// CHECK-SAME: passes =
// CHECK: return
