#!/usr/bin/env python3
"""Writes fixtures/exports: one small book in the layouts that accounting packages, bookkeeping platforms, audit software and
banks export, each in an encoding it comes in. A folder is what one company would hand in; nc-street is a street.

Needs openpyxl and xlwt. The output depends on nothing but this script: run it twice and `git diff` stays empty.
"""

import io
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import xlwt

sys.path.insert(0, str(Path(__file__).parent / "jiufeng"))

import write  # noqa: E402
from core import yuan  # noqa: E402
from write import grouped, number  # noqa: E402

OUT = write.ROOT / "fixtures/exports"
COMPANY = "甲枫实业有限公司"

# Code without dots, levels of the name.
ACCOUNTS = {
    "1001": ("库存现金",),
    "100201": ("银行存款", "基本户"),
    "1122": ("应收账款",),
    "2221": ("应交税费",),
    "222101": ("应交税费", "应交增值税"),
    "22210101": ("应交税费", "应交增值税", "进项税额"),
    "2241": ("其他应付款",),
    "3001": ("实收资本",),
    "5001": ("主营业务收入",),
    "560201": ("管理费用", "办公费"),
    "560202": ("管理费用", "修理费"),
    "1002": ("银行存款",),
    "5602": ("管理费用",),
}
CREDIT_SIDE = {"2221", "222101", "22210101", "2241", "3001", "5001"}
CLASSES = {"1": "资产", "2": "负债", "3": "权益", "5": "损益"}

# account, party -> fen, debit positive
OPENING = {("1001", ""): 50000, ("100201", ""): 10000000, ("1122", "甲商贸"): 200000, ("1122", "乙餐饮"): 150000,
           ("2241", "甲商贸"): -400000, ("3001", ""): -10000000}


@dataclass
class Line:
    account: str
    debit: int
    credit: int
    party: str = ""


@dataclass
class Voucher:
    date: str
    word: str
    number: int
    summary: str
    lines: list
    void: bool = False
    attachments: int = 1

    @property
    def month(self):
        return int(self.date[5:7])

    @property
    def day(self):
        return int(self.date[8:])

    def total(self):
        return sum(l.debit for l in self.lines)


VOUCHERS = [
    Voucher("2026-01-05", "记", 1, "收一季度租金", [Line("100201", 12345678, 0), Line("5001", 0, 12345678)], attachments=2),
    Voucher("2026-01-08", "记", 2, "购办公用品,纸", [Line("560201", 30, 0), Line("1001", 0, 30)]),
    Voucher("2026-01-20", "记", 3, "红冲多收租金", [Line("100201", -4567, 0), Line("5001", 0, -4567)]),
    Voucher("2026-01-25", "记", 4, "收甲商贸欠租", [Line("100201", 80000, 0), Line("1122", 0, 80000, "甲商贸")]),
    Voucher("2026-02-03", "付", 1, "付修理费(屋面)",
            [Line("560202", 100000, 0), Line("22210101", 13000, 0), Line("100201", 0, 113000)], attachments=3),
    Voucher("2026-02-10", "记", 1, "应收乙餐饮租金", [Line("1122", 60000, 0, "乙餐饮"), Line("5001", 0, 60000)]),
    Voucher("2026-02-12", "记", 2, "误制", [Line("560201", 100, 0), Line("1001", 0, 100)], void=True),
    Voucher("2026-02-20", "记", 3, "退甲商贸押金",
            [Line("2241", 100000, 0, "甲商贸"), Line("1001", 0, 30000), Line("100201", 0, 70000)]),
]
POSTED = [v for v in VOUCHERS if not v.void]
MAKER, CHECKER, POSTER = "钱制单", "孙审核", "李记账"


def dotted(code):
    return ".".join([code[:4]] + [code[i:i + 2] for i in range(4, len(code), 2)])


def path(code, joint):
    return joint.join(ACCOUNTS[code])


def lines(vouchers=POSTED):
    """Voucher, number of the line, line."""
    return [(v, n, l) for v in vouchers for n, l in enumerate(v.lines, 1)]


def totals(vouchers=POSTED):
    return sum(l.debit for _, _, l in lines(vouchers)), sum(l.credit for _, _, l in lines(vouchers))


def side(fen, blank=""):
    """Debit and credit cell of a balance."""
    return (yuan(fen) if fen > 0 else blank, yuan(-fen) if fen < 0 else blank)


def balances(first, last, parties=False):
    """Per account (and party): opening, debit, credit in fen; parents included."""
    out = {}
    def add(code, party, opening=0, debit=0, credit=0):
        for length in (4, 6, 8):
            if length <= len(code) and (length == len(code) or not party):
                row = out.setdefault((code[:length], party), [0, 0, 0])
                row[0] += opening
                row[1] += debit
                row[2] += credit
    for (code, party), fen in OPENING.items():
        add(code, party if parties else "", opening=fen)
    for v, _, l in lines():
        if v.month < first:
            add(l.account, l.party if parties else "", opening=l.debit - l.credit)
        elif v.month <= last:
            add(l.account, l.party if parties else "", debit=l.debit, credit=l.credit)
    return dict(sorted(out.items()))


def put(folder, name, data):
    target = OUT / folder / name
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(data)


def csv_file(folder, name, rows, encoding="utf-8-sig"):
    write.write_csv(OUT / folder / name, rows, encoding, "\r\n")


def xlsx(folder, name, sheet, rows, merged=()):
    write.save_workbook(OUT / folder / name, [(sheet, rows, merged)])


def xls(folder, name, sheet, rows, merged=()):
    """`merged`: (first row, last row, first column, last column), from 0."""
    book = xlwt.Workbook(encoding="gb18030")
    page = book.add_sheet(sheet)
    covered = {}
    for r1, r2, c1, c2 in merged:
        page.write_merge(r1, r2, c1, c2, rows[r1][c1])
        covered |= {(r, c): True for r in range(r1, r2 + 1) for c in range(c1, c2 + 1)}
    for r, row in enumerate(rows):
        for c, cell in enumerate(row):
            if cell != "" and (r, c) not in covered:
                page.write(r, c, cell)
    out = io.BytesIO()
    book.save(out)
    put(folder, name, out.getvalue())


# ---------------------------------------------------------------- 用友 U8/T3

U8 = ["日期", "凭证号数", "科目编码", "科目名称", "摘要", "方向", "数量", "外币", "金额"]


def u8_journal(vouchers):
    rows = [["序时账"], [f"编制单位:{COMPANY}"], U8]
    for v, _, l in lines(vouchers):
        rows.append([v.date.replace("-", "."), f"{v.word}-{v.number:04d}", l.account, path(l.account, "_"),
                     v.summary.replace("一季度", "\r\n一季度"), "借" if l.debit else "贷", "", "", grouped(l.debit or l.credit)])
    return rows + [["", "", "", "", "合计", d, "", "", grouped(fen)] for d, fen in zip("借贷", totals(vouchers))]


def u8_balance(first, last):
    head = ["会计年度", "会计期间", "科目编码", "科目名称", "外币名称", "期初借方", "期初贷方", "本期借方", "本期贷方", "期末借方", "期末贷方"]
    period = f"月份:2026.{first:02d}-2026.{last:02d}"
    rows, classes, every = [["科目余额表"], [f"单位名称:{COMPANY}"], head], {}, [0] * 6
    found = balances(first, last)
    for (code, _), (opening, debit, credit) in found.items():
        closing = opening + debit - credit
        six = [max(opening, 0), max(-opening, 0), debit, credit, max(closing, 0), max(-closing, 0)]
        rows.append(["2026", period, code, ACCOUNTS[code][-1], "", *map(grouped, six)])
        if len(code) == 4:
            sums = classes.setdefault(code[0], [0] * 6)
            for i, fen in enumerate(six):
                sums[i] += fen
                every[i] += fen
        following = [c for c, _ in found if c > code]
        if not following or following[0][0] != code[0]:
            rows.append(["", "", "小计", CLASSES[code[0]] + "小计", "", *map(grouped, classes[code[0]])])
    return rows + [["", "", "合计", "", "", *map(grouped, every)]]


def u8():
    csv_file("u8", "序时账.csv", u8_journal(POSTED), "gb18030")
    rows = u8_balance(1, 2)
    xls("u8", "科目余额表.xls", "科目余额表", rows, [(0, 0, 0, 10), (1, 1, 0, 10)])
    accounts = [["类别", "科目编码", "科目名称", "助记码", "币种", "余额方向"]]
    accounts += [[CLASSES[c[0]], c, ACCOUNTS[c][-1], "", "人民币", "贷" if c in CREDIT_SIDE else "借"] for c in sorted(ACCOUNTS)]
    xls("u8", "会计科目.xls", "会计科目", accounts)
    # The same company's list from another version.
    levels = [["科目级次", "科目编码", "科目名称", "科目类型", "余额方向"]]
    levels += [[(len(c) - 2) // 2, int(c), ACCOUNTS[c][-1], CLASSES[c[0]], "贷" if c in CREDIT_SIDE else "借"] for c in sorted(ACCOUNTS)]
    xlsx("u8-accounts", "科目表.xlsx", "Sheet1", levels)
    csv_file("u8-accounts", "序时账.csv", u8_journal(POSTED), "gb18030")
    # One book in two files whose months overlap, and two tables of one month each.
    january, february = [v for v in POSTED if v.month == 1], [v for v in POSTED if v.month == 2]
    csv_file("u8-parts", "序时账1.csv", u8_journal(january + february[:1]), "gb18030")
    csv_file("u8-parts", "序时账2.csv", u8_journal(january[-1:] + february), "gb18030")
    for month in (1, 2):
        xls("u8-parts", f"科目余额表{month}月.xls", "科目余额表", u8_balance(month, month))


V800 = 44


def u8_text():
    rows = [["填制凭证", "V800"]]
    for v, _, l in lines():
        cells = [v.date, v.word, v.number, v.attachments, v.summary.replace(",", "、"), l.account, yuan(l.debit), yuan(l.credit),
                 "", "", "", MAKER, "转账", "", "", "", "", l.party, "", "", ""]
        rows.append([*map(str, cells), *["0"] * (V800 - len(cells))])
    csv_file("u8-text", "凭证.txt", rows, "gb18030")


def u8_sheet():
    head = ("会计期间,凭证类别字,凭证类别排序号,凭证编号,行号,制单日期,附单据数,制单人,审核人,记账人,记账标志,出纳人,凭证标志,凭证头自定义项1,凭证头自定义项2,"
            "摘要,科目编码,币种,借方金额,贷方金额,外币借方金额,外币贷方金额,汇率,数量借方,数量贷方,结算方式编码,票号,票号发生日期,部门编码,职员编码,客户编码,"
            "供应商编码,项目编码,项目大类编码,业务员,对方科目编码,银行帐两清标志,往来帐两清标志,是否核销,外部凭证账套号,外部凭证会计年度,外部凭证系统名称,"
            "外部凭证系统版本号,外部凭证制单日期,外部凭证会计期间,外部凭证业务类型,外部凭证业务号,外部凭证日期,外部凭证标识,凭证是否可修改,凭证分录是否可增删,"
            "凭证合计金额是否保值,分录数值是否可修改,分录科目是否可修改,分录受控科目可用状态,分录往来项是否可修改,分录部门是否可修改,分录项目是否可修改,"
            "分录往来项是否必输,自定义字段1,自定义字段2,自定义字段3,自定义字段4,自定义字段5,自定义字段6,自定义字段7,自定义字段8,自定义字段9,自定义字段10,"
            "现金项目编号,现金借方,现金贷方").split(",")
    assert len(head) == 72, len(head)
    rows = [head]
    for v, n, l in lines(VOUCHERS):
        cells = {"会计期间": v.month, "凭证类别字": v.word, "凭证类别排序号": 1, "凭证编号": v.number, "行号": n, "制单日期": v.date,
                 "附单据数": v.attachments, "制单人": MAKER, "审核人": CHECKER, "记账人": POSTER, "记账标志": 1,
                 "凭证标志": "作废" if v.void else "", "摘要": v.summary, "科目编码": int(l.account), "借方金额": number(l.debit),
                 "贷方金额": number(l.credit), "客户编码": l.party}
        rows.append([cells.get(h, "") for h in head])
    xlsx("u8-sheet", "凭证.xlsx", "Sheet1", rows)


def u8_table():
    """The table behind the package, as a query writes it: voided vouchers among the rows, the money with four decimals."""
    head = ("iyear,iperiod,csign,isignseq,ino_id,inid,dbill_date,idoc,cbill,ccheck,cbook,ibook,ccashier,iflag,cdigest,ccode,md,mc,md_f,mc_f,"
            "nfrat,nd_s,nc_s,cdept_id,cperson_id,ccus_id,csup_id,citem_id").split(",")
    rows = [head]
    for v, n, l in lines(VOUCHERS):
        cells = dict.fromkeys(head, "") | {
            "iyear": 2026, "iperiod": v.month, "csign": v.word, "isignseq": 1, "ino_id": v.number, "inid": n,
            "dbill_date": v.date + " 00:00:00", "idoc": v.attachments, "cbill": MAKER, "ccheck": CHECKER, "cbook": "" if v.void else POSTER,
            "ibook": 0 if v.void else 1, "iflag": 1 if v.void else "", "cdigest": v.summary, "ccode": l.account,
            "md": yuan(l.debit) + "00", "mc": yuan(l.credit) + "00", "ccus_id": l.party}
        rows.append([str(c) for c in cells.values()])
    csv_file("u8-table", "GL_accvouch.csv", rows, "gb18030")


# ---------------------------------------------------------------- 用友 NC, T+


def nc_rows(books):
    """Two header rows, 月 and 日 apart, the year in the title; `books`: name -> vouchers."""
    upper = ["月", "日", "核算账簿名称", "凭证号", "分录号", "摘要", "科目编码", "科目名称", "辅助项", "币种", "借方", "", "贷方", "", "附单据数", "制单人"]
    lower = [""] * 10 + ["原币", "本币", "原币", "本币", "", ""]
    rows = [["序时账"], ["会计期间:2026年1月至2026年2月"], ["打印日期:2027-03-05"], upper, lower]
    for book, vouchers in books.items():
        for v, n, l in lines(vouchers):
            aux = f"【客商：{l.party}】【部门：行政部】" if l.party else ""
            money = lambda fen: grouped(fen) if fen else ""
            rows.append([f"{v.month:02d}", f"{v.day:02d}", book, f"{v.word}-{v.number:04d}", n, v.summary, l.account,
                         path(l.account, "\\"), aux, "人民币", money(l.debit), money(l.debit), money(l.credit), money(l.credit),
                         v.attachments, MAKER])
        debit, credit = map(grouped, totals(vouchers))
        rows.append(["", "", "核算账簿累计", "", "", "", "", "", "", "", debit, debit, credit, credit, "", ""])
    return rows


NC_MERGED = [(0, 0, 0, 15), (1, 1, 0, 15), (2, 2, 0, 15), (3, 3, 10, 11), (3, 3, 12, 13)]
NC_MERGED += [(3, 4, c, c) for c in (*range(10), 14, 15)]


def nc_balance():
    """Rows by party where there are parties, 科目合计 below them."""
    upper = ["科目", "客商", "期初余额", "", "", "本期借方", "", "本期贷方", "", "借方累计", "", "贷方累计", "", "期末余额", "", ""]
    lower = ["", "", "方向", "原币", "本币", "原币", "本币", "原币", "本币", "原币", "本币", "原币", "本币", "方向", "原币", "本币"]
    rows = [["科目辅助余额表"], ["期间:2026.01-2026.02"], upper, lower]
    def line(name, party, opening, debit, credit):
        closing = opening + debit - credit
        sign = lambda fen: "平" if fen == 0 else "借" if fen > 0 else "贷"
        money = lambda fen: [grouped(abs(fen))] * 2
        turn = [*money(debit), *money(credit)]
        return [name, party, sign(opening), *money(opening), *turn, *turn, sign(closing), *money(closing)]
    by_party = balances(1, 2, parties=True)
    for (code, _), figures in balances(1, 2).items():
        details = [(p, f) for (c, p), f in by_party.items() if c == code and p]
        if details:
            rows += [line(f"{code}\\{path(code, chr(92))}", p, *f) for p, f in details]
            rows.append(line(f"{code}\\{path(code, chr(92))}科目合计", "", *figures))
    return rows


def nc():
    xls("nc", "NC序时账.xls", "序时账", nc_rows({COMPANY: POSTED}), NC_MERGED)
    xls("nc", "科目辅助余额表.xls", "科目辅助余额表", nc_balance(), [(0, 0, 0, 15), (2, 2, 2, 4), (2, 2, 5, 6), (2, 2, 7, 8)])
    # Another site: code and name apart, the auxiliary item in brackets, one header row in which 原币 and 本币 bear one name.
    head = ["科目编码", "科目名称", "辅助项", "期初方向", "期初原币", "期初本币", "本期借方", "本期借方.1", "本期贷方", "本期贷方.1", "借方累计", "借方累计.1",
            "贷方累计", "贷方累计.1", "期末方向", "期末原币", "期末本币"]
    rows = [["科目辅助余额表"], ["期间:2026.01-2026.02"], head]
    for account, party, *rest in nc_balance()[4:]:
        code, _, name = account.partition("\\")
        rows.append([code, name, f"【客商：{party}】", *rest] if party else [account, "", "", *rest])
    csv_file("nc-codes", "科目辅助余额表.csv", rows)
    xls("nc-codes", "NC序时账.xls", "序时账", nc_rows({COMPANY: POSTED}), NC_MERGED)
    shared = {f"{COMPANY}-基准账簿": POSTED, "乙枫物业有限公司": POSTED[:3]}
    xls("nc-street", "全部序时账.xls", "序时账", nc_rows(shared), NC_MERGED)
    owners = [["单位编码", "单位名称", "单位类型", "会计制度", "适用法规"]]
    owners += [[code, name, "村改制公司", "小企业", "公司"] for code, name in (("C01", COMPANY), ("C02", "乙枫物业有限公司"))]
    csv_file("nc-street", "单位.csv", owners)


def separate(folder, name, head, cells, encoding="utf-8-sig", vouchers=POSTED, container="csv", first_only=()):
    """A journal with a header row: `cells(voucher, line number, line)` by header; `first_only` stand on first lines only."""
    rows = [head]
    for v, n, l in lines(vouchers):
        row = cells(v, n, l)
        unknown = set(row) - set(head)
        assert not unknown, unknown
        rows.append(["" if h in first_only and n > 1 else row.get(h, "") for h in head])
    if container == "csv":
        csv_file(folder, name, [[str(c) for c in row] for row in rows], encoding)
    else:
        xlsx(folder, name, "Sheet1", rows)


def tplus():
    head = "日期,凭证字,凭证号,摘要,科目编码,科目名称,借方金额,贷方金额,制单人,审核人,记账人,附件张数".split(",")
    separate("tplus", "凭证明细.xlsx", head, lambda v, n, l: {
        "日期": v.date, "凭证字": v.word, "凭证号": v.number, "摘要": v.summary, "科目编码": l.account, "科目名称": path(l.account, "/"),
        "借方金额": number(l.debit), "贷方金额": number(l.credit), "制单人": MAKER, "审核人": CHECKER, "记账人": POSTER,
        "附件张数": v.attachments}, container="xlsx")


# ---------------------------------------------------------------- 金蝶

KIS = [h for h in write.KIS if h != "核算项目"]


def kis():
    rows, (debit, credit) = [KIS], totals()
    for serial, v in enumerate(POSTED, 1):
        for n, l in enumerate(v.lines):
            row = dict.fromkeys(KIS, "")
            if n == 0:
                row |= {"审核": "√", "过账": "√", "日期": v.date, "会计期间": f"2026.{v.month}", "凭证字号": f"{v.word} - {v.number}",
                        "制单": MAKER, "审核人": CHECKER, "过账人": POSTER, "附件数": v.attachments, "序号": serial, "业务日期": "2025-12-31"}
            row |= {"摘要": v.summary, "科目代码": dotted(l.account), "科目名称": path(l.account, " - "), "币别": "人民币", "汇率": 1,
                    "原币金额": number(l.debit or l.credit), "借方": number(l.debit), "贷方": number(l.credit)}
            rows.append([row[h] for h in KIS])
    total = dict.fromkeys(KIS, "") | {"摘要": "合计", "借方": number(debit), "贷方": number(credit)}
    xlsx("kis", "序时簿.xlsx", "会计分录序时簿", rows + [[total[h] for h in KIS]])
    upper = ["科目代码", "科目名称", "期初余额", "", "本期发生额", "", "本年累计发生额", "", "期末余额", ""]
    lower = ["", "", "借方", "贷方", "借方", "贷方", "借方", "贷方", "借方", "贷方"]
    balance, sums = [["科目余额表"], ["期间:2026年第1期至2026年第2期"], upper, lower], [0] * 8
    for (code, _), (opening, debit, credit) in balances(1, 2).items():
        closing = opening + debit - credit
        eight = [max(opening, 0), max(-opening, 0), debit, credit, debit, credit, max(closing, 0), max(-closing, 0)]
        depth = (len(code) - 4) // 2
        balance.append([" " * depth + dotted(code), "  " * depth + ACCOUNTS[code][-1], *[number(f) if f else "" for f in eight]])
        if depth == 0:
            sums = [a + b for a, b in zip(sums, eight)]
    balance.append(["", "合计", *map(number, sums)])
    merged = ["A1:J1", "A2:J2", "A3:A4", "B3:B4", "C3:D3", "E3:F3", "G3:H3", "I3:J3"]
    xlsx("kis", "科目余额表.xlsx", "科目余额表", balance, merged)
    accounts = [["科目代码", "科目名称"]]
    accounts += [[" " * ((len(c) - 4) // 2) + dotted(c), "  " * ((len(c) - 4) // 2) + ACCOUNTS[c][-1]] for c in sorted(ACCOUNTS)]
    xlsx("kis", "科目表.xlsx", "科目表", accounts)


def kingdee_cloud():
    head = "日期,会计年度,期间,凭证字,凭证号,摘要,科目编码,科目全名,币别,原币金额,借方金额,贷方金额,制单,审核,过账,出纳,附件数,来源系统,业务类型,审核状态,作废状态"
    separate("kingdee-cloud", "凭证查询.xlsx", head.split(","), lambda v, n, l: {
        "日期": v.date.replace("-", "/"), "会计年度": 2026, "期间": v.month, "凭证字": v.word, "凭证号": v.number, "摘要": v.summary,
        "科目编码": dotted(l.account), "科目全名": path(l.account, "_"), "币别": "人民币", "原币金额": number(l.debit or l.credit),
        "借方金额": number(l.debit), "贷方金额": number(l.credit), "制单": MAKER, "审核": CHECKER, "过账": POSTER, "附件数": v.attachments,
        "来源系统": "总账", "审核状态": "已审核", "作废状态": "作废" if v.void else "正常"}, vouchers=VOUCHERS, container="xlsx",
        first_only={"日期", "会计年度", "期间", "凭证字", "凭证号", "制单", "审核", "过账", "附件数", "来源系统", "审核状态", "作废状态"})


def jdy():
    head = ("日期,凭证字,凭证号,附件数,分录序号,摘要,科目代码,科目名称,借方金额,贷方金额,客户,供应商,职员,项目,部门,存货,是否限定,自定义辅助核算类别,"
            "自定义辅助核算编码,数量,单价,原币金额,币别,汇率")
    separate("jdy", "凭证.csv", head.split(","), lambda v, n, l: {
        "日期": v.date, "凭证字": v.word, "凭证号": v.number, "附件数": v.attachments, "分录序号": n, "摘要": v.summary, "科目代码": l.account,
        "科目名称": path(l.account, "-"), "借方金额": yuan(l.debit) if l.debit else "", "贷方金额": yuan(l.credit) if l.credit else "",
        "客户": l.party, "币别": "RMB", "汇率": 1}, first_only={"日期", "凭证字", "凭证号", "附件数"})


# ---------------------------------------------------------------- platforms, audit software, templates, by hand


def days():
    """As the printed ledger has it: 月 and 日 apart, the year in the title only."""
    rows = [["2026年度序时账"], [f"编制单位:{COMPANY}"], ["月", "日", "凭证字号", "摘要", "科目编码", "科目名称", "借方金额", "贷方金额"]]
    for v, _, l in lines():
        rows.append([v.month, v.day, f"{v.word}-{v.number}", v.summary, l.account, path(l.account, "-"), number(l.debit) if l.debit else "",
                     number(l.credit) if l.credit else ""])
    xlsx("days", "序时账.xlsx", "Sheet1", rows, ["A1:H1", "A2:H2"])


def saas():
    head = ("日期,凭证号,摘要,科目编码,科目名称,外币代码,借方数量,借方外币,借方本币,贷方数量,贷方外币,贷方本币,客户编码,客户名称,供应商编码,供应商名称,制单人,"
            "审核人,附件数,备注").split(",")
    separate("saas", "凭证.csv", head, lambda v, n, l: {
        "日期": v.date, "凭证号": f"{v.word}-{v.number}", "摘要": v.summary, "科目编码": l.account, "科目名称": path(l.account, "-"),
        "借方本币": yuan(l.debit) if l.debit else "", "贷方本币": yuan(l.credit) if l.credit else "", "客户名称": l.party,
        "制单人": MAKER, "审核人": CHECKER, "附件数": v.attachments})


HEADS = "制单日期,凭证号,摘要,借方金额合计,贷方金额合计,制单人,复核人,记账人,凭证状态,附件张数,审核日期".split(",")


def heads():
    rows, state = [HEADS], {True: "作废", False: "已审核"}
    for v in VOUCHERS:
        total = grouped(v.total())
        rows.append([v.date, f"{v.word}-{v.number}", v.summary, total, total, MAKER, CHECKER, POSTER, state[v.void], v.attachments, v.date])
    return rows


def audit_software():
    head = "日期,凭证号,摘要,科目编码,科目名称,借方,贷方,对方单位".split(",")
    separate("dingxinnuo", "凭证明细.xlsx", head, lambda v, n, l: {
        "日期": v.date, "凭证号": f"{v.word}-{v.number}", "摘要": v.summary, "科目编码": l.account, "科目名称": path(l.account, "-"),
        "借方": number(l.debit), "贷方": number(l.credit), "对方单位": l.party}, container="xlsx")
    # The platform's list of heads beside it: who made and checked them, and the voided voucher.
    xls("dingxinnuo", "凭证列表.xls", "凭证列表", heads())
    xls("heads-only", "凭证列表.xls", "凭证列表", heads())


def templates():
    head = "日期,凭证字,凭证号,摘要,科目编码,科目名称,借方,贷方".split(",")
    separate("template-kingdee", "凭证导入.csv", head, lambda v, n, l: {
        "日期": v.date, "凭证字": v.word, "凭证号": v.number, "摘要": v.summary, "科目编码": l.account, "科目名称": path(l.account, "-"),
        "借方": yuan(l.debit), "贷方": yuan(l.credit)})
    opening = [["科目编码", "科目名称", "方向", "期初余额", "累计借方", "累计贷方"]]
    found = balances(1, 2)
    opening += [[c, ACCOUNTS[c][-1], "贷" if f[0] < 0 else "借", yuan(abs(f[0])), "0.00", "0.00"] for (c, _), f in found.items() if f[0]]
    csv_file("template-kingdee", "期初.csv", opening)
    head = "日期,凭证字号,摘要,科目编码,借方,贷方".split(",")
    separate("template-yonyou", "凭证导入.csv", head, lambda v, n, l: {
        "日期": v.date, "凭证字号": f"{v.word}字第{v.number}号", "摘要": v.summary, "科目编码": l.account, "借方": yuan(l.debit),
        "贷方": yuan(l.credit)}, "gb18030")
    opening = [["科目编码", "科目名称", "期初借方", "期初贷方", "累计借方", "累计贷方"]]
    opening += [[c, ACCOUNTS[c][-1], *side(f[0]), "", ""] for (c, _), f in found.items() if f[0]]
    opening.append(["合计", "", *[yuan(sum(s * f[0] for (c, _), f in found.items() if len(c) == 4 and s * f[0] > 0)) for s in (1, -1)], "", ""])
    csv_file("template-yonyou", "期初余额.csv", opening, "gb18030")


def by_hand():
    opening = [[f"{COMPANY} 2026年期初余额"], ["科目", "方向", "期初余额", "备注"]]
    opening += [["-".join(ACCOUNTS[c]) , "贷" if f[0] < 0 else "借", number(abs(f[0])), ""]
                for (c, _), f in balances(1, 2).items() if f[0] and c != "1002"]
    xlsx("hand", "期初.xlsx", "期初", opening, ["A1:D1"])
    register = [["日期", "凭证字号", "摘要", "借方金额", "贷方金额"]]
    register += [[v.date, f"{v.word}-{v.number}", v.summary, yuan(v.total()), yuan(v.total())] for v in POSTED]
    csv_file("hand", "登记簿.csv", register)
    head = "日期,凭证字号,摘要,科目编码,科目名称,借方金额,贷方金额".split(",")
    separate("hand", "分录.csv", head, lambda v, n, l: {
        "日期": v.date, "凭证字号": f"{v.word}-{v.number}", "摘要": v.summary, "科目编码": l.account, "科目名称": path(l.account, "-"),
        "借方金额": yuan(l.debit) if l.debit else "", "贷方金额": yuan(l.credit) if l.credit else ""})


# ---------------------------------------------------------------- banks

# date, time, fen (positive: in), party, memo
BANK = [("20260105", "09:30:12", 12345678, "甲商贸", "租金"), ("20260120", "10:05:00", -4567, "甲商贸", "退款"),
        ("20260125", "16:40:31", 80000, "甲商贸", "欠租"), ("20260203", "11:11:11", -113000, "丙建筑", "修理"),
        ("20260220", "15:00:00", -70000, "甲商贸", "退押金")]
BANK_OPENING = 10000000


def bank_lines():
    balance = BANK_OPENING
    for day, time, fen, party, memo in BANK:
        balance += fen
        yield day, time, fen, balance, party, memo


def banks():
    head = ["交易日期", "交易时间", "交易金额", "本次余额", "交易行", "交易渠道", "交易类型", "交易摘要"]
    rows = [["账户交易明细 账号:6222 0000 1234 5678 户名:" + COMPANY], head]
    for day, time, fen, balance, _, memo in bank_lines():
        rows.append([day, time, ("+" if fen > 0 else "") + yuan(fen), yuan(balance), "0417", "网银", "转账", memo])
    xlsx("bank-signed", "交易明细.xlsx", "Sheet1", rows, ["A1:H1"])
    head = ["交易日期", "交易流水号", "借方发生额", "贷方发生额", "余额", "对方户名", "对方账号", "摘要"]
    rows = [["账号:6222000012345678", "", "币种:人民币"], head]
    for i, (day, _, fen, balance, party, memo) in reversed(list(enumerate(bank_lines()))):
        rows.append([f"{day[:4]}-{day[4:6]}-{day[6:]}", f"T{i:04d}", grouped(-fen) if fen < 0 else "0.00", grouped(fen) if fen > 0 else "0.00",
                     grouped(balance), party, f"62220000{i:08d}", memo])
    moved_out, moved_in = sum(-f for *_, f, _, _ in BANK if f < 0), sum(f for *_, f, _, _ in BANK if f > 0)
    rows.append(["合计", "", grouped(moved_out), grouped(moved_in), "", "", "", ""])
    csv_file("bank-two-sides", "对账单.csv", rows, "gb18030")
    rows = [["日期", "收/支", "金额", "账户余额", "对方名称", "用途"]]
    for day, _, fen, balance, party, memo in bank_lines():
        rows.append([day, "收入" if fen > 0 else "支出", yuan(abs(fen)), yuan(balance), party, memo])
    csv_file("bank-direction", "6222000012345678.csv", rows)


def main():
    shutil.rmtree(OUT, ignore_errors=True)
    for layout in (u8, u8_text, u8_sheet, u8_table, nc, tplus, kis, kingdee_cloud, jdy, days, saas, audit_software, templates, by_hand, banks):
        layout()


if __name__ == "__main__":
    main()
