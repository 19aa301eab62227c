//! Where objects come from: a document, lines, or files of a zip archive.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek as _, SeekFrom};
use std::path::Path;

use bytes::Bytes;
use zip::ZipArchive;

use super::Format;
use super::lines::{self, LONGEST, Line};
use crate::cli::progress::Progress;
use crate::diag::{Code, Problem, Result};
use crate::service::{Flow, ImportDocument, ImportItem, ImportTransaction};

/// Bytes of an import document at most: it is held whole.
const LARGEST: u64 = 256 * 1024 * 1024;
/// Bytes that the files of an archive may have together, unpacked.
const UNPACKED: u64 = 4 * 1024 * 1024 * 1024;
/// Files in an archive at most.
const FILES: usize = 1_000;

/// Takes objects; answers whether there is use for more.
pub(super) type Take<'a> = &'a mut dyn FnMut(ImportItem) -> Flow;

/// Objects that wait for being read.
pub(super) struct Source {
    name: String,
    length: Option<u64>,
    kind: Kind,
}

enum Kind {
    Document(ImportDocument),
    Lines(Box<dyn BufRead + Send>),
    Archive(Box<ZipArchive<BufReader<File>>>),
}

impl Source {
    /// Opens a file, or standard input where it is called `-`.
    pub(super) fn open(path: &Path, format: Option<Format>) -> Result<Self> {
        if path.as_os_str() == "-" {
            let stdin = BufReader::new(std::io::stdin());
            let kind = match format {
                Some(Format::Json) => Kind::Document(document(stdin)?),
                Some(Format::Ndjson) | None => Kind::Lines(Box::new(stdin)),
            };
            let (name, length) = ("-".to_owned(), None);
            return Ok(Self { name, length, kind });
        }
        let name = path.file_name().unwrap_or(path.as_os_str());
        let name = name.to_string_lossy().into_owned();
        let unread = |error: std::io::Error| unread(&name, &error);
        let mut file = File::open(path).map_err(unread)?;
        let mut length = file.seek(SeekFrom::End(0)).ok();
        // What has no end, such as a pipe, has a start.
        if length.is_some() {
            file.seek(SeekFrom::Start(0)).map_err(unread)?;
        }
        let file = BufReader::with_capacity(64 * 1024, file);
        let is_archive = format.is_none() && extension(&name) == "zip";
        let kind = if is_archive {
            length = None;
            let archive = ZipArchive::new(file).map_err(|e| broken(&name, &e))?;
            if archive.len() > FILES {
                let message = format!("`{name}` holds more than {FILES} files");
                return Err(Problem::new(Code::LimitExceeded, message));
            }
            Kind::Archive(Box::new(archive))
        } else {
            match format.or_else(|| format_of(&name)) {
                Some(Format::Json) => Kind::Document(document(file)?),
                Some(Format::Ndjson) => Kind::Lines(Box::new(file)),
                None => {
                    let message = format!("the name of `{name}` does not say what it holds");
                    let problem = Problem::new(Code::UnsupportedMediaType, message);
                    return Err(problem.help("add `--format json` or `--format ndjson`"));
                }
            }
        };
        Ok(Self { name, length, kind })
    }

    /// The name without the folder.
    pub(super) fn name(&self) -> String {
        self.name.clone()
    }

    /// The bytes of lines, where that is known.
    pub(super) fn length(&self) -> Option<u64> {
        match self.kind {
            Kind::Lines(_) => self.length,
            Kind::Document(_) | Kind::Archive(_) => None,
        }
    }

    /// Whether a document says that all of its objects are one transaction.
    pub(super) fn is_whole(&self) -> bool {
        match &self.kind {
            Kind::Document(document) => document.transaction == ImportTransaction::AllObjects,
            Kind::Lines(_) | Kind::Archive(_) => false,
        }
    }

    /// Gives every object. `is_whole`: they are imported in one transaction.
    pub(super) fn feed(self, is_whole: bool, progress: &Progress, take: Take<'_>) -> Result<()> {
        match self.kind {
            Kind::Document(document) => {
                objects(&document, "", take);
                Ok(())
            }
            Kind::Lines(mut lines) => match lines_of(&mut lines, "", progress, take) {
                Ok(_) => Ok(()),
                Err(error) => Err(unread(&self.name, &error)),
            },
            Kind::Archive(archive) => files(*archive, is_whole, progress, take),
        }
    }
}

/// The objects of the files of an archive. Their names are never paths of anything.
fn files(
    mut archive: ZipArchive<BufReader<File>>,
    is_whole: bool,
    progress: &Progress,
    take: Take<'_>,
) -> Result<()> {
    let mut left = UNPACKED;
    for number in 0..archive.len() {
        let file = archive.by_index(number);
        let file = file.map_err(|e| broken(&format!("file {number}"), &e))?;
        if file.is_dir() {
            continue;
        }
        let full = file
            .name()
            .map_err(|e| broken(&format!("file {number}"), &e))?;
        let name = full.rsplit(['/', '\\']).next().unwrap_or_default();
        let name: String = name.chars().filter(|c| !c.is_control()).take(80).collect();
        drop(full);
        let format = format_of(&name).ok_or_else(|| {
            let message = format!("`{name}` in the archive is neither .json nor .ndjson");
            Problem::new(Code::UnsupportedMediaType, message)
        })?;
        let mut unpacked = Measured {
            file,
            left,
            is_over: false,
        };
        let place = format!("{name}, ");
        let mut text = BufReader::new(&mut unpacked);
        let read = match format {
            Format::Ndjson => lines_of(&mut text, &place, progress, take),
            Format::Json => {
                let document = document(&mut text);
                let document = document.map_err(|problem| problem.inside(&name))?;
                if document.transaction == ImportTransaction::AllObjects && !is_whole {
                    let message = format!("`{name}` wants all of its objects in one transaction");
                    let problem = Problem::new(Code::InvalidValue, message);
                    return Err(problem.help("import it by itself, or the archive with `--atomic`"));
                }
                Ok(objects(&document, &place, take))
            }
        };
        drop(text);
        if unpacked.is_over {
            let message = format!("the files of the archive have more than {UNPACKED} bytes");
            return Err(Problem::new(Code::LimitExceeded, message));
        }
        left = unpacked.left;
        if read.map_err(|error| unread(&name, &error))? == Flow::Stop {
            break;
        }
    }
    Ok(())
}

/// A file that gives so many bytes at most.
struct Measured<R> {
    file: R,
    left: u64,
    is_over: bool,
}

impl<R: Read> Read for Measured<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let read = self.file.read(into)?;
        match self
            .left
            .checked_sub(u64::try_from(read).unwrap_or(u64::MAX))
        {
            Some(left) => self.left = left,
            None => {
                self.is_over = true;
                return Err(std::io::Error::other("too large"));
            }
        }
        Ok(read)
    }
}

fn objects(document: &ImportDocument, place: &str, take: Take<'_>) -> Flow {
    for (number, body) in document.objects.iter().enumerate() {
        let item = ImportItem {
            place: format!("{place}objects/{number}"),
            body: Ok(body.clone()),
        };
        if take(item) == Flow::Stop {
            return Flow::Stop;
        }
    }
    Flow::More
}

fn lines_of(
    from: &mut dyn BufRead,
    place: &str,
    progress: &Progress,
    take: Take<'_>,
) -> std::io::Result<Flow> {
    let mut number = 0_u64;
    while let Some(line) = lines::next(from)? {
        number = number.saturating_add(1);
        let body = match line {
            Line::TooLong => {
                let message = format!("the line has more than {LONGEST} bytes");
                Err(Problem::new(Code::PayloadTooLarge, message))
            }
            Line::Whole(line) => {
                progress.passed(line.len().saturating_add(1));
                let bare = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&line);
                if bare.iter().all(u8::is_ascii_whitespace) {
                    continue;
                }
                Ok(Bytes::copy_from_slice(bare))
            }
        };
        let place = format!("{place}line {number}");
        if take(ImportItem { place, body }) == Flow::Stop {
            return Ok(Flow::Stop);
        }
    }
    Ok(Flow::More)
}

/// A whole document.
fn document(from: impl Read) -> Result<ImportDocument> {
    let mut text = Vec::new();
    let read = from.take(LARGEST.saturating_add(1)).read_to_end(&mut text);
    read.map_err(|error| unread("the document", &error))?;
    if u64::try_from(text.len()).unwrap_or(u64::MAX) > LARGEST {
        let message = format!("the document has more than {LARGEST} bytes");
        let problem = Problem::new(Code::PayloadTooLarge, message);
        return Err(problem.help("a file with an object on each line may have any size"));
    }
    ImportDocument::parse(&Bytes::from(text))
}

fn extension(name: &str) -> String {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    extension.to_ascii_lowercase()
}

fn format_of(name: &str) -> Option<Format> {
    match extension(name).as_str() {
        "json" => Some(Format::Json),
        "ndjson" | "jsonl" => Some(Format::Ndjson),
        _ => None,
    }
}

fn unread(name: &str, error: &std::io::Error) -> Problem {
    let message = format!("`{name}` cannot be read: {error}");
    Problem::new(Code::ConfigurationFault, message)
}

fn broken(name: &str, error: &zip::result::ZipError) -> Problem {
    let message = format!("`{name}` is no archive that can be read: {error}");
    Problem::new(Code::InvalidPayload, message)
}
