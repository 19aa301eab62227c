//! `…/$query`: a read whose options are in its body (OData 4.01 Part 2, 5.1). The transport sends it
//! here as the read that it is; what comes here with the segment was asked by another method.

use crate::diag::{Code, Problem};
use crate::model::Model;
use crate::plan::Context;
use crate::syntax::ast::{Request, Segment};

use super::path::nothing;
use super::rights::Rights;

/// Why a request for such an address is refused; nothing for any other address. Only where there is
/// something to read it can be asked by `POST`.
pub(super) fn refusal(
    model: &Model,
    request: &Request,
    context: &Context,
    rights: &Rights,
) -> Option<Problem> {
    let mut read = request.clone();
    let last = read.path.segments.pop()?;
    if last.node != Segment::Query {
        return None;
    }
    // The options are in the body, which is not here.
    read.options = request.options.aliases_only();
    let problem = match super::bind(model, &read, context, rights) {
        Ok(_) => posted(),
        // `$entity` without the id that the body has.
        Err(problem) if problem.code() == Code::InvalidOption => posted(),
        // An action, which nothing follows.
        Err(problem) if problem.code() == Code::MethodNotAllowed => nothing(last.span),
        Err(problem) => problem,
    };
    Some(problem.within("path", &request.path_text))
}

fn posted() -> Problem {
    let message = "`$query` is asked with `POST`";
    Problem::new(Code::MethodNotAllowed, message).takes("POST, OPTIONS")
}
