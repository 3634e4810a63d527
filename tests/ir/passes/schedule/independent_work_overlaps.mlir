// RUN: prism opt %s -t edge-demo -p 'saturate{min-bits=32},extract,schedule'
// Two kernels that do not need each other run on the two cores, the second as soon as the bus is free.

func.func @main(%x: tensor<4xf32>) -> (tensor<4xf32>, tensor<4xf32>) {
  %a = "nn.exp"(%x) : (tensor<4xf32>) -> tensor<4xf32>
  %b = "nn.tanh"(%x) : (tensor<4xf32>) -> tensor<4xf32>
  return %a, %b : tensor<4xf32>, tensor<4xf32>
}
// CHECK: latency_s = 8.03{{.*}}E-8
// CHECK-SAME: op = "mem.load"
// CHECK: busy_s = {{{.*}}cpu = 5.400000e-08
// CHECK-SAME: kernel = "nn.exp"
// CHECK-SAME: start_s = 8.03{{.*}}E-8
// CHECK: kernel = "nn.tanh"
// CHECK-SAME: start_s = 8.056250e-08
