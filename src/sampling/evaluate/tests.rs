//! What confidence promises, over many seeds: drawn and evaluated from populations whose errors are known.

use chrono::NaiveDate;

use super::{Examined, Outcome, evaluate};
use crate::model::{Money, Side};
use crate::sampling::confidence::Confidence;
use crate::sampling::design::{Interval, Sizes, Wanted, settle};
use crate::sampling::draw::select;
use crate::sampling::model::{FORMAT, Filter, Item, Population, Sample, Unit};

const SEEDS: usize = 200;

/// 600 items of 1 to 9 973 元, in no order.
fn items() -> Vec<Item> {
    let one = |n: i64| Item {
        voucher: format!("2024-01-记-{n:04}"),
        line: Some(1),
        date: NaiveDate::default(),
        account: String::new(),
        account_name: String::new(),
        summary: String::new(),
        counterparty: String::new(),
        amount: Money((n * n * 31 % 9_973 + 1) * 100),
    };
    (1..=600).map(one).collect()
}

fn number(item: &Item) -> i64 {
    item.voucher[item.voucher.len() - 4..].parse().unwrap()
}

/// The outcome of one draw, every item drawn being examined.
fn outcome(items: &[Item], wanted: &Wanted, seed: usize, right: fn(&Item) -> Money) -> Outcome {
    let seed = seed.to_string();
    let design = settle(items, wanted, &seed, "A01").unwrap();
    let (strata, drawn) = select(items, &design, &seed, "A01").unwrap();
    let examined: Vec<Examined> = drawn
        .iter()
        .map(|d| Examined {
            number: d.number,
            audited: right(&d.item),
            note: String::new(),
        })
        .collect();
    let sample = Sample {
        format: FORMAT,
        program: String::new(),
        drawn_at: Default::default(),
        by: None,
        currency_unit: String::new(),
        filter: Filter {
            organisation: "A01".into(),
            period: String::new(),
            accounts: Vec::new(),
            side: Side::Debit,
            unit: Unit::Entry,
        },
        design,
        seed,
        population: Population {
            count: 0,
            total: Money::ZERO,
            unreachable_count: 0,
            unreachable_total: Money::ZERO,
            digest: String::new(),
            chain_head: String::new(),
            chain_length: 0,
        },
        strata,
        items: drawn,
    };
    let confidence = Confidence::parse("95").unwrap();
    evaluate(&sample, &examined, confidence).unwrap().outcome
}

/// Every twentieth item is overstated by half, every fiftieth wholly.
fn overstated(item: &Item) -> Money {
    match number(item) {
        n if n % 50 == 0 => Money::ZERO,
        n if n % 20 == 0 => Money(item.amount.0 / 2),
        _ => item.amount,
    }
}

/// Every item is off by up to 6 % to either side, by 2 % too much on the whole.
fn noisy(item: &Item) -> Money {
    let off = number(item) * 7 % 13 - 8;
    Money(item.amount.0 + item.amount.0 * off / 100)
}

fn truth(items: &[Item], right: fn(&Item) -> Money) -> i64 {
    items.iter().map(|i| i.amount.0 - right(i).0).sum()
}

#[test]
fn the_bound_holds_as_often_as_the_confidence_says() {
    let items = items();
    let truth = truth(&items, overstated);
    let wanted = Wanted::MonetaryUnit {
        interval: Interval::Size(60),
        start: None,
    };
    let (mut held, mut projected) = (0, 0i64);
    for seed in 0..SEEDS {
        let Outcome::Bound(bound) = outcome(&items, &wanted, seed, overstated) else {
            panic!("no bound");
        };
        held += usize::from(bound.over.upper.0 >= truth);
        projected += bound.over.known.0 + bound.over.projected.0;
        assert_eq!(bound.under.errors, 0);
    }
    assert!(held * 100 >= SEEDS * 95, "{held} of {SEEDS}");
    // The projection is unbiased: over two hundred draws its mean lies within a tenth of the truth.
    let mean = projected / SEEDS as i64;
    assert!((mean - truth).abs() * 10 < truth, "{mean} for {truth}");
}

#[test]
fn estimates_lie_within_their_margins_as_often_as_the_confidence_says() {
    let items = items();
    let truth = truth(&items, noisy);
    for wanted in [
        Wanted::Stratified {
            bounds: vec![Money(200_000), Money(600_000)],
            sizes: Sizes::Total(60),
        },
        Wanted::TopAndRandom {
            top: 20,
            random: 40,
        },
    ] {
        let (mut ratio, mut mean) = (0, 0);
        for seed in 0..SEEDS {
            let Outcome::Estimates(found) = outcome(&items, &wanted, seed, noisy) else {
                panic!("no estimates");
            };
            let holds = |e: &super::Estimate| (e.error.0 - truth).abs() <= e.margin.0;
            ratio += usize::from(found.ratio.as_ref().is_some_and(holds));
            mean += usize::from(holds(&found.mean));
        }
        // 190 expected; four standard deviations of a binomial below.
        for held in [ratio, mean] {
            assert!(held >= 178, "{held} of {SEEDS}: {wanted:?}");
        }
    }
}
