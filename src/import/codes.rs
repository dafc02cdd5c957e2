//! The stable codes of everything the reader can find wrong. Each has a page in `docs/errors/` and a broken hand-in in
//! `fixtures/broken/`; tests hold all three together.

use crate::model::{Place, Problem, Severity};

/// One code: how bad it is, what it is called, and what the person who handed in should do.
#[derive(Debug)]
pub struct Code {
    pub code: &'static str,
    pub severity: Severity,
    /// What it is, in a few words; heads the code's page.
    pub title: &'static str,
    pub advice: &'static str,
}

impl Code {
    /// A problem of this code. `found` is the text as handed in; a long one is cut.
    pub fn at(&'static self, place: Place, message: impl Into<String>, found: &str) -> Problem {
        let mut text: String = found.trim().chars().take(80).collect();
        if text.len() < found.trim().len() {
            text.push('…');
        }
        Problem {
            code: self.code.into(),
            severity: self.severity,
            place,
            message: message.into(),
            found: text,
            advice: self.advice.into(),
        }
    }
}

macro_rules! codes {
    ($($name:ident = $code:literal $severity:ident $title:literal, $advice:literal;)*) => {
        $(#[doc = $title] pub const $name: &Code = &Code {
            code: $code, severity: Severity::$severity, title: $title, advice: $advice,
        };)*
        /// All codes of the reader, in order.
        pub const ALL: &[&Code] = &[$($name),*];
    };
}

codes! {
    FILE_DAMAGED = "导入-1001" Error "文件损坏或无法打开",
        "请在财务软件里重新导出,或用表格软件打开后另存为 .xlsx 再交";
    ENCODING_UNKNOWN = "导入-1002" Error "文字编码无法识别",
        "请用表格软件打开后另存为「CSV UTF-8」或 .xlsx 再交";
    QUOTE_OPEN = "导入-1003" Error "引号没有闭合",
        "请在这一行找到多出或缺少的英文双引号,补齐后再交";
    TABLE_UNKNOWN = "导入-1004" Error "认不出这张表",
        "请按账套包的文件名和表头整理,或把不属于账套的文件移出文件夹;账表和银行流水可用 sanzi import 文件 --map 提出对应关系";
    FILE_SKIPPED = "导入-1005" Note "文件不是账表,没有读取",
        "如果它本应读入,请按账套包的文件名和表头整理";
    COLUMN_MISSING = "导入-1006" Error "缺少必填的列",
        "请在表头补上这一列;列的顺序不限";
    COLUMN_UNKNOWN = "导入-1007" Warning "不认识的列,没有读取",
        "如果这一列有用,请改成账套包规定的列名";
    COLUMN_TWICE = "导入-1008" Error "同一列出现两次",
        "请只保留一列,或给另一列改名";
    TABLE_EMPTY = "导入-1009" Note "表里只有表头,没有数据",
        "如果本来就没有数据,可以不理会";
    FOLDER_UNKNOWN = "导入-1010" Warning "文件夹名不在单位表中",
        "请把文件夹改成单位编码,或在单位表补上这个单位";
    WRONG_LEVEL = "导入-1011" Error "公司的表放在了街道一级",
        "请把它放进以单位编码命名的文件夹,或用 --org 指明单位";
    CELL_EMPTY = "导入-1012" Error "必填的单元格是空的",
        "请补上内容";
    DATE_BAD = "导入-1013" Error "日期无法识别或不存在",
        "请写成 2024-03-01 这样的真实日期";
    MONEY_BAD = "导入-1014" Error "金额无法识别",
        "请写成以元为单位、最多两位小数的数字,如 1234.50";
    NUMBER_BAD = "导入-1015" Error "数字无法识别",
        "请改成数字;小数位数不要超过这一列允许的位数";
    YESNO_BAD = "导入-1016" Error "应填「是」或「否」",
        "请填「是」或「否」,不清楚的可以留空";
    WORD_BAD = "导入-1017" Error "不在允许的词里",
        "请从允许的词里选一个";
    TIME_BAD = "导入-1018" Error "时间无法识别",
        "请写成 2024-03-01 18:05 这样的时间";
    KEY_TWICE = "导入-1019" Warning "同一编号出现多行",
        "两行都已读入;请核对是否重复登记";
    HEAD_MISSING = "导入-1020" Error "这一行不属于任何凭证",
        "请补上这一行的日期、凭证号和科目编码;合计、说明之类的行可以删去";
    UNBALANCED = "导入-1021" Error "凭证借贷不平",
        "请核对原凭证,改正金额后重新交";
    SINGLE_ENTRY = "导入-1022" Error "凭证不足两条分录",
        "请核对导出时是否漏行";
    ENTRY_SIDES = "导入-1023" Error "分录的借方和贷方应恰有一个金额",
        "请一条分录只填一方,删去没有金额的分录";
    ACCOUNT_UNKNOWN = "导入-1024" Error "科目不存在",
        "请核对科目编码,或在科目表补上这个科目";
    ACCOUNT_CLOSED = "导入-1025" Error "科目在这一天没有启用",
        "请改用启用中的科目,或更正科目表的启用、停用日期";
    OUTSIDE_PERIOD = "导入-1026" Error "凭证日期不在会计期间内",
        "请核对日期和会计期间,二者应在同一个月";
    NUMBER_MISSING = "导入-1027" Error "凭证字号无法识别",
        "请写成「记-12」,或分列填写凭证字和凭证号";
    VOUCHER_CONFLICT = "导入-1028" Error "同一凭证号交来了不同内容",
        "请核对哪一张是真的;凭证号重了就更正号码";
    VOUCHER_TWICE = "导入-1029" Note "同一凭证交来两次,内容相同",
        "只记一次,无须处理";
    TOTAL_DIFFERS = "导入-1030" Error "合计行与明细之和不符",
        "请核对导出是否完整、金额是否被改动";
    OPENING_UNBALANCED = "导入-1031" Error "期初余额借贷不平",
        "请核对期初余额表,借方合计应等于贷方合计";
    STATED_DIFFERS = "导入-1032" Warning "科目余额表与凭证算出的余额不符",
        "请核对凭证是否交全、期初余额是否正确";
    STANDARD_UNKNOWN = "导入-1033" Error "无法判断会计制度",
        "请在单位表填写这个单位的会计制度";
    STANDARD_DIFFERS = "导入-1034" Warning "科目与单位表的会计制度不一致",
        "请核对单位表的会计制度,或核对账套是不是这个单位的";
    SIDE_BAD = "导入-1035" Error "借贷方向无法识别",
        "请填「借」或「贷」";
    PERIOD_BAD = "导入-1036" Error "会计期间无法识别",
        "请写成 2024-03 或 2024.3";
    CELLS_BEYOND = "导入-1037" Error "这一行的内容比表头多",
        "请检查是否有没加引号的逗号把内容挤到了右边,或补上缺的表头";
    VOUCHER_VOID = "导入-1038" Note "作废凭证",
        "不入账,只用于核对凭证号是否连续,无须处理";
    PARENT_UNKNOWN = "导入-1039" Error "科目表中的科目没有上级",
        "请填写上级编码,或核对科目编码是否按会计制度编排";
    PATH_UNREADABLE = "导入-1040" Error "路径不存在或无法读取",
        "请核对路径和读取权限";
    ORGANISATION_MISSING = "导入-1041" Error "没有指明单位",
        "请加上 --org 单位编码";
    NOTHING_FOUND = "导入-1042" Error "没有可以读的账表",
        "请核对文件夹里是否有 .csv、.xls 或 .xlsx 文件";
    RULES_BROKEN = "导入-1043" Error "规则包里的导入资料不完整",
        "请核对 --rules 指向的文件夹,或去掉这个参数改用内置规则包";
    PASSWORD = "导入-1044" Error "文件设了密码",
        "请在表格软件里打开,取消打开密码后另存,再交";
    FILE_HUGE = "导入-1045" Error "文件过大",
        "请按年度或月份分开导出;压缩包式的异常文件请重新导出";
    FORMULA_EMPTY = "导入-1046" Error "公式没有算好的结果",
        "请在表格软件里打开,等公式算完后保存(或把公式粘贴为数值),再交";
    CELLS_MERGED = "导入-1047" Warning "数据行里有上下合并的单元格",
        "请取消合并,把内容填到每一行;空着的行已按空白读入";
    BOOK_UNKNOWN = "导入-1050" Error "核算账簿对不上单位",
        "请在单位表里登记这个单位,单位名称或编码与核算账簿名称一致,并把单位表与这个文件放在同一文件夹再交";
    CHILDREN_DIFFER = "导入-1051" Warning "上级与下级之和不符",
        "请核对科目余额表导出是否完整";
    OPENING_DERIVED = "导入-1052" Note "期初取自科目余额表",
        "没有交期初余额表时按科目余额表的一月期初记账;往来要分到单位的,请另交期初余额";
    CARRIED_DIFFERS = "导入-1053" Warning "承前页或过次页与明细不符",
        "请核对导出是否缺页";
    YEAR_MISSING = "导入-1054" Error "期初余额没有写年度",
        "请加上「年度」列,或在标题行写明年度,如「2026年期初余额」";
    PERIOD_MISSING = "导入-1055" Error "科目余额表没有写期间",
        "请在标题行写明期间,如「期间:2026年1月至2026年3月」,或加上会计年度、会计期间两列";
    OPENING_MIDYEAR = "导入-1056" Warning "年中启用的账",
        "启用以前的发生额不在账内,利润表从启用月算起;要全年的数,请补交启用以前的凭证";
    HEAD_ONLY = "导入-1057" Warning "只有凭证头,没有分录",
        "凭证列表不能记账,请另外导出序时账或凭证明细;凭证列表可以一起交,用来补制单人、审核人和核对断号";
    HEAD_DIFFERS = "导入-1058" Warning "凭证列表与分录不符",
        "请核对两份导出是不是同一时间、同一套账";
    BANK_ACCOUNT_MISSING = "导入-1059" Error "银行流水没有写账号",
        "请在标题行写明「账号:…」,或在文件名里写上账号,或加上「账号」列";
    BANK_BALANCE = "导入-1060" Warning "银行流水余额不连续",
        "请核对流水是否漏导、是否有行被删改;分几次导出的请一起交";
    ACCOUNT_NAME_UNCLEAR = "导入-1061" Error "科目名称对不上科目",
        "请改填科目编码,或写明各级名称,如「银行存款-农商行」";
    MARKUP_BROKEN = "导入-1070" Error "XML 或 JSON 的结构不完整",
        "请在财务软件里重新导出;不要用文本编辑器改动";
    MARKUP_REFUSED = "导入-1071" Error "XML 或 JSON 超出允许的范围",
        "请在财务软件里按标准重新导出;不接受文档类型定义、自定义实体和异常的嵌套";
    CONTROL_TOTAL = "导入-1072" Error "控制总数与明细不符",
        "请核对导出是否完整、文件是否被改动";
    AUX_UNPLACED = "导入-1073" Warning "辅助核算项没有对应的列,没有读取",
        "如果这一项有用,请在规则包的 profiles/formats 里写明它属于哪一列";
    ID_KEY_OTHER = "导入-1074" Warning "个人标识的密钥不同",
        "请用导出时的密钥(SANZI_ID_KEY)重新导入,或只在单独的数据库里使用";
    GEOMETRY_BAD = "导入-1075" Error "几何不成形",
        "请填 GeoJSON 的 Point、Polygon 或 MultiPolygon,以度为单位,先经度后纬度;没有测绘结果的留空";
    POSITION_BAD = "导入-1076" Error "经纬度不成立",
        "请以度为单位成对填写经度和纬度,并核对有没有填反;没有位置的两格都留空";
    CHART_CHANGED = "导入-1090" Note "账套跨新旧两套会计制度",
        "各年按各自的科目表读入;年初余额的衔接请用 sanzi chart-change 核对";
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;
    use std::path::Path;

    #[test]
    fn codes_are_distinct_and_have_pages() {
        let codes: HashSet<_> = ALL.iter().map(|c| c.code).collect();
        assert_eq!(codes.len(), ALL.len());
        let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/errors");
        for code in ALL {
            let path = docs.join(format!("{}.md", code.code));
            let page =
                std::fs::read_to_string(&path).unwrap_or_else(|_| panic!("no page {path:?}"));
            let head = format!("# {} {}\n", code.code, code.title);
            assert!(page.starts_with(&head), "{}: title differs", code.code);
            assert!(page.contains(code.advice), "{}: advice differs", code.code);
        }
    }

    #[test]
    fn long_found_text_is_cut() {
        let found = "长".repeat(200);
        let problem = FILE_DAMAGED.at(Place::default(), "x", &found);
        assert_eq!(problem.found.chars().count(), 81);
    }
}
