//! Which statements a read takes.

use uuid::Uuid;

use crate::diag::Result;
use crate::model::{Model, Table};
use crate::plan::{
    Answer, Column, Expand, ExpandBody, Link, Query, ReadPlan, Restriction, Shape, Slot,
};
use crate::sql::{Few, Planned};

/// Parents of one level of expansions that are explained at most: a page has no more as a rule, and
/// more would not make the database choose otherwise.
const PARENTS: u64 = 1000;

/// A statement of a read.
pub(in crate::service) struct Part<'q> {
    /// What it is for: `rows`, `count`, `rows of Groups`, `count of Groups`.
    pub(in crate::service) what: String,
    /// Its query.
    pub(in crate::service) query: &'q Query,
    /// Whether rows are counted only.
    pub(in crate::service) counts: bool,
    /// The column that leads to the parents whose rows are read, and how many there are.
    pub(in crate::service) parents: Option<(Column, u64)>,
    /// The statement.
    pub(in crate::service) planned: Planned<'q>,
}

/// Who looks at the statements of a read.
pub(in crate::service) trait Viewer {
    /// The texts of a query that are found by an index of trigrams.
    fn few(&mut self, query: &Query) -> Result<Few>;

    /// Takes a statement; answers how many rows it gives, so that what is expanded below is known.
    fn see(&mut self, part: &Part<'_>) -> Result<u64>;
}

/// Shows all statements of a read, in the order in which they are run. What only looks for the parent
/// of an empty answer is left out: it is found by its key.
pub(in crate::service) fn of_read(
    model: &Model,
    plan: &ReadPlan,
    viewer: &mut impl Viewer,
) -> Result<()> {
    let query = &plan.query;
    let counts = plan.answer == Answer::Count;
    if plan.count || counts {
        let others = plan.others.iter().map(|(query, _)| query);
        for query in std::iter::once(query).chain(others) {
            viewer.see(&count(model, query, "", None))?;
        }
    }
    if counts || query.take == Some(0) {
        return Ok(());
    }
    let rows = of_query(model, query, viewer)?;
    expanded(model, &plan.shape, rows, "", viewer)?;
    for (query, _) in &plan.others {
        of_query(model, query, viewer)?;
    }
    Ok(())
}

/// Shows the statements that read the rows of one query; answers how many it gives.
pub(in crate::service) fn of_query(
    model: &Model,
    query: &Query,
    viewer: &mut impl Viewer,
) -> Result<u64> {
    let few = viewer.few(query)?;
    let mut rows = 0_u64;
    for planned in Planned::rows(model, query, None, &few) {
        let part = Part {
            what: "rows".to_owned(),
            query,
            counts: false,
            parents: None,
            planned,
        };
        rows = rows.saturating_add(viewer.see(&part)?);
    }
    Ok(query.take.map_or(rows, |take| rows.min(take)))
}

fn count<'q>(
    model: &'q Model,
    query: &'q Query,
    of: &str,
    restriction: Option<Restriction<'q>>,
) -> Part<'q> {
    Part {
        what: named("count", of),
        query,
        counts: true,
        parents: restriction.map(parents_of),
        planned: Planned::count(model, query, restriction),
    }
}

fn named(what: &str, of: &str) -> String {
    match of {
        "" => what.to_owned(),
        of => format!("{what} of {of}"),
    }
}

fn parents_of(restriction: Restriction<'_>) -> (Column, u64) {
    let parents = u64::try_from(restriction.among.len()).unwrap_or(u64::MAX);
    (restriction.column, parents)
}

/// The statements of what is expanded on so many rows.
fn expanded(
    model: &Model,
    shape: &Shape,
    rows: u64,
    of: &str,
    viewer: &mut impl Viewer,
) -> Result<()> {
    let parents: Vec<Uuid> = (1..=rows.clamp(1, PARENTS))
        .map(|number| Uuid::from_u128(number.into()))
        .collect();
    for expand in &shape.expands {
        let of = match of {
            "" => expand.name.clone(),
            of => format!("{of}/{}", expand.name),
        };
        let restriction = restriction(expand, &parents);
        if expand.count || expand.body == ExpandBody::Count {
            viewer.see(&count(model, &expand.query, &of, Some(restriction)))?;
        }
        if expand.body == ExpandBody::Count || expand.query.take == Some(0) {
            continue;
        }
        let few = viewer.few(&expand.query)?;
        let mut rows = 0_u64;
        for planned in Planned::rows(model, &expand.query, Some(restriction), &few) {
            let part = Part {
                what: named("rows", &of),
                query: &expand.query,
                counts: false,
                parents: Some(parents_of(restriction)),
                planned,
            };
            rows = rows.saturating_add(viewer.see(&part)?);
        }
        expanded(model, &expand.shape, rows, &of, viewer)?;
    }
    Ok(())
}

/// What narrows an expansion to the rows of its parents.
fn restriction<'q>(expand: &Expand, parents: &'q [Uuid]) -> Restriction<'q> {
    let query = &expand.query;
    let (column, single) = match expand.link {
        Link::Collection { column, .. } => (column, false),
        Link::Reference { .. } => {
            let key = Column {
                slot: Slot::BASE,
                table: query.entity,
                no: Table::KEY,
            };
            (key, true)
        }
    };
    Restriction {
        column,
        among: parents,
        per_parent: !single && (query.take.is_some() || query.skip > 0),
    }
}
