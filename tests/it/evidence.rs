//! Evidence bundles of the sample street: whole they verify, and each kind of change is found by its code.

use std::io::{Cursor, Read as _, Write as _};
use std::path::Path;
use std::sync::OnceLock;

use proptest::prelude::*;
use sanzi::evidence::MAY_TAKE;
use sanzi::evidence::check::check;
use sanzi::evidence::key::{fingerprint, holds};
use sanzi::evidence::manifest::Listed;
use sanzi::model::{Role, hex};
use sanzi::web::permissions::Reach;
use serde_json::Value;

use crate::command_line::{stderr, stdout};

const SEED: &str = "0909090909090909090909090909090909090909090909090909090909090909";
const OTHER: &str = "1111111111111111111111111111111111111111111111111111111111111111";

type Files = Vec<(String, Vec<u8>)>;

/// Runs the program with a signing key.
fn sanzi(folder: &Path, args: &[&str], seed: &str) -> std::process::Output {
    let mut command = assert_cmd::Command::cargo_bin("sanzi").unwrap();
    command
        .current_dir(folder)
        .env("SANZI_ID_KEY", "test")
        .env("SANZI_SIGN_KEY", seed);
    command.env_remove("SANZI_DB").env_remove("SANZI_OVERLAY");
    command.args(args).output().unwrap()
}

/// The audited street with two items, one of them with an attachment, and the bundle of both.
struct Street {
    folder: tempfile::TempDir,
    items: Vec<String>,
    bundle: Vec<u8>,
}

fn street() -> &'static Street {
    static STREET: OnceLock<Street> = OnceLock::new();
    STREET.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        let jiufeng = crate::hand_in::fixture("jiufeng").display().to_string();
        // Three rules: a contract, its rent, and cash with its vouchers.
        let mut line = vec!["audit", jiufeng.as_str(), "--out", "a"];
        line.extend(["--rule", "C-001", "--rule", "C-012", "--rule", "F-001"]);
        let audit = sanzi(at, &line, SEED);
        assert!(audit.status.success(), "{}", stderr(&audit));
        let items = chosen(&at.join("a/findings.json"));
        std::fs::write(at.join("照片 1.jpg"), [0xff, 0xd8, 1, 2, 3]).unwrap();
        let note = [
            "review",
            &items[0],
            "--db",
            "sqlite://a/sanzi.db",
            "--as",
            "甲",
            "--role",
            "street_supervisor",
            "--record",
            "备注",
            "--text",
            "现场已看",
            "--attach",
            "照片 1.jpg",
        ];
        let noted = sanzi(at, &note, SEED);
        assert!(noted.status.success(), "{}", stderr(&noted));
        let mut line = vec!["findings", "bundle"];
        line.extend(items.iter().map(String::as_str));
        line.extend([
            "--db",
            "sqlite://a/sanzi.db",
            "--as",
            "乙",
            "--out",
            "b.zip",
        ]);
        // A supervisor: the inspector reads only what was handed over.
        line.extend(["--role", "street_supervisor"]);
        let made = sanzi(at, &line, SEED);
        assert!(made.status.success(), "{}", stderr(&made));
        let bundle = std::fs::read(at.join("b.zip")).unwrap();
        Street {
            folder,
            items,
            bundle,
        }
    })
}

/// A finding with voucher lines, and one with register rows.
fn chosen(findings: &Path) -> Vec<String> {
    let json = std::fs::read_to_string(findings).unwrap();
    let json: Value = serde_json::from_str(&json).unwrap();
    let with = |part: &str, but: &str| {
        let all = json["findings"].as_array().unwrap();
        let found = all.iter().find(|f| {
            !f[part].as_array().unwrap().is_empty()
                && f["number"] != but
                && f["kind"] != "data_quality"
        });
        found.unwrap()["number"].as_str().unwrap().to_owned()
    };
    let first = with("voucher_lines", "");
    let second = with("register_lines", &first);
    vec![first, second]
}

fn unpacked(bundle: &[u8]) -> Files {
    let mut zip = zip::ZipArchive::new(Cursor::new(bundle)).unwrap();
    (0..zip.len())
        .map(|i| {
            let mut entry = zip.by_index(i).unwrap();
            let name = entry.name().unwrap().into_owned();
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).unwrap();
            (name, bytes)
        })
        .collect()
}

fn packed(files: &Files) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        let options = zip::write::SimpleFileOptions::default();
        zip.start_file(name.as_str(), options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn at<'a>(files: &'a mut Files, name: &str) -> &'a mut Vec<u8> {
    let found = files.iter_mut().find(|(n, _)| n.ends_with(name));
    &mut found.unwrap_or_else(|| panic!("{name}")).1
}

/// What somebody does who knows the format: digests anew, signed with a key of their own.
fn signed_anew(files: &mut Files) {
    let mut manifest: Value = serde_json::from_slice(at(files, "manifest.json")).unwrap();
    let listed: Vec<Listed> = files
        .iter()
        .filter(|(n, _)| !n.starts_with("manifest."))
        .map(Listed::of)
        .collect();
    manifest["files"] = serde_json::to_value(listed).unwrap();
    let seed = [0x11u8; 32];
    let pair = ring::signature::Ed25519KeyPair::from_seed_unchecked(&seed).unwrap();
    let public = ring::signature::KeyPair::public_key(&pair).as_ref();
    manifest["signer"]["public_key"] = hex(public).into();
    manifest["signer"]["fingerprint"] = fingerprint(public).into();
    let text = serde_json::to_vec_pretty(&manifest).unwrap();
    *at(files, "manifest.sig") = hex(pair.sign(&text).as_ref()).into_bytes();
    *at(files, "manifest.json") = text;
}

/// The codes of what is wrong, each once.
fn codes(files: &Files) -> Vec<String> {
    codes_of(&packed(files), None)
}

fn codes_of(bundle: &[u8], expected: Option<&str>) -> Vec<String> {
    let problems = check(bundle, expected).problems;
    let mut codes: Vec<String> = problems
        .iter()
        .map(|p| p.to_string().split(' ').next().unwrap().to_owned())
        .collect();
    codes.dedup();
    codes
}

fn replaced(bytes: &mut Vec<u8>, from: &str, to: &str) {
    let text = String::from_utf8(bytes.clone()).unwrap();
    assert!(text.contains(from), "{from}: {text}");
    *bytes = text.replacen(from, to, 1).into_bytes();
}

#[test]
fn a_bundle_verifies_without_a_database() {
    let street = street();
    let at = street.folder.path();
    let plain = sanzi(at, &["verify", "b.zip"], OTHER);
    let text = stdout(&plain);
    assert!(plain.status.success(), "{text}");
    assert!(
        text.contains("只证明签名之后未被改动") && text.contains("证据包完好"),
        "{text}"
    );
    let manifest = check(&street.bundle, None).manifest.unwrap();
    let print = &manifest.signer.fingerprint;
    let expected = sanzi(at, &["verify", "b.zip", "--key", print], OTHER);
    assert!(
        stdout(&expected).contains("是所指定的签名者"),
        "{}",
        stdout(&expected)
    );
    let other = sanzi(at, &["verify", "b.zip", "--key", &"ab".repeat(32)], OTHER);
    assert_eq!(other.status.code(), Some(1));
    assert!(
        stdout(&other).contains("错误 证据-2009 "),
        "{}",
        stdout(&other)
    );
    let mut items = street.items.clone();
    items.sort();
    assert_eq!(manifest.items, items);
}

#[test]
fn everything_that_the_items_rest_on_is_in_it() {
    let street = street();
    let files = unpacked(&street.bundle);
    let has = |start: &str, end: &str| {
        let found = files
            .iter()
            .any(|(n, _)| n.starts_with(start) && n.ends_with(end));
        assert!(
            found,
            "{start}…{end}: {:?}",
            files.iter().map(|f| &f.0).collect::<Vec<_>>()
        );
    };
    let first = format!("items/{}/", street.items[0]);
    for name in [
        "finding.json",
        "item.json",
        "lines-handed-in.csv",
        "vouchers.json",
        "vouchers.csv",
    ] {
        has(&first, name);
    }
    has(&first, "1.jpg");
    has(&format!("items/{}/registers/", street.items[1]), ".csv");
    has("rules/", ".toml");
    has("chains/", "-vouchers.jsonl");
    has("chains/", "-review.jsonl");
    let checked = check(&street.bundle, None);
    assert!(checked.vouchers > 0 && checked.links > checked.vouchers && checked.events > 2);
    let page = files.iter().find(|(n, _)| n == "index.html").unwrap();
    let page = String::from_utf8(page.1.clone()).unwrap();
    assert!(page.contains("default-src 'none'") && !page.contains("<script"));
    assert!(!page.contains("http://") && !page.contains("https://"));
    assert!(page.contains("现场已看") && page.contains("疑点"));
    let manifest = files.iter().find(|(n, _)| n == "manifest.json").unwrap();
    let parsed = check(&street.bundle, None).manifest.unwrap();
    let public: Vec<u8> = sanzi::evidence::key::bytes(&parsed.signer.public_key).unwrap();
    let signature = files.iter().find(|(n, _)| n == "manifest.sig").unwrap();
    let signature = String::from_utf8(signature.1.clone()).unwrap();
    let signature = sanzi::evidence::key::bytes(signature.trim()).unwrap();
    assert!(holds(&public, &manifest.1, &signature));
}

#[test]
fn the_workspace_opens_it_to_the_same_roles() {
    let rules = sanzi::web::permissions::rules().iter();
    let mut route = rules.filter(|r| r.path.ends_with("/bundle"));
    let rule = route.next().unwrap();
    for role in Role::ALL {
        let opens = rule.reach(role) != Reach::Never;
        assert_eq!(opens, MAY_TAKE.contains(&role), "{role:?}");
    }
}

#[test]
fn the_same_items_give_the_same_files() {
    let street = street();
    let at = street.folder.path();
    let mut line = vec!["findings", "bundle"];
    // In another order.
    line.extend(street.items.iter().rev().map(String::as_str));
    line.extend([
        "--db",
        "sqlite://a/sanzi.db",
        "--as",
        "乙",
        "--out",
        "again.zip",
    ]);
    line.extend(["--role", "street_supervisor"]);
    assert!(sanzi(at, &line, SEED).status.success());
    let again = unpacked(&std::fs::read(at.join("again.zip")).unwrap());
    let mut compared = 0;
    for (one, two) in unpacked(&street.bundle).iter().zip(&again) {
        assert_eq!(one.0, two.0);
        // The time is in the manifest, and on the page.
        if !one.0.starts_with("manifest.") && one.0 != "index.html" {
            assert!(one.1 == two.1, "{}", one.0);
            compared += 1;
        }
    }
    assert!(compared > 8);
}

#[test]
fn what_is_changed_added_or_taken_away_is_found() {
    let whole = unpacked(&street().bundle);
    assert_eq!(codes(&whole), Vec::<String>::new());
    let mut files = whole.clone();
    at(&mut files, ".jpg")[0] = 0;
    assert_eq!(codes(&files), ["证据-2007", "证据-2013"]);
    let mut files = whole.clone();
    files.push(("items/x.txt".to_owned(), b"x".to_vec()));
    assert_eq!(codes(&files), ["证据-2006"]);
    let mut files = whole.clone();
    files.retain(|(n, _)| n != "index.html");
    assert_eq!(codes(&files), ["证据-2005"]);
    let mut files = whole.clone();
    replaced(
        at(&mut files, "manifest.json"),
        "\"made_by\": \"乙\"",
        "\"made_by\": \"丙\"",
    );
    assert_eq!(codes(&files), ["证据-2008"]);
    let mut files = whole.clone();
    let mut foreign = whole.clone();
    signed_anew(&mut foreign);
    *at(&mut files, "manifest.sig") = at(&mut foreign, "manifest.sig").clone();
    assert_eq!(codes(&files), ["证据-2008"]);
    let mut files = whole.clone();
    files.retain(|(n, _)| n != "manifest.sig");
    assert_eq!(codes(&files), ["证据-2008"]);
}

#[test]
fn who_signs_anew_is_found_by_the_key_and_by_the_chains() {
    let whole = unpacked(&street().bundle);
    let owner = check(&street().bundle, None).signed_by.unwrap();
    let mut files = whole.clone();
    signed_anew(&mut files);
    assert_eq!(codes(&files), Vec::<String>::new());
    assert_eq!(codes_of(&packed(&files), Some(&owner)), ["证据-2009"]);
    let mut files = whole.clone();
    replaced(
        at(&mut files, "vouchers.json"),
        "\"debit\": ",
        "\"debit\": 9",
    );
    signed_anew(&mut files);
    assert_eq!(codes(&files), ["证据-2010"]);
    let mut files = whole.clone();
    replaced(at(&mut files, "-vouchers.jsonl"), "\"row\":", "\"row\":9");
    signed_anew(&mut files);
    assert!(codes(&files).contains(&"证据-2011".to_owned()));
    let mut files = whole.clone();
    let links = at(&mut files, "-review.jsonl");
    let end = links[..links.len() - 1]
        .iter()
        .rposition(|b| *b == b'\n')
        .unwrap();
    links.truncate(end + 1);
    signed_anew(&mut files);
    assert!(codes(&files).contains(&"证据-2011".to_owned()));
    let mut files = whole.clone();
    replaced(at(&mut files, "item.json"), "\"by\": \"", "\"by\": \"某");
    signed_anew(&mut files);
    assert_eq!(codes(&files), ["证据-2012"]);
    let mut files = whole.clone();
    let name = format!("{}/item.json", street().items[0]);
    let mut item: Value = serde_json::from_slice(at(&mut files, &name)).unwrap();
    item["events"].as_array_mut().unwrap().remove(0);
    *at(&mut files, &name) = serde_json::to_vec(&item).unwrap();
    signed_anew(&mut files);
    assert!(codes(&files).contains(&"证据-2012".to_owned()));
    let mut files = whole.clone();
    replaced(
        at(&mut files, "finding.json"),
        "\"title\":\"",
        "\"title\":\"某",
    );
    signed_anew(&mut files);
    assert_eq!(codes(&files), ["证据-2013"]);
    let mut files = whole.clone();
    *at(&mut files, "item.json") = b"{}".to_vec();
    signed_anew(&mut files);
    assert!(codes(&files).contains(&"证据-2014".to_owned()));
}

#[test]
fn what_is_no_bundle_is_refused() {
    assert_eq!(codes_of(b"", None), ["证据-2001"]);
    assert_eq!(codes_of(b"no zip", None), ["证据-2001"]);
    let whole = unpacked(&street().bundle);
    for bad in ["../x", "/x", "C:/x", "a//b", "a\\b"] {
        let mut files = whole.clone();
        files.push((bad.to_owned(), b"x".to_vec()));
        assert!(codes(&files).contains(&"证据-2003".to_owned()), "{bad}");
    }
    // Two entries of one name: the writer refuses them, so one name is made another's in the bytes.
    let mut files = whole.clone();
    files.push(("index.htmk".to_owned(), b"x".to_vec()));
    let mut bytes = packed(&files);
    while let Some(place) = bytes.windows(10).position(|w| w == b"index.htmk") {
        bytes[place + 9] = b'l';
    }
    assert!(codes_of(&bytes, None).contains(&"证据-2003".to_owned()));
    let mut files = whole.clone();
    replaced(
        at(&mut files, "manifest.json"),
        "\"format\": 1",
        "\"format\": 2",
    );
    assert_eq!(codes(&files), ["证据-2004"]);
    let many: Files = (0..20_001).map(|i| (format!("{i}"), Vec::new())).collect();
    assert!(codes(&many).contains(&"证据-2002".to_owned()));
    let missing = sanzi(street().folder.path(), &["verify", "none.zip"], SEED);
    assert_eq!(missing.status.code(), Some(1));
    assert!(stdout(&missing).starts_with("错误 证据-2001 "));
}

/// 证据-1001 to 证据-1005; 证据-1002 is shown by a voucher changed by hand.
#[tokio::test]
async fn what_cannot_be_made_is_refused() {
    let street = street();
    let at = street.folder.path();
    let item = &street.items[0];
    let make = |db: &str, role: &str, out: &str, seed: &str| {
        let line = [
            "findings", "bundle", item, "--db", db, "--as", "乙", "--role", role, "--out", out,
        ];
        let output = sanzi(at, &line, seed);
        assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
        stderr(&output)
    };
    let (db, role) = ("sqlite://a/sanzi.db", "street_supervisor");
    assert!(make(db, role, "x.zip", "short").starts_with("错误 证据-1001 "));
    assert!(make(db, "read_only", "x.zip", SEED).starts_with("错误 证据-1005 "));
    let line = ["verify", "b.zip", "--key", "nobody"];
    let wrong = sanzi(at, &line, SEED);
    assert!(
        stderr(&wrong).starts_with("错误 证据-1004 "),
        "{}",
        stderr(&wrong)
    );
    let mut line = vec![
        "findings", "bundle", item, "--db", db, "--as", "乙", "--out",
    ];
    line.extend(["none/x.zip", "--role", role]);
    let unwritten = sanzi(at, &line, SEED);
    assert!(
        stderr(&unwritten).starts_with("错误 证据-1003 "),
        "{}",
        stderr(&unwritten)
    );
    std::fs::copy(at.join("a/sanzi.db"), at.join("changed.db")).unwrap();
    let url = format!("sqlite://{}", at.join("changed.db").display());
    let raw = sea_orm::Database::connect(&url).await.unwrap();
    crate::ledger::disable_guards(&raw, true).await;
    let sql = "UPDATE entry SET summary = 'x' WHERE position = 1";
    sea_orm::ConnectionTrait::execute_unprepared(&raw, sql)
        .await
        .unwrap();
    raw.close().await.unwrap();
    let mut line = vec![
        "findings",
        "bundle",
        item,
        "--db",
        "sqlite://changed.db",
        "--as",
        "乙",
    ];
    line.extend(["--role", role, "--out", "x.zip"]);
    let broken = sanzi(at, &line, SEED);
    assert!(
        stderr(&broken).starts_with("错误 证据-1002 "),
        "{}",
        stderr(&broken)
    );
    assert!(!at.join("x.zip").exists());
}

#[test]
fn no_damaged_zip_panics_or_passes() {
    let bundle = &street().bundle;
    let config = ProptestConfig::with_cases(60);
    let cut = 0..bundle.len();
    let change = (0..bundle.len(), 1..=255u8);
    proptest!(config, |(cut in cut, (place, bits) in change)| {
        prop_assert!(!check(&bundle[..cut], None).problems.is_empty());
        let mut changed = bundle.clone();
        changed[place] ^= bits;
        // Bits that no reader looks at (times, attributes) may change; then every file is still the one that was signed.
        let checked = check(&changed, None);
        if checked.problems.is_empty() {
            prop_assert!(unpacked(&changed) == unpacked(bundle));
        }
    });
}
