//! Makes cargo notice files added to or removed from the rule pack: `include_dir!` alone notices only changed ones.

fn main() {
    println!("cargo:rerun-if-changed=ledger_rules");
    println!("cargo:rerun-if-changed=build.rs");
}
