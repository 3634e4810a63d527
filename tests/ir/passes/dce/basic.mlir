// RUN: prism opt %s -p dce
// What nothing reads goes, and then what only that read. Arguments stay: they are the program's interface.

func.func @main(%x: tensor<4xf32>, %unused: tensor<4xf32>) -> tensor<4xf32> {
  %a = "nn.exp"(%x) : (tensor<4xf32>) -> tensor<4xf32>
  %b = "nn.neg"(%a) : (tensor<4xf32>) -> tensor<4xf32>
  %c = "nn.tanh"(%b) : (tensor<4xf32>) -> tensor<4xf32>
  %d = "nn.relu"(%a) : (tensor<4xf32>) -> tensor<4xf32>
  return %d : tensor<4xf32>
}
// OUTPUT:
// module {
//   func.func @main(%arg0: tensor<4xf32>, %arg1: tensor<4xf32>) -> tensor<4xf32> {
//     %0 = "nn.exp"(%arg0) : (tensor<4xf32>) -> tensor<4xf32>
//     %1 = "nn.relu"(%0) : (tensor<4xf32>) -> tensor<4xf32>
//     return %1 : tensor<4xf32>
//   }
// }
