//! What `query` and `export` share: an address is asked without a server, as the administrator and
//! without pages, and its answer goes to standard output or into a file.

use std::io::{ErrorKind, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use clap::{Args, ValueEnum};

use super::base::{Base, operator};
use super::file::WholeFile;
use super::progress::{Progress, Work};
use super::{Outcome, interrupt, output};
use crate::diag::{Code, Problem, Result};
use crate::service::{Caller, Flow, Head, Output, Prepared, RequestHead, Service, ServiceSettings};
use crate::store::Store;
use crate::value::{Language, Timestamp};

/// Where the service is while no server runs and no setting says it: it stands in context URLs.
const ORIGIN: &str = "http://localhost";

/// What is asked, and where the answer goes.
#[derive(Debug, Args)]
pub(super) struct Asked {
    /// The address below the service root, such as `Systems_Security_Users?$top=10`
    address: String,
    /// Write the result into this file, - is standard output
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Show no progress
    #[arg(long)]
    quiet: bool,
    /// The language of messages and display texts
    #[arg(long, value_name = "TAG", default_value = "en")]
    language: String,
}

/// The formats of results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
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
    /// The format that the end of a file's name says.
    pub(super) fn of_name(path: &Path) -> Option<Self> {
        let end = path.extension()?.to_str()?;
        Self::from_str(end, true).ok()
    }

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

impl Asked {
    /// The file of the result; nothing where it goes to standard output.
    pub(super) fn file(&self) -> Option<&Path> {
        self.output
            .as_deref()
            .filter(|path| *path != Path::new("-"))
    }

    /// Checks the address. Results have no pages, whatever their size.
    pub(super) fn prepare(&self, format: Format, base: &Base) -> Result<(Service, Prepared)> {
        let settings = ServiceSettings {
            unpaged: true,
            // Whoever runs it holds the database.
            cost_budget: 0,
            ..base.service_settings()
        };
        let service = Service::new(base.model()?, migrated(base)?, settings)?;
        let service = service.for_client(operator());
        let language = Language::parse(&self.language).ok_or_else(|| {
            Problem::new(Code::InvalidValue, "the language is no language tag").about("--language")
        })?;
        let address = self.address.trim_start_matches('/');
        let origin = base.settings.server.public_url.as_deref();
        let origin = origin.unwrap_or(ORIGIN).trim_end_matches('/');
        let prepared = service.prepare(&RequestHead {
            root: &format!("{origin}/api/domain/odata/"),
            accept: Some(format.media_type()),
            ..RequestHead::at(address, &language, Caller::system(), Timestamp::now())
        })?;
        Ok((service, prepared))
    }

    /// The address, as it was given.
    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// Writes a text where the answer would go.
    pub(super) fn write(&self, text: &str) -> Result<Outcome> {
        match self.file() {
            None => output::print(text),
            Some(path) => {
                let mut file = WholeFile::new(path, true)?;
                file.write(text.as_bytes())?;
                file.finish().map(|()| Outcome::Done)
            }
        }
    }

    /// Writes the answer; `replaces` says whether a file that is there already may go.
    pub(super) fn answer(
        &self,
        format: Format,
        replaces: bool,
        (service, prepared): (&Service, Prepared),
    ) -> Result<Outcome> {
        let to_terminal = self.file().is_none() && std::io::stdout().is_terminal();
        if format == Format::Xlsx && to_terminal {
            return Err(Problem::new(
                Code::ConfigurationFault,
                "a workbook is not for the terminal",
            )
            .help("name a file with `--output`"));
        }
        let place = match self.file() {
            Some(path) => Place::File(WholeFile::new(path, replaces)?, interrupt::listen()?),
            None => Place::Out,
        };
        // Where the result itself is on the terminal, it shows how far it is.
        let progress = if to_terminal {
            Progress::hidden()
        } else {
            Progress::new(Work::Export, self.quiet)
        };
        let mut target = Target {
            line_end: self.file().is_none() && format == Format::Json,
            place,
            progress: &progress,
        };
        let written = match prepared {
            Prepared::Document(document) => target.chunk(document.body).map(drop),
            Prepared::Read(read) => service.run(&read, &mut target),
            Prepared::Call(call) => service.answer(&call, &mut target),
        };
        progress.end();
        written?;
        target.finish()
    }
}

/// The store, where its tables are those of this version.
fn migrated(base: &Base) -> Result<Store> {
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

/// An answer on its way to where it goes.
struct Target<'p> {
    place: Place,
    line_end: bool,
    progress: &'p Progress,
}

/// Where an answer goes.
enum Place {
    /// Standard output.
    Out,
    /// A file, which is made with the first bytes: a refused query leaves none. Ctrl-C leaves none
    /// either, and is told by the flag.
    File(WholeFile, Arc<AtomicBool>),
}

impl Target<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<Flow> {
        match &mut self.place {
            Place::Out => match std::io::stdout().lock().write_all(bytes) {
                Ok(()) => Ok(Flow::More),
                Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(Flow::Stop),
                Err(error) => Err(output::unwritten("standard output", &error)),
            },
            Place::File(_, stop) if stop.load(Ordering::Relaxed) => Ok(Flow::Stop),
            Place::File(file, _) => file.write(bytes).map(|()| Flow::More),
        }
    }

    /// Ends the last line where the format does not, and puts the file into its place.
    fn finish(mut self) -> Result<Outcome> {
        if self.line_end {
            self.write(b"\n")?;
        }
        match self.place {
            Place::Out => output::print(""),
            Place::File(_, stop) if stop.load(Ordering::Relaxed) => Err(Problem::new(
                Code::ServiceUnavailable,
                "stopped: nothing was written",
            )),
            Place::File(file, _) => file.finish().map(|()| Outcome::Done),
        }
    }
}

impl Output for Target<'_> {
    fn head(&mut self, _: Head) -> Result<()> {
        self.write(b"").map(drop)
    }

    fn chunk(&mut self, chunk: Bytes) -> Result<Flow> {
        self.progress.passed(chunk.len());
        self.write(&chunk)
    }

    fn is_wanted(&mut self) -> bool {
        match &self.place {
            Place::Out => true,
            Place::File(_, stop) => !stop.load(Ordering::Relaxed),
        }
    }

    fn row(&mut self) {
        self.progress.settled();
    }
}
