//! Matching bank lines with entries. Amounts must agree to the fen; the surest sign goes first: the bank's number, then the
//! counterparty within some days, then the amount alone, then one against several.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use crate::model::plain_name;

/// A bank line or an entry. `net` in 分: money in positive, money out negative.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    pub date: NaiveDate,
    pub net: i64,
    /// Number of the bank line; of an entry, the one it names. Of an entry without one, empty.
    pub txn: String,
    /// What is shown: number of the bank line, or voucher.
    pub number: String,
    pub party: String,
    pub text: String,
}

/// How far items may lie apart.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    pub days: i64,
    pub most: usize,
}

/// Items that are the same money: bank lines and entries by index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    pub bank: Vec<usize>,
    pub book: Vec<usize>,
    /// How they were found, in Chinese.
    pub how: &'static str,
}

/// What matched, and what is open on either side.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Matched {
    pub groups: Vec<Group>,
    pub bank_open: Vec<usize>,
    pub book_open: Vec<usize>,
}

/// Matches two lists. The same lists give the same result.
pub fn match_items(bank: &[Item], book: &[Item], limits: Limits) -> Matched {
    let mut state = State {
        sides: [bank, book],
        open: [(0..bank.len()).collect(), (0..book.len()).collect()],
        groups: Vec::new(),
        limits,
    };
    state.by_number();
    state.one_to_one("单位名称和金额", true);
    state.one_to_one("金额和日期", false);
    state.one_to_many(0);
    state.one_to_many(1);
    let [bank_open, book_open] = state.open.map(|open| open.into_iter().collect());
    Matched {
        groups: state.groups,
        bank_open,
        book_open,
    }
}

struct State<'a> {
    /// Bank, book.
    sides: [&'a [Item]; 2],
    open: [BTreeSet<usize>; 2],
    groups: Vec<Group>,
    limits: Limits,
}

impl State<'_> {
    fn take(&mut self, bank: Vec<usize>, book: Vec<usize>, how: &'static str) {
        for (open, used) in self.open.iter_mut().zip([&bank, &book]) {
            for index in used {
                open.remove(index);
            }
        }
        self.groups.push(Group { bank, book, how });
    }

    /// All lines and all entries of one number, when their sums agree.
    fn by_number(&mut self) {
        let mut numbers: BTreeMap<&str, [Vec<usize>; 2]> = BTreeMap::new();
        for (side, items) in self.sides.into_iter().enumerate() {
            for (index, item) in items.iter().enumerate().filter(|(_, i)| !i.txn.is_empty()) {
                numbers.entry(&item.txn).or_default()[side].push(index);
            }
        }
        for [bank, book] in numbers.into_values() {
            let sum = |side: usize, own: &[usize]| {
                own.iter().map(|&i| self.sides[side][i].net).sum::<i64>()
            };
            if !bank.is_empty() && !book.is_empty() && sum(0, &bank) == sum(1, &book) {
                self.take(bank, book, "流水号");
            }
        }
    }

    /// Equal amounts within the days allowed, the nearest in time first.
    fn one_to_one(&mut self, how: &'static str, same_party: bool) {
        let [bank, book] = self.sides;
        let mut by_amount: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
        for &index in &self.open[1] {
            by_amount.entry(book[index].net).or_default().push(index);
        }
        let mut pairs = Vec::new();
        for &a in &self.open[0] {
            for &b in by_amount.get(&bank[a].net).into_iter().flatten() {
                let days = apart(&bank[a], &book[b]);
                let agree = !same_party || same(&bank[a].party, &book[b].party);
                if days <= self.limits.days && agree {
                    pairs.push((days, a, b));
                }
            }
        }
        pairs.sort_unstable();
        for (_, a, b) in pairs {
            if self.open[0].contains(&a) && self.open[1].contains(&b) {
                self.take(vec![a], vec![b], how);
            }
        }
    }

    /// One item of a side against several of the other that share its counterparty, a voucher, or a day.
    fn one_to_many(&mut self, side: usize) {
        let (ones, many) = (self.sides[side], self.sides[1 - side]);
        for one in self.open[side].clone() {
            let near: Vec<usize> = self.open[1 - side]
                .iter()
                .copied()
                .filter(|&i| apart(&ones[one], &many[i]) <= self.limits.days)
                .filter(|&i| many[i].net.signum() == ones[one].net.signum())
                .collect();
            let found = self.several(&ones[one], many, &near);
            if let Some(found) = found {
                match side {
                    0 => self.take(vec![one], found, "一笔流水对多笔分录"),
                    _ => self.take(found, vec![one], "多笔流水对一笔分录"),
                }
            }
        }
    }

    fn several(&self, one: &Item, many: &[Item], near: &[usize]) -> Option<Vec<usize>> {
        let sum = |own: &[usize]| own.iter().map(|&i| many[i].net).sum::<i64>();
        let mut sets: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
        for &i in near {
            sets.entry(("number", &many[i].number)).or_default().push(i);
        }
        let party: Vec<usize> = near
            .iter()
            .copied()
            .filter(|&i| same(&many[i].party, &one.party))
            .collect();
        let day: Vec<usize> = near
            .iter()
            .copied()
            .filter(|&i| many[i].date == one.date)
            .collect();
        let whole = sets.into_values().chain([party.clone(), day]);
        for set in whole {
            if set.len() > 1 && sum(&set) == one.net {
                return Some(set);
            }
        }
        if party.len() > self.limits.most {
            return None;
        }
        subset(&party, many, one.net)
    }
}

/// Two or more of these items that make up the sum; the first found in their order. At most 2^most are tried.
fn subset(own: &[usize], items: &[Item], goal: i64) -> Option<Vec<usize>> {
    if own.len() < 2 {
        return None;
    }
    (3u32..1 << own.len().min(20)).find_map(|mask| {
        let chosen: Vec<usize> = own
            .iter()
            .enumerate()
            .filter(|(bit, _)| mask & (1 << bit) != 0)
            .map(|(_, &i)| i)
            .collect();
        let sum: i64 = chosen.iter().map(|&i| items[i].net).sum();
        (chosen.len() > 1 && sum == goal).then_some(chosen)
    })
}

fn apart(a: &Item, b: &Item) -> i64 {
    (a.date - b.date).num_days().abs()
}

/// The same counterparty, whatever the spaces and brackets; an unnamed one is nobody's.
fn same(a: &str, b: &str) -> bool {
    !a.is_empty() && plain_name(a) == plain_name(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { days: 10, most: 12 };

    fn item(day: u32, net: i64, txn: &str, number: &str, party: &str) -> Item {
        Item {
            date: NaiveDate::from_ymd_opt(2024, 1, day).unwrap(),
            net,
            txn: txn.into(),
            number: number.into(),
            party: party.into(),
            text: String::new(),
        }
    }

    #[test]
    fn the_number_goes_before_the_nearest_day() {
        let bank = [
            item(5, 100, "L1", "L1", "甲"),
            item(6, 100, "L2", "L2", "甲"),
        ];
        let book = [
            item(6, 100, "L1", "记1", "甲"),
            item(7, 100, "", "记2", "甲"),
        ];
        let matched = match_items(&bank, &book, LIMITS);
        let pairs: Vec<_> = matched
            .groups
            .iter()
            .map(|g| (g.bank.clone(), g.book.clone()))
            .collect();
        assert_eq!(pairs, [(vec![0], vec![0]), (vec![1], vec![1])]);
        assert!(matched.bank_open.is_empty() && matched.book_open.is_empty());
    }

    #[test]
    fn one_line_against_several_entries_and_back() {
        let bank = [
            item(5, -300, "", "L1", "工资"),
            item(8, 70, "", "L2", "乙"),
            item(9, 30, "", "L3", "乙"),
        ];
        let book = [
            item(5, -100, "", "记1", "张"),
            item(5, -200, "", "记1", "李"),
            item(9, 100, "", "记2", "乙"),
        ];
        let matched = match_items(&bank, &book, LIMITS);
        assert_eq!(matched.groups.len(), 2, "{matched:?}");
        assert!(matched.bank_open.is_empty() && matched.book_open.is_empty());
    }

    #[test]
    fn other_amounts_directions_and_far_days_stay_open() {
        let bank = [item(1, 100, "", "L1", "甲"), item(1, 55, "L9", "L9", "")];
        let book = [
            item(12, 100, "", "记1", "甲"),
            item(1, -100, "", "记2", "甲"),
            item(1, 54, "L9", "记3", ""),
        ];
        let matched = match_items(&bank, &book, LIMITS);
        assert_eq!((matched.bank_open.len(), matched.book_open.len()), (2, 3));
        assert!(matched.groups.is_empty());
    }

    #[test]
    fn some_of_many_make_up_the_sum() {
        let bank = [item(3, 60, "", "L1", "甲")];
        let book = [
            item(1, 10, "", "记1", "甲"),
            item(2, 25, "", "记2", "甲"),
            item(3, 35, "", "记3", "甲"),
        ];
        let matched = match_items(&bank, &book, LIMITS);
        assert_eq!(matched.groups[0].book, [1, 2]);
        assert_eq!(matched.book_open, [0]);
    }
}
