//! Plans as SQL: nodes that Diesel walks, for both databases from one source.
//!
//! Knows the tables of the model and how each database spells a condition; must never know HTTP,
//! JSON or a connection. Three ways lead into SQL and there is no fourth: constant text, an
//! identifier of the model (quoted), and a bind. Only the files of `dialect/` name a database.

mod aggregate;
mod audit;
mod change;
pub mod ddl;
mod dialect;
mod doctor;
mod drivers;
mod few;
mod from;
mod insert;
mod keyset;
mod nested;
mod overlay;
mod own;
mod passwords;
mod planned;
mod predicate;
mod scope;
mod select;
mod sign_in;
mod source;
mod statement;
mod statistics;
mod term;
mod text;
mod tokens;
mod trigrams;
mod work;

pub use aggregate::{Count, CountPerParent, Exists, Ping, RowCount};
pub use audit::OwnRows;
pub use change::{Delete, Update};
pub use dialect::{Dialect, DialectName, Explains, Line, POSTGRES_ORIGIN, Trigrams};
pub use few::{Few, Rare, looked_for, looked_for_in};
pub use insert::{Insert, InsertInto, Rows};
pub use keyset::Segment;
pub use overlay::With;
pub use own::{CountChange, OwnTable};
pub use planned::Planned;
pub use select::{Explain, Select};
pub use statistics::{HasStatistics, ReadStatistics, Statistics};
pub use text::text;
pub use trigrams::{AllLetters, Fill, LastRow, LookUp, TrigramIndex, TrigramParts, TrigramVersion};
pub use work::{Entered, Explained, Look, Step, Work};
