//! Imports and the program that makes them.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::server::{Kind, Server, merged, virtual_user};

/// The type of users.
pub(crate) const USER: &str = "Erp.Systems_Security_User";

/// A user without password, as an object of an import.
pub(crate) fn object(action: &str, login: &str) -> Value {
    let head = json!({"@odata.type": USER, "@erpnet.action": action});
    merged(head, virtual_user(login))
}

/// Sends an import; the answer.
pub(crate) fn import(server: &Server, transaction: &str, objects: &[Value]) -> Value {
    let body = json!({"transaction": transaction, "loggingLevel": 2, "objects": objects});
    server.post("Import", &body).expect(200).json()
}

/// The states of the objects of an answer; the code of what was refused.
pub(crate) fn states(answer: &Value) -> Vec<String> {
    let objects = answer["objects"].as_array().unwrap().iter();
    let word = |object: &Value| {
        let word = object["@erpnet.state"].as_str();
        let word = word.unwrap_or_else(|| object["@ext.code"].as_str().unwrap());
        word.to_owned()
    };
    objects.map(word).collect()
}

/// The number of users whose login starts with a text.
pub(crate) fn logins(server: &Server, start: &str) -> u64 {
    server.count(&format!(
        "Systems_Security_Users?$filter=startswith(Login,'{start}')"
    ))
}

/// What a run of the program left.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// A folder of files, and a server over the database that the program imports into.
pub(crate) struct Place {
    pub(crate) server: Server,
    pub(crate) folder: TempDir,
}

impl Place {
    pub(crate) fn new(kind: Kind) -> Self {
        let (server, folder) = (kind.server(), tempfile::tempdir().unwrap());
        Self { server, folder }
    }

    /// Writes a file.
    pub(crate) fn file(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// Runs `userdex import`, with a text as standard input.
    pub(crate) fn run(&self, arguments: &[&str], input: &str) -> Run {
        let mut child = command(self.folder.path(), &self.server.url, arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A run that refuses its arguments reads nothing.
        let _ = std::io::Write::write_all(&mut child.stdin.take().unwrap(), input.as_bytes());
        let output = child.wait_with_output().unwrap();
        Run {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// `userdex import` in a folder, over a database, without the settings of this process.
pub(crate) fn command(folder: &Path, url: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_userdex"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("USERDEX_") {
            command.env_remove(name);
        }
    }
    command
        .current_dir(folder)
        .args(["--database-url", url, "import"])
        .args(arguments);
    command
}

/// Objects as lines.
pub(crate) fn lines(objects: &[Value]) -> String {
    objects.iter().map(|object| format!("{object}\n")).collect()
}
