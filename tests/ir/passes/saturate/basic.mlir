// RUN: prism opt %s -p 'saturate{without=[co-execute]}'
// A product has an electronic kernel and light in both operand orders, and the result leaves the chip.

func.func @main(%x: tensor<64x128xf32>) -> tensor<64x256xf32> {
  %w = "nn.param"() {name = "w"} : () -> tensor<128x256xf32> loc("fc.weight")
  %y = "nn.matmul"(%x, %w) : (tensor<64x128xf32>, tensor<128x256xf32>) -> tensor<64x256xf32> loc("fc")
  return %y : tensor<64x256xf32>
}

// CHECK: ml_program.subgraph @main
// CHECK-SAME: stop = "saturated"
// CHECK: "nn.matmul"
// CHECK: "stack.view"
// CHECK: "ptu.matmul"
// CHECK-SAME: stationary = "rhs"
// CHECK: "ptu.matmul"
// CHECK-SAME: stationary = "lhs"
// CHECK: "elec.kernel"
// CHECK-SAME: op = "nn.matmul"
// CHECK: ml_program.output
