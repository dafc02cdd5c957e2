//! Pages that are written from data: `SANZI_UPDATE_DOCS=1` writes them anew, otherwise they must be up to date.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;

use sanzi::model::{Column, ColumnType, Level, Role, catalogue};
use sanzi::pack::Pack;
use sanzi::review::workflow::{Clock, Reach, Transition, Workflow};
use sanzi::web::permissions::{Reach as Allowed, Who, rules};

#[test]
fn hand_in_page_follows_the_catalogue() {
    check("docs/hand-in.md", &hand_in_page());
}

#[test]
fn every_code_has_a_page_and_every_page_a_code() {
    let codes = codes_of_the_source();
    assert!(codes.len() > 80, "{codes:?}");
    let pages: BTreeSet<String> = pages().into_keys().collect();
    let without_page: Vec<_> = codes.difference(&pages).collect();
    let without_code: Vec<_> = pages.difference(&codes).collect();
    assert!(
        without_page.is_empty() && without_code.is_empty(),
        "codes without page: {without_page:?}; pages without code: {without_code:?}"
    );
}

#[test]
fn every_page_says_what_when_how_and_what_to_do() {
    for (code, text) in pages() {
        let parts = ["**何时出现** ", "**例子**\n\n> ", "**怎么办** "];
        let first = ["**级别** ", "**结果** "];
        assert!(text.starts_with(&format!("# {code} ")), "{code}");
        assert!(first.iter().any(|p| text.contains(p)), "{code}");
        assert!(parts.iter().all(|p| text.contains(p)), "{code}");
        let example = text.split("\n> ").nth(1).unwrap_or_default();
        assert!(
            example.lines().next().unwrap_or_default().contains(&code),
            "{code}: example"
        );
    }
}

#[test]
fn the_index_of_errors_follows_their_pages() {
    check("docs/errors/README.md", &error_index());
}

/// The families of codes, in the order in which a user meets them.
const FAMILIES: &[(&str, &str)] = &[
    ("用法", "命令行写错了,或找不到命令行上写的文件"),
    (
        "导入",
        "交来的账套有问题;除路径、单位和规则包的问题外,不影响其他文件和其他公司",
    ),
    (
        "账本",
        "查账、冲销、反结账被拒绝,或数据库拒绝改动已过账的凭证",
    ),
    ("结账", "这个月还不能结账,原因逐条列出"),
    ("报表", "会计报表编不出来,或有差额"),
    ("存储", "数据库打不开或读写出错"),
    ("规则", "规则包读不了,或与它的锁定文件不符"),
    ("参数", "街道设定规则参数的命令被拒绝"),
    ("抽样", "样本抽不成,或填好的底稿读不回来"),
    ("审计", "审计整个不能进行;单条规则失败不在此列,列在报告里"),
    ("压制", "疑点没有压制,或压制没有解除"),
    ("报告", "报告写不出来"),
    ("导出", "账套或数据表导出不成"),
    ("生成", "生成虚构账套时出错"),
    ("核查", "事项的办理被拒绝,或数据库拒绝改动核查记录"),
    (
        "监督",
        "监督计划、风险点、制度文件没有写入,或数据库拒绝改动它们",
    ),
    ("整改", "交回的整改台账没有写入"),
    ("文书", "审计文书做不出来"),
    ("排版", "文书排不成 PDF;由程序 `sanzi-pdf` 说出,退出码 2"),
    ("证据", "证据包做不出来,或核验时发现不符"),
    ("访问", "登录、用户和访问日志的问题"),
    ("网页", "在浏览器里工作时,页面或接口没有照办"),
    ("内部", "程序或机器的问题"),
];

/// Every code that stands in the source: `导入-1001`, and `LEDGER-2001` of the triggers for `账本-2001`, `REVIEW-2001` for
/// `核查-2001`, `PLAN-2001` for `监督-2001`.
pub fn codes_of_the_source() -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let coded = regex::Regex::new(r"\b((?:\p{Han}{2}|LEDGER|REVIEW|PLAN)-[0-9]{4})\b").unwrap();
    let mut codes = BTreeSet::new();
    for folder in ["src", "migrations/src", "pdf/src"] {
        visit(&root.join(folder), &mut |text| {
            let found = coded.captures_iter(text);
            let plain = |code: &str| {
                let code = code.replace("LEDGER", "账本").replace("REVIEW", "核查");
                code.replace("PLAN", "监督")
            };
            codes.extend(found.map(|c| plain(&c[1])));
        });
    }
    codes
}

fn visit(path: &Path, look: &mut dyn FnMut(&str)) {
    for entry in std::fs::read_dir(path).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            visit(&path, look);
        } else if path.extension().is_some_and(|e| e == "rs") {
            look(&std::fs::read_to_string(&path).unwrap());
        }
    }
}

/// The pages by code.
fn pages() -> BTreeMap<String, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/errors");
    let files = std::fs::read_dir(folder)
        .unwrap()
        .map(|f| f.unwrap().path());
    files
        .filter(|path| path.file_name().is_some_and(|n| n != "README.md"))
        .map(|path| {
            let code = path.file_stem().unwrap().to_string_lossy().into_owned();
            (code, std::fs::read_to_string(path).unwrap())
        })
        .collect()
}

fn error_index() -> String {
    let mut index = "# 错误代码\n\n每条出错信息都以一个代码开头,代码不会改变含义。按代码找到说明:什么意思、何时出现、怎么办。\n\n\
        退出码:0 完成;1 有疑点达到 `--fail-on`,或凭证链不符;2 命令写错;3 输入有问题;4 程序或机器的问题。\n"
        .to_owned();
    let pages = pages();
    let stray = |code: &&String| !FAMILIES.iter().any(|(family, _)| code.starts_with(family));
    assert_eq!(pages.keys().find(stray), None, "a new family");
    for (family, what) in FAMILIES {
        let _ = write!(
            index,
            "\n## {family}\n\n{what}。\n\n| 代码 | 意思 |\n|---|---|\n"
        );
        let mark = format!("{family}-");
        for (code, text) in pages.iter().filter(|(code, _)| code.starts_with(&mark)) {
            let head = text.lines().next().unwrap_or_default();
            let title = head.trim_start_matches(&format!("# {code} "));
            let _ = writeln!(index, "| [{code}]({code}.md) | {title} |");
        }
    }
    index
}

/// The help of every command, as it is printed; a change of the command line shows here.
#[test]
fn the_page_of_commands_follows_their_help() {
    check("docs/commands.md", &commands_page());
}

/// Who may do what in the workspace.
#[test]
fn the_page_of_permissions_follows_the_table() {
    check("docs/permissions.md", &permissions_page());
}

fn permissions_page() -> String {
    let mut page = "# 谁能打开什么\n\n`sanzi serve` 的每一个地址和每一种角色。空白:不能打开(403);本单位:只限用户资料里列出的单位;范围:用户资料里列出的单位,\
        没有列出即全部单位。范围以外的单位一律答“没有这一页”(404)。\n\n| 方法 | 地址 |"
        .to_owned();
    let rule = "|---".repeat(Role::ALL.len() + 2);
    let heads = Role::ALL.map(|r| format!(" {} |", r.label())).concat();
    let _ = writeln!(page, "{heads}\n{rule}|");
    for rule in rules() {
        let cell = |role: Role| match (rule.who, rule.reach(role)) {
            (Who::Anyone, _) => " 不必登录 |",
            (Who::SignedIn, _) => " 自己的 |",
            (_, Allowed::Never) => " |",
            (_, Allowed::Own) => " 本单位 |",
            (_, Allowed::Scope) => " 范围 |",
        };
        let cells = Role::ALL.map(cell).concat();
        let _ = writeln!(page, "| {} | `{}` |{cells}", rule.method, rule.path);
    }
    page
}

const COMMANDS: &[&str] = &[
    "",
    "audit",
    "import",
    "import list",
    "import undo",
    "chart-change",
    "trial-balance",
    "ledger",
    "findings",
    "findings list",
    "findings show",
    "findings bundle",
    "review",
    "plan",
    "plan list",
    "plan show",
    "plan decide",
    "plan propose",
    "plan revise",
    "plan step",
    "plan note",
    "plan withdraw",
    "verify",
    "statements",
    "reconcile",
    "consolidate",
    "close",
    "reopen",
    "reverse",
    "profile",
    "profile list",
    "profile check",
    "profile test",
    "rules",
    "rules list",
    "rules check",
    "rules test",
    "rules lock",
    "rules mutate",
    "rules explain",
    "rules try",
    "suppress",
    "suppress add",
    "suppress list",
    "suppress lift",
    "document list",
    "document make",
    "params",
    "params set",
    "params history",
    "sample",
    "sample draw",
    "sample evaluate",
    "sample check",
    "generate",
    "serve",
];

fn commands_page() -> String {
    let mut page = "# 命令\n\n`sanzi 命令 --help` 打印的内容,一字不差。\n".to_owned();
    for command in COMMANDS {
        let mut run = assert_cmd::Command::cargo_bin("sanzi").unwrap();
        run.env_remove("SANZI_DB")
            .env_remove("SANZI_OVERLAY")
            .env_remove("COLUMNS");
        run.args(command.split_whitespace()).arg("--help");
        let output = run.output().unwrap();
        assert!(output.status.success(), "{command}");
        let help = String::from_utf8(output.stdout).unwrap();
        let lines: Vec<&str> = help.trim_end().lines().map(str::trim_end).collect();
        let title = format!("sanzi {command}");
        let _ = write!(
            page,
            "\n## {}\n\n```text\n{}\n```\n",
            title.trim_end(),
            lines.join("\n")
        );
    }
    page
}

#[test]
fn the_page_of_the_workflow_follows_its_data() {
    check("docs/workflow.md", &workflow_page());
}

const WORKFLOW_HEAD: &str = "# 事项的办理流程

审计发现的每一处疑点是一个事项,从「疑点」办到「已销号」。本页由 `ledger_rules/workflow/` 生成:改流程改那里,不改程序。
机器提出的都是疑点;经人核实、由第二人认定以后才是问题。

* 每一步记下谁、何时、以什么角色、理由和附件(按收到的原样保存,连同 SHA-256);记录只增不改,逐单位连成一条链,`sanzi verify` 核验。
* 往回退的步骤都要写理由。提出与批准是两个人;认定和销号须由第二人办理,数据库也守住这一条。
* 重跑审计不会丢掉已作的决定:误报、存查的不再提出;已销号而未再发现的保持销号;已销号、消失后又出现的,同一事项重新打开,注明上次销号;内容有变化的,逐项列出前后差异。
* 期限按工作日计算,节假日照国务院安排和街道交来的日历;安排还没有公布的年份,期限标明「暂定」。
* ★ 是建议值,街道尚未确认。
";

fn workflow_page() -> String {
    let workflow = Workflow::load(&Pack::embedded()).unwrap();
    let mut page = WORKFLOW_HEAD.to_owned();
    page.push_str("\n## 状态图\n");
    diagram(&mut page, &workflow, "往前", |t| {
        !t.backward && t.to != "transferred"
    });
    diagram(&mut page, &workflow, "退回、移送", |t| {
        t.backward || t.to == "transferred"
    });
    page.push_str("\n## 状态\n\n| 状态 | 代码 | 含义 | 时限 | 谁能看 |\n|---|---|---|---|---|\n");
    for state in &workflow.states {
        let clock = match state.clock {
            None if state.rests => "了结".to_owned(),
            None => String::new(),
            Some(Clock::Set) => "办理时定".to_owned(),
            Some(Clock::WorkingDays { days, confirmed }) => {
                format!("{days} 个工作日{}", if confirmed { "" } else { " ★" })
            }
        };
        let readers = people(&state.readers);
        let _ = writeln!(
            page,
            "| {} | `{}` | {} | {clock} | {readers} |",
            state.label, state.code, state.meaning
        );
    }
    let settings = &workflow.settings;
    let star = |confirmed: bool| if confirmed { "" } else { " ★" };
    let _ = write!(
        page,
        "\n销号后 {} 个月内{}再次出现的,注明「屡审屡犯」。到期前 {} 个工作日{}提醒。\n",
        settings.recurrence_months,
        star(settings.recurrence_confirmed),
        settings.reminder_days,
        star(settings.reminder_confirmed)
    );
    page.push_str("\n## 步骤\n\n| 从 | 到 | 谁办 | 须有 | 不得是办过这些步骤的人 | 只限 |\n|---|---|---|---|---|---|\n");
    for t in &workflow.transitions {
        let needs: Vec<&str> = t.needs.iter().map(|n| n.label()).collect();
        let apart: Vec<&str> = t.apart_from.iter().map(|s| workflow.label(s)).collect();
        let kinds: Vec<&str> = t.kinds.iter().map(|k| k.label()).collect();
        let _ = writeln!(
            page,
            "| {} | {} | {} | {} | {} | {} |",
            workflow.label(&t.from),
            workflow.label(&t.to),
            people(&t.roles),
            needs.join("、"),
            apart.join("、"),
            if kinds.len() == 3 {
                String::new()
            } else {
                kinds.join("、")
            }
        );
    }
    page.push_str(
        "\n## 登记\n\n不转状态,只记一笔。\n\n| 登记 | 在哪些状态 | 谁 |\n|---|---|---|\n",
    );
    for record in &workflow.records {
        let states: Vec<&str> = record.states.iter().map(|s| workflow.label(s)).collect();
        let _ = writeln!(
            page,
            "| `{}` | {} | {} |",
            record.kind,
            states.join("、"),
            people(&record.roles)
        );
    }
    page.push_str("\n## 角色\n\n| 角色 | 代码 | 单位 | 能看的性质 | 看不到、办不了 |\n|---|---|---|---|---|\n");
    for (role, rule) in &workflow.roles {
        let reach = match rule.reach {
            Reach::Own => "本单位",
            Reach::Street => "全部,或指定的单位",
            Reach::None => "无",
        };
        let kinds: Vec<&str> = rule.kinds.iter().map(|k| k.label()).collect();
        let _ = writeln!(
            page,
            "| {role} | `{}` | {reach} | {} | {} |",
            role.code(),
            kinds.join("、"),
            rule.never
        );
    }
    page
}

fn people(roles: &[Role]) -> String {
    let labels: Vec<&str> = roles.iter().map(|r| r.label()).collect();
    labels.join("、")
}

/// The steps that `shown` lets through, as a mermaid diagram.
fn diagram(
    page: &mut String,
    workflow: &Workflow,
    title: &str,
    shown: impl Fn(&Transition) -> bool,
) {
    let _ = write!(page, "\n{title}:\n\n```mermaid\nstateDiagram-v2\n");
    let steps: Vec<&Transition> = workflow.transitions.iter().filter(|t| shown(t)).collect();
    for state in &workflow.states {
        if steps
            .iter()
            .any(|t| t.from == state.code || t.to == state.code)
        {
            let _ = writeln!(page, "    state \"{}\" as {}", state.label, state.code);
        }
    }
    let initial = &workflow.settings.initial;
    if steps.iter().any(|t| t.from == *initial) {
        let _ = writeln!(page, "    [*] --> {initial}");
    }
    // One arrow a pair of states, whoever takes it.
    let mut arrows: BTreeMap<(usize, &str, &str), BTreeSet<Role>> = BTreeMap::new();
    for t in &steps {
        let at = workflow
            .states
            .iter()
            .position(|s| s.code == t.from)
            .unwrap();
        let roles = arrows.entry((at, &t.from, &t.to)).or_default();
        roles.extend(&t.roles);
    }
    for ((_, from, to), roles) in arrows {
        let roles: Vec<Role> = roles.into_iter().collect();
        let _ = writeln!(page, "    {from} --> {to} : {}", people(&roles));
    }
    page.push_str("```\n");
}

pub fn check(file: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    if std::env::var_os("SANZI_UPDATE_DOCS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
    }
    let stored = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        stored == text,
        "{file} is out of date: run the tests with SANZI_UPDATE_DOCS=1"
    );
}

const HEAD: &str = "# 账套包:可以交来的文件

一条街道是一个文件夹,每家公司是其中一个以单位编码命名的子文件夹。公司文件夹里可以放:

* 财务软件、代账平台、审计软件和银行导出的文件,原样即可,文件名不限:序时账、凭证、科目余额表、科目表、期初余额、银行流水,认得的版式见 [layouts.md](layouts.md);
* 下面这些表,每张表一个 CSV 文件(UTF-8 或 GB18030),或者一个 `账套.xlsx`,每张表一个同名工作表。

只用得到一部分的,交一部分即可。列的顺序不限;`*` 为必填;其余列可以空着或没有;不认识的列会列出来,不影响读入。
日期可写 `2024-03-01`、`2024/3/1`、`2024.3.1`、`20240301`、`2024年3月1日`。金额单位为元,最多两位小数,可带千分位。面积最多四位小数。是否填 `是` 或 `否`。
审计、财务常用的数据接口(GB/T 24589.1、GB/T 19581、SAF-T、金蝶 KIS 的 .dbf)也可以原样交来,见[与其他程序交换账簿](interchange.md)。
按内容而不是按扩展名认文件:名为 .xls 而内容是网页表格、制表符分隔的文字或 .xlsx 的,照样读入。设了打开密码的、公式没有算过的,会指出来,不读。
证件号、电话、银行账号可以照填:程序只保存加密散列和末四位。
";

fn hand_in_page() -> String {
    let mut page = HEAD.to_owned();
    for (level, title) in [(Level::Street, "街道一级"), (Level::Company, "公司一级")] {
        let _ = write!(page, "\n## {title}\n");
        for table in catalogue().tables.iter().filter(|t| t.level == level) {
            let _ = write!(
                page,
                "\n### {}\n\n规则中的表名:`{}`\n\n| 列 | 规则中的列名 | 填什么 |\n|---|---|---|\n",
                table.file, table.name
            );
            for column in &table.columns {
                let star = if column.required { "*" } else { "" };
                let _ = writeln!(
                    page,
                    "| {}{star} | `{}` | {} |",
                    column.headers.join(" 或 "),
                    column.name,
                    describe(column)
                );
            }
        }
    }
    page
}

fn describe(column: &Column) -> String {
    match &column.kind {
        ColumnType::Text => "文字".into(),
        ColumnType::Date => "日期".into(),
        ColumnType::Time => "日期和时间".into(),
        ColumnType::Year => "年度".into(),
        ColumnType::Int => "整数".into(),
        ColumnType::YesNo => "是、否".into(),
        ColumnType::Money => "金额,元".into(),
        ColumnType::Area => "面积".into(),
        ColumnType::Rate => "百分数,如 5 表示 5%".into(),
        ColumnType::Coord => "经纬度,度".into(),
        ColumnType::Number => "数量".into(),
        ColumnType::List => "文字,多项以 `;` 分隔".into(),
        ColumnType::Geometry => "位置,GeoJSON,度,先经度后纬度".into(),
        ColumnType::Id => "号码(加密保存)".into(),
        ColumnType::Enum { values, open } => {
            let words: Vec<&str> = values.iter().map(|(word, _)| word.as_str()).collect();
            format!(
                "{}{}",
                words.join("、"),
                if *open { ",或其他文字" } else { "" }
            )
        }
    }
}
