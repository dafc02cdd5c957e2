//! 阈值: what the street has yet to decide, and a value set by company and day, with its basis and who approved it.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use chrono::NaiveDate;
use serde::Deserialize;

use crate::access::Scope;
use crate::access::log::{self, Act};
use crate::audit::params::{Origin, Setting, Trial, in_force, resolve};
use crate::audit::rule::questions::{Answer, Question, questions};
use crate::audit::rule::{ParamSource, RulePack};
use crate::audit::settings::{self, Decision, Recorded, SettingError};
use crate::model::date::parse_date;
use crate::report::words;
use crate::web::fault::Fault;
use crate::web::frame::{Frame, Page, draw};
use crate::web::paging::encoded;
use crate::web::permissions::may_post;
use crate::web::visitor::{Fields, Visitor};
use crate::web::workspace::{Workspace, apart, now};

/// Where a value is set.
const SET: &str = "/audit/parameters/{rule}/{name}";

#[derive(Debug, Default, Deserialize)]
pub struct Asked {
    /// `all`: those by practice too; else the placeholders alone.
    #[serde(default)]
    which: String,
}

/// A question with the street's answer today.
pub struct Told {
    pub question: Question,
    /// Of the first that asks.
    pub rule: String,
    pub name: String,
    pub value: String,
    pub source: String,
    pub open: bool,
}

impl Told {
    fn family(&self) -> &str {
        words::family(&self.question.family)
    }

    fn path(&self) -> String {
        path(&self.rule, &self.name)
    }
}

#[derive(Template)]
#[template(path = "web/parameters.html")]
struct ListPage {
    frame: Frame,
    tab: &'static str,
    all: bool,
    open: usize,
    lines: Vec<Told>,
}

pub async fn list(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Page {
    let all = asked.which == "all";
    let lines = told(&workspace, all).await?;
    draw(&ListPage {
        frame: Frame::new(&visitor, "/audit", "阈值").after("审计", "/audit"),
        tab: "parameters",
        all,
        open: lines.iter().filter(|l| l.open).count(),
        lines,
    })
}

/// The questions that the street has to decide, or with `all` those answered by practice too, by family.
///
/// # Errors
/// What the database says.
pub async fn told(workspace: &Workspace, all: bool) -> Result<Vec<Told>, Fault> {
    let sources: &[ParamSource] = match all {
        true => &[ParamSource::Placeholder, ParamSource::Practice],
        false => &[ParamSource::Placeholder],
    };
    let stands = settings::load(&workspace.store).await?;
    let mut asked = questions(&workspace.rules, sources);
    asked.sort_by_key(|q| words::family_order(&q.family).0);
    let first = |q: Question| {
        let (rule, name) = q.uses.first()?.clone();
        answered(&workspace.rules, &stands, q, (&rule, &name))
    };
    Ok(asked.into_iter().filter_map(first).collect())
}

fn answered(
    pack: &RulePack,
    stands: &[Setting],
    question: Question,
    (rule, name): (&str, &str),
) -> Option<Told> {
    let spans = resolve(pack.rule(rule)?, stands, &Trial::new(), "");
    let value = in_force(&spans, name, now().date())?;
    Some(Told {
        value: value.value.shown(),
        source: value.origin.shown(),
        open: value.origin == Origin::Default(ParamSource::Placeholder),
        rule: rule.to_owned(),
        name: name.to_owned(),
        question,
    })
}

fn path(rule: &str, name: &str) -> String {
    format!("/audit/parameters/{}/{}", encoded(rule), encoded(name))
}

/// A value of one organisation, or of the street.
pub struct Value {
    /// Code; empty for the street.
    pub organisation: String,
    whose: String,
    pub value: String,
    pub source: String,
    pub since: String,
    pub next: String,
    pub open: bool,
}

/// What stood in the form, so that nothing typed is lost when it is refused.
#[derive(Default)]
pub struct Form {
    pub org: String,
    pub value: String,
    pub from: String,
    pub to: String,
    pub basis: String,
    pub approver: String,
    /// The other rules that ask the same and shall have the same answer.
    pub uses: Vec<String>,
}

#[derive(Template)]
#[template(path = "web/parameter.html")]
struct ParameterPage {
    frame: Frame,
    rule: String,
    name: String,
    question: Question,
    fixed: bool,
    may_set: bool,
    /// The person may decide for the whole street.
    whole_street: bool,
    organisations: Vec<(String, String)>,
    values: Vec<Value>,
    recorded: Vec<(Recorded, String)>,
    titles: BTreeMap<String, String>,
    form: Form,
    problem: String,
}

impl ParameterPage {
    /// The others that ask the same: `规则.参数`, and the rule as people know it.
    fn others(&self) -> Vec<(String, String)> {
        let mine = |(rule, name): &&(String, String)| *rule == self.rule && *name == self.name;
        let others = self.question.uses.iter().filter(|u| !mine(u));
        others
            .map(|(rule, name)| {
                let title = self.titles.get(rule).map_or("", String::as_str);
                (format!("{rule}.{name}"), format!("{rule} {title}"))
            })
            .collect()
    }

    fn chosen(&self, word: &str) -> bool {
        self.form.value.split(';').any(|w| w == word)
    }

    /// What was chosen beside the words that are offered.
    fn other_words(&self, offered: &[String]) -> String {
        let chosen = self.form.value.split(';');
        let others: Vec<&str> = chosen.filter(|w| !offered.iter().any(|o| o == w)).collect();
        others.join(";")
    }

    fn takes(&self, other: &str) -> bool {
        self.form.uses.iter().any(|u| u == other)
    }

    fn state(&self, recorded: &Recorded) -> String {
        match recorded.replaced {
            None => "有效".to_owned(),
            Some((_, at)) if recorded.undone => format!("{at} 撤销"),
            Some((_, at)) => format!("{at} 被替换"),
        }
    }
}

pub async fn page(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Path((rule, name)): Path<(String, String)>,
) -> Result<Response, Fault> {
    shown(&workspace, &visitor, (rule, name), None, String::new()).await
}

/// The question that a parameter belongs to.
///
/// # Errors
/// There is none.
pub fn question(pack: &RulePack, rule: &str, name: &str) -> Result<Question, Fault> {
    let sources = [
        ParamSource::Placeholder,
        ParamSource::Practice,
        ParamSource::Statute,
    ];
    let asked = questions(pack, &sources);
    let found = asked
        .into_iter()
        .find(|q| q.uses.iter().any(|(r, n)| r == rule && n == name));
    found.ok_or_else(Fault::not_found)
}

async fn shown(
    workspace: &Workspace,
    visitor: &Visitor,
    (rule, name): (String, String),
    form: Option<Form>,
    problem: String,
) -> Result<Response, Fault> {
    let question = question(&workspace.rules, &rule, &name)?;
    let organisations = visitor.companies();
    let stands = settings::load(&workspace.store).await?;
    let values = values(
        workspace,
        &organisations,
        &stands,
        &question,
        (&rule, &name),
    );
    let recorded = recorded(workspace, visitor, (&rule, &name)).await?;
    let status = match problem.is_empty() {
        true => StatusCode::OK,
        false => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let form = form.unwrap_or_else(|| Form {
        value: chosen_today(workspace, &question, &stands, (&rule, &name)).unwrap_or_default(),
        // Like questions are answered alike unless somebody unticks them.
        uses: question
            .uses
            .iter()
            .map(|(r, n)| format!("{r}.{n}"))
            .collect(),
        ..Form::default()
    });
    let page = ParameterPage {
        frame: Frame::new(visitor, "/audit", &question.label)
            .after("审计", "/audit")
            .after("阈值", "/audit/parameters"),
        fixed: question.source == ParamSource::Statute,
        may_set: may_post(visitor.user().role, SET),
        whole_street: visitor.scope == Scope::All,
        values,
        recorded,
        titles: titles(&workspace.rules, &question),
        organisations,
        question,
        rule,
        name,
        form,
        problem,
    };
    Ok((status, draw(&page)?).into_response())
}

/// The street's value today, then that of each organisation.
fn values(
    workspace: &Workspace,
    organisations: &[(String, String)],
    stands: &[Setting],
    question: &Question,
    (rule, name): (&str, &str),
) -> Vec<Value> {
    let street = [(String::new(), "全街道".to_owned())];
    let value = |(code, whose): &(String, String)| {
        let spans = resolve(workspace.rules.rule(rule)?, stands, &Trial::new(), code);
        let now = in_force(&spans, name, now().date())?;
        let unit = &question.unit;
        Some(Value {
            organisation: code.clone(),
            whose: whose.clone(),
            value: now.value.shown(),
            source: now.origin.shown(),
            since: now.since.map(|d| d.to_string()).unwrap_or_default(),
            next: now.next.as_ref().map_or(String::new(), |(d, v)| {
                format!("{d} 起 {}{unit}", v.shown())
            }),
            open: now.origin == Origin::Default(ParamSource::Placeholder),
        })
    };
    street
        .iter()
        .chain(organisations)
        .filter_map(value)
        .collect()
}

/// What was ever recorded, in words, as far as this person sees it; the latest first.
async fn recorded(
    workspace: &Workspace,
    visitor: &Visitor,
    (rule, name): (&str, &str),
) -> Result<Vec<(Recorded, String)>, Fault> {
    let all = settings::history(&workspace.store, Some((rule, name))).await?;
    let visible = |r: &Recorded| {
        let of = r.setting.organisation.as_deref();
        of.is_none_or(|o| visitor.scope.covers(o))
    };
    let words = |r: Recorded| {
        let words = settings::recorded_words(&workspace.rules, &r.setting);
        (r, words)
    };
    Ok(all.into_iter().filter(visible).rev().map(words).collect())
}

/// A question, its values, and what was ever recorded.
///
/// # Errors
/// There is no such parameter.
pub async fn detail(
    workspace: &Workspace,
    visitor: &Visitor,
    place: (&str, &str),
) -> Result<(Told, Vec<Value>, Vec<(Recorded, String)>), Fault> {
    let question = question(&workspace.rules, place.0, place.1)?;
    let stands = settings::load(&workspace.store).await?;
    let companies = visitor.companies();
    let values = values(workspace, &companies, &stands, &question, place);
    let told = answered(&workspace.rules, &stands, question, place);
    let told = told.ok_or_else(Fault::not_found)?;
    Ok((told, values, recorded(workspace, visitor, place).await?))
}

fn titles(pack: &RulePack, question: &Question) -> BTreeMap<String, String> {
    let rules = question.uses.iter().filter_map(|(rule, _)| pack.rule(rule));
    rules
        .map(|r| (r.id().to_owned(), r.file.title.clone()))
        .collect()
}

/// Where words are offered, those that hold for the whole street are chosen already.
fn chosen_today(
    workspace: &Workspace,
    question: &Question,
    stands: &[Setting],
    (rule, name): (&str, &str),
) -> Option<String> {
    if question.answer == Answer::Typed {
        return None;
    }
    let spans = resolve(workspace.rules.rule(rule)?, stands, &Trial::new(), "");
    let value = in_force(&spans, name, now().date())?.value;
    value.words().or_else(|| Some(value.shown()))
}

fn typed(fields: &Fields) -> Form {
    let text = |name| fields.get(name).to_owned();
    Form {
        org: text("org"),
        // Ticked words come one by one.
        value: fields.all("value").collect::<Vec<_>>().join(";"),
        from: text("from"),
        to: text("to"),
        basis: text("basis"),
        approver: text("approver"),
        uses: fields.all("uses").map(str::to_owned).collect(),
    }
}

/// The day in a field; empty where it may be.
fn day(text: &str, what: &str) -> Result<Option<NaiveDate>, String> {
    match text {
        "" => Ok(None),
        text => parse_date(text)
            .map(Some)
            .ok_or_else(|| format!("{what}「{text}」不是日期;请写成 2025-01-01")),
    }
}

/// The values that a form decides: of this parameter and of those ticked that ask the same.
fn decided(
    question: &Question,
    (rule, name): (&str, &str),
    form: &Form,
) -> Result<Vec<Setting>, String> {
    let from = day(&form.from, "生效日期")?.ok_or("请写明从哪天起生效")?;
    let to = day(&form.to, "失效日期")?;
    let uses = question.uses.iter().filter(|(r, n)| {
        let ticked = || form.uses.iter().any(|u| *u == format!("{r}.{n}"));
        (r == rule && n == name) || ticked()
    });
    let setting = |(rule, name): &(String, String)| Setting {
        overlay: false,
        rule: rule.clone(),
        name: name.clone(),
        organisation: (!form.org.is_empty()).then(|| form.org.clone()),
        value: form.value.clone(),
        from: Some(from),
        to,
        basis: form.basis.clone(),
        approver: form.approver.clone(),
    };
    Ok(uses.map(setting).collect())
}

pub async fn set(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Path((rule, name)): Path<(String, String)>,
    fields: Fields,
) -> Result<Response, Fault> {
    let form = typed(&fields);
    let recorded = decide(&workspace, &visitor, (&rule, &name), &form).await?;
    match recorded {
        Ok(()) => Ok(Redirect::to(&path(&rule, &name)).into_response()),
        Err(problem) => shown(&workspace, &visitor, (rule, name), Some(form), problem).await,
    }
}

/// Records what a form says. The inner error is for the person who filled it in.
///
/// # Errors
/// There is no such parameter, or the organisation is not this person's.
pub async fn decide(
    workspace: &Workspace,
    visitor: &Visitor,
    (rule, name): (&str, &str),
    form: &Form,
) -> Result<Result<(), String>, Fault> {
    let question = question(&workspace.rules, rule, name)?;
    match form.org.as_str() {
        "" if visitor.scope != Scope::All => {
            return Ok(Err("您只能为自己的单位设定,请选一个单位".to_owned()));
        }
        "" => {}
        org => visitor.sees(org)?,
    }
    let settings = match decided(&question, (rule, name), form) {
        Ok(settings) => settings,
        Err(problem) => return Ok(Err(problem)),
    };
    let (work, login) = (workspace.clone(), visitor.login().to_owned());
    apart(move || async move { record(&work, &login, settings).await }).await
}

/// Records the values, all of them or, where one may not be, none. The inner error is for the person who filled in the form.
async fn record(
    workspace: &Workspace,
    login: &str,
    settings: Vec<Setting>,
) -> Result<Result<(), String>, Fault> {
    for setting in &settings {
        if let Err(problem) = settings::check(&workspace.rules, setting) {
            return Ok(Err(problem.to_string()));
        }
    }
    for setting in settings {
        let act = Act::new("parameter.set", login);
        let object = format!("{}.{}", setting.rule, setting.name);
        let act = act.object(&object);
        let organisation = setting.organisation.clone().unwrap_or_default();
        let act = match organisation.is_empty() {
            true => act,
            false => act.organisation(&organisation),
        };
        let decision = Decision {
            setting,
            by: Some(login),
            at: now(),
        };
        match settings::record(&workspace.store, &workspace.rules, &decision).await {
            Ok(_) => {}
            Err(SettingError::Store(error)) => return Err(error.into()),
            Err(problem) => return Ok(Err(problem.to_string())),
        }
        log::append(&workspace.store, &act, now()).await?;
    }
    Ok(Ok(()))
}
