//! The arguments of every command, with Chinese help.

mod shared;
mod usage;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::audit_order::AuditOrderArgs;
use super::chart_change::ChartChangeArgs;
use super::close::{CloseArgs, ReopenArgs};
use super::consolidate::ConsolidateArgs;
use super::document::DocumentArgs;
use super::findings::FindingsArgs;
use super::params::ParamsArgs;
use super::plan::PlanArgs;
use super::profile::ProfileArgs;
use super::reconcile::ReconcileArgs;
use super::review::ReviewArgs;
use super::sample::SampleArgs;
use super::serve::ServeArgs;
use super::statements::StatementsArgs;
use super::suppress::SuppressArgs;
use crate::import::kind::Kind;

use shared::parse_kind;
pub use shared::{
    BookArgs, DbArg, Format, OutputArg, PeriodArg, parse_date, parse_range, parse_role,
};
pub use usage::parse;

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
    /// 街道自己的参数、严重程度和停用(见 docs/overlay.md)
    #[arg(long, global = true, value_name = "文件夹", env = "SANZI_OVERLAY")]
    pub overlay: Option<PathBuf>,
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
    /// 会计报表:资产负债表、收益及收益分配表(利润表)、收支明细表、往来账龄
    Statements(StatementsArgs),
    /// 银行对账:银行存款余额调节表
    Reconcile(ReconcileArgs),
    /// 合并资产负债表:村级联合公司及其成员,或全部单位
    Consolidate(ConsolidateArgs),
    /// 新旧会计科目衔接:对照表、上年年末与本年年初的差额,没有年初余额的可以结转
    ChartChange(ChartChangeArgs),
    /// 导出账套:账套包、GB/T 24589.1、SAF-T,或规则所见的全部数据表
    Export(ExportArgs),
    /// 事项:列出、查看审计发现的疑点及其办理经过
    Findings(FindingsArgs),
    /// 办理一个事项:转到下一状态,或登记答复、整改措施、进展、金额、延期
    Review(Box<ReviewArgs>),
    /// 监督计划:列出、查看检查项目,批准或退回
    Plan(PlanArgs),
    /// 核验凭证链、核查链、监督计划和制度文件的链是否被改动,或核验一个证据包
    Verify(VerifyArgs),
    /// 格式文件:列出、检查、试读
    Profile(ProfileArgs),
    /// 规则包:列出、检查、测试、说明、试算
    Rules(RulesArgs),
    /// 规则参数:街道还须决定什么、现行的值、设定、留痕
    Params(ParamsArgs),
    /// 审计抽样:抽取、据填好的底稿推断总体、复核抽样
    Sample(SampleArgs),
    /// 审计文书:取证单、底稿、征求意见书、审计报告、问题清单、整改与移送文书(DOCX)
    Document(DocumentArgs),
    /// 生成虚构的街道账套,用于试用和衡量查全率、查准率
    Generate(GenerateArgs),
    /// 结账:检查后锁定会计期间,不再接受凭证
    Close(CloseArgs),
    /// 反结账:须写明原因,并由第二人批准
    Reopen(ReopenArgs),
    /// 红字冲销一张凭证
    Reverse(ReverseArgs),
    /// 压制疑点:两人、有文件、有期限;仍有记录,单独列出
    Suppress(SuppressArgs),
    /// 在浏览器里工作:总览、账套接收、账簿、审计、用户
    Serve(ServeArgs),
    /// 由 sanzi serve 启动:按标准输入里的要求审计
    #[command(hide = true)]
    AuditOrder(AuditOrderArgs),
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
    /// 用这个格式文件来读(可多次给出)
    #[arg(long, value_name = "格式文件")]
    pub profile: Vec<PathBuf>,
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
    /// bundle 账套包;gbt24589-xml、gbt24589-json 会计核算软件数据接口;saft;parquet、arrow 规则所见的数据表(每表一个文件,另有目录 tables.json)
    #[arg(long, value_name = "格式", value_enum, default_value = "arrow")]
    pub format: ExportFormat,
    /// 只导出这些月份的凭证:2024-12 或 2024-01..2024-12(bundle、gbt24589、saft)
    #[arg(long, value_name = "期间", value_parser = parse_range)]
    pub period: Option<crate::model::PeriodRange>,
    /// 账存入这个数据库(arrow、parquet 默认为写出文件夹里的 sanzi.db,其余格式默认不留)
    #[arg(long, value_name = "地址", env = "SANZI_DB")]
    pub db: Option<String>,
    /// 只导出这个单位;来源是一家公司的文件时,指明它的单位编码
    #[arg(long, value_name = "单位编码")]
    pub org: Option<String>,
    /// 截止日(默认为账上最后一个月的月末;arrow、parquet)
    #[arg(long, value_name = "日期", value_parser = parse_date)]
    pub as_of: Option<chrono::NaiveDate>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    Bundle,
    #[value(name = "gbt24589-xml")]
    Gbt24589Xml,
    #[value(name = "gbt24589-json")]
    Gbt24589Json,
    Saft,
    Parquet,
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
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct ImportArgs {
    #[command(subcommand)]
    pub command: Option<ImportCommand>,
    /// 账套文件夹或文件(名为 list、undo 的,写成 ./list、./undo)
    #[arg(value_name = "文件夹|文件", required = true)]
    pub source: Option<PathBuf>,
    /// 数据库:sqlite://文件 或 postgres://用户:口令@主机/库
    #[arg(
        long,
        value_name = "地址",
        env = "SANZI_DB",
        required_unless_present_any = ["dry_run", "map"]
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
    /// 认不出的账表或银行流水:提出列与字段的对应关系,写成格式文件供修改
    #[arg(long, conflicts_with_all = ["dry_run", "profile", "quarantine"])]
    pub map: bool,
    /// 与 --map 同用,指明是哪种表:凭证明细、科目余额表、科目表、期初余额、银行流水(不写则按内容判断)
    #[arg(long, value_name = "表", requires = "map", value_parser = parse_kind)]
    pub kind: Option<Kind>,
    /// 用这个格式文件来读(可多次给出)
    #[arg(long, value_name = "格式文件")]
    pub profile: Vec<PathBuf>,
    /// 导入人,记入批次
    #[arg(long, value_name = "姓名", env = "SANZI_USER")]
    pub by: Option<String>,
    /// 结果的格式
    #[arg(long, value_name = "格式", value_enum, default_value = "table")]
    pub format: Format,
}

#[derive(Debug, Subcommand)]
pub enum ImportCommand {
    /// 列出全部批次:时间、经办人、文件、单位、状态
    List {
        #[command(flatten)]
        db: DbArg,
        #[command(flatten)]
        output: OutputArg,
    },
    /// 撤销一个批次:凭证冲回,台账恢复原状,同样的文件可以重新导入
    Undo {
        /// 批次号(见 import list)
        #[arg(value_name = "批次")]
        batch: i64,
        #[command(flatten)]
        db: DbArg,
        /// 撤销人
        #[arg(long, value_name = "姓名", env = "SANZI_USER")]
        by: String,
        /// 撤销原因
        #[arg(long, value_name = "原因")]
        reason: String,
    },
}

#[derive(Debug, Args)]
pub struct TrialBalanceArgs {
    #[command(flatten)]
    pub book: BookArgs,
    #[command(flatten)]
    pub period: PeriodArg,
    /// 只到第几级科目
    #[arg(long, value_name = "级次")]
    pub level: Option<u32>,
    #[command(flatten)]
    pub output: OutputArg,
}

#[derive(Debug, Args)]
pub struct LedgerArgs {
    #[command(flatten)]
    pub book: BookArgs,
    /// 科目编码(含其下级)
    #[arg(long, value_name = "科目编码")]
    pub account: String,
    #[command(flatten)]
    pub period: PeriodArg,
    #[command(flatten)]
    pub output: OutputArg,
}

#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// 核验这个证据包(zip),不需要数据库
    #[arg(value_name = "证据包")]
    pub bundle: Option<PathBuf>,
    /// 证据包应由谁签名:公钥的指纹,或公钥文件
    #[arg(long, value_name = "指纹|文件", requires = "bundle")]
    pub key: Option<String>,
    /// 数据库:sqlite://文件 或 postgres://用户:口令@主机/库
    #[arg(
        long,
        value_name = "地址",
        env = "SANZI_DB",
        required_unless_present = "bundle"
    )]
    pub db: Option<String>,
    /// 只核验这个单位
    #[arg(long, value_name = "单位编码", conflicts_with = "bundle")]
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
    /// 锁定:把每条规则、每个视图的版本和内容摘要写入 audit/pack.lock(需 --rules)
    Lock,
    /// 变异检验:逐处削弱规则的查询,看样例能否发现
    Mutate {
        /// 只检验这些规则
        #[arg(value_name = "规则编号")]
        ids: Vec<String>,
        /// 抽查:按规则包的内容抽取,合计不超过这么多处改动
        #[arg(long, value_name = "处", conflicts_with = "ids")]
        sample: Option<usize>,
        /// 发现的比例低于此值时,以退出码 3 结束
        #[arg(long, value_name = "百分比", default_value = "95", value_parser = clap::value_parser!(u8).range(0..=100))]
        min_share: u8,
        /// 逐条列出没有样例发现的改动
        #[arg(long)]
        unnoticed: bool,
    },
    /// 说明一条规则:查什么、依据、参数及来源、需要的数据、样例
    Explain {
        #[arg(value_name = "规则编号")]
        id: String,
        /// 显示对这个单位生效的参数及各时段的值(需 --db)
        #[arg(long, value_name = "单位编码", requires = "db")]
        org: Option<String>,
        /// 数据库
        #[arg(long, value_name = "地址")]
        db: Option<String>,
    },
    /// 试算:换一个参数值,疑点会怎样变化;一个参数给出多个值时,画出疑点数的曲线
    Try {
        #[arg(value_name = "规则编号")]
        id: String,
        /// 参数名=值(可多次给出);其中一个可写成 参数名=a..b、参数名=a..b/步长,或以逗号、顿号分隔的几个值
        #[arg(long, value_name = "参数名=值", required = true)]
        param: Vec<String>,
        #[command(flatten)]
        db: DbArg,
        /// 把曲线画到这个 SVG 文件
        #[arg(long, value_name = "SVG 文件")]
        svg: Option<PathBuf>,
        #[command(flatten)]
        output: OutputArg,
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
pub struct ReverseArgs {
    #[command(flatten)]
    pub book: BookArgs,
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

fn parse_rate(text: &str) -> Result<u32, String> {
    crate::generate::parse_rate(text).ok_or_else(|| "不是 0 到 1 之间的小数".to_owned())
}

fn parse_voucher(text: &str) -> Result<crate::model::VoucherId, String> {
    crate::model::VoucherId::parse(text)
        .ok_or_else(|| "不是凭证号;请写成 2024-03-记-0012".to_owned())
}
