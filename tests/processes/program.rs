//! The program that runs, and the database that it runs over.

use std::io::{BufRead as _, BufReader};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, ExitStatus, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::kit::Stream;
use crate::support::http::{Answer, Request};
use crate::support::server::{Kind, ODATA};
use crate::support::{encode_query, postgres, tester};

/// The password of the administrator.
const PASSWORD: &str = "Killed-4711";

/// A new database, which outlives the programs over it.
pub(crate) struct Place {
    pub(crate) url: String,
    _folder: Option<TempDir>,
}

impl Place {
    pub(crate) fn new(kind: Kind) -> Self {
        match kind {
            Kind::Sqlite => {
                let folder = tempfile::tempdir().unwrap();
                let file = folder.path().join("processes.db");
                Self {
                    url: format!("sqlite:{}", file.display()),
                    _folder: Some(folder),
                }
            }
            Kind::Postgres => Self {
                url: postgres::database().unwrap(),
                _folder: None,
            },
        }
    }

    /// Starts the program.
    pub(crate) fn start(&self) -> Program {
        self.start_with(&[])
    }

    /// Starts the program with settings of the environment.
    pub(crate) fn start_with(&self, settings: &[(&str, &str)]) -> Program {
        let mut command = Command::new(env!("CARGO_BIN_EXE_userdex"));
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("USERDEX_") {
                command.env_remove(name);
            }
        }
        let mut child = command
            .args(["serve", "--listen", "127.0.0.1:0", "--database-url"])
            .arg(&self.url)
            .env("USERDEX_ADMIN_PASSWORD", PASSWORD)
            .env("USERDEX_PASSWORD__ITERATIONS", "1")
            .envs(settings.iter().copied())
            .current_dir(std::env::temp_dir())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = lines.find_map(|line| {
            let line = line.unwrap();
            let (_, rest) = line.split_once("listens on http://")?;
            rest.split('/').next()?.parse().ok()
        });
        let address = address.expect("the server says where it listens");
        tester::sign_in_as(address, "admin", PASSWORD);
        Program { child, address }
    }
}

/// The program; killed when it is dropped.
pub(crate) struct Program {
    child: Child,
    pub(crate) address: SocketAddr,
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Program {
    /// Kills it as `kill -9` does: it does nothing any more.
    pub(crate) fn kill(self) {
        drop(self);
    }

    /// Sends it a signal by name.
    pub(crate) fn signal(&self, name: &str) {
        let kill = format!("kill -{name} {}", self.child.id());
        let status = Command::new("sh").args(["-c", &kill]).status();
        assert!(status.unwrap().success());
    }

    /// Waits until it has ended by itself.
    pub(crate) fn ended(mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }

    /// A request of an address below the service root, as the administrator.
    pub(crate) fn ask(&self, method: &str, address: &str) -> Request {
        Request::new(
            self.address,
            method,
            &format!("{ODATA}{}", encode_query(address)),
        )
    }

    /// Sends JSON below the service root, as the administrator.
    pub(crate) fn send(&self, method: &str, address: &str, body: &Value) -> Answer {
        self.ask(method, address).json(body).send()
    }

    /// Creates an object; its address.
    pub(crate) fn create(&self, set: &str, body: &Value) -> String {
        let answer = self.ask("POST", set).json(body).expect(201);
        format!("{set}({})", answer.id())
    }

    /// The number of objects at an address.
    pub(crate) fn count(&self, set: &str, filter: &str) -> u64 {
        let answer = self.ask("GET", &format!("{set}/$count?$filter={filter}"));
        answer.expect(200).text().parse().unwrap()
    }

    /// Signs in as the vendor's clients do; the header of later requests.
    pub(crate) fn login(&self, user: &str, password: &str) -> Answer {
        let body = json!({"user": user, "pass": password, "app": "script", "lang": "en"});
        Request::new(self.address, "POST", "/api/domain/login")
            .anonymous()
            .json(&body)
            .send()
    }

    /// A session of the administrator.
    pub(crate) fn session(&self) -> String {
        let answer = self.login("admin", PASSWORD);
        assert_eq!(answer.status, 200, "{answer}");
        answer.json()["authorization"].as_str().unwrap().to_owned()
    }

    /// Listens, perhaps to what came after an event.
    pub(crate) fn listen(&self, session: &str, query: &str, last: Option<&str>) -> Stream {
        let socket = TcpStream::connect(self.address).unwrap();
        Stream::over(socket, session, query, last)
    }
}
