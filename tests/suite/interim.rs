//! Interim stand-in for `prism opt`.
use prism_dialects::mlir::{PrintOptions, Session};
use prism_passes::manager::{Manager, Observers, Pipeline};
use std::process::ExitCode;

pub(crate) fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(2).collect();
    let mut file = String::new();
    let (mut pipe, mut target, mut json, mut out) = (String::new(), "lightcode".to_string(), false, None);
    let mut it = args.into_iter();
    while let Some(a) = it.next() {
        match a.as_str() {
            "-p" => pipe = it.next().unwrap_or_default(),
            "--target" => target = it.next().unwrap_or_default(),
            "--format" => json = it.next().as_deref() == Some("json"),
            "-o" => out = it.next(),
            _ => file = a,
        }
    }
    let text = std::fs::read_to_string(&file).unwrap_or_default();
    let run = || -> prism_support::Result<String> {
        let session = Session::new()?;
        let (_, toml) = prism_hardware::target::SHIPPED.iter().find(|(n, _)| *n == target).copied().unwrap_or_default();
        let machine = prism_hardware::Target::parse(&target, toml)?;
        let ir = session.parse(&file, &text)?;
        let pipeline = Pipeline::parse(&pipe, &session)?;
        let done = Manager::new(&session, pipeline, Observers::default()).target(&machine, toml).repro_dir(None).run(ir)?;
        Ok(done.ir.text(PrintOptions::default()))
    };
    match run() {
        Ok(t) => {
            match out {
                Some(o) => { let _ = std::fs::write(o, t); }
                None => print!("{t}"),
            }
            ExitCode::SUCCESS
        }
        Err(d) => {
            if json {
                let all: Vec<_> = d.0.iter().map(prism_support::render::json).collect();
                eprintln!("{:#}", serde_json::json!({ "diagnostics": all }));
            } else {
                eprint!("{}", prism_support::render::text_all(&d, false));
            }
            ExitCode::from(d.exit_code())
        }
    }
}
