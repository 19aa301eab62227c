//! A request that was understood: what it does, before anything is looked up.

use uuid::Uuid;

use crate::change::{BroughtSecret, Draft};
use crate::methods::{Call, Task};
use crate::model::{CollectionId, EntityId, ReferenceId};
use crate::plan::{By, Located};

/// What becomes of the languages of a text that a change of it does not give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Others {
    /// They stay: one language was addressed.
    Stay,
    /// They go: the text is given whole.
    Go,
    /// What the settings say of changes that merge.
    AsConfigured,
}

/// What a request does.
#[derive(Debug)]
pub(super) enum Work {
    /// `POST` to a set.
    Create(Draft),
    /// `POST` to the children of an object.
    CreateChild {
        owner: Located,
        collection: CollectionId,
        draft: Draft,
    },
    /// `PATCH` of an object, or `PUT` with `replace`.
    Change {
        object: Located,
        draft: Draft,
        replace: bool,
    },
    /// `PATCH`, `PUT` or `DELETE` of an attribute, or of one language of it.
    Attribute {
        object: Located,
        draft: Draft,
        others: Others,
    },
    /// `DELETE` of an object.
    Delete(Located),
    /// `PUT` or `DELETE` of what a reference points at.
    Link {
        object: Located,
        reference: ReferenceId,
        to: Option<(EntityId, Uuid)>,
    },
    /// `POST` of a link into a collection.
    LinkChild {
        owner: Located,
        collection: CollectionId,
        child: (EntityId, Uuid),
    },
    /// `DELETE` of a link in a collection.
    UnlinkChild {
        owner: Located,
        collection: CollectionId,
        child: Uuid,
    },
    /// A copy of an object.
    Copy(Located),
    /// The beginning or the end of an API transaction.
    Frame(Task),
    /// A call.
    Call {
        /// The object that it is made on, where the method is bound.
        object: Option<Located>,
        call: Box<dyn Call>,
    },
}

impl Work {
    /// The beginning or the end of an API transaction.
    pub(super) fn frame(&self) -> Option<Task> {
        match self {
            Self::Frame(task) => Some(*task),
            Self::Create(_)
            | Self::CreateChild { .. }
            | Self::Change { .. }
            | Self::Attribute { .. }
            | Self::Delete(_)
            | Self::Copy(_)
            | Self::Link { .. }
            | Self::LinkChild { .. }
            | Self::UnlinkChild { .. }
            | Self::Call { .. } => None,
        }
    }

    /// Whether it makes a copy, which is never stored by itself.
    pub(super) fn is_copy(&self) -> bool {
        matches!(self, Self::Copy(_))
    }

    /// The object of the address.
    pub(super) fn object(&self) -> Option<&Located> {
        match self {
            Self::Create(_) | Self::Frame(_) => None,
            Self::CreateChild { owner: object, .. }
            | Self::Change { object, .. }
            | Self::Attribute { object, .. }
            | Self::Delete(object)
            | Self::Copy(object)
            | Self::Link { object, .. }
            | Self::LinkChild { owner: object, .. }
            | Self::UnlinkChild { owner: object, .. } => Some(object),
            Self::Call { object, .. } => object.as_ref(),
        }
    }

    /// A call that is made in a transaction of its own.
    pub(super) fn alone(&self) -> Option<&dyn Call> {
        match self {
            Self::Call { call, .. } if call.stands_alone() => Some(call.as_ref()),
            Self::Call { .. }
            | Self::Create(_)
            | Self::CreateChild { .. }
            | Self::Change { .. }
            | Self::Attribute { .. }
            | Self::Delete(_)
            | Self::Copy(_)
            | Self::Frame(_)
            | Self::Link { .. }
            | Self::LinkChild { .. }
            | Self::UnlinkChild { .. } => None,
        }
    }

    /// The passwords that have to be hashed.
    pub(super) fn secrets(&mut self) -> Vec<BroughtSecret<'_>> {
        match self {
            Self::Create(draft)
            | Self::CreateChild { draft, .. }
            | Self::Change { draft, .. }
            | Self::Attribute { draft, .. } => draft.secrets(),
            Self::Call { object, call } => {
                let brought = object.as_ref().zip(call.secret());
                let brought = brought.map(|(object, secret)| BroughtSecret {
                    path: "password".to_owned(),
                    entity: object.entity,
                    id: match object.by {
                        By::Key(id) => Some(id),
                        By::Rows(_) => None,
                    },
                    secret,
                });
                brought.into_iter().collect()
            }
            Self::Delete(_)
            | Self::Copy(_)
            | Self::Frame(_)
            | Self::Link { .. }
            | Self::LinkChild { .. }
            | Self::UnlinkChild { .. } => Vec::new(),
        }
    }
}
