//! `userdex export`: all rows of an address, as a file.

use clap::Args;

use super::Outcome;
use super::ask::{Asked, Format};
use super::base::Base;
use crate::diag::{Code, Problem, Result};

/// What `export` takes.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    asked: Asked,
    /// The format of the result; without it the end of the file's name says it, and standard output
    /// is csv; `$format` in the address wins
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Replace the file if it is there
    #[arg(long)]
    force: bool,
}

/// Writes the rows.
pub(super) fn run(arguments: &Arguments, base: &Base) -> Result<Outcome> {
    let (asked, format) = (&arguments.asked, format(arguments)?);
    let (service, prepared) = asked.prepare(format, base)?;
    asked.answer(format, arguments.force, (&service, prepared))
}

fn format(arguments: &Arguments) -> Result<Format> {
    let said = match (arguments.format, arguments.asked.file()) {
        (Some(format), _) => Ok(format),
        (None, None) => Ok(Format::Csv),
        (None, Some(path)) => Format::of_name(path).ok_or(path),
    };
    said.map_err(|path| {
        let message = format!("the name of `{}` does not say its format", path.display());
        Problem::new(Code::UnsupportedMediaType, message)
            .help("it ends in .csv, .ndjson, .json or .xlsx, or `--format` says it")
    })
}
