//! The `sanzi` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    sanzi::cli::run(std::env::args_os())
}
