//! What a database would do for a statement, and what it knows of its tables.

use super::Session;
use super::read::Runs as _;
use super::sink::{Any, Knows, PlanLines};
use crate::diag::Result;
use crate::model::Model;
use crate::plan::Overlay;
use crate::sql::{Explain, Explained, HasStatistics, Planned, ReadStatistics, Statistics, With};

impl Session {
    /// A statement over some changes, with a placeholder for every value.
    ///
    /// # Errors
    ///
    /// `Internal` for a statement that cannot be written.
    pub fn text_of(
        &self,
        model: &Model,
        statement: &Planned<'_>,
        overlay: &Overlay,
    ) -> Result<String> {
        match overlay.is_empty() {
            true => self.dialect().placeholders(statement),
            false => {
                let with = With::new(model, overlay, statement);
                self.dialect().placeholders(&with)
            }
        }
    }

    /// How the database would run a statement over some changes. It runs nothing.
    ///
    /// # Errors
    ///
    /// As [`super::Reads::select`].
    pub fn explain(
        &mut self,
        model: &Model,
        statement: &Planned<'_>,
        overlay: &Overlay,
    ) -> Result<Explained> {
        let dialect = self.dialect();
        let sql = self.text_of(model, statement, overlay)?;
        let mut lines = PlanLines {
            at: dialect.explained_at(),
            lines: Vec::new(),
        };
        if overlay.is_empty() {
            self.each(&Explain(statement), &mut lines)?;
        } else {
            let with = With::new(model, overlay, statement);
            self.each(&Explain(with), &mut lines)?;
        }
        Ok(dialect.explained(&lines.lines, &sql))
    }

    /// What the database knows of its tables without looking at their rows.
    ///
    /// # Errors
    ///
    /// As [`super::Reads::select`].
    pub fn statistics(&mut self) -> Result<Statistics> {
        let mut known = Knows {
            dialect: self.dialect(),
            statistics: Statistics::default(),
        };
        let mut any = Any::default();
        self.each(&HasStatistics, &mut any)?;
        if any.0 {
            self.each(&ReadStatistics, &mut known)?;
        }
        Ok(known.statistics)
    }
}
