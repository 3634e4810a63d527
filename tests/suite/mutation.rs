crate::trials!("mutation":);
pub(crate) const CHILD: &str = "mutate-mlir";
pub(crate) fn child() -> std::process::ExitCode {
    std::process::ExitCode::SUCCESS
}
