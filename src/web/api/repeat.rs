//! `Idempotency-Key`: a program that did not hear the answer sends the request again, and it is done once.

use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::access::answer::{self as kept, Known};
use crate::model::hex;
use crate::web::fault::Fault;
use crate::web::workspace::{Workspace, apart, now};

/// Characters of a key.
const LONGEST: usize = 200;

/// What tells one request from another.
pub struct Request {
    /// The key that the program gave it, if any.
    key: Option<String>,
    digest: String,
}

impl Request {
    /// `parts` are all that makes the request what it is.
    pub fn of(headers: &HeaderMap, parts: &[&[u8]]) -> Result<Request, Fault> {
        let key = headers.get("idempotency-key").map(|v| v.to_str());
        let key = match key {
            None => None,
            Some(Ok(key)) if (1..=LONGEST).contains(&key.trim().len()) => {
                Some(key.trim().to_owned())
            }
            Some(_) => {
                return Err(Fault::bad_input(
                    "Idempotency-Key 须为 1 至 200 个字母、数字或符号,没有写入",
                ));
            }
        };
        let mut digest = Sha256::new();
        for part in parts {
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part);
        }
        Ok(Request {
            key,
            digest: hex(&digest.finalize()),
        })
    }
}

/// An answer as it is sent and kept.
///
/// # Errors
/// Never in practice: the answers are our own.
pub fn answer(status: StatusCode, body: &impl Serialize) -> Result<(StatusCode, String), Fault> {
    let text = serde_json::to_string(body).map_err(|e| Fault::internal(&e.to_string()))?;
    Ok((status, text))
}

/// Does the work unless it was done before. It goes on to its end, and its answer is kept, when the program has hung up.
///
/// # Errors
/// Those of the work; a refused request may be sent again under the same key.
pub async fn once<F>(
    workspace: Workspace,
    login: &str,
    request: Request,
    work: impl FnOnce() -> F + Send + 'static,
) -> Result<Response, Fault>
where
    F: Future<Output = Result<(StatusCode, String), Fault>>,
{
    let (status, text) = done_once(workspace, login, request, work).await?;
    let kind = [(header::CONTENT_TYPE, "application/json")];
    Ok((status, kind, text).into_response())
}

async fn done_once<F>(
    workspace: Workspace,
    login: &str,
    request: Request,
    work: impl FnOnce() -> F + Send + 'static,
) -> Result<(StatusCode, String), Fault>
where
    F: Future<Output = Result<(StatusCode, String), Fault>>,
{
    let Some(key) = request.key else {
        return apart(work).await;
    };
    let store = &workspace.store;
    match kept::claim(store, login, &key, &request.digest, now()).await? {
        Known::New => {}
        Known::Done(status, body) => {
            let status = StatusCode::from_u16(status);
            return Ok((status.map_err(|e| Fault::internal(&e.to_string()))?, body));
        }
        Known::Running => {
            return Err(Fault::repeated(
                "同一个请求正在办理,还没有结果。请稍后重发;一直如此时请先读这一项,看是否已办,再换一个键",
            ));
        }
        Known::Other => {
            return Err(Fault::repeated(
                "这个 Idempotency-Key 用过了,内容不同,没有写入。新的请求请换一个键",
            ));
        }
    }
    let login = login.to_owned();
    apart(move || async move {
        let done = work().await;
        match &done {
            Ok((status, body)) => {
                kept::keep(&workspace.store, &login, &key, status.as_u16(), body).await?;
            }
            Err(_) => kept::forget(&workspace.store, &login, &key).await?,
        }
        done
    })
    .await
}
