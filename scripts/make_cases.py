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
             "专项资金", "银行流水号", "附件数", "制单人", "审核人"]
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
FLOW = "账号,流水号,日期,收入金额,支出金额,对方户名,对方账号"
BANK = "账号,户名,持有人类型,开户行,用途"
DECISION = "决议编号,层级,会议日期,应到,实到,同意,事项,事项类型,关联编号"
INVOICE = "发票代码,发票号,日期,销方,购方,金额,查验结果"
PARTY = "往来单位,类型"
PAYEE = "项目编号,收款人,证件号,类别,金额,收款账号,发放日期,是否签名,是否成员"
FUND = "资金编号,文号,名称,用途,允许用途,到账日期,金额,限定性质,账号"
MEETING = "决议编号,层级,会议日期,应到,实到,同意,事项,事项类型,关联编号,公示起"
PUBLIC = "公开编号,类型,期间,公开日期,方式"
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
     [("C-013", "HT-1"), ("C-020", "HT-1"), ("F-008", "0001|2024-02-26"), ("G-001", "余某")],
     合同=table(LEASE + "\nHT-1,租赁,ZC-1,甲商贸,2023-12-20,2024-03-01,2027-02-28,100,平方米,25000.00,75000.00,年,2024-03-01,JD-1,2023-12-22,履行"),
     资产=table("资产编号,资产名称,类别,建筑面积,入账日期,状态\nZC-1,一号商铺,商铺,100,2019-01-01,出租"),
     收据=table(RECEIPT + "\n0001,A,2024-02-26,甲商贸,25000.00,现金,HT-1,否"),
     岗位=table("人员编号,姓名,岗位,起始日期\nP1,余某,会计,2020-01-01\nP1,余某,出纳,2020-01-01"),
     凭证=vouchers(*receive("2024-03-05", 1, "15000.00", "甲商贸", ("50101", "租赁收入"), "合同编号=HT-1")))

case("K02", "Land fees of 220,000 are collected against receipts and used in the collector's own business. "
     "Nothing is booked, while receipt and tenant's letter say that it was paid.",
     [("C-013", "FB-1"), ("C-020", "FB-1"), ("F-008", "0101|2024-01-08")],
     合同=table(LEASE + "\nFB-1,土地承包,DK-1,乙种植户,2023-12-01,2024-01-01,2028-12-31,220,亩,220000.00,,年,2024-01-10,JD-1,2023-12-05,履行"),
     资源=table("地块编号,名称,地类,台账面积亩,实测面积亩,确权面积亩\nDK-1,东畈,耕地,220,220,220"),
     收据=table(RECEIPT + "\n0101,B,2024-01-08,乙种植户,220000.00,现金,FB-1,否"),
     询证=table("合同编号,往来单位,日期,已付至,已付金额,余额\nFB-1,乙种植户,2024-10-08,2024-12-31,220000.00,0"),
     凭证=vouchers(*receive("2024-03-21", 1, "12.30", "开户银行", ("504", "其他收入"))))

case("K03", "The written rent is 10 元 a mu while the tenant pays 15; the difference is a kickback. "
     "The appraisal of the same year says 15 元 a mu.",
     [("C-009", "FB-1")],
     合同=table(LEASE + "\nFB-1,土地承包,DK-1,丙种植户,2024-03-01,2024-03-10,2029-03-09,800,亩,8000.00,,年,2024-03-10,JD-1,2024-03-05,履行"),
     资源=table("地块编号,名称,地类,台账面积亩,实测面积亩,确权面积亩\nDK-1,南坡,四荒,800,800,800"),
     评估=table("评估编号,标的,日期,评估值,单位,机构\nPG-1,DK-1,2024-01-15,12000.00,年租金,甲评估所"),
     凭证=vouchers(*receive("2024-03-11", 1, "8000.00", "丙种植户", ("50102", "发包收入"), "合同编号=FB-1")))

case("K04", "More than four million of compensation is put into eighteen deposits for a term, and the slips are pledged for a builder's loan. "
     "No meeting decided on the deposits; the bank's list shows them as pledged.",
     [("F-010", "定期存款10203/2024"), *(("F-020", f"质押账户尾号{400 + k:04d}") for k in range(1, 19))],
     银行账户=table(BANK + ",是否质押\n62280001,甲枫经济合作社,单位,甲农商行,征地补偿专户,否\n"
                + "\n".join(f"6228{400 + k:04d},甲枫经济合作社,单位,甲农商行,一般户,是" for k in range(1, 19))),
     决议=table(DECISION + "\nJD-1,成员大会,2024-01-10,60,55,52,道路用地补偿分配方案,补偿,ZD-1"),
     凭证=vouchers(*receive("2024-01-20", 1, "4200000.00", "区征收办", COMP, bank=("10202", "银行存款 - 征地补偿专户")),
                 *[row for k in range(18) for row in pay(f"2024-02-{k + 5:02d}", k + 1, f"{220 + k}000.00", "", ("10203", "银行存款 - 定期存单"),
                                                         bank=("10202", "银行存款 - 征地补偿专户"), summary="转存")]))

case("K05", "A deposit of 300,000 secures another man's loan of 200,000. "
     "Nothing in the books tells of it; the bank's confirmation does.",
     [("F-020", "质押账户尾号0501")],
     银行账户=table(BANK + ",是否质押\n62280001,甲枫经济合作社,单位,甲农商行,基本户,否\n62280501,甲枫经济合作社,单位,甲农商行,一般户,是"),
     凭证=vouchers(*pay("2024-03-05", 1, "300000.00", "", ("10203", "银行存款 - 定期存单"), summary="转存")))

case("K06", "Of 160,000 donated for the village hall 95,000 are lent to an acquaintance, and 50,000 never come back. "
     "No meeting agreed, and there is no loan contract.",
     [("F-018", "2024-05-记-0001")],
     专项资金=table("资金编号,名称,用途,到账日期,金额,限定性质\nZX-1,村礼堂捐款,修建村礼堂,2024-03-05,160000.00,捐赠"),
     决议=table(DECISION + "\nJD-1,成员大会,2024-03-20,60,55,52,村礼堂修建方案,投资,GC-1"),
     凭证=vouchers(*receive("2024-03-05", 1, "160000.00", "丙企业", ("241", "专项应付款"), "专项资金=ZX-1"),
                 *pay("2024-05-06", 1, "95000.00", "丁某", ("112", "应收款"), summary="借款"),
                 *receive("2024-10-08", 1, "45000.00", "丁某", ("112", "应收款"))))

case("K07", "Compensation left over after a taking, 170,000, is lent to an outsider instead of being paid to the households. "
     "The money left the special account to someone who is on no payee list.",
     [("F-017", "2024-05-记-0001"), ("F-018", "2024-05-记-0001"), ("S-002", "ZD-1")],
     往来单位=table(PARTY + "\n丁某,个人"),
     决议=table(DECISION + "\nJD-1,成员大会,2024-01-25,60,55,52,北路用地补偿分配方案,补偿,ZD-1"),
     征地补偿=table(LAND + "\nZD-1,北路用地,670000.00,0,2024-02-01,62280001,JD-1"),
     银行账户=table(BANK + "\n62280001,甲枫经济合作社,单位,甲农商行,征地补偿专户"),
     补偿发放=table(PAYEE + "\nZD-1,冯某,990101198001010001,土地,300000.00,62289901,2024-02-20,是,是\nZD-1,陈某,990101198001010002,土地,200000.00,62289902,2024-02-20,是,是"),
     凭证=vouchers(*receive("2024-02-01", 1, "670000.00", "区征收办", COMP, bank=("10202", "征地补偿专户")),
                 *pay("2024-02-20", 2, "500000.00", "补偿到户(代发)", COMP, bank=("10202", "征地补偿专户")),
                 *pay("2024-05-06", 1, "170000.00", "丁某", ("112", "应收款"), bank=("10202", "征地补偿专户"))))

case("K08", "Three officers take 8,000 each for a tour; a travel agency bills it as training and compensation money pays for it. "
     "The agency's invoices are five months older than the vouchers, each approved by the one who travelled; presents were bought on the way.",
     [("F-012", "BX-1"), ("F-012", "BX-2"), ("F-012", "BX-3"), ("F-016", "2024-07-记-0004"), ("F-024", "0080801|2024-07-记-0001"),
      ("F-024", "0080815|2024-07-记-0002"), ("F-024", "0080822|2024-07-记-0003")],
     报销=table("单号,报销人,事由,类别,开始日期,结束日期,地点,人数,金额,凭证\n"
              + "\n".join(f"BX-{k},{who},外出培训,培训,2024-02-19,2024-02-24,外省,1,8000.00,2024-07-记-000{k}"
                          for k, who in enumerate(("主任某", "会计某", "出纳某"), 1))),
     发票=table(INVOICE + "\n" + "\n".join(f"A,{no},2024-02-26,丁旅行社,甲枫经济合作社,8000.00,通过" for no in ("0080801", "0080815", "0080822"))),
     审批=table("关联编号,步骤,审批人,结果,日期\n2024-07-记-0001,负责人,主任某,同意,2024-07-12\n2024-07-记-0002,负责人,主任某,同意,2024-07-12\n"
              "2024-07-记-0003,负责人,主任某,同意,2024-07-12\n2024-07-记-0004,负责人,主任某,同意,2024-07-12"),
     凭证=vouchers(*receive("2024-01-20", 1, "670000.00", "区征收办", COMP, bank=("10202", "征地补偿专户")),
                 *[row for k, no in enumerate(("0080801", "0080815", "0080822"), 1)
                   for row in pay("2024-07-15", k, "8000.00", "丁旅行社", ("51305", "管理费用 - 培训费"), f"发票号={no}", "专项资金=ZD-1",
                                  bank=("10202", "征地补偿专户"), summary="付培训费")],
                 *pay("2024-07-15", 4, "2400.00", "戊特产店", ("51305", "管理费用 - 培训费"), "专项资金=ZD-1", bank=("10202", "征地补偿专户"),
                      summary="购土特产")))

REPAIRS = ("12000.00", "15000.00", "13000.00", "14000.00", "11000.00", "15000.00")
case("K09", "Six car-repair bills of one garage, all round sums, take 80,000 of rent out of a company that owns no car. "
     "Round amounts at one vendor, numbers that follow one another, invoices that fail the check, and a second contract for the same yard at another price are the visible trace.",
     [("C-028", "HT-1|HT-2"), *(("F-005", f"发票{890021 + k:08d}") for k in range(5)), ("F-025", "戊汽修厂|00890021"), ("T-003", "51306|2024")],
     发票=table(INVOICE + "\n" + "\n".join(f"A,{890021 + k:08d},2024-{k + 2:02d}-10,戊汽修厂,甲枫经济合作社,{fen},不一致"
                                           for k, fen in enumerate(REPAIRS))),
     合同=table(LEASE + "\nHT-1,租赁,ZC-1,戊汽修厂,2023-12-20,2024-01-01,2024-12-31,400,平方米,80000.00,80000.00,一次性,2024-01-10,JD-1,2023-12-22,履行"
                "\nHT-2,租赁,ZC-1,戊汽修厂,2023-12-28,2024-01-01,2024-12-31,400,平方米,,20000.00,,2024-01-10,JD-1,2023-12-29,履行"),
     凭证=vouchers(*receive("2024-01-10", 1, "80000.00", "戊汽修厂", ("50101", "租赁收入"), "合同编号=HT-1"), *[row for k, fen in enumerate(REPAIRS)
                   for row in pay(f"2024-{k + 2:02d}-15", 1, fen, "戊汽修厂", ("51306", "管理费用 - 车辆维修费"),
                                  *([f"发票号={890021 + k:08d}"] if k < 5 else []), summary="车辆维修")]))

case("K10", "Graves and crops that were not there take 80,000 of compensation into a small treasury; "
     "26,000 is shared out and 54,000 goes on meals. "
     "The list pays five times the usual price for the graves of one household, and the meals are booked on the earmarked fund.",
     [("F-011", "2024"), ("S-004", "ZD-1|单价不一致|坟墓"), ("S-005", "ZD-1|用于招待")],
     征地补偿=table(LAND + "\nZD-1,南岭公路用地,480000.00,0,2024-02-05,62280001,JD-1"),
     专项资金=table(FUND + "\nZD-1,征补〔2024〕7号,南岭公路用地补偿,征地补偿,补偿发放,2024-02-05,480000.00,征地补偿,62280001"),
     银行账户=table(BANK + "\n62280001,甲枫经济合作社,单位,甲农商行,征地补偿专户"),
     决议=table(MEETING + "\nJD-1,成员大会,2024-02-10,120,110,96,南岭公路用地补偿分配方案,补偿,ZD-1,2024-02-11"),
     补偿发放=table("项目编号,收款人,证件号,类别,数量,单位,金额,收款账号,发放日期,是否签名,是否成员\n"
                "ZD-1,冯某,990101198001010001,土地,,,200000.00,62289901,2024-02-20,是,是\n"
                "ZD-1,陈某,990101198001010002,土地,,,200000.00,62289902,2024-02-20,是,是\n"
                "ZD-1,冯某,990101198001010001,坟墓,1,座,3000.00,62289901,2024-02-20,是,是\n"
                "ZD-1,陈某,990101198001010002,坟墓,1,座,3000.00,62289902,2024-02-20,是,是\n"
                "ZD-1,尤某,990101198001010003,坟墓,4,座,60000.00,62289903,2024-02-20,否,是\n"
                "ZD-1,尤某,990101198001010003,青苗,1,户,14000.00,62289903,2024-02-20,否,是"),
     凭证=vouchers(*receive("2024-02-05", 1, "480000.00", "区征收办", COMP, "专项资金=ZD-1", bank=("10202", "征地补偿专户")),
                 *pay("2024-02-20", 2, "400000.00", "补偿到户(代发)", COMP, "专项资金=ZD-1", bank=("10202", "征地补偿专户")),
                 *pay("2024-02-20", 3, "26000.00", "尤某", COMP, "专项资金=ZD-1", bank=("10202", "征地补偿专户")),
                 *pay("2024-03-12", 1, "18000.00", "乙酒楼", ("51305", "管理费用 - 业务招待费"), "专项资金=ZD-1", bank=("10202", "征地补偿专户"), summary="付餐费"),
                 *pay("2024-05-16", 1, "19500.00", "乙酒楼", ("51305", "管理费用 - 业务招待费"), "专项资金=ZD-1", bank=("10202", "征地补偿专户"), summary="付餐费"),
                 *pay("2024-08-20", 1, "16500.00", "乙酒楼", ("51305", "管理费用 - 业务招待费"), "专项资金=ZD-1", bank=("10202", "征地补偿专户"), summary="付餐费")))

case("K11", "A slip for saplings, 5,950, is claimed a second time seven weeks later. "
     "Payee, amount and invoice number are the same in two vouchers.",
     [("F-023", "0012345")],
     凭证=vouchers(*pay("2024-03-12", 1, "5950.00", "己苗木场", ("514", "公益支出"), "发票号=0012345", summary="购树苗"),
                 *pay("2024-05-06", 1, "5950.00", "己苗木场", ("514", "公益支出"), "发票号=0012345", summary="购树苗")))

case("K12", "Compensation of many households goes to the bookkeeper's own card. "
     "The account that took the money is held by a person, and the bank paid him the households' money for crops under their contracts.",
     [("C-027", "LZ-1|会计某"), ("C-027", "LZ-2|会计某"), ("F-007", "个人名义账户|会计某(尾号0099)"), ("F-028", "冯某等(尾号0099)"), ("S-001", "ZD-1")],
     合同=table("合同编号,合同类型,相对方,签订日期,起始日期,合同总额,状态\nLZ-1,委托,冯某,2024-04-01,2024-04-01,90000.00,履行\nLZ-2,委托,陈某,2024-04-01,2024-04-01,96000.00,履行"),
     银行流水=table(FLOW + "\n62280099,L1,2024-04-20,,90000.00,会计某,62280099\n62280099,L2,2024-04-20,,96000.00,会计某,62280099"),
     征地补偿=table(LAND + "\nZD-1,南湾用地,186000.00,0,2024-04-08,62280099,JD-1"),
     银行账户=table(BANK + "\n62280099,会计某,个人,甲农商行,一般户"),
     补偿发放=table(PAYEE + "\nZD-1,冯某,990101198001010001,青苗,90000.00,62280099,2024-04-20,是,是\nZD-1,陈某,990101198001010002,青苗,96000.00,62280099,2024-04-20,是,是"),
     凭证=vouchers(*receive("2024-04-08", 1, "186000.00", "区征收办", COMP),
                 *pay("2024-04-20", 2, "90000.00", "冯某", COMP, "合同编号=LZ-1", "银行流水号=L1"),
                 *pay("2024-04-20", 3, "96000.00", "陈某", COMP, "合同编号=LZ-2", "银行流水号=L2")))

case("K13", "Collective forest is let to the chair's brother on paper and the compensation is not paid out. "
     "The tenant is a near relative; 160,000 for the households never left the account.",
     [("C-022", "FB-1"), ("S-002", "ZD-1"), ("S-004", "ZD-1|非成员领取|李某乙"), ("S-005", "ZD-2|用于出借")],
     专项资金=table(FUND + "\nZD-2,农财〔2024〕3号,高标准农田资金,水利设施,工程款,2024-03-01,300000.00,财政专项,62280002"),
     补偿发放=table(PAYEE + "\nZD-1,李某乙,990101197301010022,土地,80000.00,62289922,,否,否"),
     关联人=table("人员编号,姓名,单位编码,职务,任职起,证件号,电话,银行账号\nR1,李某甲,T1,负责人,2020-01-01,990101197001010011,19900000011,62289911\nR2,李某乙,T1,,,990101197301010022,19900000022,62289922"),
     亲属关系=table("人员编号,亲属编号,关系\nR1,R2,兄弟姐妹"),
     往来单位=table("往来单位,类型,证件号,电话,银行账号\n李某乙,个人,990101197301010022,19900000022,62289922"),
     合同=table(LEASE + "\nFB-1,土地承包,DK-1,李某乙,2024-01-15,2024-02-01,2034-01-31,4,亩,400.00,,年,2024-02-01,JD-1,2024-01-18,履行"),
     资源=table("地块编号,名称,地类,台账面积亩,实测面积亩,确权面积亩\nDK-1,西岗林地,林地,4,4,4"),
     征地补偿=table(LAND + "\nZD-1,西岗用地,160000.00,0,2024-05-10,62280001,JD-2"),
     银行账户=table(BANK + "\n62280001,甲枫经济合作社,单位,甲农商行,征地补偿专户"),
     凭证=vouchers(*receive("2024-02-01", 1, "400.00", "李某乙", ("50102", "发包收入"), "合同编号=FB-1"),
                 *receive("2024-03-01", 1, "300000.00", "区财政局", COMP, "专项资金=ZD-2"),
                 *pay("2024-04-02", 1, "300000.00", "丁某", ("112", "应收款"), "专项资金=ZD-2", summary="暂借"),
                 *receive("2024-05-10", 1, "160000.00", "区征收办", COMP, bank=("10202", "征地补偿专户"))))

case("K14", "A group's one million is kept in the leader's account for years, and he adds a name to the list whose share goes there too. "
     "The bank account list shows a person as holder.",
     [("F-007", "个人名义账户|组长某(尾号0077)"), ("F-028", "周某等(尾号0077)"), ("S-001", "ZD-1"), ("S-004", "ZD-1|非成员领取|周某")],
     征地补偿=table(LAND + "\nZD-1,三组用地,1000000.00,0,2024-01-20,62280077,JD-1"),
     银行账户=table(BANK + "\n62280077,组长某,个人,甲农商行,一般户"),
     补偿发放=table(PAYEE + "\nZD-1,冯某,990101198001010001,土地,430000.00,62289901,2024-02-10,是,是\nZD-1,陈某,990101198001010002,土地,400000.00,62289902,2024-02-10,是,是\n"
                "ZD-1,周某,990101198001010003,土地,170000.00,62280077,2024-02-10,是,否"),
     凭证=vouchers(*receive("2024-01-20", 1, "1000000.00", "区征收办", COMP), *pay("2024-02-10", 1, "1000000.00", "补偿到户(代发)", COMP)))

case("K15", "A land contract is forged to claim compensation for more land than there is. "
     "It names 95 mu on a parcel of 40, and the survey differs from the register; the council decides on the use of the money a year "
     "after it was paid, the members' assembly never.",
     [("C-016", "FB-1"), ("G-006", "JY-1"), ("R-001", "DK-1"), ("S-003", "ZD-1"), ("S-004", "ZD-1|面积超台账"), ("D-002", "JY-1")],
     征地补偿=table(LAND + "\nZD-1,东岗用地,12000000.00,0,2024-04-10,62280001,"),
     银行账户=table(BANK + "\n62280001,甲枫经济合作社,单位,甲农商行,征地补偿专户"),
     补偿发放=table("项目编号,收款人,证件号,类别,数量,单位,金额,收款账号,发放日期,是否签名,是否成员\n"
                "ZD-1,庚某,990101198001010004,土地,95,亩,12000000.00,62289904,2024-04-20,是,是"),
     决议=table(MEETING + "\nJD-9,理事会,2024-01-08,5,5,5,园地发包事项,合同,FB-1,2024-01-10"
              "\nJY-1,理事会,2025-06-10,5,5,5,东岗土地补偿费使用分配,补偿,ZD-1,"),
     公开=table(PUBLIC + "\nGK-1,财务收支,2024Q1,2024-04-08,公开栏"),
     合同=table(LEASE + "\nFB-1,土地承包,DK-1,庚种植户,2024-01-10,2024-02-01,2034-01-31,95,亩,9500.00,,年,2024-02-01,JD-1,2024-01-15,履行"),
     资源=table("地块编号,名称,地类,台账面积亩,实测面积亩,确权面积亩\nDK-1,东岗,园地,40,46.5,40"),
     凭证=vouchers(*receive("2024-02-01", 1, "9500.00", "庚种植户", ("50102", "发包收入"), "合同编号=FB-1"),
                 *receive("2024-04-10", 1, "12000000.00", "区征收办", COMP, bank=("10202", "征地补偿专户")),
                 *pay("2024-04-20", 2, "12000000.00", "庚某", COMP, bank=("10202", "征地补偿专户")),
                 *receive("2025-02-01", 1, "9500.00", "庚种植户", ("50102", "发包收入"), "合同编号=FB-1")))

CASES_AS_OF["K15"] = "2025-12-31"

case("K16", "Compensation of 1.5 million lies in the group leader's account and is lent out. "
     "It never reached a special account and no household was paid.",
     [("F-007", "个人名义账户|组长某(尾号0066)"), ("F-017", "2024-06-记-0001"), ("S-001", "ZD-1"), ("S-002", "ZD-1")],
     往来单位=table(PARTY + "\n戊某,个人"),
     征地补偿=table(LAND + "\nZD-1,五组用地,1500000.00,0,2024-03-01,62280066,JD-1"),
     银行账户=table(BANK + "\n62280066,组长某,个人,甲农商行,一般户"),
     凭证=vouchers(*receive("2024-03-01", 1, "1500000.00", "区征收办", COMP), *pay("2024-06-05", 1, "600000.00", "戊某", ("112", "应收款"))))

case("K17", "The flood-watch car of the village is lent to a schoolmate for five months, free of charge, and its fuel is paid all the while. "
     "Two inspections meet the same outsider in it; there is no contract, and no trip of the village's own.",
     [("A-006", "ZC-7"), ("F-015", "燃油偏高|2024Q3")],
     资产=table("资产编号,资产名称,类别,性质,原值,累计折旧,使用年限月数,启用日期,入账日期,状态,保管人\n"
              "ZC-7,防汛车,车辆,非经营性,96000.00,29000.00,96,2022-04-10,2022-04-10,自用,保管某"),
     现场核查=table("标的,日期,实际使用人,实际用途,核查人\nZC-7,2024-05-12,林某,私人运输,监事某\nZC-7,2024-09-20,林某,私人运输,监事某"),
     凭证=vouchers(*[row for k in range(5)
                   for row in pay(f"2024-{k + 5:02d}-28", 1, f"{1870 + 13 * k}.40", "庚加油站", ("51306", "管理费用 - 车辆燃油费"),
                                  summary="防汛车加油")]))

case("K18", "A grant of 450,000 goes through a sham works contract to an account in a person's name. "
     "The village's own account list holds a private card, and the bank paid the price of the works into it.",
     [("C-027", "GC-1|主任某"), ("F-007", "个人名义账户|主任某(尾号0055)"), ("S-006", "ZX-1|整额转出")],
     专项资金=table(FUND + "\nZX-1,农财〔2024〕9号,水渠整治补助,水利建设,工程款,2024-06-03,450000.00,财政专项,62280055"),
     合同=table("合同编号,合同类型,标的,相对方,签订日期,起始日期,截止日期,合同总额,付款周期,取得方式,登记日期,状态\n"
              "GC-1,工程,水渠整治,壬建筑公司,2024-05-20,2024-05-25,2024-08-25,450000.00,一次性,,2024-05-21,履行"),
     银行流水=table(FLOW + "\n62280055,L1,2024-06-07,,450000.00,主任某,62280055"),
     银行账户=table(BANK + "\n62280055,主任某,个人,甲农商行,专项户"),
     凭证=vouchers(*receive("2024-06-03", 1, "450000.00", "区财政局", ("503", "补助收入")),
                 *pay("2024-06-07", 2, "450000.00", "壬建筑公司", ("511", "经营支出"), "合同编号=GC-1", "银行流水号=L1", summary="付工程款")))

case("K19", "The chair of the co-operative claims 500,000 with invoices of one seller that the tax office does not know. "
     "Their numbers follow one another, and one person approved them all.",
     [*(("F-005", f"发票{777101 + k:08d}") for k in range(5)), ("F-025", "己商贸部|00777101")],
     发票=table(INVOICE + "\n" + "\n".join(f"B,{777101 + k:08d},2024-{k + 3:02d}-06,己商贸部,甲枫经济合作社,100000.00,不一致" for k in range(5))),
     凭证=vouchers(*[row for k in range(5) for row in pay(f"2024-{k + 3:02d}-12", 1, "100000.00", "己商贸部", ("51302", "管理费用 - 办公费"),
                                                          f"发票号={777101 + k:08d}", summary="付材料款")]))

case("K20", "Works of 183,900 are split into 90,500 and 93,400 where tenders start at 100,000. "
     "Same place, same builder, three weeks apart.",
     [("C-023", "HT-1|贴近限额"), ("C-023", "HT-2|贴近限额"), ("C-024", "辛工程队|2024-03-05")],
     合同=table("合同编号,合同类型,标的,相对方,签订日期,起始日期,截止日期,合同总额,付款周期,取得方式,登记日期,状态\n"
              "HT-1,工程,村部道路硬化一标,辛工程队,2024-03-05,2024-03-10,2024-06-10,90500.00,一次性,直接,2024-03-06,履行\n"
              "HT-2,工程,村部道路硬化二标,辛工程队,2024-03-26,2024-04-01,2024-07-01,93400.00,一次性,直接,2024-03-28,履行"),
     工程=table("工程编号,名称,地点,预算,合同编号,结算额,开工日期,完工日期,验收日期\n"
              "GC-1,村部道路硬化一标,村部,90500.00,HT-1,90500.00,2024-03-12,2024-06-08,2024-06-20\n"
              "GC-2,村部道路硬化二标,村部,93400.00,HT-2,93400.00,2024-04-03,2024-06-28,2024-07-10"),
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
