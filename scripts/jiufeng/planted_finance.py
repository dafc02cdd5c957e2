"""More that is wrong on purpose: spending, papers, loans. `plant` is handed in by planted.py; every matter has a party of its own."""

import datetime as dt

from contracts import pay_invoice
from core import date


def plant_all(by, plant):
    first(by["JF01"], plant)
    second(by["JF02"], plant)
    third(by["JF03"], plant)
    fourth(by["JF04"], plant)


def first(b, plant):
    b.slips = {date("2025-05-31"): 5_000}
    plant("F-004", b, ["2025-05-31"], "the count of May 2025 finds a slip of 50.00 in the box", 5_000)

    big = pay_invoice(b, date("2025-10-21"), "付仓库修缮款", "repair", 6_123_050, "丑修缮队")
    plant("F-010", b, lambda: [big.id], "61,230.50 paid, signed, and never decided", 6_123_050)

    bare = pay_invoice(b, date("2025-11-06"), "付围栏修补款", "repair", 123_450, "寅围栏店")
    bare.attachments = 0
    plant("F-026", b, lambda: [bare.id], "nothing is attached", 123_450)

    tour = pay_invoice(b, date("2025-04-24"), "付外出考察费", "travel", 268_030, "卯会务公司")
    claim = b.add("报销", 单号="BX-01-9001", 报销人=b.staff["driver"], 事由="外出考察", 类别="差旅", 开始日期=date("2025-04-21"),
                  结束日期=date("2025-04-23"), 地点="乙山风景区", 人数="1", 金额=268_030)
    b.late.append(lambda: claim.update(凭证=tour.id))
    plant("F-012", b, ["BX-01-9001"], "a study tour to a scenic area", 268_030)


def second(b, plant):
    gift = pay_invoice(b, date("2025-09-25"), "购中秋礼盒", "office", 186_040, "丑百货公司")
    plant("F-016", b, lambda: [gift.id], "gift boxes before the festival, no list of names", 186_040)

    lent = b.pay(date("2025-10-16"), "付借款", "receivable", 600_000, "寅某二")
    plant("F-017", b, lambda: [lent.id], "6,000 lent to a man without a decision", 600_000)

    gone = date("2025-11-20")
    b.post(date("2025-01-20"), "确认临时场地费", ("receivable", "借", 86_400, "卯展销户"), ("service", "贷", 86_400, "卯展销户"))
    lost = b.post(gone, "核销收不回的场地费", ("cost", "借", 86_400, "卯展销户"), ("receivable", "贷", 86_400, "卯展销户"))
    plant("F-021", b, lambda: [lost.id], "864.00 written off, no meeting and no street approval", 86_400)


def third(b, plant):
    pay_invoice(b, date("2025-06-19"), "接待客人用餐", "guest", 68_040, "丑农家菜馆")
    plant("F-011", b, ["2025"], "a meal for guests", 68_040)

    slip(b, "L038", "蒋某三", "2025-06-11", 26_000, "62289900380001")
    plant("F-013", b, ["L038", "2025-06"], "260.00 for one day of work", 26_000)

    for person, name in (("L036", "韩某三"), ("L037", "杨某三")):
        slip(b, person, name, "2025-06-12", 12_000, "62289900360028")
    plant("F-028", b, ["杨某三等(尾号0028)"], "two villagers' pay goes to one account", 24_000)


def slip(b, person, name, day, fen, account):
    row = b.add("误工", 日期=day, 人员编号=person, 姓名=name, 事由="协助清查", 地点="东湾", 工日="1", 金额=fen, 收款账号=account, 是否签名="是")
    voucher = b.pay(date("2025-06-27"), f"付{name}误工补贴", "lost_work", fen, name)
    b.late.append(lambda: row.update(凭证=voucher.id))


def fourth(b, plant):
    pay_invoice(b, date("2025-05-15"), "公务车加油", "vehicle", 341_230, "丑加油站")
    plant("F-015", b, ["燃油偏高", "2025Q2"], "fuel of a quarter for one car, with the card charged in April", 341_230)

    lent = b.pay(date("2025-03-13"), "借款给寅商贸公司周转", "receivable", 4_012_000, "寅商贸公司")
    plant("F-018", b, lambda: [lent.id], "40,120 lent to a firm: no decision, no contract", 4_012_000)
    plant("T-014", b, ["休眠科目", "1122|2025-03-13"], "the same loan: on an account that nothing had moved since the opening of 2024", 4_012_000)

    b.add("担保", 担保编号="DB-04-01", 被担保人="卯实业公司", 金额=30_000_000, 形式="保证", 起始日期=date("2025-04-08"), 截止日期=date("2028-04-07"))
    plant("F-020", b, ["担保DB-04-01"], "surety of 300,000 for another firm, never decided", 30_000_000)

    old = pay_invoice(b, date("2025-08-20"), "付测绘费", "cost", 213_060, "辰测绘社")
    paper = b.tables["发票"][-1]
    paper["日期"] = date("2025-03-05")
    plant("F-024", b, lambda: [paper["发票号"], old.id], "an invoice of March booked in August", 213_060)

    late = pay_invoice(b, date("2025-06-12"), "付外墙清洗款", "repair", 1_523_040, "巳清洗队")
    b.signed_late = {id(late): dt.timedelta(days=4)}
    plant("F-027", b, lambda: [late.id], "paid on 2025-06-12, signed the days after", 1_523_040)
