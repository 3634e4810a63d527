// RUN: prism opt %s -p 'saturate,extract{verify=true}'
// On LightCode's machine light does the product: numbers become light, meet the weight, and are detected.

func.func @main(%x: tensor<1024x1024xf32>) -> tensor<1024x2048xf32> {
  %w = "nn.param"() {name = "w"} : () -> tensor<1024x2048xf32> loc("fc.weight")
  %y = "nn.matmul"(%x, %w) : (tensor<1024x1024xf32>, tensor<1024x2048xf32>) -> tensor<1024x2048xf32> loc("fc")
  return %y : tensor<1024x2048xf32>
}

// CHECK: func.func @main
// CHECK-SAME: proven = true
// CHECK-NOT: stack.class
// CHECK: "ptu.encode"
// CHECK: "ptu.matmul"
// CHECK: "ptu.detect"
// CHECK: "mem.store"
// CHECK: return
