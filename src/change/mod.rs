//! What a request wants to change: payloads, the objects that they change, and what the model says
//! of both.
//!
//! A payload is read into a draft; drafts are applied to a [`ChangeSet`], which holds every object
//! that the transaction changes, before and after; [`Applier::check`] makes it
//! [`Checked`]. Knows JSON and the model, and asks a [`Lookup`] for what is stored; must never know
//! SQL, connections, HTTP, or a business rule.

mod allowed;
mod amend;
mod annotation;
mod apply;
mod check;
mod compose;
mod copy;
mod custom;
mod custom_rows;
mod default;
mod delete;
mod draft;
mod facts;
mod family;
mod fill;
mod history;
mod json;
mod locate;
mod lookup;
mod named;
mod open;
mod past;
mod read;
mod read_annotation;
mod read_nested;
mod rebase;
mod record;
mod secret;
mod set;
#[cfg(test)]
pub(crate) mod testkit;
#[cfg(test)]
mod tests;
mod value;

pub use allowed::{Definitions, Look};
pub use apply::{Applier, Closed, Guard, Outcome};
pub use check::{Author, Faults};
pub use copy::{Copied, copied_collections};
pub use custom_rows::value_objects;
pub use draft::{Action, BroughtSecret, Child, Children, Draft, Given, Link, SearchKeys, Secret};
pub use facts::Facts;
pub use history::{Levels, history, is_kept, is_shown, value_json};
pub use json::Json;
pub use lookup::{Criterion, Lookup};
pub use named::Named;
pub use past::{Kept, Past, back};
pub use read::{Read, Reading};
pub use record::{Record, Stored};
pub use set::{ChangeSet, Checked, Kind, Object};
pub use value::unstorable;
