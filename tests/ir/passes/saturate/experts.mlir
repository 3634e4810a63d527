// RUN: prism opt %s -p 'saturate,extract,tile' -t lightmatter-2025
// The matrices of chosen experts stay where the weight is: the unit is programmed with them from there, and nothing copies them.

func.func @main(%x: tensor<1x1x1x256xbf16>, %chosen: tensor<1x2xi64>) -> tensor<1x2x1x512xbf16> {
  %w = "nn.param"() {name = "layers.0.mlp.experts.*.up_proj.weight"} : () -> tensor<8x512x256xbf16>
  %p = "nn.gather"(%w, %chosen) {axis = 0 : i64} : (tensor<8x512x256xbf16>, tensor<1x2xi64>) -> tensor<1x2x512x256xbf16>
  %y = "nn.matmul"(%x, %p) {transpose_rhs = true} : (tensor<1x1x1x256xbf16>, tensor<1x2x512x256xbf16>) -> tensor<1x2x1x512xbf16> loc("layers.0.mlp.experts.*.up_proj")
  return %y : tensor<1x2x1x512xbf16>
}

// CHECK: "mem.select"
// CHECK-NOT: op = "nn.gather"
// CHECK: "ptu.gemm"
