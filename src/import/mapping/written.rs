//! A proposal as a profile: TOML with a comment on every column, to be corrected by hand.

use std::fmt::Write;

use super::{Column, Proposal};

/// Head fields that packages often print on a voucher's first line only.
const HEAD: [&str; 13] = [
    "date",
    "period",
    "year",
    "month",
    "word",
    "number",
    "voucher",
    "attachments",
    "maker",
    "checker",
    "poster",
    "cashier",
    "void",
];

/// The text of the profile `id`.
pub fn profile_text(proposal: &Proposal, id: &str) -> String {
    let mut out = String::new();
    let place = proposal
        .sheet
        .as_ref()
        .map_or_else(String::new, |s| format!(" 工作表「{s}」"));
    // Writing to a String cannot fail.
    let _ = write!(
        out,
        "# 由 sanzi import --map 按「{}」{place}提出,表头在第 {} 行。请核对每一列,改错补漏,然后用 sanzi profile test 试读。\n\
         # 字段名不能改;方括号里是文件的列名,可以写几个,排在前面的优先。不要的列移到 ignored。\n\n",
        proposal.file, proposal.header_row
    );
    let _ = writeln!(out, "id    = {}", quoted(id));
    let _ = writeln!(out, "title = {}", quoted(&format!("自定义 {id}")));
    out.push_str("# 列名对得上时,优先用这个格式\npreferred = true\n");
    let fields: Vec<&str> = proposal.columns.iter().filter_map(field).collect();
    let has = |name: &str| fields.contains(&name);
    let _ = writeln!(
        out,
        "# 必须有的字段:缺了就不是这种表\nrequired = [{}]",
        required(&has)
    );
    let heads = HEAD.into_iter().filter(|name| has(name)).map(quoted);
    let heads: Vec<String> = heads.collect();
    let _ = writeln!(
        out,
        "# 只在凭证第一行填写、下面各行空着的字段\nforward_fill = [{}]",
        heads.join(", ")
    );
    if !has("word") && !has("voucher") {
        out.push_str("# 文件里没有凭证字,都当作「记」字\ndefault_word = \"记\"\n");
    }
    if has("direction") {
        out.push_str("debit_words  = [\"借\", \"借方\", \"D\", \"1\"]\ncredit_words = [\"贷\", \"贷方\", \"C\", \"-1\"]\n");
    }
    if has("void") {
        out.push_str("# 表示作废的词\nvoid_words = [\"作废\", \"已作废\", \"是\"]\n");
    }
    unused(proposal, &mut out);
    out.push_str("\n[fields]\n");
    for column in &proposal.columns {
        if let Some((name, title, sure, why)) = &column.field {
            let _ = writeln!(
                out,
                "# {title} ← 「{}」 例:{};把握:{}({why})\n{name} = [{}]",
                column.header,
                samples(column),
                sure.label(),
                quoted(&column.header)
            );
        }
    }
    for lacking in &proposal.lacking {
        let _ = writeln!(out, "# 没有找到:{lacking}。请照上面的样子补上");
    }
    out
}

fn field(column: &Column) -> Option<&str> {
    column.field.as_ref().map(|(name, ..)| name.as_str())
}

fn required(has: &impl Fn(&str) -> bool) -> String {
    let mut names = vec!["date"];
    names.push(if has("voucher") { "voucher" } else { "number" });
    names.push("account");
    if has("amount") {
        names.extend(["direction", "amount"]);
    } else {
        names.extend(["debit", "credit"]);
    }
    // What was not found would make the profile unusable until it is filled in; the comment below says so.
    let there: Vec<String> = names.into_iter().filter(|n| has(n)).map(quoted).collect();
    there.join(", ")
}

fn unused(proposal: &Proposal, out: &mut String) {
    let unused: Vec<&Column> = proposal
        .columns
        .iter()
        .filter(|c| c.field.is_none())
        .collect();
    if unused.is_empty() {
        return;
    }
    out.push_str("# 没有用到的列:认得的请移到 [fields],如 maker = [\"列名\"]\n");
    for column in &unused {
        let _ = writeln!(out, "#   「{}」 例:{}", column.header, samples(column));
    }
    let headers: Vec<String> = unused.iter().map(|c| quoted(&c.header)).collect();
    let _ = writeln!(out, "ignored = [{}]", headers.join(", "));
}

fn samples(column: &Column) -> String {
    match column.samples.is_empty() {
        true => "(空)".to_owned(),
        // A comment is one line.
        false => column.samples.join("、").replace(['\r', '\n'], " "),
    }
}

/// A basic string of TOML.
fn quoted(text: impl AsRef<str>) -> String {
    toml::Value::String(text.as_ref().to_owned()).to_string()
}
