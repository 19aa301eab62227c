//! What expansions give: encoded rows, found by their parent.

use uuid::Uuid;

use super::tree::RowHook;
use crate::diag::Result;
use crate::store::Flow;

/// What one expansion gives for a whole level.
#[derive(Debug, Default)]
pub(super) struct Children {
    /// The encoded rows.
    pub(super) bytes: Vec<u8>,
    /// Sorted by parent; rows of one parent in the order of the query.
    pub(super) rows: Vec<Child>,
    /// Sorted by parent.
    pub(super) counts: Vec<(Uuid, u64)>,
}

/// One encoded row, by its place in [`Children::bytes`].
#[derive(Debug)]
pub(super) struct Child {
    pub(super) parent: Uuid,
    pub(super) start: usize,
    pub(super) end: usize,
}

impl Children {
    /// The rows of one parent.
    pub(super) fn of(&self, parent: Uuid) -> &[Child] {
        let start = self.rows.partition_point(|child| child.parent < parent);
        let end = self.rows.partition_point(|child| child.parent <= parent);
        self.rows.get(start..end).unwrap_or_default()
    }

    /// The number of rows of one parent.
    pub(super) fn count(&self, parent: Uuid) -> u64 {
        let found = self.counts.binary_search_by_key(&parent, |(guid, _)| *guid);
        found
            .ok()
            .and_then(|at| self.counts.get(at))
            .map_or(0, |(_, count)| *count)
    }
}

/// Notes where the children are.
pub(super) struct ChildRows(pub(super) Vec<Child>);

impl RowHook for ChildRows {
    fn begin(&mut self, _: &mut Vec<u8>) {}

    fn end(&mut self, out: &mut Vec<u8>, start: usize, parent: Uuid) -> Result<Flow> {
        self.0.push(Child {
            parent,
            start,
            end: out.len(),
        });
        Ok(Flow::More)
    }
}
