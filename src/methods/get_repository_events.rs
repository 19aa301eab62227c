//! `GetRepositoryEvents(repositoryName)`: the events that the objects of a repository raise.
//!
//! They are the changes that the history of changes can hold of its objects; a repository whose
//! changes are not kept raises none.

use serde_json::{Value as Json, json};

use super::{Arguments, Asked, Function, Question};
use crate::diag::{Code, Problem, Result};
use crate::model::EntityId;

/// The level of change tracking from which on single objects are kept.
const OBJECTS: u8 = 2;
/// What happens to objects, and what that means.
const EVENTS: &[(&str, &str)] = &[
    ("Create", "An object was created."),
    ("Update", "An object was changed."),
    ("Delete", "An object was deleted."),
];

/// See the module.
#[derive(Debug)]
pub(super) struct GetRepositoryEvents;

/// A call with its repository.
#[derive(Debug)]
struct Prepared(EntityId);

impl Function for GetRepositoryEvents {
    fn name(&self) -> &'static str {
        "Erp.GetRepositoryEvents"
    }

    fn prepare(&self, arguments: &Arguments<'_>) -> Result<Box<dyn Question>> {
        let name = arguments.text("repositoryName")?;
        let found = arguments.model().repository(name);
        let entity = found.ok_or_else(|| {
            let message = format!("there is no repository `{name}`");
            let problem = Problem::new(Code::NotFound, message).about("repositoryName");
            problem.help("write it with dots: `Systems.Security.Users`")
        })?;
        Ok(Box::new(Prepared(entity)))
    }
}

impl Question for Prepared {
    fn answer(&self, asked: &mut Asked<'_>) -> Result<Json> {
        let raises = asked.model.entity(self.0).is_open();
        let kept = raises && asked.data.track_level(self.0) >= OBJECTS;
        let events = EVENTS.iter().filter(|_| kept);
        let events = events.map(|(name, text)| json!({"Name": name, "Description": text}));
        Ok(events.collect())
    }
}
