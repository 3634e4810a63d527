//! Fields of electronic units.

use super::{FieldDoc, FieldKind as K, Range, SOURCE_DOC, field};

pub(super) const FIELDS: &[FieldDoc] = &[
    field("electronic", K::Tables, "Electronic units.").optional(),
    field("electronic.name", K::Name, "Name of the unit."),
    field("electronic.clock", K::Frequency, "Clock that kernels given in cycles run at.").range(Range::Positive),
    field("electronic.cores", K::Count, "Cores. A kernel takes one of them; several kernels run side by side.")
        .range(Range::Within(1.0, 65536.0)),
    field("electronic.part", K::Tables, "What draws power or takes area in the unit, beside the energy of its kernels.").optional(),
    field("electronic.part.name", K::Name, "Name of the part."),
    field("electronic.part.count", K::Formula, "How many; may use `cores`.").default("1"),
    field("electronic.part.power", K::Power, "Power of one while it is on.").default("0 W"),
    field("electronic.part.area", K::Area, "Area of one.").default("0 mm2"),
    field(
        "electronic.part.gating",
        K::Table,
        "How it is switched off while it has nothing to do. Without this table it is never switched off: `gating = none`.",
    )
    .optional(),
    field("electronic.part.gating.wake", K::Time, "Time at full power before each use.").default("0 s"),
    field("electronic.part.gating.residual", K::Fraction, "Share of the power that it draws when off.").default("0 %").range(Range::Within(0.0, 1.0)),
    field("electronic.part.source", K::Text, SOURCE_DOC).optional(),
    field("electronic.source", K::Text, SOURCE_DOC).optional(),
    field(
        "electronic.kernel",
        K::Tables,
        "What the unit can compute. Time and energy are linear:\n\
         fixed + per_output * numbers out + per_input * numbers in + per_row * rows + per_mac * multiply-accumulates.",
    ),
    field("electronic.kernel.name", K::Name, "Name of the kernel, unique in its unit."),
    field("electronic.kernel.ops", K::Names, "Operations it realises, by their `nn` names without the prefix."),
    field(
        "electronic.kernel.traffic",
        K::Choice(&["operands", "selected", "none"]),
        "What crosses between the working memory and the unit: all operands and the result; of the first operand only\n\
         as many numbers as the result has (gather, slice); or nothing (the result is the operand under another shape). A kernel\n\
         for `gather`, `gather_nd` and `slice` alone has `selected` where the file does not say, one for `reshape` alone `none`.",
    )
    .default("operands"),
    field(
        "electronic.kernel.array",
        K::Table,
        "Systolic array that does the multiply-accumulates, weights held: each block of rows x columns weights takes\n\
         2 rows + columns + M - 2 cycles, `rows` of them to load it; time = ceil(blocks / arrays) times that. The linear terms\n\
         are added to it.",
    )
    .optional(),
    field("electronic.kernel.array.rows", K::Count, "Rows: inner dimension done at once.").range(Range::Within(1.0, 65536.0)),
    field("electronic.kernel.array.columns", K::Count, "Columns: outputs done at once.").range(Range::Within(1.0, 65536.0)),
    field("electronic.kernel.array.arrays", K::Count, "Arrays side by side.").default("1").range(Range::Within(1.0, 65536.0)),
    field("electronic.kernel.array.double_buffered", K::Flag, "Whether the next block of weights is loaded while one is used: `rows` cycles less per block.")
        .default("false"),
    field("electronic.kernel.source", K::Text, SOURCE_DOC).optional(),
    field("electronic.kernel.time", K::Table, "Terms of the time on one core, in seconds or cycles."),
    field("electronic.kernel.time.fixed", K::Duration, "Time however much work.").default("0 s"),
    field("electronic.kernel.time.per_output", K::Duration, "Time per number of the result.").default("0 s"),
    field("electronic.kernel.time.per_input", K::Duration, "Time per number of all operands.").default("0 s"),
    field("electronic.kernel.time.per_row", K::Duration, "Time per row (last axis) of the first operand.").default("0 s"),
    field("electronic.kernel.time.per_mac", K::Duration, "Time per multiply-accumulate.").default("0 s"),
    field("electronic.kernel.energy", K::Table, "Terms of the energy spent in the unit."),
    field("electronic.kernel.energy.fixed", K::Energy, "Energy however much work.").default("0 J"),
    field("electronic.kernel.energy.per_output", K::Energy, "Energy per number of the result.").default("0 J"),
    field("electronic.kernel.energy.per_input", K::Energy, "Energy per number of all operands.").default("0 J"),
    field("electronic.kernel.energy.per_row", K::Energy, "Energy per row (last axis) of the first operand.").default("0 J"),
    field("electronic.kernel.energy.per_mac", K::Energy, "Energy per multiply-accumulate.").default("0 J"),
    field(
        "electronic.kernel.large",
        K::Table,
        "Another fit of the time for operands with a long axis. The larger of both times counts, because a fit\n\
         with a negative offset means nothing for little work.",
    )
    .optional(),
    field("electronic.kernel.large.when_dim_above", K::Count, "It applies when an axis of an operand is longer than this.")
        .range(Range::Within(1.0, 9e15)),
    field("electronic.kernel.large.source", K::Text, SOURCE_DOC).optional(),
    field("electronic.kernel.large.time", K::Table, "Terms of the time, as in the kernel itself."),
    field("electronic.kernel.large.time.fixed", K::Duration, "Time however much work; may be negative.")
        .default("0 s")
        .range(Range::Any),
    field("electronic.kernel.large.time.per_output", K::Duration, "Time per number of the result.").default("0 s"),
    field("electronic.kernel.large.time.per_input", K::Duration, "Time per number of all operands.").default("0 s"),
    field("electronic.kernel.large.time.per_row", K::Duration, "Time per row (last axis) of the first operand.").default("0 s"),
    field("electronic.kernel.large.time.per_mac", K::Duration, "Time per multiply-accumulate.").default("0 s"),
];
