#!/usr/bin/env python3
"""Writes fixtures/layouts: one small book as the files that a 用友 U8 序时账 really arrives in, and workbooks of
fixtures/broken that only other programs can make (locked, cut short, merged, not computed, a bomb).

Needs openpyxl, xlwt and msoffcrypto-tool. The output depends on nothing but this script: run it twice and `git diff` stays
empty.
"""

import io
import random
import secrets
import shutil
import struct
import sys
import zipfile
from hashlib import md5
from pathlib import Path
from unittest.mock import patch

import olefile
import openpyxl
import xlwt
from msoffcrypto.format.ooxml import OOXMLFile
from msoffcrypto.format.xls97 import Xls97File
from msoffcrypto.method.container import ecma376_encrypted
from msoffcrypto.method.rc4 import DocumentRC4
from xlwt.CompoundDoc import XlsDoc

sys.path.insert(0, str(Path(__file__).parent / "jiufeng"))

import write  # noqa: E402

LAYOUTS = write.ROOT / "fixtures/layouts"
BROKEN = write.ROOT / "fixtures/broken"
PASSWORD = "sanzi"

TITLE = ["序时账", "编制单位:甲枫实业有限公司", "月份:2026.01-2026.02"]
HEAD = ["日期", "凭证号数", "科目编码", "科目名称", "摘要", "方向", "数量", "外币", "金额"]
# date, voucher, account, name, summary, side, fen
LINES = [
    ("2026.01.05", "记-0001", "1002", "银行存款", "收\r\n一季度租金", "借", 12345678),
    ("2026.01.05", "记-0001", "5001", "主营业务收入", "收\r\n一季度租金", "贷", 12345678),
    ("2026.01.08", "记-0002", "560201", "管理费用_办公费", "购办公用品,纸", "借", 30),
    ("2026.01.08", "记-0002", "1001", "库存现金", "购办公用品,纸", "贷", 30),
    ("2026.01.20", "记-0003", "1002", "银行存款", "红冲多收租金", "借", -4567),
    ("2026.01.20", "记-0003", "5001", "主营业务收入", "红冲多收租金", "贷", -4567),
    ("2026.02.03", "付-0001", "560202", "管理费用_修理费", "付修理费<屋面>&门窗", "借", 100000),
    ("2026.02.03", "付-0001", "22210101", "应交税费_进项税额", "付修理费<屋面>&门窗", "借", 13000),
    ("2026.02.03", "付-0001", "1002", "银行存款", "付修理费<屋面>&门窗", "贷", 113000),
]
TOTALS = [(side, sum(fen for *_, s, fen in LINES if s == side)) for side in "借贷"]


def yuan(fen):
    return f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def rows(amount, code=str):
    """Title, header, lines and totals; `amount` and `code` say how numbers are written."""
    out = [[text] for text in TITLE] + [HEAD]
    for date, number, account, name, summary, side, fen in LINES:
        out.append([date, number, code(account), name, summary, side, "", "", amount(fen)])
    return out + [["", "", "", "", "合计", side, "", "", amount(fen)] for side, fen in TOTALS]


TEXT = rows(write.grouped)


def put(folder, data, name="序时账.xls"):
    path = LAYOUTS / folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def as_csv():
    write.write_csv(LAYOUTS / "u8-csv/序时账.csv", TEXT, "gb18030", "\r\n")


def as_tabs():
    quoted = [["\"" + c + "\"" if "\n" in c else c for c in row] for row in TEXT]
    put("u8-xls-tabs", "".join("\t".join(row) + "\r\n" for row in quoted).encode("gb18030"))


def as_html():
    escape = lambda c: c.replace("&", "&amp;").replace("<", "&lt;").replace("\r\n", "<br>") or "&nbsp;"
    lines = ["<html xmlns:x=\"urn:schemas-microsoft-com:office:excel\"><head>",
             "<meta http-equiv=Content-Type content=\"text/html; charset=gb2312\">",
             "<style>td {mso-number-format:'\\@';}</style></head><body><table border=1>"]
    lines += [f"<tr><td colspan={len(HEAD)} align=center>{escape(row[0])}</td></tr>" for row in TEXT[:3]]
    lines += ["<tr>" + "".join(f"<th>{escape(c)}</th>" for c in TEXT[3]) + "</tr>"]
    lines += ["<tr>" + "".join(f"<td x:str>{escape(c)}" for c in row) for row in TEXT[4:]]
    put("u8-xls-html", ("\r\n".join(lines) + "</table></body></html>").encode("gb18030"))


def as_xlsx():
    path = LAYOUTS / "u8-xls-xlsx/序时账.xls"
    write.save_workbook(path, [("序时账", rows(lambda fen: fen / 100, int))])


def book_of_1997():
    """As the package writes it: Unicode, amounts as numbers or as text, merged titles."""
    book = xlwt.Workbook(encoding="gb18030")
    sheet = book.add_sheet("序时账")
    for r, row in enumerate(rows(lambda fen: fen)):
        for c, cell in enumerate(row):
            if isinstance(cell, int):
                cell = write.grouped(cell) if r % 3 == 0 else cell / 100
            if c == 2 and r % 2 == 0 and isinstance(cell, str) and cell.isdigit():
                cell = int(cell)
            if r < len(TITLE):
                sheet.write_merge(r, r, 0, len(HEAD) - 1, cell)
            elif cell != "":
                sheet.write(r, c, cell)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def record(kind, data):
    return struct.pack("<HH", kind, len(data)) + data


def container(stream, name="Workbook"):
    """The stream in the container of old office files."""
    out = io.BytesIO()
    XlsDoc().save(out, stream)
    old, new = "Workbook\0".encode("utf-16-le"), f"{name}\0".encode("utf-16-le")
    entry = out.getvalue().replace(old.ljust(64, b"\0") + struct.pack("<H", len(old)),
                                   new.ljust(64, b"\0") + struct.pack("<H", len(new)))
    return entry


def book_of_bytes(version, codepage):
    """As careless programs write it: texts as bytes in GBK, with whatever CODEPAGE record, or none."""
    unicode = version == 0x0600

    def text(value, length="<H"):
        data = value.encode("gbk")
        return struct.pack(length, len(data)) + (b"\0" if unicode else b"") + data

    def begin(part):
        return record(0x0809, struct.pack("<HHHH", version, part, 0x0dbb, 1996) + (bytes(8) if unicode else b""))

    cells = []
    for r, row in enumerate(rows(lambda fen: fen)):
        for c, cell in enumerate(row):
            at = struct.pack("<HHH", r, c, 0)
            if isinstance(cell, int):
                cells.append(record(0x0203, at + struct.pack("<d", cell / 100)))
            elif cell:
                cells.append(record(0x0204, at + text(cell)))
    page = b"" if codepage is None else record(0x0042, struct.pack("<H", codepage))
    bound = lambda at: record(0x0085, struct.pack("<LH", at, 0) + text("序时账", "<B"))
    end = record(0x000a, b"")
    start = len(begin(5) + page + bound(0) + end)
    stream = begin(5) + page + bound(start) + end + begin(0x10) + b"".join(cells) + end
    return container(stream, "Workbook" if unicode else "Book")


def records(stream):
    at = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        yield at, kind, stream[at + 4:at + 4 + length]
        at += 4 + length


def locked_1997(plain):
    """The old encryption: every record's data, but for those that tell where things stand, in blocks of 1024 bytes."""
    salt, verifier = random.Random(1).randbytes(16), random.Random(2).randbytes(16)
    cipher = lambda data, size=1024: DocumentRC4.decrypt(PASSWORD, salt, io.BytesIO(data), size).read()
    both = cipher(verifier + md5(verifier).digest())
    passes = record(0x002f, struct.pack("<HHH", 1, 1, 1) + salt + both)
    stream = olefile.OleFileIO(plain).openstream("Workbook").read()
    out, clear = b"", []
    for _, kind, data in records(stream):
        if kind == 0:
            break
        if kind == 0x0085:
            data = struct.pack("<L", struct.unpack_from("<L", data)[0] + len(passes)) + data[4:]
        keep = {0x0809: len(data), 0x002f: len(data), 0x0085: 4}.get(kind, 0)
        begins = len(out)
        out += record(kind, data)
        clear.append((begins, begins + 4 + keep))
        if kind == 0x0809 and begins == 0:
            clear.append((len(out), len(out) + len(passes)))
            out += passes
    # An empty record of a length that lets the zeros behind it be read as records too.
    out += record(0, bytes(-len(out) % 4))
    secret = bytearray(cipher(out))
    for a, b in clear:
        secret[a:b] = out[a:b]
    data = container(bytes(secret))
    opened = Xls97File(io.BytesIO(data))
    opened.load_key(password=PASSWORD)
    opened.decrypt(io.BytesIO())
    return data


def locked_2007(path):
    """The encryption of today, with salts from a fixed seed and no clock, so that the bytes are the same every time."""
    out = io.BytesIO()
    with patch.object(secrets, "token_bytes", random.Random(3).randbytes), \
            patch.object(ecma376_encrypted, "datetime2filetime", lambda _: 0):
        OOXMLFile(open(path, "rb")).encrypt(PASSWORD, out)
    return out.getvalue()


CONTRACTS = [["合同编号", "合同类型", "标的", "相对方", "签订日期", "起始日期", "截止日期", "年租金"],
             ["HT-1", "租赁", "一号铺", "承租甲", "2024-01-05", "2024-02-01", "2026-01-31", 12000],
             ["HT-2", "租赁", "二号铺", "承租乙", "2024-01-05", "2024-02-01", "2026-01-31", 24000],
             ["HT-3", "租赁", "三号铺", "承租乙", "2024-01-05", "2024-02-01", "2026-01-31", 36000]]


def broken(code, name):
    path = BROKEN / f"导入-{code}" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def rewritten(path, change):
    """Puts `change(name, data)` in the place of every part of a workbook."""
    with zipfile.ZipFile(path) as old:
        parts = [(i, old.read(i)) for i in old.infolist()]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as new:
        for info, data in parts:
            new.writestr(info, change(info.filename, data))


def in_sheet(old, new):
    def change(name, data):
        if not name.startswith("xl/worksheets/"):
            return data
        assert old in data, (old, data)
        return data.replace(old, new, 1)
    return change


def broken_workbooks():
    whole = broken(1001, "断了.xlsx")
    write.save_workbook(whole, [("合同", CONTRACTS)])
    data = whole.read_bytes()
    whole.write_bytes(data[:len(data) * 2 // 3])
    plain = broken(1044, "合同.xlsx")
    write.save_workbook(plain, [("合同", CONTRACTS)])
    plain.write_bytes(locked_2007(plain))
    broken(1044, "序时账.xls").write_bytes(locked_1997(book_of_1997()))
    bomb = broken(1045, "合同.xlsx")
    write.save_workbook(bomb, [("合同", CONTRACTS)])
    blanks = b" " * (40 << 20)
    rewritten(bomb, in_sheet(b"</sheetData>", blanks + b"</sheetData>"))
    formula = broken(1046, "合同.xlsx")
    sums = [CONTRACTS[0], CONTRACTS[1], [*CONTRACTS[2][:-1], "=H2*2"], [*CONTRACTS[3][:-1], "=H2*3"]]
    write.save_workbook(formula, [("合同", sums)])
    merged = broken(1047, "合同.xlsx")
    write.save_workbook(merged, [("合同", [*CONTRACTS[:3], [c if i != 7 else "" for i, c in enumerate(CONTRACTS[3])]])])
    rewritten(merged, in_sheet(b"</sheetData>", b"</sheetData><mergeCells count=\"1\"><mergeCell ref=\"H3:H4\"/></mergeCells>"))


def main():
    shutil.rmtree(LAYOUTS, ignore_errors=True)
    as_csv()
    as_tabs()
    as_html()
    as_xlsx()
    put("u8-xls", book_of_1997())
    # Bytes where the format wants Unicode, and the format before that; the CODEPAGE record right, wrong and missing.
    for version, name in ((0x0600, "biff8"), (0x0500, "biff5")):
        for codepage in (936, 1252, None):
            put(f"u8-xls-{name}-bytes-{codepage or 'none'}", book_of_bytes(version, codepage))
    broken_workbooks()


if __name__ == "__main__":
    main()
