//! The forms of an item's page: a step or a record that the workflow leaves open to the person, with the fields that it needs.

use super::item_acts::Filled;
use crate::model::Role;
use crate::review::dossier::Dossier;
use crate::review::event::{MeasureKind, Plan};
use crate::review::record::asked;
use crate::review::transition::open_steps;
use crate::review::workflow::{Clock, Need, State, Transition};
use crate::review::{Desk, ReviewError};

/// How a field is filled in.
pub enum Input {
    Line,
    Text,
    Day,
    /// Value and label.
    Choice(Vec<(String, String)>),
    Files,
}

/// A field of a form.
pub struct Field {
    pub name: &'static str,
    pub label: String,
    pub input: Input,
    pub required: bool,
    /// What stands in it: as typed before it was refused, or as on record.
    pub value: String,
}

/// A form with a button of its own.
pub struct Form {
    /// The last part of the address: `step` or `record`.
    pub act: &'static str,
    /// The state to go to, or the kind of record.
    pub what: String,
    pub title: String,
    /// What must be so before it is taken.
    pub hint: String,
    pub button: String,
    pub fields: Vec<Field>,
    /// Why it was refused; the form is open then.
    pub error: Option<String>,
}

fn field(name: &'static str, label: &str, input: Input, required: bool) -> Field {
    Field {
        name,
        label: label.to_owned(),
        input,
        required,
        value: String::new(),
    }
}

impl Form {
    fn new(act: &'static str, what: &str, title: String, fields: Vec<Field>) -> Form {
        Form {
            act,
            what: what.to_owned(),
            button: title.clone(),
            title,
            hint: String::new(),
            fields,
            error: None,
        }
    }

    /// Puts in what stands on record.
    fn standing(mut self, values: &[(&str, String)]) -> Form {
        for field in &mut self.fields {
            if let Some((_, value)) = values.iter().find(|(name, _)| *name == field.name) {
                field.value.clone_from(value);
            }
        }
        self
    }

    /// Puts back what was typed into this form when it was refused.
    fn again(mut self, refused: Option<&(Filled, String)>) -> Form {
        let Some((filled, message)) = refused else {
            return self;
        };
        if filled.act == self.act && filled.what == self.what {
            for field in &mut self.fields {
                filled.get(field.name).clone_into(&mut field.value);
            }
            self.error = Some(message.clone());
        }
        self
    }
}

/// The steps that this role may take now.
pub fn steps(
    desk: &Desk,
    dossier: &Dossier,
    role: Role,
    refused: Option<&(Filled, String)>,
) -> Vec<Form> {
    open_steps(desk, dossier, role)
        .map(|(to, step)| step_form(dossier, to, step).again(refused))
        .collect()
}

fn step_form(dossier: &Dossier, to: &State, step: &Transition) -> Form {
    let needs = |need| step.needs.contains(&need);
    let mut fields = vec![field("reason", "理由", Input::Text, needs(Need::Reason))];
    if needs(Need::Due) || to.clock == Some(Clock::Set) {
        fields.push(field("due", "期限", Input::Day, needs(Need::Due)));
    }
    if needs(Need::Cleared) && dossier.present() {
        let label = "经批准的例外(最近一次审计仍然发现)";
        fields.push(field("exception", label, Input::Text, true));
    }
    fields.push(field(
        "files",
        "附件",
        Input::Files,
        needs(Need::Attachment),
    ));
    let title = match step.backward {
        true => format!("退回「{}」", to.label),
        false => format!("转到「{}」", to.label),
    };
    let mut hints: Vec<&str> = [Need::Proposal, Need::Reply, Need::Plan]
        .into_iter()
        .filter(|need| needs(*need))
        .map(Need::label)
        .collect();
    if step.second_person() && !needs(Need::Proposal) {
        hints.push("须由没有办理过前面步骤的人办理");
    }
    Form {
        hint: hints.join(";"),
        ..Form::new("step", &to.code, title, fields)
    }
}

/// What this role may put on record now.
///
/// # Errors
/// [`ReviewError::Malformed`].
pub fn records(
    desk: &Desk,
    dossier: &Dossier,
    role: Role,
    refused: Option<&(Filled, String)>,
) -> Result<Vec<Form>, ReviewError> {
    let mut forms = Vec::new();
    for kind in crate::review::event::RECORDS {
        if desk.workflow.may_record(kind, dossier.state(), role) {
            forms.extend(record_form(desk, dossier, kind)?.map(|f| f.again(refused)));
        }
    }
    Ok(forms)
}

/// `None` where there is nothing to put on record: no step to propose, no extension to answer.
fn record_form(desk: &Desk, dossier: &Dossier, kind: &str) -> Result<Option<Form>, ReviewError> {
    let form = |title: &str, fields| Some(Form::new("record", kind, title.to_owned(), fields));
    let files = || field("files", "附件", Input::Files, false);
    Ok(match kind {
        "proposed" => {
            let to = proposable(desk, dossier);
            let fields = vec![
                field("to", "提出转到", Input::Choice(to.clone()), true),
                field("reason", "理由", Input::Text, true),
                files(),
            ];
            form("提出", fields).filter(|_| !to.is_empty())
        }
        "replied" => {
            let choices = [("yes", "无异议"), ("no", "有异议")];
            let fields = vec![
                field("agrees", "意见", choice(&choices), true),
                field("text", "说明(有异议的必须写明)", Input::Text, false),
                files(),
            ];
            form("答复", fields)
        }
        "planned" => form("登记整改措施", plan_fields(files())).map(|f| match dossier.plan() {
            Ok(Some(plan)) => f.standing(&plan_values(&plan)),
            _ => f,
        }),
        "progress" => {
            let fields = vec![
                field("on", "日期", Input::Day, true),
                field("text", "进展", Input::Text, true),
                files(),
            ];
            form("登记进展", fields)
        }
        "amounts" => {
            let fields = vec![
                field("recovered", "累计已追回(元)", Input::Line, true),
                field("booked", "累计已调账(元)", Input::Line, true),
                field("unrecoverable", "无法追回(元)", Input::Line, true),
                files(),
            ];
            form("登记整改金额", fields)
        }
        "extension_asked" => {
            let fields = vec![
                field("until", "延期到", Input::Day, true),
                field("reason", "理由", Input::Text, true),
                files(),
            ];
            form("申请延期", fields)
        }
        "extended" => asked(dossier)?.and_then(|(until, _)| {
            let fields = vec![field("reason", "理由", Input::Text, false)];
            form(&format!("批准延期到 {until}"), fields)
        }),
        "extension_refused" => asked(dossier)?.and_then(|(until, _)| {
            let fields = vec![field("reason", "理由", Input::Text, true)];
            form(&format!("不同意延期到 {until}"), fields)
        }),
        _ => {
            let fields = vec![field("text", "备注", Input::Text, true), files()];
            form("备注", fields)
        }
    })
}

/// States to which one person proposes a step and another takes it.
fn proposable(desk: &Desk, dossier: &Dossier) -> Vec<(String, String)> {
    let steps = desk.workflow.steps(dossier.state(), dossier.kind);
    let steps = steps.filter(|t| t.needs.contains(&Need::Proposal));
    steps
        .map(|t| (t.to.clone(), desk.workflow.label(&t.to).to_owned()))
        .collect()
}

fn choice(of: &[(&str, &str)]) -> Input {
    let pairs = of.iter();
    Input::Choice(
        pairs
            .map(|(v, l)| ((*v).to_owned(), (*l).to_owned()))
            .collect(),
    )
}

/// The ways of carrying a measure out, by the name that a form sends.
pub const KINDS: [(&str, MeasureKind); 3] = [
    ("immediate", MeasureKind::Immediate),
    ("staged", MeasureKind::Staged),
    ("ongoing", MeasureKind::Ongoing),
];

fn plan_fields(files: Field) -> Vec<Field> {
    let kinds = KINDS.map(|(code, kind)| (code, kind.label()));
    vec![
        field("measure", "整改措施", Input::Text, true),
        field("kind", "类型", choice(&kinds), true),
        field("lead", "责任人", Input::Line, true),
        field("due", "完成期限", Input::Day, true),
        field("target", "整改目标", Input::Text, true),
        files,
    ]
}

fn plan_values(plan: &Plan) -> [(&'static str, String); 5] {
    let kind = KINDS.iter().find(|(_, kind)| *kind == plan.kind);
    [
        ("measure", plan.measure.clone()),
        (
            "kind",
            kind.map_or(String::new(), |(code, _)| (*code).to_owned()),
        ),
        ("lead", plan.lead.clone()),
        ("due", plan.due.to_string()),
        ("target", plan.target.clone()),
    ]
}
