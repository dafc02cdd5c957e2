//! The arguments of `sanzi params`.

use chrono::NaiveDate;
use clap::{Args, Subcommand, ValueEnum};

use crate::audit::rule::ParamSource;
use crate::cli::args::{DbArg, OutputArg, parse_date};

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct ParamsArgs {
    #[command(subcommand)]
    pub command: Option<ParamsCommand>,
    /// 数据库:显示现行的值,不只是默认值
    #[arg(long, value_name = "地址", env = "SANZI_DB")]
    pub db: Option<String>,
    /// 显示对这个单位生效的值及其来源(需 --db;不给出则为全街道的值)
    #[arg(long, value_name = "单位编码", requires = "db")]
    pub org: Option<String>,
    /// 哪一天的值(默认今天)
    #[arg(long, value_name = "日期", value_parser = parse_date)]
    pub at: Option<NaiveDate>,
    #[arg(
        long,
        value_name = "来源",
        value_enum,
        default_value = "placeholder",
        help = "placeholder 占位值(待街道决定)、practice 审计惯例、statute 法定、all 全部"
    )]
    pub source: Source,
    #[command(flatten)]
    pub output: OutputArg,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Source {
    Placeholder,
    Practice,
    Statute,
    All,
}

impl Source {
    /// The sources that a word stands for.
    pub fn meant(self) -> Vec<ParamSource> {
        match self {
            Source::Placeholder => vec![ParamSource::Placeholder],
            Source::Practice => vec![ParamSource::Practice],
            Source::Statute => vec![ParamSource::Statute],
            Source::All => vec![
                ParamSource::Placeholder,
                ParamSource::Practice,
                ParamSource::Statute,
            ],
        }
    }
}

#[derive(Debug, Subcommand)]
pub enum ParamsCommand {
    /// 设定一个参数值:按单位和日期追加到「参数」登记簿,下一次审计即生效;小数至多六位
    Set {
        /// 规则编号.参数名,如 F-003.cash_limit
        #[arg(value_name = "规则.参数", value_parser = parse_name)]
        parameter: (String, String),
        /// 值;多项以 ; 分隔,是非写 是、否
        #[arg(value_name = "值", allow_hyphen_values = true)]
        value: String,
        /// 只对这个单位(不给出则为全街道)
        #[arg(long, value_name = "单位编码")]
        org: Option<String>,
        /// 生效日期
        #[arg(long, value_name = "日期", value_parser = parse_date)]
        from: NaiveDate,
        /// 失效日期(当日仍有效)
        #[arg(long, value_name = "日期", value_parser = parse_date)]
        to: Option<NaiveDate>,
        /// 依据:文件、会议纪要
        #[arg(long, value_name = "依据")]
        basis: String,
        /// 批准人
        #[arg(long, value_name = "姓名")]
        approver: String,
        /// 经办人,记入批次
        #[arg(long, value_name = "姓名", env = "SANZI_USER")]
        by: Option<String>,
        #[command(flatten)]
        db: DbArg,
    },
    /// 参数值的全部记录:何时、何人、依据,被什么取代
    History {
        /// 只看这个参数:规则编号.参数名
        #[arg(value_name = "规则.参数", value_parser = parse_name)]
        parameter: Option<(String, String)>,
        #[command(flatten)]
        db: DbArg,
        #[command(flatten)]
        output: OutputArg,
    },
}

fn parse_name(text: &str) -> Result<(String, String), String> {
    match text.trim().split_once('.') {
        Some((rule, name)) if !rule.is_empty() && !name.is_empty() => {
            Ok((rule.to_owned(), name.to_owned()))
        }
        _ => Err("请写成 规则编号.参数名,如 F-003.cash_limit".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_two_parts() {
        let parsed = parse_name("F-003.cash_limit");
        assert_eq!(parsed, Ok(("F-003".into(), "cash_limit".into())));
        for bad in ["F-003", ".x", "F-003.", ""] {
            assert!(parse_name(bad).is_err(), "{bad}");
        }
    }
}
