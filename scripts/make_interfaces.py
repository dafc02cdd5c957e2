#!/usr/bin/env python3
"""Writes fixtures/interfaces/: one small book in every data interface, after the descriptions in docs/interchange.md and by
other code than the exporter's. Run from the root of the repository; the same bytes come out every time.

The book: small enterprise standard, January and February 2024, opening balances by customer, a red reversal, and, where
the interface knows such a thing, a void voucher."""

import json
import struct
from pathlib import Path
from xml.sax.saxutils import escape

ROOT = Path("fixtures/interfaces")

ACCOUNTS = [
    # code, name, level, kind, side
    ("1001", "库存现金", 1, "资产", "借"),
    ("1002", "银行存款", 1, "资产", "借"),
    ("100201", "基本户", 2, "资产", "借"),
    ("1122", "应收账款", 1, "资产", "借"),
    ("3001", "实收资本", 1, "所有者权益", "贷"),
    ("5051", "其他业务收入", 1, "损益", "贷"),
    ("5602", "管理费用", 1, "损益", "借"),
]
CUSTOMERS = {"K01": "甲商贸", "K02": "乙<商>贸"}
# account, customer, net opening (debit positive), in fen
OPENINGS = [("1001", None, 80000), ("100201", None, 2000000), ("1122", "K01", 500000), ("1122", "K02", 200000),
            ("3001", None, -2780000)]
# date, word, number, void, [(summary, account, debit, credit, customer)]
VOUCHERS = [
    ("2024-01-05", "记", 1, False, [("收回欠租", "100201", 500000, 0, None), ("收回欠租", "1122", 0, 500000, "K01")]),
    ("2024-01-20", "记", 2, False, [("付办公费 A&B", "5602", 32050, 0, None), ("付办公费 A&B", "1001", 0, 32050, None)]),
    ("2024-01-31", "记", 3, False, [("红冲多付", "5602", -2050, 0, None), ("红冲多付", "1001", 0, -2050, None)]),
    ("2024-02-03", "收", 1, False, [("收场地费", "1001", 120000, 0, None), ("收场地费", "5051", 0, 120000, None)]),
    ("2024-02-10", "记", 1, True, [("填错", "5602", 999, 0, None), ("填错", "1001", 0, 999, None)]),
]


def yuan(fen):
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def side(net):
    return "借" if net > 0 else "贷" if net < 0 else "平"


def months():
    """(month, account, customer or None, opening, debit, credit), accounts above their details, totals before details."""
    net = {(a, c): n for a, c, n in OPENINGS}
    for month in (1, 2):
        moved = {}
        for date, _, _, void, lines in VOUCHERS:
            if void or int(date[5:7]) != month:
                continue
            for _, account, debit, credit, customer in lines:
                d, c = moved.get((account, customer), (0, 0))
                moved[(account, customer)] = (d + debit, c + credit)
        keys = sorted(set(net) | set(moved), key=lambda k: (k[0], k[1] or ""))
        for code, *_ in ACCOUNTS:
            own = [k for k in keys if k[0].startswith(code)]
            if not own:
                continue
            total = lambda d, i: sum(d.get(k, (0, 0))[i] for k in own)
            yield month, code, None, sum(net.get(k, 0) for k in own), total(moved, 0), total(moved, 1)
            for k in own:
                if k[0] == code and k[1]:
                    yield month, code, k[1], net.get(k, 0), *moved.get(k, (0, 0))
        for k in keys:
            d, c = moved.get(k, (0, 0))
            net[k] = net.get(k, 0) + d - c


def write(path, data):
    path = ROOT / path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def neutral():
    head = "日期,凭证字,凭证号,分录号,摘要,科目编码,借方金额,贷方金额,往来单位,作废\n"
    rows = []
    for date, word, number, void, lines in VOUCHERS:
        for i, (summary, account, debit, credit, customer) in enumerate(lines, 1):
            cells = [date, word, str(number), str(i), summary, account, yuan(debit) if debit else "",
                     yuan(credit) if credit else "", CUSTOMERS.get(customer, ""), "是" if void else ""]
            rows.append(",".join(cells) + "\n")
    write("neutral/凭证.csv", (head + "".join(rows)).encode())
    rows = ["年度,科目编码,往来单位,借方,贷方\n"]
    for account, customer, net in OPENINGS:
        debit, credit = (yuan(net), "") if net > 0 else ("", yuan(-net))
        rows.append(f"2024,{account},{CUSTOMERS.get(customer, '')},{debit},{credit}\n")
    write("neutral/期初余额.csv", "".join(rows).encode())
    rows = ["科目编码,科目名称,余额方向\n"] + [f"{c},{n},{s}\n" for c, n, _, _, s in ACCOUNTS]
    write("neutral/科目.csv", "".join(rows).encode())


def kis_dbf():
    fields = [("FDATE", b"D", 8, 0), ("FTRANSDATE", b"D", 8, 0), ("FPERIOD", b"N", 12, 5), ("FGROUP", b"C", 10, 0),
              ("FNUM", b"N", 8, 0), ("FENTRYID", b"N", 6, 0), ("FEXP", b"C", 40, 0), ("FACCTID", b"C", 20, 0),
              ("FCYID", b"C", 6, 0), ("FEXCHRATE", b"N", 12, 6), ("FDC", b"C", 1, 0), ("FFCYAMT", b"N", 16, 2),
              ("FDEBIT", b"N", 16, 2), ("FCREDIT", b"N", 16, 2), ("FQTY", b"N", 12, 4), ("FPRICE", b"N", 12, 4),
              ("FPREPARE", b"C", 12, 0), ("FCHECKER", b"C", 12, 0), ("FPOSTER", b"C", 12, 0),
              ("FATTCHMENT", b"N", 6, 0), ("FSERIALNO", b"N", 8, 0)]
    body = b""
    count = 0
    for serial, (date, word, number, void, lines) in enumerate(VOUCHERS, 1):
        for i, (summary, account, debit, credit, _) in enumerate(lines):
            # A voucher that was deleted in the package keeps its place in the file.
            body += b"*" if void else b" "
            values = [date.replace("-", ""), date.replace("-", ""), f"{int(date[5:7])}.00000", word, str(number), str(i),
                      summary, account, "RMB", "1.000000", "D" if debit else "C", yuan(debit or credit), yuan(debit),
                      yuan(credit), "0.0000", "0.0000", "赵某", "钱某", "钱某", "1", str(serial)]
            for (_, kind, width, _), value in zip(fields, values):
                raw = value.encode("gbk")
                body += raw.rjust(width) if kind == b"N" else raw.ljust(width)
            count += 1
    size = 1 + sum(f[2] for f in fields)
    head = struct.pack("<4BIHH20x", 3, 124, 3, 5, count, 32 + 32 * len(fields) + 1, size)
    for name, kind, width, decimals in fields:
        head += name.encode().ljust(11, b"\0") + kind + b"\0" * 4 + bytes([width, decimals]) + b"\0" * 14
    write("kis-dbf/凭证.dbf", head + b"\r" + body + b"\x1a")


def element(name, text, ids):
    loc = f' locID="{ids[name]}"' if name in ids else ""
    return f"<{name}{loc}>{escape(str(text))}</{name}>"


def records(name, rows, ids):
    return "".join(f"  <{name}>" + "".join(element(k, v, ids) for k, v in row.items() if v != "") + f"</{name}>\n"
                   for row in rows)


IDS_2010 = {"会计年度": "010113", "会计期间号": "010201", "币种编码": "011101", "记账凭证类型编号": "020201", "科目编号": "020301",
            "科目名称": "020302", "科目类型": "020303", "期初余额方向": "020501", "期末余额方向": "020502", "期初本币余额": "020506",
            "借方本币金额": "020509", "贷方本币金额": "020512", "期末本币余额": "020515", "记账凭证日期": "020601",
            "记账凭证编号": "020602", "记账凭证行号": "020603", "记账凭证摘要": "020604", "附件数": "020612", "制单人": "020613",
            "审核人": "020614", "记账人": "020615", "记账标志": "020616"}
WORD_CODES = {"记": "01", "收": "02"}


def gbt_accounts():
    return [{"科目编号": c, "科目名称": n, "科目级次": lv, "科目类型": k, "余额方向": s} for c, n, lv, k, s in ACCOUNTS]


def gbt_balances(code=lambda customer: customer or ""):
    for month, account, customer, opening, debit, credit in months():
        closing = opening + debit - credit
        yield {"科目编号": account, "辅助项1编号": code(customer), "期初余额方向": side(opening), "期末余额方向": side(closing),
               "币种编码": "RMB", "会计年度": "2024", "会计期间号": month, "期初原币余额": yuan(abs(opening)),
               "期初本币余额": yuan(abs(opening)), "借方原币金额": yuan(debit), "借方本币金额": yuan(debit),
               "贷方原币金额": yuan(credit), "贷方本币金额": yuan(credit), "期末原币余额": yuan(abs(closing)),
               "期末本币余额": yuan(abs(closing))}


def gbt_entries(words=WORD_CODES):
    for date, word, number, void, lines in VOUCHERS:
        for i, (summary, account, debit, credit, customer) in enumerate(lines, 1):
            yield {"记账凭证日期": date.replace("-", ""), "会计年度": "2024", "会计期间号": int(date[5:7]),
                   "记账凭证类型编号": words[word], "记账凭证编号": f"{number:04d}", "记账凭证行号": i, "记账凭证摘要": summary,
                   "科目编号": account, "辅助项1编号": customer or "", "币种编码": "RMB", "借方原币金额": yuan(debit),
                   "借方本币金额": yuan(debit), "贷方原币金额": yuan(credit), "贷方本币金额": yuan(credit), "汇率": "1.0000",
                   "附件数": 1, "制单人": "赵某", "审核人": "钱某", "记账人": "钱某", "记账标志": 1, "作废标志": 1 if void else 0}


def gbt24589_2010():
    prolog = '<?xml version="1.0" encoding="GB18030"?>\n'
    base = prolog + '<公共档案 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n'
    base += records("电子账簿", [{"电子账簿编号": "001", "电子账簿名称": "甲账套", "会计核算单位": "甲实业有限公司", "会计年度": "2024"}], IDS_2010)
    base += records("记账凭证类型", [{"记账凭证类型编号": c, "记账凭证类型名称": w + "账凭证", "记账凭证类型简称": w}
                              for w, c in WORD_CODES.items()], IDS_2010)
    base += records("客户档案", [{"客户编码": c, "客户名称": n} for c, n in CUSTOMERS.items()], IDS_2010)
    write("gbt24589-2010/公共档案.xml", (base + "</公共档案>\n").encode("gb18030"))
    text = prolog + '<总账 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n'
    text += records("总账基础信息", [{"结构分隔符": "-", "会计科目编号规则": "4-2-2"}], {})
    text += records("会计科目", gbt_accounts(), IDS_2010)
    text += records("科目辅助核算", [{"科目编号": "1122", "辅助项编号": "辅助项1编号", "辅助项名称": "客户", "对应档案": "客户档案"}], IDS_2010)
    text += records("现金流量项目", [{"现金流量项目编码": "01", "现金流量项目名称": "收到的现金"}], {})
    text += records("科目余额及发生额", gbt_balances(), IDS_2010)
    text += records("记账凭证", gbt_entries(), IDS_2010)
    write("gbt24589-2010/总账.xml", (text + "</总账>\n").encode("gb18030"))


def gbt24589_2024():
    balances = [{k: v for k, v in row.items() if v != ""} for row in gbt_balances()]
    heads, entries = [], []
    for row in gbt_entries({"记": "记", "收": "收"}):
        shared = ["会计年度", "会计期间号", "记账凭证类型编号", "记账凭证编号"]
        head = shared + ["记账凭证日期", "附件数", "制单人", "审核人", "记账人", "记账标志", "作废标志"]
        if row["记账凭证行号"] == 1:
            heads.append({k: row[k] for k in head})
        # Entries apart from their heads, which hold the date; amounts as numbers.
        entry = {k: v for k, v in row.items() if (k in shared or k not in head) and v != ""}
        entry["借方本币金额"], entry["贷方本币金额"] = float(row["借方本币金额"]), float(row["贷方本币金额"])
        entries.append(entry)
    base = {"电子账簿": {"records": [{"账簿名称": "甲账套", "会计年度": "2024"}]},
            "客户档案": {"records": [{"客户编码": c, "客户名称": n} for c, n in CUSTOMERS.items()]}}
    tables = {"会计科目": {"code": "02", "records": gbt_accounts()},
              "科目辅助核算": {"records": [{"科目编号": "1122", "辅助项编号": "1", "辅助项名称": "客户", "对应档案": "客户档案"}]},
              "科目余额及发生额": {"code": "05", "records": balances}, "记账凭证": {"code": "06", "records": heads},
              "记账凭证分录": {"code": "07", "records": entries}}
    document = {"standard": "GB/T 24589.1-2024", "tables": {**base, **tables}}
    write("gbt24589-2024-json/数据.json", json.dumps(document, ensure_ascii=False, indent=1).encode())
    text = '<?xml version="1.0" encoding="UTF-8"?>\n<GB_T_24589_1_2024>\n'
    for name, table in document["tables"].items():
        text += f"<{name}>\n" + records("记录", table["records"], {}) + f"</{name}>\n"
    write("gbt24589-2024-xml/数据.xml", (text + "</GB_T_24589_1_2024>\n").encode())


def gbt19581():
    def text(rows):
        quote = lambda cell: '"' + cell.replace('"', '""') + '"' if isinstance(cell, str) else str(cell)
        return "".join("\t".join(quote(c) for c in row) + "\r\n" for row in rows).encode("gb18030")

    class Number:
        """Written without quotes."""

        def __init__(self, text):
            self.text = text

        def __str__(self):
            return self.text

    number = Number
    write("gbt19581-2004/GSSM.txt", "格式说明文件\r\nKJKM.TXT 会计科目;KMYE.TXT 科目余额;JZPZ.TXT 记账凭证\r\n".encode("gb18030"))
    write("gbt19581-2004/DZZB.txt", text([["001", "甲账套", "甲实业有限公司", "", "企业", "租赁", "某软件", "1.0", "RMB", "2024",
                                           "GB/T 19581-2004"]]))
    write("gbt19581-2004/KJKM.txt", text([[c, n, number(str(lv)), "1" if c == "1122" else "0", "单位" if c == "1122" else "",
                                           k, "", s] for c, n, lv, k, s in ACCOUNTS]))
    zero = number("0.00")
    sides = {c: s for c, *_, s in ACCOUNTS}
    rows = []
    for month, account, customer, opening, debit, credit in months():
        seen = lambda net: number(yuan(net if sides[account] == "借" else -net))
        rows.append([account, "人民币", customer or "", seen(opening), zero, zero, number(yuan(debit)), zero, zero,
                     number(yuan(credit)), zero, zero, seen(opening + debit - credit), zero, zero, str(month)])
    write("gbt19581-2004/KMYE.txt", text(rows))
    rows = []
    for date, word, n, void, lines in VOUCHERS:
        for i, (summary, account, debit, credit, customer) in enumerate(lines, 1):
            rows.append([date.replace("-", ""), word, str(n), number(str(i)), summary, account, number(yuan(debit)),
                         number(yuan(credit)), "人民币", zero, zero, number("1.00"), zero, zero, customer or "", "", "", "", "",
                         number("1"), "赵某", "钱某", "钱某", "孙某", "1", "1" if void else "0"])
    write("gbt19581-2004/JZPZ.txt", text(rows))
    write("gbt19581-2004/WLDW.txt", text([[c, n, "客户", "", "", "", ""] for c, n in CUSTOMERS.items()]))


def saft():
    ids = {}
    e = lambda name, value: element(f"n1:{name}", value, ids)
    closing = {}
    for month, account, customer, opening, debit, credit in months():
        if customer is None:
            closing[account] = opening + debit - credit
    opening = {c: sum(n for a, _, n in OPENINGS if a.startswith(c)) for c, *_ in ACCOUNTS}
    out = '<?xml version="1.0" encoding="UTF-8"?>\n'
    out += '<n1:AuditFile xmlns:n1="urn:StandardAuditFile-Taxation-Financial:NO">\n<n1:Header>'
    out += e("AuditFileVersion", "1.10") + "<n1:SelectionCriteria>" + e("PeriodStart", 1) + e("PeriodStartYear", 2024)
    out += e("PeriodEnd", 2) + e("PeriodEndYear", 2024) + "</n1:SelectionCriteria></n1:Header>\n<n1:MasterFiles>\n"
    out += "<n1:GeneralLedgerAccounts>\n"
    for code, name, *_ in ACCOUNTS:
        out += "<n1:Account>" + e("AccountID", code) + e("AccountDescription", name) + e("AccountType", "GL")
        for when, net in (("Opening", opening[code]), ("Closing", closing.get(code, 0))):
            out += e(f"{when}{'Debit' if net >= 0 else 'Credit'}Balance", yuan(abs(net)))
        out += "</n1:Account>\n"
    out += "</n1:GeneralLedgerAccounts>\n<n1:Customers>\n"
    for code, name in CUSTOMERS.items():
        out += "<n1:Customer>" + e("RegistrationNumber", "9") + e("Name", name) + e("CustomerID", code) + "</n1:Customer>\n"
    out += "</n1:Customers>\n</n1:MasterFiles>\n<n1:GeneralLedgerEntries>\n"
    real = [v for v in VOUCHERS if not v[3]]
    total = sum(line[2] for v in real for line in v[4])
    out += e("NumberOfEntries", len(real)) + e("TotalDebit", yuan(total)) + e("TotalCredit", yuan(total)) + "\n"
    for word in WORD_CODES:
        out += "<n1:Journal>" + e("JournalID", word) + e("Description", word + "账") + e("Type", "GL") + "\n"
        for date, _, number, _, lines in (v for v in real if v[1] == word):
            out += "<n1:Transaction>" + e("TransactionID", number) + e("Period", int(date[5:7])) + e("PeriodYear", 2024)
            out += e("TransactionDate", date) + e("SourceID", "赵某") + e("Description", lines[0][0])
            out += e("SystemEntryDate", date) + e("GLPostingDate", date)
            for i, (summary, account, debit, credit, customer) in enumerate(lines, 1):
                out += "<n1:Line>" + e("RecordID", i) + e("AccountID", account)
                out += e("CustomerID", customer) if customer else ""
                out += e("Description", summary)
                name, fen = ("DebitAmount", debit) if debit else ("CreditAmount", credit)
                out += f"<n1:{name}>" + e("Amount", yuan(fen)) + f"</n1:{name}></n1:Line>"
            out += "</n1:Transaction>\n"
        out += "</n1:Journal>\n"
    write("saft/saft.xml", (out + "</n1:GeneralLedgerEntries>\n</n1:AuditFile>\n").encode())


for make in (neutral, kis_dbf, gbt24589_2010, gbt24589_2024, gbt19581, saft):
    make()
