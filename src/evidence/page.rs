//! `index.html` of a bundle: what a person reads, offline, without a script and without any request. Personal numbers in texts
//! are masked here as on the pages of the workspace; the data files beside it are as sealed.

use askama::Template;

use super::EvidenceError;
use super::collect::Matter;
use super::manifest::Manifest;
use super::record::AttachmentRecord;
use crate::access::reveal;
use crate::audit::tables::cell::mask_identifiers;
use crate::model::{Money, Role};
use crate::report::words;
use crate::review::event::Payload;
use crate::review::{Desk, ReviewError};

#[derive(Template)]
#[template(path = "evidence.html")]
struct Index<'a> {
    manifest: &'a Manifest,
    role: &'static str,
    items: Vec<Shown<'a>>,
}

/// An item with its history in words.
struct Shown<'a> {
    matter: &'a Matter,
    history: Vec<Happening<'a>>,
}

struct Happening<'a> {
    at: chrono::NaiveDateTime,
    who: String,
    what: &'static str,
    from: String,
    to: String,
    said: Vec<String>,
    attachments: &'a [AttachmentRecord],
    position: i64,
    hash: &'a str,
}

impl Index<'_> {
    fn text(&self, text: &str) -> String {
        masked(text)
    }

    fn source<'t>(&self, code: &'t str) -> &'t str {
        words::source(code)
    }

    fn yuan(&self, money: &Money) -> String {
        money.grouped()
    }
}

fn masked(text: &str) -> String {
    let text = mask_identifiers(text);
    reveal::masked(&text).unwrap_or(text)
}

/// The page.
pub fn draw(items: &[Matter], manifest: &Manifest, desk: &Desk) -> Result<String, EvidenceError> {
    let mut shown = Vec::with_capacity(items.len());
    for matter in items {
        shown.push(Shown {
            matter,
            history: history(matter, desk)?,
        });
    }
    let role = manifest.role.parse().map_or("", Role::label);
    let index = Index {
        manifest,
        role,
        items: shown,
    };
    index.render().map_err(EvidenceError::internal)
}

fn history<'a>(matter: &'a Matter, desk: &Desk) -> Result<Vec<Happening<'a>>, EvidenceError> {
    let label = |code: &str| desk.workflow.label(code).to_owned();
    let mut all = Vec::new();
    for record in &matter.record.events {
        let malformed = || ReviewError::Malformed {
            organisation: matter.record.organisation.clone(),
            position: record.position,
        };
        let (event, _) = record.event(&matter.record).ok_or_else(malformed)?;
        let payload = event.payload()?;
        let mut said = said(desk, &payload);
        said.extend(record.reason.iter().map(|r| format!("理由:{r}")));
        said.extend(record.proposed_by.iter().map(|p| format!("提出人:{p}")));
        said.extend(record.due.map(|d| format!("期限:{d}")));
        let role = event.role().map(|r| format!("({})", r.label()));
        let before = record
            .state_before
            .as_deref()
            .filter(|b| *b != record.state);
        all.push(Happening {
            at: record.at,
            who: format!("{}{}", record.by, role.unwrap_or_default()),
            what: if record.backward {
                "退回"
            } else {
                payload.label()
            },
            from: before.map(label).unwrap_or_default(),
            to: label(&record.state),
            said: said.iter().map(|s| masked(s)).collect(),
            attachments: &record.attachments,
            position: record.position,
            hash: &record.hash,
        });
    }
    Ok(all)
}

/// What an event says beyond its name.
fn said(desk: &Desk, payload: &Payload) -> Vec<String> {
    match payload {
        Payload::Appeared { .. } | Payload::Gone => Vec::new(),
        Payload::Changed { differences, .. } | Payload::Returned { differences, .. } => differences
            .iter()
            .map(|d| format!("{}:{} → {}", d.field, d.old, d.new))
            .collect(),
        Payload::Moved { exception } => exception.iter().map(|e| format!("例外:{e}")).collect(),
        Payload::Proposed { to } => vec![format!("转到:{}", desk.workflow.label(to))],
        Payload::Replied { agrees, text } => {
            let opinion = if *agrees { "无异议" } else { "有异议" };
            vec![format!("意见:{opinion} {text}")]
        }
        Payload::Planned(p) => vec![
            format!("措施:{}({})", p.measure, p.kind.label()),
            format!("责任人:{},完成期限 {},目标:{}", p.lead, p.due, p.target),
        ],
        Payload::Progress { on, text } => vec![format!("{on} {text}")],
        Payload::Amounts(a) => vec![format!(
            "已追回 {} 元,已调账 {} 元,无法追回 {} 元",
            a.recovered.grouped(),
            a.booked.grouped(),
            a.unrecoverable.grouped()
        )],
        Payload::ExtensionAsked { until }
        | Payload::Extended { until }
        | Payload::ExtensionRefused { until } => {
            vec![format!("延期到 {until}")]
        }
        Payload::Noted { text } => vec![text.clone()],
    }
}
