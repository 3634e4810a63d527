//! Rotary position embedding: which frequencies, and how configs stretch them to longer contexts.
//!
//! Every scaling changes the numbers of the tables alone, so that a model costs the same with any of them. As
//! `modeling_rope_utils.py` of Hugging Face's transformers computes them.

use super::fields::{EXTENT, Fields};
use super::json::Json;
use std::f64::consts::PI;

/// A rotary embedding.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Rope {
    /// Channels that are rotated; even.
    pub(crate) channels: u64,
    theta: f64,
    scaling: Scaling,
}

#[derive(Clone, Debug, PartialEq)]
enum Scaling {
    None,
    /// Positions divided by a factor: Chen et al., arXiv 2306.15595.
    Linear(f64),
    /// The base grows with the length beyond `max`.
    Dynamic {
        factor: f64,
        max: f64,
    },
    /// Low frequencies divided, high ones kept, between them a mixture: Llama 3.1.
    Llama3 {
        factor: f64,
        low: f64,
        high: f64,
        original: f64,
    },
    /// Peng et al., arXiv 2309.00071.
    Yarn {
        factor: f64,
        fast: f64,
        slow: f64,
        original: f64,
        truncate: bool,
        tables: f64,
    },
    /// A divisor for each frequency, one set up to the original length and one beyond: Ding et al., arXiv 2402.13753.
    Long {
        short: Vec<f64>,
        long: Vec<f64>,
        original: f64,
        tables: f64,
    },
}

/// What `rope_type` may say.
const TYPES: &str = "default, linear, dynamic, llama3, yarn, longrope";

/// Range of factors that stretch positions.
const FACTOR: std::ops::RangeInclusive<f64> = 1e-6..=1e9;

impl Rope {
    /// The embedding of heads with so many channels, from the fields of a config: `rope_parameters`, or `rope_theta` and
    /// `rope_scaling`. `head` is the number of channels and the field that says it.
    pub(crate) fn of(f: &Fields<'_>, head: (&str, u64), theta: f64) -> Rope {
        let found = f.object("rope_parameters").or_else(|| f.object("rope_scaling"));
        let theta = f.maybe_number("rope_theta", 1.0 + 1e-6..=1e12).unwrap_or(theta);
        let part = f.maybe_number("partial_rotary_factor", 0.0..=1.0);
        Rope::with(f, found, (head, theta, part.unwrap_or(1.0)))
    }

    /// The same from `found`, an object with the parameters; theta and the rotated part of the channels by default.
    pub(crate) fn with(
        f: &Fields<'_>,
        found: Option<Fields<'_>>,
        ((field, head_dim), theta, part): ((&str, u64), f64, f64),
    ) -> Rope {
        let theta = found.and_then(|o| o.maybe_number("rope_theta", 1.0 + 1e-6..=1e12)).unwrap_or(theta);
        let part = found.and_then(|o| o.maybe_number("partial_rotary_factor", 0.0..=1.0)).unwrap_or(part);
        // Channels are below 2^28, so that floats hold them exactly.
        let channels = (head_dim as f64 * part) as u64;
        if channels < 2 || !channels.is_multiple_of(2) {
            let found = format!("{channels} rotated channels of {head_dim}");
            let sizes = ["hidden_size", "num_attention_heads"];
            f.contradicts(field, &sizes, found, "an even number of rotated channels, at least 2");
            return Rope { channels: 2, theta, scaling: Scaling::None };
        }
        let scaling = found.map_or(Scaling::None, |o| scaling(f, &o, channels));
        Rope { channels, theta, scaling }
    }

    /// What the products of an attention are scaled by beside the root of its channels, as DeepSeek's models do where the
    /// config has `mscale_all_dim`.
    pub(crate) fn score_factor(f: &Fields<'_>) -> f64 {
        let Some(o) = f.object("rope_parameters").or_else(|| f.object("rope_scaling")) else { return 1.0 };
        let all = o.maybe_number("mscale_all_dim", 0.0..=1e6).unwrap_or(0.0);
        if kind(&o) == "default" || all == 0.0 {
            return 1.0;
        }
        stretched(o.maybe_number("factor", FACTOR).unwrap_or(1.0), all).powi(2)
    }

    /// Angle per position of each pair of channels, for a context of `total` tokens.
    pub(crate) fn frequencies(&self, total: u64) -> Vec<f64> {
        let (n, total) = (self.channels as f64, total as f64);
        let base = match self.scaling {
            Scaling::Dynamic { factor, max } if n > 2.0 => {
                let stretch = factor * total.max(max) / max - (factor - 1.0);
                self.theta * stretch.max(f64::MIN_POSITIVE).powf(n / (n - 2.0))
            }
            _ => self.theta,
        };
        let plain = (0..self.channels / 2).map(|i| base.powf(-(2.0 * i as f64) / n));
        match &self.scaling {
            Scaling::None | Scaling::Dynamic { .. } => plain.collect(),
            Scaling::Linear(factor) => plain.map(|w| w / factor).collect(),
            Scaling::Llama3 { factor, low, high, original } => {
                plain.map(|w| llama3(w, *factor, (*low, *high), *original)).collect()
            }
            Scaling::Yarn { factor, fast, slow, original, truncate, .. } => {
                let ramp = Ramp::new(n, self.theta, (*fast, *slow), *original, *truncate);
                plain.enumerate().map(|(i, w)| ramp.mix(i, w / factor, w)).collect()
            }
            Scaling::Long { short, long, original, .. } => {
                let by = if total > *original { long } else { short };
                plain.zip(by).map(|(w, by)| w / by).collect()
            }
        }
    }

    /// What sines and cosines are multiplied by.
    pub(crate) fn table_factor(&self) -> f64 {
        match self.scaling {
            Scaling::Yarn { tables, .. } | Scaling::Long { tables, .. } => tables,
            _ => 1.0,
        }
    }
}

fn kind<'c>(o: &Fields<'c>) -> &'c str {
    o.word("rope_type").or_else(|| o.word("type")).unwrap_or("default")
}

fn scaling(f: &Fields<'_>, o: &Fields<'_>, channels: u64) -> Scaling {
    let factor = || o.number("factor", FACTOR);
    let max = || f.count("max_position_embeddings", EXTENT) as f64;
    let original = || {
        let found = f.maybe_count("original_max_position_embeddings", EXTENT);
        let found = found.or_else(|| o.maybe_count("original_max_position_embeddings", EXTENT));
        found.map_or_else(max, |n| n as f64)
    };
    match kind(o) {
        "default" => Scaling::None,
        "linear" => Scaling::Linear(factor()),
        "dynamic" => Scaling::Dynamic { factor: factor(), max: max() },
        "llama3" => {
            let (low, high) = (o.number("low_freq_factor", 1e-6..=1e6), o.number("high_freq_factor", 1e-6..=1e6));
            if low == high {
                o.wrong("high_freq_factor", high.to_string(), format!("another number than low_freq_factor, {low}"));
            }
            Scaling::Llama3 { factor: factor(), low, high, original: original() }
        }
        // Phi-3 says `su` and `yarn` for what is longrope with its lists of divisors.
        "longrope" | "su" => long(o, channels, (max, original)),
        "yarn" if o.has("short_factor") => long(o, channels, (max, original)),
        "yarn" => yarn(o, factor(), original()),
        other => {
            let name = if o.has("rope_type") { "rope_type" } else { "type" };
            o.unsupported(name, &format!("\"{other}\""), TYPES);
            Scaling::None
        }
    }
}

fn yarn(o: &Fields<'_>, factor: f64, original: f64) -> Scaling {
    let number = |name| o.maybe_number(name, 0.0..=1e6).filter(|x| *x != 0.0);
    let tables = o.maybe_number("attention_factor", 0.0..=1e6).unwrap_or_else(|| {
        match (number("mscale"), number("mscale_all_dim")) {
            (Some(one), Some(all)) => stretched(factor, one) / stretched(factor, all),
            _ => stretched(factor, 1.0),
        }
    });
    let (fast, slow) = (number("beta_fast").unwrap_or(32.0), number("beta_slow").unwrap_or(1.0));
    Scaling::Yarn { factor, fast, slow, original, truncate: o.flag("truncate", true), tables }
}

fn long(o: &Fields<'_>, channels: u64, (max, original): (impl Fn() -> f64, impl Fn() -> f64)) -> Scaling {
    let original = original();
    let divisors = |name: &str| {
        let positive = |v: &Json| v.number().filter(|x| *x > 0.0);
        let found = o.list(name, "positive numbers", positive).unwrap_or_else(|| {
            if !o.has(name) {
                o.wrong(name, "absent", format!("{} positive numbers", channels / 2));
            }
            Vec::new()
        });
        if !found.is_empty() && found.len() as u64 != channels / 2 {
            o.wrong(
                name,
                format!("{} numbers", found.len()),
                format!("{}, one for each pair of channels", channels / 2),
            );
        }
        found
    };
    let (short, long) = (divisors("short_factor"), divisors("long_factor"));
    let factor = o.maybe_number("factor", FACTOR).unwrap_or_else(|| max() / original);
    let tables = o.maybe_number("attention_factor", 0.0..=1e6);
    let grown = || if factor <= 1.0 || original <= 1.0 { 1.0 } else { (1.0 + factor.ln() / original.ln()).sqrt() };
    Scaling::Long { short, long, original, tables: tables.unwrap_or_else(grown) }
}

/// Growth of the scores with the length of the context: Peng et al., arXiv 2309.00071, equation 22.
fn stretched(factor: f64, by: f64) -> f64 {
    if factor <= 1.0 { 1.0 } else { 0.1 * by * factor.ln() + 1.0 }
}

fn llama3(w: f64, factor: f64, (low, high): (f64, f64), original: f64) -> f64 {
    let length = 2.0 * PI / w;
    if length > original / low {
        return w / factor;
    }
    if length < original / high {
        return w;
    }
    let smooth = (original / length - low) / (high - low);
    (1.0 - smooth) * w / factor + smooth * w
}

/// From frequencies that are kept to those that are divided: Peng et al., arXiv 2309.00071, section 3.2.
struct Ramp {
    low: f64,
    high: f64,
}

impl Ramp {
    fn new(channels: f64, theta: f64, (fast, slow): (f64, f64), original: f64, truncate: bool) -> Ramp {
        let pair = |turns: f64| channels * (original / (turns * 2.0 * PI)).ln() / (2.0 * theta.ln());
        let (mut low, mut high) = (pair(fast), pair(slow));
        if truncate {
            (low, high) = (low.floor(), high.ceil());
        }
        let (low, high) = (low.max(0.0), high.min(channels - 1.0));
        // Without a ramp the step is steep.
        Ramp { low, high: if low == high { high + 0.001 } else { high } }
    }

    fn mix(&self, pair: usize, divided: f64, kept: f64) -> f64 {
        let share = ((pair as f64 - self.low) / (self.high - self.low)).clamp(0.0, 1.0);
        divided * share + kept * (1.0 - share)
    }
}
