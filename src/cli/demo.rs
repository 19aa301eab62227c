//! `userdex demo`.

use clap::Args;

use super::base::Base;
use super::{Outcome, first_start, output};
use crate::demo::{self, Report};
use crate::diag::Result;
use crate::model::Model;
use crate::service::Service;
use crate::store::Store;

/// The seed where nobody gives one: everybody sees the same users.
pub(super) const SEED: u64 = 1;

/// What `demo` takes.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// How many users
    #[arg(value_name = "N")]
    users: u64,
    /// The same seed makes the same users
    #[arg(long, value_name = "S", default_value_t = SEED)]
    seed: u64,
}

/// Migrates and fills an empty database.
pub(super) fn run(arguments: &Arguments, base: &Base) -> Result<Outcome> {
    let (model, store) = (base.model()?, base.store()?);
    store.migrate()?;
    let report = fill(&store, &model, arguments.users, arguments.seed)?;
    let Report { users, rows } = report;
    output::print(&format!("{users} users, {rows} rows\n"))?;
    let service = Service::new(model, store, base.service_settings())?;
    first_start::run(&service, true)?;
    Ok(Outcome::Done)
}

/// Fills an empty database, and lets it look at its new rows, so that it plans well from the first
/// query on.
pub(super) fn fill(store: &Store, model: &Model, users: u64, seed: u64) -> Result<Report> {
    let report = demo::fill(store, model, users, seed)?;
    store.writer()?.analyze()?;
    Ok(report)
}
