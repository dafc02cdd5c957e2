//! What the registers are: their tables, and the columns that pages and files show. A new register is an entry here.

use super::Naming;

/// A column of a page.
#[derive(Debug, Clone, Copy)]
pub enum Shown {
    /// A cell under the header that it is handed in with.
    Cell(&'static str),
    /// A party's name: masked when the register of parties says that it is a person.
    Party(&'static str),
    /// An organisation's code, shown by its name.
    Organisation(&'static str),
    /// What was counted less what the books say.
    Difference {
        header: &'static str,
        book: &'static str,
        counted: &'static str,
    },
}

/// A register.
#[derive(Debug)]
pub struct Register {
    /// In the address.
    pub slug: &'static str,
    pub title: &'static str,
    pub naming: Naming,
    /// Column with a few words of which one may be chosen.
    pub choose: &'static str,
    pub columns: &'static [Shown],
    /// Unit of the areas, said in their headers.
    pub area_unit: &'static str,
    pub note: &'static str,
}

use Shown::{Cell, Difference, Organisation, Party};

const fn by(table: &'static str, columns: &'static [&'static str]) -> Naming {
    Naming {
        table,
        columns,
        together: (&[], &[]),
        spelling: false,
        street: false,
    }
}

const REGISTERS: [Register; 7] = [
    Register {
        slug: "assets",
        title: "资产",
        naming: by("asset", &["asset_no"]),
        choose: "status",
        columns: &[
            Cell("asset_no"),
            Cell("name"),
            Cell("category"),
            Cell("nature"),
            Cell("location"),
            Cell("area"),
            Cell("cost"),
            Cell("acc_dep"),
            Cell("status"),
            Cell("idle_since"),
            Party("user"),
            Cell("cert_no"),
        ],
        area_unit: "平方米",
        note: "",
    },
    Register {
        slug: "resources",
        title: "资源",
        naming: by("resource_parcel", &["parcel_no"]),
        choose: "status",
        columns: &[
            Cell("parcel_no"),
            Cell("name"),
            Cell("kind"),
            Cell("area_book"),
            Cell("area_survey"),
            Cell("area_title"),
            Cell("planning_use"),
            Cell("actual_use"),
            Cell("right_end"),
            Cell("status"),
        ],
        area_unit: "亩",
        note: "",
    },
    Register {
        slug: "parties",
        title: "往来单位",
        naming: Naming {
            spelling: true,
            ..by("counterparty", &["counterparty", "party"])
        },
        choose: "kind",
        columns: &[
            Party("name"),
            Cell("kind"),
            Cell("id_hash"),
            Cell("legal_rep"),
            Cell("phone_hash"),
            Cell("account_hash"),
            Cell("industry"),
            Cell("founded_on"),
        ],
        area_unit: "",
        note: "证件号、电话、账号只存末四位,个人姓名只显示姓。",
    },
    Register {
        slug: "decisions",
        title: "决议",
        naming: by("decision", &["decision_no"]),
        choose: "matter_kind",
        columns: &[
            Cell("decision_no"),
            Cell("level"),
            Cell("meeting_date"),
            Cell("matter"),
            Cell("matter_kind"),
            Cell("subject_no"),
            Cell("amount"),
            Cell("due"),
            Cell("present"),
            Cell("agree"),
            Cell("notice_from"),
            Cell("notice_to"),
            Cell("filed_on"),
        ],
        area_unit: "",
        note: "",
    },
    Register {
        slug: "funds",
        title: "专项资金",
        naming: by("special_fund", &["fund_no", "fund"]),
        choose: "restriction",
        columns: &[
            Cell("fund_no"),
            Cell("name"),
            Cell("doc_no"),
            Cell("purpose"),
            Cell("allowed_uses"),
            Cell("received_on"),
            Cell("amount"),
            Cell("restriction"),
            Cell("account_hash"),
        ],
        area_unit: "",
        note: "",
    },
    Register {
        slug: "inventory",
        title: "清查",
        naming: Naming {
            together: (&["batch_no", "object"], &["batch_no", "subject_no"]),
            ..by("inventory_count", &[])
        },
        choose: "kind",
        columns: &[
            Party("subject_no"),
            Cell("batch_no"),
            Cell("kind"),
            Cell("amount_book"),
            Cell("amount_counted"),
            Difference {
                header: "金额差异",
                book: "amount_book",
                counted: "amount_counted",
            },
            Cell("qty_book"),
            Cell("qty_counted"),
            Difference {
                header: "数量差异",
                book: "qty_book",
                counted: "qty_counted",
            },
            Cell("area_book"),
            Cell("area_counted"),
            Difference {
                header: "面积差异",
                book: "area_book",
                counted: "area_counted",
            },
            Cell("reason"),
            Cell("decision_no"),
        ],
        area_unit: "",
        note: "差异是清查数减账面数,有差异的排在前面。面积:资产按平方米,资源按亩。",
    },
    Register {
        slug: "holdings",
        title: "联合公司持股",
        naming: Naming {
            street: true,
            ..by("shareholding", &[])
        },
        choose: "",
        columns: &[
            Organisation("holder"),
            Organisation("investee"),
            Cell("subscribed"),
            Cell("paid_in"),
            Cell("ratio"),
            Cell("due_on"),
            Cell("paid_on"),
        ],
        area_unit: "",
        note: "持股比例按百分数。",
    },
];

/// All registers but that of contracts, which has pages of its own.
pub fn registers() -> &'static [Register] {
    &REGISTERS
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::catalogue;

    #[test]
    fn every_column_is_in_the_catalogue() {
        for register in registers() {
            let table = catalogue().table(register.naming.table).unwrap();
            let named = register.columns.iter().flat_map(|shown| match shown {
                Cell(name) | Party(name) | Organisation(name) => vec![*name],
                Difference { book, counted, .. } => vec![*book, *counted],
            });
            let chosen = Some(register.choose).filter(|c| !c.is_empty());
            let together = register.naming.together.1.iter().copied();
            for name in named.chain(chosen).chain(together) {
                assert!(table.column(name).is_some(), "{} {name}", register.slug);
            }
        }
    }
}
