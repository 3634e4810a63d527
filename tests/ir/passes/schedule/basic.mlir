// RUN: prism opt %s -p 'saturate,extract,tile,schedule'
// Each operation that takes time is a task with its unit and start; a bound stands beside the makespan.

func.func @main(%x: tensor<1024x1024xf32>) -> tensor<1024x2048xf32> {
  %w = "nn.param"() {name = "w"} : () -> tensor<1024x2048xf32> loc("fc.weight")
  %y = "nn.matmul"(%x, %w) : (tensor<1024x1024xf32>, tensor<1024x2048xf32>) -> tensor<1024x2048xf32> loc("fc")
  return %y : tensor<1024x2048xf32>
}

// CHECK: func.func @main
// CHECK-SAME: plan.schedule = {binding =
// CHECK-SAME: bound_s =
// CHECK-SAME: makespan_s =
// CHECK: "plan.task"()
// CHECK-SAME: op = "mem.load"
// CHECK-SAME: start_s =
// CHECK: op = "ptu.matmul"
// CHECK-SAME: tiling
// CHECK: op = "mem.store"
// CHECK: return
