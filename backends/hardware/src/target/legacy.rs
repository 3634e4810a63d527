//! Slips that published figures contain: a closed list, off by default.

use super::read::{Reader, Section};

/// Declares the slips: field name, field of [`Legacy`].
macro_rules! slips {
    ($($(#[$doc:meta])* $name:ident;)*) => {
        /// Which slips are on. [`crate::target::explain`] says what each is.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub struct Legacy { $($(#[$doc])* pub $name: bool,)* }

        impl Legacy {
            /// The names of all slips, as in `[accounting.legacy]`.
            pub const NAMES: &[&str] = &[$(stringify!($name)),*];

            /// The names of those that are on.
            pub fn on(&self) -> Vec<&'static str> {
                [$((stringify!($name), self.$name)),*].into_iter().filter(|(_, on)| *on).map(|(name, _)| name).collect()
            }

            /// These slips on, by name; unknown names count for nothing.
            pub fn of(names: &[&str]) -> Legacy {
                Legacy { $($name: names.contains(&stringify!($name)),)* }
            }

            pub(crate) fn read<'t>(reader: &Reader<'t>, section: &Section<'t>) -> Option<Legacy> {
                $(let $name = reader.flag(section, stringify!($name));)*
                Some(Legacy { $($name: $name?,)* })
            }
        }
    };
}

slips! {
    /// The working memory reads no operand of a product of two results.
    attention_buffer_slip;
    /// Reloads of the local buffer in such products are not rounded up.
    attention_fractional_reload;
    /// Other work is counted for one block of the model.
    one_block_non_gemm;
    /// Other work is counted at 4 bits.
    four_bit_non_gemm;
    /// Seconds of other work are added to milliseconds.
    seconds_added_to_milliseconds;
    /// Where attention is skipped, q, k and v are counted twice.
    qkv_counted_twice;
    /// Loading weights takes no time.
    no_weight_time;
    /// Parts with `area_slip = true` have no area.
    area_without_input_modulators;
}
