//! Which methods an address takes.

use super::Verb;
use crate::bind::{self, Rights};
use crate::diag::{Code, Problem, Result};
use crate::model::{EntityId, Model};
use crate::plan::{Context, Target, ValuePart};
use crate::service::prepare::format_option;
use crate::service::{RequestHead, Service};
use crate::syntax::{self, ast};
use crate::value::Timestamp;

/// The methods of an address where nothing can be changed.
pub(super) const SHOWN: &str = "GET, HEAD, OPTIONS";
/// The entities of which the caller's own row is one.
const USERS: &str = "Systems.Security.Users";

impl Service {
    /// The methods that an address of data takes, as the header `Allow` lists them. `path` and
    /// `query` are raw; of the query only aliases count, which the path may name. Every caller is
    /// told the same: what somebody may do with a method, they hear when they use it.
    ///
    /// # Errors
    ///
    /// What is wrong with the address, as a read would say it: nothing is there, or it is not
    /// offered.
    pub fn methods_at(&self, path: &str, query: &str) -> Result<&'static str> {
        let shown = self.0.current.shown();
        let model = &*shown.model;
        let mut request = syntax::parse_request(path, query, &self.0.settings.syntax)?;
        request.options = request.options.aliases_only();
        let context = Context::bare(Timestamp::from_micros(0));
        match bind::target(model, &request, &context, &everything(model)) {
            Ok(target) => Ok(taken(model, &target)),
            Err(problem) => match (problem.code(), problem.methods()) {
                (Code::MethodNotAllowed, Some(methods)) => Ok(methods),
                (_, _) => Err(problem),
            },
        }
    }

    /// Sees that the options of the address of a batch apply to it; its `$format`. `query` is raw.
    ///
    /// # Errors
    ///
    /// `InvalidOption` for those that do not apply, `NotFound` for another version of the schema
    /// than there is.
    pub fn check_batch_options(&self, head: &RequestHead<'_>) -> Result<Option<String>> {
        let options = syntax::parse_query(head.query, &self.0.settings.syntax)?;
        let request = ast::Request {
            options,
            ..ast::Request::default()
        };
        bind::bare(&request.options, &self.context(head, &request))?;
        Ok(format_option(&request).map(str::to_owned))
    }
}

/// Rights that close nothing, of somebody who has a row of their own.
fn everything(model: &Model) -> Rights {
    let all = Rights::unrestricted();
    match model.repository(USERS) {
        Some(users) => all.clone().with_own(users, all),
        None => all,
    }
}

/// The methods that the address of a change takes.
fn taken(model: &Model, target: &Target) -> &'static str {
    if changed(model, target).is_some_and(|entity| !model.entity(entity).is_open()) {
        return SHOWN;
    }
    match target {
        Target::Set(_) | Target::Children { .. } => "GET, HEAD, POST, OPTIONS",
        Target::Object(_) => "GET, HEAD, PATCH, PUT, DELETE, OPTIONS",
        Target::Attribute {
            object,
            attribute,
            part,
            ..
        } => {
            let of = model.entity(object.entity);
            let is_whole = match part {
                None | Some(ValuePart::Language(_)) => true,
                Some(ValuePart::Value | ValuePart::ValueId | ValuePart::Description(_)) => false,
            };
            match is_whole && of.is_writable(object.entity, of.attribute(*attribute)) {
                true => "GET, HEAD, PATCH, PUT, DELETE, OPTIONS",
                false => SHOWN,
            }
        }
        Target::Link {
            object, reference, ..
        } => match model.entity(object.entity).reference(*reference).read_only {
            true => SHOWN,
            false => "GET, HEAD, PATCH, PUT, DELETE, OPTIONS",
        },
        Target::Links { .. } => "GET, HEAD, POST, DELETE, OPTIONS",
        Target::Call { .. } => "POST, OPTIONS",
    }
}

/// The entity of which something would change; nothing for calls.
fn changed(model: &Model, target: &Target) -> Option<EntityId> {
    match target {
        Target::Set(entity) => Some(*entity),
        Target::Children { owner, collection }
        | Target::Links {
            owner, collection, ..
        } => Some(model.entity(owner.entity).collection(*collection).target),
        Target::Object(object) | Target::Attribute { object, .. } | Target::Link { object, .. } => {
            Some(object.entity)
        }
        Target::Call { .. } => None,
    }
}

/// The refusal of a verb that an address does not take.
pub(super) fn refused(model: &Model, verb: Verb, target: &Target) -> Problem {
    let verb = match verb {
        Verb::Post => "POST",
        Verb::Patch => "PATCH",
        Verb::Put => "PUT",
        Verb::Delete => "DELETE",
    };
    let message = format!("this address does not take the method `{verb}`");
    Problem::new(Code::MethodNotAllowed, message).takes(taken(model, target))
}
