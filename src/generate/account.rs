//! The accounts that generated books use, in the two charts they are kept in.

/// An account by what it is for. The discriminant indexes [`CHART`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(usize)]
pub enum A {
    Cash,
    Bank,
    CompBank,
    Receivable,
    Petty,
    Internal,
    Invest,
    Fixed,
    AccDep,
    Wip,
    Payable,
    Wages,
    Tax,
    Deposit,
    /// Received and not yet known what for.
    Hung,
    Comp,
    /// Earmarked money received and not yet spent.
    Fund,
    Dividend,
    Loan,
    Capital,
    /// What the owners paid in beyond the capital.
    Surplus,
    Reserve,
    Profit,
    Retained,
    Rent,
    Land,
    Fees,
    Interest,
    Gain,
    Cost,
    Repair,
    DepCost,
    Surtax,
    Salary,
    Office,
    Power,
    LostWork,
    LoanInterest,
    Travel,
    /// Stopped at the end of 2023, still in the list of accounts.
    Meeting,
    /// Above the details: nothing is booked on it.
    Admin,
}

/// Per account: code and name for small enterprises, code and name for village collectives, credit side.
type Line = (
    A,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    bool,
);

const CHART: [Line; 41] = [
    (A::Cash, "1001", "库存现金", "101", "库存现金", false),
    (
        A::Bank,
        "100201",
        "银行存款-基本户",
        "10201",
        "银行存款-基本户",
        false,
    ),
    (
        A::CompBank,
        "100202",
        "银行存款-补偿专户",
        "10202",
        "银行存款-补偿专户",
        false,
    ),
    (
        A::Receivable,
        "1122",
        "应收账款",
        "11201",
        "应收款-单位",
        false,
    ),
    (
        A::Petty,
        "122101",
        "其他应收款-备用金",
        "11202",
        "应收款-备用金",
        false,
    ),
    (
        A::Internal,
        "122102",
        "其他应收款-内部往来",
        "113",
        "内部往来",
        false,
    ),
    (A::Invest, "1511", "长期股权投资", "141", "长期投资", false),
    (A::Fixed, "1601", "固定资产", "151", "固定资产", false),
    (A::AccDep, "1602", "累计折旧", "152", "累计折旧", true),
    (A::Wip, "1604", "在建工程", "153", "在建工程", false),
    (A::Payable, "2202", "应付账款", "21101", "应付款-单位", true),
    (
        A::Wages,
        "221101",
        "应付职工薪酬-工资",
        "212",
        "应付工资",
        true,
    ),
    (
        A::Tax,
        "222101",
        "应交税费-应交税金",
        "21401",
        "应交税费-应交税金",
        true,
    ),
    (
        A::Deposit,
        "224101",
        "其他应付款-租赁押金",
        "21102",
        "应付款-租赁押金",
        true,
    ),
    (
        A::Hung,
        "224103",
        "其他应付款-暂收款",
        "21103",
        "应付款-暂收款",
        true,
    ),
    (
        A::Comp,
        "224102",
        "其他应付款-征地补偿款",
        "24101",
        "专项应付款-征地补偿款",
        true,
    ),
    (
        A::Fund,
        "2401",
        "递延收益",
        "24102",
        "专项应付款-财政专项资金",
        true,
    ),
    (
        A::Dividend,
        "2232",
        "应付利润",
        "21104",
        "应付款-应付分红",
        true,
    ),
    (
        A::Loan,
        "2501",
        "长期借款",
        "22101",
        "长期借款及应付款-银行借款",
        true,
    ),
    (A::Capital, "3001", "实收资本", "30101", "资本-集体股", true),
    (
        A::Surplus,
        "3002",
        "资本公积",
        "30102",
        "资本-其他资本",
        true,
    ),
    (A::Reserve, "3101", "盈余公积", "311", "公积公益金", true),
    (A::Profit, "3103", "本年利润", "321", "本年收益", true),
    (
        A::Retained,
        "310401",
        "利润分配-未分配利润",
        "32202",
        "收益分配-未分配收益",
        true,
    ),
    (
        A::Rent,
        "505101",
        "其他业务收入-房屋租金收入",
        "50101",
        "经营收入-租赁收入",
        true,
    ),
    (
        A::Land,
        "505102",
        "其他业务收入-土地发包收入",
        "50102",
        "经营收入-发包收入",
        true,
    ),
    (
        A::Fees,
        "500101",
        "主营业务收入-市场服务收入",
        "50103",
        "经营收入-市场服务收入",
        true,
    ),
    (
        A::Interest,
        "560301",
        "财务费用-利息收入",
        "50401",
        "其他收入-利息收入",
        true,
    ),
    (
        A::Gain,
        "530101",
        "营业外收入-资产处置收益",
        "50402",
        "其他收入-资产处置收益",
        true,
    ),
    (
        A::Cost,
        "540201",
        "其他业务成本-物业维护",
        "51101",
        "经营支出-物业维护",
        false,
    ),
    (
        A::Repair,
        "540202",
        "其他业务成本-房屋维修费",
        "51102",
        "经营支出-房屋维修费",
        false,
    ),
    (
        A::DepCost,
        "540203",
        "其他业务成本-折旧费",
        "51103",
        "经营支出-折旧费",
        false,
    ),
    (A::Surtax, "5403", "税金及附加", "512", "税金及附加", false),
    (
        A::Salary,
        "560201",
        "管理费用-工资",
        "51301",
        "管理费用-工资",
        false,
    ),
    (
        A::Office,
        "560202",
        "管理费用-办公费",
        "51302",
        "管理费用-办公费",
        false,
    ),
    (
        A::Power,
        "560203",
        "管理费用-水电费",
        "51303",
        "管理费用-水电费",
        false,
    ),
    (
        A::LostWork,
        "560204",
        "管理费用-误工补贴",
        "51304",
        "管理费用-误工补贴",
        false,
    ),
    (
        A::LoanInterest,
        "560302",
        "财务费用-利息支出",
        "51501",
        "其他支出-利息支出",
        false,
    ),
    (
        A::Travel,
        "560206",
        "管理费用-差旅费",
        "51306",
        "管理费用-差旅费",
        false,
    ),
    (
        A::Meeting,
        "560205",
        "管理费用-会务费",
        "51305",
        "管理费用-会务费",
        false,
    ),
    (A::Admin, "5602", "管理费用", "513", "管理费用", false),
];

impl A {
    /// All accounts in chart order.
    pub fn all() -> impl Iterator<Item = A> {
        CHART.iter().map(|l| l.0)
    }

    fn line(self) -> &'static Line {
        &CHART[self as usize]
    }

    /// Account code in the village chart or that of small enterprises.
    pub fn code(self, village: bool) -> &'static str {
        if village {
            self.line().3
        } else {
            self.line().1
        }
    }

    /// Account name, with that of its parent.
    pub fn name(self, village: bool) -> &'static str {
        if village {
            self.line().4
        } else {
            self.line().2
        }
    }

    /// Normally a credit balance.
    pub fn is_credit(self) -> bool {
        self.line().5
    }

    /// Income and expense: closed to the profit account.
    pub fn is_result(self) -> bool {
        self >= A::Rent
    }

    /// Opening balances are kept by party.
    pub fn keeps_party(self) -> bool {
        matches!(
            self,
            A::Receivable | A::Petty | A::Internal | A::Invest | A::Payable | A::Deposit | A::Hung
        )
    }

    /// Money at a bank.
    pub fn is_bank(self) -> bool {
        matches!(self, A::Bank | A::CompBank)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chart_is_in_the_order_of_the_enum_and_codes_are_unique() {
        for (i, line) in CHART.iter().enumerate() {
            assert_eq!(line.0 as usize, i);
        }
        for village in [true, false] {
            let codes: std::collections::BTreeSet<_> = A::all().map(|a| a.code(village)).collect();
            assert_eq!(codes.len(), CHART.len());
        }
    }
}
