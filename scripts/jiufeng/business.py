"""What every company does month by month: wages, utilities, petty cash, fees, taxes, interest, depreciation, closing."""

import datetime as dt

from contracts import pay_invoice
from core import END, EXPENSE, INCOME, add_months, month_end, months, weekday

SHOPS = ["甲文具店", "乙打印社", "丙百货店", "丁五金店", "戊快递点", "己桶装水站", "庚清洁用品店"]


def monthly(book, wage_low, wage_high, suppliers, labourers, cash_day=3):
    """Suppliers: power, water, network, property, fuel, repair."""
    rng = book.rng
    wage = rng.odd_money(wage_low, wage_high)
    book.open("wages", -wage)
    for y, m in months():
        day = lambda d: weekday(dt.date(y, m, d))  # noqa: E731
        book.pay(day(10), f"发放{y}年{m}月工资", "wages", wage, "职工工资(代发)")
        wage = rng.odd_money(wage_low, wage_high)
        book.post(month_end(y, m), f"计提{y}年{m}月工资", ("salary", "借", wage), ("wages", "贷", wage))
        power, water = rng.odd_money(1500, 3800), rng.odd_money(260, 700)
        pay_invoice(book, day(16), "付电费", "power", power, suppliers["power"])
        pay_invoice(book, day(19), "付水费", "power", water, suppliers["water"])
        pay_invoice(book, day(8), "付网络通信费", "office", 31_850 + m * 7, suppliers["network"])
        petty_cash(book, y, m, day(cash_day))
        if m % 3 == 1:
            pay_invoice(book, day(22), "付季度保洁物业费", "cost", rng.odd_money(7200, 8900), suppliers["property"])
            pay_invoice(book, day(12), "公务车加油充值", "vehicle", rng.odd_money(1300, 2400), suppliers["fuel"])
        if m % 3 == 2:
            pay_invoice(book, day(24), "付房屋零星维修费", "repair", rng.odd_money(2100, 8800), suppliers["repair"])
        if m % 3 == 0:
            interest = rng.odd_money(180, 620)
            book.receive(weekday(dt.date(y, m, 21)), "存款利息", "interest", interest, "开户银行")
            lost_work(book, y, m, labourers)
        if m in (4, 9):
            claim_travel(book, y, m, day(25))
    book.vouchers.sort(key=lambda v: v.date)


def petty_cash(book, y, m, day):
    """Three or four small purchases a month, paid from a withdrawal that covers them; a few hundred 元 stay in the box."""
    rng = book.rng
    buys = [rng.odd_money(70, 290) for _ in range(rng.between(3, 4))]
    total = sum(buys)
    drawn = (total // 10_000 + 1) * 10_000 - (book.rng.between(0, 1) * 10_000 if book.box >= 10_000 else 0)
    book.post(day, "提取备用现金", ("cash", "借", drawn), ("bank", "贷", drawn, "本单位", {"结算方式": "支票"}))
    book.box += drawn - total
    for k, fen in enumerate(buys):
        shop = SHOPS[(m + k * 2 + y) % len(SHOPS)]
        what = ["购办公用品", "打印复印费", "会议茶水", "购五金耗材"][k]
        book.pay(weekday(day + dt.timedelta(days=1 + 4 * k)), what, "office", fen, shop, source="cash", rank=1)


def settle_taxes(book):
    """House tax and the like at 12 % of each quarter's rent, accrued at its end and paid in the month after. Called when all rent is booked."""
    due = book.rng.odd_money(2100, 3900)
    book.open("tax", -due)
    for y, m in months():
        if m % 3 == 1:
            book.pay(weekday(dt.date(y, m, 14)), "缴纳上季度税费", "tax", due, "税务局")
        elif m % 3 == 0:
            due = quarter_rent(book, y, m) * 12 // 100 + 123_456 + m * 13
            book.post(month_end(y, m), f"计提{y}年第{m // 3}季度税金", ("surtax", "借", due), ("tax", "贷", due))


def quarter_rent(book, y, m):
    return sum(l.credit for v in book.vouchers for l in v.lines
               if l.account in ("rent", "service", "land") and (v.date.year, (v.date.month - 1) // 3) == (y, (m - 1) // 3))


def lost_work(book, y, m, labourers):
    """Work of villagers in the quarter, slip by slip, paid by bank to each person."""
    for k, (person, name, account) in enumerate(labourers):
        pay = 0
        rows = []
        for j in range(3):
            fen = 12_000 + 500 * k
            on = weekday(dt.date(y, m - 2 + j, 6 + 4 * k))
            rows.append(book.add("误工", 日期=on, 人员编号=person, 姓名=name, 事由="协助巡查清洁", 地点="村湾", 工日="1", 金额=fen,
                                 收款账号=account, 是否签名="是"))
            pay += fen
        voucher = book.pay(weekday(dt.date(y, m, 26)), f"付{name}误工补贴", "lost_work", pay, name)
        book.late.append(lambda rows=rows, voucher=voucher: [r.update(凭证=voucher.id) for r in rows])


def claim_travel(book, y, m, day):
    """A travel advance drawn by bank and settled within three weeks."""
    staff, fen = book.staff["driver"], book.rng.odd_money(620, 980)
    back = 11_000
    book.pay(day, f"{staff}借支差旅备用金", "petty", fen + back, staff)
    settle = weekday(day + dt.timedelta(days=17))
    voucher = book.post(settle, f"{staff}报销差旅费", ("travel", "借", fen, staff), ("bank", "借", back, staff),
                        ("petty", "贷", fen + back, staff))
    no = f"BX-{book.code[2:]}-{y}{m:02d}"
    row = book.add("报销", 单号=no, 报销人=staff, 事由="外出学习考察", 类别="差旅", 开始日期=day + dt.timedelta(days=3),
                   结束日期=day + dt.timedelta(days=5), 地点="省内", 人数="1", 金额=fen)
    book.late.append(lambda: row.update(凭证=voucher.id))


def depreciate(book):
    for y, m in months():
        first = dt.date(y, m, 1)
        fen = sum(c["_dep"] for c in book.tables.get("资产", []) if "_dep" in c and c["_from"] <= first)
        if fen:
            book.post(month_end(y, m), f"计提{y}年{m}月折旧", ("dep_cost", "借", fen), ("accdep", "贷", fen), rank=1,
                      source="系统", attachments=0)


def close_months(book, every):
    """Transfers income and expense to the profit account every n months, and the year's profit to retained earnings."""
    for y, m in months():
        if m % every == 0:
            span = (add_months(dt.date(y, m, 1), 1 - every), month_end(y, m))
            move_result(book, *span)
        if m == 12:
            close_year(book, y)


def move_result(book, start, end):
    sums = {}
    for v in book.vouchers:
        if start <= v.date <= end and not v.bad:
            for l in v.lines:
                if l.account in INCOME or l.account in EXPENSE:
                    sums[l.account] = sums.get(l.account, 0) + l.debit - l.credit
    income = [(a, "借", -sums[a]) for a in INCOME if sums.get(a)]
    expense = [(a, "贷", sums[a]) for a in EXPENSE if sums.get(a)]
    if income:
        book.post(end, f"结转{end.month}月收入", *income, ("profit", "贷", sum(x[2] for x in income)), rank=8,
                  source="结转", attachments=0)
    book.post(end, f"结转{end.month}月支出", ("profit", "借", sum(x[2] for x in expense)), *expense, rank=8,
              source="结转", attachments=0)


def close_year(book, year):
    end = dt.date(year, 12, 31)
    gain = -book.total("profit", end)
    side = ("借", "贷") if gain >= 0 else ("贷", "借")
    book.post(end, "结转全年收益", ("profit", side[0], abs(gain)), ("retained", side[1], abs(gain)), rank=9, source="结转",
              attachments=0)
    if gain > 0 and year == 2024:
        kept = gain // 10
        book.post(end, "提取公积金", ("retained", "借", kept), ("reserve", "贷", kept), rank=9, source="结转", attachments=0)
        book.gain = gain


def periods(book):
    """Every month is closed on the 8th of the next and reported on the 10th; the last month is still open."""
    for y, m in months():
        closed = weekday(add_months(dt.date(y, m, 8), 1))
        last = (y, m) == (END.year, END.month)
        book.add("期间", 年度=y, 期间=m, 状态="未结" if last else "已结", 结账日期="" if last else closed,
                 结账人="" if last else book.staff["maker"], 报送日期="" if last else closed + dt.timedelta(days=2))
