//! A reader that has seen enough (`sanzi rules list | head`) ends the program quietly, as with every other command line tool.

/// What a process that the signal SIGPIPE had ended would leave behind.
const CLOSED: i32 = 128 + 13;

/// From now on a closed standard output ends the program instead of being told as a fault of the program.
/// Rust's `println!` turns the closed pipe into a panic; other panics are told as before.
pub fn end_quietly() {
    let told = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let said = info.payload_as_str().unwrap_or_default();
        if said.starts_with("failed printing to stdout") && said.contains("Broken pipe") {
            std::process::exit(CLOSED);
        }
        told(info);
    }));
}
