//! What can happen to an item. Each event carries a payload of its own kind; the names are stored and never change.

use chrono::{NaiveDate, NaiveDateTime};
use serde::{Deserialize, Serialize};

use super::ReviewError;
use super::difference::Difference;
use crate::model::{Money, Role};

/// Kinds of events that people put on record without a step.
pub const RECORDS: [&str; 9] = [
    "proposed",
    "replied",
    "planned",
    "progress",
    "amounts",
    "extension_asked",
    "extended",
    "extension_refused",
    "noted",
];

/// Which version of a finding an event speaks of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// The finding's content digest, hex.
    pub content: String,
    /// SHA-256 over everything that is stored of the finding in that run, hex.
    pub digest: String,
}

/// An item that comes back after it was closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recurrence {
    /// The closing, as its event's number within the item.
    pub closed_seq: i64,
    pub closed_at: NaiveDateTime,
    /// Within the months that make it 屡审屡犯.
    pub repeated: bool,
}

/// How a measure is carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MeasureKind {
    /// 立行立改
    Immediate,
    /// 分阶段整改
    Staged,
    /// 持续整改
    Ongoing,
}

impl MeasureKind {
    pub fn label(self) -> &'static str {
        match self {
            MeasureKind::Immediate => "立行立改",
            MeasureKind::Staged => "分阶段整改",
            MeasureKind::Ongoing => "持续整改",
        }
    }
}

/// A measure of rectification: what, how, who, until when, towards what (五对应).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    pub measure: String,
    pub kind: MeasureKind,
    /// The person in charge.
    pub lead: String,
    pub due: NaiveDate,
    /// What must be reached: money back, contract changed, rule written.
    pub target: String,
}

/// Money of a rectification so far, 分; each event states the whole, not what came on top.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amounts {
    /// 已追回(已归还、已上缴)
    pub recovered: Money,
    /// 已调账
    pub booked: Money,
    /// 无法追回
    pub unrecoverable: Money,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Payload {
    /// A run found it for the first time.
    Appeared {
        version: Version,
    },
    /// A run found it with other content.
    Changed {
        version: Version,
        differences: Vec<Difference>,
    },
    /// A run that looked did not find it.
    Gone,
    /// It was gone and is back.
    Returned {
        version: Version,
        differences: Vec<Difference>,
        recurrence: Option<Recurrence>,
    },
    /// A person took a step.
    Moved {
        /// Why it is closed although the last run still finds it.
        exception: Option<String>,
    },
    /// A person proposes a step that another person must take.
    Proposed {
        to: String,
    },
    /// The company replies.
    Replied {
        agrees: bool,
        text: String,
    },
    Planned(Plan),
    Progress {
        on: NaiveDate,
        text: String,
    },
    Amounts(Amounts),
    ExtensionAsked {
        until: NaiveDate,
    },
    /// The extension that was asked for, approved by another person.
    Extended {
        until: NaiveDate,
    },
    /// The extension that was asked for, refused by another person: the day stays.
    ExtensionRefused {
        until: NaiveDate,
    },
    Noted {
        text: String,
    },
}

impl Payload {
    /// The stored name.
    pub fn name(&self) -> &'static str {
        match self {
            Payload::Appeared { .. } => "appeared",
            Payload::Changed { .. } => "changed",
            Payload::Gone => "gone",
            Payload::Returned { .. } => "returned",
            Payload::Moved { .. } => "moved",
            Payload::Proposed { .. } => "proposed",
            Payload::Replied { .. } => "replied",
            Payload::Planned(_) => "planned",
            Payload::Progress { .. } => "progress",
            Payload::Amounts(_) => "amounts",
            Payload::ExtensionAsked { .. } => "extension_asked",
            Payload::Extended { .. } => "extended",
            Payload::ExtensionRefused { .. } => "extension_refused",
            Payload::Noted { .. } => "noted",
        }
    }

    pub fn label(&self) -> &'static str {
        match self {
            Payload::Appeared { .. } => "发现",
            Payload::Changed { .. } => "内容有变化",
            Payload::Gone => "重跑未再发现",
            Payload::Returned { .. } => "再次发现",
            Payload::Moved { .. } => "办理",
            Payload::Proposed { .. } => "提出",
            Payload::Replied { .. } => "答复",
            Payload::Planned(_) => "整改措施",
            Payload::Progress { .. } => "进展",
            Payload::Amounts(_) => "整改金额",
            Payload::ExtensionAsked { .. } => "申请延期",
            Payload::Extended { .. } => "批准延期",
            Payload::ExtensionRefused { .. } => "不同意延期",
            Payload::Noted { .. } => "备注",
        }
    }

    /// The version of the finding that the event speaks of.
    pub fn version(&self) -> Option<&Version> {
        match self {
            Payload::Appeared { version }
            | Payload::Changed { version, .. }
            | Payload::Returned { version, .. } => Some(version),
            _ => None,
        }
    }

    /// As stored.
    ///
    /// # Errors
    /// [`ReviewError::Internal`]: nothing that a user does leads here.
    pub fn to_text(&self) -> Result<String, ReviewError> {
        serde_json::to_string(self).map_err(|e| ReviewError::Internal(e.to_string()))
    }
}

/// An event as it stands in the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    pub organisation: String,
    /// Place in the organisation's chain, from 1.
    pub position: i64,
    pub format: i64,
    pub fingerprint: String,
    /// Number within the item, from 1.
    pub seq: i64,
    /// The stored name of the payload's kind.
    pub event: String,
    pub state_before: Option<String>,
    pub state: String,
    /// 1, and one more each time the item is opened again.
    pub cycle: i64,
    /// Whether the last run that looked finds it.
    pub present: bool,
    pub at: NaiveDateTime,
    pub by: String,
    /// Role code; none for what a run finds.
    pub role: Option<String>,
    /// Whose step this one approves.
    pub proposed_by: Option<String>,
    pub reason: Option<String>,
    pub backward: bool,
    pub due: Option<NaiveDate>,
    /// The calendar does not reach as far as `due`.
    pub due_provisional: bool,
    pub run_id: Option<i64>,
    /// The run that holds the version of the finding that counts now.
    pub version_run: i64,
    /// The payload as JSON text, as hashed.
    pub payload: String,
    pub attachments: i64,
    pub previous_hash: Vec<u8>,
    pub hash: Vec<u8>,
}

impl Event {
    /// # Errors
    /// [`ReviewError::Malformed`] when the stored text is no payload.
    pub fn payload(&self) -> Result<Payload, ReviewError> {
        serde_json::from_str(&self.payload).map_err(|_| ReviewError::Malformed {
            organisation: self.organisation.clone(),
            position: self.position,
        })
    }

    /// The role of the person; none for what a run finds.
    pub fn role(&self) -> Option<Role> {
        self.role.as_deref().and_then(|r| r.parse().ok())
    }

    /// A step on, by a person.
    pub fn is_step_forward(&self) -> bool {
        self.event == "moved" && !self.backward
    }
}
