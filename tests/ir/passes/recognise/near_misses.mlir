// RUN: prism opt %s -p recognise,dce
// A mean over the wrong axis, epsilon beside the root, a mask that is off by one: all stay as they are.

func.func @main(%x: tensor<4x4xf32>) -> (tensor<4x4xf32>, tensor<4x4xf32>, tensor<4x4xf32>) {
  %s = "nn.mul"(%x, %x) : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
  %m = "nn.reduce_mean"(%s) {axes = array<i64: 0>, keepdims = true} : (tensor<4x4xf32>) -> tensor<1x4xf32>
  %r = "nn.sqrt"(%m) : (tensor<1x4xf32>) -> tensor<1x4xf32>
  %axis = "nn.div"(%x, %r) : (tensor<4x4xf32>, tensor<1x4xf32>) -> tensor<4x4xf32>
  %n = "nn.reduce_mean"(%s) {axes = array<i64: 1>, keepdims = true} : (tensor<4x4xf32>) -> tensor<4x1xf32>
  %t = "nn.sqrt"(%n) : (tensor<4x1xf32>) -> tensor<4x1xf32>
  %e = "nn.constant"() {value = dense<1.0e-6> : tensor<f32>} : () -> tensor<f32>
  %u = "nn.add"(%t, %e) : (tensor<4x1xf32>, tensor<f32>) -> tensor<4x1xf32>
  %beside = "nn.div"(%x, %u) : (tensor<4x4xf32>, tensor<4x1xf32>) -> tensor<4x4xf32>
  %keys = "nn.iota"() {start = 0 : i64, step = 1 : i64} : () -> tensor<4xi64>
  %column = "nn.reshape"(%keys) : (tensor<4xi64>) -> tensor<4x1xi64>
  %seen = "nn.less"(%keys, %column) : (tensor<4xi64>, tensor<4x1xi64>) -> tensor<4x4xi1>
  %zero = "nn.constant"() {value = dense<0.0> : tensor<f32>} : () -> tensor<f32>
  %least = "nn.constant"() {value = dense<-1.0e30> : tensor<f32>} : () -> tensor<f32>
  %mask = "nn.where"(%seen, %zero, %least) : (tensor<4x4xi1>, tensor<f32>, tensor<f32>) -> tensor<4x4xf32>
  %masked = "nn.add"(%x, %mask) : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
  return %axis, %beside, %masked : tensor<4x4xf32>, tensor<4x4xf32>, tensor<4x4xf32>
}
// CHECK-NOT: nn.rms_norm
// CHECK-NOT: nn.causal_mask
// CHECK: "nn.div"
// CHECK: "nn.div"
// CHECK: "nn.less"
