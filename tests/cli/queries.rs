//! `userdex query`.

use std::process::Command;

use crate::kit::{demo, nowhere, run};

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
    // What runs, and nothing else: as `--explain` says it.
    let count = "Systems_Security_Users/$count?$filter=Active eq true";
    let sql = run(folder.path(), &["query", count, "--sql"]).good();
    assert!(
        sql.starts_with("SELECT count(*)") && sql.lines().count() == 1,
        "{sql}"
    );
    let counted = "Systems_Security_Users?$count=true&$expand=Groups($count=true)";
    let sql = run(folder.path(), &["query", counted, "--sql"]).good();
    assert_eq!(sql.matches("count(*)").count(), 2, "{sql}");
    assert_eq!(sql.lines().count(), 4, "{sql}");
    let file = folder.path().join("sql.txt").display().to_string();
    let written = run(
        folder.path(),
        &["query", counted, "--sql", "--output", &file],
    )
    .good();
    assert_eq!(written, "");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), sql);
    for other in ["$metadata", "GetVersion()", ""] {
        for flag in ["--sql", "--explain"] {
            let refused = run(folder.path(), &["query", other, flag]);
            assert_eq!(refused.code, 1, "{other} {flag}");
            assert!(
                refused.err.contains("only reads of data"),
                "{}",
                refused.err
            );
        }
    }
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
fn a_query_makes_no_database() {
    let folder = tempfile::tempdir().unwrap();
    let refused = run(folder.path(), &["query", "Systems_Security_Users"]);
    assert_eq!((refused.code, refused.text()), (1, ""));
    let expected = "there is no database file `userdex.db`";
    assert!(refused.err.contains(expected), "{}", refused.err);
    assert!(!folder.path().join("userdex.db").exists());
}
