//! The built program: results to standard output, problems to standard error, exit codes.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests"
)]

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

/// What a run of the program left.
struct Run {
    code: i32,
    out: Vec<u8>,
    err: String,
}

impl Run {
    fn text(&self) -> &str {
        std::str::from_utf8(&self.out).unwrap()
    }

    /// The result of a run that must have been good.
    fn good(self) -> String {
        assert_eq!(self.code, 0, "{}", self.err);
        self.text().to_owned()
    }
}

/// Runs the program in a folder, without the settings of this process.
fn run(folder: &Path, arguments: &[&str]) -> Run {
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
fn demo() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let out = run(folder.path(), &["demo", "20"]).good();
    assert!(out.starts_with("20 users, "), "{out}");
    folder
}

fn nowhere() -> TempDir {
    tempfile::tempdir().unwrap()
}

#[test]
fn help_names_every_command() {
    let folder = nowhere();
    let help = run(folder.path(), &["--help"]).good();
    for command in [
        "serve", "demo", "migrate", "query", "import", "user", "audit", "model", "metadata",
        "openapi", "trigrams",
    ] {
        assert!(help.contains(&format!("\n  {command}  ")), "{help}");
        let own = run(folder.path(), &[command, "--help"]).good();
        assert!(own.contains(&format!("Usage: userdex {command}")), "{own}");
    }
    assert!(help.contains("Exit codes: "), "{help}");
    let version = run(folder.path(), &["--version"]).good();
    assert_eq!(version, format!("userdex {}\n", env!("CARGO_PKG_VERSION")));
    let entries = std::fs::read_dir(folder.path()).unwrap();
    assert_eq!(entries.count(), 0, "asking for help makes no file");
}

#[test]
fn bad_usage_is_exit_code_2() {
    let folder = nowhere();
    for arguments in [
        &["query"][..],
        &["nonsense"],
        &[],
        &["demo", "many"],
        &["query", "Systems_Security_Users", "--format", "yaml"],
        &["query", "Systems_Security_Users", "--sql", "--explain"],
        &["model", "ddl"],
    ] {
        let run = run(folder.path(), arguments);
        assert_eq!(run.code, 2, "{arguments:?}");
        assert!(
            run.out.is_empty() && run.err.contains("--help"),
            "{arguments:?} {}",
            run.err
        );
    }
}

#[test]
fn demo_needs_an_empty_database() {
    let folder = demo();
    let again = run(folder.path(), &["demo", "20"]);
    assert_eq!((again.code, again.text()), (1, ""));
    assert!(again.err.contains("already holds users"), "{}", again.err);
}

#[test]
fn query_prints_every_format() {
    let folder = demo();
    let query = |format: &str| {
        let address = "/Systems_Security_Users?$top=3&$select=Login,Active";
        run(folder.path(), &["query", address, "--format", format])
    };
    let json: serde_json::Value = serde_json::from_str(&query("json").good()).unwrap();
    assert_eq!(json["value"].as_array().unwrap().len(), 3);
    let lines = query("ndjson").good();
    let lines: Vec<serde_json::Value> = lines
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    assert_eq!(lines.len(), 3);
    let csv = query("csv").good();
    assert!(csv.starts_with("Active,Login\r\n"), "{csv}");
    assert_eq!(csv.lines().count(), 4);
    for (line, row) in csv.lines().skip(1).zip(&lines) {
        let shown = format!("{},{}", row["Active"], row["Login"].as_str().unwrap());
        assert_eq!(line, shown);
    }
    let sheet = query("xlsx");
    assert_eq!(sheet.code, 0, "{}", sheet.err);
    assert!(
        sheet.out.starts_with(b"PK\x03\x04"),
        "a workbook is a zip archive"
    );
    assert!(contains(&sheet.out, b"xl/worksheets/sheet1.xml"));
    assert!(
        contains(&sheet.out, b"PK\x05\x06"),
        "the archive has its end"
    );
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[test]
fn query_writes_a_file_only_when_there_is_an_answer() {
    let folder = demo();
    let file = folder.path().join("users.csv");
    let query = |address: &str| {
        run(
            folder.path(),
            &["query", address, "--format", "csv", "--output", "users.csv"],
        )
    };
    assert_eq!(
        query("Systems_Security_Users?$filter=Password eq 'x'").code,
        1
    );
    assert!(!file.exists());
    let written = query("Systems_Security_Users?$select=Login");
    // How far it is, is told at a terminal only.
    assert_eq!((written.code, written.err.as_str()), (0, ""));
    assert_eq!(written.good(), "");
    assert_eq!(std::fs::read_to_string(file).unwrap().lines().count(), 21);
}

#[test]
fn query_has_no_pages() {
    let folder = nowhere();
    run(folder.path(), &["demo", "1100"]).good();
    let address = "Systems_Security_Users?$select=Id";
    let lines = run(folder.path(), &["query", address, "--format", "ndjson"]).good();
    assert_eq!(lines.lines().count(), 1100);
    let count = run(folder.path(), &["query", "Systems_Security_Users/$count"]).good();
    assert_eq!(count.trim_end(), "1100");
}

#[test]
fn query_explains_itself() {
    let folder = demo();
    let address = "Systems_Security_Users?$filter=Login eq 'admin'&$select=Id&$expand=Groups";
    let sql = run(folder.path(), &["query", address, "--sql"]).good();
    assert_eq!(sql.lines().count(), 2, "{sql}");
    assert!(
        sql.contains("`Login_folded` = ?") && sql.contains(r#"binds: ["admin""#),
        "{sql}"
    );
    let explained = run(folder.path(), &["query", address, "--explain"]).good();
    for part in [
        "-- asked\nSystems_Security_Users?$filter=Login eq 'admin'",
        "\nwhere Login is 'admin'\n",
        "-- rows\nSELECT ",
        "-- rows of Groups\nSELECT ",
        "Sec_Users by IX_Sec_Users_Login: 1 rows\n",
        "-- cost\n",
    ] {
        assert!(explained.contains(part), "{part} is not in {explained}");
    }
}

#[test]
fn query_points_at_the_fault() {
    let folder = demo();
    let bad = run(
        folder.path(),
        &["query", "Systems_Security_Users?$filter=Login eq"],
    );
    assert_eq!((bad.code, bad.text()), (1, ""));
    let shown = "error: expected an operand after `eq`\n  Login eq\n          ^\n";
    assert_eq!(bad.err, shown);
    let unknown = run(folder.path(), &["query", "Systems_Security_User"]);
    assert_eq!((unknown.code, unknown.text()), (1, ""));
    assert!(
        unknown
            .err
            .contains("did you mean `Systems_Security_Users`?"),
        "{}",
        unknown.err
    );
    let undeclared = run(
        folder.path(),
        &["query", "Systems_Security_Users?$filter=Name eq 'Ann'"],
    );
    assert!(
        undeclared.err.contains("contains(Name,'Ann')"),
        "{}",
        undeclared.err
    );
}

#[test]
fn a_reader_that_leaves_is_no_fault() {
    let folder = nowhere();
    run(folder.path(), &["demo", "3000"]).good();
    let mut child = Command::new(env!("CARGO_BIN_EXE_userdex"))
        .current_dir(folder.path())
        .args(["query", "Systems_Security_Users", "--format", "ndjson"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{output:?}"
    );
}

#[test]
fn migrate_tells_and_does() {
    let folder = nowhere();
    let status = run(folder.path(), &["migrate", "--status"]).good();
    assert!(
        status.starts_with("pending  ") && !status.contains("applied"),
        "{status}"
    );
    let query = run(folder.path(), &["query", "Systems_Security_Users"]);
    assert_eq!(query.code, 1);
    assert!(
        query.err.contains("run `userdex migrate` first"),
        "{}",
        query.err
    );
    let done = run(folder.path(), &["migrate"]).good();
    assert_eq!(done, status.replace("pending", "applied"));
    assert_eq!(run(folder.path(), &["migrate", "--status"]).good(), done);
    assert_eq!(
        run(folder.path(), &["migrate"]).good(),
        "nothing to migrate\n"
    );
}

#[test]
fn users_are_looked_after() {
    let folder = demo();
    let user = |arguments: &[&str]| run(folder.path(), &[&["user"], arguments].concat());
    let added = user(&["add", "ann", "--email", "ann@example.org", "--admin"]).good();
    let password = added.lines().last().unwrap().trim();
    assert!(
        added.starts_with("The password") && password.len() > 20,
        "{added}"
    );
    let again = user(&["add", "ann"]);
    assert_eq!((again.code, again.text()), (1, ""));
    assert!(!again.err.contains(password), "{}", again.err);
    let shown = |names: &str| {
        let query = format!("Systems_Security_Users?$filter=Login eq 'ann'&$select={names}");
        run(folder.path(), &["query", &query, "--format", "ndjson"]).good()
    };
    let facts = shown("IsAdmin,Active,Email");
    assert!(
        facts.contains("\"IsAdmin\":true") && facts.contains("ann@example.org"),
        "{facts}"
    );
    let next = user(&["set-password", "ANN"]).good();
    assert_ne!(next.lines().last().unwrap().trim(), password);
    assert_eq!(user(&["unlock", "ann"]).good(), "");
    let secret = user(&["enrol-second-factor", "ann"]).good();
    assert!(
        secret.contains("otpauth://totp/Userdex:ann?secret="),
        "{secret}"
    );
    assert_eq!(secret.lines().count(), 13, "{secret}");
    assert!(shown("TwoFactorEnabled").contains(":true"));
    assert_eq!(user(&["deactivate", "ann"]).good(), "");
    assert!(shown("Active").contains("\"Active\":false"));
    for arguments in [["unlock", "nobody"], ["deactivate", "nobody"]] {
        assert_eq!(user(&arguments).code, 1);
    }
}

#[test]
fn model_check_finds_faults() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let check = |dir: &str| run(&tests, &["model", "check", dir]);
    assert!(check("fixtures/model").good().ends_with(": no fault\n"));
    assert!(
        run(&tests, &["model", "check"])
            .good()
            .starts_with("35 entities, ")
    );
    let bad = check("model_faults");
    assert_eq!((bad.code, bad.text()), (1, ""));
    assert!(
        bad.err.lines().count() > 10 && bad.err.contains("attributes.yaml:10:7: "),
        "{}",
        bad.err
    );
    let missing = check("no-such-folder");
    assert_eq!((missing.code, missing.text()), (1, ""));
    assert!(missing.err.contains("no-such-folder"), "{}", missing.err);
}

#[test]
fn model_prints_its_tables_and_entities() {
    let folder = nowhere();
    for (dialect, word) in [("sqlite", " BLOB "), ("postgres", " uuid ")] {
        let ddl = run(folder.path(), &["model", "ddl", "--dialect", dialect]).good();
        assert!(
            ddl.starts_with("CREATE TABLE ") && ddl.contains(word),
            "{ddl:.300}"
        );
    }
    let list = run(folder.path(), &["model", "print"]).good();
    assert_eq!(list.lines().count(), 35);
    let one = run(folder.path(), &["model", "print", "Systems.Security.Users"]).good();
    assert_eq!(
        run(folder.path(), &["model", "print", "Systems_Security_Users"]).good(),
        one
    );
    assert_eq!(run(folder.path(), &["model", "print", "Nobody"]).code, 1);
}

#[test]
fn settings_are_checked() {
    let folder = nowhere();
    let with = |text: &str, command: &str| {
        std::fs::write(folder.path().join("own.toml"), text).unwrap();
        run(folder.path(), &["--config", "own.toml", command])
    };
    for (text, command, part) in [
        (
            "[server]\nlisen = \"127.0.0.1:0\"\n",
            "migrate",
            "there is no setting `server.lisen` (own.toml, line 2)",
        ),
        (
            "[server]\nlisten = \"0.0.0.0:0\"\n",
            "serve",
            "the server does not listen on `0.0.0.0:0` without TLS",
        ),
        (
            "[tls]\ncertificate = \"none.pem\"\nkey = \"none.pem\"\n",
            "serve",
            "the file `none.pem` cannot be read",
        ),
        ("[query]\nmax_top = \"many\"\n", "migrate", "query.max_top"),
        ("[database]\nurl = \"mysql://x\"\n", "migrate", "sqlite"),
    ] {
        let run = with(text, command);
        assert_eq!((run.code, run.text()), (1, ""), "{text}");
        assert!(run.err.contains(part), "{text}: {}", run.err);
    }
    let missing = run(folder.path(), &["--config", "none.toml", "migrate"]);
    assert_eq!(missing.code, 1);
    assert!(missing.err.contains("none.toml"), "{}", missing.err);
    assert_eq!(
        run(folder.path(), &["serve", "--listen", "0.0.0.0:0"]).code,
        1
    );
    let alone = run(folder.path(), &["serve", "--tls-key", "none.pem"]);
    assert_eq!(alone.code, 1);
    assert!(alone.err.contains("`tls.certificate`"), "{}", alone.err);
    assert!(
        !folder.path().join("userdex.db").exists(),
        "a refused command makes no database"
    );
}

#[test]
fn documents_are_printed() {
    let folder = nowhere();
    let metadata = run(folder.path(), &["metadata"]).good();
    assert!(metadata.contains("<edmx:Edmx "), "{metadata:.200}");
    let openapi = run(folder.path(), &["openapi"]).good();
    let openapi: serde_json::Value = serde_json::from_str(&openapi).unwrap();
    assert!(openapi["openapi"].as_str().unwrap().starts_with("3.1"));
}

#[test]
fn a_query_makes_no_database() {
    let folder = tempfile::tempdir().unwrap();
    let refused = run(folder.path(), &["query", "Systems_Security_Users"]);
    assert_eq!((refused.code, refused.text()), (1, ""));
    let expected = "there is no database file `userdex.db`";
    assert!(refused.err.contains(expected), "{}", refused.err);
    assert!(!folder.path().join("userdex.db").exists());
}

#[test]
fn keys_are_listed_and_rotated_and_never_shown() {
    let folder = demo();
    let keys = |arguments: &[&str]| {
        let all = [&["keys"], arguments].concat();
        let out = run(folder.path(), &all).good();
        let words = |line: &str| line.split_whitespace().map(str::to_owned).collect();
        let lines: Vec<Vec<String>> = out.lines().map(words).collect();
        lines
    };
    let first = keys(&["list"]);
    assert_eq!(first.len(), 5);
    for line in &first {
        assert_eq!(line[0].len(), 16, "an id: {line:?}");
        assert_eq!(line[2], "made");
        assert_eq!(line[4..], ["in", "use"]);
        assert_eq!(line.len(), 6, "nothing else: {line:?}");
    }
    let rotated = keys(&["rotate", "--purpose", "cookies"]);
    assert_eq!(rotated.len(), 6);
    let cookies: Vec<_> = rotated.iter().filter(|line| line[1] == "cookies").collect();
    assert_eq!(cookies[0][4..], ["in", "use"]);
    assert_eq!(cookies[1][4], "retired");
    assert_eq!(keys(&["rotate"]).len(), 11);
    // Those of fingerprints and of sealing stay.
    assert_eq!(keys(&["rotate", "--end-old"]).len(), 9);
    let wrong = run(folder.path(), &["keys", "rotate", "--purpose", "all"]);
    assert_eq!(wrong.code, 2);
    assert!(wrong.err.contains("token-signing"), "{}", wrong.err);
    let nowhere = tempfile::tempdir().unwrap();
    let none = run(nowhere.path(), &["keys", "list"]);
    assert_eq!(none.code, 1);
}

#[test]
fn tokens_are_issued_listed_and_revoked() {
    let folder = nowhere();
    let user = |arguments: &[&str]| run(folder.path(), arguments);
    user(&["migrate"]).good();
    user(&["user", "add", "ann", "--admin"]).good();
    let issued = user(&[
        "token",
        "issue",
        "ann",
        "--description",
        "for the grid",
        "--scopes",
        "read",
    ])
    .good();
    let lines: Vec<&str> = issued.lines().collect();
    let token = lines[1].trim();
    assert!(token.starts_with("enrt_") && token.len() == 44, "{issued}");
    let id = lines[2].strip_prefix("id       ").unwrap();
    for list in [&["token", "list"][..], &["token", "list", "ann"]] {
        let list = user(list).good();
        assert!(
            list.contains(id) && list.contains("in use  [read]"),
            "{list}"
        );
        assert!(!list.contains(token));
    }
    user(&["token", "revoke", id]).good();
    assert!(
        user(&["token", "list"])
            .good()
            .contains("  revoked  [read]")
    );
    for (arguments, word) in [
        (&["token", "issue", "bob"][..], "there is no user `bob`"),
        (
            &["token", "issue", "ann", "--scopes", "all"],
            "there is no scope `all`",
        ),
        (
            &["token", "issue", "ann", "--expires", "soon"],
            "`expires` takes a time",
        ),
        (
            &["token", "issue", "ann", "--application", "x"],
            "there is no application `x`",
        ),
    ] {
        let refused = user(arguments);
        assert_eq!(refused.code, 1);
        assert!(refused.err.contains(word), "{}", refused.err);
    }
}

#[test]
fn the_doctor_finds_what_is_weak() {
    let folder = nowhere();
    let go = |arguments: &[&str]| run(folder.path(), arguments);
    let none = go(&["doctor"]);
    assert_eq!(none.code, 1, "{}", none.err);
    go(&["migrate"]).good();
    go(&["user", "add", "ann", "--admin"]).good();
    go(&["user", "add", "bob", "--admin"]).good();
    assert_eq!(go(&["doctor"]).good(), "nothing was found\n");
    assert_eq!(
        go(&["doctor", "--format", "json"]).good(),
        "{\"findings\":[]}\n"
    );
    go(&[
        "user",
        "add",
        "robot",
        "--admin",
        "--user-type",
        "SystemUserNoLogin",
    ])
    .good();
    go(&["user", "add", "eve", "--admin", "--basic"]).good();
    go(&["user", "deactivate", "bob"]).good();
    go(&["user", "deactivate", "ann"]).good();
    std::fs::write(
        folder.path().join("weak.toml"),
        "server.cors_origins = ['*']\n",
    )
    .unwrap();
    let found = go(&["doctor", "--format", "json", "--config", "weak.toml"]);
    assert_eq!(found.code, 2, "{}", found.err);
    let found: serde_json::Value = serde_json::from_slice(&found.out).unwrap();
    let codes: Vec<&str> = found["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| {
            assert!(!finding["text"].as_str().unwrap().is_empty());
            assert!(!finding["hint"].as_str().unwrap().is_empty());
            finding["code"].as_str().unwrap()
        })
        .collect();
    assert_eq!(
        codes,
        [
            "AnyOrigin",
            "MachineAdministrators",
            "BasicAdministrators",
            "NoSecondAdministrator"
        ]
    );
    let text = go(&["doctor"]);
    assert_eq!(text.code, 2);
    assert!(
        text.text()
            .contains("MachineAdministrators: 1 machine accounts are administrators: robot"),
        "{}",
        text.text()
    );
}

#[test]
fn indexes_of_trigrams_are_turned_on_and_off() {
    let folder = demo();
    let trigrams = |arguments: &[&str]| run(folder.path(), &[&["trigrams"], arguments].concat());
    let line = |state: &str| format!("{state:<6}  Systems_Security_Users/Name\n");
    let before = trigrams(&["status"]).good();
    assert!(
        before.contains(&line("off")) && !before.contains("on  "),
        "{before}"
    );
    let one = trigrams(&["on", "Systems_Security_Users/Name"]).good();
    assert_eq!(one, line("on"));
    let now = trigrams(&["status"]).good();
    assert!(
        now.contains(&line("on")) && now.contains("off     Systems_Security_Users/Login"),
        "{now}"
    );
    let wrong = trigrams(&["on", "Systems_Security_Users/Notes"]);
    assert_eq!(wrong.code, 1);
    assert!(
        wrong
            .err
            .contains("`Systems_Security_Users/Notes` has no index for `contains`"),
        "{}",
        wrong.err
    );
    let users =
        "Systems_Security_Users?$select=Login&$filter=contains(Name,'adm') or contains(Name,'ива')";
    let query = || run(folder.path(), &["query", users]).good();
    let on = query();
    assert_eq!(
        trigrams(&["on"]).good().lines().count(),
        before.lines().count()
    );
    assert_eq!(query(), on);
    assert_eq!(
        trigrams(&["off"]).good().lines().count(),
        before.lines().count()
    );
    assert_eq!(trigrams(&["status"]).good(), before);
    assert_eq!(query(), on);
}
