//! Accounts named instead of numbered, as hand ledgers do: `银行存款`, `银行存款-农商行`.

use super::detect::name_path;
use crate::model::{Account, Chart, Text};

/// The code of the one account that a name or name path means. The error says why there is none, for people.
pub fn account(chart: &Chart, name: &str) -> Result<Text, &'static str> {
    let name = name.trim();
    let fits: Vec<&Account> = match exact(chart, &[name]) {
        found if found.is_empty() => exact(chart, &path(name)),
        found => found,
    };
    // A detail often repeats the name of the account above it: the upper one is meant.
    let top: Vec<&Account> = fits
        .iter()
        .copied()
        .filter(|a| a.parent.is_none())
        .collect();
    match (fits.as_slice(), top.as_slice()) {
        ([one], _) | (_, [one]) => Ok(one.code.clone()),
        ([], _) => Err("不在科目表中"),
        _ => Err("有几个同名的科目"),
    }
}

/// Accounts whose own name and those above it are the path's last parts.
fn exact<'c>(chart: &'c Chart, path: &[&str]) -> Vec<&'c Account> {
    let accounts = chart.accounts.values();
    accounts
        .filter(|account| {
            let above = |a: &&'c Account| a.parent.as_ref().and_then(|p| chart.account(p));
            let names = std::iter::successors(Some(*account), above).map(|a| &*a.name);
            let names: Vec<&str> = names.take(path.len()).collect();
            names.len() == path.len() && names.iter().eq(path.iter().rev())
        })
        .collect()
}

/// People also write a path with plain hyphens.
fn path(name: &str) -> Vec<&str> {
    match name_path(name) {
        path if path.len() > 1 => path,
        _ => name.split(['-', '－', '→']).map(str::trim).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::chart::Charts;
    use crate::import::standard::Stated;
    use crate::model::{Place, Standard};
    use crate::pack::Pack;

    #[test]
    fn a_name_means_one_account_or_none() {
        let charts = Charts::load(&Pack::embedded()).unwrap();
        let seen = [
            ("1002.01", "银行存款 - 农商行"),
            ("1012.01", "其他货币资金 - 农商行"),
        ]
        .map(|(code, name)| (code.into(), Some(name.into())));
        let seen = [(2024, seen.into())].into();
        let stated = Stated {
            spans: vec![(None, Standard::SmallEnterprise)],
            ..Stated::default()
        };
        let resolved = charts.resolve(&stated, &[], &seen, &Place::default());
        let chart = resolved.history.latest;
        for (name, want) in [
            ("库存现金", Ok("1001")),
            ("银行存款-农商行", Ok("1002.01")),
            ("银行存款 - 农商行", Ok("1002.01")),
            ("农商行", Err("有几个同名的科目")),
            ("外星", Err("不在科目表中")),
        ] {
            let found = account(&chart, name);
            assert_eq!(found.as_deref(), want.as_ref().copied(), "{name}");
        }
    }
}
