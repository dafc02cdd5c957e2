//! Steps of a query (`WITH name AS (…)`) that are used more than once, computed once.
//!
//! The engine plans and runs a step again for every use of it, and a step under such a step again for each of those. PostgreSQL
//! and DuckDB compute it once; so does this. A step that names its columns (`name (a, b) AS (…)`) stays part of what uses it.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::sync::Arc;

use datafusion::arrow::array::{Array, RecordBatch};
use datafusion::catalog::MemTable;
use datafusion::dataframe::DataFrame;
use datafusion::error::DataFusionError;
use datafusion::execution::memory_pool::{MemoryConsumer, MemoryReservation};
use datafusion::physical_plan::collect_partitioned;
use datafusion::prelude::{SQLOptions, SessionContext};
use datafusion::sql::parser::Statement;
use datafusion::sql::sqlparser::ast::{
    Cte, Ident, ObjectName, ObjectNamePart, Query, Statement as SqlStatement, Visit, Visitor, With,
};

/// A query and what has to be computed before it, each under its name, in this order.
#[derive(Debug)]
pub struct Staged {
    pub steps: Vec<(String, Query)>,
    pub last: Query,
}

/// Takes the shared steps out of a query. `tables` are the names that already mean something: a step that hides one of them, or
/// is hidden itself, leaves the query as it was.
pub fn stage(mut query: Query, tables: &BTreeSet<String>) -> Staged {
    let whole = |last| Staged {
        steps: Vec::new(),
        last,
    };
    let names: Vec<String> = match &query.with {
        Some(with) if !with.recursive => with.cte_tables.iter().map(name_of).collect(),
        _ => return whole(query),
    };
    let distinct: BTreeSet<&String> = names.iter().collect();
    let hidden = |name: &String| tables.contains(name) || declarations(&query, name) > 1;
    if distinct.len() < names.len() || names.iter().any(hidden) {
        return whole(query);
    }
    let Some(with) = query.with.take() else {
        return whole(query);
    };
    let shared = shared(&with.cte_tables, &query);
    let mut inline: Vec<Cte> = Vec::new();
    let mut steps = Vec::new();
    for step in &with.cte_tables {
        match shared.contains(&name_of(step)) {
            true => steps.push((
                name_of(step),
                with_needed(&with, &inline, (*step.query).clone()),
            )),
            false => inline.push(step.clone()),
        }
    }
    let last = with_needed(&with, &inline, query);
    Staged { steps, last }
}

/// Computes the steps into tables of the context and plans what is left. They hold memory of the context's pool until the
/// returned reservations are dropped.
pub async fn run(
    context: &SessionContext,
    staged: Staged,
    options: SQLOptions,
) -> Result<(DataFrame, Vec<MemoryReservation>), DataFusionError> {
    let pool = Arc::clone(&context.runtime_env().memory_pool);
    let mut held = Vec::new();
    for (name, query) in staged.steps {
        let frame = plan(context, query, options).await?;
        let task = Arc::new(frame.task_ctx());
        let physical = frame.create_physical_plan().await?;
        let schema = physical.schema();
        let partitions = collect_partitioned(physical, task).await?;
        let reservation = MemoryConsumer::new(name.as_str()).register(&pool);
        reservation.try_grow(partitions.iter().flatten().map(bytes).sum())?;
        held.push(reservation);
        context.register_table(
            name.as_str(),
            Arc::new(MemTable::try_new(schema, partitions)?),
        )?;
    }
    Ok((plan(context, staged.last, options).await?, held))
}

async fn plan(
    context: &SessionContext,
    query: Query,
    options: SQLOptions,
) -> Result<DataFrame, DataFusionError> {
    let statement = Statement::Statement(Box::new(SqlStatement::Query(Box::new(query))));
    let plan = context.state().statement_to_plan(statement).await?;
    options.verify_plan(&plan)?;
    context.execute_logical_plan(plan).await
}

/// What a batch's rows take; buffers that it only has a part of count for that part.
fn bytes(batch: &RecordBatch) -> usize {
    let column = |array: &Arc<dyn Array>| array.to_data().get_slice_memory_size().unwrap_or(0);
    batch.columns().iter().map(column).sum()
}

/// The steps that would be computed more than once. A step's uses are those of every place that names it, each as often as
/// that place is computed itself.
fn shared(steps: &[Cte], last: &Query) -> BTreeSet<String> {
    let mut uses: BTreeMap<String, usize> = BTreeMap::new();
    let mut shared = BTreeSet::new();
    add_uses(&mut uses, last, 1);
    for step in steps.iter().rev() {
        let name = name_of(step);
        let times = uses.get(&name).copied().unwrap_or(0);
        let times = match step.alias.columns.is_empty() && times > 1 {
            true => {
                shared.insert(name);
                1
            }
            false => times,
        };
        add_uses(&mut uses, &step.query, times);
    }
    shared
}

fn add_uses(uses: &mut BTreeMap<String, usize>, part: &Query, times: usize) {
    for name in mentioned(part) {
        let count = uses.entry(name).or_default();
        *count = count.saturating_add(times);
    }
}

/// The query with those of the steps that it or they mention.
fn with_needed(with: &With, steps: &[Cte], mut query: Query) -> Query {
    let mut wanted: BTreeSet<String> = mentioned(&query).into_iter().collect();
    let mut needed: Vec<Cte> = Vec::new();
    for step in steps.iter().rev() {
        if wanted.contains(&name_of(step)) {
            wanted.extend(mentioned(&step.query));
            needed.push(step.clone());
        }
    }
    needed.reverse();
    if needed.is_empty() {
        return query;
    }
    match &mut query.with {
        Some(own) => own.cte_tables.splice(0..0, needed).for_each(drop),
        None => {
            query.with = Some(With {
                cte_tables: needed,
                ..with.clone()
            });
        }
    }
    query
}

/// Tables and steps by plain name, once for every place.
fn mentioned(part: &Query) -> Vec<String> {
    struct Names(Vec<String>);
    impl Visitor for Names {
        type Break = ();
        fn pre_visit_relation(&mut self, relation: &ObjectName) -> ControlFlow<()> {
            if let [ObjectNamePart::Identifier(ident)] = relation.0.as_slice() {
                self.0.push(normal(ident));
            }
            ControlFlow::Continue(())
        }
    }
    let mut names = Names(Vec::new());
    let _ = part.visit(&mut names);
    names.0
}

/// How often a step of this name is declared, at any depth.
fn declarations(query: &Query, name: &str) -> usize {
    struct Declared<'a>(&'a str, usize);
    impl Visitor for Declared<'_> {
        type Break = ();
        fn pre_visit_query(&mut self, query: &Query) -> ControlFlow<()> {
            let steps = query.with.iter().flat_map(|with| &with.cte_tables);
            self.1 += steps.filter(|step| name_of(step) == self.0).count();
            ControlFlow::Continue(())
        }
    }
    let mut declared = Declared(name, 0);
    let _ = query.visit(&mut declared);
    declared.1
}

fn name_of(step: &Cte) -> String {
    normal(&step.alias.name)
}

/// As the engine reads names: small letters unless quoted.
fn normal(ident: &Ident) -> String {
    match ident.quote_style {
        Some(_) => ident.value.clone(),
        None => ident.value.to_lowercase(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::fence;

    fn names(sql: &str) -> Vec<String> {
        let checked = fence::check(sql).unwrap();
        let staged = stage(checked.query, &checked.relations);
        staged.steps.into_iter().map(|(name, _)| name).collect()
    }

    #[test]
    fn what_is_used_twice_is_a_step_of_its_own() {
        let sql = "WITH a AS (SELECT 1 AS x FROM entry), b AS (SELECT x FROM a) SELECT * FROM b JOIN b c ON b.x = c.x";
        assert_eq!(
            names(sql),
            ["b"],
            "a is used by b alone, and b is computed once"
        );
    }

    #[test]
    fn a_step_under_one_that_is_kept_inline_counts_as_often_as_that() {
        let sql = "WITH a AS (SELECT 1 AS x), b (y) AS (SELECT x FROM a) SELECT * FROM b JOIN b c ON b.y = c.y";
        assert_eq!(names(sql), ["a"]);
    }

    #[test]
    fn uses_inside_expressions_count() {
        let sql = "WITH a AS (SELECT 1 AS x FROM entry) SELECT * FROM a WHERE x IN (SELECT x FROM a) OR EXISTS (SELECT 1 FROM A)";
        assert_eq!(names(sql), ["a"]);
    }

    #[test]
    fn names_that_hide_others_leave_the_query_as_it_was() {
        for sql in [
            "WITH entry AS (SELECT * FROM entry) SELECT * FROM entry a JOIN entry b USING (voucher)",
            "WITH a AS (SELECT 1 AS x) SELECT * FROM a, a b, (WITH a AS (SELECT 2 AS x) SELECT * FROM a) c",
            "WITH RECURSIVE a AS (SELECT 1 AS x UNION ALL SELECT x + 1 FROM a WHERE x < 3) SELECT * FROM a, a b",
            "SELECT 1",
        ] {
            assert_eq!(names(sql), Vec::<String>::new(), "{sql}");
        }
    }

    #[test]
    fn a_step_takes_what_it_needs_and_nothing_else_with_it() {
        let sql = "WITH a AS (SELECT 1 AS x), z AS (SELECT 2 AS x), b AS (SELECT x FROM a) SELECT * FROM b, b c, z";
        let checked = fence::check(sql).unwrap();
        let staged = stage(checked.query, &checked.relations);
        let texts: Vec<String> = staged.steps.iter().map(|(_, q)| q.to_string()).collect();
        assert_eq!(texts, ["WITH a AS (SELECT 1 AS x) SELECT x FROM a"]);
        assert_eq!(
            staged.last.to_string(),
            "WITH z AS (SELECT 2 AS x) SELECT * FROM b, b c, z"
        );
    }
}
