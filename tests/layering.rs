//! The arrows of `docs/ARCHITECTURE.md`, read off the source text.
//!
//! A room is a module of `src/`. It may name another room (`crate::room`) only where the table
//! below has the arrow, a library of the pipeline only where that library belongs, and a database
//! only in `sql/dialect` and to the outside of it. Tests inside `src/` are free: they may build
//! what they test with any room.

use std::fs;
use std::path::{Path, PathBuf};

/// Room, and the rooms it may name.
const ARROWS: &[(&str, &[&str])] = &[
    ("diag", &[]),
    ("value", &["diag"]),
    ("model", &["diag", "value"]),
    ("syntax", &["diag"]),
    ("audit", &["value"]),
    ("plan", &["value", "model"]),
    ("bind", &["diag", "value", "model", "syntax", "plan"]),
    ("sql", &["diag", "value", "model", "plan"]),
    ("store", &["diag", "value", "model", "plan", "sql", "audit"]),
    ("encode", &["diag", "value", "model", "plan", "store"]),
    ("change", &["diag", "value", "model"]),
    ("rules", &["diag", "value", "model", "plan", "change"]),
    ("methods", &["diag", "value", "model", "change"]),
    ("access", &["diag", "value"]),
    (
        "service",
        &[
            "diag", "value", "model", "syntax", "plan", "bind", "sql", "store", "encode", "change",
            "rules", "methods", "access", "audit",
        ],
    ),
    ("outgoing", &["diag"]),
    ("config", &["diag", "value"]),
    ("demo", &["diag", "value", "model", "store"]),
    ("http", &["diag", "value", "model", "service"]),
    (
        "cli",
        &[
            "diag", "value", "model", "plan", "sql", "store", "encode", "access", "audit", "rules",
            "service", "outgoing", "config", "demo", "http",
        ],
    ),
];

/// Library, and the rooms it lives in.
const LIBRARIES: &[(&str, &[&str])] = &[
    ("nom", &["syntax"]),
    ("diesel", &["sql", "store"]),
    ("diesel_migrations", &["store"]),
    ("aes_siv", &["plan", "access"]),
    ("hmac", &["access"]),
    ("jsonwebtoken", &["access"]),
    ("aws_lc_rs", &["access", "audit", "http"]),
    ("ureq", &["outgoing"]),
    ("rustls", &["http", "outgoing"]),
    ("pbkdf2", &["access"]),
    ("isolang", &["rules"]),
    ("regex_lite", &["rules"]),
    ("flate2", &["change"]),
    ("quick_xml", &["encode"]),
    ("actix_web", &["http"]),
    ("httparse", &["http"]),
    ("utoipa", &["http"]),
    ("governor", &["http"]),
    ("tempfile", &["http", "cli"]),
    ("ipnet", &["config", "http", "cli"]),
    ("figment", &["config"]),
    ("clap", &["cli"]),
    ("indicatif", &["cli"]),
    ("zip", &["cli"]),
];

/// Rooms that must not know which databases exist.
const NEUTRAL: &[&str] = &[
    "diag", "value", "syntax", "plan", "bind", "sql", "encode", "change", "rules", "methods",
    "access", "audit", "service",
];

/// How they would say it.
const DATABASES: &[&str] = &["sqlite", "postgres"];

/// Lines of one source file at most, tests inside it included.
const LONGEST: usize = 500;

/// One file of `src/`: its path below `src/`, its room, and its code without comments and tests.
struct Source {
    path: String,
    room: String,
    code: Vec<(usize, String)>,
    lines: usize,
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

/// Every file of `src/` but test modules. The rooms `main.rs` and `lib.rs` are called `main` and `lib`.
fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    files(&root, &mut found);
    found.sort();
    found.iter().filter_map(|file| read(&root, file)).collect()
}

fn read(root: &Path, file: &Path) -> Option<Source> {
    let path = file.strip_prefix(root).ok()?.to_str()?.replace('\\', "/");
    let is_test = |part: &str| part == "tests" || part == "tests.rs" || part == "testkit";
    if path.split('/').any(is_test) {
        return None;
    }
    let text = fs::read_to_string(file).ok()?;
    let room = path.split(['/', '.']).next()?.to_owned();
    let code = text
        .lines()
        .take_while(|line| !line.trim_start().starts_with("mod tests {"))
        .enumerate()
        .map(|(no, line)| (no + 1, strip_comment(line).to_owned()))
        .collect();
    Some(Source {
        path,
        room,
        code,
        lines: text.lines().count(),
    })
}

/// The line without a comment that fills or ends it. A `//` inside a string is cut too: that can
/// hide an import from this test, but never invents one.
fn strip_comment(line: &str) -> &str {
    line.split("//").next().unwrap_or_default()
}

/// The names that follow `prefix` in `line`, where `prefix` does not continue a longer name.
fn names_after<'a>(line: &'a str, prefix: &'a str) -> impl Iterator<Item = &'a str> {
    line.match_indices(prefix).filter_map(move |(at, _)| {
        let before = line.get(..at)?.chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':') {
            return None;
        }
        let rest = line.get(at + prefix.len()..)?;
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
        rest.get(..end.unwrap_or(rest.len()))
    })
}

/// What is declared for a name in one of the tables.
fn declared(
    table: &'static [(&'static str, &'static [&'static str])],
    name: &str,
) -> Option<&'static [&'static str]> {
    table
        .iter()
        .find(|(n, _)| *n == name)
        .map(|(_, list)| *list)
}

fn report(faults: &[String]) {
    assert!(
        faults.is_empty(),
        "{} faults:\n{}",
        faults.len(),
        faults.join("\n")
    );
}

#[test]
fn rooms_follow_the_arrows() {
    let mut faults = Vec::new();
    for source in sources() {
        let Source {
            path, room, code, ..
        } = source;
        if room == "lib" || room == "main" {
            continue;
        }
        let Some(allowed) = declared(ARROWS, &room) else {
            faults.push(format!("src/{path}: room `{room}` is not in the table"));
            continue;
        };
        for (no, line) in &code {
            for name in names_after(line, "crate::") {
                if name.is_empty() {
                    faults.push(format!(
                        "src/{path}:{no}: write one `use crate::room::…` a room"
                    ));
                } else if name != room && !allowed.contains(&name) {
                    faults.push(format!("src/{path}:{no}: `{room}` must not know `{name}`"));
                }
            }
        }
    }
    report(&faults);
}

#[test]
fn arrows_have_no_circle() {
    // The table is in an order in which each room names only rooms above it.
    let mut above: Vec<&str> = Vec::new();
    for (room, allowed) in ARROWS {
        for name in *allowed {
            assert!(
                above.contains(name),
                "`{room}` names `{name}`, which comes later"
            );
        }
        above.push(room);
    }
}

#[test]
fn libraries_stay_in_their_rooms() {
    let mut faults = Vec::new();
    for Source {
        path, room, code, ..
    } in sources()
    {
        for (no, line) in &code {
            for (library, rooms) in LIBRARIES {
                let prefix = format!("{library}::");
                if names_after(line, &prefix).next().is_some() && !rooms.contains(&room.as_str()) {
                    faults.push(format!("src/{path}:{no}: `{library}` belongs to {rooms:?}"));
                }
            }
        }
    }
    report(&faults);
}

#[test]
fn only_dialects_name_a_database() {
    let mut faults = Vec::new();
    for Source {
        path, room, code, ..
    } in sources()
    {
        if !NEUTRAL.contains(&room.as_str()) || path.starts_with("sql/dialect") {
            continue;
        }
        for (no, line) in &code {
            // The door of `sql` hands the dialects on.
            if path == "sql/mod.rs" && line.contains("use dialect::") {
                continue;
            }
            let line = line.to_lowercase();
            if DATABASES.iter().any(|name| line.contains(name)) {
                faults.push(format!(
                    "src/{path}:{no}: names a database: {}",
                    line.trim()
                ));
            }
        }
    }
    report(&faults);
}

#[test]
fn files_stay_short() {
    let long: Vec<String> = sources()
        .iter()
        .filter(|s| s.lines > LONGEST)
        .map(|s| format!("src/{}: {} lines, more than {LONGEST}", s.path, s.lines))
        .collect();
    report(&long);
}

#[test]
fn the_scan_sees_imports() {
    let seen = |line| names_after(line, "crate::").collect::<Vec<_>>();
    assert_eq!(seen("use crate::model::{EntityId, Model};"), ["model"]);
    assert_eq!(
        seen("fn f(a: crate::diag::Problem, b: &crate::sql::X)"),
        ["diag", "sql"]
    );
    assert_eq!(seen("use crate::{diag, value};"), [""]);
    assert_eq!(seen("pub(crate) use not_crate::model;"), Vec::<&str>::new());
    assert_eq!(
        seen(strip_comment("/// [`crate::http`]")),
        Vec::<&str>::new()
    );
    let rooms: Vec<_> = sources().into_iter().map(|s| s.room).collect();
    assert!(
        rooms.iter().any(|r| r == "diag"),
        "the scan found only {rooms:?}"
    );
}
