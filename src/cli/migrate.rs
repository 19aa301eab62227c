//! `userdex migrate`.

use clap::Args;

use super::base::Base;
use super::{Outcome, report};
use crate::diag::Result;

/// What `migrate` takes.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Only say which migrations the database has
    #[arg(long)]
    status: bool,
}

/// Migrates, or only tells.
pub(super) fn run(arguments: &Arguments, base: &Base) -> Result<Outcome> {
    let store = base.store()?;
    if arguments.status {
        for migration in store.migration_status()? {
            let state = if migration.applied {
                "applied"
            } else {
                "pending"
            };
            report::line(format_args!("{state}  {}", migration.name));
        }
        return Ok(Outcome::Done);
    }
    let names = store.migrate()?;
    if names.is_empty() {
        report::line("nothing to migrate");
    }
    for name in names {
        report::line(format_args!("applied  {name}"));
    }
    Ok(Outcome::Done)
}
