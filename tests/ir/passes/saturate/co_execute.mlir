// RUN: prism opt %s -p saturate
// The columns of a product are split where electrons and light are ready at the same time, and joined for nothing.

func.func @main(%x: tensor<64x128xf32>) -> tensor<64x256xf32> {
  %w = "nn.param"() {name = "fc.weight"} : () -> tensor<128x256xf32> loc("fc.weight")
  %y = "nn.matmul"(%x, %w) : (tensor<64x128xf32>, tensor<128x256xf32>) -> tensor<64x256xf32> loc("fc")
  return %y : tensor<64x256xf32>
}

// CHECK: ml_program.subgraph @main
// CHECK: op = "nn.matmul"
// CHECK-SAME: -> !elec.digital<tensor<64x16xf32>, 32 : i32>
// CHECK: "ptu.detect"
// CHECK-SAME: -> !elec.digital<tensor<64x240xf32>, 32 : i32>
// CHECK: "mem.join"
// CHECK-SAME: axis = 1 : i64
// CHECK-SAME: -> !elec.digital<tensor<64x256xf32>, 32 : i32>
// CHECK: ml_program.output
