// RUN: prism opt %s -p cse
// Constants are equal when their bits are: a NaN equals itself, zero and minus zero are two numbers.

func.func @main(%x: tensor<f32>) -> (tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>) {
  %a = "nn.constant"() {value = dense<0x7FC00000> : tensor<f32>} : () -> tensor<f32>
  %b = "nn.constant"() {value = dense<0x7FC00000> : tensor<f32>} : () -> tensor<f32>
  %c = "nn.constant"() {value = dense<0.0> : tensor<f32>} : () -> tensor<f32>
  %d = "nn.constant"() {value = dense<-0.0> : tensor<f32>} : () -> tensor<f32>
  return %a, %b, %c, %d : tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>
}
// OUTPUT:
// module {
//   func.func @main(%arg0: tensor<f32>) -> (tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>) {
//     %0 = "nn.constant"() {value = dense<0x7FC00000> : tensor<f32>} : () -> tensor<f32>
//     %1 = "nn.constant"() {value = dense<0.000000e+00> : tensor<f32>} : () -> tensor<f32>
//     %2 = "nn.constant"() {value = dense<-0.000000e+00> : tensor<f32>} : () -> tensor<f32>
//     return %0, %0, %1, %2 : tensor<f32>, tensor<f32>, tensor<f32>, tensor<f32>
//   }
// }
