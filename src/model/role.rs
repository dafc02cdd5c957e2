//! Who a person is to the program. What each role may do with a finding stands in `ledger_rules/workflow/`, not here.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A role, with a stable code (`street_supervisor`) for data and a Chinese label for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    CompanyAccountant,
    CompanyOfficer,
    StreetSupervisor,
    StreetReviewer,
    Inspector,
    RuleManager,
    Administrator,
    ReadOnly,
}

impl Role {
    /// Every role, in the order in which people are shown them.
    pub const ALL: [Role; 8] = [
        Role::CompanyAccountant,
        Role::CompanyOfficer,
        Role::StreetSupervisor,
        Role::StreetReviewer,
        Role::Inspector,
        Role::RuleManager,
        Role::Administrator,
        Role::ReadOnly,
    ];

    pub fn code(self) -> &'static str {
        match self {
            Role::CompanyAccountant => "company_accountant",
            Role::CompanyOfficer => "company_officer",
            Role::StreetSupervisor => "street_supervisor",
            Role::StreetReviewer => "street_reviewer",
            Role::Inspector => "inspector",
            Role::RuleManager => "rule_manager",
            Role::Administrator => "administrator",
            Role::ReadOnly => "read_only",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Role::CompanyAccountant => "公司会计",
            Role::CompanyOfficer => "公司负责人",
            Role::StreetSupervisor => "街道监管员",
            Role::StreetReviewer => "街道复核人",
            Role::Inspector => "纪检监察",
            Role::RuleManager => "规则管理员",
            Role::Administrator => "系统管理员",
            Role::ReadOnly => "只读",
        }
    }
}

/// By code or by label.
impl FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Role, UnknownRole> {
        let text = text.trim();
        Role::ALL
            .into_iter()
            .find(|r| r.code() == text || r.label() == text)
            .ok_or_else(|| UnknownRole(text.to_owned()))
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}

/// No role has this code or label.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("没有角色「{0}」,可用:{names}", names = Role::ALL.map(Role::label).join("、"))]
pub struct UnknownRole(pub String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_and_label_both_name_the_role() {
        for role in Role::ALL {
            assert_eq!(role.code().parse(), Ok(role));
            assert_eq!(role.label().parse(), Ok(role));
            let json = serde_json::to_value(role).unwrap();
            assert_eq!(json, role.code(), "data and code say the same");
        }
        let refusal = "root".parse::<Role>().unwrap_err().to_string();
        assert!(
            refusal.contains("root") && refusal.contains("街道复核人"),
            "{refusal}"
        );
    }
}
