// RUN: prism opt %s -p cse
// Shapes are static.
// error: [E0401] `argument` holds something that Prism's passes do not handle; tensor<?xf32> (shapes are static after import)
func.func @main(%x: tensor<?xf32>) {
// error: [E0401] `nn.exp` holds something that Prism's passes do not handle; tensor<?xf32> (shapes are static after import)
  %z = "nn.exp"(%x) : (tensor<?xf32>) -> tensor<?xf32>
  return
}
// -----
// Operations of other dialects are no part of a program.
func.func @main(%x: tensor<2xf32>) {
// error: [E0401] `tensor.empty` holds something that Prism's passes do not handle; `tensor.empty`; operations of `prism list ops`
  %a = tensor.empty() : tensor<2xf32>
  return
}
// -----
// A function is straight-line code.
// error: [E0401] `func.func` holds something that Prism's passes do not handle; several blocks; straight-line code
func.func @main(%x: tensor<2xf32>) -> tensor<2xf32> {
  cf.br ^next
^next:
  return %x : tensor<2xf32>
}
// -----
// A function has a body.
// error: [E0401] `func.func` holds something that Prism's passes do not handle; a declaration; a function with a body
func.func private @main(%x: tensor<2xf32>)
// -----
// error: [E0401] `builtin.module` holds something that Prism's passes do not handle; `builtin.module`; `func.func` and `ml_program.subgraph` at the top of the module
// Modules do not nest.
module {
  module @inner {
  }
}
