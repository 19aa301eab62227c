//! `BeginTransaction(model, trackChanges)` and `EndTransaction(commit)`: the frame around the
//! requests of an API transaction.

use uuid::Uuid;

use super::{Action, Arguments, Call, Task};
use crate::change::Applier;
use crate::diag::{Code, Problem, Result};
use crate::model::EntityId;

/// What the vendor calls the ways in which rules run; here both are the same.
const MODELS: [&str; 2] = ["common", "frontend"];

/// `BeginTransaction`.
#[derive(Debug)]
pub(super) struct BeginTransaction;

/// `EndTransaction`.
#[derive(Debug)]
pub(super) struct EndTransaction;

/// A call with what is to be done.
#[derive(Debug)]
struct Prepared(Task);

impl Action for BeginTransaction {
    fn name(&self) -> &'static str {
        "Erp.BeginTransaction"
    }

    fn prepare(&self, arguments: &Arguments<'_>) -> Result<Box<dyn Call>> {
        let model = arguments.optional("model")?;
        if let Some(model) = model.filter(|model| !MODELS.contains(model)) {
            let shown: String = model.chars().take(80).collect();
            let message = format!("there is no model `{shown}` of transactions");
            let problem = Problem::new(Code::InvalidValue, message).about("model");
            return Err(problem.help("it is `common` or `frontend`"));
        }
        Ok(Box::new(Prepared(Task::Begin {
            tracks: arguments.flag("trackChanges")?,
        })))
    }
}

impl Action for EndTransaction {
    fn name(&self) -> &'static str {
        "Erp.EndTransaction"
    }

    fn prepare(&self, arguments: &Arguments<'_>) -> Result<Box<dyn Call>> {
        Ok(Box::new(Prepared(Task::End {
            commit: arguments.flag("commit")?,
        })))
    }
}

impl Call for Prepared {
    fn task(&self) -> Option<Task> {
        Some(self.0)
    }

    fn apply(&self, _: &mut Applier<'_, '_>, _: (EntityId, Uuid)) -> Result<()> {
        Err(super::unmade())
    }
}
