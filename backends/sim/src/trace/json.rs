//! A JSON writer for one pass: no tree is built, so a trace costs little more than its bytes.

/// The text so far.
pub(super) struct Json {
    out: Vec<u8>,
}

impl Json {
    pub(super) fn with_capacity(bytes: usize) -> Self {
        Json { out: Vec::with_capacity(bytes) }
    }

    pub(super) fn finish(mut self) -> Vec<u8> {
        self.out.push(b'\n');
        self.out
    }

    /// Puts a comma unless this is the first thing here or the value of a key.
    fn separate(&mut self) {
        if !matches!(self.out.last(), None | Some(b'{' | b'[' | b':' | b'\n')) {
            self.out.push(b',');
        }
    }

    pub(super) fn key(&mut self, key: &str) -> &mut Self {
        self.text(key);
        self.out.push(b':');
        self
    }

    pub(super) fn object(&mut self, fill: impl FnOnce(&mut Self)) {
        self.separate();
        self.out.push(b'{');
        fill(self);
        self.out.push(b'}');
    }

    /// An array; [`line`](Self::line) starts each element on a line of its own, for line tools.
    pub(super) fn array(&mut self, fill: impl FnOnce(&mut Self)) {
        self.separate();
        self.out.push(b'[');
        fill(self);
        self.out.extend(b"\n]");
    }

    /// Starts a line inside an array.
    pub(super) fn line(&mut self) -> &mut Self {
        self.separate();
        self.out.push(b'\n');
        self
    }

    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        if text.bytes().all(|b| b >= b' ' && b != b'"' && b != b'\\') {
            self.separate();
            self.out.push(b'"');
            self.out.extend(text.bytes());
            self.out.push(b'"');
            return self;
        }
        self.value(&text)
    }

    /// A finite number, with as many digits as bring it back exactly.
    pub(super) fn number(&mut self, x: f64) -> &mut Self {
        const WHOLE: f64 = 9_007_199_254_740_992.0;
        if x.fract() == 0.0 && (0.0..WHOLE).contains(&x) {
            return self.whole(x as u64);
        }
        self.value(&x)
    }

    pub(super) fn whole(&mut self, x: u64) -> &mut Self {
        self.value(&x)
    }

    fn value(&mut self, value: &impl serde::Serialize) -> &mut Self {
        self.separate();
        // Memory takes every byte and neither texts nor numbers can fail, so there is no error to report.
        serde_json::to_writer(&mut self.out, value).unwrap_or_default();
        self
    }

    /// Text that is JSON already.
    pub(super) fn raw(&mut self, text: &str) -> &mut Self {
        self.separate();
        self.out.extend(text.bytes());
        self
    }
}
