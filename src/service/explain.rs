//! What the service would do with a read, for people who look for the reason.

use super::transactions::State;
use super::{PreparedRead, Service};
use crate::diag::Result;
use crate::plan::{Expand, Query, ReadPlan};
use crate::sql::{self, DialectName};

/// The stages of a read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The plan.
    pub plan: String,
    /// The statements with their binds; those of expansions without the guids of their parents.
    pub sql: Vec<String>,
    /// How the database would read the rows, in its own words.
    pub database: Vec<String>,
}

impl Service {
    /// The statements of a read, its expansions included, with their binds.
    pub fn sql(&self, read: &PreparedRead, dialect: DialectName) -> Vec<String> {
        let text = |query: &Query| sql::text(&read.model, query, None, dialect);
        let mut statements = vec![text(&read.plan.query)];
        statements.extend(expanded(&read.plan).into_iter().map(text));
        statements.extend(read.plan.others.iter().map(|(query, _)| text(query)));
        statements
    }

    /// Explains a read: of the database, how it would read over what the API transaction has changed.
    ///
    /// # Errors
    ///
    /// Those of the database; `InvalidTransaction` when the transaction has ended.
    pub fn explain(&self, read: &PreparedRead, dialect: DialectName) -> Result<Explanation> {
        let mut session = self.0.store.session()?;
        let state = match &read.inside {
            Some(entry) => entry.state()?,
            None => State::default(),
        };
        Ok(Explanation {
            plan: format!("{:#?}", read.plan),
            sql: self.sql(read, dialect),
            database: session.explain(&read.model, &read.plan.query, &state.overlay)?,
        })
    }
}

/// The queries of all expansions, outer ones first.
fn expanded(plan: &ReadPlan) -> Vec<&Query> {
    let mut queries = Vec::new();
    let mut rest: Vec<&Expand> = plan.shape.expands.iter().rev().collect();
    while let Some(expand) = rest.pop() {
        queries.push(&expand.query);
        rest.extend(expand.shape.expands.iter().rev());
    }
    queries
}
