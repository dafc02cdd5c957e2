//! The arguments of `sanzi sample`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use crate::cli::args::{BookArgs, DbArg, OutputArg, parse_range};
use crate::model::{Money, PeriodRange};
use crate::sampling::confidence::Confidence;
use crate::sampling::model::Unit;

#[derive(Debug, Args)]
pub struct SampleArgs {
    #[command(subcommand)]
    pub command: SampleCommand,
}

#[derive(Debug, Subcommand)]
pub enum SampleCommand {
    /// 抽取样本,写出 sample.json(种子、总体、所抽项目)和待填的 抽样底稿.csv
    Draw(Box<DrawArgs>),
    /// 读回填好的底稿,推断总体的差错
    Evaluate {
        /// draw 写出的文件夹
        #[arg(value_name = "文件夹")]
        folder: PathBuf,
        /// 填好的底稿不在该文件夹时,指明它
        #[arg(long, value_name = "CSV 文件")]
        paper: Option<PathBuf>,
        /// 置信水平,%
        #[arg(long, value_name = "百分比", default_value = "95", value_parser = Confidence::parse)]
        confidence: Confidence,
        /// 可容忍错报,元:与推断的上限比较
        #[arg(long, value_name = "元", value_parser = parse_money)]
        tolerable: Option<Money>,
        #[command(flatten)]
        output: OutputArg,
    },
    /// 用存下的种子重抽:所抽项目是否相同,总体有无变动;不同时以退出码 1 结束
    Check {
        /// draw 写出的文件夹
        #[arg(value_name = "文件夹")]
        folder: PathBuf,
        #[command(flatten)]
        db: DbArg,
    },
}

#[derive(Debug, Args)]
pub struct DrawArgs {
    #[command(flatten)]
    pub book: BookArgs,
    /// 期间:2024-12 或 2024-01..2024-12
    #[arg(long, value_name = "期间", value_parser = parse_range)]
    pub period: PeriodRange,
    /// 只抽这个科目及其下级(可多次给出)
    #[arg(long, value_name = "科目编码")]
    pub account: Vec<String>,
    #[arg(
        long,
        value_name = "方向",
        value_enum,
        default_value = "debit",
        help = "debit 借方、credit 贷方的金额"
    )]
    pub side: SideArg,
    #[arg(
        long,
        value_name = "单元",
        value_enum,
        default_value = "entry",
        help = "entry 逐条分录、voucher 逐张凭证(金额为其所选分录之和)"
    )]
    pub unit: UnitArg,
    #[arg(
        long,
        value_name = "办法",
        value_enum,
        help = "mus 货币单位抽样、stratified 分层抽样、top 大额全查加随机抽查"
    )]
    pub method: MethodArg,
    /// 抽样间隔,元(mus)
    #[arg(long, value_name = "元", value_parser = parse_money, conflicts_with_all = ["size", "tolerable"])]
    pub interval: Option<Money>,
    /// 样本量;用于 top 时为其余中随机抽的笔数
    #[arg(long, value_name = "笔", conflicts_with_all = ["sizes", "tolerable"])]
    pub size: Option<usize>,
    /// 由可容忍错报定间隔,元(mus)
    #[arg(long, value_name = "元", value_parser = parse_money)]
    pub tolerable: Option<Money>,
    /// 置信水平,%,与 --tolerable 同用(默认 95)
    #[arg(long, value_name = "百分比", requires = "tolerable", value_parser = Confidence::parse)]
    pub confidence: Option<Confidence>,
    /// 起点,元(mus;默认由种子定)
    #[arg(long, value_name = "元", value_parser = parse_money)]
    pub start: Option<Money>,
    /// 分层界限,元,从小到大,以逗号分隔(stratified)
    #[arg(long, value_name = "元", value_delimiter = ',', value_parser = parse_money, required_if_eq("method", "stratified"))]
    pub bounds: Vec<Money>,
    /// 各层样本量,从低到高,以逗号分隔(stratified)
    #[arg(long, value_name = "笔", value_delimiter = ',')]
    pub sizes: Vec<usize>,
    /// 金额最大的几笔全查(top)
    #[arg(long, value_name = "笔")]
    pub top: Option<usize>,
    /// 种子:同一种子、同一总体抽出同样的项目(默认随机产生)
    #[arg(long, value_name = "文字")]
    pub seed: Option<String>,
    /// 抽样人,记入 sample.json
    #[arg(long, value_name = "姓名", env = "SANZI_USER")]
    pub by: Option<String>,
    /// 写到这个文件夹(须不存在或为空)
    #[arg(long, value_name = "文件夹")]
    pub out: PathBuf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SideArg {
    #[value(name = "debit", alias = "借")]
    Debit,
    #[value(name = "credit", alias = "贷")]
    Credit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum UnitArg {
    #[value(name = "entry", alias = "分录")]
    Entry,
    #[value(name = "voucher", alias = "凭证")]
    Voucher,
}

impl From<UnitArg> for Unit {
    fn from(unit: UnitArg) -> Unit {
        match unit {
            UnitArg::Entry => Unit::Entry,
            UnitArg::Voucher => Unit::Voucher,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum MethodArg {
    Mus,
    Stratified,
    Top,
}

fn parse_money(text: &str) -> Result<Money, String> {
    Money::parse(text).map_err(|e| e.to_string())
}
