//! The plans between the fastest and the one that takes least, as a table and as a picture.

use super::facts::Point;
use prism_hardware::{Energy, Time};
use std::fmt::Write;

/// One row per plan, fastest first, each with what it cannot be below and how far it is from that.
pub fn csv(points: &[Point]) -> String {
    let mut out = "makespan_s,energy_j,makespan_bound_s,energy_bound_j,makespan_gap,energy_gap\n".to_string();
    for p in points {
        let gaps = (gap(p.makespan_s, p.makespan_bound_s), gap(p.energy_j, p.energy_bound_j));
        let bounds = (p.makespan_bound_s, p.energy_bound_j);
        let _ = writeln!(out, "{},{},{},{},{},{}", p.makespan_s, p.energy_j, bounds.0, bounds.1, gaps.0, gaps.1);
    }
    out
}

fn gap(value: f64, bound: f64) -> f64 {
    if value > 0.0 { ((value - bound) / value).max(0.0) } else { 0.0 }
}

/// Width and height of the picture, and its margins: left, right, top, bottom.
const SIZE: (f64, f64) = (720.0, 440.0);
const MARGIN: (f64, f64, f64, f64) = (92.0, 24.0, 58.0, 60.0);
/// A range of makespans wider than this is drawn logarithmically.
const WIDE: f64 = 8.0;

/// Values against pixels.
struct Axis {
    from: f64,
    to: f64,
    log: bool,
    pixels: (f64, f64),
}

impl Axis {
    fn new(values: impl Iterator<Item = f64> + Clone, pixels: (f64, f64), may_be_log: bool) -> Axis {
        let low = values.clone().fold(f64::INFINITY, f64::min);
        let high = values.fold(0.0, f64::max);
        let log = may_be_log && low > 0.0 && high / low > WIDE;
        if log {
            return Axis { from: low / 1.1, to: high * 1.1, log, pixels };
        }
        let room = ((high - low) * 0.06).max(high * 1e-3).max(f64::MIN_POSITIVE);
        Axis { from: (low - room).max(0.0), to: high + room, log, pixels }
    }

    fn at(&self, value: f64) -> f64 {
        let share = match self.log {
            true => (value / self.from).ln() / (self.to / self.from).ln(),
            false => (value - self.from) / (self.to - self.from),
        };
        self.pixels.0 + share.clamp(0.0, 1.0) * (self.pixels.1 - self.pixels.0)
    }

    /// Round values, a handful of them.
    fn ticks(&self) -> Vec<f64> {
        if self.log {
            let decades = (self.from.log10().floor() as i32)..=(self.to.log10().ceil() as i32);
            let all = decades.flat_map(|d| [1.0, 2.0, 5.0].map(|m| m * 10f64.powi(d)));
            return all.filter(|v| *v >= self.from && *v <= self.to).collect();
        }
        let rough = (self.to - self.from) / 5.0;
        let unit = 10f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0].map(|m| m * unit).into_iter().find(|s| *s >= rough).unwrap_or(unit);
        let first = (self.from / step).ceil() as i64;
        (first..first + 12).map(|i| i as f64 * step).filter(|v| *v <= self.to).collect()
    }
}

/// A picture of the plans over what no plan can be below. `chosen` is the plan of the report: makespan and energy. No plan takes less than
/// `least_j`.
pub fn svg(points: &[Point], chosen: (f64, f64), least_j: f64, title: &str) -> String {
    let (width, height) = SIZE;
    let (left, right, top, bottom) = MARGIN;
    let times = points.iter().map(|p| p.makespan_s).chain([chosen.0]);
    let energies = points.iter().flat_map(|p| [p.energy_j, p.energy_bound_j]).chain([chosen.1, least_j]);
    let x = Axis::new(times, (left, width - right), true);
    let y = Axis::new(energies, (height - bottom, top), false);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         font-family=\"sans-serif\" font-size=\"12\" fill=\"#333\">\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"white\"/>\n\
         <text x=\"{left}\" y=\"24\" font-size=\"15\">{}</text>\n",
        escape(title)
    );
    let worst = points.iter().map(|p| gap(p.energy_j, p.energy_bound_j)).fold(0.0, f64::max);
    let note = format!(
        "{} within {} of the least energy at its makespan; grey: where no plan can be",
        if points.len() == 1 { "1 plan,".to_string() } else { format!("{} plans, each", points.len()) },
        crate::bars::percent(worst)
    );
    let _ = writeln!(out, "<text x=\"{left}\" y=\"44\" fill=\"#777\">{}</text>", escape(&note));
    impossible(&mut out, points, least_j, &x, &y);
    axes(&mut out, &x, &y);
    // Between two plans lies the slower one's energy only from its makespan on.
    let place = |p: &Point| (x.at(p.makespan_s), y.at(p.energy_j));
    let mut path = String::new();
    for (at, point) in points.iter().map(place).enumerate() {
        let _ = match at {
            0 => write!(path, "M{:.1} {:.1}", point.0, point.1),
            _ => write!(path, "H{:.1}V{:.1}", point.0, point.1),
        };
    }
    let _ = writeln!(out, "<path d=\"{path}\" fill=\"none\" stroke=\"#1f6fb4\"/>");
    for p in points {
        let (cx, cy) = (x.at(p.makespan_s), y.at(p.energy_j));
        let said = format!("{}, {}", Time(p.makespan_s), Energy(p.energy_j));
        let _ = writeln!(
            out,
            "<circle cx=\"{cx:.1}\" cy=\"{cy:.1}\" r=\"3.5\" fill=\"#1f6fb4\"><title>{said}</title></circle>"
        );
    }
    let (cx, cy) = (x.at(chosen.0), y.at(chosen.1));
    let _ = writeln!(
        out,
        "<circle cx=\"{cx:.1}\" cy=\"{cy:.1}\" r=\"7\" fill=\"none\" stroke=\"#c4421a\" stroke-width=\"2\">\
         <title>the plan of the report</title></circle>"
    );
    let _ = writeln!(out, "</svg>");
    out
}

/// The region below the bounds. They fall with the makespan, in ways that rows do not tell: between two rows no plan is below the bound of
/// the slower one, and after the last one none takes less than `least_j`.
fn impossible(out: &mut String, points: &[Point], least_j: f64, x: &Axis, y: &Axis) {
    let floor = y.pixels.0;
    let Some(first) = points.first() else { return };
    // Left of the shortest makespan that any plan can have lies nothing.
    let mut at = x.at(first.makespan_bound_s.max(x.from));
    let mut corners = vec![(x.pixels.0, floor), (x.pixels.0, y.pixels.1), (at, y.pixels.1)];
    for point in points {
        corners.push((at, y.at(point.energy_bound_j)));
        at = x.at(point.makespan_s);
        corners.push((at, y.at(point.energy_bound_j)));
    }
    corners.extend([(at, y.at(least_j)), (x.pixels.1, y.at(least_j)), (x.pixels.1, floor)]);
    let text: Vec<String> = corners.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
    let _ = writeln!(out, "<polygon points=\"{}\" fill=\"#e6e6e6\"/>", text.join(" "));
}

fn axes(out: &mut String, x: &Axis, y: &Axis) {
    let (left, end, floor, top) = (x.pixels.0, x.pixels.1, y.pixels.0, y.pixels.1);
    for tick in x.ticks() {
        let at = x.at(tick);
        let _ = writeln!(
            out,
            "<line x1=\"{at:.1}\" y1=\"{floor}\" x2=\"{at:.1}\" y2=\"{:.1}\" stroke=\"#333\"/>\
             <text x=\"{at:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
            floor + 5.0,
            floor + 19.0,
            Time(tick)
        );
    }
    for tick in y.ticks() {
        let at = y.at(tick);
        let _ = writeln!(
            out,
            "<line x1=\"{:.1}\" y1=\"{at:.1}\" x2=\"{left}\" y2=\"{at:.1}\" stroke=\"#333\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            left - 5.0,
            left - 8.0,
            at + 4.0,
            Energy(tick)
        );
    }
    let _ = writeln!(out, "<path d=\"M{left} {top}V{floor}H{end}\" fill=\"none\" stroke=\"#333\"/>");
    let scale = if x.log { "makespan (logarithmic)" } else { "makespan" };
    let (middle, below) = ((left + end) / 2.0, floor + 42.0);
    let _ = writeln!(out, "<text x=\"{middle:.1}\" y=\"{below:.1}\" text-anchor=\"middle\">{scale}</text>");
    let side = (floor + top) / 2.0;
    let _ = writeln!(
        out,
        "<text x=\"20\" y=\"{side:.1}\" text-anchor=\"middle\" transform=\"rotate(-90 20 {side:.1})\">dynamic energy</text>"
    );
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::{Point, csv, svg};

    fn points(near: f64) -> Vec<Point> {
        let point = |makespan_s: f64, energy_j: f64| Point {
            makespan_s,
            energy_j,
            makespan_bound_s: makespan_s * (1.0 - near),
            energy_bound_j: energy_j * (1.0 - near),
        };
        vec![point(1e-3, 5e-2), point(2e-3, 4e-2), point(4e-2, 3e-2)]
    }

    #[test]
    fn each_row_has_its_gaps() {
        let text = csv(&points(0.1));
        let rows: Vec<Vec<f64>> =
            text.lines().skip(1).map(|l| l.split(',').map(|v| v.parse().expect("a number")).collect()).collect();
        assert_eq!(rows.len(), 3);
        for row in rows {
            assert!(
                (row[4] - (1.0 - row[2] / row[0])).abs() < 1e-12 && (row[5] - (1.0 - row[3] / row[1])).abs() < 1e-12
            );
        }
    }

    #[test]
    fn every_plan_is_in_the_picture_and_nothing_is_outside() {
        for points in [points(0.1), points(1e-6), points(0.1)[..1].to_vec()] {
            let text = svg(&points, (2e-3, 4e-2), 2e-2, "a <b> & c");
            assert_eq!(text.matches("<circle").count(), points.len() + 1);
            assert!(text.contains("a &lt;b&gt; &amp; c") && !text.contains("NaN") && !text.contains("inf"));
            let names = text.split('<').skip(1).filter_map(|s| s.trim_start_matches('/').chars().next());
            assert!(names.into_iter().all(|c| c.is_ascii_lowercase()), "every `<` begins an element:\n{text}");
            let numbers = text.split("cx=\"").skip(1).filter_map(|s| s.split('"').next()?.parse::<f64>().ok());
            assert!(numbers.clone().count() > 0 && numbers.into_iter().all(|x| (0.0..=720.0).contains(&x)));
        }
    }
}
