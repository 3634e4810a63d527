// RUN: prism opt %s -p 'saturate{phase=algebra}'
// q k' reads k as it is stored: the transpose is gone from one of the alternatives.

func.func @main(%q: tensor<64x32xf32>, %k: tensor<16x32xf32>) -> tensor<64x16xf32> {
  %t = "nn.transpose"(%k) {perm = array<i64: 1, 0>} : (tensor<16x32xf32>) -> tensor<32x16xf32>
  %s = "nn.matmul"(%q, %t) : (tensor<64x32xf32>, tensor<32x16xf32>) -> tensor<64x16xf32>
  return %s : tensor<64x16xf32>
}
// CHECK: "nn.matmul"(%arg0, %arg1)
// CHECK-SAME: transpose_rhs = true
// CHECK: "stack.class"
