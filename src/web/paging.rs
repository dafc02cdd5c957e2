//! Pages of long lists: always with the total, never a silent cap.

/// Rows of one page.
pub const SIZE: i64 = 50;

/// Where in a list a page stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paging {
    pub total: i64,
    /// From 1.
    pub page: i64,
    pub pages: i64,
    /// The address of the list without its page, ending in `?` or `&`.
    pub base: String,
}

impl Paging {
    /// `asked` counts from 1; what lies outside is brought inside.
    pub fn new(total: i64, asked: Option<i64>, base: String) -> Paging {
        let pages = ((total + SIZE - 1) / SIZE).max(1);
        Paging {
            total,
            page: asked.unwrap_or(1).clamp(1, pages),
            pages,
            base,
        }
    }

    pub fn before(&self) -> Option<i64> {
        (self.page > 1).then_some(self.page - 1)
    }

    pub fn next(&self) -> Option<i64> {
        (self.page < self.pages).then_some(self.page + 1)
    }

    /// First and last row shown, from 1; 0 when there are none.
    pub fn shown(&self) -> (i64, i64) {
        let first = (self.page - 1) * SIZE;
        ((first + 1).min(self.total), (first + SIZE).min(self.total))
    }
}

/// Parts of an address's query, those with a value.
pub fn query(parts: &[(&str, &str)]) -> String {
    let mut out = String::from("?");
    for (name, value) in parts.iter().filter(|(_, v)| !v.is_empty()) {
        out.push_str(&format!("{name}={}&", encoded(value)));
    }
    out
}

/// A value as part of an address.
pub fn encoded(value: &str) -> String {
    value.bytes().fold(String::new(), |mut out, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                out.push(char::from(byte));
            }
            _ => out.push_str(&format!("%{byte:02X}")),
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_stay_within_the_list() {
        let page = |total, asked| Paging::new(total, asked, String::new());
        assert_eq!(page(0, Some(9)).shown(), (0, 0));
        assert_eq!(page(101, Some(3)).shown(), (101, 101));
        assert_eq!(page(101, Some(-5)).page, 1);
        assert_eq!(page(101, None).next(), Some(2));
        assert_eq!(query(&[("q", "记 1"), ("a", "")]), "?q=%E8%AE%B0%201&");
    }
}
