//! Results: to standard output or to files.

use std::io::{ErrorKind, Write};
use std::path::Path;

use super::Outcome;
use crate::diag::{Code, Problem, Result};

/// Writes a result to standard output. A reader that has seen enough (`| head`) is no fault.
pub(super) fn print(text: &str) -> Result<Outcome> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(unwritten("standard output", &error))
        }
        Ok(()) | Err(_) => Ok(Outcome::Done),
    }
}

/// Writes a file, making its folder where it is missing.
pub(super) fn write(path: &Path, text: &str) -> Result<()> {
    let name = path.display().to_string();
    let folder = path.parent().map_or(Ok(()), std::fs::create_dir_all);
    folder
        .and_then(|()| std::fs::write(path, text))
        .map_err(|error| unwritten(&format!("the file `{name}`"), &error))
}

/// The problem of a result that cannot be written.
pub(super) fn unwritten(what: &str, error: &std::io::Error) -> Problem {
    Problem::new(
        Code::ConfigurationFault,
        format!("{what} cannot be written: {error}"),
    )
}
