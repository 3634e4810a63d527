// RUN: prism opt %s -p 'saturate,extract,tile' -t lt-b-4bit
// Attention is two products for a unit that does products, and heads that share keys are the rows of one.

func.func @main(%q: tensor<1x4x64x64xf32>, %k: tensor<1x2x64x64xf32>, %v: tensor<1x2x64x64xf32>) -> tensor<1x4x64x64xf32> {
  %a = "nn.attention"(%q, %k, %v) {scale = 0.125 : f64} : (tensor<1x4x64x64xf32>, tensor<1x2x64x64xf32>, tensor<1x2x64x64xf32>) -> tensor<1x4x64x64xf32> loc("layers.0.self_attn")
  return %a : tensor<1x4x64x64xf32>
}

// CHECK-NOT: op = "nn.attention"
// CHECK-NOT: op = "nn.broadcast"
// CHECK: "ptu.gemm"
// CHECK-SAME: tensor<1x2x128x64xf32>
// CHECK: op = "nn.softmax"
// CHECK: "ptu.gemm"
