//! `…/$query`: a read whose options are in its body (OData 4.01 Part 2, 5.1). The transport sends it
//! here as the read that it is; what comes here with the segment was asked by another method.

use crate::diag::{Code, Problem, Span};
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
    let last = request.path.segments.last()?;
    if last.node != Segment::Query {
        return None;
    }
    let mut read = request.clone();
    read.path.segments.pop();
    // The options are in the body, which is not here.
    read.options = request.options.aliases_only();
    let problem = match super::bind(model, &read, context, rights) {
        Ok(_) => posted(last.span),
        // `$entity` without the id that the body has.
        Err(problem) if problem.code() == Code::InvalidOption => posted(last.span),
        // An action, which nothing follows.
        Err(problem) if problem.code() == Code::MethodNotAllowed => nothing(last.span),
        Err(problem) => problem,
    };
    Some(problem.within("path", &request.path_text))
}

fn posted(span: Span) -> Problem {
    let message = "`$query` is asked with `POST`";
    let problem = Problem::new(Code::MethodNotAllowed, message).at(span);
    problem.takes("POST, OPTIONS")
}
