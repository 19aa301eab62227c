//! The reference tokens that there are, for whoever looks after them.

use uuid::Uuid;

use super::Service;
use crate::diag::Result;
use crate::store::{TokenFacts, TokenReads as _};

impl Service {
    /// The reference tokens of a user, or of all, the newest first. Blocks on the database.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    pub fn tokens(&self, user: Option<Uuid>) -> Result<Vec<TokenFacts>> {
        let mut found = self.0.store.session()?.tokens()?;
        found.retain(|token| user.is_none_or(|user| token.user == Some(user)));
        found.sort_by_key(|token| std::cmp::Reverse((token.created, token.id)));
        Ok(found)
    }
}
