//! `ledger_rules/statements/consolidated.toml`: the rows that members of any standard share.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::model::Standard;
use crate::pack::Pack;
use crate::statement::{Forms, StatementError};

const FILE: &str = "statements/consolidated.toml";

/// Rows that eliminations touch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Receivable,
    Payable,
    Investment,
    Capital,
    Reserve,
    Retained,
    Difference,
    Minority,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    pub id: String,
    pub label: String,
    pub role: Option<Role>,
    #[serde(default)]
    pub sum: Vec<String>,
    #[serde(default)]
    village_2023: Vec<String>,
    #[serde(default)]
    village_2004: Vec<String>,
    #[serde(default)]
    small_enterprise: Vec<String>,
    #[serde(default)]
    enterprise: Vec<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Common {
    pub title: String,
    pub assets: String,
    pub claims: String,
    #[serde(rename = "row")]
    pub rows: Vec<Row>,
}

impl Row {
    /// Rows of the standard's own balance sheet that this row adds up.
    pub fn of(&self, standard: Standard) -> &[String] {
        match standard {
            Standard::Village2023 => &self.village_2023,
            Standard::Village2004 => &self.village_2004,
            Standard::SmallEnterprise => &self.small_enterprise,
            Standard::Enterprise => &self.enterprise,
        }
    }
}

impl Common {
    /// Reads the form and checks it against the standards' own: every row named exists, and every role has one row.
    ///
    /// # Errors
    /// [`StatementError::Pack`] with what is wrong.
    pub fn load(pack: &Pack, forms: &Forms) -> Result<Common, StatementError> {
        let bad = |reason: String| StatementError::Pack {
            file: FILE.to_owned(),
            reason,
        };
        let text = pack.text(FILE).ok_or_else(|| bad("没有这个文件".into()))?;
        let common: Common = toml::from_str(&text).map_err(|e| bad(e.to_string()))?;
        let mut roles: BTreeMap<Role, usize> = BTreeMap::new();
        for (index, row) in common.rows.iter().enumerate() {
            if let Some(role) = row.role {
                *roles.entry(role).or_default() += 1;
            }
            for id in &row.sum {
                // A sum stands below what it adds, so that one pass fills all rows.
                if !common.rows[..index].iter().any(|r| r.id == *id) {
                    return Err(bad(format!("行次「{}」之前没有行次「{id}」", row.id)));
                }
            }
            for form in forms.iter() {
                for id in row.of(form.standard) {
                    if form.balance_sheet.position(id).is_none() {
                        let standard = form.standard.label();
                        return Err(bad(format!(
                            "行次「{}」:{standard}没有行次「{id}」",
                            row.id
                        )));
                    }
                }
            }
        }
        if roles.len() != 8 || roles.values().any(|n| *n != 1) {
            return Err(bad("每种 role 应恰好有一行".into()));
        }
        Ok(common)
    }

    pub fn by_role(&self, role: Role) -> &Row {
        let found = self.rows.iter().find(|r| r.role == Some(role));
        // `load` refuses a form without a row for each role.
        found.unwrap_or(&self.rows[0])
    }
}
