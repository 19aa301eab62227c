//! Business rules: what must hold beyond the model, and what follows from a change.
//!
//! A rule is a file in `list/` and a line in [`RULES`], whose order is the order in which they
//! look at an object. It sees one changed object and a [`View`] of everything else as it will be,
//! and answers with a [`Verdict`]. Rules never open a connection: the view asks a
//! [`crate::change::Lookup`]. A set of changes that no rule refuses is [`Sealed`], and only that
//! can become a plan of what is written.

mod case;
mod columns;
mod list;
mod message;
mod overlay;
mod plan;
mod run;
mod sealed;
#[cfg(test)]
mod tests;
mod view;

pub use case::{Case, Facts};
pub use list::RULES;
pub use message::english;
pub use overlay::overlay;
pub use plan::history_plan;
pub use run::{Setting, run};
pub use sealed::Sealed;
pub use view::{Item, Loss, View, Where, criteria};

use crate::diag::Result;
use crate::value::Value;

/// One business rule.
pub trait Rule: Sync + std::fmt::Debug {
    /// Its code: `error.code` of a refusal, and the key of its message.
    fn code(&self) -> &'static str;

    /// What it demands, one sentence: for the documentation, and what a refusal says where no
    /// message file has a text for it.
    fn about(&self) -> &'static str;

    /// The repository names of the entities whose objects it looks at.
    fn entities(&self) -> &'static [&'static str];

    /// Looks at an object that is new or changes.
    ///
    /// # Errors
    ///
    /// Faults of the database; a refusal is a [`Verdict`].
    fn look(&self, case: &Case<'_>, view: &mut View<'_, '_>) -> Result<Verdict>;

    /// Looks at the change as a whole, once, after every rule has looked at every object: also at
    /// what goes. A refusal says which object it is about, by its number in the set.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    fn finish(&self, view: &mut View<'_, '_>) -> Result<Option<(usize, Refusal)>> {
        let _ = view;
        Ok(None)
    }
}

/// What a rule answers.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// Nothing to say.
    Ignore,
    /// These follow from the change.
    Change(Vec<Amendment>),
    /// The change may not happen.
    Refuse(Refusal),
}

/// What follows from a change.
#[derive(Debug, Clone, PartialEq)]
pub enum Amendment {
    /// An attribute of the object gets a value, named as in the model.
    Set(&'static str, Value),
    /// A new object: its repository, and its properties by name; references as guids.
    Create(&'static str, Vec<(&'static str, Value)>),
}

/// Why a change may not happen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Refusal {
    /// The properties that are at fault; the first is the target of the error.
    pub properties: Vec<&'static str>,
    /// What the places of the message stand for: `{Login}`.
    pub places: Vec<(&'static str, String)>,
}

impl Refusal {
    /// A refusal because of some properties.
    pub fn of(properties: &[&'static str]) -> Self {
        Self {
            properties: properties.to_vec(),
            places: Vec::new(),
        }
    }

    /// Says what a place of the message stands for.
    #[must_use]
    pub fn with(mut self, place: &'static str, text: impl Into<String>) -> Self {
        self.places.push((place, text.into()));
        self
    }
}
