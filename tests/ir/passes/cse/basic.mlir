// RUN: prism opt %s -p cse --locations
// Equal operations become one that carries both names; different attributes keep operations apart.

func.func @main(%x: tensor<4x4xf32>) -> (tensor<4x4xf32>, tensor<4x4xf32>) {
  %a = "nn.exp"(%x) : (tensor<4x4xf32>) -> tensor<4x4xf32> loc("gate")
  %b = "nn.exp"(%x) : (tensor<4x4xf32>) -> tensor<4x4xf32> loc("up")
  %c = "nn.mul"(%a, %b) : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32> loc("product")
  %d = "nn.softmax"(%c) {axis = 0 : i64} : (tensor<4x4xf32>) -> tensor<4x4xf32> loc("columns")
  %e = "nn.softmax"(%c) {axis = 1 : i64} : (tensor<4x4xf32>) -> tensor<4x4xf32> loc("rows")
  return %d, %e : tensor<4x4xf32>, tensor<4x4xf32>
}
// OUTPUT:
// #loc1 = loc("line 4")
// module {
//   func.func @main(%arg0: tensor<4x4xf32> loc("line 4")) -> (tensor<4x4xf32>, tensor<4x4xf32>) {
//     %0 = "nn.exp"(%arg0) : (tensor<4x4xf32>) -> tensor<4x4xf32> loc(#loc7)
//     %1 = "nn.mul"(%0, %0) : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32> loc(#loc4)
//     %2 = "nn.softmax"(%1) {axis = 0 : i64} : (tensor<4x4xf32>) -> tensor<4x4xf32> loc(#loc5)
//     %3 = "nn.softmax"(%1) {axis = 1 : i64} : (tensor<4x4xf32>) -> tensor<4x4xf32> loc(#loc6)
//     return %2, %3 : tensor<4x4xf32>, tensor<4x4xf32> loc(#loc)
//   } loc(#loc)
// } loc(#loc)
// #loc = loc(unknown)
// #loc2 = loc("gate")
// #loc3 = loc("up")
// #loc4 = loc("product")
// #loc5 = loc("columns")
// #loc6 = loc("rows")
// #loc7 = loc(fused[#loc2, #loc3])
