//! 监督计划: the list of projects by year, a project with its steps, and the forms; 风险点 and 制度文件 stand beside it.

pub mod acts;
pub mod form;
pub mod list;
pub mod page;
mod scope;

use std::collections::BTreeMap;

use crate::access::user::{self, is_company};
use crate::model::Role;
use crate::review::{Actor, Desk};
use crate::supervision::checklist::{Line, checklist, finished, standing};
use crate::supervision::{Project, Steps, Wrong};
use crate::web::fault::Fault;
use crate::web::pages::items;
use crate::web::permissions::may_open;
use crate::web::visitor::Visitor;
use crate::web::workspace::{Workspace, now};

/// A page beside the plan.
pub struct Tab {
    pub path: &'static str,
    pub title: &'static str,
    pub here: bool,
}

/// The pages of this entry that a role may open.
pub fn tabs(role: Role, here: &str) -> Vec<Tab> {
    let all = [
        ("/plan", "检查项目"),
        ("/risks", "廉政风险点"),
        ("/policies", "制度文件"),
    ];
    let open = all.into_iter().filter(|(path, _)| may_open(role, path));
    open.map(|(path, title)| Tab {
        path,
        title,
        here: path == here,
    })
    .collect()
}

/// Who looks, with the steps and times that the street works by.
pub struct View<'a> {
    pub workspace: &'a Workspace,
    pub visitor: &'a Visitor,
    pub steps: Steps,
    pub desk: Desk,
    pub actor: Actor,
}

impl<'a> View<'a> {
    pub async fn of(workspace: &'a Workspace, visitor: &'a Visitor) -> Result<View<'a>, Fault> {
        Ok(View {
            steps: Steps::load(&workspace.pack, &workspace.rules.laws)?,
            desk: items::desk(workspace).await?,
            actor: items::actor(visitor)?,
            workspace,
            visitor,
        })
    }

    /// Somebody of a company, who learns of a project with its notice and of the street's inner work never.
    pub fn outside(&self) -> bool {
        is_company(self.actor.role)
    }

    /// Whether this person may know of a project.
    pub fn sees(&self, project: &Project) -> bool {
        project.readable(&self.actor, &self.steps)
    }

    /// The project, if this person may know of it.
    pub async fn project(&self, number: &str) -> Result<Project, Fault> {
        let found = Project::find(self.workspace.store.db(), number).await?;
        found.filter(|p| self.sees(p)).ok_or_else(Fault::not_found)
    }

    /// Every project that this person may know of, by number.
    pub async fn projects(&self) -> Result<Vec<Project>, Fault> {
        let all = Project::all(self.workspace.store.db()).await?;
        Ok(all.into_iter().filter(|p| self.sees(p)).collect())
    }

    /// Every step of a project, as of today.
    fn all_lines(&self, project: &Project) -> Vec<Line<'_>> {
        checklist(&self.steps, &self.desk, project, now().date())
    }

    /// A project is finished when all of its steps are, whoever sees which.
    pub fn finished(&self, project: &Project) -> bool {
        finished(project, &self.all_lines(project))
    }

    /// How a project stands, in a word.
    pub fn standing(&self, project: &Project) -> &'static str {
        standing(project, &self.all_lines(project))
    }

    /// The steps of a project that this person sees.
    pub fn lines(&self, project: &Project) -> Vec<Line<'_>> {
        let mut lines = self.all_lines(project);
        if self.outside() {
            lines.retain(|l| l.step.shown);
            // Late is the street, not the company that waits for it.
            for line in &mut lines {
                line.overdue = false;
            }
        }
        lines
    }
}

/// People by login.
pub struct People(BTreeMap<String, String>);

impl People {
    pub async fn of(workspace: &Workspace) -> Result<People, Fault> {
        let users = user::list(workspace.store.db()).await?;
        Ok(People(
            users.into_iter().map(|u| (u.login, u.name)).collect(),
        ))
    }

    /// The name, or the login of somebody who has none here.
    pub fn name<'a>(&'a self, login: &'a str) -> &'a str {
        self.0.get(login).map_or(login, String::as_str)
    }

    /// A team, its leader first.
    pub fn team(&self, logins: &[String]) -> String {
        let names = logins.iter().enumerate().map(|(index, login)| match index {
            0 => format!("{}(组长)", self.name(login)),
            _ => self.name(login).to_owned(),
        });
        names.collect::<Vec<_>>().join("、")
    }
}

/// How far a project is: steps settled of those that the person sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bar {
    pub done: usize,
    pub all: usize,
}

impl Bar {
    pub fn of(lines: &[Line<'_>]) -> Bar {
        let (done, all) = crate::supervision::checklist::progress(lines);
        Bar { done, all }
    }

    pub fn percent(&self) -> usize {
        self.done * 100 / self.all.max(1)
    }
}

/// What is wrong with a field, for the form beside it.
pub fn wrong_of<'a>(wrong: &'a [Wrong], field: &str) -> Option<&'a str> {
    let found = wrong.iter().find(|w| w.field == field);
    found.map(|w| w.message.as_str())
}
