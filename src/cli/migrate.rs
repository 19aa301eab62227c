//! `userdex migrate`.

use clap::Args;

use super::base::Base;
use super::{Outcome, output};
use crate::diag::Result;
use crate::store::Store;

/// What `migrate` takes.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Only say which migrations the database has
    #[arg(long)]
    status: bool,
}

/// Migrates, or only tells; prints one line for each migration.
pub(super) fn run(arguments: &Arguments, base: &Base) -> Result<Outcome> {
    if !arguments.status {
        let names = base.store()?.migrate()?;
        let text: String = names.iter().map(|name| line(true, name)).collect();
        return output::print(if names.is_empty() {
            "nothing to migrate\n"
        } else {
            &text
        });
    }
    let migrations = match base.is_there()? {
        true => base.store()?.migration_status()?,
        false => Store::migrations_of_new(&base.database()?)?,
    };
    let lines = migrations.iter().map(|m| line(m.applied, &m.name));
    output::print(&lines.collect::<String>())
}

fn line(applied: bool, name: &str) -> String {
    let state = if applied { "applied" } else { "pending" };
    format!("{state}  {name}\n")
}
