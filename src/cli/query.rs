//! `userdex query`.

use std::fs::File;
use std::io::{ErrorKind, IsTerminal, Write};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use clap::{Args, ValueEnum};

use super::base::{Base, operator};
use super::progress::{Progress, Work};
use super::{Outcome, output};
use crate::diag::{Code, Problem, Result};
use crate::service::{
    Caller, Explanation, Flow, Head, Output, Prepared, PreparedRead, ReadPreferences, RequestHead,
    Service, ServiceSettings,
};
use crate::sql::DialectName;
use crate::store::DatabaseUrl;
use crate::value::{Language, Timestamp};

/// Where the service is while no server runs and no setting says it: it stands in context URLs.
const ORIGIN: &str = "http://localhost";

/// What `query` takes.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The address below the service root, such as `Systems_Security_Users?$top=10`
    address: String,
    /// The format of the result; `$format` in the address wins
    #[arg(long, value_enum, default_value_t = Format::Json)]
    format: Format,
    /// Write the result into this file
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Print what is asked, the statements, how the database would run them, and what they would
    /// cost; run nothing
    #[arg(long)]
    explain: bool,
    /// Print the statements with their values; run nothing
    #[arg(long, conflicts_with = "explain")]
    sql: bool,
    /// Show no progress
    #[arg(long)]
    quiet: bool,
    /// The language of messages and display texts
    #[arg(long, value_name = "TAG", default_value = "en")]
    language: String,
}

/// The formats of results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// One JSON document
    Json,
    /// One JSON object a line
    Ndjson,
    /// Comma-separated values
    Csv,
    /// A workbook
    Xlsx,
}

impl Format {
    /// The media type, as a client would ask for it.
    const fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Ndjson => "application/x-ndjson",
            Self::Csv => "text/csv",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        }
    }
}

/// Runs or explains a query. Results have no pages, whatever their size.
pub(super) fn run(arguments: &Arguments, base: &Base) -> Result<Outcome> {
    let settings = ServiceSettings {
        unpaged: true,
        // Whoever runs it holds the database.
        cost_budget: 0,
        ..base.service_settings()
    };
    let service = Service::new(base.model()?, migrated(base)?, settings)?;
    let service = service.for_client(operator());
    let language = Language::parse(&arguments.language).ok_or_else(|| {
        Problem::new(Code::InvalidValue, "the language is no language tag").about("--language")
    })?;
    let address = arguments.address.trim_start_matches('/');
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let origin = base.settings.server.public_url.as_deref();
    let origin = origin.unwrap_or(ORIGIN).trim_end_matches('/');
    let prepared = service.prepare(&RequestHead {
        path,
        query,
        root: &format!("{origin}/api/domain/odata/"),
        accept: Some(arguments.format.media_type()),
        language: &language,
        odata_version: None,
        max_page_size: None,
        preferences: ReadPreferences::default(),
        transaction: None,
        caller: Caller::system(),
        now: Timestamp::now(),
        head_only: false,
    })?;
    let read = match prepared {
        Prepared::Document(document) => {
            return answer(arguments, |target| target.chunk(document.body).map(drop));
        }
        Prepared::Read(read) => read,
        Prepared::Call(call) => return answer(arguments, |target| service.answer(&call, target)),
    };
    if arguments.sql || arguments.explain {
        return output::print(&explained(arguments, base, &service, &read)?);
    }
    answer(arguments, |target| service.run(&read, target))
}

/// The store, where its tables are those of this version.
fn migrated(base: &Base) -> Result<crate::store::Store> {
    let store = base.existing_store()?;
    if store.migration_status()?.iter().all(|m| m.applied) {
        return Ok(store);
    }
    Err(Problem::new(
        Code::DatabaseFault,
        "the database has not been brought to this version",
    )
    .help("run `userdex migrate` first"))
}

/// What `--sql` and `--explain` print.
fn explained(
    arguments: &Arguments,
    base: &Base,
    service: &Service,
    read: &PreparedRead,
) -> Result<String> {
    let dialect = match base.database()? {
        DatabaseUrl::Sqlite(_) => DialectName::Sqlite,
        DatabaseUrl::Postgres(_) => DialectName::Postgres,
    };
    if arguments.sql {
        return Ok(lines(&service.sql(read, dialect)));
    }
    Ok(described(&service.explain(read)?))
}

/// An explanation for people: the same as clients get as JSON.
fn described(explanation: &Explanation) -> String {
    let mut text = format!(
        "-- asked\n{}\n{}",
        explanation.query,
        lines(&explanation.words)
    );
    for one in &explanation.statements {
        text.push_str(&format!(
            "-- {}\n{}\n{}",
            one.what,
            one.sql,
            lines(&one.plan)
        ));
        for look in &one.looks {
            let by = look.index.as_ref();
            let by = by.map_or_else(String::new, |index| format!(" by {index}"));
            let whole = if look.is_whole { ", whole" } else { "" };
            text.push_str(&format!(
                "   {}{by}: {} rows{whole}\n",
                look.table, look.rows
            ));
        }
    }
    text.push_str(&format!("-- cost\n{} rows looked at\n", explanation.cost()));
    text
}

fn lines(texts: &[String]) -> String {
    texts.iter().map(|text| format!("{text}\n")).collect()
}

/// Writes an answer to its target.
fn answer(arguments: &Arguments, write: impl FnOnce(&mut Target) -> Result<()>) -> Result<Outcome> {
    let to_terminal = arguments.output.is_none() && std::io::stdout().is_terminal();
    if arguments.format == Format::Xlsx && to_terminal {
        return Err(Problem::new(
            Code::ConfigurationFault,
            "a workbook is not for the terminal",
        )
        .help("name a file with `--output`"));
    }
    // Where the result itself is on the terminal, it shows how far it is.
    let progress = if to_terminal {
        Progress::hidden()
    } else {
        Progress::new(Work::Export, arguments.quiet)
    };
    let mut target = Target {
        path: arguments.output.clone(),
        file: None,
        line_end: arguments.output.is_none() && arguments.format == Format::Json,
        progress: &progress,
    };
    let written = write(&mut target);
    progress.end();
    written?;
    target.finish()
}

/// Standard output, or a file that is made with the first bytes: a refused query leaves none.
struct Target<'p> {
    path: Option<PathBuf>,
    file: Option<File>,
    line_end: bool,
    progress: &'p Progress,
}

impl Target<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<Flow> {
        let Some(path) = &self.path else {
            return match std::io::stdout().lock().write_all(bytes) {
                Ok(()) => Ok(Flow::More),
                Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(Flow::Stop),
                Err(error) => Err(output::unwritten("standard output", &error)),
            };
        };
        let failed = |error| unwritten(path, &error);
        if self.file.is_none() {
            self.file = Some(File::create(path).map_err(failed)?);
        }
        if let Some(file) = &mut self.file {
            file.write_all(bytes).map_err(failed)?;
        }
        Ok(Flow::More)
    }

    /// Ends the last line where the format does not.
    fn finish(mut self) -> Result<Outcome> {
        if self.line_end {
            self.write(b"\n")?;
        }
        output::print("")
    }
}

fn unwritten(path: &Path, error: &std::io::Error) -> Problem {
    output::unwritten(&format!("the file `{}`", path.display()), error)
}

impl Output for Target<'_> {
    fn head(&mut self, _: Head) -> Result<()> {
        self.write(b"").map(drop)
    }

    fn chunk(&mut self, chunk: Bytes) -> Result<Flow> {
        self.progress.passed(chunk.len());
        self.write(&chunk)
    }
}
