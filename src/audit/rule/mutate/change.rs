//! The changes that mutation testing makes to a query, one at a time, on its syntax tree: a condition dropped, a comparison
//! flipped, a threshold moved. Nothing is run here.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use datafusion::sql::parser::{DFParser, Statement};
use datafusion::sql::sqlparser::ast::{
    BinaryOperator, Expr, Select, Statement as SqlStatement, Value, VisitMut, VisitorMut,
    visit_expressions_mut,
};
use datafusion::sql::sqlparser::dialect::GenericDialect;
use datafusion::sql::sqlparser::parser::Parser;

use crate::audit::rule::file::{ParamSpec, ParamType};

/// A query that differs from the rule's in one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mutant {
    /// What was changed, in Chinese with the SQL concerned.
    pub change: String,
    pub sql: String,
}

/// All queries that differ from `sql` by one change, in the order of the places changed. Thresholds are number literals from
/// 2 on and the parameters given, inside comparisons.
///
/// # Errors
/// A Chinese sentence when `sql` is not one statement.
pub fn mutants(sql: &str, params: &BTreeMap<String, ParamSpec>) -> Result<Vec<Mutant>, String> {
    let mut statements = DFParser::parse_sql(sql).map_err(|e| format!("SQL 语法有误:{e}"))?;
    let (Some(Statement::Statement(statement)), true) =
        (statements.pop_front(), statements.is_empty())
    else {
        return Err("必须恰好是一条 SELECT 语句".to_owned());
    };
    let mut found = of_expressions(&statement, params);
    found.extend(of_filters(&statement));
    found.retain(|m| m.sql != statement.to_string());
    Ok(found)
}

/// Changes of single expressions: the n-th expression is replaced by each of its alternatives.
fn of_expressions(statement: &SqlStatement, params: &BTreeMap<String, ParamSpec>) -> Vec<Mutant> {
    let mut places: Vec<Vec<(String, Expr)>> = Vec::new();
    let mut read = statement.clone();
    let _ = visit_expressions_mut(&mut read, |expr| {
        places.push(alternatives(expr, params));
        ControlFlow::<()>::Continue(())
    });
    let mut out = Vec::new();
    for (place, alternatives) in places.into_iter().enumerate() {
        for (change, replacement) in alternatives {
            let mut changed = statement.clone();
            let mut at = 0;
            let _ = visit_expressions_mut(&mut changed, |expr| {
                if at == place {
                    *expr = replacement.clone();
                    return ControlFlow::Break(());
                }
                at += 1;
                ControlFlow::Continue(())
            });
            let sql = changed.to_string();
            out.push(Mutant { change, sql });
        }
    }
    out
}

/// A WHERE or HAVING that is one condition is dropped whole; of several, [`alternatives`] drops each.
fn of_filters(statement: &SqlStatement) -> Vec<Mutant> {
    let mut out = Vec::new();
    for place in 0.. {
        let mut changed = statement.clone();
        let mut dropping = Dropping { place, seen: 0 };
        match changed.visit(&mut dropping) {
            ControlFlow::Continue(()) => break,
            ControlFlow::Break(Some(condition)) => out.push(Mutant {
                change: format!("去掉条件 {condition}"),
                sql: changed.to_string(),
            }),
            ControlFlow::Break(None) => {}
        }
    }
    out
}

/// Drops the `place`-th filter of the statement.
struct Dropping {
    place: usize,
    seen: usize,
}

impl VisitorMut for Dropping {
    type Break = Option<String>;

    fn pre_visit_select(&mut self, select: &mut Select) -> ControlFlow<Option<String>> {
        for filter in [&mut select.selection, &mut select.having] {
            if filter.is_none() {
                continue;
            }
            if self.seen == self.place {
                let single = filter.take_if(|e| !is_connected(e));
                return ControlFlow::Break(single.map(|e| e.to_string()));
            }
            self.seen += 1;
        }
        ControlFlow::Continue(())
    }
}

fn is_connected(expr: &Expr) -> bool {
    matches!(
        expr,
        Expr::BinaryOp {
            op: BinaryOperator::And | BinaryOperator::Or,
            ..
        }
    )
}

/// What an expression may be replaced by.
fn alternatives(expr: &Expr, params: &BTreeMap<String, ParamSpec>) -> Vec<(String, Expr)> {
    let mut out = Vec::new();
    match expr {
        Expr::BinaryOp { left, op, right } if is_connected(expr) => {
            let name = if *op == BinaryOperator::And {
                "条件"
            } else {
                "一支"
            };
            out.push((format!("去掉{name} {right}"), (**left).clone()));
            // In a chain the left side is the rest of it, whose parts are dropped one by one where they stand.
            let same = matches!(&**left, Expr::BinaryOp { op: inner, .. } if inner == op);
            if !same {
                out.push((format!("去掉{name} {left}"), (**right).clone()));
            }
        }
        Expr::BinaryOp { left, op, right } => {
            for other in flipped(op) {
                let replacement = Expr::BinaryOp {
                    left: left.clone(),
                    op: other.clone(),
                    right: right.clone(),
                };
                out.push((format!("{expr} 改为 {other}"), replacement));
            }
            if !flipped(op).is_empty() {
                out.extend(shifted(expr, params));
            }
        }
        Expr::Between { .. } => out.extend(shifted(expr, params)),
        _ => {}
    }
    if let Some(negated) = negated(expr) {
        out.push((format!("{expr} 取反"), negated));
    }
    out
}

/// The comparisons that one may be mistaken for: the boundary left out or taken in, and the opposite.
fn flipped(op: &BinaryOperator) -> Vec<BinaryOperator> {
    use BinaryOperator as Op;
    match op {
        Op::Gt => vec![Op::GtEq, Op::LtEq],
        Op::GtEq => vec![Op::Gt, Op::Lt],
        Op::Lt => vec![Op::LtEq, Op::GtEq],
        Op::LtEq => vec![Op::Lt, Op::Gt],
        Op::Eq => vec![Op::NotEq],
        Op::NotEq => vec![Op::Eq],
        _ => Vec::new(),
    }
}

/// Tests turned round.
fn negated(expr: &Expr) -> Option<Expr> {
    let mut changed = expr.clone();
    match &mut changed {
        Expr::IsNull(inner) => return Some(Expr::IsNotNull(inner.clone())),
        Expr::IsNotNull(inner) => return Some(Expr::IsNull(inner.clone())),
        Expr::InList { negated, .. }
        | Expr::InSubquery { negated, .. }
        | Expr::Exists { negated, .. }
        | Expr::Between { negated, .. }
        | Expr::Like { negated, .. } => *negated = !*negated,
        _ => return None,
    }
    Some(changed)
}

/// The expression with each of its thresholds moved up and down.
fn shifted(expr: &Expr, params: &BTreeMap<String, ParamSpec>) -> Vec<(String, Expr)> {
    let mut thresholds: Vec<Vec<String>> = Vec::new();
    let mut read = expr.clone();
    let _ = visit_expressions_mut(&mut read, |inner| {
        thresholds.push(moved(inner, params));
        ControlFlow::<()>::Continue(())
    });
    let mut out = Vec::new();
    for (place, replacements) in thresholds.into_iter().enumerate() {
        for text in replacements {
            let Ok(replacement) = parse(&text) else {
                continue;
            };
            let mut changed = expr.clone();
            let mut at = 0;
            let _ = visit_expressions_mut(&mut changed, |inner| {
                if at == place {
                    *inner = replacement.clone();
                    return ControlFlow::Break(());
                }
                at += 1;
                ControlFlow::Continue(())
            });
            out.push((format!("{expr} 中的界限改为 {text}"), changed));
        }
    }
    out
}

/// A threshold moved by the least step of its kind: one day or piece, one 分, one hundredth of a rate.
fn moved(expr: &Expr, params: &BTreeMap<String, ParamSpec>) -> Vec<String> {
    let name = match expr {
        Expr::Identifier(name) => &name.value,
        Expr::CompoundIdentifier(parts) => match parts.last() {
            Some(name) => &name.value,
            None => return Vec::new(),
        },
        Expr::Value(value) => return literal(&value.value),
        _ => return Vec::new(),
    };
    match params.get(name).map(|p| p.kind) {
        Some(ParamType::Integer) => vec![format!("({expr} + 1)"), format!("({expr} - 1)")],
        Some(ParamType::Money) => vec![format!("({expr} + 0.01)"), format!("({expr} - 0.01)")],
        Some(ParamType::Decimal) => vec![format!("({expr} * 1.01)"), format!("({expr} * 0.99)")],
        _ => Vec::new(),
    }
}

/// 0 and 1 are signs and counts, not thresholds.
fn literal(value: &Value) -> Vec<String> {
    match value {
        Value::Number(text, _) => match text.parse::<i64>() {
            Ok(n) if n >= 2 => vec![(n + 1).to_string(), (n - 1).to_string()],
            _ => Vec::new(),
        },
        _ => Vec::new(),
    }
}

fn parse(text: &str) -> Result<Expr, String> {
    Parser::new(&GenericDialect {})
        .try_with_sql(text)
        .and_then(|mut p| p.parse_expr())
        .map_err(|e| e.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn changes(sql: &str) -> Vec<String> {
        let params =
            toml::from_str("[limit]\ntype = \"money\"\ndefault = \"5\"\nsource = \"practice\"")
                .unwrap();
        let found = mutants(sql, &params).unwrap();
        found.into_iter().map(|m| m.sql).collect()
    }

    #[test]
    fn conditions_are_dropped_one_at_a_time() {
        let found = changes("SELECT a FROM t WHERE a AND b AND c OR d");
        let expected = [
            "b AND c OR d",
            "a AND c OR d",
            "a AND b OR d",
            "a AND b AND c",
            "d",
        ];
        assert_eq!(found.len(), expected.len(), "{found:#?}");
        for condition in expected {
            let sql = format!("SELECT a FROM t WHERE {condition}");
            assert!(found.contains(&sql), "{sql}: {found:#?}");
        }
    }

    #[test]
    fn a_single_condition_is_dropped_whole() {
        let found =
            changes("SELECT a FROM (SELECT a FROM t WHERE b) GROUP BY a HAVING count(a) > 1");
        assert!(found.contains(
            &"SELECT a FROM (SELECT a FROM t) GROUP BY a HAVING count(a) > 1".to_owned()
        ));
        assert!(found.contains(&"SELECT a FROM (SELECT a FROM t WHERE b) GROUP BY a".to_owned()));
    }

    #[test]
    fn comparisons_flip_and_thresholds_move_by_the_least_step() {
        let found = changes("SELECT a FROM t JOIN params p ON true WHERE a > p.limit + 30");
        for expected in [
            ">= p.limit + 30",
            "<= p.limit + 30",
            "> (p.limit + 0.01) + 30",
            "> (p.limit - 0.01) + 30",
            "> p.limit + 31",
            "> p.limit + 29",
        ] {
            let sql = format!("SELECT a FROM t JOIN params p ON true WHERE a {expected}");
            assert!(found.contains(&sql), "{sql}: {found:#?}");
        }
    }

    #[test]
    fn signs_counts_and_evidence_stay() {
        assert!(changes("SELECT a, p.limit, 30 AS days FROM t JOIN params p ON true").is_empty());
        assert_eq!(changes("SELECT a FROM t WHERE a > 0").len(), 3);
    }
}
