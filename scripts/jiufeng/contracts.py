"""Assets, parcels, leases, land contracts and works: register rows and the money that follows from them."""

import datetime as dt
from types import MappingProxyType

from core import BEGIN, END, add_months, weekday, yuan

CYCLE = {"月": 1, "季": 3, "半年": 6, "年": 12}
RISE = "每4年5%"


def asset(book, no, name, category, cost, started, life, area="", status="自用", nature="经营性", user=""):
    """An asset card; depreciation is straight-line without residue, whole 分 a month."""
    card = book.add("资产", 资产编号=no, 资产名称=name, 类别=category, 性质=nature, 来源="自建", 位置=f"{book.name[:2]}片区",
                    片区="一片区", 建筑面积=area, 原值=cost, 使用年限月数=life, 折旧方法="平均年限法", 启用日期=started,
                    入账日期=started, 科目编码=book.account("fixed")[0], 权证号=f"权-{no}", 状态=status, 使用人=user,
                    保管人=book.staff["keeper"])
    card["_dep"] = cost // life
    card["_from"] = add_months(started.replace(day=1), 1)
    if started < BEGIN:
        passed = (BEGIN.year - card["_from"].year) * 12 + BEGIN.month - card["_from"].month
        book.open("fixed", cost)
        book.open("accdep", -card["_dep"] * passed)
    card["累计折旧"] = card["_dep"] * max(0, (END.year - card["_from"].year) * 12 + END.month - card["_from"].month + 1)
    return card


def parcel(book, no, name, kind, area, status="发包"):
    return book.add("资源", 地块编号=no, 名称=name, 地类=kind, 台账面积亩=area, 实测面积亩=area, 确权面积亩=area,
                    权证号=f"权-{no}", 规划用途="农业", 现状用途="农业", 状态=status, 四至="东至路,南至渠,西至塘,北至界")


def decide(book, no, day, matter, kind, subject, amount, level="董事会", due=5, present=5, agree=5):
    """A decision, published for nine days, registered the day after and filed with the street."""
    return book.add("决议", 决议编号=no, 层级=level, 会议日期=day, 通知日期=day - dt.timedelta(days=12), 应到=due, 实到=present,
                    同意=agree, 事项=matter, 事项类型=kind, 关联编号=subject, 金额=amount, 纪要哈希=f"jy-{no}",
                    公示起=day + dt.timedelta(days=2), 公示止=day + dt.timedelta(days=10),
                    登记时间=f"{day + dt.timedelta(days=1)} 10:00:00", 街道备案日期=day + dt.timedelta(days=5))


def lease(book, no, subject, party, start, years, annual, cycle="季", area="", kind="租赁", deposit=0, sign=None, by_board=False,
          **change):
    """A lease or land contract with its decision, deposit, payment schedule (if older than the books) and receipts. One of
    five years or more rises after the fourth; one of more than five is decided by the owners' meeting."""
    sign = sign or weekday(start - dt.timedelta(days=18))
    end = add_months(start, 12 * years) - dt.timedelta(days=1)
    rise = change.get("递增方式", RISE if years >= 5 else "")
    total = sum(rent_of(annual, k, rise) for k in range(years))
    row = dict(合同编号=no, 合同类型=kind, 标的=subject, 相对方=party, 签订日期=sign, 起始日期=start, 截止日期=end, 面积=area,
               面积单位="平方米" if kind == "租赁" else "亩", 年租金=annual, 合同总额=total, 付款周期=cycle,
               首付日期=start, 递增方式=rise, 押金=deposit, 允许转租="否", 是否书面="是", 我方签章=book.name, 对方签章=party,
               文件哈希=f"wj-{no}", 取得方式="公开招租", 交易编号=f"JY-{no}", 决议编号=f"JD-{no}", 登记日期=sign + dt.timedelta(days=5),
               状态="履行" if end > END else "到期")
    row.update(change)
    book.add("合同", **row)
    decide_lease(book, row, sign, years > 5, by_board)
    if deposit:
        if sign < BEGIN:
            book.open("deposit", -deposit, party)
        else:
            book.receive(sign, f"收{party}押金", "deposit", deposit, party, {"合同编号": no})
    dues = schedule(row, annual)
    if start < BEGIN:
        for i, (day, due) in enumerate(dues):
            if BEGIN <= day:
                book.add("收款计划", 合同编号=no, 期次=i + 1, 应收日期=day, 应收金额=due)
    return row, [(day, due) for day, due in dues if BEGIN <= day <= END]


def decide_lease(book, row, sign, long, by_board):
    """The board or council decides on premises, the owners' meeting where they are let for long. Land of a collective goes to
    its representatives at least and is approved by the street."""
    no, what, total = row["合同编号"], f"{row['相对方']}{row['合同类型']}事项", row["合同总额"]
    company = book.standard == "小企业"
    land = row["合同类型"] != "租赁" and not company
    met = sign - dt.timedelta(days=21 if land else 6)
    if long and not by_board:
        level = ("股东会", 100, 100, 100) if company else ("成员大会", 120, 108, 99)
    elif land:
        level = ("代表会", 36, 34, 33)
    else:
        level = ("董事会",) if company else ("理事会",)
    decide(book, f"JD-{no}", met, what, "合同", no, total, *level)
    if land:
        book.add("审批", 关联编号=no, 步骤="街道", 审批人=book.staff["street"], 结果="同意", 日期=sign - dt.timedelta(days=4))


def schedule(row, annual):
    step = CYCLE[row["付款周期"]]
    out, k = [], 0
    while add_months(row["首付日期"], k * step) <= row["截止日期"]:
        out.append((add_months(row["首付日期"], k * step), rent_of(annual, k * step // 12, row["递增方式"]) * step // 12))
        k += 1
    return out


def rent_of(annual, year, rise):
    """The rent of lease year `year` (0 is the first)."""
    for _ in range(year // 4 if rise else 0):
        annual = (annual * 105 + 50) // 100
    return annual


def collect(book, row, dues, account="rent", skip=()):
    """Receives each instalment by bank within two days, against a numbered receipt."""
    for i, (day, due) in enumerate(dues):
        if i not in skip:
            take_rent(book, row, day + dt.timedelta(days=(i + day.day) % 3), due, account)


def take_rent(book, row, day, fen, account="rent", label="租金"):
    no = row["合同编号"]
    ticket = f"{book.code[2:]}{book.serial('receipt'):05d}"
    voucher = book.receive(day, f"收{row['相对方']}{label} 合同{no}", account, fen, row["相对方"],
                           {"合同编号": no, "资产编号": row["标的"], "收据号": ticket})
    receipt = book.add("收据", 收据号=ticket, 本号=f"B{day.year}", 日期=day, 缴款人=row["相对方"], 金额=fen, 收款方式="转账",
                       合同编号=no, 是否作废="否")
    book.late.append(lambda: receipt.update(入账凭证=voucher.id))
    return voucher


def works(book, no, name, party, sign, total, capitalise=True, place="一片区", **change):
    """A works contract won in an open tender: two payments for progress, one after acceptance and a retention, then
    capitalised."""
    start, end = weekday(sign + dt.timedelta(days=10)), weekday(sign + dt.timedelta(days=150))
    accepted = weekday(end + dt.timedelta(days=10))
    contract = dict(合同编号=no, 合同类型="工程", 标的=f"GC-{no}", 相对方=party, 签订日期=sign, 起始日期=start, 截止日期=end,
                    合同总额=total, 付款周期="一次性", 是否书面="是", 我方签章=book.name, 对方签章=party, 文件哈希=f"wj-{no}",
                    取得方式="竞价", 交易编号=f"JY-{no}", 决议编号=f"JD-{no}", 登记日期=sign + dt.timedelta(days=4), 状态="履行")
    contract.update(change)
    book.add("合同", **contract)
    decide(book, f"JD-{no}", sign - dt.timedelta(days=45), name, "合同", no, total,
           "董事会" if book.standard == "小企业" else "理事会")
    book.add("招标", 招标编号=f"ZB-{no}", 关联编号=no, 方式="公开招标", 平台="区交易中心", 公告日期=sign - dt.timedelta(days=35),
             开标日期=sign - dt.timedelta(days=12), 标底=total + 1_234_500, 中标人=party, 中标价=total)
    project = book.add("工程", 工程编号=f"GC-{no}", 名称=name, 地点=place, 预算=total + 2_000_000, 合同编号=no, 资金来源="自有资金",
                       开工日期=start)
    parts = [total * 30 // 100, total * 40 // 100, total * 27 // 100]
    for k, part in enumerate(parts):
        day = weekday(start + dt.timedelta(days=20 + 60 * k)) if k < 2 else weekday(accepted + dt.timedelta(days=3))
        if day <= END:
            pay_invoice(book, day, f"付{name}进度款{k + 1}", "wip", part, party, {"合同编号": no, "项目": f"GC-{no}"})
    done = weekday(end + dt.timedelta(days=20))
    if done <= END:
        rest = total - sum(parts)
        book.post(done, f"暂估{name}质保金", ("wip", "借", rest, party, {"合同编号": no, "项目": f"GC-{no}"}),
                  ("payable", "贷", rest, party, {"合同编号": no, "项目": f"GC-{no}"}))
        project.update(结算额=total, 完工日期=end, 验收日期=accepted, 验收人=book.staff["supervisor"])
        if capitalise:
            project.update(转固日期=done)
            book.post(done, f"{name}转固定资产", ("fixed", "借", total, "", {"资产编号": f"ZC-{no}"}),
                      ("wip", "贷", total, "", {"项目": f"GC-{no}"}), rank=1)
            card = asset(book, f"ZC-{no}", name, "其他", total, done, 120)
            card["入账日期"] = done
    return contract


def pay_invoice(book, day, summary, account, fen, party, extra=None, follows=0):
    """A payment by bank against an invoice that was checked and passed. A seller's numbers are not consecutive unless `follows` says by how much."""
    serial = book.serial("invoice") if not follows else book.counters["invoice"]
    ticket = f"{book.code[2:]}{day:%y}{serial * 7 + follows:06d}"
    book.add("发票", 发票代码="042002400111", 发票号=ticket, 日期=day - dt.timedelta(days=2), 销方=party, 购方=book.name, 金额=fen,
             税额=fen * 3 // 103, 查验结果="通过")
    return book.pay(day, summary, account, fen, party, {**(extra or {}), "发票号": ticket})


def approve_payments(book, floor=1_000_000, without=(), late=MappingProxyType({})):
    """Signatures for every payment out of the bank of at least `floor` 分, before or on its day; by so much later for those in `late`."""
    for v in book.vouchers:
        out = sum(l.credit for l in v.lines if l.account in ("bank", "bank2", "cash"))
        moved = sum(l.debit for l in v.lines if l.account in ("bank", "bank2", "cash"))
        if out - moved < floor or v in without:
            continue
        steps = [("经办", "maker", 3), ("财务", "finance", 2), ("负责人", "chair", 1), ("监事", "supervisor", 1)]
        if out >= 20_000_000:
            steps.append(("街道", "street", 0))
        for step, who, before in steps:
            book.add("审批", 关联编号=v.id, 步骤=step, 审批人=book.staff[who], 结果="同意", 日期=v.date - dt.timedelta(days=before) + late.get(id(v), dt.timedelta()))


__all__ = ["asset", "parcel", "decide", "lease", "collect", "take_rent", "works", "pay_invoice", "approve_payments", "yuan"]
