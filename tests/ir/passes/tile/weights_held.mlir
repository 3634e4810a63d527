// RUN: prism opt %s -t lt-mzi-4bit -p 'saturate,extract{objective=energy},tile'
// A mesh writes each block of weights in turn: 64 x 4 blocks, of which 8 fit at once.

func.func @main(%x: tensor<4096x48xf32>) -> tensor<4096x768xf32> {
  %w = "nn.param"() {name = "w"} : () -> tensor<48x768xf32> loc("fc.weight")
  %y = "nn.matmul"(%x, %w) : (tensor<4096x48xf32>, tensor<48x768xf32>) -> tensor<4096x768xf32> loc("fc")
  return %y : tensor<4096x768xf32>
}

// CHECK: return
