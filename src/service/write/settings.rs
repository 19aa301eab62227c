//! Settings of changes.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::access::{Hashing, Policy};
use crate::diag::{Code, Problem, Result};
use crate::model::{EntityId, Model};

/// How changes are made. Each has a setting of a similar name.
#[derive(Debug, Clone)]
pub struct WriteSettings {
    /// Whether a change of an object that is there needs `If-Match` (else 428).
    pub require_if_match: bool,
    /// The vendor's way: a multi-language text that is given replaces all languages.
    pub replace_multilanguage: bool,
    /// How passwords are hashed.
    pub hashing: Hashing,
    /// What new passwords must be like.
    pub policy: Policy,
    /// The level of change tracking of each repository that is not at its least.
    pub track: BTreeMap<String, u8>,
    /// How long the answers of repeatable requests are kept.
    pub repeatable_for: Duration,
}

impl Default for WriteSettings {
    fn default() -> Self {
        Self {
            require_if_match: false,
            replace_multilanguage: false,
            hashing: Hashing::default(),
            policy: Policy::default(),
            track: BTreeMap::new(),
            repeatable_for: Duration::from_secs(24 * 60 * 60),
        }
    }
}

impl WriteSettings {
    /// How much of the changes of each entity is kept, by entity.
    ///
    /// # Errors
    ///
    /// `ConfigurationFault` for a repository that the model lacks, or a level outside its range
    /// (S1-10, S1-11).
    pub(in crate::service) fn levels(&self, model: &Model) -> Result<Vec<u8>> {
        let fault = |repository: &str, message: String| {
            let problem = Problem::new(Code::ConfigurationFault, message);
            Err(problem.about(format!("track.{repository}")))
        };
        let usual = model.entities().map(|(_, e)| e.track.map_or(0, |t| t.min));
        let mut levels: Vec<u8> = usual.collect();
        for (repository, level) in &self.track {
            let Some(entity) = model.repository(repository) else {
                return fault(repository, format!("the model has no `{repository}`"));
            };
            let Some(range) = model.entity(entity).track else {
                let message = format!("changes of `{repository}` cannot be tracked");
                return fault(repository, message);
            };
            if !(range.min..=range.max).contains(level) {
                let message = format!(
                    "`{repository}` is tracked at level {} to {}, not {level}",
                    range.min, range.max
                );
                return fault(repository, message);
            }
            if let Some(slot) = levels.get_mut(entity.index()) {
                *slot = *level;
            }
        }
        Ok(levels)
    }
}

/// The level of an entity among those of [`WriteSettings::levels`].
pub(in crate::service) fn level(levels: &[u8], entity: EntityId) -> u8 {
    levels.get(entity.index()).copied().unwrap_or_default()
}
