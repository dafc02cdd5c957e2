//! The program as Sanzi starts it. Needs a Chinese font on the machine (Debian: fonts-wqy-microhei). `排版-1005` has its test
//! beside its source: nothing that comes through the pipe leads there.

use std::io::Write as _;
use std::path::Path;
use std::process::{Output, Stdio};

use assert_cmd::Command;
use assert_cmd::cargo::cargo_bin;

/// Written by a test of Sanzi: every kind of block, rare characters, characters that mean something to Typst.
const MODEL: &str = include_str!("model.json");

fn sanzi_pdf(args: &[&str], input: &str) -> Output {
    let mut command = Command::cargo_bin("sanzi-pdf").unwrap();
    command.args(args).write_stdin(input).output().unwrap()
}

fn refused(output: &Output, code: &str) -> String {
    let said = String::from_utf8(output.stderr.clone()).unwrap();
    assert!(said.starts_with(&format!("{code} ")), "{code}: {said}");
    assert_eq!(said.trim_end().lines().count(), 1, "{said}");
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(output.stdout.is_empty());
    said
}

/// The model with another title.
fn titled(title: &str) -> String {
    MODEL.replacen("审计工作底稿\",", &format!("{title}\","), 1)
}

/// All that a PDF says in its streams, unpacked.
fn unpacked(pdf: &[u8]) -> String {
    let mut text = String::new();
    let mut rest = pdf;
    while let Some(at) = find(rest, b"stream\n") {
        let body = &rest[at + 7..];
        let end = find(body, b"endstream").unwrap();
        if let Ok(bytes) = miniz_oxide::inflate::decompress_to_vec_zlib(&body[..end]) {
            text += &String::from_utf8_lossy(&bytes);
        }
        rest = &body[end + 9..];
    }
    text + &String::from_utf8_lossy(pdf)
}

fn find(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).position(|w| w == part)
}

#[test]
fn a_document_of_every_kind_of_block_becomes_pages_whose_text_can_be_copied() {
    let output = sanzi_pdf(&[], MODEL);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let pdf = output.stdout;
    assert!(pdf.starts_with(b"%PDF-"));
    let text = unpacked(&pdf);
    let pages = regex_count(&text, "/Type/Page");
    assert_eq!(pages, 4, "60 rows take three pages, the appendix one");
    // What a viewer copies stands in the tables from glyphs to characters.
    for c in "龘靐齉".chars() {
        assert!(text.contains(&format!("<{:04X}>", c as u32)), "{c}");
    }
    let again = sanzi_pdf(&[], MODEL).stdout;
    assert!(pdf == again, "the same document gives the same bytes");
}

/// How often `/Type /Page` stands there, however it is spaced, without `/Pages`.
fn regex_count(text: &str, mark: &str) -> usize {
    let dense: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    dense.matches(mark).count() - dense.matches(&format!("{mark}s")).count()
}

#[test]
fn a_character_that_no_font_has_is_named() {
    let said = refused(&sanzi_pdf(&[], &titled("甲\u{10fffd}乙")), "排版-1003");
    assert!(said.contains("(U+10FFFD)"), "{said}");
    assert!(!said.contains('甲'), "{said}");
}

/// WenQuanYi Micro Hei names glyphs for these and leaves them empty: another font draws them, or they are named.
#[test]
fn a_character_whose_glyph_is_empty_is_drawn_or_named() {
    let output = sanzi_pdf(&[], &titled("23℃ Ⅴ"));
    if output.status.success() {
        let text = unpacked(&output.stdout);
        assert!(text.contains("<2103>"), "it can be copied");
    } else {
        refused(&output, "排版-1003");
    }
}

#[test]
fn a_machine_without_chinese_fonts_is_told_what_to_install() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("fonts.conf");
    let fonts = folder.path().join("fonts");
    std::fs::create_dir(&fonts).unwrap();
    let dir = fonts.display();
    std::fs::write(
        &config,
        format!("<fontconfig><dir>{dir}</dir></fontconfig>"),
    )
    .unwrap();
    let mut command = Command::cargo_bin("sanzi-pdf").unwrap();
    let output = command
        .env("FONTCONFIG_FILE", config)
        .write_stdin(MODEL)
        .output();
    let said = refused(&output.unwrap(), "排版-1002");
    assert!(said.contains("apt install fonts-noto-cjk"), "{said}");
}

#[test]
fn what_is_no_model_is_refused() {
    refused(&sanzi_pdf(&[], ""), "排版-1001");
    refused(&sanzi_pdf(&[], "{\"version\":\n1"), "排版-1001");
    let newer = MODEL.replace("\"version\": 1", "\"version\": 2");
    let said = refused(&sanzi_pdf(&[], &newer), "排版-1001");
    assert!(said.contains("版本是 2"), "{said}");
}

#[test]
fn the_command_line_takes_fonts_and_nothing_else() {
    refused(&sanzi_pdf(&["--out", "x.pdf"], MODEL), "排版-1006");
    refused(&sanzi_pdf(&["--font"], MODEL), "排版-1006");
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    let said = refused(
        &sanzi_pdf(&["--font", here.to_str().unwrap()], MODEL),
        "排版-1004",
    );
    assert!(said.contains("不是字体文件"), "{said}");
    refused(&sanzi_pdf(&["--font", "/nowhere.ttf"], MODEL), "排版-1004");
    let help = sanzi_pdf(&["--help"], "");
    assert!(String::from_utf8_lossy(&help.stdout).contains("--font"));
    let version = sanzi_pdf(&["--version"], "");
    assert!(version.stdout.starts_with(b"sanzi-pdf "));
}

#[test]
fn nobody_who_listens_is_an_error_and_no_panic() {
    let mut child = std::process::Command::new(cargo_bin("sanzi-pdf"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    child
        .stdin
        .take()
        .unwrap()
        .write_all(MODEL.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    refused(&output, "排版-1007");
}
