//! Secrets of second factors, as they are stored.

use std::fmt;

use uuid::Uuid;

use super::sign_in::{guid, text};
use super::{Flow, Row, RowSink};
use crate::diag::Result;

/// A secret of a user's second factor.
#[derive(Clone, PartialEq, Eq)]
pub struct Factor {
    /// The key of its row.
    pub id: Uuid,
    /// What it is for.
    pub name: String,
    /// The value, as it is stored.
    pub value: String,
}

impl fmt::Debug for Factor {
    /// Without the value.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Factor")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// Takes secrets.
#[derive(Default)]
pub(in crate::store) struct Factors(pub(in crate::store) Vec<Factor>);

impl RowSink for Factors {
    fn row<R: Row>(&mut self, row: &R) -> Result<Flow> {
        self.0.push(Factor {
            id: guid(row, 0)?,
            name: text(row, 1)?.unwrap_or_default(),
            value: text(row, 2)?.unwrap_or_default(),
        });
        Ok(Flow::More)
    }
}
