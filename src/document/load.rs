//! What a document is about, out of the store: the last run that covered an organisation, and its items as they stand.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde_json::Value;

use super::values::{Matter, Values};
use super::{DocumentError, Form, Per};
use crate::audit::outcome::AuditedOrganisation;
use crate::report::words::long_date;
use crate::review::dossier::Dossier;
use crate::review::event::Payload;
use crate::review::list::{Filter, list};
use crate::review::{Actor, Desk, ReviewError};
use crate::store::{Store, run_list};

/// What documents are wanted about.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    pub organisation: &'a str,
    /// Numbers of items; none: all.
    pub items: &'a [String],
    /// Codes of states; none: any.
    pub states: &'a [String],
}

/// A document to be made.
#[derive(Debug, Clone)]
pub struct Sheet {
    /// What it is about, as part of a file's name: an organisation's code or an item's number.
    pub name: String,
    pub values: Values,
}

/// The documents of a form: one for the organisation, or one for each of its items.
///
/// # Errors
/// [`DocumentError::NotFound`] when no run covered the organisation, or for a number that the person may not read; what the
/// store and the review say.
pub async fn sheets(
    store: &Store,
    desk: &Desk,
    actor: &Actor,
    form: &Form,
    wanted: Wanted<'_>,
) -> Result<Vec<Sheet>, DocumentError> {
    let subject = subject(store, wanted.organisation).await?;
    let matters = matters(store, desk, actor, wanted).await?;
    let of_run = |matters: &[Matter]| {
        let (organisation, digest) = (&subject.organisation, &subject.digest);
        Values::of_run(organisation, subject.as_of, digest, matters)
    };
    let of_finding = |matter: &Matter| {
        let mut values = of_run(std::slice::from_ref(matter));
        values.name_finding(matter);
        Sheet {
            name: matter.finding.number.clone(),
            values,
        }
    };
    Ok(match form.per {
        Per::Organisation => vec![Sheet {
            name: wanted.organisation.to_owned(),
            values: of_run(&matters),
        }],
        Per::Finding => matters.iter().map(of_finding).collect(),
    })
}

/// An organisation as its last run saw it.
#[derive(Debug, Clone)]
struct Subject {
    organisation: AuditedOrganisation,
    as_of: NaiveDate,
    /// The run's digest, hex.
    digest: String,
}

/// The last run that covered the organisation.
async fn subject(store: &Store, organisation: &str) -> Result<Subject, DocumentError> {
    let not_found = || DocumentError::NotFound {
        what: format!("数据库里没有单位「{organisation}」的审计运行"),
    };
    let run = run_list::latest_of(store.db(), organisation)
        .await?
        .ok_or_else(not_found)?;
    let outcome: Value = serde_json::from_str(&run.outcome).map_err(|_| not_found())?;
    let organisations = outcome["organisations"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let found = organisations
        .into_iter()
        .find(|o| o["code"] == organisation);
    let organisation = found
        .and_then(|o| serde_json::from_value(o).ok())
        .ok_or_else(not_found)?;
    Ok(Subject {
        organisation,
        as_of: run.as_of,
        digest: run.digest,
    })
}

/// Items of the organisation that the person may read. Larger amounts first, then by number.
async fn matters(
    store: &Store,
    desk: &Desk,
    actor: &Actor,
    wanted: Wanted<'_>,
) -> Result<Vec<Matter>, DocumentError> {
    let Wanted {
        organisation,
        items: numbers,
        states,
    } = wanted;
    let filter = Filter {
        organisations: vec![organisation.to_owned()],
        states: states.to_vec(),
        ..Filter::default()
    };
    let mut lines = list(store.db(), desk, actor, &filter).await?;
    if let Some(missing) = numbers
        .iter()
        .find(|n| !lines.iter().any(|l| &l.number == *n))
    {
        return Err(DocumentError::NotFound {
            what: format!("单位「{organisation}」没有可用的疑点「{missing}」"),
        });
    }
    if !numbers.is_empty() {
        lines.retain(|l| numbers.contains(&l.number));
    }
    lines.sort_by(|a, b| {
        b.amount
            .cmp(&a.amount)
            .then_with(|| a.number.cmp(&b.number))
    });
    let mut matters = Vec::with_capacity(lines.len());
    for line in lines {
        let dossier = Dossier::read(store.db(), &desk.workflow, actor, &line.number).await?;
        matters.push(matter(desk, &dossier)?);
    }
    Ok(matters)
}

fn matter(desk: &Desk, dossier: &Dossier) -> Result<Matter, DocumentError> {
    let finding = serde_json::from_str(&dossier.finding.payload);
    let finding = finding.map_err(|_| ReviewError::Malformed {
        organisation: dossier.item.organisation.clone(),
        position: dossier.last().position,
    })?;
    Ok(Matter {
        finding,
        state: desk.workflow.label(dossier.state()).to_owned(),
        confirmed: dossier.cycle().any(|e| e.state == "determined"),
        recurring: dossier.last().cycle > 1,
        rectification: rectification(dossier)?,
    })
}

/// What the company and the street put on record since the item was opened.
fn rectification(dossier: &Dossier) -> Result<BTreeMap<&'static str, String>, ReviewError> {
    let mut values = BTreeMap::new();
    let mut progress = Vec::new();
    for event in dossier.cycle() {
        match event.payload()? {
            Payload::Planned(plan) => values.extend([
                ("整改措施", plan.measure),
                ("整改类型", plan.kind.label().to_owned()),
                ("责任人", plan.lead),
                ("整改目标", plan.target),
            ]),
            Payload::Progress { on, text } => progress.push(format!("{}:{text}", long_date(on))),
            Payload::Amounts(amounts) => values.extend([
                ("收回金额", amounts.recovered.grouped()),
                ("入账金额", amounts.booked.grouped()),
            ]),
            Payload::Replied { agrees, text } => {
                let reply = if agrees { "属实" } else { "有异议" };
                let said = if text.is_empty() {
                    reply.to_owned()
                } else {
                    format!("{reply}:{text}")
                };
                values.insert("单位意见", said);
            }
            _ => {}
        }
    }
    if let Some(due) = dossier.due() {
        values.insert("整改期限", long_date(due));
    }
    if !progress.is_empty() {
        values.insert("整改进展", progress.join("\n"));
    }
    Ok(values)
}
