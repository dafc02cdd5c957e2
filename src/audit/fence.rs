//! The fences around a rule's SQL, checked on the syntax tree before anything is planned: one `SELECT`, known tables by
//! plain name, nothing that writes, reads files, generates tables or depends on the clock or on chance.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use datafusion::sql::parser::{DFParser, Statement};
use datafusion::sql::resolve::resolve_table_references;
use datafusion::sql::sqlparser::ast::{
    Expr, Query, Select, SetExpr, Statement as SqlStatement, TableFactor, Visit, Visitor,
};

/// Functions whose value is not a function of the data.
pub const FORBIDDEN_FUNCTIONS: [&str; 11] = [
    "now",
    "today",
    "current_date",
    "current_time",
    "current_timestamp",
    "localtime",
    "localtimestamp",
    "random",
    "uuid",
    "version",
    "arrow_metadata",
];

/// A query that may run.
#[derive(Debug)]
pub struct Checked {
    pub query: Query,
    /// The tables and marts that it names.
    pub relations: BTreeSet<String>,
}

/// The tables and marts that a query names.
///
/// # Errors
/// As [`check`].
pub fn relations(sql: &str) -> Result<BTreeSet<String>, String> {
    check(sql).map(|checked| checked.relations)
}

/// Reads a query and holds it against the fences.
///
/// # Errors
/// A Chinese sentence saying which fence the query runs into.
pub fn check(sql: &str) -> Result<Checked, String> {
    let mut statements = DFParser::parse_sql(sql).map_err(|e| format!("SQL 语法有误:{e}"))?;
    let (Some(statement), true) = (statements.pop_front(), statements.is_empty()) else {
        return Err("必须恰好是一条 SELECT 语句".to_owned());
    };
    let (tables, _) =
        resolve_table_references(&statement, true).map_err(|e| format!("SQL 语法有误:{e}"))?;
    let Statement::Statement(inner) = statement else {
        return Err("只允许 SELECT 语句".to_owned());
    };
    let SqlStatement::Query(query) = *inner else {
        return Err("只允许 SELECT 语句".to_owned());
    };
    if let ControlFlow::Break(reason) = query.visit(&mut Fence) {
        return Err(reason);
    }
    let relations = tables
        .into_iter()
        .map(|table| match table.schema() {
            Some(schema) => Err(format!("不允许访问「{schema}.{}」", table.table())),
            None => Ok(table.table().to_owned()),
        })
        .collect::<Result<_, _>>()?;
    Ok(Checked {
        query: *query,
        relations,
    })
}

struct Fence;

fn stop(reason: impl Into<String>) -> ControlFlow<String> {
    ControlFlow::Break(reason.into())
}

impl Visitor for Fence {
    type Break = String;

    fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<String> {
        if !query.locks.is_empty() || query.for_clause.is_some() {
            return stop("不允许加锁或导出的查询");
        }
        check_body(&query.body)
    }

    fn pre_visit_select(&mut self, select: &Select) -> ControlFlow<String> {
        if select.into.is_some() {
            return stop("不允许 SELECT INTO");
        }
        ControlFlow::Continue(())
    }

    fn pre_visit_table_factor(&mut self, factor: &TableFactor) -> ControlFlow<String> {
        match factor {
            TableFactor::Table { args: Some(_), .. }
            | TableFactor::TableFunction { .. }
            | TableFactor::Function { .. } => stop("不允许使用表函数"),
            TableFactor::Table { name, .. } if name.0.len() > 1 => {
                stop(format!("不允许访问「{name}」:只能按表名访问规则表"))
            }
            TableFactor::Table { name, .. } if looks_like_path(&name.to_string()) => {
                stop(format!("不允许访问文件「{name}」"))
            }
            TableFactor::Table { .. }
            | TableFactor::Derived { .. }
            | TableFactor::NestedJoin { .. }
            | TableFactor::UNNEST { .. } => ControlFlow::Continue(()),
            other => stop(format!("不允许的表来源「{other}」")),
        }
    }

    fn pre_visit_expr(&mut self, expr: &Expr) -> ControlFlow<String> {
        if let Expr::Function(function) = expr {
            let name = function.name.to_string().to_lowercase();
            if FORBIDDEN_FUNCTIONS.contains(&name.as_str()) {
                return stop(format!(
                    "不允许使用 {name}():结果必须只取决于数据,请用 params.as_of"
                ));
            }
        }
        ControlFlow::Continue(())
    }
}

fn check_body(body: &SetExpr) -> ControlFlow<String> {
    match body {
        SetExpr::Select(_) | SetExpr::Query(_) | SetExpr::Values(_) => ControlFlow::Continue(()),
        SetExpr::SetOperation { left, right, .. } => {
            check_body(left)?;
            check_body(right)
        }
        _ => stop("只允许 SELECT 语句"),
    }
}

fn looks_like_path(name: &str) -> bool {
    name.contains(['/', '\\', '.', ':', '*'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lets_selects_through_and_names_their_tables() {
        let sql = "WITH a AS (SELECT * FROM contract), RECURSIVE_x AS (SELECT 1) \
                   SELECT * FROM a JOIN asset USING (organisation) WHERE EXISTS (SELECT 1 FROM entry)";
        let found = relations(sql).unwrap();
        assert_eq!(
            found.into_iter().collect::<Vec<_>>(),
            ["asset", "contract", "entry"]
        );
    }

    #[test]
    fn everything_else_is_refused() {
        for sql in [
            "COPY contract TO '/tmp/x.csv'",
            "CREATE TABLE x AS SELECT 1",
            "CREATE EXTERNAL TABLE x STORED AS CSV LOCATION '/etc/passwd'",
            "SELECT 1; SELECT 2",
            "SELECT 1; DROP TABLE contract",
            "INSERT INTO contract VALUES (1)",
            "WITH x AS (DELETE FROM contract RETURNING *) SELECT * FROM x",
            "DELETE FROM contract",
            "SET a = 1",
            "EXPLAIN SELECT 1",
            "SHOW TABLES",
            "SELECT * FROM information_schema.tables",
            "SELECT * FROM datafusion.public.contract",
            "SELECT * FROM '/etc/passwd'",
            "SELECT * FROM 'data.csv'",
            "SELECT * FROM \"file:///etc/passwd\"",
            "SELECT * FROM generate_series(1, 1000000000)",
            "SELECT * INTO x FROM contract",
            "SELECT now()",
            "SELECT current_date",
            "SELECT * FROM contract WHERE random() > 1",
            "",
            "nonsense",
        ] {
            assert!(relations(sql).is_err(), "let through: {sql}");
        }
    }
}
