//! Why something about the plan or a policy is refused.

use crate::audit::rule::RuleError;
use crate::ledger::LedgerError;
use crate::store::StoreError;

/// What is wrong with one field of a form: the field's name, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Wrong {
    pub field: &'static str,
    pub message: String,
}

impl Wrong {
    pub fn new(field: &'static str, message: impl Into<String>) -> Wrong {
        Wrong {
            field,
            message: message.into(),
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum SupervisionError {
    #[error("监督-1001 监督计划的规则文件有 {} 处错误:\n{}", .0.len(), list(.0))]
    Pack(Vec<RuleError>),
    /// Also what a person is told who may not read the project: that it is there is not told.
    #[error("监督-1002 没有编号为「{0}」的项目或制度文件,或您无权查看。请从列表重新进入")]
    Unknown(String),
    /// Every field at once.
    #[error("监督-1003 填写不合要求:{}", sentence(.0))]
    Invalid(Vec<Wrong>),
    #[error("监督-1004 {user}已经起草或修改过这个项目,不能再由本人{step}。立项与批准须是两个人")]
    SamePerson { user: String, step: &'static str },
    #[error("监督-1005 项目现为「{state}」,不能{step}")]
    WrongState {
        state: &'static str,
        step: &'static str,
    },
    #[error("监督-1006 文件「{name}」不能收:{reason}")]
    BadFile { name: String, reason: String },
    #[error("监督-1007 {role}不能{step}。应由{allowed}办理")]
    WrongRole {
        role: &'static str,
        step: &'static str,
        allowed: &'static str,
    },
    #[error("监督-1008 {0}须写明理由")]
    NeedsReason(&'static str),
    #[error("监督-1009 在您打开之后已有人办理,本次没有写入。请重新打开后再办理")]
    Stale,
    #[error("监督-1010 库中监督计划的第 {0} 条记录已不成形。请运行 sanzi verify 查明,并与备份比对")]
    Malformed(i64),
    #[error("监督-1019 内部错误:{0}。这是程序错误,请报告")]
    Internal(String),
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    #[error(transparent)]
    Review(#[from] crate::review::ReviewError),
    #[error(transparent)]
    Access(#[from] crate::access::AccessError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn list(errors: &[RuleError]) -> String {
    let lines = errors.iter().map(|e| format!("  {e}"));
    lines.collect::<Vec<_>>().join("\n")
}

fn sentence(wrong: &[Wrong]) -> String {
    let all = wrong.iter().map(|w| w.message.as_str());
    all.collect::<Vec<_>>().join(";")
}

impl From<sea_orm::DbErr> for SupervisionError {
    fn from(error: sea_orm::DbErr) -> SupervisionError {
        SupervisionError::Store(error.into())
    }
}
