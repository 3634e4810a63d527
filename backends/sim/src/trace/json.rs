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

    /// An array with one element per line, so that a trace can be searched with line tools.
    pub(super) fn array(&mut self, fill: impl FnOnce(&mut Self)) {
        self.separate();
        self.out.extend(b"[\n");
        fill(self);
        self.out.extend(b"\n]");
    }

    pub(super) fn text(&mut self, text: &str) -> &mut Self {
        self.separate();
        self.out.extend(serde_json::Value::from(text).to_string().bytes());
        self
    }

    /// A finite number, with as many digits as bring it back exactly.
    pub(super) fn number(&mut self, x: f64) -> &mut Self {
        const WHOLE: f64 = 9_007_199_254_740_992.0;
        if x.fract() == 0.0 && (0.0..WHOLE).contains(&x) {
            return self.whole(x as u128);
        }
        let text = serde_json::Number::from_f64(x).map_or("null".into(), |n| n.to_string());
        self.raw(&text)
    }

    pub(super) fn whole(&mut self, x: u128) -> &mut Self {
        self.raw(&x.to_string())
    }

    /// Text that is JSON already.
    pub(super) fn raw(&mut self, text: &str) -> &mut Self {
        self.separate();
        self.out.extend(text.bytes());
        self
    }
}
