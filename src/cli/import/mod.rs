//! `userdex import`: objects from a file, for whoever holds the database.

mod lines;
mod report;
mod source;

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde_json::json;

use super::base::{Base, operator};
use super::progress::{Progress, Work};
use super::{Outcome, interrupt, output, report as problems};
use crate::diag::{Code, Problem, Result};
use crate::model::{EntityId, Model};
use crate::service::{
    Import, ImportAction, ImportEnd, ImportFault, ImportTransaction, Service, Verb, in_words,
    own_request,
};
use crate::value::Timestamp;
use report::Report;
use source::Source;

/// Objects in one transaction: more than over the network, where others wait for their turn too.
/// What each transaction costs is then shared by more (8 % less processor time than with 400).
const TOGETHER: usize = 1_000;

/// What `import` takes.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// An import document (.json), a file with an object on each line (.ndjson), a .zip of such
    /// files, or - for standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Import all objects in one transaction, or none
    #[arg(long)]
    atomic: bool,
    /// Undo everything, and print what would be done
    #[arg(long)]
    dry_run: bool,
    /// The form of the file, where its name does not say it
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Objects in one transaction of the database at most
    #[arg(long, value_name = "N", default_value_t = TOGETHER, value_parser = batch)]
    batch: usize,
    /// The type of objects without `@odata.type`, such as `Erp.Systems_Security_User`
    #[arg(long = "type", value_name = "TYPE", conflicts_with = "set")]
    of: Option<String>,
    /// The entity set of objects without `@odata.type`, such as `Systems_Security_Users`
    #[arg(long, value_name = "SET")]
    set: Option<String>,
    /// What happens to objects without `@erpnet.action`
    #[arg(long, value_name = "WORD", default_value = "create")]
    action: String,
    /// Print nothing but what is wrong
    #[arg(long)]
    quiet: bool,
}

/// The form of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// An import document.
    Json,
    /// An object on each line.
    Ndjson,
}

fn batch(text: &str) -> std::result::Result<usize, String> {
    match text.parse() {
        Ok(number @ 1..=5_000) => Ok(number),
        Ok(_) | Err(_) => Err("it is a number from 1 to 5000".to_owned()),
    }
}

/// Imports a file.
pub(super) fn run(arguments: &Arguments, base: &Base) -> Result<Outcome> {
    let model = base.model()?;
    let entity = entity(&model, arguments)?;
    let action = action(&arguments.action)?;
    let source = Source::open(&arguments.file, arguments.format)?;
    let is_whole = arguments.atomic || source.is_whole();
    let store = base.patient_store()?;
    let service = Service::new(model, store, base.service_settings())?;
    let service = service.for_client(operator());
    // Between two transactions.
    let stop = interrupt::listen()?;
    let now = Timestamp::now();
    let like = own_request(Verb::Post, String::new(), &json!({}), now);
    let import = Import {
        transaction: if is_whole {
            ImportTransaction::AllObjects
        } else {
            ImportTransaction::PerObject
        },
        action,
        entity,
        is_rehearsal: arguments.dry_run,
        batch: arguments.batch,
        reads_first: false,
        like: &like,
        stop: &stop,
    };
    let progress = Progress::new(Work::Import(source.length()), arguments.quiet);
    let mut report = Report::new(arguments.dry_run);
    let name = source.name();
    let is_marked = arguments.atomic;
    let ended = service.import(
        &import,
        |take| source.feed(is_marked, &progress, take),
        &mut |imported| {
            progress.settled();
            report.hear(&imported);
        },
    );
    progress.end();
    let fault = match ended {
        Ok(ImportEnd::Through) => None,
        Ok(ImportEnd::Stopped) => {
            let done = report.tally.taken().saturating_add(report.tally.refused);
            let message = if is_whole {
                "the import was stopped: nothing was imported".to_owned()
            } else {
                format!("the import was stopped after {done} objects; what they say was done")
            };
            let problem = Problem::new(Code::ServiceUnavailable, message);
            Some(ImportFault::from(problem))
        }
        Err(fault) => Some(fault),
    };
    if fault.is_some() && is_whole {
        report.forget();
    }
    report.tally.is_broken = fault.is_some();
    if !arguments.dry_run {
        service.note_import(&like, Some(&name), &report.tally);
        service.write_out_audit()?;
    }
    finish(arguments, &report, fault.as_ref())
}

/// Prints what was done, and says how it ended.
fn finish(arguments: &Arguments, report: &Report, fault: Option<&ImportFault>) -> Result<Outcome> {
    if arguments.quiet {
        eprint!("{}", report.refusals());
    } else {
        output::print(&report.text())?;
    }
    match fault {
        Some(ImportFault {
            place: Some(place),
            problem,
        }) => eprintln!("error: {place}: {}", in_words(problem)),
        Some(ImportFault {
            place: None,
            problem,
        }) => problems::problem(problem),
        None => {}
    }
    let tally = &report.tally;
    let is_whole = fault.is_none() && tally.refused == 0;
    Ok(match (is_whole, tally.taken()) {
        (true, _) => Outcome::Done,
        (false, 0) => Outcome::Nothing,
        (false, _) => Outcome::Found,
    })
}

/// The entity of objects that name none.
fn entity(model: &Model, arguments: &Arguments) -> Result<Option<EntityId>> {
    let (found, what, name) = match (&arguments.of, &arguments.set) {
        (Some(name), _) => {
            let bare = name.strip_prefix("Erp.").unwrap_or(name);
            (model.entity_type(bare), "type", name)
        }
        (None, Some(name)) => (model.set(name), "entity set", name),
        (None, None) => return Ok(None),
    };
    let unknown = || {
        Problem::new(
            Code::UnknownEntitySet,
            format!("there is no {what} `{name}`"),
        )
    };
    found.ok_or_else(unknown).map(Some)
}

fn action(word: &str) -> Result<ImportAction> {
    ImportAction::named(word).ok_or_else(|| {
        let message = format!("there is no action `{word}`");
        Problem::new(Code::InvalidValue, message).help("such as create, update, merge")
    })
}
