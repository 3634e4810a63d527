// RUN: prism opt %s -p 'saturate{without=[merge-shared-input]},extract'
// Two products read one input: it is put onto light once, and both are paid for it once.

func.func @main(%x: tensor<64x128xf32>) -> (tensor<64x128xf32>, tensor<64x64xf32>) {
  %wq = "nn.param"() {name = "wq"} : () -> tensor<128x128xf32>
  %wk = "nn.param"() {name = "wk"} : () -> tensor<128x64xf32>
  %q = "nn.matmul"(%x, %wq) : (tensor<64x128xf32>, tensor<128x128xf32>) -> tensor<64x128xf32> loc("attn.q")
  %k = "nn.matmul"(%x, %wk) : (tensor<64x128xf32>, tensor<128x64xf32>) -> tensor<64x64xf32> loc("attn.k")
  return %q, %k : tensor<64x128xf32>, tensor<64x64xf32>
}

// CHECK: "ptu.encode"
// CHECK: "ptu.matmul"
// CHECK-NOT: ptu.encode
// CHECK: "ptu.matmul"
// CHECK-NOT: ptu.encode
// CHECK: return
