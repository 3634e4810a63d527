// RUN: prism opt %s -p dce
// Tasks of a plan are work that is done, whether anything waits for them or not.

func.func @main() -> !plan.event {
  %a = "plan.task"() {op = "elec.kernel", kernel = "nn.add", unit = "cpu", start_s = 0.0 : f64, latency_s = 1.0e-9 : f64, busy_s = {}, energy_j = {}, moved_bytes = {}, result_bytes = 0 : i64} : () -> !plan.event
  %b = "plan.task"() {op = "elec.kernel", kernel = "nn.mul", unit = "cpu", start_s = 0.0 : f64, latency_s = 1.0e-9 : f64, busy_s = {}, energy_j = {}, moved_bytes = {}, result_bytes = 0 : i64} : () -> !plan.event
  return %a : !plan.event
}
// OUTPUT:
// module {
//   func.func @main() -> !plan.event {
//     %0 = "plan.task"() {busy_s = {}, energy_j = {}, kernel = "nn.add", latency_s = 1.000000e-09 : f64, moved_bytes = {}, op = "elec.kernel", result_bytes = 0 : i64, start_s = 0.000000e+00 : f64, unit = "cpu"} : () -> !plan.event
//     %1 = "plan.task"() {busy_s = {}, energy_j = {}, kernel = "nn.mul", latency_s = 1.000000e-09 : f64, moved_bytes = {}, op = "elec.kernel", result_bytes = 0 : i64, start_s = 0.000000e+00 : f64, unit = "cpu"} : () -> !plan.event
//     return %0 : !plan.event
//   }
// }
