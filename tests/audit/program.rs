//! The program: `audit verify` and `audit export`, starts and settings.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value as Json;
use userdex::service::{Service, ServiceSettings};
use userdex::store::Store;
use userdex::value::Timestamp;

use crate::kit::{log, names, noted, on_each};
use crate::support::beside;

fn run(folder: &Path, arguments: &[&str], input: Option<&str>) -> Output {
    use std::io::Write as _;
    let mut command = Command::new(env!("CARGO_BIN_EXE_userdex"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("USERDEX_") {
            command.env_remove(name);
        }
    }
    let mut child = command
        .env("USER", "operator-name")
        .env("USERDEX_PASSWORD__ITERATIONS", "1")
        .current_dir(folder)
        .args(arguments)
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin
        .write_all(input.unwrap_or_default().as_bytes())
        .unwrap();
    drop(stdin);
    child.wait_with_output().unwrap()
}

fn good(folder: &Path, arguments: &[&str], input: Option<&str>) -> String {
    let output = run(folder, arguments, input);
    let err = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {err}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_command_line_is_noted_and_checks_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    good(at, &["migrate"], None);
    good(
        at,
        &["user", "add", "ann", "--password-stdin"],
        Some("MARKER-Pass-1"),
    );
    good(at, &["user", "set-password", "ann"], None);
    let token = good(at, &["token", "issue", "ann"], None);
    good(at, &["keys", "rotate", "--purpose", "sessions"], None);
    good(at, &["user", "deactivate", "ann"], None);
    good(
        at,
        &["query", "Systems_Security_Users", "--format", "csv"],
        None,
    );
    let lines = good(at, &["audit", "export"], None);
    let lines: Vec<Json> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let names: Vec<_> = lines
        .iter()
        .map(|line| line["EventName"].as_str().unwrap())
        .collect();
    let expected = [
        "UserCreated",
        "PasswordChanged",
        "TokenIssued",
        "KeysRotated",
        "UserDeactivated",
        "Exported",
    ];
    assert_eq!(names, expected);
    for (n, line) in lines.iter().enumerate() {
        assert_eq!(line["number"], n + 1);
        let details: Json = serde_json::from_str(line["Details"].as_str().unwrap()).unwrap();
        assert_eq!(details["caller"], "command line");
        assert_eq!(details["operator"], "operator-name");
    }
    let all = format!("{lines:?}");
    let token = token
        .split_whitespace()
        .find(|word| word.starts_with("enrt_"))
        .unwrap();
    assert!(!all.contains("MARKER") && !all.contains(token));

    let text = good(at, &["audit", "verify"], None);
    assert!(text.starts_with("6 entries hold\nhead 6:"), "{text}");
    let head = text.trim().rsplit(' ').next().unwrap();
    good(at, &["audit", "verify", "--head", head], None);
    let bad = run(at, &["audit", "verify", "--head", "6"], None);
    assert_eq!(bad.status.code(), Some(2));

    beside::run(
        &format!("sqlite:{}", at.join("userdex.db").display()),
        "DROP TRIGGER \"TR_Ext_Audit_Entries_Update\"; UPDATE \"Sys_Audit_Log_Entries\" \
         SET \"Details\" = '{}' WHERE \"Event_Name\" = 'TokenIssued'",
    );
    let broken = run(at, &["audit", "verify"], None);
    assert_eq!(broken.status.code(), Some(2));
    let text = String::from_utf8(broken.stdout).unwrap();
    assert!(text.starts_with("entry 3 was changed\n"), "{text}");
}

#[test]
fn starts_and_changed_settings_are_noted_by_name() {
    on_each(|world| {
        let start = |settings: &[(&str, &str)]| {
            let settings = settings
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            let settings = settings.collect();
            noted(world, || {
                world
                    .service
                    .start_audit(&settings, Timestamp::now())
                    .unwrap()
            })
        };
        let lines = start(&[("database.url", "\"MARKER-password\"")]);
        assert_eq!(
            names(&lines),
            ["ServerStarted", "SettingsChanged"],
            "{}",
            world.name
        );
        assert_eq!(lines[0].word("first"), "true");
        assert_eq!(
            lines[1].details["settings"],
            serde_json::json!(["database.url"])
        );
        let lines = start(&[("database.url", "\"MARKER-password\"")]);
        assert_eq!(names(&lines), ["ServerStarted"]);
        assert_eq!(lines[0].word("first"), "false");
        let lines = start(&[("database.url", "\"MARKER-other\""), ("query.max_top", "5")]);
        assert_eq!(
            lines[1].details["settings"],
            serde_json::json!(["database.url", "query.max_top"])
        );
        let lines = start(&[("database.url", "\"MARKER-other\"")]);
        assert_eq!(
            lines[1].details["settings"],
            serde_json::json!(["query.max_top"])
        );
        assert!(
            !world.dump().join("\n").contains("MARKER"),
            "{}",
            world.name
        );
        assert!(!log(world).is_empty());
    });
}

/// A log of an older version begins with nothing, and holds.
#[test]
fn an_empty_log_holds() {
    let (folder, store) = crate::support::sqlite();
    let url = format!("sqlite:{}", folder.path().join("test.db").display());
    drop(store);
    let store = Store::open(&url.parse().unwrap(), &crate::support::patient()).unwrap();
    let model = std::sync::Arc::new(userdex::model::Model::shipped().unwrap());
    let service = Service::new(model, store, ServiceSettings::default()).unwrap();
    let verified = service.verify_audit(None).unwrap();
    assert_eq!((verified.good, verified.findings.len()), (0, 0));
}
