//! `sanzi rules test [ID…] [--rules DIR]`.

use std::path::Path;
use std::process::ExitCode;

use crate::audit::rule::{RulePack, test};
use crate::pack::Pack;

pub fn run(arguments: &[String]) -> ExitCode {
    let mut ids: Vec<&str> = Vec::new();
    let mut dir = None;
    let mut words = arguments.iter().skip(2);
    while let Some(word) = words.next() {
        if word == "--rules" {
            dir = words.next();
        } else {
            ids.push(word);
        }
    }
    let dir = dir
        .map(String::as_str)
        .or(Path::new("ledger_rules").is_dir().then_some("ledger_rules"));
    let pack = match dir {
        Some(dir) => match Pack::from_dir(Path::new(dir)) {
            Ok(pack) => pack,
            Err(error) => {
                eprintln!("{error}");
                return ExitCode::from(2);
            }
        },
        None => Pack::embedded(),
    };
    let rules = RulePack::load(&pack);
    for fault in &rules.faults {
        println!("错误 {fault}");
    }
    let Ok(runtime) = tokio::runtime::Runtime::new() else {
        return ExitCode::from(4);
    };
    let mut failed = rules.faults.len();
    for rule in &rules.rules {
        if !ids.is_empty() && !ids.contains(&rule.id()) {
            continue;
        }
        for outcome in runtime.block_on(test::run_tests(&rules, rule)) {
            let mark = if outcome.passed() { "通过" } else { "失败" };
            println!("{mark} {} {}", outcome.rule, outcome.test);
            for line in &outcome.differences {
                println!("     {line}");
            }
            failed += usize::from(!outcome.passed());
        }
    }
    if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(1)
    }
}
