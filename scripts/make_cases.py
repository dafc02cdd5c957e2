#!/usr/bin/env python3
"""Writes fixtures/cases: published mechanisms (K01 … K20) as tiny hand-in folders, each with README.md and expect.csv.

Only cases that one of the shipped rules can catch. Names are invented; amounts follow the published mechanism. Audit them
as of 2024-12-31, or of the day in the file `as_of`.
"""

import csv
import io
import shutil
from pathlib import Path

OUT = Path(__file__).resolve().parents[1] / "fixtures/cases"
ORG = "T1"


def table(text):
    """`a,b / 1,2 / 3,4` written over several lines: first line is the header."""
    return [line.strip().split(",") for line in text.strip().splitlines()]


def vouchers(*rows):
    """(date, number, summary, account, name, debit, credit, counterparty, more…); `more` is header=value texts."""
    heads = ["日期", "凭证字", "凭证号", "摘要", "科目编码", "科目名称", "借方金额", "贷方金额", "往来单位", "合同编号", "发票号", "收据号",
             "专项资金", "附件数", "制单人", "审核人"]
    out = [heads]
    for date, number, summary, account, name, debit, credit, party, *more in rows:
        cells = {"日期": date, "凭证字": "记", "凭证号": str(number), "摘要": summary, "科目编码": account, "科目名称": name,
                 "借方金额": debit, "贷方金额": credit, "往来单位": party, "附件数": "1", "制单人": "会计某", "审核人": "审核某"}
        cells |= dict(m.split("=") for m in more)
        out.append([cells.get(h, "") for h in heads])
    return out


OPENING = table("""年度,科目编码,借方,贷方
2024,101,500.00,
2024,102,2000000.00,
2024,301,,2000500.00""")
RECEIPT = "收据号,本号,日期,缴款人,金额,收款方式,合同编号,是否作废"
LEASE = "合同编号,合同类型,标的,相对方,签订日期,起始日期,截止日期,面积,面积单位,年租金,合同总额,付款周期,首付日期,决议编号,登记日期,状态"
LAND = "项目编号,名称,总额,集体部分,到账日期,专户账号,分配方案决议"
BANK = "账号,户名,持有人类型,开户行,用途"
PAYEE = "项目编号,收款人,证件号,类别,金额,收款账号,发放日期,是否签名,是否成员"
COMP = ("241", "专项应付款")


def receive(date, n, fen, party, account=("501", "经营收入"), *more, bank=("102", "银行存款")):
    return [(date, n, "收款", *bank, fen, "", party), (date, n, "收款", *account, "", fen, party, *more)]


def pay(date, n, fen, party, account, *more, bank=("102", "银行存款"), summary="付款"):
    return [(date, n, summary, *account, fen, "", party, *more), (date, n, summary, *bank, "", fen, party, *more)]


CASES = {}
CASES_AS_OF = {}   # day of the audit where it is not the end of 2024: the law that is broken came later


def case(no, readme, expect, **tables):
    CASES[no] = (readme, expect, tables)


case("K01", "The group leader collects a rent of 25,000 and hands in 15,000; the receipt for the whole sum was written before. "
     "The contract and the receipt say 25,000, the book says 15,000, and the cashier keeps the accounts as well.",
     [("C-020", "HT-1"), ("G-001", "余某")],
     合同=table(LEASE + "\nHT-1,租赁,ZC-1,甲商贸,2023-12-20,2024-03-01,2027-02-28,100,平方米,25000.00,75000.00,年,2024-03-01,JD-1,2023-12-22,履行"),
     资产=table("资产编号,资产名称,类别,建筑面积,入账日期,状态\nZC-1,一号商铺,商铺,100,2019-01-01,出租"),
     收据=table(RECEIPT + "\n0001,A,2024-02-26,甲商贸,25000.00,现金,HT-1,否"),
     岗位=table("人员编号,姓名,岗位,起始日期\nP1,余某,会计,2020-01-01\nP1,余某,出纳,2020-01-01"),
     凭证=vouchers(*receive("2024-03-05", 1, "15000.00", "甲商贸", ("50101", "租赁收入"), "合同编号=HT-1")))

case("K02", "Land fees of 220,000 are collected against receipts and used in the collector's own business. "
     "Nothing is booked, while receipt and tenant's letter say that it was paid.",
     [("C-020", "FB-1")],
     合同=table(LEASE + "\nFB-1,土地承包,DK-1,乙种植户,2023-12-01,2024-01-01,2028-12-31,220,亩,220000.00,1100000.00,年,2024-01-10,JD-1,2023-12-05,履行"),
     资源=table("地块编号,名称,地类,台账面积亩,实测面积亩,确权面积亩\nDK-1,东畈,耕地,220,220,220"),
     收据=table(RECEIPT + "\n0101,B,2024-01-08,乙种植户,220000.00,现金,FB-1,否"),
     询证=table("合同编号,往来单位,日期,已付至,已付金额,余额\nFB-1,乙种植户,2024-10-08,2024-12-31,220000.00,0"),
     凭证=vouchers(*receive("2024-03-21", 1, "12.30", "开户银行", ("504", "其他收入"))))

case("K03", "The written rent is 10 元 a mu while the tenant pays 15; the difference is a kickback. "
     "The appraisal of the same year says 15 元 a mu.",
     [("C-009", "FB-1")],
     合同=table(LEASE + "\nFB-1,土地承包,DK-1,丙种植户,2024-03-01,2024-03-10,2029-03-09,800,亩,8000.00,40000.00,年,2024-03-10,JD-1,2024-03-05,履行"),
     资源=table("地块编号,名称,地类,台账面积亩,实测面积亩,确权面积亩\nDK-1,南坡,四荒,800,800,800"),
     评估=table("评估编号,标的,日期,评估值,单位,机构\nPG-1,DK-1,2024-01-15,12000.00,年租金,甲评估所"),
     凭证=vouchers(*receive("2024-03-11", 1, "8000.00", "丙种植户", ("50102", "发包收入"), "合同编号=FB-1")))

case("K07", "Compensation left over after a taking, 170,000, is lent to an outsider instead of being paid to the households. "
     "The money left the special account to someone who is on no payee list.",
     [("S-002", "ZD-1")],
     征地补偿=table(LAND + "\nZD-1,北路用地,670000.00,0,2024-02-01,62280001,JD-1"),
     银行账户=table(BANK + "\n62280001,甲枫经济合作社,单位,甲农商行,征地补偿专户"),
     补偿发放=table(PAYEE + "\nZD-1,冯某,990101198001010001,土地,300000.00,62289901,2024-02-20,是,是\nZD-1,陈某,990101198001010002,土地,200000.00,62289902,2024-02-20,是,是"),
     凭证=vouchers(*receive("2024-02-01", 1, "670000.00", "区征收办", COMP, bank=("10202", "征地补偿专户")),
                 *pay("2024-02-20", 2, "500000.00", "补偿到户(代发)", COMP, bank=("10202", "征地补偿专户")),
                 *pay("2024-05-06", 1, "170000.00", "丁某", ("112", "应收款"), bank=("10202", "征地补偿专户"))))

case("K09", "Six car-repair bills of one garage, all round sums, take 80,000 of rent out of a company that owns no car. "
     "Round amounts at one vendor are the visible trace.",
     [("T-003", "51306|2024")],
     凭证=vouchers(*[row for k, fen in enumerate(("12000.00", "15000.00", "13000.00", "14000.00", "11000.00", "15000.00"))
                   for row in pay(f"2024-{k + 2:02d}-15", 1, fen, "戊汽修厂", ("51306", "管理费用 - 车辆维修费"), summary="车辆维修")]))

case("K11", "A slip for saplings, 5,950, is claimed a second time seven weeks later. "
     "Payee, amount and invoice number are the same in two vouchers.",
     [("F-023", "0012345")],
     凭证=vouchers(*pay("2024-03-12", 1, "5950.00", "己苗木场", ("514", "公益支出"), "发票号=0012345", summary="购树苗"),
                 *pay("2024-05-06", 1, "5950.00", "己苗木场", ("514", "公益支出"), "发票号=0012345", summary="购树苗")))

case("K12", "Compensation of many households goes to the bookkeeper's own card. "
     "The account that took the money is held by a person.",
     [("F-007", "个人名义账户|会计某(尾号0099)"), ("S-001", "ZD-1")],
     征地补偿=table(LAND + "\nZD-1,南湾用地,186000.00,0,2024-04-08,62280099,JD-1"),
     银行账户=table(BANK + "\n62280099,会计某,个人,甲农商行,一般户"),
     补偿发放=table(PAYEE + "\nZD-1,冯某,990101198001010001,青苗,90000.00,62280099,2024-04-20,是,是\nZD-1,陈某,990101198001010002,青苗,96000.00,62280099,2024-04-20,是,是"),
     凭证=vouchers(*receive("2024-04-08", 1, "186000.00", "区征收办", COMP), *pay("2024-04-20", 2, "186000.00", "补偿到户(代发)", COMP)))

case("K13", "Collective forest is let to the chair's brother on paper and the compensation is not paid out. "
     "The tenant is a near relative; 160,000 for the households never left the account.",
     [("C-022", "FB-1"), ("S-002", "ZD-1")],
     关联人=table("人员编号,姓名,单位编码,职务,任职起,证件号,电话,银行账号\nR1,李某甲,T1,负责人,2020-01-01,990101197001010011,19900000011,62289911\nR2,李某乙,T1,,,990101197301010022,19900000022,62289922"),
     亲属关系=table("人员编号,亲属编号,关系\nR1,R2,兄弟姐妹"),
     往来单位=table("往来单位,类型,证件号,电话,银行账号\n李某乙,个人,990101197301010022,19900000022,62289922"),
     合同=table(LEASE + "\nFB-1,土地承包,DK-1,李某乙,2024-01-15,2024-02-01,2034-01-31,4,亩,400.00,4000.00,年,2024-02-01,JD-1,2024-01-18,履行"),
     资源=table("地块编号,名称,地类,台账面积亩,实测面积亩,确权面积亩\nDK-1,西岗林地,林地,4,4,4"),
     征地补偿=table(LAND + "\nZD-1,西岗用地,160000.00,0,2024-05-10,62280001,JD-2"),
     银行账户=table(BANK + "\n62280001,甲枫经济合作社,单位,甲农商行,征地补偿专户"),
     凭证=vouchers(*receive("2024-02-01", 1, "400.00", "李某乙", ("50102", "发包收入"), "合同编号=FB-1"),
                 *receive("2024-05-10", 1, "160000.00", "区征收办", COMP, bank=("10202", "征地补偿专户"))))

case("K14", "A group's one million is kept in the leader's account for years. "
     "The bank account list shows a person as holder.",
     [("F-007", "个人名义账户|组长某(尾号0077)"), ("S-001", "ZD-1")],
     征地补偿=table(LAND + "\nZD-1,三组用地,1000000.00,0,2024-01-20,62280077,JD-1"),
     银行账户=table(BANK + "\n62280077,组长某,个人,甲农商行,一般户"),
     补偿发放=table(PAYEE + "\nZD-1,冯某,990101198001010001,土地,500000.00,62289901,2024-02-10,是,是\nZD-1,陈某,990101198001010002,土地,500000.00,62289902,2024-02-10,是,是"),
     凭证=vouchers(*receive("2024-01-20", 1, "1000000.00", "区征收办", COMP), *pay("2024-02-10", 1, "1000000.00", "补偿到户(代发)", COMP)))

case("K15", "A land contract is forged to claim compensation for more land than there is. "
     "It names 95 mu on a parcel of 40, and the survey differs from the register; of the members' assembly that should have decided "
     "on the compensation there is no record, only of the council.",
     [("C-016", "FB-1"), ("G-006", "JY-1"), ("R-001", "DK-1")],
     合同=table(LEASE + "\nFB-1,土地承包,DK-1,庚种植户,2024-01-10,2024-02-01,2034-01-31,95,亩,9500.00,95000.00,年,2024-02-01,JD-1,2024-01-15,履行"),
     资源=table("地块编号,名称,地类,台账面积亩,实测面积亩,确权面积亩\nDK-1,东岗,园地,40,46.5,40"),
     决议=table("决议编号,层级,会议日期,通知日期,应到,实到,同意,事项,事项类型,关联编号,登记时间\n"
              "JY-1,理事会,2025-06-10,2025-06-05,5,5,5,东岗土地补偿费使用分配,补偿,DK-1,2025-06-11"),
     凭证=vouchers(*receive("2024-02-01", 1, "9500.00", "庚种植户", ("50102", "发包收入"), "合同编号=FB-1"),
                 *receive("2025-02-01", 1, "9500.00", "庚种植户", ("50102", "发包收入"), "合同编号=FB-1")))

CASES_AS_OF["K15"] = "2025-12-31"

case("K16", "Compensation of 1.5 million lies in the group leader's account and is lent out. "
     "It never reached a special account and no household was paid.",
     [("F-007", "个人名义账户|组长某(尾号0066)"), ("S-001", "ZD-1"), ("S-002", "ZD-1")],
     征地补偿=table(LAND + "\nZD-1,五组用地,1500000.00,0,2024-03-01,62280066,JD-1"),
     银行账户=table(BANK + "\n62280066,组长某,个人,甲农商行,一般户"),
     凭证=vouchers(*receive("2024-03-01", 1, "1500000.00", "区征收办", COMP)))

case("K17", "The flood-watch car of the village is lent to a schoolmate for five months, free of charge, and its fuel is paid all the while. "
     "Two inspections meet the same outsider in it; there is no contract, and no trip of the village's own.",
     [("A-006", "ZC-7")],
     资产=table("资产编号,资产名称,类别,性质,原值,累计折旧,使用年限月数,启用日期,入账日期,状态,保管人\n"
              "ZC-7,防汛车,车辆,非经营性,96000.00,29000.00,96,2022-04-10,2022-04-10,自用,保管某"),
     现场核查=table("标的,日期,实际使用人,实际用途,核查人\nZC-7,2024-05-12,林某,私人运输,监事某\nZC-7,2024-09-20,林某,私人运输,监事某"),
     凭证=vouchers(*[row for k in range(5)
                   for row in pay(f"2024-{k + 5:02d}-28", 1, f"{1870 + 13 * k}.40", "庚加油站", ("51306", "管理费用 - 车辆燃油费"),
                                  summary="防汛车加油")]))

case("K18", "A grant of 450,000 goes through a sham works contract to an account in a person's name. "
     "The village's own account list holds a private card.",
     [("F-007", "个人名义账户|主任某(尾号0055)")],
     银行账户=table(BANK + "\n62280055,主任某,个人,甲农商行,专项户"),
     凭证=vouchers(*receive("2024-06-03", 1, "450000.00", "区财政局", ("503", "补助收入"))))

case("K20", "Works of 183,900 are split into 90,500 and 93,400 where tenders start at 100,000. "
     "Same place, same builder, three weeks apart.",
     [("C-024", "辛工程队|2024-03-05")],
     合同=table("合同编号,合同类型,标的,相对方,签订日期,起始日期,截止日期,合同总额,付款周期,取得方式,登记日期,状态\n"
              "HT-1,工程,村部道路硬化一标,辛工程队,2024-03-05,2024-03-10,2024-06-10,90500.00,一次性,直接,2024-03-06,履行\n"
              "HT-2,工程,村部道路硬化二标,辛工程队,2024-03-26,2024-04-01,2024-07-01,93400.00,一次性,直接,2024-03-28,履行"),
     工程=table("工程编号,名称,地点,预算,合同编号\nGC-1,村部道路硬化一标,村部,90500.00,HT-1\nGC-2,村部道路硬化二标,村部,93400.00,HT-2"),
     凭证=vouchers(*pay("2024-07-15", 1, "90500.00", "辛工程队", ("153", "在建工程"), "合同编号=HT-1", summary="付工程款"),
                 *pay("2024-11-20", 1, "93400.00", "辛工程队", ("153", "在建工程"), "合同编号=HT-2", summary="付工程款")))

STREET = {"单位", "关联人", "亲属关系", "持股"}


def write(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    path.write_text(text.getvalue())


def approvals(rows):
    """Signatures for every large payment of a case whose point is another: without them F-009 would fire beside it."""
    out, head = [["关联编号", "步骤", "审批人", "结果", "日期"]], rows[0]
    for row in rows[1:]:
        r = dict(zip(head, row))
        if r["科目编码"].startswith("102") and int((r["贷方金额"] or "0").split(".")[0]) >= 10_000:
            voucher = f"{r['日期'][:7]}-记-{int(r['凭证号']):04d}"
            for step, who in (("经办", "经办某"), ("财务", "财务某"), ("负责人", "负责某"), ("监事", "监事某"), ("街道", "街道某")):
                out.append([voucher, step, who, "同意", r["日期"]])
    return out


def main():
    shutil.rmtree(OUT, ignore_errors=True)
    for no, (readme, expect, tables) in CASES.items():
        folder = OUT / no
        write(folder / "单位.csv", table("单位编码,单位名称,单位类型,会计制度,适用法规,起始日期\n"
                                       "T1,甲枫经济合作社,农村集体经济组织,农村集体2023,集体,2018-01-01"))
        tables = dict(tables)
        if "关联人" not in tables and no != "K18":
            tables.setdefault("审批", approvals(tables["凭证"]))
        tables["期初余额"] = OPENING
        used = {r[4]: r[5] for r in tables["凭证"][1:] if len(r[4]) > 3}
        if used:
            tables["科目"] = [["科目编码", "科目名称", "是否末级"]] + [[c, n.split(" - ")[-1], "是"] for c, n in sorted(used.items())]
        for name, rows in tables.items():
            if len(rows) > 1:
                write((folder if name in STREET else folder / ORG) / f"{name}.csv", rows)
        (folder / "README.md").write_text(f"# {no}\n\n{readme}\n")
        if no in CASES_AS_OF:
            (folder / "as_of").write_text(CASES_AS_OF[no] + "\n")
        write(folder / "expect.csv", [["rule", "organisation", "key"]] + [[rule, ORG, key] for rule, key in expect])


if __name__ == "__main__":
    main()
