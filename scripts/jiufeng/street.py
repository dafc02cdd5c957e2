"""The four companies of the street, their clean business, and what they share: kin, shares, current accounts, dividends."""

import datetime as dt

from business import close_months, depreciate, monthly, periods, settle_taxes
from contracts import approve_payments, asset, collect, decide, lease, parcel, works
from core import BEGIN, END, EXPENSE, INCOME, Book, add_months, date, month_end, weekday

JOINT = "九枫联合发展有限公司"
NAMES = {"JF01": "甲枫实业有限公司", "JF02": "乙枫实业有限公司", "JF03": "丙枫股份经济合作社", "JF04": JOINT}
CAPITAL = {"JF01": 400_000_000, "JF02": 350_000_000, "JF03": 250_000_000}
SUPPLIERS = {"power": "区供电所", "water": "区自来水厂", "network": "甲通信营业厅", "property": "乙物业服务部", "fuel": "丙加油站",
             "repair": "丁房屋维修队"}
ROLES = [("maker", "会计", "赵"), ("checker", "审批人", "钱"), ("cashier", "出纳", "孙"), ("chair", "负责人", "李"),
         ("supervisor", "监事", "周"), ("keeper", "保管", "吴"), ("driver", "", "郑"), ("finance", "", "王"), ("street", "", "")]


def build():
    books = [company(code, i) for i, code in enumerate(NAMES)]
    by = {b.code: b for b in books}
    for b in books:
        labourers = [(f"L{b.code[2:]}{k}", f"{s}某{b.mark}", f"62289900{b.code[2:]}{k}0001") for k, s in enumerate("冯陈褚")]
        low = {"JF01": 23_000, "JF02": 21_500, "JF03": 20_300, "JF04": 31_000}[b.code]
        monthly(b, low, low + 3_000, SUPPLIERS, labourers)
    estates(by)
    parking(by["JF04"])
    compensation(by["JF03"])
    current_accounts(by)
    return books, by


def company(code, i):
    mark = "一二三四"[i]
    staff = {key: f"{s}某{mark}" if s else "街道三资办" for key, _, s in ROLES}
    standard = "农村集体2023" if code == "JF03" else "小企业"
    b = Book(code, NAMES[code], standard, "." if code == "JF02" else "", staff, 7_000 + i)
    b.mark, b.box, b.gain = mark, 12_345, 0
    b.open("cash", 12_345)
    b.open("bank", 168_000_000 + 1_234_567 * (i + 1))
    b.open("reserve", -8_765_400 - i * 1_111)
    for k, (key, duty, _) in enumerate(ROLES):
        if duty:
            b.add("岗位", 人员编号=f"P{code[2:]}{k}", 姓名=staff[key], 岗位=duty, 起始日期=date("2021-03-01"))
    b.add("银行账户", 账号=b.bank_accounts["bank"], 户名=b.name, 持有人类型="单位", 开户行="甲农商行九枫支行", 用途="基本户",
          科目编码=b.account("bank")[0], 开户日期=date("2018-05-01"), 是否质押="否")
    return b


def estates(by):
    """Assets and parcels with the contracts on them. Old contracts carry a payment schedule, new ones are derived."""
    a = by["JF01"]
    office(a, 286_540_000)
    shops(a, "01", [(1, "甲商贸行", "2023-07-01", 3, 4_862_400, "季", 120), (2, "乙餐饮店", "2024-02-01", 3, 6_318_000, "季", 165),
                    (4, "丁药房", "2022-04-15", 5, 9_456_000, "半年", 240), (5, "戊驿站", "2024-06-10", 2, 2_275_200, "年", 60)])
    works(a, "HT-01-21", "甲枫农贸市场雨棚改造", "壬建筑工程队", date("2024-03-18"), 18_643_257)
    b = by["JF02"]
    office(b, 243_210_000)
    rows = shops(b, "02", [(1, "子汽修厂", "2023-03-05", 4, 7_524_000, "季", 310), (2, "丑家具店", "2024-01-08", 3, 5_191_200, "季", 180),
                           (3, "寅五金店", "2024-04-12", 3, 3_846_000, "半年", 95)], skip=(3,))
    accrued(b, rows[3])
    works(b, "HT-02-21", "乙枫厂房消防管网改造", "癸安装工程队", date("2024-08-12"), 16_987_641)
    c = by["JF03"]
    office(c, 98_760_000)
    shops(c, "03", [(1, "卯粮油店", "2023-09-01", 4, 2_934_000, "季", 88), (2, "辰超市", "2024-03-10", 3, 8_133_600, "季", 260)])
    for n, name, area, party, start, annual in [(1, "东湾水塘", "32.5", "巳养殖户", "2023-02-01", 2_275_000),
                                                (2, "南坡园地", "54.2", "午果园", "2024-02-15", 3_252_000),
                                                (3, "西畈耕地", "86.4", "未合作社", "2024-10-01", 5_616_000)]:
        no = f"DK-03-{n:02d}"
        parcel(c, no, name, ["水面", "园地", "耕地"][n - 1], area)
        row, dues = lease(c, f"FB-03-{n:02d}", no, party, date(start), 5, annual, "年", area, "土地承包")
        collect(c, row, dues, "land")
    works(c, "HT-03-21", "丙枫村湾排水沟整治", "甲市政工程队", date("2025-02-17"), 13_452_868)
    d = by["JF04"]
    office(d, 512_300_000)
    shops(d, "04", [(1, "申物流园", "2023-06-01", 6, 26_418_000, "季", 1450), (2, "酉酒店", "2024-05-06", 5, 19_776_000, "季", 980)])
    advance(d)
    for b in by.values():
        vehicle = f"ZC-{b.code[2:]}-90"
        asset(b, vehicle, "公务用车", "车辆", 13_876_500, date("2022-05-20"), 96, nature="非经营性", user=b.staff["driver"])


def office(b, cost):
    asset(b, f"ZC-{b.code[2:]}-00", "办公楼", "房屋", cost, date("2017-08-01"), 480, "860", nature="非经营性")


def shops(b, mark, leases, skip=()):
    """One shop per lease: card, contract, deposit, receipts. Returns the contracts by number."""
    out = {}
    for n, party, start, years, annual, cycle, area in leases:
        no, card = f"HT-{mark}-{n:02d}", f"ZC-{mark}-{n:02d}"
        asset(b, card, f"{n}号商铺", "商铺", area * 612_345, date("2019-06-15"), 360, str(area), "出租", user=party)
        row, dues = lease(b, no, card, party, date(start), years, annual, cycle, str(area), deposit=annual // 12)
        out[n] = (row, dues)
        if n not in skip:
            collect(b, row, dues)
    return out


def accrued(b, item):
    """A tenant billed on the due day and paying a few days later: receivable first, then the money."""
    row, dues = item
    for day, due in dues:
        tail = {"合同编号": row["合同编号"], "资产编号": row["标的"]}
        b.post(day, f"确认{row['相对方']}租金 合同{row['合同编号']}", ("receivable", "借", due, row["相对方"], tail),
               ("rent", "贷", due, row["相对方"], tail))
        b.receive(day + dt.timedelta(days=1), f"收{row['相对方']}租金 合同{row['合同编号']}", "receivable", due, row["相对方"], tail)


def advance(b):
    """A year's rent in advance, taken to income month by month."""
    asset(b, "ZC-04-03", "3号商铺", "商铺", 88_123_400, date("2019-06-15"), 360, "150", "出租", user="戌超市")
    row, dues = lease(b, "HT-04-03", "ZC-04-03", "戌超市", date("2024-07-01"), 3, 7_218_000, "年", "150", deposit=601_500)
    collect(b, row, dues, "advance")
    for k in range(18):
        end = month_end(*divmod(2024 * 12 + 6 + k, 12)[:1], (6 + k) % 12 + 1)
        tail = {"合同编号": row["合同编号"]}
        b.post(end, "预收租金转本月收入", ("advance", "借", 601_500, "戌超市", tail), ("rent", "贷", 601_500, "戌超市", tail))


def parking(b):
    """Parking fees taken in cash and paid into the bank on the same day."""
    for k in range(24):
        day = weekday(add_months(dt.date(2024, 1, 28), k))
        fen = b.rng.odd_money(300, 900)
        ticket = f"T{b.serial('parking'):04d}"
        v = b.post(day, "收临时停车费", ("cash", "借", fen, "临时停车户"), ("parking", "贷", fen, "临时停车户", {"收据号": ticket}))
        b.post(day, "停车费存入银行", ("bank", "借", fen, "本单位"), ("cash", "贷", fen), rank=1)
        row = b.add("收据", 收据号=ticket, 本号=f"TC{day.year}", 日期=day, 缴款人="临时停车户", 金额=fen, 收款方式="现金", 是否作废="否")
        b.late.append(lambda row=row, v=v: row.update(入账凭证=v.id))


def compensation(b):
    """A land compensation as it should go: special account, people paid in two weeks, collective part decided."""
    b.bank_accounts["bank2"] = "82000300009"
    b.add("银行账户", 账号="82000300009", 户名=b.name, 持有人类型="单位", 开户行="甲农商行九枫支行", 用途="征地补偿专户",
          科目编码=b.account("bank2")[0], 开户日期=date("2024-04-02"), 是否质押="否")
    fund = {"专项资金": "ZJ-03-01"}
    b.receive(date("2024-05-14"), "收东湾地块征地补偿款", "comp", 62_480_000, "区征收办", fund, "bank2")
    b.add("专项资金", 资金编号="ZJ-03-01", 文号="征补〔2024〕1号", 名称="东湾地块征地补偿", 用途="征地补偿", 允许用途="补偿发放;公积公益",
          到账日期=date("2024-05-14"), 金额=62_480_000, 限定性质="征地补偿", 账号="82000300009")
    b.add("征地补偿", 项目编号="ZD-03-01", 名称="东湾地块", 总额=62_480_000, 集体部分=15_620_000, 到账日期=date("2024-05-14"),
          专户账号="82000300009", 分配方案决议="JY-03-01")
    decide(b, "JY-03-01", date("2024-05-17"), "东湾地块补偿分配方案", "补偿", "ZD-03-01", 62_480_000, "成员大会", 120, 104, 96)
    payees(b, "ZD-03-01", date("2024-05-27"), [7_810_000 + k * 1_013 for k in range(-2, 4)][:6], 46_860_000)
    b.post(date("2024-05-28"), "发放东湾地块补偿到户", ("comp", "借", 46_860_000, "区征收办", fund),
           ("bank2", "贷", 46_860_000, "补偿到户(代发)", fund))
    b.post(date("2024-06-05"), "东湾地块集体部分转公积公益金", ("comp", "借", 15_620_000, "区征收办", fund), ("reserve", "贷", 15_620_000))


def payees(b, project, day, parts, total):
    parts = parts[:-1] + [total - sum(parts[:-1])]
    for k, fen in enumerate(parts):
        b.add("补偿发放", 项目编号=project, 收款人=f"{'冯陈褚卫蒋沈韩杨'[k]}某户{k + 1}", 证件号=f"99010119800101{k + 1:04d}", 类别="土地",
              数量="1.5", 单位="亩", 金额=fen, 收款账号=f"62289901030{k + 1:04d}", 发放日期=day, 是否签名="是", 是否成员="是")


def current_accounts(by):
    """Shares and pooled money of the three in the joint company; both sides book on the same day."""
    joint = by["JF04"]
    joint.open("capital", -sum(CAPITAL.values()))
    joint.open("bank", 400_000_000)
    for code, capital in CAPITAL.items():
        b = by[code]
        b.open("invest", capital, JOINT)
        old, pooled = 20_000_000, capital * 37 // 1000
        b.open("internal", old, JOINT)
        joint.open("internal", -old, b.name)
        between(joint, b, date("2024-03-20"), f"{b.name}上交统筹款", pooled)
        between(joint, b, date("2025-09-18"), f"归还{b.name}统筹款", -pooled // 2)


def between(joint, b, day, summary, fen):
    """Money from a village company to the joint company (negative: back)."""
    if fen > 0:
        b.pay(day, summary, "internal", fen, JOINT)
        joint.receive(day, summary, "internal", fen, b.name)
    else:
        joint.pay(day, summary, "internal", -fen, b.name)
        b.receive(day, summary, "internal", -fen, JOINT)


def finish(books, by):
    """Depreciation, closing, dividends out of 2024, then the registers that need final numbers."""
    for b in books:
        settle_taxes(b)
        depreciate(b)
        capital(b)
    for b in books:
        close_months(b, 12 if b.code == "JF03" else 1)
        dividends(b, by)
    for b in books:
        # Dividends received change the result of their month: close again from scratch.
        b.vouchers = [v for v in b.vouchers if v.source != "结转"]
        close_months(b, 12 if b.code == "JF03" else 1)
        b.number()
        approve_payments(b, without=getattr(b, "unsigned", ()), late=getattr(b, "signed_late", {}))
        periods(b)
        cash_counts(b)
        disclosures(b)


def capital(b):
    """Capital takes what is needed for the opening balances to net to zero; a little stays retained. The joint company's capital
    is what its members paid in, so there the rest is surplus."""
    b.open("retained", -31_415_926)
    b.open("surplus" if b.code == "JF04" else "capital", -sum(b.openings.values()))


def dividends(b, by):
    if b.gain <= 0:
        return
    part = b.gain // 2
    no, declared, paid = f"JD-{b.code[2:]}-FP", date("2025-05-20"), date("2025-06-17")
    level = ("股东会", 100, 100, 100) if b.standard == "小企业" else ("成员大会", 120, 108, 99)
    decide(b, no, date("2025-05-16"), "2024年度收益分配方案", "分配", "2024", part, *level)
    b.add("分配", 年度=2024, 可分配收益=b.gain, 提取公积公益金=b.gain // 10 if b.code == "JF03" else "",
          提取法定公积金="" if b.code == "JF03" else b.gain // 10, 向成员或股东分配=part, 实付金额=part, 决议编号=no,
          决议日期=date("2025-05-16"), 支付日期=paid, 资金来源="2024年度净收益")
    if b.code != "JF04":
        party = "股东分红(代发)" if b.standard == "小企业" else "成员分红(代发)"
        b.post(declared, "计提2024年度分红", ("retained", "借", part), ("dividend", "贷", part, party))
        b.pay(paid, "发放2024年度分红", "dividend", part, party)
        return
    total = sum(CAPITAL.values())
    shares = {c: part * v // total for c, v in CAPITAL.items()}
    shares["JF01"] += part - sum(shares.values())
    for code, fen in shares.items():
        b.post(declared, f"计提{NAMES[code]}股利", ("retained", "借", fen), ("dividend", "贷", fen, NAMES[code]))
        b.pay(paid, f"付{NAMES[code]}股利", "dividend", fen, NAMES[code])
        by[code].receive(paid, "收联合公司股利", "yield", fen, JOINT)


def cash_counts(b):
    day = date("2024-01-31")
    while day <= END:
        have, slip = b.total("cash", day), getattr(b, "slips", {}).get(day, 0)
        b.add("现金盘点", 日期=day, 实存=have - slip, 账存=have, 白条=slip, 盘点人=b.staff["cashier"], 监盘人=b.staff["maker"])
        day = month_end(*[(add_months(day, 1)).year, add_months(day, 1).month])


def disclosures(b):
    for year in (BEGIN.year, END.year):
        for q in range(1, 5):
            if (b.code, year, q) in getattr(b, "hidden_quarters", ()):
                continue
            end = month_end(year, q * 3)
            no = f"GK-{b.code[2:]}-{year}Q{q}"
            b.add("公开", 公开编号=no, 类型="财务收支", 期间=f"{year}Q{q}", 公开日期=weekday(end + dt.timedelta(days=8)), 方式="公开栏",
                  照片哈希=f"zp-{no}")
            lines = [l for v in b.vouchers if add_months(end.replace(day=1), -2) <= v.date <= end and v.source != "结转" and not v.bad
                     for l in v.lines]
            b.add("公开明细", 公开编号=no, 项目="收入合计", 金额=sum(l.credit - l.debit for l in lines if l.account in INCOME))
            b.add("公开明细", 公开编号=no, 项目="支出合计", 金额=sum(l.debit - l.credit for l in lines if l.account in EXPENSE))
            b.add("公开明细", 公开编号=no, 项目="货币资金", 金额=sum(b.total(a, end) for a in ("cash", *b.bank_accounts)))


def street_tables(books, related, kin):
    rows = {"单位": [], "持股": [], "关联人": related, "亲属关系": kin}
    for b in books:
        kind = {"JF03": "农村集体经济组织", "JF04": "村级联合公司"}.get(b.code, "村改制公司")
        rows["单位"].append(dict(单位编码=b.code, 单位名称=b.name, 统一社会信用代码=f"91990100MA9{b.code}00X", 单位类型=kind,
                               会计制度=b.standard, 适用法规="集体" if b.code == "JF03" else "公司", 起始日期=date("2018-01-01"),
                               成立日期=date("2018-01-01"), 注册资本=-sum(v for (x, _), v in b.openings.items() if x == "capital")))
    total = sum(CAPITAL.values())
    for code, fen in CAPITAL.items():
        rows["持股"].append(dict(持有单位=code, 被投资单位="JF04", 认缴额=fen, 实缴额=fen, 持股比例=str(fen * 100 // total),
                               应缴日期=date("2020-12-31"), 实缴日期=date("2020-06-30")))
    return rows


def related_people(books):
    rows = []
    for b in books:
        for k, (key, duty, _) in enumerate(ROLES):
            if duty:
                rows.append(dict(人员编号=f"P{b.code[2:]}{k}", 姓名=b.staff[key], 单位编码=b.code, 职务=duty, 任职起=date("2021-03-01"),
                                 证件号=f"9901011975{b.code[2:]}01{k:04d}", 电话=f"1990001{b.code[2:]}{k:02d}",
                                 银行账号=f"62289902{b.code[2:]}{k:04d}"))
    return rows


def parties(b):
    """A register row for everyone the books and contracts name."""
    seen = dict.fromkeys([r["相对方"] for r in b.tables.get("合同", [])])
    seen |= dict.fromkeys(l.party for v in b.vouchers for l in v.lines if l.party)
    have = {r["往来单位"] for r in b.tables.get("往来单位", [])}
    for k, name in enumerate(seen):
        if name in have or name == "本单位" or "代发" in name:
            continue
        person = "某" in name
        kind = "内部" if name in NAMES.values() else "个人" if person else "政府" if name in ("税务局", "区征收办") else "单位"
        b.add("往来单位", 往来单位=name, 类型=kind, **{"统一社会信用代码/证件号": f"92990100MA{b.code}{k:04d}"},
              法定代表人="" if person else f"{name[0]}某", 电话=f"1991{b.code[2:]}{k:05d}", 地址=f"九枫街道{k + 1}号",
              银行账号=f"8300{b.code[2:]}{k:06d}", 成立日期=date("2015-04-01"), 行业="")
