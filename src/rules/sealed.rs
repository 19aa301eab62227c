//! A set of changes that no rule refused.

use crate::change::{ChangeSet, Checked};
use crate::model::Model;

/// Ready to be written.
///
/// INVARIANT: only [`super::run()`] makes one.
#[derive(Debug)]
pub struct Sealed<'m>(ChangeSet<'m, Checked>);

impl<'m> Sealed<'m> {
    pub(super) fn new(set: ChangeSet<'m, Checked>) -> Self {
        Self(set)
    }

    /// What is written.
    pub fn set(&self) -> &ChangeSet<'m, Checked> {
        &self.0
    }

    /// The model of what is written.
    pub fn model(&self) -> &'m Model {
        self.0.model()
    }
}
