//! Arguments that several commands have in common.

use clap::{Args, ValueEnum};

use crate::import::kind::Kind;
use crate::model::PeriodRange;

#[derive(Debug, Args)]
pub struct DbArg {
    /// 数据库:sqlite://文件 或 postgres://用户:口令@主机/库
    #[arg(long, value_name = "地址", env = "SANZI_DB")]
    pub db: String,
}

// One organisation's book in a database. (No doc comment: clap would show it as the command's own description.)
#[derive(Debug, Args)]
pub struct BookArgs {
    #[command(flatten)]
    pub db: DbArg,
    /// 单位编码
    #[arg(long, value_name = "单位编码")]
    pub org: String,
}

#[derive(Debug, Args)]
pub struct PeriodArg {
    /// 期间:2024-12 或 2024-01..2024-12
    #[arg(long = "period", value_name = "期间", value_parser = parse_range)]
    pub range: PeriodRange,
}

#[derive(Debug, Args)]
pub struct OutputArg {
    #[arg(
        long,
        value_name = "格式",
        value_enum,
        default_value = "table",
        help = "table 表格、csv、json"
    )]
    pub format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Table,
    Csv,
    Json,
}

pub fn parse_date(text: &str) -> Result<chrono::NaiveDate, String> {
    crate::model::date::parse_date(text).ok_or_else(|| "不是日期;请写成 2024-12-31".to_owned())
}

pub fn parse_role(text: &str) -> Result<crate::model::Role, String> {
    text.parse::<crate::model::Role>()
        .map_err(|e| e.to_string())
}

pub fn parse_range(text: &str) -> Result<PeriodRange, String> {
    PeriodRange::parse(text).map_err(|e| e.to_string())
}

pub fn parse_kind(text: &str) -> Result<Kind, String> {
    Kind::from_label(text).ok_or_else(|| {
        let labels: Vec<&str> = Kind::TABLES.into_iter().map(Kind::label).collect();
        format!("没有这种表;可以写 {}", labels.join("、"))
    })
}
