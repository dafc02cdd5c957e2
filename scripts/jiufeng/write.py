"""Writers: neutral CSV, the workbook 账套.xlsx, a Kingdee KIS journal, a Yonyou U8 journal. Same input, same bytes."""

import csv
import datetime as dt
import io
import re
import tomllib
import zipfile
from pathlib import Path

import openpyxl

from core import yuan

ROOT = Path(__file__).resolve().parents[2]
VOUCHER = ["日期", "凭证字", "凭证号", "分录号", "摘要", "科目编码", "科目名称", "借方金额", "贷方金额", "往来单位", "合同编号", "资产编号",
           "项目", "专项资金", "发票号", "收据号", "银行流水号", "结算方式", "附件数", "制单人", "审核人", "记账人", "出纳", "制单时间",
           "红冲凭证", "来源"]


def catalogue():
    """Chinese table name -> (level, headers in order, money headers)."""
    out = {}
    for table in tomllib.loads((ROOT / "ledger_rules/bundle.toml").read_text()).values():
        if not isinstance(table, dict) or "columns" not in table:
            continue
        lines = [l.split() for l in table["columns"].strip().splitlines()]
        heads = [l[0].rstrip("*") for l in lines]
        heads = [h if h.startswith("统一社会信用代码/") else h.split("|")[0] for h in heads]
        heads = [h.split("|")[0] for h in heads]
        out[table["file"]] = (table.get("level", "company"), heads,
                              {h for h, l in zip(heads, lines) if l[2] == "money"})
    return out


CATALOGUE = catalogue()


def cell(head, value, money):
    if value is None or value == "":
        return ""
    if head in money and isinstance(value, int):
        return yuan(value)
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def table_rows(name, rows):
    """Header and text cells; columns that are empty throughout are left out."""
    _, heads, money = CATALOGUE[name]
    unknown = {k for r in rows for k in r if not k.startswith("_")} - set(heads)
    if unknown:
        raise ValueError(f"{name}: unknown columns {unknown}")
    heads = [h for h in heads if any(r.get(h, "") not in ("", None) for r in rows)]
    return [heads] + [[cell(h, r.get(h), money) for h in heads] for r in rows]


def voucher_rows(b, vouchers=None):
    rows = [VOUCHER]
    for v in vouchers or b.vouchers:
        for n, l in enumerate(v.lines, 1):
            code, name = b.account(l.account)
            cells = {"日期": v.date.isoformat(), "凭证字": v.word, "凭证号": f"{v.number:04d}", "分录号": str(n), "摘要": v.summary,
                     "科目编码": code, "科目名称": name, "借方金额": yuan(l.debit) if l.debit else "",
                     "贷方金额": yuan(l.credit) if l.credit else "", "往来单位": l.party, "附件数": str(v.attachments),
                     "制单人": v.maker, "审核人": v.checker, "记账人": v.checker, "出纳": b.staff["cashier"],
                     "制单时间": v.entered, "来源": v.source, **l.extra}
            rows.append([cells.get(h, "") for h in VOUCHER])
    return rows


def opening_rows(b):
    rows = [["年度", "科目编码", "往来单位", "借方", "贷方"]]
    second = {k: v for k, v in b.balances(dt.date(2024, 12, 31)).items() if v}
    for key, fen in b.opening_shift.items():
        second[key] = second.get(key, 0) + fen
    for year, values in ((2024, b.openings), (2025, second)):
        assert sum(values.values()) == 0, (b.code, year, sum(values.values()))
        for (account, party), fen in sorted(values.items(), key=lambda x: (b.account(x[0][0])[0], x[0][1])):
            if fen:
                rows.append([str(year), b.account(account)[0], party, yuan(fen) if fen > 0 else "", yuan(-fen) if fen < 0 else ""])
    return rows


def account_rows(b):
    """The company's own accounts, details and their parents' standard names left to the chart."""
    from core import ACCOUNTS, CREDIT_SIDE

    rows = [["科目编码", "科目名称", "余额方向", "是否末级", "标签"]]
    used = {l.account for v in b.vouchers for l in v.lines} | {a for a, _ in b.openings}
    for key in ACCOUNTS:
        code, name = b.account(key)
        if key in used:
            rows.append([code, name.split(" - ")[-1], "贷" if key in CREDIT_SIDE else "借", "是", "internal_current" if key == "internal" else ""])
    return sorted(rows[:1]) + sorted(rows[1:])


def write_csv(path, rows, encoding="utf-8", newline="\n"):
    path.parent.mkdir(parents=True, exist_ok=True)
    text = io.StringIO()
    csv.writer(text, lineterminator=newline).writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))


def neutral_tables(b):
    """All registers and opening balances of a company as (name, rows)."""
    running = {k: sum(v for (a, _), v in b.openings.items() if a == k) for k in b.bank_accounts}
    lines = sorted(b.tables.get("银行流水", []), key=lambda r: (r["_key"], r["_order"]))
    for r in lines:
        running[r["_key"]] += r["收入金额"] - r["支出金额"]
        r["余额"] = running[r["_key"]]
    b.tables["银行流水"] = lines
    out = [("科目", account_rows(b)), ("期初余额", opening_rows(b))]
    return out + [(name, table_rows(name, b.tables[name])) for name in CATALOGUE if name in b.tables]


def save_workbook(path, sheets, numbers=True):
    """Sheets of text and number cells: name, rows and perhaps merged ranges; the zip's dates are fixed so that the bytes are
    the same every time."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows, *merged in sheets:
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append([None if c == "" else c for c in row])
        for cells in merged[0] if merged else ():
            sheet.merge_cells(cells)
    path.parent.mkdir(parents=True, exist_ok=True)
    raw = io.BytesIO()
    book.save(raw)
    with zipfile.ZipFile(raw) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name in sorted(old.namelist(), key=lambda n: (n != "[Content_Types].xml", n)):
            data = old.read(name)
            if name == "docProps/core.xml":
                data = re.sub(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", b"2026-01-10T00:00:00Z", data)
            info = zipfile.ZipInfo(name, (2026, 1, 10, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(info, data)


KIS = ("审核,复核,过账,日期,会计期间,凭证字号,摘要,科目代码,科目名称,核算项目,币别,汇率,原币金额,借方,贷方,制单,审核人,出纳人,核准,过账人,经办,批注,"
       "结算方式,结算号,数量,单价,参考信息,业务日期,往来业务,附件数,序号,系统模块,业务描述").split(",")


def number(fen):
    """As Kingdee writes it: an integer where there are no cents."""
    return fen // 100 if fen % 100 == 0 else float(yuan(fen))


def kis_rows(b):
    rows, debit, credit = [KIS], 0, 0
    for serial, v in enumerate(b.vouchers, 1):
        for n, l in enumerate(v.lines):
            code, name = b.account(l.account)
            row = dict.fromkeys(KIS, "")
            if n == 0:
                row |= {"审核": "√", "过账": "√", "日期": v.date.isoformat(), "会计期间": f"{v.date.year}.{v.date.month}",
                        "凭证字号": f"{v.word} - {v.number}", "制单": v.maker, "审核人": v.checker, "出纳人": b.staff["cashier"],
                        "过账人": v.checker, "附件数": v.attachments, "序号": serial, "业务日期": v.date.isoformat()}
            row |= {"摘要": v.summary, "科目代码": code, "科目名称": name, "币别": "人民币", "汇率": 1,
                    "原币金额": number(l.debit or l.credit), "借方": number(l.debit), "贷方": number(l.credit),
                    "结算方式": l.extra.get("结算方式", ""), "结算号": l.extra.get("银行流水号", ""), "核算项目": l.party}
            rows.append([row[h] for h in KIS])
            debit, credit = debit + l.debit, credit + l.credit
    total = dict.fromkeys(KIS, "") | {"摘要": "合计", "借方": number(debit), "贷方": number(credit)}
    return rows + [[total[h] for h in KIS]]


U8 = "日期,凭证号数,科目编码,科目名称,摘要,方向,数量,外币,金额,往来单位,制单人,审核人,记账人,附件数".split(",")


def u8_rows(b, year):
    """Single amount with direction, dates with dots, a line break inside some summaries, a total row per direction."""
    rows, debit, credit = [U8], 0, 0
    for v in b.vouchers:
        if v.date.year != year:
            continue
        for l in v.lines:
            code, name = b.account(l.account)
            summary = v.summary.replace("合同", "\r\n合同") if v.number % 9 == 0 else v.summary
            rows.append([f"{v.date:%Y.%m.%d}", f"{v.word}-{v.number:04d}", code, name.replace(" - ", "_"), summary,
                         "借" if l.debit else "贷", "", "", grouped(l.debit or l.credit),
                         l.party, v.maker, v.checker, v.checker, v.attachments])
            debit, credit = debit + l.debit, credit + l.credit
    blank = [""] * 5
    return rows + [["", "", "", "", "合计", "借", "", "", grouped(debit), *blank], ["", "", "", "", "合计", "贷", "", "", grouped(credit), *blank]]


def grouped(fen):
    text = yuan(fen)
    whole, cents = text.split(".")
    sign = "-" if whole.startswith("-") else ""
    return f"{sign}{int(whole.lstrip('-')):,}.{cents}"
