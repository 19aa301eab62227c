//! What can be called: a file and a line in [`METHODS`] for each method.
//!
//! The metadata says which methods there are, what they are called on and what they take and
//! answer; here is what they do. An action changes objects, a function answers from them. Knows the
//! change room; must never know HTTP or a connection.

mod action;
mod arguments;
mod bare;
mod changes;
mod confirm_email;
mod create_copy;
mod create_notification;
mod explain;
mod frame;
mod function;
mod get_allowed_values;
mod get_data_object;
mod get_renamed;
mod get_repository_events;
mod get_version;
mod import;
mod issue_token;
mod mark_read;
mod order;
mod revoke_sessions;
mod revoke_token;
mod search;
mod second_factor;
mod set_password;
mod set_secret;
mod unlock;

pub use action::{Action, Call, Task};
pub use arguments::Arguments;
pub use function::{Asked, Choice, Data, Function, Question};
pub use order::{Made, MadeFactor, MadeSecret, MadeToken, Order, Proof, TokenOrder};

use std::sync::LazyLock;

use crate::diag::{Code, Problem, Result};
use crate::model::{AttributeId, Entity, EntityId, Method, MethodKind, Model, ReferenceId};

/// Every method that is built.
pub const METHODS: &[Built] = &[
    Built::Action(&confirm_email::ACTION),
    Built::Action(&create_copy::CreateCopy),
    Built::Action(&create_notification::CreateNotification),
    Built::Action(&frame::BeginTransaction),
    Built::Action(&frame::EndTransaction),
    Built::Function(&explain::Explain),
    Built::Function(&changes::GetChanges),
    Built::Function(&changes::WaitForChanges),
    Built::Function(&get_allowed_values::GetAllowedCustomPropertyValues),
    Built::Function(&get_data_object::GetDataObject),
    Built::Function(&get_renamed::GetRenamedEntityTypes),
    Built::Function(&get_repository_events::GetRepositoryEvents),
    Built::Function(&get_version::GetVersion),
    Built::Action(&import::Import),
    Built::Action(&issue_token::IssueToken),
    Built::Action(&mark_read::MarkNotificationsRead),
    Built::Action(&revoke_sessions::ACTION),
    Built::Action(&revoke_token::ACTION),
    Built::Action(&second_factor::Begin),
    Built::Action(&second_factor::Confirm),
    Built::Action(&second_factor::Remove),
    Built::Action(&set_password::SetPassword),
    Built::Action(&set_secret::SetSecret),
    Built::Action(&unlock::ACTION),
];

/// A method that is built.
#[derive(Debug, Clone, Copy)]
pub enum Built {
    /// Called with `POST`.
    Action(&'static dyn Action),
    /// Called with `GET`.
    Function(&'static dyn Function),
}

impl Built {
    /// The name, with the namespace.
    pub fn name(self) -> &'static str {
        match self {
            Self::Action(action) => action.name(),
            Self::Function(function) => function.name(),
        }
    }

    /// Whether it reads or acts.
    pub const fn kind(self) -> MethodKind {
        match self {
            Self::Action(_) => MethodKind::Action,
            Self::Function(_) => MethodKind::Function,
        }
    }

    /// What a declared method is built as.
    ///
    /// # Errors
    ///
    /// `NotSupported` for one that is declared only.
    pub fn of(method: &Method) -> Result<Self> {
        let name = method.qualified();
        let mut all = METHODS.iter().copied();
        all.find(|built| built.name() == name)
            .ok_or_else(|| later(&name))
    }

    /// The action that a declared method is built as.
    ///
    /// # Errors
    ///
    /// As [`Built::of`].
    pub fn action(method: &Method) -> Result<&'static dyn Action> {
        match Self::of(method)? {
            Self::Action(action) => Ok(action),
            Self::Function(_) => Err(later(&method.qualified())),
        }
    }

    /// The function that a declared method is built as.
    ///
    /// # Errors
    ///
    /// As [`Built::of`].
    pub fn function(method: &Method) -> Result<&'static dyn Function> {
        match Self::of(method)? {
            Self::Function(function) => Ok(function),
            Self::Action(_) => Err(later(&method.qualified())),
        }
    }
}

/// The names of all methods that are built, with their namespaces.
pub fn names() -> &'static [&'static str] {
    static NAMES: LazyLock<Vec<&'static str>> =
        LazyLock::new(|| METHODS.iter().map(|built| built.name()).collect());
    &NAMES
}

fn later(name: &str) -> Problem {
    let message = format!("the operation `{name}` is not offered yet");
    Problem::new(Code::NotSupported, message)
}

/// The entity of a repository, which the shipped model has.
fn repository(model: &Model, name: &str) -> Result<EntityId> {
    model.repository(name).ok_or_else(|| {
        let message = format!("the model has no repository `{name}`");
        Problem::new(Code::Internal, message)
    })
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn what_is_declared_is_built_and_the_other_way_round() {
        let model = Model::shipped().unwrap();
        let declared = model.methods().iter();
        let declared = declared.map(|m| (m.qualified(), m.kind == MethodKind::Action));
        let declared: BTreeMap<_, _> = declared.collect();
        let built = METHODS.iter();
        let built = built.map(|b| (b.name().to_owned(), b.kind() == MethodKind::Action));
        assert_eq!(built.clone().collect::<BTreeMap<_, _>>(), declared);
        assert_eq!(built.len(), declared.len(), "a method is built twice");
    }
}
