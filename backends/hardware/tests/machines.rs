//! scratch
use prism_hardware::{MatmulWork, Stationary, Target, Ends};
use prism_hardware::target::SHIPPED;
#[test]
fn print() {
    for (n, _) in SHIPPED.iter().skip(11) {
        let x = match Target::shipped(n).expect("shipped") {
            Ok(t) => t,
            Err(p) => { println!("{}", prism_support::render::text_all(&p, false)); continue }
        };
        println!("{n} power {:?}\n total {} W peak {} TMAC/s", x.power().iter().map(|(k, v)| format!("{k} {:.4}", v.0)).collect::<Vec<_>>(), x.power().values().map(|p| p.0).sum::<f64>(), x.peak_macs_per_second()*1e-12);
        println!("   interval {:?}", x.interval(|t| t.power().values().map(|p| p.0).sum()));
        println!("   area {:?}\n total {}", x.area().iter().map(|(k, v)| format!("{k} {:.3}", v.0 * 1e6)).collect::<Vec<_>>(), x.area().values().map(|p| p.0).sum::<f64>() * 1e6);
        for l in x.infeasible() { println!("  {l:?}"); }
        for (m, k, nn) in [(128, 1024, 128), (128, 4096, 4096), (1, 4096, 4096)] {
            let g = x.gemm(&MatmulWork::new(1, m, k, nn), Stationary::Rhs).remove(0);
            println!("  {m},{k},{nn}: {} cycles {:.4} us {:.2} nJ {:.3} pJ/MAC util {:.3}", g.cycles, g.cost.latency.0 * 1e6, g.cost.total_energy().0 * 1e9, g.cost.total_energy().0*1e12/g.macs as f64, g.utilisation);
            for u in &x.photonic {
                let r = x.photonic_on(u, &MatmulWork::new(1, m, k, nn), Stationary::Rhs, Ends::default()).expect("r");
                println!("     {:.3} TOPS  {:.3} pJ/MAC", 2.0 * g.macs as f64 / r.cost.latency.0 * 1e-12, r.cost.total_energy().0*1e12/g.macs as f64);
            }
        }
    }
}
