//! Formulas of statement rows: sums of accounts and of other rows. Small on purpose: an accountant reads them aloud.
//!
//! ```text
//! 101 + 102                   accounts, in their normal direction
//! 112 + Dr(113)               those counterparties of 113 that stand in debit; Cr(…) in credit
//! #A1..#A5  #7 - #9           rows: all rows from A1 to A5 without 其中 rows; row 7 less row 9
//! retained                    收益分配 and 本年收益 with income and expense not yet carried over, credit positive
//! opening(retained)           the same at the start of the column's time
//! given(311)  taken(311)      credits (debits) of 311 in vouchers that move the retained accounts
//! shared(113, 211)            credits less debits there; rest: the same of all accounts that no other term names
//! detail(5602, 招待|应酬)      details of 5602 whose name holds one of the words
//! ```

/// One summand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Term {
    Account(String),
    Debit(String),
    Credit(String),
    Row(String),
    Rows(String, String),
    Retained,
    OpeningRetained,
    Given(Vec<String>),
    Taken(Vec<String>),
    Shared(Vec<String>),
    Rest,
    Detail(String, Vec<String>),
}

/// A summand with its sign: `false` is subtracted.
pub type Signed = (bool, Term);

/// Reads a formula; an empty one has no summands.
///
/// # Errors
/// What could not be read, in Chinese.
pub fn parse(text: &str) -> Result<Vec<Signed>, String> {
    let mut terms = Vec::new();
    let mut rest = text.trim();
    let mut plus = true;
    if let Some(after) = rest.strip_prefix('-') {
        (plus, rest) = (false, after.trim_start());
    }
    while !rest.is_empty() {
        let end = end_of_term(rest);
        let (word, after) = rest.split_at(end);
        terms.push((plus, term(word.trim())?));
        rest = after.trim_start();
        plus = match rest.chars().next() {
            None => break,
            Some('+') => true,
            Some('-') => false,
            Some(other) => return Err(format!("公式「{text}」中的「{other}」不是加减号")),
        };
        rest = rest[1..].trim_start();
        if rest.is_empty() {
            return Err(format!("公式「{text}」以加减号结尾"));
        }
    }
    Ok(terms)
}

/// Where the term ends: at a sign or blank outside brackets.
fn end_of_term(text: &str) -> usize {
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            '+' | '-' | ' ' if depth == 0 => return at,
            _ => {}
        }
    }
    text.len()
}

fn term(word: &str) -> Result<Term, String> {
    let bad = || format!("公式中的「{word}」无法识别");
    if let Some(rows) = word.strip_prefix('#') {
        return match rows.split_once("..") {
            Some((first, last)) => Ok(Term::Rows(
                first.to_owned(),
                last.strip_prefix('#').ok_or_else(bad)?.to_owned(),
            )),
            None if rows.is_empty() => Err(bad()),
            None => Ok(Term::Row(rows.to_owned())),
        };
    }
    match word {
        "retained" => return Ok(Term::Retained),
        "opening(retained)" => return Ok(Term::OpeningRetained),
        "rest" => return Ok(Term::Rest),
        _ => {}
    }
    if let Some((name, inside)) = word.strip_suffix(')').and_then(|w| w.split_once('(')) {
        let mut codes: Vec<String> = inside.split(',').map(|c| c.trim().to_owned()).collect();
        if codes.iter().any(String::is_empty) {
            return Err(bad());
        }
        return match (name, codes.len()) {
            ("Dr", 1) => Ok(Term::Debit(codes.remove(0))),
            ("Cr", 1) => Ok(Term::Credit(codes.remove(0))),
            ("given", _) => Ok(Term::Given(codes)),
            ("taken", _) => Ok(Term::Taken(codes)),
            ("shared", _) => Ok(Term::Shared(codes)),
            ("detail", 2) => {
                let words = codes[1].split('|').map(|w| w.trim().to_owned()).collect();
                Ok(Term::Detail(codes.remove(0), words))
            }
            _ => Err(bad()),
        };
    }
    if word.chars().all(|c| c.is_ascii_digit()) && !word.is_empty() {
        return Ok(Term::Account(word.to_owned()));
    }
    Err(bad())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_the_forms_write() {
        let account = |c: &str| Term::Account(c.into());
        assert_eq!(
            parse("101 + 102 - 152").unwrap(),
            [
                (true, account("101")),
                (true, account("102")),
                (false, account("152"))
            ]
        );
        assert_eq!(
            parse("-#7+Dr(113)").unwrap(),
            [
                (false, Term::Row("7".into())),
                (true, Term::Debit("113".into()))
            ]
        );
        assert_eq!(
            parse("#A1..#A5 + shared(113, 211)").unwrap()[0].1,
            Term::Rows("A1".into(), "A5".into())
        );
        assert_eq!(
            parse("detail(5602, 招待|应酬)").unwrap()[0].1,
            Term::Detail("5602".into(), vec!["招待".into(), "应酬".into()])
        );
        assert_eq!(parse("").unwrap(), []);
    }

    #[test]
    fn refuses_what_it_does_not_know() {
        for text in [
            "101 +", "101 102", "Dr()", "sum(101)", "A1", "#", "101 * 2", "Dr(1,2)",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
