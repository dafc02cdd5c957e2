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

#[test]
fn the_walk_from_an_unknown_file_to_a_booked_one() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    fs::copy(fixture("mapping/流水账.csv"), at.join("流水账.csv")).unwrap();
    let profile = at.join("流水账.toml");
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
