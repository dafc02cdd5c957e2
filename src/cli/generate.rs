//! `sanzi generate`.

use super::args::GenerateArgs;
use super::output::{Failure, Outcome};
use super::progress::Progress;
use crate::generate::{self, GenerateError, GenerateOptions};

pub fn run(args: GenerateArgs) -> Result<Outcome, Failure> {
    let options = GenerateOptions {
        companies: args.companies,
        postings: args.postings,
        months: args.months,
        seed: args.seed,
        inject_ppm: args.inject,
        out: args.out,
    };
    let progress = Progress::start("生成");
    let report = generate::generate(&options, &|companies, entries| {
        progress.note(&format!("{companies} 家,{entries} 条分录"));
    });
    progress.finish();
    let report = report.map_err(|e| match e {
        GenerateError::UnknownName(_) => Failure::Internal(e.to_string()),
        _ => Failure::Input(e.to_string()),
    })?;
    println!(
        "已生成 {} 家公司,凭证 {} 张,分录 {} 条,埋入问题 {} 处:{}",
        report.companies,
        report.vouchers,
        report.entries,
        report.labels.len(),
        options.out.display()
    );
    Ok(Outcome::Done)
}
