//! `sanzi rules lock`.

use std::path::Path;

use super::output::{Failure, Outcome};
use super::rules::check_text;
use crate::audit::AuditError;
use crate::audit::rule::{RulePack, lock};
use crate::pack::Pack;

/// Writes `audit/pack.lock` anew in the folder of the pack; refuses what changed without a new version.
pub fn renew(folder: Option<&Path>, texts: &Pack, pack: &RulePack) -> Result<Outcome, Failure> {
    let Some(folder) = folder else {
        return Err(Failure::Input(
            "用法-1008 自带的规则包不能改写。请用 --rules 指明规则包的文件夹".to_owned(),
        ));
    };
    let renewal = match lock::renew(texts, pack) {
        Ok(renewal) => renewal,
        Err(faults) => {
            print!("{}", check_text(pack, &faults));
            return Ok(Outcome::BadInput);
        }
    };
    let path = folder.join(lock::FILE);
    std::fs::write(&path, &renewal.text).map_err(|e| AuditError::Unwritable {
        path: path.clone(),
        reason: e.to_string(),
    })?;
    println!(
        "已锁定 {} 条规则、{} 个视图:新增 {},更新 {},移除 {}",
        pack.rules.len(),
        pack.marts.len(),
        renewal.added,
        renewal.changed,
        renewal.removed
    );
    Ok(Outcome::Done)
}
