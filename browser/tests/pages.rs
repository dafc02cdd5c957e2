//! Every page of every role, found from the directory on: whatever links lead to is looked at, once for each kind of page.

use std::collections::{BTreeSet, VecDeque};

use crate::chrome::PHONE;
use crate::person::Person;
use crate::server::Server;

/// The demo's users whose pages are looked at.
const EVERYBODY: [&str; 8] = [
    "administrator",
    "company-accountant",
    "company-officer",
    "street-supervisor",
    "street-reviewer",
    "inspector",
    "rule-manager",
    "read-only",
];

/// Addresses that the page leads to, but for files to download; of a list's rows the first stands for all.
const LINKS: &str = "
    const links = Array.from(document.querySelectorAll('nav a[href], .who a[href], main a[href]'));
    const firsts = (a) => !a.closest('tbody tr:not(:first-child)');
    const files = (a) => a.hasAttribute('download') || /(csv|xlsx)$/.test(new URL(a.href).pathname);
    return links.filter((a) => firsts(a) && !files(a)).map((a) => [new URL(a.href).pathname, new URL(a.href).search]);
";

/// The kind of a page: its path without what names one thing among many.
fn kind(path: &str) -> String {
    let parts = path.split('/').map(|part| match part {
        named if named.contains(|c: char| c.is_ascii_digit() || c == '%') => "*",
        fixed => fixed,
    });
    parts.collect::<Vec<_>>().join("/")
}

/// A name for the picture of a kind of page.
fn name(kind: &str) -> String {
    let name = kind.trim_matches('/').replace('/', "-").replace('*', "x");
    if name.is_empty() { "home".into() } else { name }
}

impl Person<'_> {
    /// Looks at every kind of page that links lead to from here.
    async fn walk(&mut self) -> BTreeSet<String> {
        let mut seen = BTreeSet::from(["/".to_owned()]);
        let mut to_do: VecDeque<(String, String)> = VecDeque::new();
        loop {
            let links = self.script(LINKS, Vec::new()).await;
            for link in links.as_array().unwrap() {
                let text = |n: usize| link[n].as_str().unwrap().to_owned();
                if seen.insert(kind(&text(0))) {
                    to_do.push_back((text(0), text(1)));
                }
            }
            let Some((path, query)) = to_do.pop_front() else {
                return seen;
            };
            self.goto(&format!("{path}{query}")).await;
            self.look(&name(&kind(&path))).await;
        }
    }
}

/// Roles are dealt to two tests, so that both cores have work.
async fn walk(story: &'static str, part: usize) {
    let server = Server::demo();
    let mut person = Person::new(&server).await;
    for login in EVERYBODY.iter().skip(part).step_by(2) {
        person.begin(&format!("{story}/{login}"));
        person.log_in_as(login).await;
        let seen = person.walk().await;
        println!("{login}: {} kinds of pages: {seen:?}", seen.len());
    }
}

#[tokio::test]
async fn every_page_of_half_the_roles() {
    walk("pages", 0).await;
}

#[tokio::test]
async fn every_page_of_the_other_roles() {
    walk("pages", 1).await;
}

/// The looks above can fail: a page made faulty is told for each of its faults.
#[tokio::test]
async fn a_faulty_page_is_told() {
    let server = Server::empty();
    let mut person = Person::new(&server).await;
    person.begin("faulty");
    person.goto("/login").await;
    let spoil = "
        document.body.insertAdjacentHTML('beforeend', '<input name=bare><p>Loading</p><img alt=x src=http://127.0.0.1:9/x.png>');
        document.querySelector('h1').style.width = '1400px';
    ";
    person.script(spoil, Vec::new()).await;
    person.look("faulty").await;
    let told = person.told();
    for fault in [
        "axe label (critical)",
        "in English: Loading",
        "console: ",
        "pixels wide on a screen of 390",
    ] {
        assert!(told.contains(fault), "{fault} is not told:\n{told}");
    }
}

/// A chart drawn in the office and not yet drawn anew on the telephone: it is cut off, and the page keeps its width.
#[tokio::test]
async fn a_chart_does_not_widen_the_page() {
    let server = Server::demo();
    let mut person = Person::new(&server).await;
    person.begin("chart");
    person.log_in_as("street-supervisor").await;
    person.goto("/overview").await;
    person.chrome.resize(PHONE);
    let spread = "
        const plots = [...document.querySelectorAll('.plot:not([hidden])')];
        for (const part of plots.flatMap((p) => [...p.querySelectorAll('div, canvas')])) part.style.width = '1152px';
        return [plots.length, document.documentElement.scrollWidth];
    ";
    let read = person.script(spread, Vec::new()).await;
    assert!(read[0].as_u64().unwrap() > 0, "no chart is drawn");
    assert!(read[1].as_u64().unwrap() <= u64::from(PHONE.0), "{read}");
}

#[test]
fn kinds_name_no_single_thing() {
    assert_eq!(
        kind("/books/JF01/vouchers/2024-01-%E8%AE%B0-0001"),
        "/books/*/vouchers/*"
    );
    assert_eq!(kind("/registers/contracts"), "/registers/contracts");
    assert_eq!(name("/audit/runs/*"), "audit-runs-x");
    assert_eq!(name("/"), "home");
}
