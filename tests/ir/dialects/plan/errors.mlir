// RUN: prism opt %s
// Time begins at 0.
func.func @main() {
// error: [E0401] `plan.task` does not verify: attribute `start_s`; -1; a finite number, not negative
  %a = "plan.task"() {op = "elec.kernel", kernel = "nn.add", unit = "cpu", start_s = -1.0 : f64, latency_s = 2.0e-9 : f64, busy_s = {cpu = 2.0e-9 : f64}, energy_j = {core = 1.0e-12 : f64}, moved_bytes = {}, result_bytes = 24 : i64} : () -> !plan.event
  return
}
// -----
// Tasks end.
func.func @main() {
// error: [E0401] `plan.task` does not verify: attribute `latency_s`; inf; a finite number, not negative
  %a = "plan.task"() {op = "elec.kernel", kernel = "nn.add", unit = "cpu", start_s = 0.0 : f64, latency_s = 0x7FF0000000000000 : f64, busy_s = {cpu = 2.0e-9 : f64}, energy_j = {core = 1.0e-12 : f64}, moved_bytes = {}, result_bytes = 24 : i64} : () -> !plan.event
  return
}
// -----
// A resource is not held for negative time.
func.func @main() {
// error: [E0401] `plan.task` does not verify: attribute `busy_s`; {cpu = -1.0 : f64}; finite numbers, none negative
  %a = "plan.task"() {op = "elec.kernel", kernel = "nn.add", unit = "cpu", start_s = 0.0 : f64, latency_s = 2.0e-9 : f64, busy_s = {cpu = -1.0 : f64}, energy_j = {core = 1.0e-12 : f64}, moved_bytes = {}, result_bytes = 24 : i64} : () -> !plan.event
  return
}
// -----
// Energy is a number.
func.func @main() {
// error: [E0401] `plan.task` does not verify: attribute `energy_j`; {core = "much"}; finite numbers, none negative
  %a = "plan.task"() {op = "elec.kernel", kernel = "nn.add", unit = "cpu", start_s = 0.0 : f64, latency_s = 2.0e-9 : f64, busy_s = {cpu = 2.0e-9 : f64}, energy_j = {core = "much"}, moved_bytes = {}, result_bytes = 24 : i64} : () -> !plan.event
  return
}
// -----
// Bytes are counted.
func.func @main() {
// error: [E0401] `plan.task` does not verify: attribute `moved_bytes`; {sram = NaN : f64}; finite numbers, none negative
  %a = "plan.task"() {op = "elec.kernel", kernel = "nn.add", unit = "cpu", start_s = 0.0 : f64, latency_s = 2.0e-9 : f64, busy_s = {cpu = 2.0e-9 : f64}, energy_j = {core = 1.0e-12 : f64}, moved_bytes = {sram = 0x7FF8000000000000 : f64}, result_bytes = 24 : i64} : () -> !plan.event
  return
}
// -----
// Results take no negative room.
func.func @main() {
// error: [E0401] `plan.task` does not verify: attribute `result_bytes`; -1; 0 or more
  %a = "plan.task"() {op = "elec.kernel", kernel = "nn.add", unit = "cpu", start_s = 0.0 : f64, latency_s = 2.0e-9 : f64, busy_s = {cpu = 2.0e-9 : f64}, energy_j = {core = 1.0e-12 : f64}, moved_bytes = {}, result_bytes = -1 : i64} : () -> !plan.event
  return
}
// -----
// A task runs on a unit.
func.func @main() {
// error: [E0301] 'plan.task' op attribute "unit" is expected but not provided
  %a = "plan.task"() {op = "elec.kernel", kernel = "nn.add", start_s = 0.0 : f64, latency_s = 2.0e-9 : f64, busy_s = {cpu = 2.0e-9 : f64}, energy_j = {core = 1.0e-12 : f64}, moved_bytes = {}, result_bytes = 24 : i64} : () -> !plan.event
  return
}
// -----
// Times are floats.
func.func @main() {
// error: [E0401] `plan.task` does not verify: attribute `start_s`; 0 : i64; float (0.5 : f64)
  %a = "plan.task"() {op = "elec.kernel", kernel = "nn.add", unit = "cpu", start_s = 0 : i64, latency_s = 2.0e-9 : f64, busy_s = {cpu = 2.0e-9 : f64}, energy_j = {core = 1.0e-12 : f64}, moved_bytes = {}, result_bytes = 24 : i64} : () -> !plan.event
  return
}
// -----
// Tasks wait for tasks.
func.func @main(%x: tensor<2xf32>) {
// error: [E0301] expected base type 'plan.event' but got 'builtin.tensor'
  %a = "plan.task"(%x) {op = "elec.kernel", kernel = "nn.add", unit = "cpu", start_s = 0.0 : f64, latency_s = 2.0e-9 : f64, busy_s = {cpu = 2.0e-9 : f64}, energy_j = {core = 1.0e-12 : f64}, moved_bytes = {}, result_bytes = 24 : i64} : (tensor<2xf32>) -> !plan.event
  return
}
