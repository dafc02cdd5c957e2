//! The company and the months that a person looks at: chosen once in the bar above, kept while moving from page to page.
//!
//! They become part of the address of a page that is opened without a filter of its own, so that an address that is passed on
//! shows the same to whoever opens it.

use axum_extra::extract::cookie::{Cookie, SameSite};

use super::paging::{encoded, query};
use crate::model::{Period, PeriodRange};

/// Name of the cookie that holds a focus. Nothing rests on it: what lies outside a person's scope is not looked at.
pub const COOKIE: &str = "sanzi_focus";

/// What a page takes from the focus: of the company, of the months.
const TAKES: [(&str, bool, bool); 12] = [
    ("/items", true, false),
    ("/rectification", true, false),
    ("/map", true, false),
    ("/registers/contracts", true, false),
    ("/registers/{register}", true, false),
    ("/audit/runs/{run}", true, false),
    ("/plan", true, false),
    ("/documents", true, false),
    ("/books/{org}/vouchers", false, true),
    ("/books/{org}/accounts", false, true),
    ("/books/{org}/accounts/{account}", false, true),
    ("/books/{org}/statements", false, true),
];

/// Empty texts: all companies, the latest months.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Focus {
    pub organisation: String,
    /// `2024-12` or `2024-01..2024-12`.
    pub period: String,
}

impl Focus {
    /// What the cookie says; what it cannot say is left out.
    pub fn read(text: &str) -> Focus {
        let (organisation, period) = text.split_once('~').unwrap_or((text, ""));
        let organisation = unescaped(organisation);
        Focus {
            organisation,
            period: months(period).unwrap_or_default(),
        }
    }

    pub fn cookie(&self, secure: bool) -> Cookie<'static> {
        let value = format!("{}~{}", encoded(&self.organisation), self.period);
        Cookie::build((COOKIE, value))
            .path("/")
            .http_only(true)
            .same_site(SameSite::Lax)
            .secure(secure)
            .build()
    }

    /// The address of the page at `path` with what it takes from the focus; `None`: as it is. `route` is its entry in the table
    /// of routes.
    pub fn lead(&self, route: &str, path: &str) -> Option<String> {
        if route == "/books" && !self.organisation.is_empty() {
            return Some(format!("/books/{}", encoded(&self.organisation)));
        }
        let (_, company, months) = TAKES.iter().find(|(r, _, _)| *r == route)?;
        let of = |takes: bool, text| if takes { text } else { "" };
        let parts = query(&[
            ("org", of(*company, &self.organisation)),
            ("period", of(*months, &self.period)),
        ]);
        let asked = parts.trim_end_matches(['?', '&']);
        (!asked.is_empty()).then(|| format!("{path}{asked}"))
    }

    /// Where somebody goes who changes the focus on a page: the same page, of the other company where it is a company's.
    pub fn onwards(&self, from: &str) -> String {
        let path = from.split(['?', '#']).next().unwrap_or("/");
        let mut parts = path.trim_start_matches('/').splitn(3, '/');
        match (parts.next(), parts.next(), parts.next()) {
            (Some("books"), Some(_), _) if self.organisation.is_empty() => "/books".to_owned(),
            (Some("books"), Some(_), Some(page @ ("vouchers" | "accounts" | "statements"))) => {
                format!("/books/{}/{page}", encoded(&self.organisation))
            }
            (Some("books"), Some(_), Some(_)) => format!("/books/{}", encoded(&self.organisation)),
            _ => path.to_owned(),
        }
    }
}

/// Months as the bar takes them: those of [`PeriodRange::parse`], or a year.
pub fn months(text: &str) -> Option<String> {
    let text = text.trim();
    let year = text.strip_suffix('年').unwrap_or(text);
    if year.len() == 4 {
        let of = |month| Period::new(year.parse().ok()?, month);
        let (first, last) = (of(1)?, of(12)?);
        return Some(PeriodRange { first, last }.to_string());
    }
    PeriodRange::parse(text).ok().map(|r| r.to_string())
}

/// Undoes [`encoded`]; what is no text is nothing.
fn unescaped(text: &str) -> String {
    let bytes = percent_encoding::percent_decode_str(text);
    bytes
        .decode_utf8()
        .map(|t| t.into_owned())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn focus(organisation: &str, period: &str) -> Focus {
        Focus {
            organisation: organisation.to_owned(),
            period: period.to_owned(),
        }
    }

    #[test]
    fn a_cookie_says_what_was_chosen() {
        for chosen in [
            focus("JF~01 甲", "2024-01..2024-12"),
            focus("", ""),
            focus("A", ""),
        ] {
            let cookie = chosen.cookie(true);
            assert_eq!(Focus::read(cookie.value()), chosen);
        }
        assert_eq!(Focus::read("%FF~soon"), focus("", ""));
    }

    #[test]
    fn pages_take_what_they_know() {
        let both = focus("JF01", "2024-01..2024-12");
        assert_eq!(both.lead("/items", "/items").unwrap(), "/items?org=JF01");
        let accounts = both.lead("/books/{org}/accounts", "/books/JF02/accounts");
        assert_eq!(
            accounts.unwrap(),
            "/books/JF02/accounts?period=2024-01..2024-12"
        );
        assert_eq!(both.lead("/books", "/books").unwrap(), "/books/JF01");
        assert_eq!(both.lead("/settings", "/settings"), None);
        assert_eq!(focus("", "2024-01").lead("/items", "/items"), None);
        assert_eq!(focus("", "").lead("/books", "/books"), None);
    }

    #[test]
    fn a_page_of_a_company_becomes_that_of_the_other() {
        let to = |from| focus("JF02", "").onwards(from);
        assert_eq!(
            to("/books/JF01/accounts?period=2024-01"),
            "/books/JF02/accounts"
        );
        assert_eq!(to("/books/JF01/vouchers/2024-01-记-0001"), "/books/JF02");
        assert_eq!(to("/items?org=JF01&page=3"), "/items");
        assert_eq!(focus("", "").onwards("/books/JF01/accounts"), "/books");
    }

    #[test]
    fn a_year_is_twelve_months() {
        assert_eq!(months("2024").as_deref(), Some("2024-01..2024-12"));
        assert_eq!(months(" 2024年 ").as_deref(), Some("2024-01..2024-12"));
        assert_eq!(months("2024-03").as_deref(), Some("2024-03"));
        assert_eq!(months("2024-05..2024-03"), None);
        assert_eq!(months("二零二四"), None);
    }
}
