//! Settings, layered: built-in defaults, a file, the environment, the command line.
//!
//! Knows every setting of this version by name ([`SETTINGS`] is the table that the documentation
//! and the checks share) and where each value came from, so that a fault names the line or the
//! variable. Must never know what a setting does: the program hands the values to the rooms that
//! own them.

mod asynchronous;
mod audit;
mod duration;
mod events;
mod layer;
mod load;
mod networks;
mod oidc;
mod place;
mod settings;
mod table;
mod tokens;
mod transactions;

#[cfg(test)]
mod tests;

pub use asynchronous::Asynchronous;
pub use audit::Audit;
pub use events::Events;
pub use load::{Sources, given, load};
pub use oidc::Oidc;
pub use settings::{
    Class, Database, Limits, Lockout, Log, LogFormat, Md5Encoding, ModelSettings, Password, Prf,
    Profile, Query, Server, Session, Settings, Synchronous, Tls, Top, Users,
};
pub use table::{SETTINGS, Setting};
pub use tokens::Tokens;
pub use transactions::Transactions;
