//! 阈值: what the street has yet to decide, and a value set by company and day, with its basis and who approved it.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use chrono::NaiveDate;
use serde::Deserialize;

use crate::access::Scope;
use crate::access::log::{self, Act};
use crate::audit::params::{Origin, Setting, Trial, in_force, resolve};
use crate::audit::rule::questions::{Question, questions};
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
struct Line {
    question: Question,
    family: String,
    value: String,
    source: String,
    open: bool,
    path: String,
}

#[derive(Template)]
#[template(path = "web/parameters.html")]
struct ListPage {
    frame: Frame,
    tab: &'static str,
    all: bool,
    open: usize,
    lines: Vec<Line>,
}

pub async fn list(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Page {
    let all = asked.which == "all";
    let sources: &[ParamSource] = match all {
        true => &[ParamSource::Placeholder, ParamSource::Practice],
        false => &[ParamSource::Placeholder],
    };
    let stands = settings::load(&workspace.store).await?;
    let mut asked = questions(&workspace.rules, sources);
    asked.sort_by_key(|q| words::family_order(&q.family).0);
    let lines: Vec<Line> = asked
        .into_iter()
        .filter_map(|q| line(&workspace.rules, &stands, q))
        .collect();
    draw(&ListPage {
        frame: Frame::new(&visitor, "/audit", "阈值").after("审计", "/audit"),
        tab: "parameters",
        all,
        open: lines.iter().filter(|l| l.open).count(),
        lines,
    })
}

fn line(pack: &RulePack, stands: &[Setting], question: Question) -> Option<Line> {
    let (rule, name) = question.uses.first()?;
    let spans = resolve(pack.rule(rule)?, stands, &Trial::new(), "");
    let value = in_force(&spans, name, now().date())?;
    Some(Line {
        family: words::family(&question.family).to_owned(),
        value: value.value.shown(),
        source: value.origin.shown(),
        open: value.origin == Origin::Default(ParamSource::Placeholder),
        path: path(rule, name),
        question,
    })
}

fn path(rule: &str, name: &str) -> String {
    format!("/audit/parameters/{}/{}", encoded(rule), encoded(name))
}

/// A value of one organisation, or of the street.
struct Value {
    whose: String,
    value: String,
    source: String,
    since: String,
    next: String,
    open: bool,
}

/// What stood in the form, so that nothing typed is lost when it is refused.
#[derive(Default)]
struct Form {
    org: String,
    value: String,
    from: String,
    to: String,
    basis: String,
    approver: String,
    /// The other rules that ask the same and shall have the same answer.
    uses: Vec<String>,
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
    recorded: Vec<Recorded>,
    form: Form,
    problem: String,
}

impl ParameterPage {
    /// `规则.参数` of the others that ask the same.
    fn others(&self) -> Vec<String> {
        let mine = |(rule, name): &&(String, String)| *rule == self.rule && *name == self.name;
        let others = self.question.uses.iter().filter(|u| !mine(u));
        others
            .map(|(rule, name)| format!("{rule}.{name}"))
            .collect()
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
fn question(pack: &RulePack, rule: &str, name: &str) -> Result<Question, Fault> {
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
    let all = [(String::new(), "全街道".to_owned())];
    let values = all.iter().chain(&organisations).filter_map(|whose| {
        let spans = resolve(
            workspace.rules.rule(&rule)?,
            &stands,
            &Trial::new(),
            &whose.0,
        );
        let now = in_force(&spans, &name, now().date())?;
        let unit = &question.unit;
        Some(Value {
            whose: whose.1.clone(),
            value: now.value.shown(),
            source: now.origin.shown(),
            since: now.since.map(|d| d.to_string()).unwrap_or_default(),
            next: now.next.as_ref().map_or(String::new(), |(d, v)| {
                format!("{d} 起 {}{unit}", v.shown())
            }),
            open: now.origin == Origin::Default(ParamSource::Placeholder),
        })
    });
    let recorded = settings::history(&workspace.store, Some((&rule, &name))).await?;
    let visible = |r: &Recorded| {
        let of = r.setting.organisation.as_deref();
        of.is_none_or(|o| visitor.scope.covers(o))
    };
    let status = match problem.is_empty() {
        true => StatusCode::OK,
        false => StatusCode::UNPROCESSABLE_ENTITY,
    };
    let form = form.unwrap_or_else(|| Form {
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
        values: values.collect(),
        recorded: recorded.into_iter().filter(visible).rev().collect(),
        organisations,
        question,
        rule,
        name,
        form,
        problem,
    };
    Ok((status, draw(&page)?).into_response())
}

fn typed(fields: &Fields) -> Form {
    let text = |name| fields.get(name).to_owned();
    Form {
        org: text("org"),
        value: text("value"),
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
    let question = question(&workspace.rules, &rule, &name)?;
    let form = typed(&fields);
    match form.org.as_str() {
        "" if visitor.scope != Scope::All => {
            let problem = "您只能为自己的单位设定,请选一个单位".to_owned();
            return shown(&workspace, &visitor, (rule, name), Some(form), problem).await;
        }
        "" => {}
        org => visitor.sees(org)?,
    }
    let recorded = match decided(&question, (&rule, &name), &form) {
        Ok(settings) => {
            let (work, login) = (workspace.clone(), visitor.login().to_owned());
            apart(move || async move { record(&work, &login, settings).await }).await?
        }
        Err(problem) => Err(problem),
    };
    match recorded {
        Ok(()) => Ok(Redirect::to(&path(&rule, &name)).into_response()),
        Err(problem) => shown(&workspace, &visitor, (rule, name), Some(form), problem).await,
    }
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
