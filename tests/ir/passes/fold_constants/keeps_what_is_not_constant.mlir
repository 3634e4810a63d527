// RUN: prism opt %s -p fold-constants,dce
// A weight has no value here, x - x is not 0 (it may be NaN), and integer division by zero stays for whoever runs it.

func.func @main(%x: tensor<f32>) -> (tensor<f32>, tensor<f32>, tensor<i64>) {
  %w = "nn.param"() {name = "w"} : () -> tensor<f32>
  %a = "nn.sqrt"(%w) : (tensor<f32>) -> tensor<f32>
  %b = "nn.sub"(%x, %x) : (tensor<f32>, tensor<f32>) -> tensor<f32>
  %one = "nn.constant"() {value = dense<1> : tensor<i64>} : () -> tensor<i64>
  %zero = "nn.constant"() {value = dense<0> : tensor<i64>} : () -> tensor<i64>
  %c = "nn.div"(%one, %zero) : (tensor<i64>, tensor<i64>) -> tensor<i64>
  return %a, %b, %c : tensor<f32>, tensor<f32>, tensor<i64>
}
// OUTPUT:
// module {
//   func.func @main(%arg0: tensor<f32>) -> (tensor<f32>, tensor<f32>, tensor<i64>) {
//     %0 = "nn.param"() {name = "w"} : () -> tensor<f32>
//     %1 = "nn.sqrt"(%0) : (tensor<f32>) -> tensor<f32>
//     %2 = "nn.sub"(%arg0, %arg0) : (tensor<f32>, tensor<f32>) -> tensor<f32>
//     %3 = "nn.constant"() {value = dense<1> : tensor<i64>} : () -> tensor<i64>
//     %4 = "nn.constant"() {value = dense<0> : tensor<i64>} : () -> tensor<i64>
//     %5 = "nn.div"(%3, %4) : (tensor<i64>, tensor<i64>) -> tensor<i64>
//     return %1, %2, %5 : tensor<f32>, tensor<f32>, tensor<i64>
//   }
// }
