//! Street-level tables: organisations, shares in the joint company, officers.

use super::company::{code, is_joint, is_village, name};
use super::papers::phone;
use super::table::Folder;
use super::{GenerateError, GenerateOptions};
use crate::model::Money;

/// What each village company paid into the joint company, in 分.
pub const SHARE: i64 = 200_000_000;

/// Duties with a number each; the number ends the person's code.
pub const DUTIES: [(&str, &str); 5] = [
    ("会计", "会计"),
    ("复核", "审批人"),
    ("出纳", "出纳"),
    ("负责", "负责人"),
    ("监事", "监事"),
];

/// Place of the officer in charge among the duties.
pub const IN_CHARGE: usize = 3;

/// The spouse's telephone among those of a company's people; see [`phone`].
pub const SPOUSE: u64 = 9;

pub fn write(options: &GenerateOptions) -> Result<(), GenerateError> {
    let mut folder = Folder::new(&options.out)?;
    for i in 0..options.companies {
        let (village, joint) = (is_village(options, i), is_joint(options, i));
        let kind = match (village, joint) {
            (_, true) => "村级联合公司",
            (true, _) => "农村集体经济组织",
            _ => "村改制公司",
        };
        let standard = if village {
            "农村集体2023"
        } else {
            "小企业"
        };
        let regime = if village { "集体" } else { "公司" };
        folder.row(
            "organisation",
            &[
                ("code", &code(i)),
                ("name", &name(options, i)),
                ("kind", &kind),
                ("standard", &standard),
                ("regime", &regime),
                ("valid_from", &"2018-01-01"),
                ("founded_on", &"2018-01-01"),
            ],
        )?;
        for (n, (duty, _)) in DUTIES.iter().enumerate() {
            folder.row(
                "related_person",
                &[
                    ("person", &person(i, n)),
                    ("name", &format_args!("{duty}{:04}", i + 1)),
                    ("organisation", &code(i)),
                    ("duty", duty),
                    ("term_from", &"2020-01-01"),
                    ("id_hash", &format_args!("99010119750101{:04}{n:02}", i + 1)),
                    ("phone_hash", &phone(i, n as u64)),
                    ("account_hash", &format_args!("62289{:06}{n:02}", i + 1)),
                ],
            )?;
        }
        spouse(&mut folder, i)?;
        if is_joint(options, options.companies - 1) && !joint {
            folder.row(
                "shareholding",
                &[
                    ("holder", &code(i)),
                    ("investee", &code(options.companies - 1)),
                    ("subscribed", &Money(SHARE)),
                    ("paid_in", &Money(SHARE)),
                    ("due_on", &"2021-12-31"),
                    ("paid_on", &"2020-06-30"),
                ],
            )?;
        }
    }
    folder.finish()
}

/// The spouse of the officer in charge, who holds no post.
fn spouse(folder: &mut Folder, company: u32) -> Result<(), GenerateError> {
    let officer = person(company, IN_CHARGE);
    let relative = format!("{officer}A");
    folder.row(
        "related_person",
        &[
            ("person", &relative),
            ("name", &format_args!("眷属{:04}", company + 1)),
            (
                "id_hash",
                &format_args!("99010119760101{:04}90", company + 1),
            ),
            ("phone_hash", &phone(company, SPOUSE)),
        ],
    )?;
    folder.row(
        "kinship",
        &[
            ("person", &officer),
            ("relative", &relative),
            ("relation", &"配偶"),
        ],
    )
}

/// Code of an officer.
pub fn person(company: u32, duty: usize) -> String {
    format!("P{:04}{duty}", company + 1)
}
