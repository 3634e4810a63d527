// RUN: prism compile %s --to stack -o %t --emit ir=%t/stack.mlir
// RUN: prism compile %t/stack.mlir --from stack --to assigned
// A compilation stops at a stage and goes on from there, with the user's names.

func.func @main(%x: tensor<1024x1024xf32>) -> tensor<1024x2048xf32> {
  %w = "nn.param"() {name = "w"} : () -> tensor<1024x2048xf32> loc("fc.weight")
  %y = "nn.matmul"(%x, %w) : (tensor<1024x1024xf32>, tensor<1024x2048xf32>) -> tensor<1024x2048xf32> loc("fc")
  return %y : tensor<1024x2048xf32>
}

// CHECK: "ptu.matmul"
// CHECK-SAME: tiling
// CHECK: return
// CHECK: loc("fc")
