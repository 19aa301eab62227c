//! Demonstration data: deterministic, realistic users with everything around them.
//!
//! Knows the shipped model's names and how to write rows of its tables. The same number and seed
//! give the same rows on both databases. Must never know the query language or HTTP.

mod batch;
mod dice;
mod organisation;
mod rights;
mod users;
mod words;

use crate::diag::{Code, Problem, Result};
use crate::model::Model;
use crate::store::Store;

use batch::Batch;
use dice::Dice;

/// Users written to the database in one piece.
const PIECE: u64 = 2_000;

/// What was filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Report {
    /// Users.
    pub users: u64,
    /// Rows of all tables, users included.
    pub rows: u64,
}

/// Whether the database holds no user yet.
pub fn is_empty(store: &Store, model: &Model) -> Result<bool> {
    let users = model.set(users::SET).ok_or_else(|| missing(users::SET))?;
    Ok(store.session()?.row_count(model.table(users))? == 0)
}

/// Fills an empty database with `users` users and what belongs to them, in one transaction.
///
/// A database that holds users is refused and stays as it is.
pub fn fill(store: &Store, model: &Model, users: u64, seed: u64) -> Result<Report> {
    if !is_empty(store, model)? {
        return Err(
            Problem::new(Code::DatabaseFault, "the database already holds users")
                .help("demonstration data goes into an empty database only"),
        );
    }
    let mut dice = Dice::new(seed);
    store.writer()?.transaction(|writer| {
        let mut rows = 0;
        let mut save = |batch: Batch<'_>| -> Result<()> {
            rows += batch.rows();
            batch.write(writer)
        };
        let organisation = organisation::make(model, &mut dice, &mut save)?;
        let rights = rights::make(model, &mut dice, &mut save)?;
        let surroundings = users::Surroundings {
            organisation,
            rights,
        };
        let mut first = 0;
        while first < users {
            let count = PIECE.min(users - first);
            let piece = users::Piece {
                first,
                count,
                total: users,
            };
            users::make(model, &mut dice, &surroundings, piece, &mut save)?;
            first += count;
        }
        Ok(Report { users, rows })
    })
}

/// The shipped model always has the sets that the demonstration fills; another one may not.
fn missing(set: &str) -> Problem {
    Problem::new(
        Code::ModelFault,
        format!("the model has no entity set `{set}`"),
    )
    .help("demonstration data needs the shipped model")
}
