// RUN: prism opt %s -p recognise,dce --locations
// The name of the operation that ended the pattern goes first, those of its parts follow, and the rule is there.

func.func @main(%gate: tensor<2x8xf32>, %up: tensor<2x8xf32>) -> tensor<2x8xf32> {
  %s = "nn.sigmoid"(%gate) : (tensor<2x8xf32>) -> tensor<2x8xf32> loc("model.layers.3.mlp.act_fn")
  %a = "nn.mul"(%gate, %s) : (tensor<2x8xf32>, tensor<2x8xf32>) -> tensor<2x8xf32> loc("model.layers.3.mlp.act_fn.product")
  %y = "nn.mul"(%a, %up) : (tensor<2x8xf32>, tensor<2x8xf32>) -> tensor<2x8xf32> loc("model.layers.3.mlp")
  return %y : tensor<2x8xf32>
}
// OUTPUT:
// #loc1 = loc("line 4")
// module {
//   func.func @main(%arg0: tensor<2x8xf32> loc("line 4"), %arg1: tensor<2x8xf32> loc("line 4")) -> tensor<2x8xf32> {
//     %0 = "nn.swiglu"(%arg0, %arg1) : (tensor<2x8xf32>, tensor<2x8xf32>) -> tensor<2x8xf32> loc(#loc5)
//     return %0 : tensor<2x8xf32> loc(#loc)
//   } loc(#loc)
// } loc(#loc)
// #loc = loc(unknown)
// #loc2 = loc("model.layers.3.mlp")
// #loc3 = loc("model.layers.3.mlp.act_fn.product")
// #loc4 = loc("model.layers.3.mlp.act_fn")
// #loc5 = loc(fused<"swiglu">[#loc2, #loc3, #loc4])
