//! A proposal as a profile: TOML with a comment on every column, to be corrected by hand.

use std::fmt::Write;

use super::vocabulary::{Shape, Vocabulary};
use super::{Column, Proposal};
use crate::import::kind::Kind;

/// The text of the profile `id`.
pub fn profile_text(proposal: &Proposal<'_>, id: &str) -> String {
    let mut out = String::new();
    head(proposal, id, &mut out);
    required(proposal, &mut out);
    habits(proposal, &mut out);
    unused(proposal, &mut out);
    fields(proposal, &mut out);
    titles(proposal, &mut out);
    lacking(proposal, &mut out);
    out
}

// Writing to a String cannot fail, so what `write!` returns is dropped in all of these.

fn head(proposal: &Proposal<'_>, id: &str, out: &mut String) {
    let sheet = proposal.sheet.as_ref();
    let place = sheet.map_or_else(String::new, |s| format!(" 工作表「{s}」"));
    let _ = write!(
        out,
        "# 由 sanzi import --map 按「{}」{place}提出,表头在第 {} 行。请核对每一列,改错补漏,然后用 sanzi profile test 试读。\n\
         # 字段名不能改;方括号里是文件的列名,可以写几个,排在前面的优先。不要的列移到 ignored。\n\n",
        proposal.file, proposal.header_row
    );
    let _ = writeln!(out, "id    = {}", quoted(id));
    let _ = writeln!(out, "title = {}", quoted(format!("自定义 {id}")));
    let kind = proposal.kind();
    if kind != Kind::Journal {
        let _ = writeln!(out, "# {}\nkind  = {}", kind.label(), quoted(kind.name()));
    }
    out.push_str("# 列名对得上时,优先用这个格式\npreferred = true\n");
    if proposal.words.strict {
        out.push_str("# 大部分列名都不认识的,不是这种表\nstrict = true\n");
    }
}

/// What was not found would make the profile unusable until it is filled in; the comments below say so.
fn required(proposal: &Proposal<'_>, out: &mut String) {
    let there = |name: &String| has(proposal, name);
    let needs = proposal.words.need.iter();
    let names = needs.flat_map(|need| {
        let whole = need.any.iter().find(|fields| fields.iter().all(there));
        whole
            .into_iter()
            .flatten()
            .chain(need.any.iter().flatten().filter(move |_| whole.is_none()))
    });
    let names: Vec<String> = names.filter(|n| there(n)).map(quoted).collect();
    let _ = writeln!(
        out,
        "# 必须有的字段:缺了就不是这种表\nrequired = [{}]",
        names.join(", ")
    );
}

/// What such tables have in common: fields on first lines only, words for sides.
fn habits(proposal: &Proposal<'_>, out: &mut String) {
    let words = proposal.words;
    let heads = words.forward_fill.iter().filter(|n| has(proposal, n));
    let heads: Vec<String> = heads.map(quoted).collect();
    if proposal.kind() == Kind::Journal {
        let _ = writeln!(
            out,
            "# 只在凭证第一行填写、下面各行空着的字段\nforward_fill = [{}]",
            heads.join(", ")
        );
    }
    if let Some(word) = &words.default_word
        && !has(proposal, "word")
        && !has(proposal, "voucher")
    {
        let _ = writeln!(
            out,
            "# 文件里没有凭证字,都当作「{word}」字\ndefault_word = {}",
            quoted(word)
        );
    }
    if has_shape(proposal, words, Shape::Side) && proposal.kind() != Kind::Accounts {
        let _ = writeln!(
            out,
            "# 方向一列里的词\ndebit_words  = [{}]\ncredit_words = [{}]",
            list(&words.debit_words),
            list(&words.credit_words)
        );
    }
    if has(proposal, "void") {
        let _ = writeln!(
            out,
            "# 表示作废的词\nvoid_words = [{}]",
            list(&words.void_words)
        );
    }
}

fn has(proposal: &Proposal<'_>, name: &str) -> bool {
    let mut columns = proposal.columns.iter();
    columns.any(|c| c.name() == Some(name)) || proposal.titled.iter().any(|t| t.field == name)
}

fn has_shape(proposal: &Proposal<'_>, words: &Vocabulary, shape: Shape) -> bool {
    let mut fields = words.field.iter().filter(|w| w.shape == shape);
    fields.any(|w| has(proposal, &w.name))
}

fn unused(proposal: &Proposal<'_>, out: &mut String) {
    let columns = proposal.columns.iter();
    let unused: Vec<&Column> = columns.filter(|c| c.field.is_none()).collect();
    if unused.is_empty() {
        return;
    }
    out.push_str("# 没有用到的列;认得的请写进下面的 fields 一节,如 maker = [\"列名\"]\n");
    for column in &unused {
        let _ = writeln!(out, "#   「{}」 例:{}", column.header, samples(column));
    }
    let headers: Vec<String> = unused.iter().map(|c| quoted(&c.header)).collect();
    let _ = writeln!(out, "ignored = [{}]", headers.join(", "));
}

fn fields(proposal: &Proposal<'_>, out: &mut String) {
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
}

fn titles(proposal: &Proposal<'_>, out: &mut String) {
    if proposal.titled.is_empty() {
        return;
    }
    out.push_str("\n# 取自表头上方的文字或文件名\n[title_fields]\n");
    for titled in &proposal.titled {
        let _ = writeln!(
            out,
            "# {} 例:{}\n{} = [{}]",
            titled.title,
            titled.sample,
            titled.field,
            list(&titled.patterns)
        );
    }
}

fn lacking(proposal: &Proposal<'_>, out: &mut String) {
    for need in proposal.lacking.iter().filter(|n| n.constant.is_none()) {
        let _ = writeln!(
            out,
            "\n# 没有找到:{}。请照上面的样子补在 fields 一节",
            need.title
        );
    }
    for need in &proposal.lacking {
        if let Some(field) = &need.constant {
            let _ = write!(
                out,
                "\n# 没有找到:{}。请照上面的样子补在 fields 一节;文件里没有的,去掉下面两行的井号,写在引号里\n\
                 #[constants]\n#{field} = \"\"\n",
                need.title
            );
        }
    }
}

fn samples(column: &Column) -> String {
    match column.samples.is_empty() {
        true => "(空)".to_owned(),
        // A comment is one line.
        false => column.samples.join("、").replace(['\r', '\n'], " "),
    }
}

fn list(words: &[String]) -> String {
    let words: Vec<String> = words.iter().map(quoted).collect();
    words.join(", ")
}

/// A basic string of TOML.
fn quoted(text: impl AsRef<str>) -> String {
    toml::Value::String(text.as_ref().to_owned()).to_string()
}
