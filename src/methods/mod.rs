//! What can be called on objects: a file and a line in [`ACTIONS`] for each action.
//!
//! The metadata says which actions there are and what they take; here is what they do: changes of
//! the object that they are bound to. Knows the change room; must never know HTTP or a connection.

mod bare;
mod confirm_email;
mod issue_token;
mod order;
mod revoke_sessions;
mod revoke_token;
mod second_factor;
mod set_password;
mod set_secret;
mod unlock;

pub use order::{Made, MadeFactor, MadeSecret, MadeToken, Order, Proof, TokenOrder};

use uuid::Uuid;

use crate::change::{Applier, Json, Secret};
use crate::diag::{Code, Problem, Result};
use crate::model::{AttributeId, Entity, EntityId, Method, ReferenceId};
use crate::value::Timestamp;

/// Every action that is built.
pub const ACTIONS: &[&dyn Action] = &[
    &confirm_email::ACTION,
    &issue_token::IssueToken,
    &revoke_sessions::ACTION,
    &revoke_token::ACTION,
    &second_factor::Begin,
    &second_factor::Confirm,
    &second_factor::Remove,
    &set_password::SetPassword,
    &set_secret::SetSecret,
    &unlock::ACTION,
];

/// An action that changes the object it is called on.
pub trait Action: Sync + std::fmt::Debug {
    /// Its name, with the namespace.
    fn name(&self) -> &'static str;

    /// Reads the arguments, which are of the types that the metadata declares.
    ///
    /// # Errors
    ///
    /// What is wrong with them.
    fn prepare(&self, arguments: &Arguments<'_>) -> Result<Box<dyn Call>>;
}

/// A call whose arguments were read.
pub trait Call: Send + Sync + std::fmt::Debug {
    /// A password in its arguments, to be hashed before the call is made.
    fn secret(&mut self) -> Option<&mut Secret> {
        None
    }

    /// Whether it ends the sessions of the object, a user.
    fn ends_sessions(&self) -> bool {
        false
    }

    /// What only the service can make for the call: something new to sign in with. The service sees
    /// whether its caller may have it, and answers it; then [`Call::apply_made`] takes the place of
    /// [`Call::apply`].
    fn order(&self) -> Option<Order<'_>> {
        None
    }

    /// Makes the call on an object.
    ///
    /// # Errors
    ///
    /// Why it cannot be made.
    fn apply(&self, applier: &mut Applier<'_, '_>, object: (EntityId, Uuid)) -> Result<()>;

    /// Makes the call on an object with what was ordered.
    ///
    /// # Errors
    ///
    /// Why it cannot be made.
    fn apply_made(
        &self,
        applier: &mut Applier<'_, '_>,
        object: (EntityId, Uuid),
        made: &Made,
    ) -> Result<()> {
        let _ = made;
        self.apply(applier, object)
    }
}

/// The arguments of a call.
#[derive(Debug)]
pub struct Arguments<'a>(&'a Json);

impl<'a> Arguments<'a> {
    /// The arguments in a payload: an object with a member for each parameter.
    ///
    /// # Errors
    ///
    /// Every fault: `InvalidPayload` for what is no object, `UnknownProperty` for a member that is
    /// no parameter, `DuplicateProperty`, `ValueRequired` for a parameter that is missing.
    pub fn of(method: &Method, payload: &'a Json) -> Result<Self> {
        let Some(members) = payload.members() else {
            let message = format!("the arguments are an object, not {}", payload.noun());
            return Err(Problem::new(Code::InvalidPayload, message));
        };
        let mut faults: Vec<Problem> = payload
            .repeated()
            .into_iter()
            .map(|path| {
                let message = format!("`{path}` is given twice");
                Problem::new(Code::DuplicateProperty, message).about(path)
            })
            .collect();
        let parameters = || method.parameters.iter().map(|p| p.name.as_str());
        for (name, _) in members {
            if !parameters().any(|p| p == name) {
                let message = format!("`{}` has no parameter `{name}`", method.name);
                let problem = Problem::new(Code::UnknownProperty, message).about(name);
                let all: Vec<_> = parameters().map(|p| format!("`{p}`")).collect();
                faults.push(if all.is_empty() {
                    problem.help("it takes none")
                } else {
                    problem.help(format!("it takes {}", all.join(", ")))
                });
            }
        }
        for parameter in method.parameters.iter().filter(|p| !p.optional) {
            let given = payload.member(&parameter.name);
            if given.is_none_or(|json| *json == Json::Null) {
                let message = format!("the parameter `{}` is missing", parameter.name);
                faults.push(Problem::new(Code::InvalidPayload, message).about(&parameter.name));
            }
        }
        match Problem::all(faults) {
            Some(problem) => Err(problem),
            None => Ok(Self(payload)),
        }
    }

    /// The text of a parameter.
    ///
    /// # Errors
    ///
    /// `TypeMismatch` for another type.
    pub fn text(&self, name: &str) -> Result<&'a str> {
        let json = self.0.member(name).unwrap_or(&Json::Null);
        json.text().ok_or_else(|| {
            let message = format!("`{name}` takes a text, not {}", json.noun());
            Problem::new(Code::TypeMismatch, message).about(name)
        })
    }

    /// The text of a parameter that may be left out, or be null.
    ///
    /// # Errors
    ///
    /// As [`Arguments::text`].
    pub fn optional(&self, name: &str) -> Result<Option<&'a str>> {
        match self.0.member(name) {
            None | Some(Json::Null) => Ok(None),
            Some(_) => self.text(name).map(Some),
        }
    }

    /// The time of a parameter that may be left out, or be null.
    ///
    /// # Errors
    ///
    /// As [`Arguments::text`]; `InvalidValue` for what is no time.
    pub fn time(&self, name: &str) -> Result<Option<Timestamp>> {
        let Some(text) = self.optional(name)? else {
            return Ok(None);
        };
        let time = Timestamp::parse(text).ok_or_else(|| {
            let message = format!("`{name}` takes a time such as `2027-01-01T00:00:00Z`");
            Problem::new(Code::InvalidValue, message).about(name)
        });
        time.map(Some)
    }
}

/// The attribute of a name, which the shipped model has.
fn attribute(of: &Entity, name: &str) -> Result<AttributeId> {
    of.attribute_named(name).ok_or_else(|| {
        let message = format!("`{}` has no attribute `{name}`", of.set);
        Problem::new(Code::Internal, message)
    })
}

/// The reference of a name, which the shipped model has.
fn reference(of: &Entity, name: &str) -> Result<ReferenceId> {
    of.reference_named(name).ok_or_else(|| {
        let message = format!("`{}` has no reference `{name}`", of.set);
        Problem::new(Code::Internal, message)
    })
}

/// The problem of a call whose order was not filled.
fn unmade() -> Problem {
    Problem::new(Code::Internal, "a call was made without what it ordered")
}
