//! What a unit's devices do for a product, counted; and what energy is spent for.

/// Declares an enum of words.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident, $list:ident, $count:literal; $($(#[$vdoc:meta])* $variant:ident = $word:literal,)*) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name { $($(#[$vdoc])* $variant,)* }

        /// The words, in order.
        pub const $list: [&str; $count] = [$($word),*];

        impl $name {
            /// All of them, in order.
            pub const ALL: [$name; $count] = [$($name::$variant),*];

            /// As in a target file.
            pub fn word(self) -> &'static str {
                match self { $($name::$variant => $word,)* }
            }

            /// The one of that word.
            pub fn parse(word: &str) -> Option<Self> {
                Self::ALL.into_iter().find(|e| e.word() == word)
            }
        }
    };
}

words! {
    /// Something that happens in a photonic unit a countable number of times per product.
    Event, EVENTS, 10;
    /// A core is lit for one cycle, padding included.
    CoreCycle = "core-cycle",
    /// A number of the row side (the held operand) is put onto light.
    RowEncode = "row-encode",
    /// A number of the column side (the streamed operand) is put onto light.
    ColumnEncode = "column-encode",
    /// A weight is written into the array.
    Program = "program",
    /// A weight is held for one cycle in which it is used.
    Hold = "hold",
    /// Light of an output falls on a detector for one cycle.
    Detect = "detect",
    /// An output, or a part of its sum, is read: amplifier, ADC.
    Read = "read",
    /// A number of a result drives the next product without becoming digital.
    Relay = "relay",
    /// A number of the result is finished.
    Output = "output",
    /// A multiply-accumulate.
    Mac = "mac",
}

words! {
    /// What energy is spent for.
    Cause, CAUSES, 7;
    /// Between numbers and light: DAC, modulator, detector, amplifier, ADC, programming.
    Convert = "convert",
    /// Memories and links.
    Move = "move",
    /// Holding weights.
    Hold = "hold",
    /// Electronic kernels, adders, multiply-accumulates that are priced as such.
    Compute = "compute",
    /// Light that does work.
    Laser = "laser",
    /// Parts that are on and do nothing.
    Idle = "idle",
    /// Light on lanes that have nothing to do.
    Padding = "padding",
}

impl Event {
    /// Whether it puts a number onto light.
    pub fn is_encoding(self) -> bool {
        matches!(self, Event::RowEncode | Event::ColumnEncode | Event::Program)
    }
}

/// Counts by event.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Events([f64; Event::ALL.len()]);

impl Events {
    /// How often it happens.
    pub fn of(&self, event: Event) -> f64 {
        self.0[event as usize]
    }

    /// Sets how often it happens.
    pub fn set(&mut self, event: Event, count: f64) {
        self.0[event as usize] = count;
    }

    /// How often a part that works on `on` works.
    pub fn on(&self, on: &[Event]) -> f64 {
        on.iter().map(|e| self.of(*e)).sum()
    }
}
