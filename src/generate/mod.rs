//! Makes hand-in folders of any size for benchmarks, demonstrations and tests: ordinary village business with leases,
//! wages, petty cash, taxes, depreciation and closing, and on request a known number of injected violations.
//!
//! The same options give the same bytes. Without injection the books are meant to be clean: no rule should fire. The
//! generator writes the neutral CSV folder and knows nothing of rules; it never reads books.

mod account;
mod book;
mod business;
mod calendar;
mod company;
mod compensation;
mod disposal;
mod estate;
mod grant;
mod injection;
mod inventory;
mod lease;
mod obligations;
mod papers;
mod plan;
mod registers;
mod rng;
mod street;
mod table;
mod works;
mod write;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use chrono::NaiveDate;
use rayon::prelude::*;

pub use injection::{Injection, injections};

/// What to generate.
#[derive(Debug, Clone)]
pub struct GenerateOptions {
    /// Companies; with two or more the last is the joint company (村级联合公司) of the others.
    pub companies: u32,
    /// Entries (分录) of all companies together. Ordinary business needs about 45 a company and month; a smaller number
    /// gives that, a larger one is filled with market fees and small purchases.
    pub postings: u64,
    /// Months from 2024-01 on; at least 1.
    pub months: u32,
    pub seed: u64,
    /// Of a million pairs (company, rule), how many get one violation. See [`parse_rate`].
    pub inject_ppm: u32,
    /// A folder that does not exist or is empty.
    pub out: PathBuf,
}

/// What was written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GenerateReport {
    pub companies: u32,
    pub vouchers: u64,
    pub entries: u64,
    /// Injected violations, as listed in `labels.csv`.
    pub labels: Vec<Label>,
    /// Last day of the books: the day to audit them as of.
    pub as_of: Option<NaiveDate>,
}

/// One injected violation: rule, company, and the parts of the finding's key joined by `|`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Label {
    pub rule: &'static str,
    pub organisation: String,
    pub key: String,
}

/// Why nothing, or not everything, could be written.
#[derive(Debug, thiserror::Error)]
pub enum GenerateError {
    #[error("生成-1001:参数{name}不可用:{found}。{advice}")]
    BadOption {
        name: &'static str,
        found: String,
        advice: &'static str,
    },
    #[error("生成-1002:目标文件夹{}不是空的。请换一个新文件夹,或先移走其中的文件。", .0.display())]
    NotEmpty(PathBuf),
    #[error("生成-1003:写{}失败:{source}。请检查磁盘空间与写入权限后重新生成。", path.display())]
    File {
        path: PathBuf,
        source: std::io::Error,
    },
    /// The generator names a table or column that the catalogue does not have.
    #[error("生成-1004:表格目录中没有“{0}”。这是程序错误,请报告。")]
    UnknownName(String),
}

impl GenerateError {
    fn file(path: &Path, source: std::io::Error) -> GenerateError {
        GenerateError::File {
            path: path.to_owned(),
            source,
        }
    }
}

/// Told after each company: companies done, entries written so far.
pub type Progress<'a> = &'a (dyn Fn(u32, u64) + Sync);

/// Reads an injection rate such as `0.05` (one in twenty pairs of company and rule) as parts per million.
pub fn parse_rate(text: &str) -> Option<u32> {
    let ppm = crate::model::money::parse_scaled(text, 6).ok()?;
    u32::try_from(ppm).ok().filter(|p| *p <= 1_000_000)
}

/// First day of every generated book: the 2023 village chart is in force from then on.
fn first_day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2024, 1, 1).unwrap_or_default()
}

/// Writes the street's folder, one sub-folder a company, and `labels.csv`.
///
/// # Errors
/// Options out of range, a folder that is not empty, or a file that cannot be written.
pub fn generate(
    options: &GenerateOptions,
    progress: Progress<'_>,
) -> Result<GenerateReport, GenerateError> {
    check(options)?;
    fs::create_dir_all(&options.out).map_err(|e| GenerateError::file(&options.out, e))?;
    let done = Mutex::new((0u32, 0u64));
    let results = (0..options.companies)
        .into_par_iter()
        .map(|index| {
            let result = company::write(options, index)?;
            // A poisoned lock only means that another company's progress call panicked.
            let mut done = done.lock().unwrap_or_else(|e| e.into_inner());
            done.0 += 1;
            done.1 += result.entries;
            progress(done.0, done.1);
            Ok(result)
        })
        .collect::<Result<Vec<_>, GenerateError>>()?;
    street::write(options)?;
    let mut report = GenerateReport {
        companies: options.companies,
        as_of: Some(calendar::month_end(calendar::month_of(
            first_day(),
            options.months - 1,
        ))),
        ..GenerateReport::default()
    };
    for result in results {
        report.vouchers += result.vouchers;
        report.entries += result.entries;
        report.labels.extend(result.labels);
    }
    report.labels.sort();
    write_labels(&options.out, &report.labels)?;
    Ok(report)
}

fn check(options: &GenerateOptions) -> Result<(), GenerateError> {
    let bad = |name, found: u64, advice| GenerateError::BadOption {
        name,
        found: found.to_string(),
        advice,
    };
    if !(1..=9_999).contains(&options.companies) {
        return Err(bad(
            "companies",
            options.companies.into(),
            "请填1至9999之间的整数。",
        ));
    }
    if !(1..=120).contains(&options.months) {
        return Err(bad(
            "months",
            options.months.into(),
            "请填1至120之间的整数。",
        ));
    }
    if options.postings > 1_000_000_000 {
        return Err(bad("postings", options.postings, "请填不超过十亿的整数。"));
    }
    if options.inject_ppm > 1_000_000 {
        return Err(bad(
            "inject",
            options.inject_ppm.into(),
            "请填0至1之间的小数。",
        ));
    }
    let taken = fs::read_dir(&options.out).is_ok_and(|mut d| d.next().is_some());
    if taken {
        return Err(GenerateError::NotEmpty(options.out.clone()));
    }
    Ok(())
}

fn write_labels(out: &Path, labels: &[Label]) -> Result<(), GenerateError> {
    let path = out.join("labels.csv");
    let mut csv =
        csv::Writer::from_path(&path).map_err(|e| GenerateError::file(&path, e.into()))?;
    csv.write_record(["rule", "organisation", "key"])
        .map_err(|e| GenerateError::file(&path, e.into()))?;
    for label in labels {
        csv.write_record([label.rule, &label.organisation, &label.key])
            .map_err(|e| GenerateError::file(&path, e.into()))?;
    }
    csv.flush().map_err(|e| GenerateError::file(&path, e))
}

#[cfg(test)]
mod tests;
