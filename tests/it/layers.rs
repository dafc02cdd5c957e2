//! Dependencies point one way: model ← store ← ledger ← import, statement, audit ← review, report ← web ← cli.

use std::fs;
use std::path::Path;

/// Each module with those it may use.
const ALLOWED: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("pack", &[]),
    ("store", &["model"]),
    ("ledger", &["model", "store"]),
    ("import", &["model", "pack", "store", "ledger"]),
    ("export", &["model", "pack", "store", "ledger", "import"]),
    ("audit", &["model", "pack", "store", "ledger"]),
    ("sampling", &["model", "store", "ledger", "import"]),
    ("review", &["model", "pack", "store", "ledger", "audit"]),
    ("rectification", &["model", "store", "import", "review"]),
    ("generate", &["model", "pack"]),
    ("statement", &["model", "pack", "store", "ledger"]),
    (
        "closing",
        &["model", "pack", "store", "ledger", "statement"],
    ),
    (
        "reconcile",
        &["model", "pack", "store", "ledger", "statement"],
    ),
    (
        "consolidation",
        &["model", "pack", "store", "ledger", "statement"],
    ),
    (
        "transition",
        &["model", "pack", "store", "ledger", "statement"],
    ),
    (
        "report",
        &["model", "pack", "store", "ledger", "statement", "audit"],
    ),
    ("access", &["model", "store", "ledger"]),
    (
        "supervision",
        &[
            "model", "pack", "store", "ledger", "audit", "review", "access",
        ],
    ),
    (
        "evidence",
        &[
            "model", "pack", "store", "ledger", "audit", "review", "report", "access",
        ],
    ),
    (
        "web",
        &[
            "model",
            "pack",
            "store",
            "ledger",
            "statement",
            "import",
            "audit",
            "review",
            "rectification",
            "report",
            "access",
            "document",
            "supervision",
            "evidence",
        ],
    ),
    (
        "document",
        &["model", "pack", "store", "audit", "review", "report"],
    ),
    (
        "cli",
        &[
            "document",
            "evidence",
            "model",
            "pack",
            "store",
            "ledger",
            "statement",
            "closing",
            "consolidation",
            "reconcile",
            "transition",
            "import",
            "export",
            "audit",
            "review",
            "rectification",
            "report",
            "sampling",
            "generate",
            "access",
            "supervision",
            "web",
        ],
    ),
];

#[test]
fn no_arrow_points_the_wrong_way() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    for entry in fs::read_dir(&src).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        if ["lib", "main"].contains(&name.as_str()) {
            continue;
        }
        let allowed = ALLOWED
            .iter()
            .find(|(module, _)| *module == name)
            .unwrap_or_else(|| panic!("module {name} has no layer"));
        visit(&path, &mut |file, text| {
            for (number, line) in text.lines().enumerate() {
                for part in line.split("crate::").skip(1) {
                    let used: String = part
                        .chars()
                        .take_while(|c| c.is_alphanumeric() || *c == '_')
                        .collect();
                    let known = ALLOWED.iter().any(|(module, _)| *module == used);
                    if known && used != name && !allowed.1.contains(&used.as_str()) {
                        wrong.push(format!("{}:{} uses {used}", file.display(), number + 1));
                    }
                }
            }
        });
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn visit(path: &Path, check: &mut impl FnMut(&Path, &str)) {
    if path.is_dir() {
        for entry in fs::read_dir(path).unwrap() {
            visit(&entry.unwrap().path(), check);
        }
    } else if path.extension().is_some_and(|e| e == "rs") {
        check(path, &fs::read_to_string(path).unwrap());
    }
}
