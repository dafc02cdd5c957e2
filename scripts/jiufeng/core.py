"""Dates, random numbers, charts and the double-entry book that the fixtures are written from.

Money is an integer number of 分 throughout. Nothing here reads the clock or Python's own random generator.
"""

import calendar
import datetime as dt
from dataclasses import dataclass, field

BEGIN, END = dt.date(2024, 1, 1), dt.date(2025, 12, 31)


class Rng:
    """splitmix64: the same numbers on every machine and Python version."""

    def __init__(self, seed):
        self.state = seed & (2**64 - 1)

    def next(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & (2**64 - 1)
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & (2**64 - 1)
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & (2**64 - 1)
        return z ^ (z >> 31)

    def between(self, low, high):
        return low + self.next() % (high - low + 1)

    def odd_money(self, low, high):
        """An amount in 分 between two amounts in 元 that is never a multiple of one 元."""
        fen = self.between(low * 100, high * 100)
        return fen if fen % 100 else fen + self.between(1, 99)


def date(text):
    return dt.date.fromisoformat(text)


def month_end(year, month):
    return dt.date(year, month, calendar.monthrange(year, month)[1])


def add_months(day, n):
    index = day.year * 12 + day.month - 1 + n
    year, month = divmod(index, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def weekday(day):
    """The day itself or the Monday after a weekend."""
    return day + dt.timedelta(days={5: 2, 6: 1}.get(day.weekday(), 0))


def yuan(fen):
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def months():
    return [(y, m) for y in range(BEGIN.year, END.year + 1) for m in range(1, 13)]


# key: (small enterprise code, name, village code, name). Dots are put in or left out by the company's separator.
ACCOUNTS = {
    "cash": ("1001", "库存现金", "101", "库存现金"),
    "bank": ("1002.01", "银行存款 - 基本户", "102.01", "银行存款 - 基本户"),
    "bank2": ("1002.02", "银行存款 - 征地补偿专户", "102.02", "银行存款 - 征地补偿专户"),
    "receivable": ("1122", "应收账款", "112.01", "应收款 - 单位"),
    "petty": ("1221.01", "其他应收款 - 备用金", "112.02", "应收款 - 备用金"),
    "internal": ("1221.02", "其他应收款 - 内部往来", "113", "内部往来"),
    "invest": ("1511", "长期股权投资", "141", "长期投资"),
    "fixed": ("1601", "固定资产", "151", "固定资产"),
    "accdep": ("1602", "累计折旧", "152", "累计折旧"),
    "wip": ("1604", "在建工程", "153", "在建工程"),
    "payable": ("2202", "应付账款", "211.01", "应付款 - 单位"),
    "advance": ("2203", "预收账款", "211.03", "应付款 - 预收租金"),
    "wages": ("2211.01", "应付职工薪酬 - 工资", "212", "应付工资"),
    "labour": ("2211.02", "应付职工薪酬 - 误工劳务费", "213", "应付劳务费"),
    "tax": ("2221.01", "应交税费 - 应交税金", "214.01", "应交税费 - 应交税金"),
    "dividend": ("2232", "应付利润", "211.04", "应付款 - 应付分红"),
    "deposit": ("2241.01", "其他应付款 - 租赁押金", "211.02", "应付款 - 租赁押金"),
    "comp": ("2241.02", "其他应付款 - 征地补偿款", "241.01", "专项应付款 - 征地补偿款"),
    "capital": ("3001", "实收资本", "301", "资本"),
    "surplus": ("3002", "资本公积", "301.02", "资本 - 其他"),
    "reserve": ("3101", "盈余公积", "311", "公积公益金"),
    "profit": ("3103", "本年利润", "321", "本年收益"),
    "retained": ("3104.01", "利润分配 - 未分配利润", "322.02", "收益分配 - 未分配收益"),
    "rent": ("5051.01", "其他业务收入 - 房屋租金收入", "501.01", "经营收入 - 租赁收入"),
    "land": ("5051.02", "其他业务收入 - 土地发包收入", "501.02", "经营收入 - 发包收入"),
    "service": ("5001.01", "主营业务收入 - 物业服务收入", "501.03", "经营收入 - 服务收入"),
    "yield": ("5111", "投资收益", "502", "投资收益"),
    "subsidy": ("5301.01", "营业外收入 - 政府补助", "503", "补助收入"),
    "interest": ("5603.01", "财务费用 - 利息收入", "504.01", "其他收入 - 利息收入"),
    "cost": ("5402.01", "其他业务成本 - 物业及维护", "511.01", "经营支出 - 物业及维护"),
    "repair": ("5402.02", "其他业务成本 - 房屋维修费", "511.02", "经营支出 - 房屋维修费"),
    "dep_cost": ("5402.03", "其他业务成本 - 折旧费", "511.03", "经营支出 - 折旧费"),
    "surtax": ("5403", "税金及附加", "512", "税金及附加"),
    "salary": ("5602.01", "管理费用 - 工资", "513.01", "管理费用 - 工资"),
    "office": ("5602.02", "管理费用 - 办公费", "513.02", "管理费用 - 办公费"),
    "power": ("5602.03", "管理费用 - 水电费", "513.03", "管理费用 - 水电费"),
    "guest": ("5602.04", "管理费用 - 业务招待费", "513.04", "管理费用 - 业务招待费"),
    "travel": ("5602.05", "管理费用 - 差旅费", "513.05", "管理费用 - 差旅费"),
    "vehicle": ("5602.06", "管理费用 - 车辆燃油费", "513.06", "管理费用 - 车辆燃油费"),
    "lost_work": ("5602.07", "管理费用 - 误工补贴", "513.07", "管理费用 - 误工补贴"),
    "parking": ("5301.02", "营业外收入 - 临时停车收入", "504.02", "其他收入 - 临时停车收入"),
    "welfare": ("5711.01", "营业外支出 - 公益支出", "514.01", "公益支出 - 社区活动支出"),
}
INCOME = ["rent", "land", "service", "yield", "subsidy", "interest", "parking"]
EXPENSE = ["cost", "repair", "dep_cost", "surtax", "salary", "office", "power", "guest", "travel", "vehicle",
           "lost_work", "welfare"]
CREDIT_SIDE = {"accdep", "payable", "advance", "wages", "labour", "tax", "dividend", "deposit", "comp", "capital",
               "surplus", "reserve", "profit", "retained", *INCOME}


@dataclass
class Line:
    account: str
    debit: int = 0
    credit: int = 0
    party: str = ""
    summary: str = ""
    extra: dict = field(default_factory=dict)


@dataclass
class Voucher:
    date: dt.date
    summary: str
    lines: list
    rank: int = 0          # order within the day; closing entries come last
    source: str = "手工"
    maker: str = ""
    checker: str = ""
    entered: str = ""
    attachments: int = 1
    number: int = 0
    word: str = "记"
    order: int = 0
    bad: bool = False      # breaks a ledger invariant on purpose: stands outside all balances

    @property
    def id(self):
        return f"{self.date.year}-{self.date.month:02d}-{self.word}-{self.number:04d}"

    def amount(self):
        return sum(line.debit for line in self.lines)


class Book:
    """One company's books and registers. Bank entries make their own bank statement lines."""

    def __init__(self, code, name, standard, separator, staff, seed):
        self.code, self.name, self.standard, self.separator = code, name, standard, separator
        self.staff = staff  # maker, checker, cashier, chair, supervisor
        self.rng = Rng(seed)
        self.openings = {}           # (account, party) -> debit minus credit, in 分
        self.vouchers = []
        self.tables = {}             # Chinese table name -> rows (dicts by Chinese header)
        self.late = []               # functions called once numbers are known
        self.bank_accounts = {"bank": f"8200{code[2:]}0001"}
        self.counters = {}
        self.skip_numbers = set()    # (year, month, number) left out on purpose
        self.opening_shift = {}      # second year's opening balances changed on purpose

    def account(self, key):
        base = 0 if self.standard == "小企业" else 2
        return ACCOUNTS[key][base].replace(".", self.separator), ACCOUNTS[key][base + 1]

    def add(self, table, **row):
        self.tables.setdefault(table, []).append(row)
        return row

    def serial(self, name):
        self.counters[name] = self.counters.get(name, 0) + 1
        return self.counters[name]

    def open(self, account, fen, party=""):
        self.openings[(account, party)] = self.openings.get((account, party), 0) + fen

    def post(self, day, summary, *lines, **options):
        """lines: (account, side, 分, party, extra…). Makes bank statement lines for bank entries."""
        built = []
        for account, side, fen, *rest in lines:
            party = rest[0] if rest else ""
            extra = dict(rest[1]) if len(rest) > 1 else {}
            built.append(Line(account, fen if side == "借" else 0, fen if side == "贷" else 0, party, summary, extra))
        voucher = Voucher(day, summary, built, order=len(self.vouchers), **options)
        voucher.maker = voucher.maker or self.staff["maker"]
        voucher.checker = voucher.checker or self.staff["checker"]
        self.vouchers.append(voucher)
        for line in built:
            if line.account in self.bank_accounts:
                self.bank_line(voucher, line)
        return voucher

    def bank_line(self, voucher, line):
        number = f"{self.code}{voucher.date:%y%m%d}{self.serial('txn'):05d}"
        line.extra.setdefault("银行流水号", number)
        line.extra.setdefault("结算方式", "转账")
        other = next((l.party for l in voucher.lines if l.party), "") or line.party
        self.add("银行流水", 账号=self.bank_accounts[line.account], 流水号=line.extra["银行流水号"], 日期=voucher.date,
                 收入金额=line.debit, 支出金额=line.credit, 对方户名=other, 摘要=voucher.summary,
                 _key=line.account, _order=(voucher.date, voucher.rank, voucher.order))

    def pay(self, day, summary, account, fen, party, extra=None, source="bank", **options):
        return self.post(day, summary, (account, "借", fen, party, extra or {}),
                         (source, "贷", fen, party, {} if source == "bank" else {"结算方式": "现金"}), **options)

    def receive(self, day, summary, account, fen, party, extra=None, into="bank", **options):
        extra = extra or {}
        head = {k: v for k, v in extra.items() if k == "合同编号"}
        return self.post(day, summary, (into, "借", fen, party, head), (account, "贷", fen, party, extra), **options)

    def number(self):
        """Order, number and sign the vouchers; a late call may refer to voucher ids."""
        self.vouchers.sort(key=lambda v: (v.date, v.rank, v.order))
        count = {}
        for v in self.vouchers:
            key = (v.date.year, v.date.month)
            n = count.get(key, 0) + 1
            while (*key, n) in self.skip_numbers:
                n += 1
            count[key] = v.number = n
            v.entered = v.entered or f"{v.date} {9 + v.number % 8:02d}:{v.number * 7 % 60:02d}"
        for call in self.late:
            call()

    def balances(self, until, start=None):
        """(account, party) -> debit minus credit at the end of a day, defective vouchers left out."""
        out = dict(self.openings)
        for v in self.vouchers:
            if v.date <= until and not v.bad:
                for line in v.lines:
                    key = (line.account, line.party if keeps_party(line.account) else "")
                    out[key] = out.get(key, 0) + line.debit - line.credit
        return out

    def total(self, account, until):
        return sum(v for (a, _), v in self.balances(until).items() if a == account)


def keeps_party(account):
    """Accounts kept by counterparty in the opening balances."""
    return account in {"receivable", "petty", "internal", "payable", "advance", "deposit", "dividend", "invest", "comp"}
