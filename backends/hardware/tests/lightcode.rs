//! LightCode's machine against values worked out by hand from its published cost model (arXiv 2509.16443).

use prism_hardware::target::SHIPPED;
use prism_hardware::{Cost, Ends, Location, MatmulWork, Member, Stationary, Target, TensorSize, Work};

fn target(name: &str) -> Target {
    match Target::shipped(name).expect("a shipped target") {
        Ok(target) => target,
        Err(problems) => panic!("{}", prism_support::render::text_all(&problems, false)),
    }
}

/// Relative error of 1e-12: the last digits of sums may differ in order.
fn near(found: f64, expected: f64) {
    assert!((found - expected).abs() <= 1e-12 * expected.abs(), "{found:e} is not {expected:e}");
}

fn tensor(dims: &[u64]) -> TensorSize {
    TensorSize::new(dims, 32)
}

fn matmul(m: u64, k: u64, n: u64) -> Work<'static> {
    Work { op: "matmul", inputs: vec![tensor(&[m, k]), tensor(&[k, n])], output: tensor(&[m, n]), macs: m * k * n }
}

fn only(target: &Target, work: &Work<'_>) -> Cost {
    let found = target.electronic(work);
    assert_eq!(found.len(), 1, "{}", work.op);
    found[0].cost.clone()
}

#[test]
fn c_fc_of_gpt2_on_the_cpu() {
    let cost = only(&target("lightcode"), &matmul(1024, 768, 3072));
    // 6.845684637179875e-11 s * 2,415,919,104 MAC + 8.258292187675319e-07 s
    near(cost.busy_on("cpu").0, 0.165_387_028_778_440_4);
    near(cost.latency.0, 0.165_387_028_778_440_4 + 2.0 * 0.167e-9);
    near(cost.energy_of("compute").0, 2_415_919_104.0 * 0.1e-12);
    // 14 pJ per number of both operands and the result: 12 in the SRAM, 2 in registers.
    let numbers = (1024 * 768 + 768 * 3072 + 1024 * 3072) as f64;
    near(cost.energy_of("sram").0, numbers * 12e-12);
    near(cost.energy_of("register").0, numbers * 2e-12);
    near(cost.moved_in("sram").0, numbers * 4.0);
}

#[test]
fn c_fc_of_gpt2_on_the_photonic_unit() {
    let work = MatmulWork::new(1, 1024, 768, 3072);
    let found = target("lightcode").photonic(&work, Ends::default());
    assert_eq!(found.iter().map(|r| r.stationary).collect::<Vec<_>>(), [Stationary::Rhs, Stationary::Lhs]);
    for realisation in found {
        // ceil(1024 * 3072 / 20) = 157,287 passes of 768 cycles at 9.7 GHz
        assert_eq!(realisation.tiling.passes, 157_287);
        assert_eq!(realisation.tiling.cycles, 120_796_416);
        near(realisation.cost.latency.0, 120_796_416.0 / 9.7e9);
        near(realisation.cost.busy_on("phu").0, 120_796_416.0 / 9.7e9);
        near(realisation.cost.total_energy().0, 2_415_919_104.0 * 0.04e-12);
        near(realisation.tiling.utilisation, 2_415_919_104.0 / (120_796_416.0 * 20.0));
    }
}

#[test]
fn attention_counts_the_heads_once() {
    let work = MatmulWork::new(12, 1024, 64, 1024);
    let found = target("lightcode").photonic(&work, Ends::default());
    // 12 * 1024 * 1024 / 20 = 629,145.6 passes of 64 cycles
    assert_eq!(found[0].tiling.cycles, 629_146 * 64);
    near(found[0].cost.total_energy().0, 12.0 * 1024.0 * 1024.0 * 64.0 * 0.04e-12);
}

#[test]
fn hops_have_the_published_energies_and_times() {
    let t = target("lightcode");
    let check = |cost: Cost, pj: f64, ns: f64| {
        near(cost.total_energy().0, pj * 1e-12 * 1000.0);
        near(cost.latency.0, ns * 1e-9);
        assert_eq!(cost.busy, [], "no link is limited");
    };
    check(t.load(1000, 32, Location::Parameters), 200.0 + 52.0, 0.167);
    check(t.load(1000, 32, Location::Inputs), 200.0 + 52.0, 0.167);
    check(t.load(1000, 32, Location::Results), 52.0, 0.167);
    check(t.store(1000, 32), 52.0, 10.0);
    check(t.encode("phu", 1000).expect("a photonic unit"), 17.18, 10.167);
    check(t.program("phu", 1000).expect("a photonic unit"), 17.18, 10.167);
    check(t.detect("phu", 1000).expect("a photonic unit"), 15.6, 10.167);
    assert_eq!(t.encode("cpu", 1000), None);
    let load = t.load(1000, 32, Location::Parameters);
    let moved: Vec<_> = load.moved.iter().map(|(m, b)| (m.as_str(), b.0)).collect();
    assert_eq!(moved, [("dram", 4000.0), ("hbm", 8000.0), ("sram", 4000.0)]);
}

#[test]
fn the_head_has_its_own_fit_that_never_runs_below_the_other() {
    let t = target("lightcode");
    near(only(&t, &matmul(1024, 768, 50257)).busy_on("cpu").0, 14.042_166_799_555_94);
    // One token: 355.46 ps * 38,597,376 - 7.057 ms. With an inner dimension of 16 that fit is negative.
    near(only(&t, &matmul(1, 768, 50257)).busy_on("cpu").0, 0.006_662_829_525_746_05);
    let small = only(&t, &matmul(1, 16, 50257));
    near(small.busy_on("cpu").0, 16.0 * 50257.0 * 6.845684637179875e-11 + 8.258292187675319e-07);
}

#[test]
fn element_operations_follow_the_table() {
    let t = target("lightcode");
    let n = 1024.0 * 768.0;
    let x = tensor(&[1024, 768]);
    let time = |op: &str, inputs: Vec<TensorSize>, output: TensorSize| {
        only(&t, &Work { op, inputs, output, macs: 0 }).busy_on("cpu").0
    };
    near(time("sub", vec![x.clone(), x.clone()], x.clone()), n / 3.208e9);
    near(time("tanh", vec![x.clone()], x.clone()), 4.0 * n / 3.208e9);
    near(time("softmax", vec![x.clone()], x.clone()), 6.0 * n / 3.208e9);
    near(time("add", vec![x.clone(), x.clone()], x.clone()), 5.728114536194012e-11 * n + 2.018610633633051e-07);
    near(time("reduce_mean", vec![x.clone()], tensor(&[1024, 1])), 769.0 * 1024.0 / 3.208e9);
    near(time("concat", vec![x.clone(), x.clone()], tensor(&[2048, 768])), 1.0 / 3.208e9);
    let reshape = only(&t, &Work { op: "reshape", inputs: vec![x], output: tensor(&[786_432]), macs: 0 });
    near(reshape.total_energy().0, 1e-12);
    near(reshape.latency.0, 1.0 / 3.208e9);
}

#[test]
fn a_gather_loads_only_the_rows_it_picks() {
    let t = target("lightcode");
    let inputs = vec![tensor(&[50257, 768]), TensorSize::new([1024], 64)];
    let work = Work { op: "gather", inputs, output: tensor(&[1024, 768]), macs: 0 };
    let found = t.gather_rows(&work, Location::Parameters);
    assert_eq!(found.len(), 1);
    let n = 1024.0 * 768.0;
    near(found[0].cost.energy_of("dram").0, n * 160e-12);
    near(found[0].cost.energy_of("hbm").0, n * 80e-12);
    near(found[0].cost.moved_in("dram").0, n * 4.0);
    // The picked rows arrive (12), are read (12) and written (12); the indices are read (12).
    near(found[0].cost.energy_of("sram").0, n * 36e-12 + 1024.0 * 12e-12);
    let on_chip = only(&t, &work);
    near(on_chip.energy_of("register").0, (2.0 * n + 1024.0) * 2e-12);
}

#[test]
fn an_unknown_operation_has_no_realisation_and_says_so() {
    let t = target("lightcode");
    let work = Work { op: "fft", inputs: vec![], output: tensor(&[4]), macs: 0 };
    assert!(t.electronic(&work).is_empty());
    assert_eq!(t.lacking(&work), "no kernel for `fft` in `cpu` of target `lightcode`");
}

#[test]
fn the_baseline_is_the_same_machine_without_light() {
    let (light, base) = (target("lightcode"), target("cpu-only"));
    assert_eq!(light.ops(), base.ops());
    assert!(base.photonic.is_empty());
    for work in [matmul(1024, 768, 3072), matmul(1, 768, 50257)] {
        assert_eq!(light.electronic(&work), base.electronic(&work));
    }
    let load = |t: &Target| t.load(7, 32, Location::Parameters);
    assert_eq!(load(&light), load(&base));
    assert!(base.photonic(&MatmulWork::new(1, 1, 1, 1), Ends::default()).is_empty());
}

#[test]
fn every_quantity_of_the_shipped_targets_has_a_source() {
    for (name, _) in SHIPPED {
        let t = target(name);
        assert_eq!(t.name, *name);
        assert!(t.stated().len() > 30, "{name}");
        assert!(t.stated().iter().all(|s| !s.source.is_empty() && !s.value.is_empty()), "{name}");
    }
    let t = target("lightcode");
    let clock = t.stated().iter().find(|s| s.field == "photonic `phu`: clock").expect("stated");
    assert_eq!((clock.path, clock.value.as_str()), ("photonic.clock", "9.7 GHz"));
}

#[test]
fn a_fused_kernel_saves_what_it_does_not_write_and_read_again() {
    let t = target("lightcode");
    let exp = Work { op: "exp", inputs: vec![tensor(&[4, 8])], output: tensor(&[4, 8]), macs: 0 };
    let soft = Work { op: "softmax", ..exp.clone() };
    let apart = only(&t, &exp).then(&only(&t, &soft));
    let members = |by_row| {
        let first = Member { work: exp.clone(), inside: vec![false], by_row: false };
        vec![first, Member { work: soft.clone(), inside: vec![true], by_row }]
    };
    let found = t.electronic_fused(&members(true), &[None], false);
    assert_eq!(found.len(), 1);
    let fused = &found[0].cost;
    near(fused.energy_of("compute").0, apart.energy_of("compute").0);
    // 32 numbers: one write and one read of SRAM, one crossing out and one in.
    near(fused.energy_of("sram").0, apart.energy_of("sram").0 - 32.0 * 24e-12);
    near(fused.energy_of("register").0, apart.energy_of("register").0 - 32.0 * 4e-12);
    near(fused.moved_in("sram").0, apart.moved_in("sram").0 - 32.0 * 8.0);
    assert!(fused.latency < apart.latency);
}

#[test]
fn rows_are_not_whole_behind_an_array() {
    let scores =
        Work { op: "matmul", inputs: vec![tensor(&[4, 8]), tensor(&[8, 16])], output: tensor(&[4, 16]), macs: 512 };
    let next = |op| Work { op, inputs: vec![tensor(&[4, 16])], output: tensor(&[4, 16]), macs: 0 };
    let kernels = |machine: &str, op, by_row| {
        let product = Member { work: scores.clone(), inside: vec![false, false], by_row: false };
        let members = [product, Member { work: next(op), inside: vec![true], by_row }];
        target(machine).electronic_fused(&members, &[None, None], false).len()
    };
    assert_eq!((kernels("npu", "gelu", false), kernels("npu", "softmax", true)), (1, 0));
    assert_eq!(kernels("a100", "softmax", true), 1);
}
