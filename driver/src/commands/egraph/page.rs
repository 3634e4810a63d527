//! The page of `prism egraph view`: a drawing, a table, and nothing from elsewhere.

use super::compared::{more, value};
use crate::table::grouped;
use petgraph::stable_graph::{NodeIndex, StableDiGraph};
use prism_dialects::View;
use prism_hardware::Energy;
use prism_passes::egraph::explain::{Choice, Neighbour, Neighbourhood};
use prism_passes::egraph::extract::Measure;
use rust_sugiyama::configure::Config;
use std::fmt::Write;

/// Width of a box, pixels.
const WIDTH: f64 = 284.0;
/// Height of a line of text in a box.
const LINE: f64 = 17.0;
/// Space between boxes.
const SPACE: f64 = 34.0;
/// Characters that fit into a box.
const FITS: usize = 36;

/// What a view is called, and the fill of its box.
const PLACES: [(View, &str, &str); 5] = [
    (View::Light, "light in a unit", "#fff0c2"),
    (View::Readout, "light that leaves a unit", "#ffe0b8"),
    (View::Weights, "held by a unit", "#eadcf8"),
    (View::Digital, "on chip", "#dcebfa"),
    (View::Offchip, "off chip", "#e9ecef"),
];

const STYLE: &str = "body{font:14px/1.45 system-ui,sans-serif;color:#222;margin:24px;max-width:1500px}\
h1{font-size:20px;margin:0 0 4px}p{margin:4px 0 12px;color:#555}\
.drawing{overflow:auto;border:1px solid #ddd;border-radius:6px;background:#fff}\
table{border-collapse:collapse;margin-top:18px}th,td{text-align:left;padding:4px 14px 4px 0;border-bottom:1px solid #eee;vertical-align:top}\
td.n{text-align:right;white-space:nowrap}tr:target{background:#fff7d6}a{color:#1f5f99;text-decoration:none}a:hover{text-decoration:underline}\
.key span{display:inline-block;margin-right:16px}.key i{display:inline-block;width:14px;height:12px;border:1px solid #999;margin-right:5px;vertical-align:-1px}\
svg a:hover rect{stroke:#c4421a}svg text{font-family:system-ui,sans-serif}";

/// Where the boxes are, and how large the drawing is.
struct Layout {
    at: Vec<(f64, f64)>,
    size: (f64, f64),
}

/// The page.
pub(super) fn html(around: &Neighbourhood, title: &str, op: Option<&str>, best: f64, measure: Measure) -> String {
    let chosen = around.classes.iter().filter(|c| c.chosen.is_some()).count();
    let beside = around.classes.len() - chosen;
    let about = op.map(|op| format!(", about {op}")).unwrap_or_default();
    let n = |n: usize| grouped(n as u64);
    let facts = format!(
        "Best plan: {} ({measure}). Showing {} of {} e-classes of the plan{about}, and {} that only rivals read; the segment has {} e-classes with \
         {} e-nodes.",
        value(best, measure),
        n(chosen),
        n(around.in_plan),
        n(beside),
        n(around.in_all),
        n(around.nodes)
    );
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>{0}: e-graph</title>\n<style>{STYLE}</style>\n</head>\n\
         <body>\n<h1>{0}</h1>\n<p>{1}</p>\n",
        escape(title),
        escape(&facts)
    );
    key(&mut out);
    drawing(&mut out, around, (best, measure));
    table(&mut out, around, (best, measure));
    out.push_str("</body>\n</html>\n");
    out
}

fn key(out: &mut String) {
    out.push_str("<p class=\"key\">");
    for (_, words, fill) in PLACES {
        let _ = write!(out, "<span><i style=\"background:{fill}\"></i>{words}</span>");
    }
    out.push_str(
        "<span><b>bold</b>: chosen</span><span>italic: best rival, and what the best plan with it costs more</span>\
         <span>dashed: only rivals read it</span></p>\n",
    );
}

/// The lines of a box below its name.
fn lines(class: &Neighbour, (best, measure): (f64, Measure)) -> Vec<(String, String, &'static str)> {
    let mut out = Vec::new();
    if let Some(chosen) = &class.chosen {
        let energy = if chosen.own_j > 0.0 { Energy(chosen.own_j).to_string() } else { String::new() };
        out.push((chosen.what.clone(), energy, "font-weight=\"600\""));
    }
    if let Some(rival) = &class.rival {
        out.push((
            rival.choice.what.clone(),
            short(rival.more, best, measure),
            "font-style=\"italic\" fill=\"#a33a14\"",
        ));
    }
    let listed = out.len();
    if class.nodes > listed {
        let rest = class.nodes - listed;
        let text = if listed > 0 { format!("{rest} more") } else { format!("e-nodes: {rest}") };
        out.push((text, String::new(), "fill=\"#888\""));
    }
    out
}

/// By how much a rival's plan is dearer, without the share.
fn short(above: f64, best: f64, measure: Measure) -> String {
    let text = more(best + above, best, measure);
    text.split(" (").next().unwrap_or("").to_string()
}

fn drawing(out: &mut String, around: &Neighbourhood, of: (f64, Measure)) {
    let heights: Vec<f64> =
        around.classes.iter().map(|c| LINE.mul_add(2.0 + lines(c, of).len() as f64, 12.0)).collect();
    let layout = layout(around, &heights);
    let (width, height) = layout.size;
    let _ = writeln!(
        out,
        "<div class=\"drawing\"><svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" viewBox=\"0 0 {width:.0} \
         {height:.0}\" font-size=\"12\">"
    );
    for ((class, from), tall) in around.classes.iter().zip(&layout.at).zip(&heights) {
        let mut edges = |choice: &Choice, style: &str| {
            for to in choice.reads.iter().filter_map(|i| layout.at.get(*i)) {
                let (x1, y1, x2, y2) = (from.0 + WIDTH / 2.0, from.1 + tall, to.0 + WIDTH / 2.0, to.1);
                let bend = ((y2 - y1).abs() / 2.0).clamp(12.0, 60.0);
                let _ = writeln!(
                    out,
                    "<path d=\"M{x1:.1} {y1:.1}C{x1:.1} {:.1} {x2:.1} {:.1} {x2:.1} {y2:.1}\" fill=\"none\" {style}/>",
                    y1 + bend,
                    y2 - bend
                );
            }
        };
        if let Some(rival) = &class.rival {
            edges(&rival.choice, "stroke=\"#d9835f\" stroke-dasharray=\"4 3\"");
        }
        if let Some(chosen) = &class.chosen {
            edges(chosen, "stroke=\"#444\" stroke-width=\"1.4\"");
        }
    }
    for (i, ((class, at), tall)) in around.classes.iter().zip(&layout.at).zip(&heights).enumerate() {
        boxed(out, class, (i, *at, *tall), of);
    }
    out.push_str("</svg></div>\n");
}

fn boxed(out: &mut String, class: &Neighbour, (i, (x, y), tall): (usize, (f64, f64), f64), of: (f64, Measure)) {
    let fill = PLACES.iter().find(|(place, ..)| class.place == Some(*place)).map_or("#fff", |(.., fill)| fill);
    let dashes = if class.chosen.is_some() { "" } else { " stroke-dasharray=\"4 3\"" };
    let whole = lines(class, of).into_iter().map(|(left, right, _)| format!("{left} {right}"));
    let whole: Vec<String> = [class.name.clone(), placed(class)].into_iter().chain(whole).collect();
    let _ = write!(
        out,
        "<a href=\"#c{i}\"><g><title>{}</title><rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{WIDTH}\" height=\"{tall:.1}\" rx=\"5\" \
         fill=\"{fill}\" stroke=\"#777\"{dashes}/>",
        escape(&whole.join("\n"))
    );
    let line = |n: f64| LINE.mul_add(n, y + 17.0);
    let _ = write!(out, "<text x=\"{:.1}\" y=\"{:.1}\">{}</text>", x + 9.0, line(0.0), escape(&end(&class.name, FITS)));
    let view = end_cut(&placed(class), FITS + 4);
    let _ = write!(
        out,
        "<text x=\"{:.1}\" y=\"{:.1}\" font-size=\"11\" fill=\"#666\">{}</text>",
        x + 9.0,
        line(1.0),
        escape(&view)
    );
    for (n, (left, right, style)) in lines(class, of).into_iter().enumerate() {
        let at = line(2.0 + n as f64);
        let room = FITS.saturating_sub(right.chars().count() + 1).max(8);
        let _ =
            write!(out, "<text x=\"{:.1}\" y=\"{at:.1}\" {style}>{}</text>", x + 9.0, escape(&end_cut(&left, room)));
        let _ = write!(
            out,
            "<text x=\"{:.1}\" y=\"{at:.1}\" text-anchor=\"end\" {style}>{}</text>",
            x + WIDTH - 9.0,
            escape(&right)
        );
    }
    out.push_str("</g></a>\n");
}

/// Readers above what they read, as Sugiyama's method places them; parts that no edge joins beside one another.
fn layout(around: &Neighbourhood, heights: &[f64]) -> Layout {
    let mut graph: StableDiGraph<f64, ()> = StableDiGraph::new();
    let boxes: Vec<NodeIndex> = heights.iter().map(|tall| graph.add_node(*tall)).collect();
    for (class, from) in around.classes.iter().zip(&boxes) {
        let rival = class.rival.as_ref().map(|r| &r.choice);
        for to in class.chosen.iter().chain(rival).flat_map(|c| &c.reads).filter_map(|to| boxes.get(*to)) {
            // Conversions there and back make cycles: the first one says which is above.
            if from != to && !graph.contains_edge(*from, *to) && !graph.contains_edge(*to, *from) {
                graph.add_edge(*from, *to, ());
            }
        }
    }
    let config = Config { vertex_spacing: SPACE, ..Config::default() };
    let mut at = vec![(0.0, 0.0); heights.len()];
    let (mut left, mut bottom) = (SPACE, 0.0f64);
    for (part, ..) in rust_sugiyama::from_graph(&graph, &|_, tall| (WIDTH, *tall), &config) {
        let least = |f: &dyn Fn(&(f64, f64)) -> f64| part.iter().map(|(_, p)| f(p)).fold(f64::INFINITY, f64::min);
        let (x0, y0) = (least(&|p| p.0), least(&|p| p.1));
        let mut right = left;
        for (node, (x, y)) in &part {
            let place = (left + x - x0, SPACE + y - y0);
            right = right.max(place.0 + WIDTH);
            bottom = bottom.max(place.1 + graph.node_weight(*node).copied().unwrap_or(0.0));
            if let Some(slot) = at.get_mut(node.index()) {
                *slot = place;
            }
        }
        left = right + SPACE;
    }
    Layout { at, size: (left, bottom + SPACE) }
}

fn table(out: &mut String, around: &Neighbourhood, (best, measure): (f64, Measure)) {
    out.push_str(
        "<table>\n<tr><th>tensor</th><th>view</th><th>chosen</th><th>own energy</th><th>best rival</th><th>plan with it</th><th>e-nodes</th></tr>\n",
    );
    for (i, class) in around.classes.iter().enumerate() {
        let what = |c: &Choice| match c.not_shown {
            0 => c.what.clone(),
            n => format!("{} (reads {n} not shown)", c.what),
        };
        let chosen = class.chosen.as_ref().map_or("not in the plan".into(), what);
        let own = class.chosen.as_ref().map_or(String::new(), |c| Energy(c.own_j).to_string());
        let rival = class.rival.as_ref().map(|r| what(&r.choice)).unwrap_or_default();
        let above = class.rival.as_ref().map(|r| more(best + r.more, best, measure)).unwrap_or_default();
        let _ = writeln!(
            out,
            "<tr id=\"c{i}\"><td>{}</td><td>{}</td><td>{}</td><td class=\"n\">{}</td><td>{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
            escape(&class.name),
            escape(&placed(class)),
            escape(&chosen),
            escape(&own),
            escape(&rival),
            escape(&above),
            class.nodes
        );
    }
    out.push_str("</table>\n");
}

/// A view and where it is.
fn placed(class: &Neighbour) -> String {
    let place = PLACES.iter().find(|(place, ..)| class.place == Some(*place)).map_or("", |(_, words, _)| words);
    format!("{place}, {}", class.view)
}

/// The end of a long name, which says more than its start.
fn end(text: &str, most: usize) -> String {
    let count = text.chars().count();
    if count <= most {
        return text.to_string();
    }
    format!("…{}", text.chars().skip(count - most.saturating_sub(1)).collect::<String>())
}

/// The start of a long text.
fn end_cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_string();
    }
    format!("{}…", text.chars().take(most.saturating_sub(1)).collect::<String>())
}

/// Text as HTML.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
