//! The traps of `import_formats`: what packages, spreadsheets and people do to numbers, dates and rows, each read as it was
//! meant or refused, never guessed.

use super::*;

const HEAD: &str = "日期,凭证字号,摘要,科目编码,科目名称,借方,贷方\n";

/// Reads lines of a plain journal as the hand-in of C01.
fn journal_of(lines: &str) -> HandIn {
    let text = format!("{HEAD}{lines}");
    let hand_in = read_files(&[("导出.csv", text.as_bytes())]);
    assert!(rows_are_accounted_for(&hand_in), "{:?}", hand_in.files);
    hand_in
}

fn messages<'h>(hand_in: &'h HandIn, code: &codes::Code) -> Vec<&'h str> {
    let problems = hand_in.companies.iter().flat_map(|c| &c.problems);
    let of_code = problems.filter(|p| p.code == code.code);
    of_code.map(|p| p.message.as_str()).collect()
}

#[test]
fn numbers_in_every_dress_are_one_amount() {
    for (text, fen) in [
        ("1234.50", 123_450),
        ("\"1,234.50\"", 123_450),
        ("１２３４．５", 123_450),
        ("¥1234.5", 123_450),
        ("￥ 1234.50 ", 123_450),
        ("1234.50元", 123_450),
        ("(1234.50)", -123_450),
        ("（1234.50）", -123_450),
        ("－1234.5", -123_450),
        ("'1234.50", 123_450),
    ] {
        let lines = format!(
            "2026-01-05,记-1,收,1002,银行存款,{text},\n2026-01-05,记-1,收,5001,主营业务收入,--,{text}\n"
        );
        let hand_in = journal_of(&lines);
        let company = &hand_in.companies[0];
        assert!(!company.has_errors(), "{text}: {:?}", company.problems);
        let entries = &company.vouchers[0].entries;
        // Red ink stays on its side.
        let sides = entries.iter().map(|e| (e.debit, e.credit));
        let want = [(Money(fen), Money(0)), (Money(0), Money(fen))];
        assert!(sides.eq(want), "{text}: {entries:?}");
    }
    for text in ["\"1,5\"", "\"12,34\"", "1e5", "1.234", "一百"] {
        let lines = format!(
            "2026-01-05,记-1,收,1002,银行存款,{text},\n2026-01-05,记-1,收,5001,主营业务收入,,{text}\n"
        );
        assert_eq!(
            messages(&journal_of(&lines), codes::MONEY_BAD).len(),
            2,
            "{text}"
        );
    }
}

#[test]
fn dates_and_numbers_of_vouchers_in_every_dress() {
    for (date, number, id) in [
        ("2026-01-05", "记-79", "2026-01-记-0079"),
        ("2026/1/5", "记 - 79", "2026-01-记-0079"),
        ("2026.01.05", "记-0079", "2026-01-记-0079"),
        ("20260105", "记字第79号", "2026-01-记-0079"),
        ("2026年1月5日", "记79", "2026-01-记-0079"),
        ("２０２６-０１-０５", "记－００７９", "2026-01-记-0079"),
        ("2026-01-05 00:00:00", "银付-1/2", "2026-01-银付-01/2"),
    ] {
        let lines = format!(
            "{date},{number},收,1002,银行存款,1,\n{date},{number},收,5001,主营业务收入,,1\n"
        );
        let hand_in = journal_of(&lines);
        let company = &hand_in.companies[0];
        assert!(
            !company.has_errors(),
            "{date} {number}: {:?}",
            company.problems
        );
        assert_eq!(company.vouchers[0].id.to_string(), id, "{date} {number}");
    }
}

#[test]
fn codes_that_a_spreadsheet_or_an_input_method_changed() {
    for code in ["1002", "1002.0", "１００２", " 1002 "] {
        let lines = format!(
            "2026-01-05,记-1,收,{code},银行存款,1,\n2026-01-05,记-1,收,5001,主营业务收入,,1\n"
        );
        let hand_in = journal_of(&lines);
        let entry = &hand_in.companies[0].vouchers[0].entries[0];
        assert_eq!(&*entry.account, "1002", "{code}");
    }
}

#[test]
fn a_head_is_carried_down_inside_a_voucher_only() {
    let whole = "2026-01-05,记-1,收,1002,银行存款,1,\n,,,5001,主营业务收入,,1\n";
    assert!(!journal_of(whole).companies[0].has_errors());
    for between in [",,,,,,\n", ",,合计,,,1,0\n", ",,承前页,,,1,0\n"] {
        let lines = whole.replace("\n,,,", &format!("\n{between},,,"));
        let hand_in = journal_of(&lines);
        let refused = messages(&hand_in, codes::HEAD_MISSING);
        assert_eq!(
            refused.len(),
            1,
            "{between}: {:?}",
            hand_in.companies[0].problems
        );
    }
}

#[test]
fn totals_of_pages_months_and_the_file_are_tied_out_and_counted() {
    let voucher = |day: u32, number: u32, yuan: u32| {
        format!(
            "2026-01-{day:02},记-{number},收,1002,银行存款,{yuan},\n,,,5001,主营业务收入,,{yuan}\n"
        )
    };
    let lines = |total: &str| {
        [
            ",,承前页,,,50.00,50.00\n".to_owned(),
            voucher(5, 1, 10),
            ",,小计,,,10.00,10.00\n,,过次页,,,60.00,60.00\n,,承前页,,,60.00,60.00\n".to_owned(),
            voucher(6, 2, 20),
            format!(",,本月合计,,,{total},{total}\n,,本年累计,,,999.00,999.00\n,,第 1 页,,,,\n"),
        ]
        .concat()
    };
    let sound = journal_of(&lines("30.00"));
    assert!(
        sound.companies[0]
            .problems
            .iter()
            .all(|p| p.severity < Severity::Warning)
    );
    let kinds: Vec<&str> = sound.files[0]
        .set_aside
        .iter()
        .map(|a| a.kind.as_str())
        .collect();
    assert_eq!(
        kinds,
        [
            "承前页",
            "小计",
            "过次页",
            "承前页",
            "本月合计",
            "本年累计",
            "第*页"
        ]
    );
    assert_eq!(
        messages(&journal_of(&lines("30.01")), codes::TOTAL_DIFFERS).len(),
        1
    );
}

/// A package prints title, header and foot again on every page; the foot reaches into the account's column.
#[test]
fn what_is_printed_on_every_page_is_set_aside_and_counted() {
    let page = "甲公司 明细序时账\n日期,凭证字号,摘要,科目编码,科目名称,借方,贷方\n";
    let text = format!(
        "{page}2026-01-05,记-1,收,1002,银行存款,10,\n第1页,,,打印时间:2026-02-01,,,\n\
         {page},,,5001,主营业务收入,,10\n2026-01-06,记-2,收,1002,银行存款,10,\n\
         {page}2026-01-06,记-2,收,5001,主营业务收入,,10\n第2页,,,打印时间:2026-02-01,,,\n"
    );
    // A line without a head is not carried over from the page before.
    let cut = read_files(&[("导出.csv", text.as_bytes())]);
    assert_eq!(messages(&cut, codes::HEAD_MISSING).len(), 1);
    let text = text.replace(",,,5001", "2026-01-05,记-1,收,5001");
    let hand_in = read_files(&[("导出.csv", text.as_bytes())]);
    assert!(rows_are_accounted_for(&hand_in), "{:?}", hand_in.files);
    let company = &hand_in.companies[0];
    assert!(!company.has_errors(), "{:?}", company.problems);
    assert_eq!(company.vouchers.len(), 2);
    let kinds: Vec<&str> = hand_in.files[0]
        .set_aside
        .iter()
        .map(|a| a.kind.as_str())
        .collect();
    assert_eq!(kinds, ["第*页", "标题", "表头", "标题", "表头", "第*页"]);
}

/// 合计 in a cell that spans the row of the debits and that of the credits.
#[test]
fn a_total_in_two_rows_is_tied_out_on_both_sides() {
    let book = |credit: &str| {
        let text = format!(
            "日期,凭证号数,摘要,科目编码,科目名称,方向,金额\n\
             2026-01-05,记-1,收,1002,银行存款,借,10\n2026-01-05,记-1,收,5001,主营业务收入,贷,10\n\
             合计,,,,,借,10\n,,,,,贷,{credit}\n"
        );
        read_files(&[("序时账.csv", text.as_bytes())])
    };
    let sound = book("10");
    assert!(
        !sound.companies[0].has_errors(),
        "{:?}",
        sound.companies[0].problems
    );
    assert!(rows_are_accounted_for(&sound));
    assert_eq!(sound.files[0].set_aside.len(), 2);
    assert_eq!(messages(&book("11"), codes::TOTAL_DIFFERS).len(), 1);
}

/// 月 and 日 apart in a header of two rows, the year in the title.
fn nc(title: &str, month: &str) -> HandIn {
    let text = format!(
        "序时账,,{title}\n月,日,凭证号,摘要,科目编码,科目名称,辅助项,借方,,贷方,\n,,,,,,,原币,本币,原币,本币\n\
         {month},5,记-1,收,1002,银行存款,,9,1,,\n{month},5,记-1,收,5001,主营业务收入,【项目：一号楼】【客商：甲】,,,9,1\n"
    );
    read_files(&[("导出.csv", text.as_bytes())])
}

#[test]
fn split_dates_take_the_year_of_the_title_or_none() {
    for (title, month, date) in [
        ("2026年", "01", "2026-01-05"),
        ("期间：2026.01-2026.02", "2", "2026-02-05"),
        ("会计期间：2025年11月至2026年2月", "12", "2025-12-05"),
        ("会计期间：2025年11月至2026年2月", "1月", "2026-01-05"),
    ] {
        let hand_in = nc(title, month);
        let company = &hand_in.companies[0];
        assert!(!company.has_errors(), "{title}: {:?}", company.problems);
        let voucher = &company.vouchers[0];
        assert_eq!(voucher.date.to_string(), date, "{title}");
        let entry = &voucher.entries[1];
        assert_eq!(entry.credit, Money(100), "the 本币 column counts");
        let aux = (entry.counterparty.as_deref(), entry.project.as_deref());
        assert_eq!(aux, (Some("甲"), Some("一号楼")));
    }
    for (title, month) in [
        ("", "1"),
        ("期间：2025.11-2026.02", "6"),
        ("打印日期:2026-03-05", "1"),
    ] {
        let problems = messages(&nc(title, month), codes::DATE_BAD).join(";");
        assert!(problems.contains("找不到年份"), "{title}: {problems}");
    }
}

#[test]
fn a_bare_month_belongs_to_the_year_of_the_date() {
    let text = "日期,会计期间,凭证字号,摘要,科目编码,科目名称,借方,贷方\n\
        2026-02-05,2,记-1,收,1002,银行存款,1,\n2026-02-05,2,记-1,收,5001,主营业务收入,,1\n\
        2026-02-06,3,记-2,收,1002,银行存款,1,\n2026-02-06,3,记-2,收,5001,主营业务收入,,1\n";
    let hand_in = read_files(&[("导出.csv", text.as_bytes())]);
    let company = &hand_in.companies[0];
    assert_eq!(company.vouchers[0].id.to_string(), "2026-02-记-0001");
    assert_eq!(
        messages(&hand_in, codes::OUTSIDE_PERIOD),
        ["日期在 2026-03 之外"]
    );
}

#[test]
fn a_table_of_ours_without_what_it_needs_may_be_a_package_s() {
    // 科目余额 is the name of a table of ours, and what people call the export of their package.
    let text = "科目余额表,,期间:2026年1月,,,,,\n科目编码,科目名称,期初借方,期初贷方,本期借方,本期贷方,期末借方,期末贷方\n\
        1002,银行存款,0,0,1,0,1,0\n";
    let hand_in = read_files(&[("科目余额.csv", text.as_bytes())]);
    assert_eq!(hand_in.files[0].layout, "用友 U8/T3 科目余额表");
    let row = &hand_in.companies[0].registers[0].rows[0];
    assert_eq!(
        row.values[..4]
            .iter()
            .filter_map(|v| v.int())
            .collect::<Vec<_>>(),
        [2026, 1]
    );
}

#[test]
fn a_tick_is_no_person() {
    let head = "日期,会计年度,期间,凭证字,凭证号,摘要,科目编码,科目全名,借方金额,贷方金额,制单,审核,过账,来源系统,审核状态,作废状态\n";
    let lines = |checker: &str, poster: &str| {
        format!(
            "{head}2026-01-05,2026,1,记,1,收,1002,银行存款,1,,甲,{checker},{poster},总账,已审核,\n\
             2026-01-05,2026,1,记,1,收,5001,主营业务收入,,1,甲,{checker},{poster},总账,已审核,\n"
        )
    };
    for (checker, poster, want) in [
        ("√", "已过账", [None, None]),
        ("乙", "丙", [Some("乙"), Some("丙")]),
    ] {
        let hand_in = read_files(&[("导出.csv", lines(checker, poster).as_bytes())]);
        let voucher = &hand_in.companies[0].vouchers[0];
        let persons = [&voucher.checker, &voucher.poster].map(|p| p.as_deref());
        assert_eq!((voucher.maker.as_deref(), persons), (Some("甲"), want));
    }
}

/// The numbers of statements tell the account only where they can be nothing else.
#[test]
fn long_numbers_in_file_names_are_accounts_unless_they_are_times() {
    let text = "交易日期,摘要,借方发生额,贷方发生额,余额,对方户名\n2026-01-05,租金,0.00,100.00,100.00,甲\n";
    for (name, known) in [
        ("6222000012345678.csv", true),
        ("对账单_17010123456789012.csv", true),
        ("20260105123045123.csv", false),
        ("对账单20260101-20260331.csv", false),
    ] {
        let hand_in = read_files(&[(name, text.as_bytes())]);
        let missing = messages(&hand_in, codes::BANK_ACCOUNT_MISSING).len();
        assert_eq!(missing, usize::from(!known), "{name}");
    }
    let masked = format!("账号:6222****5678,,,,,\n{text}");
    let hand_in = read_files(&[("对账单.csv", masked.as_bytes())]);
    assert_eq!(messages(&hand_in, codes::BANK_ACCOUNT_MISSING).len(), 1);
}
