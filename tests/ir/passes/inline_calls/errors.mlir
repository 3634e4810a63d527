// RUN: prism opt %s -p inline-calls
// A function that calls itself.
func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
// error: [E0401]
  %a = func.call @f(%x) : (tensor<4xf32>) -> tensor<4xf32>
  return %a : tensor<4xf32>
}
func.func private @f(%x: tensor<4xf32>) -> tensor<4xf32> {
  %a = func.call @f(%x) : (tensor<4xf32>) -> tensor<4xf32>
  return %a : tensor<4xf32>
}
// -----
// A function that others may call too.
func.func @main(%x: tensor<4xf32>) -> tensor<4xf32> {
// error: [E0401]
  %a = func.call @f(%x) : (tensor<4xf32>) -> tensor<4xf32>
  return %a : tensor<4xf32>
}
func.func @f(%x: tensor<4xf32>) -> tensor<4xf32> {
  return %x : tensor<4xf32>
}
