//! Running the program.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

/// What a run of the program left.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) out: Vec<u8>,
    pub(crate) err: String,
}

impl Run {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.out).unwrap()
    }

    /// The result of a run that must have been good.
    pub(crate) fn good(self) -> String {
        assert_eq!(self.code, 0, "{}", self.err);
        self.text().to_owned()
    }
}

/// Runs the program in a folder, without the settings of this process.
pub(crate) fn run(folder: &Path, arguments: &[&str]) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_userdex"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("USERDEX_") {
            command.env_remove(name);
        }
    }
    let output = command
        .current_dir(folder)
        .args(arguments)
        .output()
        .unwrap();
    Run {
        code: output.status.code().unwrap(),
        out: output.stdout,
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A folder with a database of twenty users.
pub(crate) fn demo() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let out = run(folder.path(), &["demo", "20"]).good();
    assert!(out.starts_with("20 users, "), "{out}");
    folder
}

pub(crate) fn nowhere() -> TempDir {
    tempfile::tempdir().unwrap()
}
