//! What the service would do with a read, for people who look for the reason.

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
        statements
    }

    /// Explains a read.
    ///
    /// # Errors
    ///
    /// Those of the database.
    pub fn explain(&self, read: &PreparedRead, dialect: DialectName) -> Result<Explanation> {
        let mut session = self.0.store.session()?;
        Ok(Explanation {
            plan: format!("{:#?}", read.plan),
            sql: self.sql(read, dialect),
            database: session.explain(&read.model, &read.plan.query)?,
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
