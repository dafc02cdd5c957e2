//! The arguments of every command, with Chinese help.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

const TEMPLATE: &str = "{about-with-newline}\n用法:{usage}\n\n{all-args}{after-help}\n";

/// 三资账本与审计引擎。
#[derive(Debug, Parser)]
#[command(
    name = "sanzi",
    version,
    disable_help_subcommand = true,
    subcommand_help_heading = "命令",
    next_help_heading = "选项"
)]
#[command(
    about = "三资:村改制公司集体资金、资产、资源的账本与审计引擎",
    propagate_version = false
)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
    /// 用这个文件夹代替程序自带的规则包
    #[arg(long, global = true, value_name = "文件夹")]
    pub rules: Option<PathBuf>,
    /// 显示运行日志(-vv 更详细)
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// 审计:读入账套、记账、跑规则、出报告,一步完成
    Audit(AuditArgs),
    /// 导入账套(文件夹或单个文件)
    Import(ImportArgs),
    /// 科目余额表
    TrialBalance(TrialBalanceArgs),
    /// 明细账
    Ledger(LedgerArgs),
    /// 导出规则所见的全部数据表,供外部工具核对
    Export(ExportArgs),
    /// 核验凭证链是否被改动
    Verify(VerifyArgs),
    /// 规则包:列出、检查、测试、说明、试算
    Rules(RulesArgs),
    /// 生成虚构的街道账套,用于试用和衡量查全率、查准率
    Generate(GenerateArgs),
    /// 锁定会计期间,不再接受凭证
    Lock(LockArgs),
    /// 红字冲销一张凭证
    Reverse(ReverseArgs),
}

#[derive(Debug, Args)]
pub struct DbArg {
    /// 数据库:sqlite://文件 或 postgres://用户:口令@主机/库
    #[arg(long, value_name = "地址", env = "SANZI_DB")]
    pub db: String,
}

#[derive(Debug, Args)]
pub struct AuditArgs {
    /// 账套文件夹,或数据库地址(sqlite://…、postgres://…)
    #[arg(value_name = "文件夹|数据库")]
    pub source: String,
    /// 报告写到这个文件夹
    #[arg(long, value_name = "文件夹", default_value = "audit-report")]
    pub out: PathBuf,
    /// 账存入这个数据库(默认为报告文件夹里的 sanzi.db)
    #[arg(long, value_name = "地址", env = "SANZI_DB")]
    pub db: Option<String>,
    /// 只有一家公司的文件、且没有以单位编码命名的文件夹时,指明单位编码
    #[arg(long, value_name = "单位编码")]
    pub org: Option<String>,
    /// 截止日(默认为账上最后一个月的月末)
    #[arg(long, value_name = "日期", value_parser = parse_date)]
    pub as_of: Option<chrono::NaiveDate>,
    /// 只跑这些规则(可多次给出)
    #[arg(long = "rule", value_name = "规则编号")]
    pub only: Vec<String>,
    /// 有此严重程度及以上的疑点时,以退出码 1 结束
    #[arg(long, value_name = "程度", value_enum)]
    pub fail_on: Option<FailOn>,
    /// 与已知标注(rule,organisation,key)比较,显示查全率和查准率
    #[arg(long, value_name = "CSV 文件")]
    pub labels: Option<PathBuf>,
    /// 把各步(载入、视图、规则、报告)的行数、金额合计和用时写入这个文件
    #[arg(long, value_name = "CSV 文件")]
    pub timings: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct ExportArgs {
    /// 账套文件夹,或数据库地址(sqlite://…、postgres://…)
    #[arg(value_name = "文件夹|数据库")]
    pub source: String,
    /// 写到这个文件夹
    #[arg(long, value_name = "文件夹")]
    pub out: PathBuf,
    /// 文件的格式:arrow(Arrow IPC,每表一个文件,另有目录 tables.json)
    #[arg(long, value_name = "格式", value_enum, default_value = "arrow")]
    pub format: ExportFormat,
    /// 账存入这个数据库(默认为写出文件夹里的 sanzi.db)
    #[arg(long, value_name = "地址", env = "SANZI_DB")]
    pub db: Option<String>,
    /// 只有一家公司的文件、且没有以单位编码命名的文件夹时,指明单位编码
    #[arg(long, value_name = "单位编码")]
    pub org: Option<String>,
    /// 截止日(默认为账上最后一个月的月末)
    #[arg(long, value_name = "日期", value_parser = parse_date)]
    pub as_of: Option<chrono::NaiveDate>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    Arrow,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    #[value(name = "high", alias = "高")]
    High,
    #[value(name = "medium", alias = "中")]
    Medium,
    #[value(name = "low", alias = "低")]
    Low,
}

#[derive(Debug, Args)]
pub struct ImportArgs {
    /// 账套文件夹或文件
    #[arg(value_name = "文件夹|文件")]
    pub source: PathBuf,
    /// 数据库:sqlite://文件 或 postgres://用户:口令@主机/库
    #[arg(
        long,
        value_name = "地址",
        env = "SANZI_DB",
        required_unless_present = "dry_run"
    )]
    pub db: Option<String>,
    /// 单位编码(没有以单位编码命名的文件夹时)
    #[arg(long, value_name = "单位编码")]
    pub org: Option<String>,
    /// 有问题的凭证不入账、单独留存(待纠正),其余照常入账
    #[arg(long)]
    pub quarantine: bool,
    /// 只检查并显示结果,不写入
    #[arg(long)]
    pub dry_run: bool,
    /// 结果的格式
    #[arg(long, value_name = "格式", value_enum, default_value = "table")]
    pub format: Format,
}

#[derive(Debug, Args)]
pub struct TrialBalanceArgs {
    #[command(flatten)]
    pub db: DbArg,
    /// 单位编码
    #[arg(long, value_name = "单位编码")]
    pub org: String,
    /// 期间:2024-12 或 2024-01..2024-12
    #[arg(long, value_name = "期间", value_parser = parse_range)]
    pub period: crate::model::PeriodRange,
    /// 只到第几级科目
    #[arg(long, value_name = "级次")]
    pub level: Option<u32>,
    #[arg(
        long,
        value_name = "格式",
        value_enum,
        default_value = "table",
        help = "table 表格、csv、json"
    )]
    pub format: Format,
}

#[derive(Debug, Args)]
pub struct LedgerArgs {
    #[command(flatten)]
    pub db: DbArg,
    /// 单位编码
    #[arg(long, value_name = "单位编码")]
    pub org: String,
    /// 科目编码(含其下级)
    #[arg(long, value_name = "科目编码")]
    pub account: String,
    /// 期间:2024-12 或 2024-01..2024-12
    #[arg(long, value_name = "期间", value_parser = parse_range)]
    pub period: crate::model::PeriodRange,
    #[arg(
        long,
        value_name = "格式",
        value_enum,
        default_value = "table",
        help = "table 表格、csv、json"
    )]
    pub format: Format,
}

#[derive(Debug, Args)]
pub struct VerifyArgs {
    #[command(flatten)]
    pub db: DbArg,
    /// 只核验这个单位
    #[arg(long, value_name = "单位编码")]
    pub org: Option<String>,
}

#[derive(Debug, Args)]
pub struct RulesArgs {
    #[command(subcommand)]
    pub command: RulesCommand,
}

#[derive(Debug, Subcommand)]
pub enum RulesCommand {
    /// 列出所有规则
    List,
    /// 检查规则文件:能否运行、参数、法规引用、样例、证据列名
    Check {
        /// 只检查这些规则
        #[arg(value_name = "规则编号")]
        ids: Vec<String>,
    },
    /// 运行规则文件里的样例
    Test {
        /// 只测试这些规则
        #[arg(value_name = "规则编号")]
        ids: Vec<String>,
    },
    /// 说明一条规则:查什么、依据、参数及来源、需要的数据、样例
    Explain {
        #[arg(value_name = "规则编号")]
        id: String,
        /// 显示对这个单位生效的参数(需 --db)
        #[arg(long, value_name = "单位编码", requires = "db")]
        org: Option<String>,
        /// 数据库
        #[arg(long, value_name = "地址")]
        db: Option<String>,
    },
    /// 试算:换一个参数值,疑点会怎样变化
    Try {
        #[arg(value_name = "规则编号")]
        id: String,
        /// 参数名=值(可多次给出)
        #[arg(long, value_name = "参数名=值", required = true)]
        param: Vec<String>,
        #[command(flatten)]
        db: DbArg,
    },
}

#[derive(Debug, Args)]
pub struct GenerateArgs {
    /// 公司数(两家以上时,最后一家为村级联合公司)
    #[arg(long, value_name = "家", default_value = "4")]
    pub companies: u32,
    /// 分录总数
    #[arg(long, value_name = "条", default_value = "10000")]
    pub postings: u64,
    /// 月数(自 2024-01 起)
    #[arg(long, value_name = "月", default_value = "24")]
    pub months: u32,
    /// 随机种子:相同的参数生成相同的文件
    #[arg(long, value_name = "数", default_value = "1")]
    pub seed: u64,
    /// 埋入问题的比例,0 到 1:每家公司、每条规则以此比例各埋一处
    #[arg(long, value_name = "比例", default_value = "0", value_parser = parse_rate)]
    pub inject: u32,
    /// 写到这个文件夹(须不存在或为空)
    #[arg(long, value_name = "文件夹")]
    pub out: PathBuf,
}

#[derive(Debug, Args)]
pub struct LockArgs {
    #[command(flatten)]
    pub db: DbArg,
    /// 单位编码
    #[arg(long, value_name = "单位编码")]
    pub org: String,
    /// 期间:2024-12 或 2024-01..2024-12
    #[arg(long, value_name = "期间", value_parser = parse_range)]
    pub period: crate::model::PeriodRange,
    /// 结账人
    #[arg(long, value_name = "姓名")]
    pub by: String,
}

#[derive(Debug, Args)]
pub struct ReverseArgs {
    #[command(flatten)]
    pub db: DbArg,
    /// 单位编码
    #[arg(long, value_name = "单位编码")]
    pub org: String,
    /// 凭证,如 2024-03-记-0012
    #[arg(long, value_name = "凭证号", value_parser = parse_voucher)]
    pub voucher: crate::model::VoucherId,
    /// 冲销凭证的日期
    #[arg(long, value_name = "日期", value_parser = parse_date)]
    pub date: chrono::NaiveDate,
    /// 制单人
    #[arg(long, value_name = "姓名")]
    pub maker: String,
    /// 冲销原因
    #[arg(long, value_name = "原因")]
    pub reason: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Table,
    Csv,
    Json,
}

fn parse_date(text: &str) -> Result<chrono::NaiveDate, String> {
    crate::model::date::parse_date(text).ok_or_else(|| "不是日期;请写成 2024-12-31".to_owned())
}

fn parse_rate(text: &str) -> Result<u32, String> {
    crate::generate::parse_rate(text).ok_or_else(|| "不是 0 到 1 之间的小数".to_owned())
}

fn parse_range(text: &str) -> Result<crate::model::PeriodRange, String> {
    crate::model::PeriodRange::parse(text).map_err(|e| e.to_string())
}

fn parse_voucher(text: &str) -> Result<crate::model::VoucherId, String> {
    crate::model::VoucherId::parse(text)
        .ok_or_else(|| "不是凭证号;请写成 2024-03-记-0012".to_owned())
}

/// Help, version, or a mistake in the arguments.
#[derive(Debug)]
pub struct Stop(clap::Error);

impl Stop {
    pub fn print(&self) {
        match self.0.kind() {
            ErrorKind::DisplayHelp
            | ErrorKind::DisplayVersion
            | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
                let _ = self.0.print();
            }
            _ => eprintln!(
                "用法-1001 {}。可用 sanzi --help 或 sanzi 命令 --help 查看用法",
                self.explain()
            ),
        }
    }

    pub fn exit_code(&self) -> u8 {
        match self.0.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => 0,
            _ => 2,
        }
    }

    fn explain(&self) -> String {
        let context = |kind| match self.0.get(kind) {
            Some(ContextValue::String(text)) => text.clone(),
            Some(ContextValue::Strings(texts)) => texts.join("、"),
            _ => String::new(),
        };
        let (argument, value) = (
            context(ContextKind::InvalidArg),
            context(ContextKind::InvalidValue),
        );
        match self.0.kind() {
            ErrorKind::InvalidSubcommand => format!(
                "没有「{}」这个命令",
                context(ContextKind::InvalidSubcommand)
            ),
            ErrorKind::UnknownArgument => format!("没有「{argument}」这个选项"),
            ErrorKind::MissingRequiredArgument => format!("缺少 {argument}"),
            ErrorKind::MissingSubcommand => "缺少命令".to_owned(),
            ErrorKind::InvalidValue if value.is_empty() => format!("选项 {argument} 缺少取值"),
            ErrorKind::InvalidValue => format!(
                "选项 {argument} 的取值「{value}」不对,可用:{}",
                context(ContextKind::ValidValue)
            ),
            ErrorKind::ValueValidation => {
                let reason = std::error::Error::source(&self.0)
                    .map(ToString::to_string)
                    .unwrap_or_default();
                format!("选项 {argument} 的取值「{value}」不对:{reason}")
            }
            ErrorKind::ArgumentConflict => format!(
                "选项 {argument} 与 {} 不能同时使用",
                context(ContextKind::PriorArg)
            ),
            _ => "参数无法识别".to_owned(),
        }
    }
}

/// Parses the command line.
pub fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Cli, Stop> {
    let command = localise(Cli::command());
    let matches = command.try_get_matches_from(args).map_err(Stop)?;
    Cli::from_arg_matches(&matches).map_err(Stop)
}

/// Chinese headings for the program and each of its commands.
fn localise(command: clap::Command) -> clap::Command {
    let names: Vec<String> = command
        .get_subcommands()
        .map(|s| s.get_name().to_owned())
        .collect();
    let mut command = dress(command);
    for name in names {
        command = command.mut_subcommand(name, localise);
    }
    command
}

fn dress(command: clap::Command) -> clap::Command {
    let version = command.get_version().is_some();
    let command = command
        .help_template(TEMPLATE)
        .disable_help_flag(true)
        .disable_version_flag(true)
        .arg(
            clap::Arg::new("help")
                .long("help")
                .short('h')
                .action(clap::ArgAction::Help)
                .help("显示帮助"),
        )
        .mut_args(|arg| {
            if arg.get_help_heading().is_none() {
                arg.help_heading("选项")
            } else {
                arg
            }
        });
    if version {
        command.arg(
            clap::Arg::new("version")
                .long("version")
                .short('V')
                .action(clap::ArgAction::Version)
                .help("显示版本")
                .help_heading("选项"),
        )
    } else {
        command
    }
}
