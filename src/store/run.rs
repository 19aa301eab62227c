//! Running what a transaction writes.

use diesel::result::Error;

use super::constraint;
use super::failure::Trouble;
use super::writer::{Refused, Writer};
use crate::diag::{Code, Problem, Result};
use crate::model::{ColumnNo, EntityId, Model};
use crate::plan::{NewRow, WritePlan, WriteStep};
use crate::sql::{Delete, Update};
use crate::value::Value;

impl Writer {
    /// Runs the statements of a plan; call it inside a transaction.
    ///
    /// A row that is to be changed or removed and is not there went after the work has read it. So
    /// [`super::Store::write`] runs the work again.
    ///
    /// # Errors
    ///
    /// [`Code::NotUnique`], about the property of the row; [`Code::ServiceUnavailable`] when
    /// another transaction is in the way; [`Code::Internal`] for a row that is not there, and for
    /// values that the tables do not take; faults of the database.
    pub fn run(&mut self, model: &Model, plan: &WritePlan) -> Result<()> {
        if plan.is_tangled() {
            self.defer()?;
        }
        for step in &plan.steps {
            match step {
                WriteStep::Delete { keys, .. } if keys.is_empty() => {}
                WriteStep::Delete { table, keys } => {
                    let met = self.execute(&Delete::new(model.table(*table), keys));
                    let met = met.map_err(|e| self.failed(&e))?;
                    self.see_all_met(met, keys.len())?;
                }
                WriteStep::DeleteBy {
                    table,
                    column,
                    keys,
                } => {
                    let met = self.execute(&Delete::by(model.table(*table), *column, keys));
                    met.map_err(|e| self.failed(&e))?;
                }
                WriteStep::Update {
                    table,
                    key,
                    values,
                    path,
                    request,
                } => {
                    let met = self.execute(&Update::new(model.table(*table), *key, values));
                    let met = met.map_err(|e| self.refused(model, *table, (*request, path), &e))?;
                    self.see_all_met(met, 1)?;
                }
                WriteStep::Insert {
                    table,
                    columns,
                    rows,
                } => self.insert_rows(model, *table, columns, rows)?,
            }
        }
        Ok(())
    }

    fn insert_rows(
        &mut self,
        model: &Model,
        table: EntityId,
        columns: &[ColumnNo],
        rows: &[NewRow],
    ) -> Result<()> {
        let values: Vec<&[Value]> = rows.iter().map(|r| r.values.as_slice()).collect();
        self.insert(model.table(table), columns, &values).map_err(
            |(Refused { first, rows: n }, error)| {
                let suspects = rows.get(first..first.saturating_add(n)).unwrap_or_default();
                let row = constraint::blamed(model.table(table), columns, suspects, &error);
                let from = row.map_or((0, ""), |r| (r.request, &r.path));
                self.refused(model, table, from, &error)
            },
        )
    }

    /// What a failed statement means for the object that a request has at a path.
    fn refused(
        &mut self,
        model: &Model,
        table: EntityId,
        (request, path): (usize, &str),
        error: &Error,
    ) -> Problem {
        let clash = constraint::not_unique(model, table, error);
        if clash.is_some() && constraint::is_key(model.table(table), error) {
            self.note(Trouble::Came);
        }
        let problem = self.failed(error);
        match clash {
            Some(clash) => {
                self.blame(request);
                clash.inside(path).log(error.to_string())
            }
            None => problem,
        }
    }

    /// Every row that a statement named has to be there.
    fn see_all_met(&mut self, met: usize, named: usize) -> Result<()> {
        if met == named {
            return Ok(());
        }
        self.note(Trouble::Gone);
        let message = "a row that is to be changed is not there any more";
        let log = format!("{met} rows of {named}");
        Err(Problem::new(Code::Internal, message).log(log))
    }
}
