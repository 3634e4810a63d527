//! Fields of the machine as a whole: names, precision, memories, links, accounting.

use super::{FieldDoc, FieldKind as K, Range, SOURCE_DOC, field};

pub(super) const FIELDS: &[FieldDoc] = &[
    field("schema", K::Count, "Version of the target schema; this Prism reads version 2."),
    field("name", K::Name, "Name of the machine, as reports print it."),
    field("description", K::Text, "What the machine is, in a sentence or two."),
    field("source", K::Text, "Where the machine as a whole is described. Each table states its own source too."),
    field("precision", K::Table, "Widths of numbers."),
    field("precision.number", K::Bits, "Width at which floats are stored, moved and converted; wider ones in the model are narrowed to it, integers\n\
         keep their own width.").range(Range::Within(1.0, 1024.0)),
    field("precision.source", K::Text, SOURCE_DOC).optional(),
    field("placement", K::Table, "Which memory holds what before and after the program runs, and where it works."),
    field("placement.parameters", K::Name, "Memory in which weights lie at the start."),
    field("placement.inputs", K::Name, "Memory in which inputs lie at the start."),
    field("placement.results", K::Name, "Memory in which results are left at the end."),
    field("placement.working", K::Name, "On-chip memory that every unit reads its operands from and writes its results to."),
    field(
        "placement.weights",
        K::Choice(&["loaded", "streamed"]),
        "How a product reads a weight that lies off chip. `loaded`: all of it is brought to the working memory first.\n\
         `streamed`: it passes through the working memory block by block while the product runs, which then takes\n\
         max(compute, bytes / bandwidth) and needs room for a block alone.",
    )
    .default("loaded"),
    field("placement.source", K::Text, "Where this placement is described.").optional(),
    field("memory", K::Tables, "The memories, from the outermost (furthest from the units) to the innermost."),
    field("memory.name", K::Name, "Name; also the name of its energy component."),
    field("memory.read", K::EnergyPer, "Energy to read."),
    field("memory.write", K::EnergyPer, "Energy to write. Without it nothing is ever written there.").optional(),
    field("memory.capacity", K::Bytes, "How much it holds; without it, as much as is asked for.").optional().range(Range::Positive),
    field(
        "memory.bandwidth",
        K::Bandwidth,
        "Data per second that it reads and writes, both together. Work that moves more waits for it, and no two transfers of the\n\
         memory overlap.",
    )
    .default("unlimited")
    .range(Range::Positive),
    field("memory.leakage", K::Power, "Power drawn as long as the machine is on.").default("0 W"),
    field("memory.area", K::Area, "Area on the chip.").default("0 mm2"),
    field("memory.source", K::Text, SOURCE_DOC).optional(),
    field(
        "link",
        K::Tables,
        "One-way connections between neighbouring memories, and between the working memory and each unit.\n\
         A transfer costs: read energy of the one end, energy of the link, write energy of the other end;\n\
         time = latency + bytes / bandwidth.",
    ),
    field("link.from", K::Name, "Memory or unit at the start."),
    field("link.to", K::Name, "Memory or unit at the end."),
    field("link.latency", K::Time, "Time until the first number arrives."),
    field("link.bandwidth", K::Bandwidth, "Data per second.").range(Range::Positive),
    field(
        "link.clock",
        K::Frequency,
        "Clock of the transfer: the block that a unit's tile fetches takes whole periods of it. Without it time is\n\
         continuous.",
    )
    .optional()
    .range(Range::Positive),
    field("link.energy", K::EnergyPer, "Energy of the link itself, beside both ends.").default("0 pJ/number"),
    field("link.component", K::Name, "Name of the energy component that the link's own energy is booked under.").default("link"),
    field("link.source", K::Text, SOURCE_DOC).optional(),
    field("accounting", K::Table, "How published figures were counted.").optional(),
    field(
        "accounting.free",
        K::Words(&["light", "non-gemm"]),
        "What costs nothing, to see a ceiling. `light`: everything a photonic unit does itself, in energy and time; memories,\n\
         links and electronics stay. `non-gemm`: electronic kernels other than products.",
    )
    .optional(),
    field(
        "accounting.legacy",
        K::Table,
        "Slips of published figures, so that those figures can be reproduced. All are off; `prism validate` switches them\n\
         on case by case and prints both values; `prism compile` refuses a machine that has one on.",
    )
    .optional(),
    field(
        "accounting.legacy.attention_buffer_slip",
        K::Flag,
        "The working memory reads no operand of a product of two results: a factor of the published model multiplies the\n\
         same constant twice, so that the term vanishes (Lightening-Transformer's artifact).",
    )
    .default("false"),
    field(
        "accounting.legacy.attention_fractional_reload",
        K::Flag,
        "Reloads of the local buffer in products of two results are not rounded up (Lightening-Transformer's artifact).",
    )
    .default("false"),
    field(
        "accounting.legacy.one_block_non_gemm",
        K::Flag,
        "Work other than products is counted for one block of the model instead of all (Lightening-Transformer's artifact).",
    )
    .default("false"),
    field(
        "accounting.legacy.four_bit_non_gemm",
        K::Flag,
        "Work other than products is counted at 4 bits whatever the precision (Lightening-Transformer's artifact).",
    )
    .default("false"),
    field(
        "accounting.legacy.seconds_added_to_milliseconds",
        K::Flag,
        "The time of work other than products is in seconds and added to milliseconds (Lightening-Transformer's artifact).",
    )
    .default("false"),
    field(
        "accounting.legacy.qkv_counted_twice",
        K::Flag,
        "Where attention is skipped, the projection to q, k and v is counted again (Lightening-Transformer's artifact, mesh).",
    )
    .default("false"),
    field(
        "accounting.legacy.no_weight_time",
        K::Flag,
        "Loading weights takes no time (Lightening-Transformer's artifact, bank and mesh).",
    )
    .default("false"),
    field(
        "accounting.legacy.area_without_input_modulators",
        K::Flag,
        "Parts with `area_slip = true` have no area (Lightening-Transformer's artifact, mesh).",
    )
    .default("false"),
];
