//! Reads over changes that are not stored.

use super::RowSink;
use super::read::{Runs, Statement};
use super::sink::Counted;
use crate::diag::Result;
use crate::model::Model;
use crate::plan::Overlay;
use crate::sql::{Few, Rare, With};

/// A session or a writer that reads as if some changes were stored.
pub struct Overlaid<'o, R> {
    on: &'o mut R,
    model: &'o Model,
    overlay: &'o Overlay,
}

impl<R> std::fmt::Debug for Overlaid<'_, R> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Overlaid").finish_non_exhaustive()
    }
}

impl<'o, R> Overlaid<'o, R> {
    /// Reads over `overlay`.
    pub fn new(on: &'o mut R, model: &'o Model, overlay: &'o Overlay) -> Self {
        Self { on, model, overlay }
    }
}

impl<R: Runs> Runs for Overlaid<'_, R> {
    fn each<T: Statement, S: RowSink>(&mut self, statement: &T, sink: &mut S) -> Result<Counted> {
        if self.overlay.is_empty() {
            return self.on.each(statement, sink);
        }
        let with = With::new(self.model, self.overlay, statement);
        self.on.each(&with, sink)
    }

    /// An index of a changed table does not know the changes.
    fn few(&mut self, model: &Model, texts: &dyn Fn() -> Vec<Rare>) -> Result<Few> {
        let changed = &self.overlay.tables;
        self.on.few(model, &|| {
            let mut texts = texts();
            texts.retain(|rare| changed.iter().all(|table| table.table != rare.entity));
            texts
        })
    }
}
