//! The story of a change: from a payload to rows.

mod request;

pub use request::{
    Conditions, ContentIds, Preferences, Refusal, Repeatability, Return, Tags, Verb, WriteAnswer,
    WriteRequest,
};

use super::Service;
use crate::diag::{Code, Problem};

impl Service {
    /// Makes the changes of some requests in one transaction: all of them, or none. Blocks on the
    /// database.
    ///
    /// Requests may name what earlier ones created by `$id`, in their paths and bodies; what they
    /// create themselves is added to `names` when all of it is done.
    ///
    /// # Errors
    ///
    /// The first request that is refused, and why.
    pub fn write(
        &self,
        requests: &[WriteRequest],
        names: &mut ContentIds,
    ) -> Result<Vec<WriteAnswer>, Refusal> {
        let _ = (requests, names);
        let problem = Problem::new(Code::NotSupported, "writes are not offered yet");
        Err(Refusal {
            request: 0,
            problem,
        })
    }
}
