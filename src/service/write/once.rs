//! Changes that a database gets once, whichever server comes first.

use super::{Along, ContentIds, WriteRequest};
use crate::diag::{Code, Problem, Result};
use crate::service::Service;
use crate::store::Writer;
use crate::value::Timestamp;

impl Service {
    /// Makes changes together with a mark that says they are made; answers whether they were made
    /// now. Where the mark is there already, nothing happens.
    ///
    /// # Errors
    ///
    /// As [`Service::write`].
    pub(in crate::service) fn write_once(
        &self,
        mark: &str,
        requests: &[WriteRequest],
        names: &mut ContentIds,
        now: Timestamp,
    ) -> Result<bool> {
        let is_first = |writer: &mut Writer| {
            if writer.mark(mark, now)? {
                return Ok(());
            }
            let message = "another server has made these changes";
            Err(Problem::new(Code::PreconditionFailed, message))
        };
        let along = Along {
            before: Some(&is_first),
            ..Along::default()
        };
        match self.write_along(requests, names, &along) {
            Ok(_) => Ok(true),
            Err(refusal) if refusal.problem.code() == Code::PreconditionFailed => Ok(false),
            Err(refusal) => Err(refusal.problem),
        }
    }
}
