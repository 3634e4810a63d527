// RUN: prism opt %s -p 'saturate{phase=algebra}'
// Two projections of one input are slices of one product with the joined weight.

func.func @main(%x: tensor<64x128xf32>) -> (tensor<64x128xf32>, tensor<64x64xf32>) {
  %wq = "nn.param"() {name = "wq"} : () -> tensor<128x128xf32>
  %wk = "nn.param"() {name = "wk"} : () -> tensor<128x64xf32>
  %q = "nn.matmul"(%x, %wq) : (tensor<64x128xf32>, tensor<128x128xf32>) -> tensor<64x128xf32> loc("attn.q")
  %k = "nn.matmul"(%x, %wk) : (tensor<64x128xf32>, tensor<128x64xf32>) -> tensor<64x64xf32> loc("attn.k")
  return %q, %k : tensor<64x128xf32>, tensor<64x64xf32>
}

// CHECK: "nn.concat"
// CHECK-SAME: axis = 1 : i64
// CHECK-SAME: -> tensor<128x192xf32>
// CHECK: "nn.matmul"
// CHECK-SAME: -> tensor<64x192xf32>
// CHECK: "nn.slice"
// CHECK: "stack.class"
