// RUN: prism opt %s
// Two tasks that wait for nothing, one that waits for both.

func.func @main() -> !plan.event {
  %a = "plan.task"() {op = "elec.kernel", kernel = "nn.add", unit = "cpu", start_s = 0.0 : f64, latency_s = 2.0e-9 : f64, busy_s = {cpu = 2.0e-9 : f64}, energy_j = {core = 1.0e-12 : f64}, moved_bytes = {sram = 24.0 : f64}, result_bytes = 24 : i64} : () -> !plan.event
  %b = "plan.task"() {op = "elec.kernel", kernel = "nn.add", unit = "cpu", start_s = 2.0e-9 : f64, latency_s = 2.0e-9 : f64, busy_s = {cpu = 2.0e-9 : f64}, energy_j = {core = 1.0e-12 : f64}, moved_bytes = {sram = 24.0 : f64}, result_bytes = 24 : i64, tiling = {passes = 3.0 : f64}} : () -> !plan.event
  %c = "plan.task"(%a, %b) {op = "elec.kernel", kernel = "nn.add", unit = "cpu", start_s = 4.0e-9 : f64, waits = 1 : i64, latency_s = 2.0e-9 : f64, busy_s = {cpu = 2.0e-9 : f64}, energy_j = {core = 1.0e-12 : f64}, moved_bytes = {sram = 24.0 : f64}, result_bytes = 24 : i64} : (!plan.event, !plan.event) -> !plan.event
  return %c : !plan.event
}
// OUTPUT:
// module {
//   func.func @main() -> !plan.event {
//     %0 = "plan.task"() {busy_s = {cpu = 2.000000e-09 : f64}, energy_j = {core = 9.9999999999999998E-13 : f64}, kernel = "nn.add", latency_s = 2.000000e-09 : f64, moved_bytes = {sram = 2.400000e+01 : f64}, op = "elec.kernel", result_bytes = 24 : i64, start_s = 0.000000e+00 : f64, unit = "cpu"} : () -> !plan.event
//     %1 = "plan.task"() {busy_s = {cpu = 2.000000e-09 : f64}, energy_j = {core = 9.9999999999999998E-13 : f64}, kernel = "nn.add", latency_s = 2.000000e-09 : f64, moved_bytes = {sram = 2.400000e+01 : f64}, op = "elec.kernel", result_bytes = 24 : i64, start_s = 2.000000e-09 : f64, tiling = {passes = 3.000000e+00 : f64}, unit = "cpu"} : () -> !plan.event
//     %2 = "plan.task"(%0, %1) {busy_s = {cpu = 2.000000e-09 : f64}, energy_j = {core = 9.9999999999999998E-13 : f64}, kernel = "nn.add", latency_s = 2.000000e-09 : f64, moved_bytes = {sram = 2.400000e+01 : f64}, op = "elec.kernel", result_bytes = 24 : i64, start_s = 4.000000e-09 : f64, unit = "cpu", waits = 1 : i64} : (!plan.event, !plan.event) -> !plan.event
//     return %2 : !plan.event
//   }
// }
