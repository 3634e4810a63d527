// RUN: prism compile %s --to stack -o %t --emit ir=%t/stack.mlir
// RUN: prism compile %t/stack.mlir --from stack --to assigned
// A compilation stops at a stage and goes on from there, with the user's names.

func.func @main(%x: tensor<64x128xf32>) -> tensor<64x256xf32> {
  %w = "nn.param"() {name = "w"} : () -> tensor<128x256xf32> loc("fc.weight")
  %y = "nn.matmul"(%x, %w) : (tensor<64x128xf32>, tensor<128x256xf32>) -> tensor<64x256xf32> loc("fc")
  return %y : tensor<64x256xf32>
}

// CHECK: loc("fc"
// CHECK: "ptu.matmul"
// CHECK-SAME: tiling
// CHECK: return
