//! `userdex keys`: the keys that all servers of one database share.

use clap::{Args, Subcommand};

use super::base::{Base, operator};
use super::{Outcome, output};
use crate::access::{KeyRing, Purpose};
use crate::diag::{Code, Problem, Result};
use crate::service::Keys;
use crate::value::Timestamp;

/// What `keys` takes.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Print every key: id, purpose, times; never the key itself
    List,
    /// Make new keys; what the old ones made stays valid for its time
    Rotate {
        /// Only keys for this: token-signing, sessions, cookies, fingerprints or encryption
        #[arg(long, value_name = "PURPOSE", value_parser = purpose)]
        purpose: Option<Purpose>,
        /// End what old keys have made: all sessions, and access tokens; for keys that were stolen
        #[arg(long)]
        end_old: bool,
    },
}

/// Lists or rotates keys; prints one line for each key.
pub(super) fn run(arguments: &Arguments, base: &Base) -> Result<Outcome> {
    let store = base.existing_store()?;
    let migrations = store.migration_status()?;
    if migrations.iter().any(|migration| !migration.applied) {
        let message = "the tables of the database are not those of this version";
        let problem = Problem::new(Code::DatabaseFault, message);
        return Err(problem.help("run `userdex migrate` first"));
    }
    let now = Timestamp::now();
    let keys = Keys::open(&store, now)?.for_client(operator());
    let ring = match &arguments.command {
        Command::List => keys.ring(),
        Command::Rotate { purpose, end_old } => {
            let one = purpose.map(|purpose| [purpose]);
            let purposes = one.as_ref().map_or(&Purpose::ALL[..], |one| &one[..]);
            if *end_old {
                keys.replace(purposes, now)?
            } else {
                keys.rotate(purposes, now)?
            }
        }
    };
    output::print(&list(&ring, now))
}

fn purpose(text: &str) -> Result<Purpose, String> {
    let names = Purpose::ALL.map(Purpose::name);
    Purpose::named(text).ok_or_else(|| format!("it is one of {}", names.join(", ")))
}

/// The keys by purpose, the one in use first.
fn list(ring: &KeyRing, now: Timestamp) -> String {
    let mut text = String::new();
    for purpose in Purpose::ALL {
        for key in ring.records().iter().filter(|key| key.purpose == purpose) {
            let state = match key.retired {
                None => "in use".to_owned(),
                Some(retired) if key.is_usable(now) => format!("retired {retired}"),
                Some(retired) => format!("over, retired {retired}"),
            };
            let (name, created) = (purpose.name(), key.created);
            text.push_str(&format!(
                "{}  {name:<13}  made {created}  {state}\n",
                key.id
            ));
        }
    }
    text
}
