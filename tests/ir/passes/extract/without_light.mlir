// RUN: prism opt %s -t cpu-only -p 'saturate,extract'
// Without a photonic unit a kernel does it.

func.func @main(%x: tensor<1024x1024xf32>) -> tensor<1024x2048xf32> {
  %w = "nn.param"() {name = "w"} : () -> tensor<1024x2048xf32> loc("fc.weight")
  %y = "nn.matmul"(%x, %w) : (tensor<1024x1024xf32>, tensor<1024x2048xf32>) -> tensor<1024x2048xf32> loc("fc")
  return %y : tensor<1024x2048xf32>
}

// CHECK: "elec.kernel"
// CHECK-SAME: op = "nn.matmul"
// CHECK-NOT: ptu.
// CHECK: return
