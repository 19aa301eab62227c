//! Who somebody is, and how they prove it.
//!
//! For now: how a password becomes what is stored. Knows hashes; must never know HTTP, SQL or
//! where a password came from.

mod password;

pub use password::{Hashing, check_hash, hash, unusable};
