// RUN: prism opt %s -p saturate -o %t/stack.mlir
// RUN: prism opt %t/stack.mlir -p extract
// The stacked graph holds all that extraction needs, so that it can be written to a file in between.

func.func @main(%x: tensor<1024x1024xf32>) -> tensor<1024x2048xf32> {
  %w = "nn.param"() {name = "w"} : () -> tensor<1024x2048xf32> loc("fc.weight")
  %y = "nn.matmul"(%x, %w) : (tensor<1024x1024xf32>, tensor<1024x2048xf32>) -> tensor<1024x2048xf32> loc("fc")
  return %y : tensor<1024x2048xf32>
}

// CHECK: func.func @main
// CHECK-SAME: proven = true
// CHECK: "ptu.matmul"
