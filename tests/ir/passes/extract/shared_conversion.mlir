// RUN: prism opt %s -p 'saturate{without=[merge-shared-input]},extract'
// Two products read one input: it is written into the unit once, held for both, and paid once.

func.func @main(%x: tensor<64x128xf32>) -> (tensor<64x128xf32>, tensor<64x64xf32>) {
  %wq = "nn.param"() {name = "wq"} : () -> tensor<128x128xf32>
  %wk = "nn.param"() {name = "wk"} : () -> tensor<128x64xf32>
  %q = "nn.matmul"(%x, %wq) : (tensor<64x128xf32>, tensor<128x128xf32>) -> tensor<64x128xf32> loc("attn.q")
  %k = "nn.matmul"(%x, %wk) : (tensor<64x128xf32>, tensor<128x64xf32>) -> tensor<64x64xf32> loc("attn.k")
  return %q, %k : tensor<64x128xf32>, tensor<64x64xf32>
}

// CHECK-NOT: ptu.matmul
// CHECK: "ptu.program"
// CHECK-NOT: ptu.program
// CHECK: "ptu.matmul"
// CHECK-SAME: stationary = "lhs"
// CHECK-NOT: ptu.program
// CHECK: "ptu.matmul"
// CHECK-SAME: stationary = "lhs"
// CHECK-NOT: ptu.program
// CHECK: return
