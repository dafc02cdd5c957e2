//! Why something about an item is refused. What was not done is said, and what to do.

use crate::audit::rule::RuleError;
use crate::store::StoreError;

#[derive(Debug, thiserror::Error)]
pub enum ReviewError {
    #[error("核查-1001 流程文件有 {} 处错误:\n{}", .0.len(), list(.0))]
    Workflow(Vec<RuleError>),
    /// Also what a person is told who may not read the item: that it is there is not told.
    #[error("核查-1002 没有编号为「{0}」的事项,或您无权查看。用 sanzi findings list 查看编号")]
    UnknownItem(String),
    #[error("核查-1003 没有状态「{0}」。可用:{1}")]
    UnknownState(String, String),
    #[error("核查-1004 事项 {number} 现为「{from}」,不能到「{to}」。可到:{possible}")]
    NoSuchStep {
        number: String,
        from: String,
        to: String,
        possible: String,
    },
    #[error("核查-1005 {role}不能把事项从「{from}」转到「{to}」。应由{allowed}办理")]
    WrongRole {
        role: &'static str,
        from: String,
        to: String,
        allowed: String,
    },
    #[error(
        "核查-1006 这一步须由第二人办理:{user}已在{when}办理过「{step}」。提出与批准须是两个人"
    )]
    SamePerson {
        user: String,
        step: String,
        when: chrono::NaiveDateTime,
    },
    #[error("核查-1007 {step}须写明理由")]
    NeedsReason { step: String },
    #[error("核查-1008 {step}须附证明材料")]
    NeedsAttachment { step: String },
    #[error(
        "核查-1009 {step}须先由另一人提出,现在没有待批准的提出。请先登记「提出」(命令行:--record proposed)"
    )]
    NeedsProposal { step: String },
    #[error("核查-1010 公司还没有答复,答复期限{due}未过。请等答复,或期满后再认定")]
    NeedsReply { due: String },
    #[error("核查-1011 {step}须定期限,且期限不早于今天({today})")]
    NeedsDue {
        step: String,
        today: chrono::NaiveDate,
    },
    #[error("核查-1012 {step}前须登记整改措施(措施、类型、责任人、期限、目标)")]
    NeedsPlan { step: String },
    #[error(
        "核查-1013 最近一次审计仍然发现该事项,不能销号。请整改后重跑审计,或写明经批准的例外(命令行:--exception)"
    )]
    StillFound,
    #[error("核查-1014 事项 {number} 在您打开之后已有人办理,本次没有写入。请重新打开后再办理")]
    Stale { number: String },
    #[error("核查-1015 附件「{name}」不能收:{reason}")]
    BadAttachment { name: String, reason: String },
    #[error("核查-1016 {role}不能在「{state}」登记「{record}」")]
    RecordNotAllowed {
        role: &'static str,
        state: String,
        record: &'static str,
    },
    #[error("核查-1017 {0}")]
    Extension(&'static str),
    #[error("核查-1018 登记内容不对:{0}")]
    BadRecord(String),
    #[error("核查-1019 没有写明办理人")]
    Anonymous,
    #[error(
        "核查-1020 库中的核查记录已不成形:单位「{organisation}」第 {position} 条。请运行 sanzi verify 查明"
    )]
    Malformed { organisation: String, position: i64 },
    /// The stored outcome of a run cannot be read.
    #[error("核查-1021 第 {0} 次审计的记录已不成形,不能并入核查。请运行 sanzi verify 查明")]
    MalformedRun(i64),
    #[error("核查-1029 内部错误:{0}。这是程序错误,请报告")]
    Internal(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}

fn list(errors: &[RuleError]) -> String {
    errors
        .iter()
        .map(|e| format!("  {e}"))
        .collect::<Vec<_>>()
        .join("\n")
}

impl From<sea_orm::DbErr> for ReviewError {
    fn from(error: sea_orm::DbErr) -> ReviewError {
        ReviewError::Store(error.into())
    }
}
