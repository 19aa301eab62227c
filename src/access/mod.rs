//! Who somebody is, and how they prove it.
//!
//! For now: how a password becomes what is stored. Knows hashes; must never know HTTP, SQL or
//! where a password came from.

mod account;
mod identity;
mod password;

pub use identity::{Identity, Scopes, Way};
pub use password::{Hashing, check_hash, hash, unusable};
