// RUN: prism opt %s -t lightcode -p 'saturate,extract'
// What is stored may be loaded again: store and load are nodes of the same two classes, which makes a cycle and needs
// no rule to cancel. The answer stores once, loads its input once, and reads on where the tensor still is.

func.func @main(%x: tensor<8x16xf32>) -> (tensor<8x16xf32>, tensor<8x16xf32>) {
  %y = "nn.exp"(%x) : (tensor<8x16xf32>) -> tensor<8x16xf32> loc("first")
  %z = "nn.neg"(%y) : (tensor<8x16xf32>) -> tensor<8x16xf32> loc("second")
  return %y, %z : tensor<8x16xf32>, tensor<8x16xf32>
}

// CHECK: mem.load
// CHECK: op = "nn.exp"
// CHECK: mem.store
// CHECK-NOT: mem.load
// CHECK: op = "nn.neg"
// CHECK-NEXT: mem.store
