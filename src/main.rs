//! Parses arguments, calls a command, prints a problem; nothing else.

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    sanzi::cli::rules::run(&arguments)
}
