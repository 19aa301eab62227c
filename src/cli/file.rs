//! Files of results: there whole, or not at all.

use std::fs::{File, Metadata, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

use super::output;
use crate::diag::{Code, Problem, Result};

/// A file that is written beside its place and put there when all of it has come. One that is not
/// finished goes.
#[derive(Debug)]
pub(super) struct WholeFile {
    path: PathBuf,
    /// Whether a file that is there already may go.
    replaces: bool,
    part: Option<Part>,
}

/// What is written.
#[derive(Debug)]
enum Part {
    /// A file beside the place.
    Beside(NamedTempFile),
    /// What is at the place and is no file, such as a pipe or a device.
    There(File),
}

impl WholeFile {
    /// Nothing yet.
    pub(super) fn new(path: &Path, replaces: bool) -> Result<Self> {
        // Behind a link, the file that it leads to is meant.
        let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        let file = Self {
            path,
            replaces,
            part: None,
        };
        let there = file.there();
        if there.as_ref().is_some_and(Metadata::is_dir) {
            return Err(file.refused("is a folder"));
        }
        if there.is_some_and(|there| there.is_file()) && !replaces {
            return Err(file.taken());
        }
        Ok(file)
    }

    /// What is at the place.
    fn there(&self) -> Option<Metadata> {
        self.path.metadata().ok()
    }

    /// Writes what follows.
    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<()> {
        let part = match self.part.take() {
            Some(part) => part,
            None => self.begin().map_err(|error| self.unwritten(&error))?,
        };
        let written = match self.part.insert(part) {
            Part::Beside(part) => part.write_all(bytes),
            Part::There(file) => file.write_all(bytes),
        };
        written.map_err(|error| self.unwritten(&error))
    }

    fn begin(&self) -> std::io::Result<Part> {
        let there = self.there();
        if there.as_ref().is_some_and(|there| !there.is_file()) {
            let file = OpenOptions::new().write(true).open(&self.path);
            return file.map(Part::There);
        }
        let parent = self.path.parent().filter(|p| !p.as_os_str().is_empty());
        let mut builder = Builder::new();
        builder.prefix(".userdex-").suffix(".part");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            // What new files usually have.
            builder.permissions(std::fs::Permissions::from_mode(0o666));
        }
        let part = builder.tempfile_in(parent.unwrap_or(Path::new(".")))?;
        if let Some(there) = there {
            part.as_file().set_permissions(there.permissions())?;
        }
        Ok(Part::Beside(part))
    }

    /// Puts the file into its place.
    pub(super) fn finish(mut self) -> Result<()> {
        let Some(Part::Beside(part)) = self.part.take() else {
            return Ok(());
        };
        let synced = part.as_file().sync_all();
        synced.map_err(|error| self.unwritten(&error))?;
        let put = if self.replaces {
            part.persist(&self.path)
        } else {
            part.persist_noclobber(&self.path)
        };
        match put {
            Ok(_) => Ok(()),
            Err(_) if !self.replaces && self.path.exists() => Err(self.taken()),
            Err(error) => Err(self.unwritten(&error.error)),
        }
    }

    fn unwritten(&self, error: &std::io::Error) -> Problem {
        output::unwritten(&format!("the file `{}`", self.path.display()), error)
    }

    fn refused(&self, why: &str) -> Problem {
        let message = format!("`{}` {why}", self.path.display());
        Problem::new(Code::ConfigurationFault, message)
    }

    fn taken(&self) -> Problem {
        self.refused("is there already")
            .help("`--force` replaces it")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is in a folder.
    fn names(folder: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(folder).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.collect()
    }

    #[test]
    fn a_file_is_there_when_it_is_finished() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        let mut file = WholeFile::new(&path, false).unwrap();
        assert!(names(folder.path()).is_empty());
        file.write(b"a").unwrap();
        assert!(!path.exists());
        file.write(b"b").unwrap();
        file.finish().unwrap();
        assert_eq!(names(folder.path()), ["a.csv"]);
        assert_eq!(std::fs::read(&path).unwrap(), b"ab");
    }

    #[test]
    fn one_that_is_not_finished_goes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        std::fs::write(&path, "old").unwrap();
        let mut file = WholeFile::new(&path, true).unwrap();
        file.write(b"new").unwrap();
        drop(file);
        assert_eq!(names(folder.path()), ["a.csv"]);
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
    }

    #[test]
    fn nothing_is_replaced_unasked() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        let mut late = WholeFile::new(&path, false).unwrap();
        late.write(b"late").unwrap();
        std::fs::write(&path, "old").unwrap();
        assert!(WholeFile::new(&path, false).is_err());
        let refused = late.finish().unwrap_err();
        assert!(refused.message().ends_with("is there already"));
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
        let mut file = WholeFile::new(&path, true).unwrap();
        file.write(b"new").unwrap();
        file.finish().unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
        assert_eq!(names(folder.path()), ["a.csv"]);
        assert!(WholeFile::new(folder.path(), true).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn links_and_permissions_stay() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (folder.path().join("real"), folder.path().join("link"));
        std::fs::write(&real, "old").unwrap();
        std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        let mut file = WholeFile::new(&link, true).unwrap();
        file.write(b"new").unwrap();
        file.finish().unwrap();
        assert!(link.symlink_metadata().unwrap().is_symlink());
        assert_eq!(std::fs::read(&real).unwrap(), b"new");
        let mode = real.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o640);
    }

    /// A device is written as it is, and stays one.
    #[cfg(unix)]
    #[test]
    fn what_is_no_file_is_not_replaced() {
        let null = Path::new("/dev/null");
        let mut file = WholeFile::new(null, false).unwrap();
        file.write(b"a").unwrap();
        file.finish().unwrap();
        assert!(!null.metadata().unwrap().is_file());
    }
}
