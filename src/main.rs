//! The `sanzi` program.

fn main() {}
