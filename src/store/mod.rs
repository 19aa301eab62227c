//! Pools, transactions, deadlines, rows out.
//!
//! Runs plans on the database that the URL names and hands rows out one by one. Knows connections
//! and turns database errors into [`crate::diag::Problem`]s; must never know HTTP or JSON.

mod audit;
mod cache;
mod constraint;
mod deadline;
mod doctor;
mod driver;
mod explain;
mod factor;
mod failure;
mod kept_trigrams;
mod keys;
mod migrations;
mod open;
mod options;
mod overlaid;
mod passwords;
mod pool;
mod postgres;
mod read;
mod repeatable;
mod row;
mod run;
mod session;
mod sign_in;
mod sink;
mod sqlite;
mod sqlite_deadline;
mod token;
mod tokens;
mod trigrams;
mod url;
mod watch;
mod write;
mod writer;

pub use audit::{AuditReads, AuditStart, Links};
pub use factor::Factor;
pub use keys::StoredKey;
pub use migrations::Migration;
pub use open::Store;
pub use options::{Durability, StoreOptions};
pub use overlaid::Overlaid;
pub use passwords::{OldPassword, PasswordReads};
pub use read::Reads;
pub use repeatable::Remembered;
pub use row::{Cell, Flow, Row, RowSink};
pub use session::Session;
pub use sign_in::{Account, Failure, NewSession, SignInReads, StoredSession};
pub use tokens::{Application, StoredToken, TokenFacts, TokenReads};
pub use trigrams::{FillStep, TrigramFault, TrigramState};
pub use url::DatabaseUrl;
pub use watch::Watch;
pub use writer::Writer;
