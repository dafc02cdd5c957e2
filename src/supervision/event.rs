//! What can happen to a project. The names are stored and never change.

use chrono::{NaiveDate, NaiveDateTime};
use serde::{Deserialize, Serialize};

use super::SupervisionError;
use super::plan::Plan;
use crate::ledger::chain::Fields;
use crate::review::log::Sealed;

/// How far a step has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// 办理中
    Doing,
    /// 已完成
    Done,
    /// 不适用; with a reason.
    NotNeeded,
    /// 重新办理: it was settled and is open again; with a reason.
    Reopened,
}

impl Status {
    pub const ALL: [Status; 4] = [
        Status::Doing,
        Status::Done,
        Status::NotNeeded,
        Status::Reopened,
    ];

    pub fn code(self) -> &'static str {
        match self {
            Status::Doing => "doing",
            Status::Done => "done",
            Status::NotNeeded => "not_needed",
            Status::Reopened => "reopened",
        }
    }

    pub fn label(self) -> &'static str {
        match self {
            Status::Doing => "办理中",
            Status::Done => "已完成",
            Status::NotNeeded => "不适用",
            Status::Reopened => "重新办理",
        }
    }

    /// Nothing more is to be done.
    pub fn settled(self) -> bool {
        matches!(self, Status::Done | Status::NotNeeded)
    }

    pub fn parse(text: &str) -> Option<Status> {
        let text = text.trim();
        Status::ALL
            .into_iter()
            .find(|s| s.code() == text || s.label() == text)
    }
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Payload {
    /// 立项
    Proposed {
        plan: Plan,
    },
    /// 调整; must be approved anew.
    Revised {
        plan: Plan,
    },
    /// 批准, by a second person.
    Approved,
    /// 退回, by a second person.
    Returned,
    /// Progress of a step.
    Step {
        step: String,
        status: Status,
        /// The day it was so.
        on: NaiveDate,
        text: String,
    },
    Noted {
        text: String,
    },
    /// 撤销: the project is not carried out; it stays on record.
    Withdrawn,
}

impl Payload {
    /// The stored name.
    pub fn name(&self) -> &'static str {
        match self {
            Payload::Proposed { .. } => "proposed",
            Payload::Revised { .. } => "revised",
            Payload::Approved => "approved",
            Payload::Returned => "returned",
            Payload::Step { .. } => "step",
            Payload::Noted { .. } => "noted",
            Payload::Withdrawn => "withdrawn",
        }
    }

    pub fn label(&self) -> &'static str {
        match self {
            Payload::Proposed { .. } => "立项",
            Payload::Revised { .. } => "调整",
            Payload::Approved => "批准",
            Payload::Returned => "退回",
            Payload::Step { .. } => "登记进展",
            Payload::Noted { .. } => "备注",
            Payload::Withdrawn => "撤销",
        }
    }

    /// As stored.
    pub(super) fn to_text(&self) -> Result<String, SupervisionError> {
        serde_json::to_string(self).map_err(|e| SupervisionError::Internal(e.to_string()))
    }
}

/// A record as it stands in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Place in the chain, from 1.
    pub position: i64,
    /// Of the hash.
    pub format: i64,
    /// Number of the project.
    pub project: String,
    /// From 1 within the project.
    pub seq: i64,
    /// Name of the payload, as the database knows it.
    pub event: String,
    pub at: NaiveDateTime,
    pub by: String,
    /// Code of the role.
    pub role: String,
    pub reason: Option<String>,
    /// JSON of [`Payload`].
    pub payload: String,
    /// How many.
    pub attachments: i64,
    pub previous_hash: Vec<u8>,
    pub hash: Vec<u8>,
}

/// Version of the hash's format.
pub const FORMAT: i64 = 1;

impl Event {
    /// # Errors
    /// [`SupervisionError::Malformed`].
    pub fn payload(&self) -> Result<Payload, SupervisionError> {
        let read: Result<Payload, _> = serde_json::from_str(&self.payload);
        match read {
            Ok(payload) if payload.name() == self.event => Ok(payload),
            _ => Err(SupervisionError::Malformed(self.position)),
        }
    }

    /// The hash over everything but itself, with name, size and SHA-256 of each attachment.
    pub(super) fn digest(&self, attachments: &[Sealed]) -> [u8; 32] {
        let mut fields = Fields::new("plan");
        fields.bytes(Some(&self.previous_hash));
        fields.int(self.position);
        fields.text(&self.project);
        fields.int(self.seq);
        fields.text(&self.event);
        fields.time(Some(self.at));
        fields.text(&self.by);
        fields.text(&self.role);
        fields.optional(self.reason.as_deref());
        fields.text(&self.payload);
        fields.int(self.attachments);
        for attachment in attachments {
            fields.int(attachment.line);
            fields.text(&attachment.name);
            fields.int(attachment.size);
            fields.bytes(Some(&attachment.sha256));
        }
        fields.finish()
    }
}
