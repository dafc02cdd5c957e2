"""What is wrong on purpose: one function per company, one `plant` line per expected finding."""

import datetime as dt

from contracts import asset, collect, decide, lease, parcel, pay_invoice, take_rent, works
from core import Line, date, weekday, yuan
from planted_finance import plant_all as plant_finance
from street import JOINT, NAMES

PLANTED = []   # (rule, organisation, key parts or a function giving them, what was done, amount in 分 or "")


def plant(rule, b, key, what, amount=""):
    PLANTED.append((rule, b.code, key, what, amount))


def first(by):
    """JF01: contracts, cash, duplicates, a late posting."""
    b = by["JF01"]
    shop(b, "01", 6, 78)
    row, dues = lease(b, "HT-01-06", "ZC-01-06", "己家居馆", date("2024-05-01"), 25, 3_648_000, "季", "78", deposit=304_000,
                      by_board=True, 递增方式="")
    collect(b, row, dues)
    plant("C-001", b, ["HT-01-06"], "shop let for 25 years", row["合同总额"])
    plant("C-003", b, ["HT-01-06"], "the same shop: decided by the board alone", row["合同总额"])
    plant("C-011", b, ["HT-01-06"], "the same shop: the rent never rises", row["年租金"])

    shop(b, "01", 7, 66)
    row, dues = lease(b, "HT-01-07", "ZC-01-07", "庚服饰店", date("2024-09-02"), 3, 2_790_000, "季", "66", sign=date("2024-10-15"))
    collect(b, row, dues)
    plant("C-005", b, ["HT-01-07"], "signed 43 days after the lease began and the first rent was received", row["合同总额"])

    shop(b, "01", 8, 102)
    row, dues = lease(b, "HT-01-08", "ZC-01-08", "辛书店", date("2024-07-08"), 3, 4_236_000, "季", "102", deposit=353_000)
    collect(b, row, dues)
    b.add("评估", 评估编号="PG-01-08", 标的="ZC-01-08", 日期=date("2024-05-20"), 评估值=6_000_000, 单位="年租金", 机构="甲评估事务所")
    plant("C-009", b, ["HT-01-08"], "yearly rent 42,360 against an appraised 60,000", 6_000_000 - 4_236_000)

    shop(b, "01", 3, 140)
    row, dues = lease(b, "HT-01-03", "ZC-01-03", "丙超市", date("2024-01-10"), 4, 5_534_400, "季", "140", deposit=461_200)
    collect(b, row, dues, skip=(6, 7))
    for day, due in dues[6:]:
        tail = {"合同编号": "HT-01-03", "资产编号": "ZC-01-03"}
        b.post(day, "确认丙超市应收租金 合同HT-01-03", ("receivable", "借", due, "丙超市", tail), ("rent", "贷", due, "丙超市", tail))
    plant("C-012", b, ["HT-01-03"], "third and fourth quarter of 2025 billed and never paid", sum(d for _, d in dues[6:]))

    b.post(date("2025-04-02"), "收旧物变卖现金", ("cash", "借", 86_000, "旧货收购户"), ("parking", "贷", 86_000, "旧货收购户"))
    hauled = b.pay(date("2025-04-02"), "付清运费", "cost", 79_530, "壬清运户", source="cash", rank=1)
    plant("F-005", b, lambda: [hauled.id], "no invoice from the haulier", 79_530)
    plant("F-001", b, ["2025-04-02"], "cash received and spent on the same day, not banked", 79_530)

    day = date("2024-11-14")
    b.post(day, "提取现金", ("cash", "借", 465_050), ("bank", "贷", 465_050, "本单位", {"结算方式": "支票"}))
    v = b.pay(day, "付围墙修补款", "repair", 465_050, "癸瓦工队", source="cash", rank=1)
    plant("F-002", b, lambda: [v.id], "repair of 4,650.50 paid in cash to a firm", 465_050)
    plant("F-005", b, lambda: [v.id], "no invoice for the same repair", 465_050)

    b.post(date("2025-08-05"), "提取现金备用", ("cash", "借", 1_800_000), ("bank", "贷", 1_800_000, "本单位", {"结算方式": "支票"}))
    b.post(date("2025-08-21"), "余款存回银行", ("bank", "借", 1_800_000, "本单位"), ("cash", "贷", 1_800_000))
    plant("F-003", b, ["2025-08-05"], "18,000 of cash kept in the box for sixteen days", 1_800_000)

    late = pay_invoice(b, date("2025-02-18"), "补记绿化养护费", "cost", 386_240, "乙绿化队")
    late.entered = "2025-03-25 16:20"
    plant("L-003", b, lambda: [late.id], "entered on 2025-03-25, February had been closed on 2025-03-10", 386_240)

    day = date("2024-07-23")
    one = b.pay(day, "付制作宣传栏款", "office", 231_860, "丙广告部")
    two = b.pay(day, "付制作宣传栏款", "office", 231_860, "丙广告部")
    plant("T-005", b, lambda: [one.id], "same payee, amount and day in two vouchers", 231_860)
    for paid in (one, two):
        plant("F-005", b, lambda paid=paid: [paid.id], "no invoice for either of the two", 231_860)


def second(by):
    """JF02 (Kingdee): a short receipt, holding over, kin, signatures, advances, a gap, round sums."""
    b = by["JF02"]
    shop(b, "02", 4, 150)
    row, dues = lease(b, "HT-02-04", "ZC-02-04", "卯布艺坊", date("2024-02-05"), 3, 4_509_600, "季", "150", deposit=375_800)
    for i, (day, due) in enumerate(dues):
        take_rent(b, row, day + dt.timedelta(days=1), due - (300_000 if i == 5 else 0))
    plant("C-013", b, ["HT-02-04"], "3,000 less than due received for the second quarter of 2025, no waiver, no receivable", 300_000)

    shop(b, "02", 5, 124)
    row, dues = lease(b, "HT-02-05", "ZC-02-05", "辰水果店", date("2022-04-01"), 3, 3_571_200, "季", "124", deposit=297_600)
    collect(b, row, dues)
    for k, month in enumerate((4, 7, 10)):
        take_rent(b, row, date(f"2025-{month:02d}-02"), 892_800)
    plant("C-014", b, ["HT-02-05"], "lease ended 2025-03-31, tenant stays and pays, no renewal", "")

    shop(b, "02", 6, 92)
    row, dues = lease(b, "HT-02-06", "ZC-02-06", "巳副食店", date("2024-03-04"), 3, 2_649_600, "季", "92", deposit=220_800)
    collect(b, row, dues)
    b.add("往来单位", 往来单位="巳副食店", 类型="单位", **{"统一社会信用代码/证件号": "92990100MAJF029001"}, 法定代表人=b.staff["chair"],
          电话="199000102" + "03", 地址="九枫街道9号", 银行账号="830002999001", 成立日期=date("2022-01-01"))
    plant("C-022", b, ["HT-02-06"], "tenant's legal representative and telephone are those of the chair", row["合同总额"])
    plant("J-005", b, ["HT-02-06"], "the minutes on that lease name nobody who kept out", row["合同总额"])

    v = pay_invoice(b, date("2025-05-22"), "付厂房屋面维修款", "repair", 3_684_217, "己防水工程队")
    b.unsigned = (v,)
    plant("F-009", b, lambda: [v.id], "36,842.17 paid without a single signature", 3_684_217)

    b.pay(date("2024-06-18"), "何某二借支备用金", "petty", 438_000, "何某二")
    plant("F-019", b, ["1221.01", "何某二"], "advance of 2024-06-18 never settled", 438_000)

    same = pay_invoice(b, date("2025-07-17"), "付门窗更换款", "repair", 512_630, "庚门窗店")
    same.checker = same.maker
    plant("G-002", b, ["制审同人", b.staff["maker"], "2025"], "maker and checker are one person", 512_630)

    b.skip_numbers.add((2025, 3, 7))
    plant("L-002", b, ["2025-03", "记"], "number 7 of March 2025 is missing", "")

    met = b.pay(date("2025-06-11"), "付会务及资料费", "office", 900_000, "辛会务公司")
    plant("T-003", b, ["5602.02", "2025"], "9,000.00 sharp for a meeting", 900_000)
    plant("F-005", b, lambda: [met.id], "no invoice for the meeting", 900_000)

    v7 = b.pay(date("2025-02-27"), "付除雪用品款", "office", 88_020, "壬日杂店", source="cash")
    b.post(date("2025-03-04"), "提取现金补足", ("cash", "借", 88_020), ("bank", "贷", 88_020, "本单位", {"结算方式": "支票"}))
    plant("F-006", b, lambda: ["1001", "2025-02-27"], "cash spent that was not in the box", "")
    plant("F-005", b, lambda: [v7.id], "no invoice from the shop", 88_020)


def third(by):
    """JF03 (Yonyou): land, compensation, votes, work slips, an unbalanced voucher."""
    b = by["JF03"]
    parcel(b, "DK-03-04", "北岗旱地", "耕地", "40")
    for no, party, start in (("FB-03-04", "申种植户", "2024-03-01"), ("FB-03-05", "酉种植户", "2025-03-03")):
        row, dues = lease(b, no, "DK-03-04", party, date(start), 5, 1_840_000, "年", "40", "土地承包")
        collect(b, row, dues, "land")
    plant("C-015", b, ["FB-03-04", "FB-03-05"], "one parcel contracted twice from 2025-03-03", "")

    parcel(b, "DK-03-05", "河滩林地", "林地", "60")
    row, dues = lease(b, "FB-03-06", "DK-03-05", "戌苗圃", date("2024-04-01"), 5, 2_136_000, "年", "48", "土地承包")
    collect(b, row, dues, "land")
    plant("C-016", b, ["FB-03-06"], "48 亩 in the contract, 60 亩 in the register", "")

    odd = parcel(b, "DK-03-06", "老砖厂地块", "其他建设用地", "22.5", "自营")
    odd["实测面积亩"] = "27.1"
    plant("R-001", b, ["DK-03-06"], "22.5 亩 booked, 27.1 亩 surveyed", "")

    fund = {"专项资金": "ZJ-03-02"}
    b.receive(date("2025-03-12"), "收西畈道路用地补偿款", "comp", 31_200_000, "区征收办", fund)
    b.add("征地补偿", 项目编号="ZD-03-02", 名称="西畈道路用地", 总额=31_200_000, 集体部分=6_240_000, 到账日期=date("2025-03-12"),
          专户账号=b.bank_accounts["bank"], 分配方案决议="JY-03-02")
    decide(b, "JY-03-02", date("2025-03-20"), "西畈道路用地补偿分配方案", "补偿", "ZD-03-02", 31_200_000, "成员大会", 120, 101, 95)
    plant("S-001", b, ["ZD-03-02"], "compensation received into the basic account", 31_200_000)
    plant("S-002", b, ["ZD-03-02"], "249,600 owed to households since March 2025, nothing paid", 24_960_000)
    b.post(date("2025-04-09"), "西畈道路用地集体部分转公积公益金", ("comp", "借", 6_240_000, "区征收办", fund), ("reserve", "贷", 6_240_000))

    decide(b, "JY-03-09", date("2025-07-10"), "村湾停车场建设方案", "投资", "", 8_000_000, "成员大会", 120, 84, 70)
    plant("G-005", b, ["JY-03-09"], "84 of 120 present, only 70 agreed: less than two thirds of all members", "")

    rows = [b.add("误工", 日期=d, 人员编号="L039", 姓名="尤某三", 事由="防汛值守", 地点="东湾", 工日="1", 金额=12_000, 收款账号="62289900390001",
                  是否签名="是") for d in ("2025-02-29", "2025-02-27")]
    v = b.pay(date("2025-03-27"), "付尤某三误工补贴", "lost_work", 24_000, "尤某三")
    b.late.append(lambda: [r.update(凭证=v.id) for r in rows])
    plant("F-014", b, ["L039", "2025-02-29"], "a work slip for 29 February 2025", 12_000)

    bad = b.post(date("2025-09-25"), "分摊季度值班费", ("salary", "借", 120_000), ("wages", "贷", 119_000))
    bad.bad = True
    plant("L-001", b, lambda: [bad.id], "debit 1,200.00, credit 1,190.00", 1_000)


def fourth(by):
    """JF04 (workbook): current accounts, split works, disclosure, a personal account, unbooked rent."""
    b, peer = by["JF04"], by["JF02"]
    peer.pay(date("2025-11-19"), "上交统筹款(联合公司未入账)", "internal", 5_000_000, JOINT)
    plant("J-001", peer, ["JF02", "JF04"], "50,000 paid to the joint company, which never booked it", 5_000_000)

    for n, day, total, what in ((31, "2025-02-10", 9_261_540, "一期"), (32, "2025-03-05", 9_438_020, "二期")):
        no = f"HT-04-{n}"
        b.add("合同", 合同编号=no, 合同类型="工程", 标的=f"物流园道路修补{what}", 相对方="甲道路工程队", 签订日期=date(day),
              起始日期=date(day) + dt.timedelta(days=7), 截止日期=date(day) + dt.timedelta(days=60), 合同总额=total, 付款周期="一次性",
              是否书面="是", 我方签章=b.name, 对方签章="甲道路工程队", 文件哈希=f"wj-{no}", 取得方式="直接", 决议编号=f"JD-{no}",
              登记日期=date(day) + dt.timedelta(days=4), 状态="履行")
        decide(b, f"JD-{no}", date(day) - dt.timedelta(days=5), f"物流园道路修补{what}", "合同", no, total)
        b.add("工程", 工程编号=f"GC-{no}", 名称=f"物流园道路修补{what}", 地点="物流园", 预算=total, 合同编号=no, 资金来源="自有资金",
              开工日期=date(day) + dt.timedelta(days=7), 完工日期=date(day) + dt.timedelta(days=58), 结算额=total,
              验收日期=date(day) + dt.timedelta(days=65), 验收人=b.staff["supervisor"])
        plant("C-023", b, [no, "贴近限额"], f"the contract of {yuan(total)} lies just below 100,000", total)
        pay_invoice(b, weekday(date(day) + dt.timedelta(days=70 + 60 * (n - 31))), f"付物流园道路修补{what}款", "repair", total,
                    "甲道路工程队", {"合同编号": no, "项目": f"GC-{no}"})
    plant("C-024", b, ["甲道路工程队", "2025-02-10"], "one road repair in two contracts of 92,615.40 and 94,380.20", 9_261_540 + 9_438_020)

    decorated = [pay_invoice(b, date("2025-09-02") + dt.timedelta(days=2 * k), "付展厅装饰款", "repair", fen, "丁装饰部", follows=k)
                 for k, fen in enumerate((1_948_050, 1_892_030, 1_910_570))]
    plant("T-009", b, ["丁装饰部", "2025-09-02"], "three payments within five days, each just under 20,000", 5_750_650)

    plant("F-025", b, ["丁装饰部", decorated[0].lines[0].extra["发票号"]], "their three invoices follow one another", 5_750_650)

    b.hidden_quarters = {("JF04", 2025, 2)}
    plant("D-001", b, ["2025Q2"], "second quarter of 2025 never disclosed", "")

    b.add("银行账户", 账号="62289904990007", 户名=b.staff["cashier"], 持有人类型="个人", 开户行="甲农商行九枫支行", 用途="一般户",
          开户日期=date("2024-08-08"), 是否质押="否")
    plant("F-007", b, ["个人名义账户", f"{b.staff['cashier']}(尾号0007)"], "an account of the company kept in the cashier's name", "")

    b.add("岗位", 人员编号="P042", 姓名=b.staff["cashier"], 岗位="会计", 起始日期=date("2025-01-01"), 截止日期=date("2025-06-30"))
    plant("G-001", b, [b.staff["cashier"]], "cashier is accountant as well for half a year", "")

    shop(b, "04", 4, 210)
    row, dues = lease(b, "HT-04-04", "ZC-04-04", "亥仓储部", date("2024-03-11"), 4, 6_174_000, "季", "210", deposit=514_500)
    collect(b, row, dues, skip=(5,))
    b.add("收据", 收据号="0499001", 本号="B2025", 日期=dues[5][0], 缴款人="亥仓储部", 金额=dues[5][1], 收款方式="现金", 合同编号="HT-04-04",
          是否作废="否")
    b.add("询证", 合同编号="HT-04-04", 往来单位="亥仓储部", 日期=date("2025-12-20"), 已付至=date("2026-03-10"),
          已付金额=sum(d for _, d in dues), 余额=0, 文件哈希="xz-0404")
    plant("C-020", b, ["HT-04-04"], "second quarter of 2025 receipted and confirmed by the tenant, not booked", dues[5][1])
    plant("F-008", b, ["0499001", dues[5][0].isoformat()], "the same receipt: half a year and not booked", dues[5][1])
    plant("C-013", b, ["HT-04-04"], "the same money: neither received nor receivable in the books", dues[5][1])

    row, dues = lease(b, "HT-04-05", "ZC-04-99", "子冷库", date("2024-06-17"), 3, 5_028_000, "季", "180", deposit=419_000)
    collect(b, row, dues)
    plant("A-001", b, ["ZC-04-99"], "a cold store that is let but on no asset card", "")

    invoice = pay_invoice(b, date("2025-10-14"), "付消防器材款", "repair", 523_640, "丙消防器材店")
    ticket = invoice.lines[0].extra["发票号"]
    again = b.pay(date("2025-11-18"), "付消防器材款", "repair", 523_640, "丙消防器材店", {"发票号": ticket})
    plant("F-023", b, [ticket], "one invoice paid twice, five weeks apart", 523_640)
    del again

    b.opening_shift = {("receivable", "申物流园"): 1_200_000, ("payable", "甲道路工程队"): -1_200_000}
    plant("L-004", b, ["2025", "2202"], "opening of 2025 is 12,000 above the closing of 2024, in both accounts", 1_200_000)
    plant("L-004", b, ["2025", "1122"], "opening of 2025 is 12,000 above the closing of 2024, in both accounts", 1_200_000)


def shop(b, mark, n, area):
    asset(b, f"ZC-{mark}-{n:02d}", f"{n}号商铺", "商铺", area * 612_345, date("2019-06-15"), 360, str(area), "出租")


def all_of(by):
    first(by)
    second(by)
    third(by)
    fourth(by)
    plant_finance(by, plant)
    return PLANTED


__all__ = ["PLANTED", "all_of", "Line", "NAMES", "works"]
