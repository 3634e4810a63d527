// RUN: prism opt %s -t cpu-only -p 'saturate,extract'
// Without a photonic unit a kernel does it.

func.func @main(%x: tensor<64x128xf32>) -> tensor<64x256xf32> {
  %w = "nn.param"() {name = "w"} : () -> tensor<128x256xf32> loc("fc.weight")
  %y = "nn.matmul"(%x, %w) : (tensor<64x128xf32>, tensor<128x256xf32>) -> tensor<64x256xf32> loc("fc")
  return %y : tensor<64x256xf32>
}

// CHECK: "elec.kernel"
// CHECK-SAME: op = "nn.matmul"
// CHECK-NOT: ptu.
// CHECK: return
