// RUN: prism opt %s
// A class has an alternative.
ml_program.subgraph @main(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
// error: [E0401] `stack.class` does not verify: class; no alternative; at least one
  %c = "stack.class"() : () -> tensor<2x3xf32>
  ml_program.output %x : tensor<2x3xf32>
}
// -----
// Alternatives are of one type.
ml_program.subgraph @main(%x: tensor<2x3xf32>, %y: tensor<3x2xf32>) -> tensor<2x3xf32> {
// error: [E0301] expected 'tensor<2x3xf32>' but got 'tensor<3x2xf32>'
  %c = "stack.class"(%x, %y) : (tensor<2x3xf32>, tensor<3x2xf32>) -> tensor<2x3xf32>
  ml_program.output %c : tensor<2x3xf32>
}
// -----
// It is the type of the class.
ml_program.subgraph @main(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %a = "nn.exp"(%x) : (tensor<2x3xf32>) -> tensor<2x3xf32>
// error: [E0401] `stack.class` does not verify: alternative 0; tensor<2x3xf32>; the class type tensor<6xf32>
  %c = "stack.class"(%a) : (tensor<2x3xf32>) -> tensor<6xf32>
  ml_program.output %x : tensor<2x3xf32>
}
// -----
// A view is of its tensor.
ml_program.subgraph @main(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
// error: [E0401] `stack.view` does not verify: result; !elec.digital<tensor<3x2xf32>, 32 : i32>; a view of tensor<2x3xf32>
  %v = "stack.view"(%x) : (tensor<2x3xf32>) -> !elec.digital<tensor<3x2xf32>, 32 : i32>
  ml_program.output %x : tensor<2x3xf32>
}
// -----
// Maths is no view.
ml_program.subgraph @main(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
// error: [E0401] `stack.view` does not verify: result; tensor<2x3xf32>; a view of tensor<2x3xf32>
  %v = "stack.view"(%x) : (tensor<2x3xf32>) -> tensor<2x3xf32>
  ml_program.output %x : tensor<2x3xf32>
}
// -----
// An alternative is used by its class alone.
ml_program.subgraph @main(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %a = "nn.exp"(%x) : (tensor<2x3xf32>) -> tensor<2x3xf32>
// error: [E0401] alternative 0 of a class is used elsewhere too; 2 uses; use the class instead: its alternatives belong to it alone
  %c = "stack.class"(%a) : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %d = "nn.neg"(%a) : (tensor<2x3xf32>) -> tensor<2x3xf32>
  ml_program.output %c : tensor<2x3xf32>
}
// -----
// It belongs to one class.
ml_program.subgraph @main(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
  %a = "nn.exp"(%x) : (tensor<2x3xf32>) -> tensor<2x3xf32>
// error: [E0401] alternative 0 of a class is used elsewhere too; 2 uses; use the class instead: its alternatives belong to it alone
// error: [E0401] alternative 0 of a class is used elsewhere too; 2 uses; use the class instead: its alternatives belong to it alone
  %c = "stack.class"(%a) : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %d = "stack.class"(%a) : (tensor<2x3xf32>) -> tensor<2x3xf32>
  ml_program.output %c : tensor<2x3xf32>
}
// -----
// Operands exist, even where order does not matter.
ml_program.subgraph @main(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {
// error: [E0301] use of undeclared SSA value name
  %c = "stack.class"(%a) : (tensor<2x3xf32>) -> tensor<2x3xf32>
  ml_program.output %c : tensor<2x3xf32>
}
