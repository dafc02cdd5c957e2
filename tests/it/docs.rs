//! Pages that are written from data: `SANZI_UPDATE_DOCS=1` writes them anew, otherwise they must be up to date.

use std::fmt::Write;
use std::path::Path;

use sanzi::model::{Column, ColumnType, Level, catalogue};

#[test]
fn hand_in_page_follows_the_catalogue() {
    check("docs/hand-in.md", &hand_in_page());
}

fn check(file: &str, text: &str) {
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

* 财务软件导出的序时账,原样即可,文件名不限:金蝶 KIS/K3 会计分录序时簿(.xlsx)、用友 U8/T3 序时账(.csv、.xls);
* 下面这些表,每张表一个 CSV 文件(UTF-8 或 GB18030),或者一个 `账套.xlsx`,每张表一个同名工作表。

只用得到一部分的,交一部分即可。列的顺序不限;`*` 为必填;其余列可以空着或没有;不认识的列会列出来,不影响读入。
日期可写 `2024-03-01`、`2024/3/1`、`2024.3.1`、`20240301`、`2024年3月1日`。金额单位为元,最多两位小数,可带千分位。面积最多四位小数。是否填 `是` 或 `否`。
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
