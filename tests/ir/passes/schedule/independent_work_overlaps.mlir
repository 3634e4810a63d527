// RUN: prism opt %s -t edge-demo -p 'saturate{min-bits=32},extract,schedule'
// Two kernels that do not need each other start on the two cores at once.

func.func @main(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %a = "nn.exp"(%x) : (tensor<4xf32>) -> tensor<4xf32>
  %b = "nn.tanh"(%x) : (tensor<4xf32>) -> tensor<4xf32>
  return %a, %b : tensor<4xf32>, tensor<4xf32>
}
// CHECK: op = "mem.load"
// CHECK: kernel = "nn.exp"
// CHECK-SAME: start_s = 8.03125E-8
// CHECK: kernel = "nn.tanh"
// CHECK-SAME: start_s = 8.03125E-8
