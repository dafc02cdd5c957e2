//! The paths that grow with the books: reading files, posting, balances, loading for an audit, one rule.
//!
//! `cargo bench` runs them in about a minute; `cargo bench -- posting` one of them. Sizes are small on purpose: they show
//! what a change does to a path, `scripts/bench-peers` shows how the whole compares with other programs.

mod inputs;

use std::hint::black_box;

use criterion::{
    BatchSize, BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main,
};
use sanzi::audit::load;
use sanzi::audit::rule::RulePack;
use sanzi::audit::run::{self, RunOptions};
use sanzi::import::commit::{self, Defects};
use sanzi::import::handin::HandIn;
use sanzi::ledger::trial_balance::trial_balance;
use sanzi::model::PeriodRange;
use sanzi::pack::Pack;
use sanzi::store::{Store, segments};
use tokio::runtime::Runtime;

use inputs::Inputs;

/// Postings of the street; four companies and all registers beside them.
const POSTINGS: u64 = 20_000;

/// A rule with a mart and a wide group: neither the cheapest nor the dearest.
const RULE: &str = "F-023";

fn group<'c>(
    criterion: &'c mut Criterion,
    name: &str,
    elements: u64,
) -> BenchmarkGroup<'c, criterion::measurement::WallTime> {
    let mut group = criterion.benchmark_group(name);
    group
        .sample_size(10)
        .throughput(Throughput::Elements(elements));
    group
}

fn reading(criterion: &mut Criterion) {
    let inputs = Inputs::new(POSTINGS);
    let mut group = group(criterion, "reading", inputs.lines());
    for (name, path) in [
        ("neutral csv", inputs.neutral()),
        ("U8 csv in GBK", inputs.u8()),
    ] {
        group.bench_function(name, |b| b.iter(|| black_box(inputs.read(&path))));
    }
}

fn posting(criterion: &mut Criterion) {
    let (inputs, runtime) = (Inputs::new(POSTINGS), runtime());
    let hand_in = inputs.read(&inputs.neutral());
    let mut group = group(criterion, "posting", inputs.lines());
    group.bench_function("chained into a new SQLite file", |b| {
        let routine = |store: Store| runtime.block_on(post(store, &hand_in));
        b.iter_batched(
            || runtime.block_on(inputs.store()),
            routine,
            BatchSize::PerIteration,
        );
    });
}

fn balances(criterion: &mut Criterion) {
    let (inputs, runtime) = (Inputs::new(POSTINGS), runtime());
    let hand_in = inputs.read(&inputs.neutral());
    let organisation = hand_in.companies[0].organisation.to_string();
    let store = runtime.block_on(async { post(inputs.store().await, &hand_in).await });
    let mut group = group(criterion, "trial balance", inputs.lines());
    group.bench_function("two years from the store", |b| {
        b.iter(|| {
            let range = PeriodRange::parse("2024-01..2025-12").expect("a range");
            let balance = trial_balance(store.db(), &organisation, range);
            black_box(runtime.block_on(balance).expect("a balance"))
        });
    });
}

fn loading(criterion: &mut Criterion) {
    let (inputs, runtime) = (Inputs::new(POSTINGS), runtime());
    let rules = RulePack::load(&Pack::embedded());
    let hand_in = inputs.read(&inputs.street());
    let store = runtime.block_on(async { post(inputs.store().await, &hand_in).await });
    let folder = segments::folder(&store).expect("a folder beside the file");
    let load = || {
        runtime
            .block_on(load::load(&store, &rules, None, |_| {}))
            .expect("a snapshot")
    };
    let mut group = group(criterion, "loading", POSTINGS);
    group.bench_function("from the rows", |b| {
        let forget = || drop(std::fs::remove_dir_all(&folder));
        b.iter_batched(forget, |()| black_box(load()), BatchSize::PerIteration);
    });
    load();
    group.bench_function("from segments", |b| b.iter(|| black_box(load())));
}

fn rules(criterion: &mut Criterion) {
    let (inputs, runtime) = (Inputs::new(POSTINGS), runtime());
    let pack = RulePack::load(&Pack::embedded());
    let hand_in = inputs.read(&inputs.street());
    let store = runtime.block_on(async { post(inputs.store().await, &hand_in).await });
    let snapshot = runtime
        .block_on(load::load(&store, &pack, None, |_| {}))
        .expect("a snapshot");
    let options = RunOptions {
        rules: vec![RULE.to_owned()],
        ..RunOptions::default()
    };
    let mut group = group(criterion, "rules", POSTINGS);
    group.bench_function(RULE, |b| {
        b.iter(|| {
            black_box(
                runtime
                    .block_on(run::run(&snapshot, &pack, &options))
                    .expect("a run"),
            )
        });
    });
}

async fn post(store: Store, hand_in: &HandIn) -> Store {
    let now = chrono::NaiveDateTime::default();
    let receipt = commit::commit(&store, hand_in, Defects::Quarantine, now, |_| {}).await;
    assert!(
        receipt.expect("a receipt").batch.is_some(),
        "something was written"
    );
    store
}

fn runtime() -> Runtime {
    Runtime::new().expect("a runtime")
}

criterion_group!(benches, reading, posting, balances, loading, rules);
criterion_main!(benches);
