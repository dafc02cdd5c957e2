//! `sanzi import FILE --map`: a layout proposed for a file that none of ours fits, as a profile to be corrected.

use std::path::{Path, PathBuf};

use super::output::{Failure, Outcome};
use super::table::{Align, layout};
use crate::import::kind::Kind;
use crate::import::mapping::{Proposal, Proposer, nothing_found, profile_text};
use crate::pack::Pack;

/// `kind`: what the file is, as its person says; without it, what it looks like.
pub fn run(
    source: &Path,
    kind: Option<Kind>,
    pack: &Pack,
    rules: Option<&Path>,
) -> Result<Outcome, Failure> {
    let refused = |e: crate::import::ImportError| Failure::Input(e.to_string());
    let proposer = Proposer::new(pack).map_err(refused)?;
    let proposals = proposer.propose(source, kind).map_err(refused)?;
    if proposals.is_empty() {
        return Err(refused(nothing_found(source)));
    }
    let several = proposals.len() > 1;
    for (number, proposal) in (1..).zip(&proposals) {
        print!("{}", as_text(proposal));
        let name = file_name(source, several.then_some(number));
        let path = written(&folder(rules)?, &name, proposal)?;
        println!(
            "\n已写成格式文件 {}。请核对后试读:\n\n  sanzi profile test {} {}\n\n读得对了,再导入:\n\n  sanzi import {} --profile {} --org 单位编码 --db 数据库\n",
            path.display(),
            path.display(),
            source.display(),
            source.display(),
            path.display()
        );
    }
    Ok(Outcome::Done)
}

/// With a rule pack of one's own, its profiles; else where the user is.
fn folder(rules: Option<&Path>) -> Result<PathBuf, Failure> {
    let Some(rules) = rules else {
        return Ok(PathBuf::new());
    };
    let folder = rules.join("profiles");
    std::fs::create_dir_all(&folder).map_err(|e| unwritten(&folder, &e))?;
    Ok(folder)
}

fn unwritten(path: &Path, error: &std::io::Error) -> Failure {
    Failure::Input(format!(
        "用法-1007 格式文件「{}」写不了:{error}。请换一个可以写的文件夹",
        path.display()
    ))
}

fn file_name(source: &Path, number: Option<u32>) -> String {
    let stem = source.file_stem().unwrap_or_default().to_string_lossy();
    let number = number.map_or_else(String::new, |n| format!("-{n}"));
    format!("{stem}{number}")
}

/// Writes the profile under a name that is free.
fn written(folder: &Path, name: &str, proposal: &Proposal<'_>) -> Result<PathBuf, Failure> {
    use std::io::Write;
    let names = std::iter::once(name.to_owned()).chain((2..).map(|n| format!("{name}-{n}")));
    for name in names {
        let path = folder.join(format!("{name}.toml"));
        let file = std::fs::File::create_new(&path);
        match file.and_then(|mut f| f.write_all(profile_text(proposal, &name).as_bytes())) {
            Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(e) => return Err(unwritten(&path, &e)),
            Ok(()) => return Ok(path),
        }
    }
    Err(unwritten(folder, &std::io::ErrorKind::AlreadyExists.into()))
}

fn as_text(proposal: &Proposal<'_>) -> String {
    let sheet = proposal.sheet.as_ref();
    let sheet = sheet.map_or_else(String::new, |s| format!("[{s}]"));
    let mut out = format!(
        "{}{sheet}  像是{},表头在第 {} 行\n\n",
        proposal.file,
        proposal.kind().label(),
        proposal.header_row
    );
    let rows: Vec<Vec<String>> = proposal
        .columns
        .iter()
        .map(|c| {
            let (field, sure, why) = match &c.field {
                Some((_, title, sure, why)) => (title.as_str(), sure.label(), *why),
                None => ("(不用)", "", ""),
            };
            let cells = [&c.header, &c.samples.join("、"), field, sure, why];
            cells.map(|t| t.replace(['\r', '\n'], " ")).into()
        })
        .collect();
    let headers = ["列名", "样例", "字段", "把握", "依据"].map(|h| (h, Align::Left));
    out.push_str(&layout(&headers, &rows));
    for titled in &proposal.titled {
        let (title, sample) = (&titled.title, &titled.sample);
        out.push_str(&format!("\n{title}取自表头上方或文件名:{sample}\n"));
    }
    if !proposal.lacking.is_empty() {
        let lacking: Vec<&str> = proposal.lacking.iter().map(|n| n.title.as_str()).collect();
        out.push_str(&format!("\n没有找到:{}\n", lacking.join("、")));
    }
    match &proposal.recognised {
        Some(title) => out.push_str(&format!(
            "\n这张表现在已按「{title}」读入,一般不需要另写格式文件\n"
        )),
        None => out.push_str("\n现有的格式都读不了这张表\n"),
    }
    for declined in &proposal.declined {
        out.push_str(&format!(
            "  {}:缺少 {}\n",
            declined.title,
            declined.missing.join("、")
        ));
    }
    out
}
