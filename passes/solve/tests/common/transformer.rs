//! Transformers on a CPU beside a photonic unit, with the figures of LightCode's machine (arXiv 2509.16443).

use prism_solve::extraction::ClassId;
use prism_solve::latency::{Class, Node, Problem};
use prism_solve::schedule::Resource;

/// Extents of a transformer with grouped queries and a gated feed-forward part.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    pub(crate) layers: u32,
    pub(crate) width: f64,
    pub(crate) kv_width: f64,
    pub(crate) heads: f64,
    pub(crate) feed_forward: f64,
    pub(crate) vocabulary: f64,
}

/// Llama-2-7B.
pub(crate) const LLAMA_7B: Shape =
    Shape { layers: 32, width: 4096.0, kv_width: 4096.0, heads: 32.0, feed_forward: 11008.0, vocabulary: 32000.0 };
/// Llama-2-70B.
pub(crate) const LLAMA_70B: Shape =
    Shape { layers: 80, width: 8192.0, kv_width: 1024.0, heads: 64.0, feed_forward: 28672.0, vocabulary: 32000.0 };

const CPU: u32 = 0;
const LIGHT: u32 = 1;
/// Seconds per elementary operation of the CPU, and per multiply-accumulate of both.
const CYCLE_S: f64 = 1.0 / 3.208e9;
const CPU_MAC_S: f64 = 68.456_846_371_798_75e-12;
const LIGHT_MAC_S: f64 = 1.0 / (20.0 * 9.7e9);
/// Joules per number: in and out of the CPU's memory, to light, from light, from DRAM.
const MOVE_J: f64 = 14e-12;
const ENCODE_J: f64 = 17.18e-12;
const DETECT_J: f64 = 15.6e-12;
const LOAD_J: f64 = 252e-12;

impl Shape {
    /// The e-graph of a prompt of so many tokens.
    pub(crate) fn prompt(&self, tokens: f64) -> Problem {
        let mut b = Builder::default();
        let (n, d) = (tokens, self.width);
        let mut x = b.class(vec![b.load(n * d)]);
        for _ in 0..self.layers {
            let norm = b.kernel(&[x], 6.0 * n * d, n * d);
            let q = b.product(norm, None, n * d, d);
            let [k, v] = [0, 1].map(|_| b.product(norm, None, n * self.kv_width, d));
            let [q, k] = [(q, d), (k, self.kv_width)].map(|(y, width)| b.rotated(y, n * width));
            let scores = b.product(q, Some(k), self.heads * n * n, d / self.heads);
            let weights = b.kernel(&[scores], 8.0 * self.heads * n * n, self.heads * n * n);
            let mixed = b.product(weights, Some(v), n * d, n);
            let attention = b.product(mixed, None, n * d, d);
            x = b.kernel(&[x, attention], n * d, n * d);
            let norm = b.kernel(&[x], 6.0 * n * d, n * d);
            let [gate, up] = [0, 1].map(|_| b.product(norm, None, n * self.feed_forward, d));
            let gate = b.kernel(&[gate], 5.0 * n * self.feed_forward, n * self.feed_forward);
            let inner = b.kernel(&[gate, up], n * self.feed_forward, n * self.feed_forward);
            let down = b.product(inner, None, n * d, self.feed_forward);
            x = b.kernel(&[x, down], n * d, n * d);
        }
        let logits = b.product(x, None, n * self.vocabulary, d);
        b.finish(logits)
    }
}

#[derive(Default)]
struct Builder {
    classes: Vec<Class>,
}

impl Builder {
    fn class(&mut self, nodes: Vec<Node>) -> ClassId {
        self.classes.push(Class { nodes });
        ClassId(self.classes.len() as u32 - 1)
    }

    fn load(&self, numbers: f64) -> Node {
        let energy = numbers * LOAD_J;
        Node { latency: 0.167e-9, energy, charged: energy, ..Node::default() }
    }

    fn on(&self, resource: u32, seconds: f64, energy: f64, children: &[ClassId]) -> Node {
        Node { latency: seconds, uses: vec![(resource, seconds)], energy, charged: energy, children: children.to_vec() }
    }

    fn convert(&mut self, from: ClassId, numbers: f64, each: f64) -> ClassId {
        let energy = numbers * each;
        self.class(vec![Node { latency: 10.167e-9, energy, charged: energy, children: vec![from], ..Node::default() }])
    }

    /// Work of the CPU that makes so many numbers.
    fn kernel(&mut self, from: &[ClassId], operations: f64, numbers: f64) -> ClassId {
        let energy = operations * 1e-12 + 2.0 * numbers * MOVE_J;
        let node = self.on(CPU, operations * CYCLE_S, energy, from);
        self.class(vec![node])
    }

    /// A rotary embedding: two branches of one tensor that meet again.
    fn rotated(&mut self, x: ClassId, numbers: f64) -> ClassId {
        let [a, b] = [1.0, 2.0].map(|ops| self.kernel(&[x], ops * numbers, numbers));
        self.kernel(&[a, b], numbers, numbers)
    }

    /// A product that makes so many numbers of `inner` terms each, with a weight if there is no right operand.
    fn product(&mut self, lhs: ClassId, rhs: Option<ClassId>, numbers: f64, inner: f64) -> ClassId {
        let weights = numbers.max(1.0);
        let load = self.load(weights);
        let rhs = rhs.unwrap_or_else(|| self.class(vec![load]));
        let macs = numbers * inner;
        let [held, streamed] = [(rhs, weights), (lhs, numbers)].map(|(of, n)| self.convert(of, n, ENCODE_J));
        let [swapped_held, swapped] = [(lhs, numbers), (rhs, weights)].map(|(of, n)| self.convert(of, n, ENCODE_J));
        let light = |b: &Builder, operands: [ClassId; 2]| b.on(LIGHT, macs * LIGHT_MAC_S, macs * 0.04e-12, &operands);
        let ways = vec![light(self, [streamed, held]), light(self, [swapped, swapped_held])];
        let readout = self.class(ways);
        let energy = numbers * DETECT_J;
        let detect = Node { latency: 10.167e-9, energy, charged: energy, children: vec![readout], ..Node::default() };
        let cpu = self.on(CPU, macs * CPU_MAC_S, macs * 0.1e-12 + 2.0 * numbers * MOVE_J, &[lhs, rhs]);
        self.class(vec![detect, cpu])
    }

    fn finish(self, root: ClassId) -> Problem {
        let resource = |name: &str| Resource { name: name.into(), capacity: 1 };
        Problem {
            resources: vec![resource("cpu"), resource("phu")],
            classes: self.classes,
            roots: vec![root],
            standing_w: 0.0,
        }
    }
}
