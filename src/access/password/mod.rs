//! Passwords: how they are stored, checked and judged.

mod hashing;
mod identity;
mod legacy;
mod policy;
mod verify;

pub use hashing::{Function, Hashing};
pub use identity::{check_hash, hash, unusable};
pub use policy::{Class, Policy};
pub use verify::{Checking, Format, Md5, Verdict, dummy, verify};

/// The longest password that is hashed, in bytes: longer ones only cost time.
const LONGEST: usize = 1024;
