#!/usr/bin/env python3
"""Writes fixtures/jiufeng: an invented street of four companies, 2024 and 2025, with planted violations.

Needs openpyxl. The output depends on nothing but these scripts: run it twice and `git diff` stays empty.
"""

import datetime as dt
import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "jiufeng"))

import places  # noqa: E402
import planted  # noqa: E402
import street  # noqa: E402
import write  # noqa: E402
from core import END, months, yuan  # noqa: E402

OUT = write.ROOT / "fixtures/jiufeng"


def check(b):
    """What must hold before anything is written."""
    for v in b.vouchers:
        assert v.bad or sum(l.debit - l.credit for l in v.lines) == 0, v
        assert all(bool(l.debit) != bool(l.credit) for l in v.lines), v
        assert v.maker and v.checker and (v.maker != v.checker or v.number), v
    assert sum(b.openings.values()) == 0
    for account in ("cash", *b.bank_accounts):
        running = sum(x for (a, _), x in b.openings.items() if a == account)
        days = {}
        for v in b.vouchers:
            running += sum(l.debit - l.credit for l in v.lines if l.account == account)
            days[v.date] = running
        low = [(d, x) for d, x in days.items() if x < 0]
        assert not low or (b.code, account) == ("JF02", "cash"), (b.code, account, low[:3])
        print(f"  {account}: {yuan(min(days.values()))} … {yuan(max(days.values()))}")
    print(f"{b.code}: {len(b.vouchers)} vouchers, {sum(len(v.lines) for v in b.vouchers)} entries, {len(months())} months")


def write_company(b):
    folder = OUT / b.code
    tables = write.neutral_tables(b)
    if b.code == "JF04":
        write.save_workbook(folder / "账套.xlsx", [("凭证", write.voucher_rows(b)), *tables])
        return
    for k, (name, rows) in enumerate(tables):
        write.write_csv(folder / f"{name}.csv", rows, *(("gb18030", "\r\n") if k % 3 == 1 else ("utf-8-sig", "\r\n") if k % 3 == 2 else ()))
    if b.code == "JF01":
        write.write_csv(folder / "凭证.csv", write.voucher_rows(b), "utf-8-sig", "\r\n")
    elif b.code == "JF02":
        write.save_workbook(folder / "会计分录序时簿导出.xlsx", [("会计分录序时簿", write.kis_rows(b))])
    else:
        for year in (2024, 2025):
            write.write_csv(folder / f"序时账{year}.csv", write.u8_rows(b, year), "gb18030", "\r\n")


def write_labels():
    rows = [(rule, org, "|".join(key() if callable(key) else key), what, amount) for rule, org, key, what, amount in planted.PLANTED]
    rows.sort()
    write.write_csv(OUT / "labels.csv", [["rule", "organisation", "key"]] + [r[:3] for r in rows])
    lines = ["# What is wrong in this street on purpose", "",
             "An invented street (九枫街道) of three village companies and their joint company (村级联合公司), books and registers of 2024 and",
             f"2025, to be audited as of {END}. Written by `scripts/make_jiufeng.py`; do not edit by hand. Everything not listed here is",
             "meant to be clean: any other finding is a false positive of a rule or a mistake in the fixture.", "",
             "| Company | Name | Handed in as |", "|---|---|---|",
             "| JF01 | 甲枫实业有限公司 (村改制公司, 小企业会计准则) | neutral CSV files, UTF-8, UTF-8 with BOM and GB18030 mixed |",
             "| JF02 | 乙枫实业有限公司 (村改制公司, 小企业会计准则) | 金蝶 KIS 序时簿 `.xlsx`, registers as CSV |",
             "| JF03 | 丙枫股份经济合作社 (农村集体经济组织, 2023 chart) | 用友 U8 序时账 `.csv` in GBK, one file a year, registers as CSV |",
             "| JF04 | 九枫联合发展有限公司 (村级联合公司) | workbook 账套.xlsx |", "",
             "| Rule | Company | Key | What was done | Amount (元) |", "|---|---|---|---|---|"]
    lines += [f"| {r} | {o} | {k} | {w} | {yuan(a) if a != '' else ''} |" for r, o, k, w, a in rows]
    (OUT / "PLANTED.md").write_text("\n".join(lines) + "\n")


def main():
    books, by = street.build()
    planted.all_of(by)
    street.finish(books, by)
    shutil.rmtree(OUT, ignore_errors=True)
    for b in books:
        check(b)
        street.parties(b)
        places.lay_out(b)
        write_company(b)
    tables = street.street_tables(books, street.related_people(books), [])
    for k, (name, rows) in enumerate(tables.items()):
        if rows:
            write.write_csv(OUT / f"{name}.csv", write.table_rows(name, rows), *(("gb18030",) if k % 2 else ("utf-8-sig",)))
    write_labels()


if __name__ == "__main__":
    assert dt.date(2025, 12, 31) == END
    main()
