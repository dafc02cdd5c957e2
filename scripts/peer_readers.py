#!/usr/bin/env python3
"""Journals for `scripts/bench-peers --import`, and the peers that read them.

    peer_readers.py write csv|xlsx|xls 凭证.csv OUT LINES     at most LINES entries as 用友 U8 exports them
    peer_readers.py read csv|xlsx|xls FILE                    reads every cell; prints the library and the entries read
"""
import csv
import itertools
import sys

HEADER = ["日期", "凭证号数", "摘要", "科目编码", "科目名称", "方向", "金额", "往来单位"]
XLS_ROWS = 65_536


def entries(path, limit):
    """Entries in U8's columns, whole vouchers only."""
    with open(path, encoding="utf-8-sig", newline="") as file:
        head, voucher, count = None, [], 0
        for row in csv.DictReader(file):
            # The head may stand on the first line of a voucher only, or on each.
            begins = [row["日期"], f"{row['凭证字']}-{row['凭证号']}"]
            if row["日期"] and begins != head:
                yield from voucher
                count += len(voucher)
                voucher, head = [], begins
            side, amount = ("贷", row["贷方金额"]) if row["贷方金额"] else ("借", row["借方金额"])
            party = row.get("往来单位") or ""
            voucher.append([*head, row["摘要"], row["科目编码"], row.get("科目名称") or "", side, amount, party])
            if count + len(voucher) > limit:
                return
        yield from voucher


def write(kind, source, out, limit):
    rows = entries(source, limit)
    if kind == "csv":
        with open(out, "w", encoding="gb18030", newline="") as file:
            csv.writer(file).writerows(itertools.chain([HEADER], rows))
    elif kind == "xlsx":
        import openpyxl

        book = openpyxl.Workbook(write_only=True)
        sheet = book.create_sheet("序时账")
        for row in itertools.chain([HEADER], rows):
            sheet.append(row)
        book.save(out)
    else:
        import xlwt

        book = xlwt.Workbook(encoding="gbk")
        for number in itertools.count(1):
            part = list(itertools.islice(rows, XLS_ROWS - 1))
            if not part:
                break
            sheet = book.add_sheet(f"序时账{number}")
            for at, row in enumerate(itertools.chain([HEADER], part)):
                for column, cell in enumerate(row):
                    sheet.write(at, column, cell)
        book.save(out)


def read(kind, path):
    """Every cell as the library gives it."""
    if kind == "csv":
        import pandas

        return "pandas", len(pandas.read_csv(path, encoding="gb18030", dtype=str, keep_default_na=False))
    if kind == "xlsx":
        import openpyxl

        book = openpyxl.load_workbook(path, read_only=True)
        return "openpyxl", sum(1 for sheet in book for _ in sheet.iter_rows(values_only=True)) - 1
    import xlrd

    book = xlrd.open_workbook(path)
    rows = sum(len([sheet.row_values(i) for i in range(sheet.nrows)]) for sheet in book.sheets())
    return "xlrd", rows - book.nsheets


if __name__ == "__main__":
    if sys.argv[1] == "write":
        write(sys.argv[2], sys.argv[3], sys.argv[4], int(sys.argv[5]))
    else:
        print(*read(sys.argv[2], sys.argv[3]))
