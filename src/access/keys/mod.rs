//! The key ring: the keys that all servers of one database share.
//!
//! Each purpose has one key that makes new things, and older ones that still open what they made.
//! The ring is a picture of the table of keys; whoever keeps it reads it anew when keys may have been
//! rotated. What a key makes says the key's id, so that a ring that is out of date knows that it is.

mod purpose;
mod record;
mod ring;
mod signing;

pub use purpose::Purpose;
pub use record::KeyRecord;
pub use ring::KeyRing;
pub use signing::SigningKey;
