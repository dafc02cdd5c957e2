//! `sanzi sample draw|evaluate|check`.

mod args;
mod text;

pub use args::SampleArgs;
use args::{DrawArgs, SampleCommand};

use super::args::Format;
use super::output::{Failure, Outcome};
use super::session;
use crate::model::Side;
use crate::sampling::check::check;
use crate::sampling::confidence::Confidence;
use crate::sampling::design::{Interval, Sizes, Wanted};
use crate::sampling::draw::{Order, draw};
use crate::sampling::evaluate::evaluate;
use crate::sampling::files;
use crate::sampling::model::Filter;
use crate::store::Store;

pub async fn run(args: SampleArgs) -> Result<Outcome, Failure> {
    match args.command {
        SampleCommand::Draw(args) => run_draw(*args).await,
        SampleCommand::Evaluate {
            folder,
            paper,
            confidence,
            tolerable,
            output,
        } => {
            let sample = files::read(&folder)?;
            let examined = files::examined(&folder, paper.as_deref(), &sample)?;
            let evaluation = evaluate(&sample, &examined, confidence)?;
            match output.format {
                Format::Table => print!("{}", text::evaluation(&sample, &evaluation, tolerable)),
                Format::Csv => print!("{}", text::errors_csv(&evaluation)?),
                Format::Json => {
                    let json = serde_json::to_string(&evaluation).map_err(Failure::unwritable)?;
                    println!("{json}");
                }
            }
            Ok(Outcome::Done)
        }
        SampleCommand::Check { folder, db } => {
            let sample = files::read(&folder)?;
            let store = Store::open(&db.db).await?;
            let checked = check(&store, &sample).await?;
            print!("{}", text::checked(&sample, &checked));
            Ok(match checked.same() {
                true => Outcome::Done,
                false => Outcome::Found,
            })
        }
    }
}

async fn run_draw(args: DrawArgs) -> Result<Outcome, Failure> {
    files::free(&args.out)?;
    let order = Order {
        wanted: wanted(&args)?,
        filter: Filter {
            organisation: args.book.org.clone(),
            period: args.period.to_string(),
            accounts: args.account.clone(),
            side: match args.side {
                args::SideArg::Debit => Side::Debit,
                args::SideArg::Credit => Side::Credit,
            },
            unit: args.unit.into(),
        },
        seed: args.seed.unwrap_or_else(fresh_seed),
        by: args.by,
        at: session::now(),
    };
    let store = Store::open(&args.book.db.db).await?;
    let sample = draw(store.db(), order).await?;
    files::write(&args.out, &sample)?;
    print!("{}", text::drawn(&sample, &args.out));
    Ok(Outcome::Done)
}

/// Sixteen hex digits that nobody chose.
fn fresh_seed() -> String {
    format!("{:016x}", rand::random::<u64>())
}

fn wanted(args: &DrawArgs) -> Result<Wanted, Failure> {
    let lacking = |what: &str| Failure::Input(format!("抽样-1005 抽样办法不成立:{what}"));
    match args.method {
        args::MethodArg::Mus => {
            let by_tolerable = || {
                let confidence = args.confidence.unwrap_or(Confidence::USUAL);
                args.tolerable
                    .map(|money| Interval::Tolerable(money, confidence))
            };
            let interval = args
                .interval
                .map(Interval::Given)
                .or(args.size.map(Interval::Size))
                .or_else(by_tolerable)
                .ok_or_else(|| {
                    lacking("货币单位抽样须给出 --interval、--size 或 --tolerable 之一")
                })?;
            Ok(Wanted::MonetaryUnit {
                interval,
                start: args.start,
            })
        }
        args::MethodArg::Stratified => {
            let sizes = match (&args.sizes[..], args.size) {
                ([], None) => return Err(lacking("分层抽样须给出 --size 或 --sizes")),
                ([], Some(total)) => Sizes::Total(total),
                (each, _) => Sizes::Each(each.to_vec()),
            };
            Ok(Wanted::Stratified {
                bounds: args.bounds.clone(),
                sizes,
            })
        }
        args::MethodArg::Top => match (args.top, args.size) {
            (Some(top), Some(random)) => Ok(Wanted::TopAndRandom { top, random }),
            _ => Err(lacking(
                "大额全查加随机抽查须给出 --top 和 --size(其余中随机抽几笔)",
            )),
        },
    }
}
