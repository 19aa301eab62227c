//! Help, settings, and what needs no database.

use std::path::Path;

use crate::kit::{nowhere, run};

#[test]
fn help_names_every_command() {
    let folder = nowhere();
    let help = run(folder.path(), &["--help"]).good();
    for command in [
        "serve", "demo", "migrate", "query", "export", "import", "user", "audit", "model",
        "metadata", "openapi", "trigrams",
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
        &["export"],
        &["export", "Systems_Security_Users", "--format", "yaml"],
        &["query", "Systems_Security_Users", "--sql", "--explain"],
        &[
            "query",
            "Systems_Security_Users",
            "--sql",
            "--format",
            "csv",
        ],
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
