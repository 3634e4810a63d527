//! Every diagnostic code, once. A code never changes meaning; its page is its doc comment.
//!
//! Ranges: `E01xx` usage and environment, `E02xx` model import, `E03xx` MLIR text, `E04xx` IR that does
//! not verify, `E05xx` target files, `E06xx` passes and pipelines, `E07xx` e-graphs and extraction,
//! `E08xx` schedule and simulation, `W....` warnings.

/// A kind of problem. `prism explain E0501` prints its page.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// `E0501`.
    pub name: &'static str,
    /// What it means, one line.
    pub title: &'static str,
    /// Why it happens and what to do.
    pub page: &'static str,
    /// Process exit code: 1 = input rejected or check failed, 2 = wrong usage or environment.
    pub exit: u8,
}

/// Declares the codes: `NAME, exit, "title"` below the page as doc comment.
macro_rules! codes {
    ($( $(#[doc = $page:literal])+ $name:ident, $exit:literal, $title:literal; )*) => {
        $( $(#[doc = $page])+
           pub static $name: Code = Code {
               name: stringify!($name), title: $title, page: concat!($($page, "\n"),+), exit: $exit,
           }; )*
        /// Every code, in order of name.
        pub static ALL: &[&Code] = &[$(&$name),*];
    };
}

codes! {
    /// A command line that asks for something that does not exist or contradicts itself.
    /// `prism COMMAND --help` lists what is accepted.
    E0101, 2, "wrong usage";
    /// A file named on the command line cannot be opened or read.
    E0102, 2, "input cannot be read";
    /// An output cannot be written. Prism writes to a temporary name and renames at the end, so
    /// nothing half written is left behind.
    E0103, 2, "output cannot be written";
    /// A name (pass, dialect, op, target, option, code) that Prism does not know.
    /// `prism list` shows the known ones.
    E0104, 2, "unknown name";
    /// A tool or library that Prism needs is missing or has the wrong version. `prism doctor` prints the fix.
    E0105, 2, "environment is not ready";
    /// A reference page is not what the code says. `make docs` writes the pages anew; commit them with the change.
    E0106, 1, "reference page is stale";
    /// A shipped machine does not give a published figure within its tolerance. `prism validate --failed` shows which.
    E0107, 1, "published figure is not reproduced";

    /// The file is not a model in a format that Prism reads: ONNX (protobuf), a Hugging Face config, or `nn` MLIR text.
    E0201, 1, "not a model that Prism reads";
    /// The ONNX file ends early, or one of its length fields points outside the file.
    E0202, 1, "ONNX file is damaged";
    /// The ONNX version (IR version or operator set) is outside what Prism reads: opset 11 to 25.
    E0203, 1, "ONNX version is not supported";
    /// The graph uses operators, attributes or types that Prism does not support. All of them are listed at once.
    E0204, 1, "unsupported operators";
    /// A symbolic dimension such as `seq` has no value. Bind it with `--seq`, `--past`, `--batch` or `--dim NAME=N`.
    E0205, 2, "dimension is not bound";
    /// Shapes or element types in the graph contradict each other.
    E0206, 1, "shapes or types disagree";
    /// The graph is not a DAG, or names a value that nothing produces.
    E0207, 1, "graph is not well formed";
    /// A tensor or the whole graph is larger than Prism accepts.
    E0208, 1, "too large";
    /// A value is needed (for a shape, for folding) but the file does not hold it.
    E0209, 1, "value is not in the file";
    /// A config is not JSON, or has a field twice.
    E0210, 1, "config does not parse";
    /// A field of a config is missing, of the wrong kind, out of range, or contradicts another. All of them are listed at once.
    E0211, 1, "value out of range in config";
    /// The config is of an architecture that Prism does not build. `prism compile` also takes an ONNX export of the model.
    E0212, 1, "unknown architecture";
    /// The config asks for something that changes what the model computes and that Prism does not build, such as quantised weights
    /// or another kind of position embedding. All of it is listed at once.
    E0213, 1, "config asks for what is not built";
    /// A safetensors file, or the index of several, ends early, contradicts itself, or is no such file. Only headers are read.
    E0214, 1, "weight file is damaged";
    /// Weights beside a config are missing, or have other shapes or types than the config asks for. All of them are listed at once.
    E0215, 1, "weights do not fit the config";

    /// The MLIR text does not parse.
    E0301, 1, "MLIR text does not parse";
    /// The MLIR text is nested more deeply, or is larger, than Prism hands to the parser.
    E0302, 1, "MLIR text is too deep or too large";

    /// An operation breaks a rule of its dialect.
    E0401, 1, "IR does not verify";
    /// A module is not at the level that a command or pass expects.
    E0402, 1, "IR is at another level";

    /// The target file is not TOML.
    E0501, 1, "target file does not parse";
    /// A quantity in a target file has no unit, or a unit of another dimension.
    E0502, 1, "quantity without its unit";
    /// A target file has a field that Prism does not know.
    E0503, 1, "unknown field in target";
    /// A target file lacks a field.
    E0504, 1, "missing field in target";
    /// A value in a target file is outside its range or contradicts another.
    E0505, 1, "value out of range in target";

    /// Physics does not allow the machine: a waveguide cannot carry the light that its detectors need, a converter is slower
    /// than the clock, or more wavelengths share a waveguide than fit. The field that says so is named.
    /// `prism compile --allow-infeasible` goes on all the same; `prism cost` only warns.
    E0506, 1, "machine cannot be built";
    /// A machine has slips of published figures switched on in `[accounting.legacy]`. They exist so that `prism validate` can
    /// reproduce those figures; a compilation with them would repeat the slips.
    E0507, 1, "machine repeats slips of a publication";

    /// A pipeline text does not parse.
    E0601, 2, "pipeline does not parse";
    /// A pass expects another level than the one the pipeline is at.
    E0602, 2, "passes do not fit together";
    /// A pass option is unknown or its value is not accepted.
    E0603, 2, "wrong pass option";
    /// A pass failed. A reproducer was written; `prism repro FILE` replays it.
    E0604, 1, "pass failed";

    /// Operations that no unit of the target can realise. All of them are listed at once.
    E0701, 1, "no realisation on this target";
    /// An e-graph from which nothing can be extracted.
    E0702, 1, "nothing can be extracted";

    /// The program carries prices of another target than the one given. Prices are in the IR from `saturate` on, so a
    /// program is finished on the machine on which it was started; start again from `nn` for another.
    E0703, 1, "priced on another target";

    /// No plan was found that keeps `--max-latency` and `--max-energy`. The message says which limit is not met, the nearest value that
    /// a plan is known to have, and what no assignment can be below; between the two lies what is not known.
    E0704, 1, "limit cannot be met";

    /// A certificate of an extraction does not hold: a step of it is not allowed, or it gives a choice that is none. The e-graph and the certificate
    /// must belong together and be unchanged. When the certificate is Prism's own, it is a bug; please report it.
    E0705, 1, "certificate does not hold";

    /// A file that should hold an e-graph does not. `prism egraph` reads the JSON of egraph-serialize: `nodes` by name, each with its `eclass`, its
    /// `children` (nodes, which stand for their classes) and a `cost` of zero or more (1 where there is none), and `root_eclasses`. All that is wrong
    /// is reported at once.
    E0706, 1, "no usable e-graph";

    /// `saturate{check=true}` evaluates both sides of what rules say is equal, and these two differ. A rule is wrong, or it applies where its
    /// condition should have kept it away. The message names the rule and the first number that differs; nothing was compiled.
    E0707, 1, "a rule joined tensors that differ";

    /// `saturate{check=true}` evaluates every class at the size of the program, because rules may depend on sizes, and this program is too
    /// large for that.
    E0708, 1, "too large to check rules on";

    /// What the chosen operations take of something together, such as blocks of weights that a photonic unit stores, is more than there is,
    /// whatever is chosen. The message names it, what is needed at least, and the nearest value with which a plan is known to be.
    E0709, 1, "capacity cannot be kept";

    /// A plan that cannot be simulated: a task waits for itself, or uses a unit that does not exist.
    E0801, 1, "plan is not executable";

    /// The results that a plan must hold at the same time do not fit into the working memory of the target. Results that are
    /// too large lie off chip and stream; `saturate{resident=...}` says how much of the memory the others may take.
    E0802, 1, "plan does not fit into a memory";

    /// A lookup whose indices are known reads outside its table, such as a position beyond a position embedding. The
    /// machine's time and energy are as given, but the model has no such row.
    W0201, 0, "index outside its table";

    /// A config has no `model_type`. Its class in `architectures` says which architecture is meant as a rule; where a config was edited, the two may
    /// differ.
    W0202, 0, "architecture is assumed";

    /// Saturation stopped before it was saturated, so the optimum is over a part of the space.
    W0701, 0, "saturation stopped early";
    /// The answer is good but not proven best within the search budget.
    W0702, 0, "optimality not proven";
    /// `--min-bits` asks for more effective bits than the widest number of the program has. A number can have no more bits than its own, so a
    /// unit that makes it with all of them counts as exact enough, and the limit asks for nothing more than full width.
    W0703, 0, "more bits asked for than numbers have";
    /// An e-graph from a file has keys that Prism does not read. A `cost` that is misspelt is no cost, and what has none costs 1. That a node is
    /// `subsumed` is not read either: rules are to pass it over, and tools differ in whether choices are.
    W0706, 0, "key of an e-graph is not read";
}

/// The code of that name, in any case.
pub fn find(name: &str) -> Option<&'static Code> {
    ALL.iter().copied().find(|c| c.name.eq_ignore_ascii_case(name))
}
