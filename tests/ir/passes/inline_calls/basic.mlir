// RUN: prism opt %s -p inline-calls
// Names become whole: below the prefix, without it, and by the call's own list. A call in a function has the prefixes of both.

func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
  %a = func.call @block(%x) {prefix = "h.0.", param_prefix = "m.h.0.", params = {odd = "val_7"}} : (tensor<4xf32>) -> tensor<4xf32> loc("h.0")
  %b = func.call @block(%a) {prefix = "h.1."} : (tensor<4xf32>) -> tensor<4xf32> loc("h.1")
  return %b : tensor<4xf32>
}
func.func private @block(%x: tensor<4xf32>) -> tensor<4xf32> {
  %w = "nn.param"() {name = "odd"} : () -> tensor<4xf32> loc("odd")
  %y = "nn.mul"(%x, %w) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32> loc(".")
  %z = func.call @scale(%y) {prefix = "mlp."} : (tensor<4xf32>) -> tensor<4xf32> loc("mlp")
  return %z : tensor<4xf32>
}
func.func private @scale(%x: tensor<4xf32>) -> tensor<4xf32> {
  %w = "nn.param"() {name = "scale"} : () -> tensor<4xf32> loc("scale")
  %y = "nn.mul"(%x, %w) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32> loc("/shared")
  return %y : tensor<4xf32>
}
// OUTPUT:
// module {
//   func.func @main(%arg0: tensor<4xf32>) -> tensor<4xf32> {
//     %0 = "nn.param"() {name = "val_7"} : () -> tensor<4xf32>
//     %1 = "nn.mul"(%arg0, %0) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
//     %2 = "nn.param"() {name = "m.h.0.mlp.scale"} : () -> tensor<4xf32>
//     %3 = "nn.mul"(%1, %2) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
//     %4 = "nn.param"() {name = "h.1.odd"} : () -> tensor<4xf32>
//     %5 = "nn.mul"(%3, %4) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
//     %6 = "nn.param"() {name = "h.1.mlp.scale"} : () -> tensor<4xf32>
//     %7 = "nn.mul"(%5, %6) : (tensor<4xf32>, tensor<4xf32>) -> tensor<4xf32>
//     return %7 : tensor<4xf32>
//   }
// }
