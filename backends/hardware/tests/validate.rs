use prism_hardware::validate::{rows, run};
#[test]
fn show() {
    let out = run(&rows());
    for o in &out { if o.published.is_some() { println!("{} {:<55} {:>14.6?} {:>12?} {} err {:+.3}% tol {:.2}% wo {:?}", if o.pass {"ok  "} else {"FAIL"}, o.id, o.ours.unwrap_or(f64::NAN), o.published.unwrap_or(0.0), o.unit, o.error.unwrap_or(f64::NAN)*100.0, o.tolerance*100.0, o.ours_without_legacy); } }
    println!("{} rows, {} fail", out.len(), out.iter().filter(|o| !o.pass).count());
}
