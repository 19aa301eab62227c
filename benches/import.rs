//! `userdex import` of a large file as a program of its own: users of a type that needs no password
//! and users with ready hashes, new ones and the same ones again, with rules, history and audit log.
//!
//! Tells what it cost (processor time of the program, outside of and inside the kernel), how long it
//! took, and the most memory that it held: for few objects and for many, since that must not grow.
//! On SQLite, and on PostgreSQL where `USERDEX_BENCH_POSTGRES` is the URL of a database that may be
//! filled. `USERDEX_BENCH_OBJECTS` says how many objects instead of 100,000.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a benchmark that cannot start stops, and it looks at the program now and then"
)]

use std::env;
use std::fs::{self, File};
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Objects of a large file.
const MANY: u64 = 100_000;
/// Objects of a small file are so many times fewer.
const FEWER: u64 = 10;
/// Between two looks at the memory of the program.
const LOOK: Duration = Duration::from_millis(20);
/// A hash in the form of ASP.NET Core Identity, version 3: of no password.
const HASH: &str =
    "AQAAAAIAAYagAAAAEAABAgMEBQYHCAkKCwwNDg/Q8A0WMKbtHQJQ2DHCdoEeeFBrgNlldq6vH4qX/CGqGQ==";

fn main() {
    // `cargo test --bench import` only sees whether it works.
    let is_bench = env::args().any(|argument| argument == "--bench");
    let given = env::var("USERDEX_BENCH_OBJECTS").map_or(MANY, |text| text.parse().unwrap());
    let many = if is_bench { given } else { 200 };
    let folder = tempfile::tempdir().unwrap();
    println!(
        "{:<34} {:>8} {:>9} {:>9} {:>9} {:>11} {:>10} {:>9}",
        "import", "objects", "user", "system", "elapsed", "a CPU-sec", "a second", "memory"
    );
    for (name, kind) in [
        ("no password", Password::None),
        ("ready hash", Password::Hash),
    ] {
        for objects in [many.div_ceil(FEWER), many] {
            let file = folder.path().join(format!("users-{objects}.ndjson"));
            write(&file, objects, kind);
            let database = folder.path().join(format!("{name}-{objects}.db"));
            let url = format!("sqlite:{}", database.display());
            both(&format!("sqlite, {name}"), &url, &file, objects);
            fs::remove_file(database).unwrap();
        }
    }
    if let Ok(url) = env::var("USERDEX_BENCH_POSTGRES") {
        let file = folder.path().join("users.ndjson");
        write(&file, many, Password::None);
        both("postgres, no password", &url, &file, many);
    }
}

/// How users get their password.
#[derive(Clone, Copy)]
enum Password {
    /// They are of a type that has none.
    None,
    /// They bring its hash.
    Hash,
}

/// Writes a file of users, a line each. Their logins are new with each run, so that a database can
/// be used again.
fn write(file: &Path, objects: u64, password: Password) {
    let mut file = BufWriter::new(File::create(file).unwrap());
    let run = std::process::id();
    for number in 0..objects {
        // In no order: imported names are in none either.
        let name = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let password = match password {
            Password::None => "\"UserType\":\"VirtualUserNoLogin\"".to_owned(),
            Password::Hash => format!(
                "\"UserType\":\"InternalUser\",\"@ext.passwordHash\":{{\"hash\":\"{HASH}\",\"format\":\"AspNetCoreV3\"}}"
            ),
        };
        writeln!(
            file,
            "{{\"Login\":\"u{run}-{number}\",\"Email\":\"{name:x}.{run}@example.org\",\
             \"Name\":{{\"EN\":\"User {name:x}\",\"BG\":\"Потребител {name:x}\"}},{password}}}"
        )
        .unwrap();
    }
    file.flush().unwrap();
}

/// Imports a file into a database, and then once more, when nothing is left to do.
fn both(name: &str, url: &str, file: &Path, objects: u64) {
    let done = program(url).arg("migrate").status().unwrap();
    assert!(done.success());
    for (what, action) in [("new", "create"), ("the same again", "merge")] {
        let started = Instant::now();
        let child = program(url)
            .args(["import", "--set", "Systems_Security_Users", "--quiet"])
            .args(["--action", action])
            .arg(file)
            .spawn()
            .unwrap();
        let spent = watch(child);
        tell(
            &format!("{name}, {what}"),
            objects,
            spent,
            started.elapsed(),
        );
    }
}

fn program(url: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_userdex"));
    command.args(["--database-url", url]).stdout(Stdio::null());
    command
}

/// What a program has spent.
#[derive(Clone, Copy, Default)]
struct Spent {
    /// Ticks of the processor outside of the kernel, and inside.
    user: u64,
    system: u64,
    /// The most memory, in kilobytes.
    memory: u64,
}

/// Waits until a program has ended, which must have gone well.
fn watch(mut child: Child) -> Spent {
    let process = format!("/proc/{}", child.id());
    let mut spent = Spent::default();
    loop {
        let status = fs::read_to_string(format!("{process}/status")).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let memory = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
        spent.memory = spent.memory.max(memory.unwrap_or_default());
        // The name of the program, which may be anything, stands in parentheses. One that has ended
        // keeps its figures until it is waited for.
        let stat = fs::read_to_string(format!("{process}/stat")).unwrap_or_default();
        let fields: Vec<&str> = stat
            .rsplit(") ")
            .next()
            .unwrap_or_default()
            .split(' ')
            .collect();
        let field = |at: usize| fields.get(at).and_then(|text| text.parse().ok());
        if let (Some(user), Some(system)) = (field(11), field(12)) {
            (spent.user, spent.system) = (user, system);
        }
        if fields.first().is_none_or(|state| *state == "Z") {
            break;
        }
        std::thread::sleep(LOOK);
    }
    let status = child.wait().unwrap();
    assert!(status.success(), "{status}");
    spent
}

/// Ticks in a second, on every Linux that there is.
const TICKS: f64 = 100.0;

#[allow(
    clippy::cast_precision_loss,
    clippy::as_conversions,
    reason = "figures for people"
)]
fn tell(name: &str, objects: u64, spent: Spent, elapsed: Duration) {
    let seconds = |ticks: u64| ticks as f64 / TICKS;
    let (user, system) = (seconds(spent.user), seconds(spent.system));
    let (count, elapsed) = (objects as f64, elapsed.as_secs_f64());
    println!(
        "{name:<34} {objects:>8} {user:>8.2}s {system:>8.2}s {elapsed:>8.2}s {:>11.0} {:>10.0} {:>6.0} MB",
        count / (user + system).max(0.01),
        count / elapsed,
        spent.memory as f64 / 1024.0,
    );
}
