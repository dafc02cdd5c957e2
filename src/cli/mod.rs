//! The command line: one file per command. Commands parse arguments, call the library, print; they decide nothing.

mod account_ledger;
mod args;
mod audit;
mod audit_order;
mod batches;
mod bundle;
mod chart_change;
mod close;
mod consolidate;
mod curve;
mod demo_plan;
mod document;
mod export;
mod findings;
mod gates;
mod generate;
mod import;
mod labels;
mod mapping;
mod output;
mod pack_lock;
mod params;
mod pipe;
mod plan;
mod profile;
mod progress;
mod reconcile;
mod reverse;
mod review;
mod rules;
mod sample;
mod serve;
mod session;
mod statements;
mod suppress;
mod table;
mod trial_balance;
mod verify;

use std::process::ExitCode;

pub use args::Cli;
use args::Command;
use output::Outcome;

/// Runs the program: parses `args`, calls the command, prints what the user should see, returns the exit code
/// (0 done, 1 findings at or above `--fail-on`, 2 wrong use, 3 bad input, 4 internal).
pub fn run(args: impl IntoIterator<Item = std::ffi::OsString>) -> ExitCode {
    pipe::end_quietly();
    let cli = match args::parse(args) {
        Ok(cli) => cli,
        Err(stop) => {
            stop.print();
            return ExitCode::from(stop.exit_code());
        }
    };
    start_log(cli.verbose);
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(e) => {
            eprintln!("内部-1001 无法启动运行环境:{e}");
            return ExitCode::from(Outcome::INTERNAL);
        }
    };
    let done = runtime.block_on(dispatch(cli));
    // What still runs beside it (a table being worked out again) would be waited for, and holds nothing that could be lost.
    std::mem::forget(runtime);
    match done {
        Ok(outcome) => ExitCode::from(outcome.code()),
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::from(failure.exit_code())
        }
    }
}

async fn dispatch(cli: Cli) -> Result<Outcome, output::Failure> {
    match cli.command {
        Command::Audit(args) => audit::run(args, &cli.rules, &cli.overlay).await,
        Command::AuditOrder(args) => audit_order::run(args, &cli.rules, &cli.overlay).await,
        Command::Import(args) => import::run(args, &cli.rules).await,
        Command::TrialBalance(args) => trial_balance::run(args).await,
        Command::Ledger(args) => account_ledger::run(args).await,
        Command::Statements(args) => statements::run(args, &cli.rules).await,
        Command::Export(args) => export::run(args, &cli.rules, &cli.overlay).await,
        Command::Verify(args) => verify::run(args).await,
        Command::Findings(args) => findings::run(args, &cli.rules).await,
        Command::Review(args) => review::run(*args, &cli.rules).await,
        Command::Plan(args) => plan::run(args, &cli.rules).await,
        Command::Rules(args) => rules::run(args, &cli.rules, &cli.overlay).await,
        Command::Sample(args) => sample::run(args).await,
        Command::Params(args) => params::run(args, &cli.rules).await,
        Command::Document(args) => document::run(args, &cli.rules).await,
        Command::Generate(args) => generate::run(args),
        Command::Profile(args) => profile::run(args, &cli.rules),
        Command::Reconcile(args) => reconcile::run(args, &cli.rules).await,
        Command::Consolidate(args) => consolidate::run(args, &cli.rules).await,
        Command::ChartChange(args) => chart_change::run(args, &cli.rules).await,
        Command::Close(args) => close::close(args, &cli.rules).await,
        Command::Reopen(args) => close::reopen(args).await,
        Command::Reverse(args) => reverse::run(args).await,
        Command::Suppress(args) => suppress::run(args).await,
        Command::Serve(args) => serve::run(args, &cli.rules, &cli.overlay).await,
    }
}

/// Logs go to standard error and are for the person who runs the program as a service; silent unless asked for.
fn start_log(verbose: u8) {
    let level = match verbose {
        0 => "error",
        1 => "sanzi=info",
        _ => "sanzi=debug,info",
    };
    let filter = tracing_subscriber::EnvFilter::try_from_env("SANZI_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(level));
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .try_init();
}
