// RUN: prism opt %s -p 'saturate,extract{verify=true}'
// On LightCode's machine light does the product: numbers become light, meet the weight, and are detected.

func.func @main(%x: tensor<64x128xf32>) -> tensor<64x256xf32> {
  %w = "nn.param"() {name = "w"} : () -> tensor<128x256xf32> loc("fc.weight")
  %y = "nn.matmul"(%x, %w) : (tensor<64x128xf32>, tensor<128x256xf32>) -> tensor<64x256xf32> loc("fc")
  return %y : tensor<64x256xf32>
}

// CHECK: func.func @main
// CHECK-SAME: proven = true
// CHECK-NOT: stack.class
// CHECK: "ptu.encode"
// CHECK: "ptu.matmul"
// CHECK: "ptu.detect"
// CHECK: "mem.store"
// CHECK: return
