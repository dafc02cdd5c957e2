//! Audit documents from the sample street: every form, a letterhead, and what is refused.

use std::io::{Read as _, Write as _};
use std::path::Path;

use crate::command_line::{command, sanzi, stderr, stdout};

/// The text of a .docx without its tags.
fn text(path: &Path) -> String {
    let file = std::fs::File::open(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let mut archive = zip::ZipArchive::new(file).unwrap();
    let mut xml = String::new();
    let mut part = archive.by_name("word/document.xml").unwrap();
    part.read_to_string(&mut xml).unwrap();
    let tags = regex::Regex::new("<[^>]*>").unwrap();
    tags.replace_all(&xml, "").into_owned()
}

fn letterhead(path: &Path, body: &str) {
    let mut writer = zip::ZipWriter::new(std::fs::File::create(path).unwrap());
    let options = zip::write::SimpleFileOptions::default();
    writer.start_file("word/document.xml", options).unwrap();
    let xml = format!(
        "<w:document><w:body><w:p><w:r><w:t>{body}</w:t></w:r></w:p></w:body></w:document>"
    );
    writer.write_all(xml.as_bytes()).unwrap();
    writer.finish().unwrap();
}

/// The audited street with its largest finding: (number, organisation, fact).
struct Street {
    folder: tempfile::TempDir,
    number: String,
    organisation: String,
    fact: String,
}

impl Street {
    fn audited() -> Street {
        let folder = tempfile::tempdir().unwrap();
        let jiufeng = crate::hand_in::fixture("jiufeng").display().to_string();
        let audit = sanzi(folder.path(), &["audit", &jiufeng, "--out", "a"]);
        assert!(audit.status.success(), "{}", stderr(&audit));
        let json = std::fs::read_to_string(folder.path().join("a/findings.json")).unwrap();
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        let with_vouchers =
            |f: &&serde_json::Value| !f["voucher_lines"].as_array().unwrap().is_empty();
        let findings = json["findings"].as_array().unwrap();
        let finding = findings
            .iter()
            .filter(with_vouchers)
            .max_by_key(|f| f["amount"]["fen"].as_i64())
            .unwrap();
        let value = |name: &str| finding[name].as_str().unwrap().to_owned();
        Street {
            number: value("number"),
            organisation: value("organisation"),
            fact: value("message"),
            folder,
        }
    }

    fn make(&self, form: &str, more: &[&str]) -> std::process::Output {
        self.make_with(form, more, "")
    }

    /// With this program to make PDF.
    fn make_with(&self, form: &str, more: &[&str], typesetter: &str) -> std::process::Output {
        let base = [
            "document",
            "make",
            form,
            "--db",
            "sqlite://a/sanzi.db",
            "--org",
            &self.organisation,
            "--as",
            "张某",
        ];
        let mut command = command(self.folder.path(), &[&base[..], more].concat());
        command.env("SANZI_PDF", typesetter).output().unwrap()
    }

    fn refused(&self, form: &str, more: &[&str], code: &str) {
        let output = self.make(form, more);
        let said = stderr(&output);
        assert!(said.contains(&format!("错误 {code} ")), "{code}: {said}");
        assert_eq!(output.status.code(), Some(3), "{said}");
    }
}

/// Runs `script` where the program that makes PDF is looked for.
#[cfg(unix)]
fn typesetter(folder: &Path, script: &str) -> String {
    use std::os::unix::fs::PermissionsExt as _;
    let path = folder.join("typesetter");
    std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path.display().to_string()
}

/// PDF through a program that stands in for the real one, which has tests of its own.
#[cfg(unix)]
fn documents_as_pdf(street: &Street) {
    let folder = street.folder.path();
    let make = |script: &str, more: &[&str]| {
        let program = typesetter(folder, script);
        street.make_with("evidence", &[&["--format", "pdf"], more].concat(), &program)
    };
    let item = ["--item", street.number.as_str(), "--out", "pdf"];
    let made = make("printf %%PDF-1.7; cat", &item);
    assert!(made.status.success(), "{}", stderr(&made));
    let path = folder.join(format!("pdf/审计取证单_{}.pdf", street.number));
    let pdf = std::fs::read_to_string(path).unwrap();
    let model: serde_json::Value = serde_json::from_str(&pdf["%PDF-1.7".len()..]).unwrap();
    assert_eq!(model["title"], "审计取证单");
    assert_eq!(model["ident"], format!("审计取证单_{}", street.number));
    assert!(pdf.contains(&street.fact), "{pdf}");

    let refused = |output: std::process::Output, code: &str| {
        let said = stderr(&output);
        assert!(said.contains(&format!("错误 {code} ")), "{code}: {said}");
        assert_eq!(output.status.code(), Some(3), "{said}");
    };
    let no_font = "echo '排版-1002 没有可用的中文字体' >&2; exit 2";
    refused(make(no_font, &item), "排版-1002");
    refused(make("exit 9", &item), "文书-1008");
    let own = ["--template", "t.docx"];
    refused(make("exit 9", &own), "文书-1009");
    let nowhere = street.make_with("evidence", &["--format", "pdf"], "nowhere");
    refused(nowhere, "文书-1007");
}

#[test]
fn documents_are_made_from_an_audited_street() {
    let street = Street::audited();
    let folder = street.folder.path();
    let per_finding = ["evidence", "working_paper", "closing", "hand_over"];
    let listed = stdout(&sanzi(folder, &["document", "list"]));
    let forms: Vec<&str> = listed
        .lines()
        .filter_map(|l| l.split_whitespace().next())
        .collect();
    assert_eq!(forms.len(), 10, "{listed}");
    for form in forms {
        let more = [
            "--item",
            &street.number,
            "--set",
            "文号=〔2025〕3号",
            "--out",
            form,
        ];
        let made = street.make(form, &more);
        assert!(made.status.success(), "{form}: {}", stderr(&made));
        let files: Vec<_> = std::fs::read_dir(folder.join(form))
            .unwrap()
            .map(|e| e.unwrap().path())
            .collect();
        assert_eq!(files.len(), 1, "{form}");
        let text = text(&files[0]);
        let tells_the_fact = form != "notice";
        assert_eq!(
            text.contains(&street.fact),
            tells_the_fact,
            "{form}: {text}"
        );
        assert!(!text.contains('{'), "{form}: {text}");
        let name = files[0].file_name().unwrap().to_string_lossy().into_owned();
        let named = if per_finding.contains(&form) {
            &street.number
        } else {
            &street.organisation
        };
        assert!(name.ends_with(&format!("_{named}.docx")), "{name}");
    }
    let report = text(
        &folder
            .join("report")
            .join(format!("审计报告_{}.docx", street.organisation)),
    );
    assert!(
        report.contains("四、发现的疑点"),
        "nobody has determined anything yet: {report}"
    );

    letterhead(&folder.join("t.docx"), "致{{被审计单位}}:{{事实}} {{文号}}");
    let made = street.make(
        "evidence",
        &[
            "--item",
            &street.number,
            "--template",
            "t.docx",
            "--out",
            "own",
        ],
    );
    assert!(stdout(&made).contains("留空待填:文号"), "{}", stdout(&made));
    let own = text(
        &folder
            .join("own")
            .join(format!("审计取证单_{}.docx", street.number)),
    );
    assert!(own.starts_with('致') && own.contains(&street.fact), "{own}");

    #[cfg(unix)]
    documents_as_pdf(&street);

    letterhead(&folder.join("bad.docx"), "{{收件人}}");
    std::fs::write(folder.join("f.csv"), "名称,内容\n文号,甲\n,乙\n").unwrap();
    street.refused("罚单", &[], "文书-1002");
    street.refused("evidence", &["--item", "C-001-00000000"], "文书-1003");
    street.refused("evidence", &["--template", "bad.docx"], "文书-1004");
    street.refused("notice", &["--fields", "f.csv"], "文书-1005");
    street.refused("notice", &["--out", "f.csv"], "文书-1006");
    street.refused("notice", &["--state", "没有"], "核查-1003");
    let pack = folder.join("pack/documents");
    std::fs::create_dir_all(&pack).unwrap();
    let broken = "id = \"x\"\ntitle = \"甲\"\npurpose = \"乙\"\nper = \"finding\"\n[[block]]\ntext = \"{甲}\"\n";
    std::fs::write(pack.join("x.toml"), broken).unwrap();
    street.refused("x", &["--rules", "pack"], "文书-1001");
}
