//! `If-Match` and `If-None-Match` of changes (RFC 9110, 13.1; OData 4.01 Part 1, 8.2.4 and 8.2.5).

use super::{Conditions, Tags};
use crate::diag::{Code, Problem, Result};

/// Sees that the conditions hold for an object with this version, or for none.
///
/// # Errors
///
/// `PreconditionFailed`; `PreconditionRequired` where the service wants `If-Match` for an object
/// that is there and the request has none.
pub(super) fn check(conditions: &Conditions, version: Option<i64>, required: bool) -> Result<()> {
    let failed = |header: &'static str, message: String| {
        Err(Problem::new(Code::PreconditionFailed, message).about(header))
    };
    match (&conditions.if_match, version) {
        (None, Some(_)) if required && conditions.if_none_match.is_none() => {
            let problem = Problem::new(Code::PreconditionRequired, "the change needs `If-Match`");
            let help = "send the `ETag` of the entity that you have read, or `*`";
            return Err(problem.about("If-Match").help(help));
        }
        (None, _) | (Some(Tags::Any), Some(_)) => {}
        (Some(_), None) => {
            return failed("If-Match", "there is no such entity".to_owned());
        }
        (Some(Tags::Listed(tags)), Some(version)) => {
            if !lists(tags, version) {
                let message = "the entity has another version than `If-Match` asks for";
                return failed("If-Match", message.to_owned());
            }
        }
    }
    match (&conditions.if_none_match, version) {
        (None, _) | (Some(_), None) => Ok(()),
        (Some(Tags::Any), Some(_)) => {
            failed("If-None-Match", "the entity is there already".to_owned())
        }
        (Some(Tags::Listed(tags)), Some(version)) if lists(tags, version) => {
            let message = "the entity has a version that `If-None-Match` excludes";
            failed("If-None-Match", message.to_owned())
        }
        (Some(Tags::Listed(_)), Some(_)) => Ok(()),
    }
}

fn lists(tags: &[String], version: i64) -> bool {
    tags.iter().any(|tag| *tag == version.to_string())
}
