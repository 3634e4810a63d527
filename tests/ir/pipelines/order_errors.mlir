// error: [E0602] `schedule` expects level assigned, but the program is at level nn; level nn; level assigned
// RUN: prism opt %s -p 'schedule'
// A pass that needs another level says so before anything runs.
func.func @main(%x: tensor<64x128xf32>) -> tensor<64x256xf32> {
  %w = "nn.param"() {name = "w"} : () -> tensor<128x256xf32> loc("fc.weight")
  %y = "nn.matmul"(%x, %w) : (tensor<64x128xf32>, tensor<128x256xf32>) -> tensor<64x256xf32> loc("fc")
  return %y : tensor<64x256xf32>
}
