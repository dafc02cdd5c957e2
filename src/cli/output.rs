//! How a command ends: exit codes, and failures in plain words.

use std::fmt;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    Done,
    /// Findings at or above `--fail-on`, or a chain that does not verify.
    Found,
    /// The input has errors; all of them were shown.
    BadInput,
}

impl Outcome {
    pub const INTERNAL: u8 = 4;

    pub fn code(self) -> u8 {
        match self {
            Outcome::Done => 0,
            Outcome::Found => 1,
            Outcome::BadInput => 3,
        }
    }
}

/// A command that could not do its work.
#[derive(Debug)]
pub enum Failure {
    /// Something that the user named or handed in.
    Input(String),
    /// Something of ours or of the machine.
    Internal(String),
}

impl Failure {
    pub fn exit_code(&self) -> u8 {
        match self {
            Failure::Input(_) => 3,
            Failure::Internal(_) => Outcome::INTERNAL,
        }
    }
}

impl Failure {
    /// A result that cannot be turned into text; nothing that a user does leads here.
    pub fn unwritable<E: fmt::Display>(error: E) -> Failure {
        Failure::Internal(format!(
            "内部-1002 结果写不成文字:{error}。这是程序错误,请报告"
        ))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Input(text) | Failure::Internal(text) => write!(f, "错误 {text}"),
        }
    }
}

impl From<crate::ledger::LedgerError> for Failure {
    fn from(error: crate::ledger::LedgerError) -> Failure {
        use crate::ledger::LedgerError;
        match error {
            LedgerError::Store(e) => e.into(),
            other => Failure::Input(other.to_string()),
        }
    }
}

impl From<crate::store::StoreError> for Failure {
    fn from(error: crate::store::StoreError) -> Failure {
        use crate::store::StoreError;
        match error {
            StoreError::BadUrl { .. }
            | StoreError::Connect { .. }
            | StoreError::WrongIdKey
            | StoreError::Refused { .. } => Failure::Input(error.to_string()),
            other => Failure::Internal(other.to_string()),
        }
    }
}

impl From<crate::review::ReviewError> for Failure {
    fn from(error: crate::review::ReviewError) -> Failure {
        use crate::review::ReviewError;
        match error {
            ReviewError::Store(e) => e.into(),
            ReviewError::Internal(_) => Failure::Internal(error.to_string()),
            other => Failure::Input(other.to_string()),
        }
    }
}

impl From<crate::supervision::SupervisionError> for Failure {
    fn from(error: crate::supervision::SupervisionError) -> Failure {
        use crate::supervision::SupervisionError;
        match error {
            SupervisionError::Store(e) => e.into(),
            SupervisionError::Ledger(e) => e.into(),
            SupervisionError::Review(e) => e.into(),
            SupervisionError::Access(e) => e.into(),
            SupervisionError::Internal(_) => Failure::Internal(error.to_string()),
            other => Failure::Input(other.to_string()),
        }
    }
}

impl From<crate::statement::StatementError> for Failure {
    fn from(error: crate::statement::StatementError) -> Failure {
        use crate::statement::StatementError;
        match error {
            StatementError::Ledger(e) => e.into(),
            other => Failure::Input(other.to_string()),
        }
    }
}

impl From<crate::document::DocumentError> for Failure {
    fn from(error: crate::document::DocumentError) -> Failure {
        use crate::document::DocumentError;
        match error {
            DocumentError::Store(e) => e.into(),
            other => Failure::Input(other.to_string()),
        }
    }
}

impl From<crate::evidence::EvidenceError> for Failure {
    fn from(error: crate::evidence::EvidenceError) -> Failure {
        use crate::evidence::EvidenceError;
        match error {
            EvidenceError::Store(e) => e.into(),
            EvidenceError::Ledger(e) => e.into(),
            EvidenceError::Review(e) => e.into(),
            EvidenceError::Internal(_) => Failure::Internal(error.to_string()),
            other => Failure::Input(other.to_string()),
        }
    }
}

impl From<crate::report::ReportError> for Failure {
    fn from(error: crate::report::ReportError) -> Failure {
        use crate::report::ReportError;
        match error {
            ReportError::Write { .. } => Failure::Input(error.to_string()),
            other => Failure::Internal(other.to_string()),
        }
    }
}

impl From<crate::audit::settings::SettingError> for Failure {
    fn from(error: crate::audit::settings::SettingError) -> Failure {
        use crate::audit::settings::SettingError;
        match error {
            SettingError::Audit(e) => e.into(),
            SettingError::Ledger(e) => e.into(),
            SettingError::Store(e) => e.into(),
            other => Failure::Input(other.to_string()),
        }
    }
}

impl From<crate::sampling::SamplingError> for Failure {
    fn from(error: crate::sampling::SamplingError) -> Failure {
        use crate::sampling::SamplingError;
        match error {
            SamplingError::Ledger(e) => e.into(),
            SamplingError::Store(e) => e.into(),
            other => Failure::Input(other.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_that_cannot_be_written_has_its_code() {
        let failure = Failure::unwritable("x");
        assert!(failure.to_string().starts_with("错误 内部-1002 "));
        assert_eq!(failure.exit_code(), 4);
    }
}
