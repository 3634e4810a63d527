//! Fields of photonic units.

use super::{FieldDoc, FieldKind as K, Range, SOURCE_DOC, field};
use crate::cost::{CAUSES, EVENTS, LAWS};

const MANY: Range = Range::Within(1.0, 1e6);

pub(super) const FIELDS: &[FieldDoc] = &[
    field("photonic", K::Tables, "Photonic units, which compute matrix products Y[M,N] = X[M,K] W[K,N].").optional(),
    field("photonic.name", K::Name, "Name of the unit."),
    field(
        "photonic.class",
        K::Choice(&["mesh", "bank", "crossbar", "homodyne"]),
        "How the unit multiplies; docs/guide/machines.md has the formulas.\n\
         `mesh` (class A): coherent mesh, weights in phases; blocks of rows x inner weights are programmed one after another.\n\
         `bank` (class B): weights in rings, phase-change cells or photocurrent cells, one block at a time per core.\n\
         `crossbar` (class C): both operands are modulated every cycle; nothing is programmed.\n\
         `homodyne` (class D): both operands stream in time and a detector integrates over the inner dimension.",
    ),
    field("photonic.clock", K::Frequency, "Symbols per second of one modulator.").range(Range::Positive),
    field("photonic.tiles", K::Count, "Tiles.").default("1").range(Range::Within(1.0, 65536.0)),
    field("photonic.cores", K::Count, "Cores of a tile; one product is spread over all cores of all tiles.").default("1").range(Range::Within(1.0, 65536.0)),
    field("photonic.rows", K::Count, "Outputs that a core makes along the side of the held operand (N of X W when W is held).").range(MANY),
    field("photonic.columns", K::Count, "Outputs that a core makes along the side of the streamed operand (M).").default("1").range(MANY),
    field("photonic.inner", K::Count, "Products that a core adds up in one cycle (K): wavelengths or ports.").default("1").range(MANY),
    field(
        "photonic.gemm_columns",
        K::Count,
        "Columns that a matrix product can use, where a core is built for convolutions, whose windows share inputs.\n\
         Without it all `columns`.",
    )
    .optional()
    .range(MANY),
    field("photonic.wavelengths", K::Count, "Wavelengths on one waveguide.").default("1").range(MANY),
    field(
        "photonic.groups",
        K::Count,
        "Groups of wavelengths that carry products of their own at the same time: heads of an attention, matrices of a batch. Each\n\
         has its modulators, held weights and detectors, behind a demultiplexer: `count` parts so. A `mesh`, which all wavelengths\n\
         pass, holds one operand for all groups; there they carry columns of one product.",
    )
    .default("1")
    .range(Range::Within(1.0, 1024.0)),
    field("photonic.group_penalty", K::Decibel, "Light that a group needs more while others are lit, for the crosstalk between them.").default("0 dB"),
    field("photonic.channel_limit", K::Count, "Most wavelengths that fit into the free spectral range. A machine with more is infeasible.").optional().range(MANY),
    field(
        "photonic.outputs",
        K::Choice(&["blocks", "flat"]),
        "How results are dealt to a core of class `homodyne`: in blocks of rows x columns, or one by one to rows x columns lanes.",
    )
    .default("blocks"),
    field("photonic.precision", K::Bits, "Effective bits of a number as light.").range(Range::Within(1.0, 64.0)),
    field("photonic.readout_bits", K::Bits, "Bits of the converters behind the detectors. Without it, `precision`.").optional().range(Range::Within(1.0, 64.0)),
    field("photonic.dynamic", K::Flag, "Whether both operands of a product may be results, as in attention. A mesh that takes microseconds to program says false.").default("true"),
    field(
        "photonic.dynamic_rows",
        K::Choice(&["any", "lhs", "rhs"]),
        "Which operand of a product of two results is on the row side, where the machine's dataflow fixes it.",
    )
    .default("any"),
    field("photonic.signed_passes", K::Count, "Passes for a streamed operand with negative numbers; one without them takes one pass.").default("1").range(Range::Within(1.0, 4.0)),
    field(
        "photonic.accumulate",
        K::Count,
        "Cycles over which a detector or capacitor adds up before it is read. A `crossbar` uses at most ceil(K / (cores * inner));\n\
         classes A and B cannot, since all vectors pass by between two blocks of one output.",
    )
    .default("1")
    .range(Range::Within(1.0, 1e9)),
    field(
        "photonic.conversions",
        K::Choice(&["per-use", "once"]),
        "How conversions are billed. `per-use`: every time a number is put onto light, as often as the loop needs it.\n\
         `once`: once per number of a tensor however often it is used, as LightCode does.",
    )
    .default("per-use"),
    field("photonic.share_rows", K::Flag, "Whether the columns of a core share the light of the row side; if not, it is encoded for every output.").default("true"),
    field("photonic.share_columns", K::Flag, "Whether all tiles share the light of the column side. Then it is encoded 1/tiles as often.").default("true"),
    field("photonic.share_readout", K::Flag, "Whether the cores of a tile add their photocurrents before they are read (classes B and C).").default("true"),
    field(
        "photonic.arrays",
        K::Count,
        "Blocks of rows x inner weights that a unit of class `mesh` or `bank` stores, in all cores together. With it weights are\n\
         written before the model runs and stay: a product needs a held operand made of weights alone, whose blocks no other weight\n\
         can take, and pays neither for writing nor for loading them. Each core works on blocks that it stores, so fewer\n\
         blocks than cores leave cores idle. What holding costs in use is what parts on `hold` say; area and power of cells are what\n\
         `count` of their parts says. Without it a unit stores a block for each core, written anew by every product.",
    )
    .optional()
    .range(Range::Within(1.0, 1e12)),
    field("photonic.program_time", K::Time, "Time to write a block of weights (classes A and B).").default("0 s"),
    field(
        "photonic.readout",
        K::Choice(&["overlapped", "serial"]),
        "Whether reading a block of outputs overlaps the next block, or stands between them.",
    )
    .default("overlapped"),
    field("photonic.mac", K::MacEnergy, "Energy of one multiply-accumulate beside that of the parts.").default("0 pJ/MAC"),
    field("photonic.source", K::Text, SOURCE_DOC).optional(),
    field("photonic.part", K::Tables, "The devices of the unit. What they do for a product is counted in events.").optional(),
    field("photonic.part.name", K::Name, "Name of the part."),
    field("photonic.part.component", K::Name, "Energy component that it is booked under. Without it, the name.").optional(),
    field("photonic.part.cause", K::Choice(&CAUSES), "What its energy is spent for. Without it: `hold` on hold, `convert` on the others.").optional(),
    field("photonic.part.count", K::Formula, "Positions in the whole unit; may use tiles, cores, rows, columns, inner, wavelengths, groups, ceil(), log2(), max(), min()."),
    field("photonic.part.each", K::Count, "Devices at one position, used together.").default("1").range(Range::Within(1.0, 1024.0)),
    field("photonic.part.on", K::Words(&EVENTS), "Events at which one position works: see docs/guide/machines.md.").optional(),
    field("photonic.part.energy", K::Energy, "Energy of one device per event.").default("0 J"),
    field("photonic.part.power", K::Power, "Power of one device in use; an event takes one clock period, or 1 / throughput where that is longer.").default("0 W"),
    field("photonic.part.area", K::Area, "Area of one device.").default("0 mm2"),
    field("photonic.part.area_slip", K::Flag, "Whether `accounting.legacy.area_without_input_modulators` forgets its area.").default("false"),
    field("photonic.part.throughput", K::Frequency, "Most events per second of one position, where that is below the clock.").optional().range(Range::Positive),
    field("photonic.part.max_rate", K::Frequency, "Fastest clock that the part is built for. A faster unit is infeasible.").optional().range(Range::Positive),
    field(
        "photonic.part.law",
        K::Choice(&LAWS),
        "How energy and power of a converter follow its bits b and the clock f, from their values at `law_bits` and `law_rate`.\n\
         `measured`: as given. `lt` (DAC): P ~ f 2^b / b. `simphony` (DAC): P ~ f 2^b / (b + 1). `sar` (ADC): P ~ f b.\n\
         `flash` (ADC): P ~ f (2^b - 1). `thermal`: P ~ f 4^b. `fom`: `energy` is the figure of merit, E = 2 FoM b.\n\
         `walden`: `energy` is that of one step, E = FoM 2^b.",
    )
    .default("measured"),
    field("photonic.part.law_bits", K::Bits, "Bits at which `power` or `energy` holds.").optional().range(Range::Within(1.0, 64.0)),
    field("photonic.part.law_rate", K::Frequency, "Clock at which `power` holds.").optional().range(Range::Positive),
    field("photonic.part.bits", K::Bits, "Bits that it converts. Without it `precision`, or `readout_bits` on read.").optional().range(Range::Within(1.0, 64.0)),
    field("photonic.part.gating", K::Table, "How it is switched off while it has nothing to do. Without this table it is never switched off: `gating = none`.").optional(),
    field("photonic.part.gating.wake", K::Time, "Time at full power before each use.").default("0 s"),
    field("photonic.part.gating.residual", K::Fraction, "Share of the power that it draws when off.").default("0 %").range(Range::Within(0.0, 1.0)),
    field("photonic.part.source", K::Text, SOURCE_DOC).optional(),
    field(
        "photonic.laser",
        K::Table,
        "The light source, sized by the link budget: P = detected * loss * fan_out / (1 - 1/extinction) / wall_plug for each\n\
         core, where detected is the larger of the detector's need and the shot-noise floor 2^(2b+1) h nu f.",
    )
    .optional(),
    field("photonic.laser.component", K::Name, "Energy component.").default("laser"),
    field("photonic.laser.wall_plug", K::Fraction, "Light out over electricity in.").range(Range::Within(1e-6, 1.0)),
    field(
        "photonic.laser.detection",
        K::Choice(&["sensitivity", "noise"]),
        "What the detector needs: `sensitivity` as given, or `noise`: 2 snr noise_current / responsivity.",
    ),
    field("photonic.laser.sensitivity", K::OpticalPower, "Least light on a detector, with `detection = \"sensitivity\"`.").optional().range(Range::Positive),
    field("photonic.laser.noise_current", K::Current, "Input-referred rms noise current of the receiver, with `detection = \"noise\"`.").optional().range(Range::Positive),
    field("photonic.laser.responsivity", K::Responsivity, "Of the photodiode.").default("1 A/W").range(Range::Positive),
    field("photonic.laser.snr", K::Number, "Signal over noise that one level needs, as a ratio of amplitudes, with `detection = \"noise\"`.").optional().range(Range::Positive),
    field(
        "photonic.laser.convention",
        K::Choice(&["per-level", "steps", "full-scale"]),
        "What the detector's need is for. `per-level`: one of 2^b levels, so full scale is 2^b times that. `steps`: one of the\n\
         2^b - 1 steps between levels. `full-scale`: all of it.",
    )
    .default("per-level"),
    field("photonic.laser.bits", K::Bits, "Bits b of the link budget. Without it, `precision`.").optional().range(Range::Within(1.0, 64.0)),
    field("photonic.laser.fan_out", K::Formula, "Detectors that share the light of one core: the split of the link budget."),
    field("photonic.laser.extinction", K::Decibel, "Extinction ratio of the modulators; without it, infinite.").optional().range(Range::Positive),
    field("photonic.laser.frequency", K::Frequency, "Optical frequency, for the photon energy of the shot-noise floor.").default("193.4 THz").range(Range::Positive),
    field("photonic.laser.waveguides", K::Formula, "Waveguides that the light of one core is launched into.").default("1"),
    field("photonic.laser.waveguide_limit", K::OpticalPower, "Most light in one waveguide. A machine that needs more is infeasible.").optional().range(Range::Positive),
    field("photonic.laser.count", K::Formula, "Sources, for the area alone.").default("tiles * cores"),
    field("photonic.laser.area", K::Area, "Area of one source.").default("0 mm2"),
    field("photonic.laser.gating", K::Table, "How it is switched off while it has nothing to do. Without this table it is never switched off.").optional(),
    field("photonic.laser.gating.wake", K::Time, "Time at full power before each use.").default("0 s"),
    field("photonic.laser.gating.residual", K::Fraction, "Share of the power that it draws when off.").default("0 %").range(Range::Within(0.0, 1.0)),
    field("photonic.laser.source", K::Text, SOURCE_DOC).optional(),
    field("photonic.loss", K::Tables, "Losses and margins between source and detector, one entry per kind of element.").optional(),
    field("photonic.loss.element", K::Name, "What loses light."),
    field("photonic.loss.loss", K::Decibel, "Loss of one."),
    field("photonic.loss.count", K::Formula, "How many the light passes on the worst path.").default("1"),
    field("photonic.loss.source", K::Text, SOURCE_DOC).optional(),
    field(
        "photonic.storage",
        K::Tables,
        "Memories inside the unit. `buffer`: operand buffer of a tile, filled from the working memory. `register`: in front\n\
         of converters and behind the adders. `network`: what carries partial results between cores.",
    )
    .optional(),
    field("photonic.storage.level", K::Choice(&["register", "network", "buffer"]), "Which."),
    field("photonic.storage.component", K::Name, "Energy component. Without it, the level.").optional(),
    field("photonic.storage.energy", K::EnergyPer, "Energy of a read or a write.").default("0 pJ/bit"),
    field("photonic.storage.capacity", K::Bytes, "What one buffer holds: a longer row of the held operand is cut, and partial results are reloaded.").optional().range(Range::Positive),
    field("photonic.storage.count", K::Formula, "How many in the unit.").default("1"),
    field("photonic.storage.leakage", K::Power, "Power of one as long as the machine is on.").default("0 W"),
    field("photonic.storage.area", K::Area, "Area of one.").default("0 mm2"),
    field("photonic.storage.source", K::Text, SOURCE_DOC).optional(),
];
