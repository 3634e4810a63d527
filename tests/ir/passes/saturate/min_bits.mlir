// RUN: prism opt %s -t edge-demo -p 'saturate{min-bits=12}'
// The unit of this machine has 8 bits: results with at least 12 are made by electronics alone.

func.func @main(%x: tensor<64x128xf32>) -> tensor<64x256xf32> {
  %w = "nn.param"() {name = "w"} : () -> tensor<128x256xf32> loc("fc.weight")
  %y = "nn.matmul"(%x, %w) : (tensor<64x128xf32>, tensor<128x256xf32>) -> tensor<64x256xf32> loc("fc")
  return %y : tensor<64x256xf32>
}

// CHECK: "elec.kernel"
// CHECK-NOT: ptu.
// CHECK: ml_program.output
