//! The model of this installation: the shipped one and the custom properties that are defined.
//!
//! Definitions are read when the service starts, and again when somebody resets the model. A reset
//! counts up a number in the database. Whoever looks a caller up sees whether it has changed, so
//! that every server of the database follows within the time that it remembers callers for.

use std::sync::{Arc, PoisonError, RwLock};

use super::write::look;
use super::{Caller, Service, documents};
use crate::change::{Criterion, Facts, Stored};
use crate::diag::{Code, Problem, Result};
use crate::model::{Custom, CustomDefinition, CustomKind, Model, Text};
use crate::store::Session;
use crate::value::{MultilanguageString, Value};

/// The counter of resets.
const RESETS: &str = "model";
/// The entity of the definitions.
const DEFINITIONS: &str = "Systems.Bpm.CustomProperties";

/// The model that requests see, and what depends on it alone. A request keeps the one that its
/// caller was looked up with, to its end.
#[derive(Debug)]
pub(super) struct Current(RwLock<Arc<Shown>>);

/// A model with its documents.
#[derive(Debug)]
pub(super) struct Shown {
    pub(super) model: Arc<Model>,
    pub(super) documents: documents::Cache,
    definitions: Vec<CustomDefinition>,
    /// The number of the last reset before the definitions were read.
    resets: i64,
}

impl Current {
    /// The shipped model alone.
    pub(super) fn new(model: Arc<Model>) -> Self {
        Self(RwLock::new(Arc::new(Shown {
            model,
            documents: documents::Cache::default(),
            definitions: Vec::new(),
            resets: -1,
        })))
    }

    pub(super) fn shown(&self) -> Arc<Shown> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn show(&self, new: Arc<Shown>) -> Arc<Shown> {
        let mut shown = self.0.write().unwrap_or_else(PoisonError::into_inner);
        // Another thread may have read later.
        if shown.resets < new.resets {
            *shown = new;
        }
        Arc::clone(&shown)
    }
}

impl Service {
    /// The model that a caller's requests see.
    pub(super) fn model_of(&self, caller: &Caller) -> Arc<Model> {
        match &caller.model {
            Some(model) => Arc::clone(model),
            None => Arc::clone(&self.0.current.shown().model),
        }
    }

    /// The model with the definitions of the last reset, whose number was read before: definitions
    /// that are newer do no harm.
    pub(super) fn newest_model(&self, resets: i64) -> Result<Arc<Model>> {
        let shown = self.0.current.shown();
        if shown.resets >= resets {
            return Ok(Arc::clone(&shown.model));
        }
        let standard = &self.0.standard;
        let definitions = definitions(standard, &mut self.0.store.session()?)?;
        // The same definitions are the same model: what rests on it goes on.
        let model = if definitions == shown.definitions {
            Arc::clone(&shown.model)
        } else {
            let (model, left_out) = standard.with_custom(&definitions);
            for reason in left_out {
                tracing::warn!("a custom property is not in the model: {reason}");
            }
            Arc::new(model)
        };
        let new = Shown {
            model,
            documents: documents::Cache::default(),
            definitions,
            resets,
        };
        Ok(Arc::clone(&self.0.current.show(Arc::new(new)).model))
    }

    /// The number of the last reset.
    pub(super) fn resets(&self) -> Result<i64> {
        self.0.store.session()?.counter(RESETS)
    }

    /// Reads the definitions of custom properties again, on all servers of the database. Blocks on
    /// the database.
    ///
    /// # Errors
    ///
    /// `Forbidden` for anybody but administrators who may change something; faults of the database.
    pub fn reset_model(&self, caller: &Caller) -> Result<()> {
        if !caller.is_administrator() || !caller.scopes().update {
            let message = "only administrators reset the model, with the scope `update`";
            return Err(Problem::new(Code::Forbidden, message));
        }
        let store = &self.0.store;
        store.write(|writer| writer.next_number(RESETS, 1))?;
        self.newest_model(self.resets()?)?;
        // Callers that are remembered have the model of before.
        self.0.callers.changed();
        Ok(())
    }
}

/// The active definitions, in the order of their keys.
fn definitions(model: &Model, session: &mut Session) -> Result<Vec<CustomDefinition>> {
    let Some(entity) = model.repository(DEFINITIONS) else {
        return Ok(Vec::new());
    };
    let Some(active) = model.entity(entity).attribute_named("IsActive") else {
        return Ok(Vec::new());
    };
    let active = Criterion::Equal(active, Value::Boolean(true));
    let found = look(model, session, entity, &[active])?;
    Ok(found.iter().filter_map(|d| definition(model, d)).collect())
}

fn definition(model: &Model, stored: &Stored) -> Option<CustomDefinition> {
    let facts = Facts {
        model,
        entity: model.entity(stored.entity),
        record: &stored.record,
    };
    Some(CustomDefinition {
        custom: Custom {
            property: stored.id,
            kind: CustomKind::of_code(facts.text("PropertyType")?)?,
            limited: facts.flag("LimitToAllowedValues"),
        },
        entity: facts.text("EntityName")?.to_owned(),
        code: facts.text("Code")?.to_owned(),
        text: text(&facts.texts("Name")),
    })
}

/// The languages that texts of the model have.
fn text(texts: &MultilanguageString) -> Text {
    let of = |wanted: &str| {
        let mut texts = texts.iter();
        texts.find_map(|(language, text)| (language == wanted).then(|| text.to_owned()))
    };
    let first = || texts.iter().next().map(|(_, text)| text.to_owned());
    Text {
        en: of("EN").or_else(first).unwrap_or_default(),
        bg: of("BG"),
    }
}
