//! What a request that fails answers: a status, one of our codes, and a sentence. The outermost layer draws it as a page, or
//! as `application/problem+json` for the API.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::access::AccessError;
use crate::audit::AuditError;
use crate::audit::suppression::SuppressionError;
use crate::document::DocumentError;
use crate::evidence::EvidenceError;
use crate::import::ImportError;
use crate::ledger::LedgerError;
use crate::review::ReviewError;
use crate::statement::StatementError;
use crate::store::StoreError;
use crate::supervision::SupervisionError;

/// Why a request was not answered as asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub status: StatusCode,
    /// `网页-1003`.
    pub code: String,
    pub message: String,
}

impl Fault {
    /// A fault from a text that begins with its code, as all our errors do.
    pub fn coded(status: StatusCode, text: &str) -> Fault {
        let (code, message) = text.split_once(' ').unwrap_or(("网页-1008", text));
        Fault {
            status,
            code: code.to_owned(),
            message: message.to_owned(),
        }
    }

    pub fn signed_out() -> Fault {
        let text = "网页-1001 请先登录:还没有登录,或离开太久已自动退出";
        Fault::coded(StatusCode::UNAUTHORIZED, text)
    }

    pub fn forbidden() -> Fault {
        let text = "网页-1002 您的角色不能打开这一页。需要的话请找系统管理员";
        Fault::coded(StatusCode::FORBIDDEN, text)
    }

    /// Nothing there, or nothing that this person may know of: the answer does not tell which.
    pub fn not_found() -> Fault {
        let text = "网页-1003 没有这一页,或不在您的单位范围内。请核对地址,或从左边的目录重新进入";
        Fault::coded(StatusCode::NOT_FOUND, text)
    }

    pub fn stale_form() -> Fault {
        let text = "网页-1004 这张表单已经失效,没有提交。请返回上一页、刷新后重新提交";
        Fault::coded(StatusCode::FORBIDDEN, text)
    }

    pub fn too_many() -> Fault {
        let text = "网页-1005 登录请求太频繁。请一分钟后再试";
        Fault::coded(StatusCode::TOO_MANY_REQUESTS, text)
    }

    pub fn read_only_token() -> Fault {
        let text = "网页-1013 这个接口令牌只能读,没有写入。请用可写的令牌";
        Fault::coded(StatusCode::FORBIDDEN, text)
    }

    /// A request that may be sent twice, whose key says something else this time or is still at work.
    pub fn repeated(what: &str) -> Fault {
        Fault::coded(StatusCode::CONFLICT, &format!("网页-1014 {what}"))
    }

    /// What was filled in or uploaded cannot be used; `what` says what, and what to do.
    pub fn bad_input(what: &str) -> Fault {
        let text = format!("网页-1007 {what}");
        Fault::coded(StatusCode::UNPROCESSABLE_ENTITY, &text)
    }

    pub fn internal(what: &str) -> Fault {
        tracing::error!("web: {what}");
        let text = "网页-1008 程序内部出错,没有完成。请把时间和正在做的事告诉系统管理员";
        Fault::coded(StatusCode::INTERNAL_SERVER_ERROR, text)
    }

    /// The fault for a status that a library answered with.
    pub fn of_status(status: StatusCode) -> Fault {
        match status {
            StatusCode::NOT_FOUND => Fault::not_found(),
            StatusCode::PAYLOAD_TOO_LARGE => {
                let text = "网页-1006 交来的内容太大。请分几次上传,或请街道用命令行导入";
                Fault::coded(status, text)
            }
            StatusCode::GATEWAY_TIMEOUT | StatusCode::REQUEST_TIMEOUT => {
                let text = "网页-1011 处理时间太长,已停止,没有写入。请缩小期间后再试";
                Fault::coded(status, text)
            }
            status if status.is_server_error() => Fault::internal(status.as_str()),
            StatusCode::METHOD_NOT_ALLOWED => {
                let text = "网页-1007 这个地址不接受这种请求";
                Fault::coded(status, text)
            }
            status => {
                let text = "网页-1007 请求的内容读不懂。请返回上一页核对后再试";
                Fault::coded(status, text)
            }
        }
    }
}

/// The fault travels beside a plain response until the outermost layer draws it.
impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let text = format!("{} {}", self.code, self.message);
        let plain = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
        let mut response = (self.status, plain, text).into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<StoreError> for Fault {
    fn from(error: StoreError) -> Fault {
        match error {
            StoreError::Busy => Fault::coded(StatusCode::SERVICE_UNAVAILABLE, &error.to_string()),
            StoreError::Refused { .. } => {
                Fault::coded(StatusCode::UNPROCESSABLE_ENTITY, &error.to_string())
            }
            // What the database says is for the log, not for the page.
            other => Fault::internal(&other.to_string()),
        }
    }
}

impl From<LedgerError> for Fault {
    fn from(error: LedgerError) -> Fault {
        match error {
            LedgerError::Store(e) => e.into(),
            other => Fault::coded(StatusCode::UNPROCESSABLE_ENTITY, &other.to_string()),
        }
    }
}

impl From<AccessError> for Fault {
    fn from(error: AccessError) -> Fault {
        let status = match &error {
            AccessError::Store(_) | AccessError::Hashing(_) => {
                return match error {
                    AccessError::Store(e) => e.into(),
                    other => Fault::internal(&other.to_string()),
                };
            }
            AccessError::LockedOut { .. } => StatusCode::TOO_MANY_REQUESTS,
            AccessError::UnknownUser(_) => StatusCode::NOT_FOUND,
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        };
        Fault::coded(status, &error.to_string())
    }
}

impl From<StatementError> for Fault {
    fn from(error: StatementError) -> Fault {
        match error {
            StatementError::Ledger(e) => e.into(),
            other => Fault::coded(StatusCode::UNPROCESSABLE_ENTITY, &other.to_string()),
        }
    }
}

impl From<DocumentError> for Fault {
    fn from(error: DocumentError) -> Fault {
        match error {
            DocumentError::Store(e) => e.into(),
            DocumentError::Review(e) => e.into(),
            DocumentError::Form { .. } => Fault::internal(&error.to_string()),
            DocumentError::UnknownForm { .. } => Fault::not_found(),
            other => Fault::coded(StatusCode::UNPROCESSABLE_ENTITY, &other.to_string()),
        }
    }
}

impl From<AuditError> for Fault {
    fn from(error: AuditError) -> Fault {
        match error {
            AuditError::Ledger(e) => e.into(),
            AuditError::Store(e) => e.into(),
            AuditError::Arrow(_) | AuditError::Engine(_) | AuditError::Internal(_) => {
                Fault::internal(&error.to_string())
            }
            other => Fault::coded(StatusCode::UNPROCESSABLE_ENTITY, &other.to_string()),
        }
    }
}

impl From<SuppressionError> for Fault {
    fn from(error: SuppressionError) -> Fault {
        match error {
            SuppressionError::Store(e) => e.into(),
            other => Fault::coded(StatusCode::UNPROCESSABLE_ENTITY, &other.to_string()),
        }
    }
}

impl From<ReviewError> for Fault {
    fn from(error: ReviewError) -> Fault {
        match error {
            ReviewError::Store(e) => e.into(),
            ReviewError::UnknownItem(_) => Fault::not_found(),
            ReviewError::Stale { .. } => Fault::coded(StatusCode::CONFLICT, &error.to_string()),
            ReviewError::Internal(what) => Fault::internal(&what),
            other => Fault::coded(StatusCode::UNPROCESSABLE_ENTITY, &other.to_string()),
        }
    }
}

impl From<SupervisionError> for Fault {
    fn from(error: SupervisionError) -> Fault {
        match error {
            SupervisionError::Store(e) => e.into(),
            SupervisionError::Ledger(e) => e.into(),
            SupervisionError::Review(e) => e.into(),
            SupervisionError::Access(e) => e.into(),
            SupervisionError::Unknown(_) => Fault::not_found(),
            SupervisionError::Stale => Fault::coded(StatusCode::CONFLICT, &error.to_string()),
            SupervisionError::Internal(what) => Fault::internal(&what),
            other => Fault::coded(StatusCode::UNPROCESSABLE_ENTITY, &other.to_string()),
        }
    }
}

impl From<EvidenceError> for Fault {
    fn from(error: EvidenceError) -> Fault {
        match error {
            EvidenceError::Review(e) => e.into(),
            EvidenceError::Ledger(e) => e.into(),
            EvidenceError::Store(e) => e.into(),
            EvidenceError::Broken { .. } | EvidenceError::Role(_) => {
                Fault::coded(StatusCode::UNPROCESSABLE_ENTITY, &error.to_string())
            }
            other => Fault::internal(&other.to_string()),
        }
    }
}

impl From<ImportError> for Fault {
    fn from(error: ImportError) -> Fault {
        Fault::coded(StatusCode::UNPROCESSABLE_ENTITY, &error.to_string())
    }
}

impl From<askama::Error> for Fault {
    fn from(error: askama::Error) -> Fault {
        Fault::internal(&error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_libraries_answer_gets_a_code_of_ours() {
        let code = |status| Fault::of_status(status).code;
        assert_eq!(code(StatusCode::GATEWAY_TIMEOUT), "网页-1011");
        assert_eq!(code(StatusCode::PAYLOAD_TOO_LARGE), "网页-1006");
        assert_eq!(code(StatusCode::BAD_REQUEST), "网页-1007");
    }

    #[test]
    fn what_the_database_says_stays_off_the_page() {
        let fault = Fault::from(StoreError::Database {
            reason: "no such table: secret".into(),
        });
        assert_eq!(fault.status, StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(fault.code, "网页-1008");
        assert!(!fault.message.contains("secret"));
        let fault = Fault::from(LedgerError::UnknownOrganisation("A".into()));
        assert!(fault.code.starts_with("账本-"), "{fault:?}");
    }
}
