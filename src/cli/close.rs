//! `sanzi close` and `sanzi reopen`: a month that takes no more vouchers, and the way back.

use clap::Args;

use super::args::{DbArg, parse_range};
use super::output::{Failure, Outcome};
use super::session;
use crate::closing::{self, Outcome as Closed};
use crate::ledger::LedgerError;
use crate::ledger::lock::{self, Closing, Reopening};
use crate::model::PeriodRange;
use crate::store::Store;

/// Organisation and months, by option or in this order.
#[derive(Debug, Args)]
pub struct Which {
    #[command(flatten)]
    pub db: DbArg,
    /// 单位编码
    #[arg(
        value_name = "单位编码",
        required_unless_present = "org",
        conflicts_with = "org"
    )]
    pub unit: Option<String>,
    /// 期间:2024-12 或 2024-01..2024-12
    #[arg(value_name = "期间", value_parser = parse_range, required_unless_present = "period", conflicts_with = "period")]
    pub months: Option<PeriodRange>,
    /// 单位编码
    #[arg(long, value_name = "单位编码", requires = "period")]
    pub org: Option<String>,
    /// 期间:2024-12 或 2024-01..2024-12
    #[arg(long, value_name = "期间", value_parser = parse_range, requires = "org")]
    pub period: Option<PeriodRange>,
}

#[derive(Debug, Args)]
pub struct CloseArgs {
    #[command(flatten)]
    pub which: Which,
    /// 结账人
    #[arg(long, value_name = "姓名", env = "SANZI_USER")]
    pub by: String,
    /// 凭证断号的原因(记入结账记录)
    #[arg(long, value_name = "说明")]
    pub explain: Option<String>,
}

#[derive(Debug, Args)]
pub struct ReopenArgs {
    #[command(flatten)]
    pub which: Which,
    /// 提出人
    #[arg(long, value_name = "姓名", env = "SANZI_USER")]
    pub by: String,
    /// 批准人(须是另一人)
    #[arg(long, value_name = "姓名")]
    pub approved_by: String,
    /// 反结账原因
    #[arg(long, value_name = "原因")]
    pub reason: String,
}

impl Which {
    fn get(&self) -> Result<(&str, PeriodRange), Failure> {
        let organisation = self.unit.as_deref().or(self.org.as_deref());
        let range = self.months.or(self.period);
        organisation.zip(range).ok_or_else(|| {
            Failure::Input("用法-1005 请给出单位编码和期间,如 sanzi close JF01 2024-12".to_owned())
        })
    }
}

pub async fn close(
    args: CloseArgs,
    rules: &Option<std::path::PathBuf>,
) -> Result<Outcome, Failure> {
    let (organisation, range) = args.which.get()?;
    let pack = session::pack(rules)?;
    let store = Store::open(&args.which.db.db).await?;
    let closing = Closing {
        by: &args.by,
        at: session::now(),
        explained: args.explain.as_deref(),
    };
    let mut outcome = Outcome::Done;
    for (period, result) in closing::close(&store, &pack, organisation, range, closing).await? {
        match result {
            Closed::Closed { head, length } => {
                println!("{organisation} {period} 已结账,封存凭证 {length} 张,链首 {head}");
            }
            Closed::AlreadyClosed => println!("{organisation} {period} 早已结账,未作改动"),
            Closed::Refused(obstacles) => {
                eprintln!("{organisation} {period} 不能结账,未作改动:");
                for obstacle in obstacles {
                    eprintln!("  {obstacle}");
                }
                outcome = Outcome::BadInput;
            }
        }
    }
    Ok(outcome)
}

pub async fn reopen(args: ReopenArgs) -> Result<Outcome, Failure> {
    let (organisation, range) = args.which.get()?;
    let store = Store::open(&args.which.db.db).await?;
    let mut periods = vec![range.first];
    while let Some(last) = periods.last().filter(|p| **p < range.last) {
        periods.push(last.next());
    }
    let transaction = store.begin().await.map_err(LedgerError::from)?;
    let reopening = Reopening {
        by: &args.by,
        approved_by: &args.approved_by,
        reason: &args.reason,
        at: session::now(),
    };
    lock::reopen(&transaction, organisation, &periods, reopening).await?;
    transaction.commit().await.map_err(LedgerError::from)?;
    for period in periods {
        println!(
            "{organisation} {period} 已反结账,{}提出,{}批准;改完请重新结账",
            args.by, args.approved_by
        );
    }
    Ok(Outcome::Done)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The argument parser asks for both before it comes to this.
    #[test]
    fn a_month_of_nobody_is_refused() {
        let db = DbArg { db: String::new() };
        let which = Which {
            db,
            unit: Some("A01".into()),
            months: None,
            org: None,
            period: None,
        };
        let refusal = which.get().unwrap_err().to_string();
        assert!(refusal.starts_with("错误 用法-1005 "), "{refusal}");
    }
}
