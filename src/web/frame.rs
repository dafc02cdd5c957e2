//! What stands around every page: the directory on the left, the trail above, the person on the right.

use askama::Template;
use axum::response::Html;

use super::fault::Fault;
use super::focus::Focus;
use super::permissions::may_open;
use super::statics::VERSION;
use super::visitor::Visitor;
use crate::model::Role;

/// The entries, no more than nine for any role: title and path. One whose page does not exist, or that a role may not open,
/// is not shown.
const DIRECTORY: [(&str, &str); 10] = [
    ("总览", "/overview"),
    ("账套接收", "/handin"),
    ("账簿", "/books"),
    ("台账", "/registers"),
    ("审计", "/audit"),
    ("数据质量", "/quality"),
    ("疑点", "/items"),
    ("整改", "/rectification"),
    ("监督计划", "/plan"),
    ("设置", "/settings"),
];

/// An entry of the directory.
#[derive(Debug, Clone)]
pub struct Entry {
    pub title: &'static str,
    pub path: &'static str,
    pub here: bool,
    /// Matters that wait there for this person.
    pub waiting: i64,
}

/// See the module.
#[derive(Debug, Clone)]
pub struct Frame {
    pub title: String,
    pub version: &'static str,
    pub entries: Vec<Entry>,
    /// Steps back: title and path.
    pub trail: Vec<(String, String)>,
    pub person: String,
    pub role: &'static str,
    pub csrf: String,
    pub large: bool,
    /// The book in which the search box looks; none: everywhere.
    pub search_in: Option<String>,
    /// Code and title of the companies to choose from; empty where there is no choice.
    pub companies: Vec<(String, String)>,
    /// The company and the months that are looked at; empty texts: all, the latest.
    pub focus: Focus,
    /// This person looks at books.
    pub focusses: bool,
    /// The address of this page.
    pub here: String,
    /// This person has something to search.
    pub searches: bool,
    pub searched: String,
}

/// The entries that a role may open, in order.
pub fn directory(role: Role) -> Vec<(&'static str, &'static str)> {
    let open = DIRECTORY
        .into_iter()
        .filter(|(_, path)| may_open(role, path));
    open.collect()
}

impl Frame {
    /// The frame of a page under an entry of the directory.
    pub fn new(visitor: &Visitor, under: &str, title: &str) -> Frame {
        let user = visitor.user();
        let waiting = |path: &str| {
            let mut counts = visitor.around.waiting.iter();
            counts.find(|(p, _)| *p == path).map_or(0, |(_, n)| *n)
        };
        let entries = directory(user.role).into_iter().map(|(title, path)| Entry {
            title,
            path,
            here: path == under,
            waiting: waiting(path),
        });
        Frame {
            title: title.to_owned(),
            version: VERSION,
            entries: entries.collect(),
            trail: Vec::new(),
            person: user.name.clone(),
            role: user.role.label(),
            csrf: visitor.session.csrf.clone(),
            large: user.large_type,
            search_in: None,
            companies: match visitor.scope.single() {
                Some(_) => Vec::new(),
                None => visitor.companies(),
            },
            focus: visitor.focus.clone(),
            focusses: may_open(user.role, "/books"),
            here: visitor.here.clone(),
            searches: may_open(user.role, "/search"),
            searched: String::new(),
        }
    }

    pub fn after(mut self, title: &str, path: impl Into<String>) -> Frame {
        self.trail.push((title.to_owned(), path.into()));
        self
    }

    /// What stands in the box that looks everywhere.
    pub fn searched(mut self, text: &str) -> Frame {
        self.searched = text.to_owned();
        self
    }

    pub fn searching(mut self, organisation: &str, text: &str) -> Frame {
        // A page within a book is about its company, whatever was chosen before.
        self.focus.organisation = organisation.to_owned();
        self.search_in = Some(organisation.to_owned());
        self.searched = text.to_owned();
        self
    }
}

/// A page drawn.
pub type Page = Result<Html<String>, Fault>;

/// Draws a template.
pub fn draw(template: &impl Template) -> Page {
    Ok(Html(template.render()?))
}
