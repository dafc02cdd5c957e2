//! Statements as one page that opens offline: each statement as it is printed, and under it the accounts of every line.

use askama::Template;

use super::{halves, unit};
use crate::model::Money;
use crate::report::ReportError;
use crate::statement::{Kind, Line, Statement};

/// The text of the page.
///
/// # Errors
/// [`ReportError::Page`].
pub fn render(statements: &[Statement]) -> Result<String, ReportError> {
    Ok(Page { statements }.render()?)
}

#[derive(Template)]
#[template(path = "statements.html")]
struct Page<'a> {
    statements: &'a [Statement],
}

/// What the template asks for, so that it holds no logic.
impl Page<'_> {
    fn unit(&self, statement: &Statement) -> String {
        unit(statement)
    }

    /// Rows of one or two lines side by side.
    fn rows<'s>(&self, statement: &'s Statement) -> Vec<Vec<Option<&'s Line>>> {
        match halves(statement) {
            None => statement.lines.iter().map(|l| vec![Some(l)]).collect(),
            Some([left, right]) => {
                let pairs = left.into_iter().zip(right);
                pairs.map(|(l, r)| vec![l, r]).collect()
            }
        }
    }

    fn blocks(&self, statement: &Statement) -> usize {
        if halves(statement).is_some() { 2 } else { 1 }
    }

    fn head(&self, statement: &Statement, block: &usize) -> &'static str {
        let heads = statement.kind.halves();
        match self.blocks(statement) {
            2 => heads.get(*block).copied().unwrap_or_default(),
            _ => "项目",
        }
    }

    fn has_parts(&self, statement: &Statement) -> bool {
        matches!(statement.kind, Kind::BalanceSheet | Kind::Income)
    }

    fn links(&self, statement: &Statement, line: &Line) -> bool {
        self.has_parts(statement) && !line.parts.is_empty()
    }

    fn money(&self, amount: &Option<Money>) -> String {
        amount
            .filter(|m| !m.is_zero())
            .map_or(String::new(), Money::grouped)
    }

    fn plain(&self, amount: &Money) -> String {
        amount.grouped()
    }
}
