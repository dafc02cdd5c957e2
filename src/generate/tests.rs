//! Whole runs of the generator.

use super::*;

fn run(name: &str, inject_ppm: u32, postings: u64) -> (tempfile::TempDir, GenerateReport) {
    let dir = tempfile::tempdir().unwrap();
    let options = GenerateOptions {
        companies: 5,
        postings,
        months: 24,
        seed: 7,
        inject_ppm,
        out: dir.path().join(name),
    };
    let report = generate(&options, &|_, _| {}).unwrap();
    (dir, report)
}

/// Sum of debit minus credit per voucher of a company's book, in 分.
fn balances(path: &Path) -> std::collections::BTreeMap<String, i64> {
    let mut csv = csv::Reader::from_path(path).unwrap();
    let mut sums = std::collections::BTreeMap::new();
    for row in csv.records().map(Result::unwrap) {
        let fen = |i: usize| crate::model::Money::parse(&row[i]).unwrap().0;
        *sums
            .entry(format!("{}-{}", &row[0][..7], &row[2]))
            .or_insert(0) += fen(7) - fen(8);
    }
    sums
}

/// Every file below a folder by its path within it.
fn files(folder: &Path) -> std::collections::BTreeMap<PathBuf, Vec<u8>> {
    let mut found = std::collections::BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = PathBuf::from(path.file_name().unwrap());
        if path.is_dir() {
            found.extend(files(&path).into_iter().map(|(p, b)| (name.join(p), b)));
        } else {
            found.insert(name, fs::read(&path).unwrap());
        }
    }
    found
}

#[test]
fn clean_books_balance_and_fill_to_the_target() {
    let (dir, report) = run("a", 0, 12_000);
    assert!(report.labels.is_empty());
    assert!(
        (11_000..=13_500).contains(&report.entries),
        "{}",
        report.entries
    );
    for i in 1..=5 {
        let sums = balances(&dir.path().join(format!("a/C{i:04}/凭证.csv")));
        assert!(sums.values().all(|v| *v == 0));
    }
}

#[test]
fn same_seed_same_bytes_and_every_rule_is_labelled_at_rate_one() {
    let (one, report) = run("a", 1_000_000, 0);
    let (two, again) = run("a", 1_000_000, 0);
    assert_eq!(report, again);
    let (one, two) = (files(&one.path().join("a")), files(&two.path().join("a")));
    assert!(one.len() > 100 && one == two);
    for Injection { rule, .. } in injections() {
        let companies: std::collections::BTreeSet<_> = report
            .labels
            .iter()
            .filter(|l| l.rule == *rule)
            .map(|l| &l.organisation)
            .collect();
        let expected = match *rule {
            // The joint company's pairs are named by its members.
            "J-001" => 4,
            // Only one of the five is a collective.
            "G-006" | "R-003" => 1,
            _ => 5,
        };
        assert_eq!(companies.len(), expected, "{rule}");
    }
}

/// Whoever breaks a rule in long books breaks it in short ones, if it fits there.
#[test]
fn the_span_of_the_books_does_not_change_who_is_drawn() {
    let labels = |months| {
        let dir = tempfile::tempdir().unwrap();
        let options = GenerateOptions {
            companies: 6,
            postings: 0,
            months,
            seed: 11,
            inject_ppm: 500_000,
            out: dir.path().join("a"),
        };
        let report = generate(&options, &|_, _| {}).unwrap();
        let pairs = report.labels.into_iter();
        pairs
            .map(|l| (l.rule, l.organisation))
            .collect::<std::collections::BTreeSet<_>>()
    };
    let (short, long) = (labels(4), labels(13));
    let only_short: Vec<_> = short.difference(&long).collect();
    assert!(only_short.is_empty(), "{only_short:?}");
    assert!(!short.is_empty() && short.len() < long.len());
}

#[test]
fn refuses_a_folder_with_content_and_reads_rates() {
    let (dir, _) = run("a", 0, 0);
    let options = GenerateOptions {
        companies: 1,
        postings: 0,
        months: 1,
        seed: 1,
        inject_ppm: 0,
        out: dir.path().join("a"),
    };
    assert!(matches!(
        generate(&options, &|_, _| {}),
        Err(GenerateError::NotEmpty(_))
    ));
    assert_eq!(parse_rate("0.05"), Some(50_000));
    assert_eq!(parse_rate("1.5"), None);
}
