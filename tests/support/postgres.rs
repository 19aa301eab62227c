//! A private PostgreSQL cluster for the tests of one process.
//!
//! Found, made in a temporary folder, listening only on a socket in it, and removed when the
//! process ends, however it ends.

use std::fs::Metadata;
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, chown};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use userdex::store::Store;

/// A cluster that runs, and the process that removes it when this one ends.
struct Cluster {
    folder: PathBuf,
    _keeper: Child,
}

/// A new database with the program's tables; nothing, said loudly, where there is no PostgreSQL.
///
/// With `USERDEX_REQUIRE_POSTGRES=1` its absence is a failure.
pub fn database() -> Option<String> {
    static TEMPLATE: OnceLock<Option<String>> = OnceLock::new();
    static NUMBER: AtomicU32 = AtomicU32::new(1);
    let template = TEMPLATE
        .get_or_init(|| {
            let url = empty_database("template_userdex")?;
            let store = Store::open(&url.parse().unwrap(), &super::patient()).unwrap();
            store.migrate().unwrap();
            Some(url)
        })
        .as_ref();
    template?;
    let name = format!("test_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
    run_sql(&format!("CREATE DATABASE {name} TEMPLATE template_userdex"));
    cluster().map(|c| c.url(&name))
}

/// Whether there is a PostgreSQL here; its absence is said loudly, or a failure.
pub fn is_there() -> bool {
    cluster().is_some()
}

/// A new database without tables.
pub fn empty_database(name: &str) -> Option<String> {
    let cluster = cluster()?;
    run_sql(&format!("CREATE DATABASE {name}"));
    Some(cluster.url(name))
}

/// Stops the server, or starts it again.
pub fn set_running(running: bool) {
    let cluster = cluster().expect("a cluster");
    let data = cluster.folder.join("data");
    if running {
        start(&tool("pg_ctl").unwrap(), &cluster.folder);
    } else {
        run(account(&cluster.folder, &tool("pg_ctl").unwrap())
            .args(["stop", "-w", "-m", "fast", "-D"])
            .arg(data));
    }
}

fn cluster() -> Option<&'static Cluster> {
    static CLUSTER: OnceLock<Option<Cluster>> = OnceLock::new();
    CLUSTER
        .get_or_init(|| {
            let cluster = Cluster::start();
            if cluster.is_none() {
                let required = std::env::var("USERDEX_REQUIRE_POSTGRES").is_ok_and(|v| v == "1");
                assert!(
                    !required,
                    "no PostgreSQL, and USERDEX_REQUIRE_POSTGRES is set"
                );
                // Past the capture of test output: nobody may take a skipped test for a passed one.
                let _ = writeln!(std::io::stderr(), "SKIPPED: no PostgreSQL");
            }
            cluster
        })
        .as_ref()
}

impl Cluster {
    /// Makes and starts a cluster; nothing without the programs for it.
    fn start() -> Option<Self> {
        let (initdb, pg_ctl) = (tool("initdb")?, tool("pg_ctl")?);
        let folder = tempfile::Builder::new()
            .prefix("userdex-pg-")
            .tempdir()
            .expect("a temporary folder")
            .keep();
        if let Some((user, group)) = other_account(&folder) {
            chown(&folder, Some(user), Some(group)).expect("give the folder away");
        }
        let mut make = account(&folder, &initdb);
        make.args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale"])
            .args(["--no-sync", "-D"])
            .arg(folder.join("data"));
        run(&mut make);
        start(&pg_ctl, &folder);
        // Ends when this process does: the pipe to it closes.
        let keeper = account(&folder, Path::new("/bin/sh"))
            .args([
                "-c",
                "cat; \"$0\" stop -m immediate -D \"$1/data\"; rm -rf \"$1\"",
            ])
            .arg(&pg_ctl)
            .arg(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("a shell");
        Some(Self {
            folder,
            _keeper: keeper,
        })
    }

    fn url(&self, database: &str) -> String {
        let host = self.folder.display();
        format!("postgres:///{database}?host={host}&user=postgres")
    }
}

/// Starts the server and waits until it answers.
fn start(pg_ctl: &Path, folder: &Path) {
    let options = format!(
        "-c listen_addresses='' -c unix_socket_directories='{}' -c fsync=off \
         -c full_page_writes=off -c synchronous_commit=off -c shared_buffers=64MB \
         -c random_page_cost=1.1 -c max_connections=500",
        folder.display()
    );
    run(account(folder, pg_ctl)
        .args(["start", "-w", "-D"])
        .arg(folder.join("data"))
        .arg("-l")
        .arg(folder.join("log"))
        .args(["-o", &options]));
}

/// A program of PostgreSQL: from `PATH`, else the newest of the usual places.
fn tool(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut places: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let versions = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten();
    let mut installed: Vec<PathBuf> = versions.flatten().map(|v| v.path().join("bin")).collect();
    installed.sort();
    places.extend(installed.into_iter().rev());
    // The real path: programs of PostgreSQL look for the others beside themselves.
    places
        .iter()
        .map(|place| place.join(name))
        .find_map(|file| file.canonicalize().ok())
}

/// PostgreSQL refuses to run as root: then the numbers of an account that it may run as.
fn other_account(folder: &Path) -> Option<(u32, u32)> {
    let owner = folder.metadata().as_ref().map(Metadata::uid).ok();
    let accounts = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let find = |name: &str| {
        let mut fields = accounts
            .lines()
            .find(|l| l.split(':').next() == Some(name))?
            .split(':')
            .skip(2);
        Some((fields.next()?.parse().ok()?, fields.next()?.parse().ok()?))
    };
    match owner {
        Some(0) => find("postgres").or_else(|| find("nobody")),
        Some(_) | None => None,
    }
}

/// A command that runs as the owner of the folder.
fn account(folder: &Path, program: &Path) -> Command {
    let mut command = Command::new(program);
    command.current_dir(folder).stdin(Stdio::null());
    let owner = folder.metadata().expect("the folder of the cluster");
    let own = std::env::temp_dir().join(format!("userdex-owner-{}", std::process::id()));
    let me = std::fs::write(&own, "").and_then(|()| own.metadata());
    let _ = std::fs::remove_file(&own);
    if me.expect("a temporary file").uid() != owner.uid() {
        command.uid(owner.uid()).gid(owner.gid());
    }
    command
}

/// Runs a command to its end.
fn run(command: &mut Command) {
    // Not `output`: the server keeps the pipes of `pg_ctl start` open.
    let status = command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .expect("the program starts");
    assert!(status.success(), "{command:?} ended with {status}");
}

/// Runs a statement outside of any test's database.
fn run_sql(sql: &str) {
    super::beside::run(&cluster().expect("a cluster").url("postgres"), sql);
}
