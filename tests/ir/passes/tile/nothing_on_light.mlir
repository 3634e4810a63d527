// RUN: prism opt %s -t cpu-only -p 'saturate,extract,tile'
// Kernels have no loop to write out.

func.func @main(%x: tensor<64x128xf32>) -> tensor<64x256xf32> {
  %w = "nn.param"() {name = "w"} : () -> tensor<128x256xf32> loc("fc.weight")
  %y = "nn.matmul"(%x, %w) : (tensor<64x128xf32>, tensor<128x256xf32>) -> tensor<64x256xf32> loc("fc")
  return %y : tensor<64x256xf32>
}

// CHECK: "elec.kernel"
// CHECK-NOT: tiling
// CHECK: return
