// RUN: prism opt %s -p cse
// In a segment, operands are compared as classes: equal alternatives of one class become one.

ml_program.subgraph @main(%x: tensor<4xf32>) -> tensor<4xf32> {
  %a = "nn.exp"(%x) : (tensor<4xf32>) -> tensor<4xf32>
  %b = "nn.exp"(%x) : (tensor<4xf32>) -> tensor<4xf32>
  %c = "stack.class"(%a, %b) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
  ml_program.output %c : tensor<4xf32>
}
// OUTPUT:
// module {
//   ml_program.subgraph @main(%arg0: tensor<4xf32>) -> tensor<4xf32> {
//     %0 = "nn.exp"(%arg0) : (tensor<4xf32>) -> tensor<4xf32>
//     %1 = "stack.class"(%0) : (tensor<4xf32>) -> tensor<4xf32>
//     ml_program.output %1 : tensor<4xf32>
//   }
// }
