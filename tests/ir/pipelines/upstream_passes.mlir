// RUN: prism opt %s -p 'cse,builtin.module(canonicalize,symbol-dce),dce'
// Passes of MLIR stand among ours.

func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
  %a = "nn.exp"(%x) : (tensor<4xf32>) -> tensor<4xf32>
  %b = "nn.exp"(%x) : (tensor<4xf32>) -> tensor<4xf32>
  %c = "nn.add"(%a, %b) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  return %c : tensor<4xf32>
}
// OUTPUT:
// module {
//   func.func @main(%arg0: tensor<4xf32>) -> tensor<4xf32> {
//     %0 = "nn.exp"(%arg0) : (tensor<4xf32>) -> tensor<4xf32>
//     %1 = "nn.add"(%0, %0) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
//     return %1 : tensor<4xf32>
//   }
// }
