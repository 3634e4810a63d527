// RUN: prism opt %s -p 'saturate,extract{objective=latency},tile,schedule'
// The shortest makespan, not the least sum of latencies: a product that light does faster, with a bound over all choices.

func.func @main(%x: tensor<64x768xf32>) -> tensor<64x768xf32> {
  %w = "nn.param"() {name = "w"} : () -> tensor<768x768xf32> loc("fc.weight")
  %y = "nn.matmul"(%x, %w) : (tensor<64x768xf32>, tensor<768x768xf32>) -> tensor<64x768xf32> loc("fc")
  return %y : tensor<64x768xf32>
}

// CHECK: func.func @main
// CHECK-SAME: fastest_by = "2 stretches one after the other
// CHECK-SAME: objective = "latency", proven = false
// CHECK: op = "ptu.matmul"
