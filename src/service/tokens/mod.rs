//! The stories of tokens: reference tokens, access tokens, and those of other issuers.
//!
//! Each ends as a sign-in with a password does: in a caller, with a session that takes a slot.

mod client;
mod discovery;
mod enter;
mod external;
mod list;
mod mint;
mod reference;
mod settings;

pub use client::{ClientFault, ClientRequest, ClientToken};
pub(in crate::service) use mint::Minted;
pub use settings::TokenSettings;

use super::Service;
use super::sign_in::{earlier, granted, identity, is_administrator, later};

/// What the row of a reference token calls one that acts as its user.
const PERSONAL: &str = "PersonalAccessToken";
/// What it calls one that acts as the system user of an application.
const SYSTEM: &str = "SystemAccessToken";
