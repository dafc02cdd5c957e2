//! 监督计划 for programs, to read: projects with their steps, 廉政风险点, 制度文件. What a person may not see, a program may not either.

use axum::Json;
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{Ask, Paged, Problem};
use crate::supervision::Project;
use crate::supervision::checklist::Line;
use crate::web::fault::Fault;
use crate::web::pages::plan::{Bar, View};
use crate::web::pages::{policies as documents, risks};
use crate::web::visitor::Visitor;
use crate::web::workspace::Workspace;

/// Which projects.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct PlanQuery {
    /// `2026`; every year when left out.
    #[param(required = false)]
    year: Option<i32>,
    /// Code of an organisation.
    #[serde(default)]
    #[param(required = false)]
    org: String,
}

/// A project of the year's plan.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanProject {
    /// `2026-003`.
    number: String,
    year: i32,
    title: String,
    /// `annual`, `special`, `leaving`.
    kind: String,
    /// Those that the caller is there for.
    organisations: Vec<String>,
    /// `2025-01..2025-12`.
    period: String,
    /// Families or ids of rules; none for all. Left out for companies.
    rules: Option<Vec<String>>,
    /// Logins, the leader first.
    team: Vec<String>,
    start: String,
    end: String,
    /// `待批准`, `退回修改`, `执行中`, `已完成`, `已撤销`.
    standing: String,
    steps_done: usize,
    steps: usize,
    overdue: usize,
    /// Number of its last record.
    seen: i64,
}

/// A page of projects.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanProjects {
    total: i64,
    page: i64,
    items: Vec<PlanProject>,
}

/// A step of a project.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanStep {
    code: String,
    number: u32,
    title: String,
    document: String,
    /// `doing`, `done`, `not_needed`, `reopened`; none before it is begun.
    status: Option<String>,
    on: Option<String>,
    due: Option<String>,
    /// The time is a proposal (★) until the street confirms it.
    proposed_time: bool,
    overdue: bool,
}

/// A project with its steps.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanDetail {
    #[serde(flatten)]
    project: PlanProject,
    checklist: Vec<PlanStep>,
}

/// A risk point with what was found at it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Point {
    /// `FX-01`.
    code: String,
    post: String,
    process: String,
    /// `high`, `medium`, `low`.
    level: String,
    what: String,
    control: String,
    rules: Vec<String>,
    found: Vec<PointItems>,
}

/// Open items of an organisation at a risk point.
#[derive(Debug, Serialize, ToSchema)]
pub struct PointItems {
    organisation: String,
    open: i64,
    /// Of these, those that the last run still finds.
    present: i64,
}

/// A version of a document.
#[derive(Debug, Serialize, ToSchema)]
pub struct PolicyVersion {
    id: i64,
    /// The id of its first version.
    series: i64,
    version: i64,
    title: String,
    number: String,
    issuer: String,
    effective_from: String,
    effective_to: Option<String>,
    scope: String,
    /// Rules and parameters that rest on it.
    basis_for: Vec<String>,
    /// `现行`, `未生效`, `已失效`, `旧版`.
    standing: String,
    file_name: String,
    /// Bytes.
    size: i64,
    /// Hex.
    sha256: String,
}

fn shown(view: &View<'_>, project: &Project, lines: &[Line<'_>]) -> PlanProject {
    let plan = &project.plan;
    let bar = Bar::of(lines);
    let own = project.own(&view.actor);
    PlanProject {
        number: project.number.clone(),
        year: plan.year,
        title: plan.title.clone(),
        kind: plan.kind.code().to_owned(),
        organisations: own.into_iter().map(str::to_owned).collect(),
        period: plan.period.clone(),
        rules: (!view.outside()).then(|| plan.rules.clone()),
        team: plan.team.clone(),
        start: plan.start.to_string(),
        end: plan.end.to_string(),
        standing: view.standing(project).to_owned(),
        steps_done: bar.done,
        steps: bar.all,
        overdue: lines.iter().filter(|l| l.overdue).count(),
        seen: project.seen(),
    }
}

/// Projects of the plan, by number.
#[utoipa::path(get, path = "/api/v1/plan", params(PlanQuery, Paged), responses(
    (status = 200, body = PlanProjects),
    (status = 304, description = "unchanged since the ETag of If-None-Match"),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 422, body = Problem, content_type = "application/problem+json"),
))]
pub async fn list(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Ask(asked): Ask<PlanQuery>,
    Ask(paged): Ask<Paged>,
) -> Result<Json<PlanProjects>, Fault> {
    let paged = paged.checked()?;
    let view = View::of(&workspace, &visitor).await?;
    let mut all = view.projects().await?;
    all.retain(|p| {
        asked.year.is_none_or(|y| y == p.plan.year)
            && (asked.org.is_empty() || p.own(&view.actor).contains(&asked.org.as_str()))
    });
    let skipped = usize::try_from(paged.offset()).unwrap_or(usize::MAX);
    let most = usize::try_from(paged.limit()).unwrap_or(usize::MAX);
    let page = all.iter().skip(skipped).take(most);
    Ok(Json(PlanProjects {
        total: i64::try_from(all.len()).unwrap_or(i64::MAX),
        page: paged.page(),
        items: page.map(|p| shown(&view, p, &view.lines(p))).collect(),
    }))
}

/// A project with its steps.
#[utoipa::path(get, path = "/api/v1/plan/{plan}",
    params(("plan" = String, Path, description = "项目编号")), responses(
    (status = 200, body = PlanDetail),
    (status = 304, description = "unchanged since the ETag of If-None-Match"),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
    (status = 404, body = Problem, content_type = "application/problem+json"),
))]
pub async fn project(
    State(workspace): State<Workspace>,
    visitor: Visitor,
    Path(number): Path<String>,
) -> Result<Json<PlanDetail>, Fault> {
    let view = View::of(&workspace, &visitor).await?;
    let project = view.project(&number).await?;
    let lines = view.lines(&project);
    let checklist = lines.iter().map(|l| PlanStep {
        code: l.step.code.clone(),
        number: l.step.number,
        title: l.step.title.clone(),
        document: l.step.document.clone(),
        status: l.status.map(|s| s.code().to_owned()),
        on: l.on.map(|d| d.to_string()),
        due: l.due.map(|d| d.to_string()),
        proposed_time: l.proposed_time(),
        overdue: l.overdue,
    });
    Ok(Json(PlanDetail {
        checklist: checklist.collect(),
        project: shown(&view, &project, &lines),
    }))
}

/// 廉政风险点, with the open items that the caller may read.
#[utoipa::path(get, path = "/api/v1/risk-points", responses(
    (status = 200, body = Vec<Point>),
    (status = 304, description = "unchanged since the ETag of If-None-Match"),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
))]
pub async fn risk_points(
    State(workspace): State<Workspace>,
    visitor: Visitor,
) -> Result<Json<Vec<Point>>, Fault> {
    let rows = risks::rows(&workspace, &visitor).await?;
    let points = rows.into_iter().map(|row| {
        let found = row.found.into_iter().map(|f| PointItems {
            organisation: f.organisation,
            open: f.open,
            present: f.present,
        });
        let found = found.collect();
        let point = row.point;
        Point {
            code: point.code,
            post: point.post,
            process: point.process,
            level: point.level.code().to_owned(),
            what: point.what,
            control: point.control,
            rules: point.rules,
            found,
        }
    });
    Ok(Json(points.collect()))
}

/// Every version of every document, the latest first.
#[utoipa::path(get, path = "/api/v1/policies", responses(
    (status = 200, body = Vec<PolicyVersion>),
    (status = 304, description = "unchanged since the ETag of If-None-Match"),
    (status = 401, body = Problem, content_type = "application/problem+json"),
    (status = 403, body = Problem, content_type = "application/problem+json"),
))]
pub async fn policies(
    State(workspace): State<Workspace>,
) -> Result<Json<Vec<PolicyVersion>>, Fault> {
    let rows = documents::rows(&workspace).await?;
    let versions = rows.into_iter().map(|row| {
        let (sha256, standing) = (row.sha256(), row.standing.label().to_owned());
        let version = row.version;
        let policy = version.policy;
        PolicyVersion {
            id: version.id,
            series: version.series,
            version: version.version,
            title: policy.title,
            number: policy.number,
            issuer: policy.issuer,
            effective_from: policy.from.to_string(),
            effective_to: policy.to.map(|d| d.to_string()),
            scope: policy.scope,
            basis_for: policy.basis_for,
            standing,
            file_name: version.file_name,
            size: version.size,
            sha256,
        }
    });
    Ok(Json(versions.collect()))
}
