//! What the arguments come to as text: the pipeline to run, and the command line that gives the same report.

use super::args::{Args, Strategy};
use crate::machine;
use crate::space::{Kept, word};
use prism_passes::pipelines::Stage;

/// The passes between two stages, with the options that the flags ask for.
pub(super) fn pipeline(args: &Args, start: Stage, end: Stage, resident: Option<f64>) -> String {
    args.space.pipeline((start, end), args.logits(), resident, &extract_options(args))
}

fn extract_options(args: &Args) -> Vec<String> {
    let mut options = args.goal.options();
    options.push(format!("strategy={}", word(args.strategy)));
    options.extend(args.verify_extraction.then(|| "verify=true".to_string()));
    options
}

/// The command line that gives the same report: without where things go and what is shown, without defaults.
pub(super) fn command(args: &Args) -> String {
    let mut words = vec!["prism".to_string(), "compile".into(), args.space.model.clone()];
    let mut flag = |name: &str, value: String| words.extend([name.to_string(), value]);
    if args.space.target != machine::DEFAULT {
        flag("--target", args.space.target.clone());
    }
    args.goal.asked.flags().into_iter().for_each(|(name, value)| flag(name, value));
    if let Some(plans) = args.goal.pareto {
        words.push(format!("--pareto={plans}"));
    }
    if args.verify_extraction {
        words.push("--verify-extraction".into());
    }
    let mut flag = |name: &str, value: String| words.extend([name.to_string(), value]);
    if args.strategy != Strategy::Exact {
        flag("--strategy", word(args.strategy));
    }
    if let Some(bits) = args.space.min_bits {
        flag("--min-bits", bits.to_string());
    }
    if !args.space.without.is_empty() {
        flag("--without", args.space.without.join(","));
    }
    if let Some(logits) = args.logits_given() {
        flag("--logits", word(logits));
    }
    if !args.prompt.is_empty() {
        flag("--prompt", args.prompt.iter().map(u64::to_string).collect::<Vec<_>>().join(","));
    }
    if let Some(n) = args.generate {
        flag("--generate", n.to_string());
    }
    if let Some(file) = &args.decode_model {
        flag("--decode-model", file.clone());
    }
    for set in &args.space.set {
        flag("--set", set.clone());
    }
    if !args.space.free.is_empty() {
        flag("--free", args.space.free.iter().map(|f| word(*f)).collect::<Vec<_>>().join(","));
    }
    if args.space.on_chip != Kept::None {
        flag("--on-chip", word(args.space.on_chip));
    }
    if args.space.seed != 0 {
        flag("--seed", args.space.seed.to_string());
    }
    if let Some(from) = &args.from {
        flag("--from", from.clone());
    }
    if args.every_step {
        words.push("--every-step".into());
    }
    if args.space.allow_infeasible {
        words.push("--allow-infeasible".into());
    }
    words.extend(args.space.dimensions.flags());
    let plain = |c: char| c.is_alphanumeric() || "_-./=+:,@%".contains(c);
    let quoted = words.iter().map(|w| match w.chars().all(plain) && !w.is_empty() {
        true => w.clone(),
        false => format!("'{}'", w.replace('\'', "'\\''")),
    });
    quoted.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::super::args::Args;
    use super::{command, pipeline};
    use clap::Parser;
    use prism_passes::pipelines::{Stage, between};

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: Args,
    }

    fn args(line: &str) -> Args {
        Line::parse_from(line.split_whitespace()).args
    }

    #[test]
    fn the_report_names_what_changes_the_result_and_nothing_else() {
        let shown = args("prism m.onnx -o out --timing --emit csv --diff --objective energy --seq 7");
        assert_eq!(command(&shown), "prism compile m.onnx --seq 7");
        let said = args("prism m.onnx --dim a=3 --strategy greedy-dag --target t.toml --min-bits 4 --seed 2");
        let flags = "--target t.toml --strategy greedy-dag --min-bits 4 --seed 2 --dim a=3";
        assert_eq!(command(&said), format!("prism compile m.onnx {flags}"));
        let more = args("prism m.onnx --pareto --objective edp --verify-extraction");
        assert_eq!(command(&more), "prism compile m.onnx --objective edp --pareto=24 --verify-extraction");
    }

    #[test]
    fn flags_become_options_of_the_passes_between_the_stages() {
        let plain = pipeline(&args("prism m"), Stage::Import, Stage::Plan, None);
        let options = "{objective=energy,strategy=exact}";
        assert_eq!(plain.replace(options, ""), between(Stage::Import, Stage::Plan));
        let some = args("prism m --min-bits 8 --verify-extraction --objective edp --max-latency 40ms --pareto");
        // What there is to choose from does not depend on what is to be least.
        assert_eq!(pipeline(&some, Stage::Nn, Stage::Stack, None), "inline-calls,saturate{min-bits=8}");
        let fewer = args("prism m --without relay,merge-shared-input");
        let saturate = "inline-calls,saturate{without=[relay,merge-shared-input]}";
        assert_eq!(pipeline(&fewer, Stage::Nn, Stage::Stack, None), saturate);
        let extract = "extract{objective=edp,max-latency=0.04,pareto=24,strategy=exact,verify=true},tile";
        assert_eq!(pipeline(&some, Stage::Stack, Stage::Assigned, None), extract);
        assert_eq!(pipeline(&some, Stage::Plan, Stage::Plan, None), "");
    }
}
