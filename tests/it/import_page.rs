//! docs/import.md does what it says: its commands are typed, its edits made, on a file of a layout that nobody wrote code
//! for.

use std::fs;
use std::path::Path;
use std::process::Output;

use crate::command_line::{sanzi, stderr};
use crate::hand_in::fixture;

/// A fenced block of the page: what stands behind the fence, and its text.
struct Block {
    fence: String,
    text: String,
    /// The paragraph before it.
    before: String,
}

fn blocks(page: &str) -> Vec<Block> {
    let mut parts = page.split("```");
    let mut before = parts.next().unwrap_or_default().to_owned();
    let mut out = Vec::new();
    while let Some(block) = parts.next() {
        let (fence, text) = block.split_once('\n').unwrap();
        out.push(Block {
            fence: fence.to_owned(),
            text: text.trim_end().to_owned(),
            before: before.trim().lines().last().unwrap_or_default().to_owned(),
        });
        before = parts.next().unwrap_or_default().to_owned();
    }
    out
}

fn page() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/import.md");
    fs::read_to_string(path).unwrap()
}

fn typed(folder: &Path, line: &str) -> Output {
    let words: Vec<&str> = line.split_whitespace().collect();
    assert_eq!(words[0], "sanzi", "{line}");
    sanzi(folder, &words[1..])
}

/// The files of the page, none in a layout of ours.
fn handed_in(folder: &Path) {
    for file in fs::read_dir(fixture("mapping")).unwrap() {
        let path = file.unwrap().path();
        fs::copy(&path, folder.join(path.file_name().unwrap())).unwrap();
    }
}

#[test]
fn the_walk_from_an_unknown_file_to_a_booked_one() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    handed_in(at);
    let mut profile = at.join("流水账.toml");
    let (mut printed, mut replaced) = (String::new(), String::new());
    for block in blocks(&page()) {
        match block.fence.as_str() {
            "toml" if block.before.ends_with("改前:") => replaced = block.text,
            "toml" => {
                let text = fs::read_to_string(&profile).unwrap();
                assert!(text.contains(&replaced), "{replaced}\n{text}");
                fs::write(&profile, text.replace(&replaced, &block.text)).unwrap();
            }
            "text" => assert!(printed.contains(&block.text), "{printed}"),
            fence => {
                let exit = fence
                    .strip_prefix("sh 退出码")
                    .map_or(0, |e| e.parse().unwrap());
                for line in block.text.lines() {
                    if line.contains(" --map") {
                        let source = line.split_whitespace().nth(2).unwrap();
                        profile = at.join(source).with_extension("toml");
                    }
                    let output = typed(at, line);
                    assert_eq!(
                        output.status.code(),
                        Some(exit),
                        "{line}: {}",
                        stderr(&output)
                    );
                    printed = String::from_utf8(output.stdout).unwrap();
                }
            }
        }
    }
    let balance = typed(
        at,
        "sanzi trial-balance --org CW01 --period 2024-01..2024-03 --db sqlite://账.db --format csv",
    );
    let balance = String::from_utf8(balance.stdout).unwrap();
    for row in [
        "102,银行存款,0.00,0.00,24000.00,3500.00,20500.00,0.00",
        "101,库存现金,0.00,0.00,2000.00,1760.50,239.50,0.00",
        "501,经营收入,0.00,0.00,0.00,24000.00,0.00,24000.00",
        "513,管理费用,0.00,0.00,860.50,0.00,860.50,0.00",
    ] {
        assert!(balance.contains(row), "{row}\n{balance}");
    }
    // The column that the page moves by hand is there.
    let tried = typed(at, "sanzi profile test 流水账.toml 流水账.csv");
    assert!(
        String::from_utf8(tried.stdout)
            .unwrap()
            .contains("制单 赵某一")
    );
}

#[test]
fn a_proposal_says_what_it_saw_and_never_overwrites() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    fs::copy(fixture("mapping/流水账.csv"), at.join("流水账.csv")).unwrap();
    let first = typed(at, "sanzi import 流水账.csv --map");
    let text = String::from_utf8(first.stdout).unwrap();
    for part in [
        "入账日",
        "2024-01-04",
        "凭证号",
        "经手",
        "(不用)",
        "通用序时账",
        "缺少",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    let before = fs::read_to_string(at.join("流水账.toml")).unwrap();
    let again = typed(at, "sanzi import 流水账.csv --map");
    assert!(
        String::from_utf8(again.stdout)
            .unwrap()
            .contains("流水账-2.toml")
    );
    assert_eq!(fs::read_to_string(at.join("流水账.toml")).unwrap(), before);
}

/// A file that a shipped layout reads is said to be read, and by which.
#[test]
fn a_known_file_is_named_and_mapped_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    fs::copy(fixture("layouts/u8-csv/序时账.csv"), at.join("序时账.csv")).unwrap();
    let output = typed(at, "sanzi import 序时账.csv --map");
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("用友 U8/T3 序时账"), "{text}");
    assert!(!text.contains("没有找到"), "{text}");
    let tried = typed(at, "sanzi profile test 序时账.toml 序时账.csv");
    assert!(tried.status.success(), "{}", stderr(&tried));
    assert!(
        String::from_utf8(tried.stdout)
            .unwrap()
            .contains("自定义 序时账")
    );
}

/// With a rule pack of one's own the profile goes there and needs no naming.
#[test]
fn a_profile_in_the_rules_folder_is_used_without_being_named() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    fs::copy(fixture("mapping/流水账.csv"), at.join("流水账.csv")).unwrap();
    crate::error_codes::write_rules(at);
    let map = typed(at, "sanzi --rules rules import 流水账.csv --map");
    assert!(map.status.success(), "{}", stderr(&map));
    assert!(at.join("rules/profiles/流水账.toml").exists());
    let import = typed(
        at,
        "sanzi --rules rules import 流水账.csv --org CW01 --dry-run",
    );
    assert!(import.status.success(), "{}", stderr(&import));
    let list = typed(at, "sanzi --rules rules profile list");
    assert!(
        String::from_utf8(list.stdout)
            .unwrap()
            .contains("自定义 流水账")
    );
}

/// What `profile test` prints of a file of `fixtures/mapping` by the profile that `--map` proposes, once a person has put
/// right what the proposal says is missing.
fn tried(folder: &Path, stem: &str, corrections: &[(&str, &str)]) -> String {
    let map = typed(folder, &format!("sanzi import {stem}.csv --map"));
    assert!(map.status.success(), "{}", stderr(&map));
    let profile = folder.join(format!("{stem}.toml"));
    let mut text = fs::read_to_string(&profile).unwrap();
    for (before, after) in corrections {
        assert!(text.contains(before), "{before}\n{text}");
        text = text.replace(before, after);
    }
    fs::write(&profile, text).unwrap();
    let tried = typed(
        folder,
        &format!("sanzi profile test {stem}.toml {stem}.csv"),
    );
    let printed = String::from_utf8(tried.stdout).unwrap();
    assert_eq!(tried.status.code(), Some(0), "{printed}");
    printed
}

#[test]
fn tables_that_are_no_journal_are_proposed_as_what_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    handed_in(at);
    let period = (
        "#[constants]\n#period = \"\"",
        "[constants]\nperiod = \"2024-01至2024-03\"",
    );
    let balance = tried(at, "季度结存", &[period]);
    assert!(balance.contains("科目余额:共 6 行"), "{balance}");
    assert!(balance.contains("20,500.00"), "{balance}");
    let accounts = tried(at, "科目清册", &[]);
    assert!(accounts.contains("科目:共 7 行"), "{accounts}");
    assert!(accounts.contains("农商行基本户"), "{accounts}");
    let opening = tried(at, "年初数", &[]);
    assert!(
        opening.contains("期初 1 年") && opening.contains("20,739.50"),
        "{opening}"
    );
    let account = (
        "#[constants]\n#account_hash = \"\"",
        "[constants]\naccount_hash = \"6200000000000000001\"",
    );
    let bank = tried(at, "账户进出", &[account]);
    assert!(bank.contains("银行流水:共 4 行"), "{bank}");
    assert!(bank.contains("****0001") && !bank.contains("6200000000000000001"));
    // A profile is passed on: long numbers show their ends only.
    let profile = fs::read_to_string(at.join("账户进出.toml")).unwrap();
    assert!(profile.contains("****2345") && !profile.contains("6200000000000012345"));
}

/// Beside the vouchers a table so mapped is tied out account by account.
#[test]
fn a_mapped_balance_table_is_compared_with_the_vouchers() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    handed_in(at);
    let period = (
        "#[constants]\n#period = \"\"",
        "[constants]\nperiod = \"2024-01至2024-03\"",
    );
    tried(at, "季度结存", &[period]);
    tried(at, "流水账", &[]);
    let books = at.join("账");
    fs::create_dir(&books).unwrap();
    fs::copy(at.join("流水账.csv"), books.join("流水账.csv")).unwrap();
    let import =
        "sanzi import 账 --profile 季度结存.toml --profile 流水账.toml --org CW01 --dry-run";
    for (from, to, differs) in [("x", "x", false), ("\"20,500.00\"", "\"20,500.01\"", true)] {
        let table = fs::read_to_string(at.join("季度结存.csv")).unwrap();
        fs::write(books.join("季度结存.csv"), table.replace(from, to)).unwrap();
        let printed = String::from_utf8(typed(at, import).stdout).unwrap();
        assert_eq!(printed.contains("导入-1032"), differs, "{printed}");
    }
}

/// What a person says a file is goes before what it looks like.
#[test]
fn the_kind_may_be_given() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    handed_in(at);
    let map = typed(at, "sanzi import 年初数.csv --map --kind 科目表");
    let text = String::from_utf8(map.stdout).unwrap();
    assert!(text.contains("像是科目表"), "{text}");
    let wrong = typed(at, "sanzi import 年初数.csv --map --kind 花名册");
    assert_eq!(wrong.status.code(), Some(2));
    assert!(stderr(&wrong).contains("银行流水"), "{}", stderr(&wrong));
}
