// RUN: prism opt %s -p 'saturate,extract,tile,schedule'
// Each operation that takes time is a task with its unit and start; a bound stands beside the makespan.

func.func @main(%x: tensor<64x128xf32>) -> tensor<64x256xf32> {
  %w = "nn.param"() {name = "w"} : () -> tensor<128x256xf32> loc("fc.weight")
  %y = "nn.matmul"(%x, %w) : (tensor<64x128xf32>, tensor<128x256xf32>) -> tensor<64x256xf32> loc("fc")
  return %y : tensor<64x256xf32>
}

// CHECK: func.func @main
// CHECK-SAME: plan.schedule = {binding =
// CHECK-SAME: bound_s =
// CHECK-SAME: makespan_s =
// CHECK: "plan.task"()
// CHECK-SAME: op = "mem.load"
// CHECK-SAME: start_s = 0.0
// CHECK: op = "ptu.matmul"
// CHECK-SAME: tiling
// CHECK: op = "mem.store"
// CHECK: return
