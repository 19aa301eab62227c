//! `userdex export`.

use std::path::Path;

use crate::kit::{demo, run};

const LOGINS: &str = "Systems_Security_Users?$select=Login&$orderby=Login";

/// The names of the files in a folder, but those of the database.
fn files(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|n| !n.starts_with("userdex.db")).collect();
    names.sort();
    names
}

#[test]
fn the_name_of_the_file_says_the_format() {
    let folder = demo();
    let export =
        |arguments: &[&str]| run(folder.path(), &[&["export", LOGINS], arguments].concat()).good();
    let query = |format: &str| run(folder.path(), &["query", LOGINS, "--format", format]).good();
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    for format in ["csv", "ndjson", "json"] {
        let name = format!("users.{format}");
        assert_eq!(export(&["--output", &name]), "", "it says nothing");
        assert_eq!(read(&name).trim_end(), query(format).trim_end());
    }
    export(&["--output", "users.XLSX"]);
    let workbook = std::fs::read(folder.path().join("users.XLSX")).unwrap();
    assert!(workbook.starts_with(b"PK\x03\x04"));
    // What is said wins over the name.
    export(&["--output", "users.txt", "--format", "csv"]);
    assert_eq!(read("users.txt"), read("users.csv"));
    assert_eq!(read("users.csv").lines().count(), 21);
    assert_eq!(
        files(folder.path()),
        [
            "users.XLSX",
            "users.csv",
            "users.json",
            "users.ndjson",
            "users.txt"
        ]
    );
    let unsaid = run(folder.path(), &["export", LOGINS, "--output", "users"]);
    assert_eq!((unsaid.code, unsaid.text()), (1, ""));
    assert_eq!(
        unsaid.err,
        "error: the name of `users` does not say its format\n  \
         help: it ends in .csv, .ndjson, .json or .xlsx, or `--format` says it\n"
    );
}

#[test]
fn standard_output_is_csv() {
    let folder = demo();
    let csv = run(folder.path(), &["query", LOGINS, "--format", "csv"]).good();
    assert_eq!(run(folder.path(), &["export", LOGINS]).good(), csv);
    let dash = ["export", LOGINS, "--output", "-", "--quiet"];
    assert_eq!(run(folder.path(), &dash).good(), csv);
    let lines = run(folder.path(), &["export", LOGINS, "--format", "ndjson"]).good();
    assert_eq!(lines.lines().count(), 20);
    assert!(files(folder.path()).is_empty());
}

#[test]
fn a_file_is_replaced_only_by_force() {
    let folder = demo();
    let path = folder.path().join("users.csv");
    std::fs::write(&path, "mine").unwrap();
    let export = |address: &str, more: &[&str]| {
        let first = ["export", address, "--output", "users.csv"];
        run(folder.path(), &[&first, more].concat())
    };
    let refused = export(LOGINS, &[]);
    assert_eq!((refused.code, refused.text()), (1, ""));
    assert!(
        refused
            .err
            .contains("users.csv` is there already\n  help: `--force` replaces it"),
        "{}",
        refused.err
    );
    // A query that is refused replaces nothing.
    let undeclared = "Systems_Security_Users?$filter=Name eq 'Ann'";
    let refused = export(undeclared, &["--force"]);
    assert_eq!(refused.code, 1);
    assert!(
        refused.err.contains("contains(Name,'Ann')"),
        "{}",
        refused.err
    );
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "mine");
    export(LOGINS, &["--force"]).good();
    assert_eq!(std::fs::read_to_string(&path).unwrap().lines().count(), 21);
    assert_eq!(files(folder.path()), ["users.csv"]);
}

#[test]
fn what_cannot_be_written_leaves_nothing() {
    let folder = demo();
    let export =
        |address: &str, name: &str| run(folder.path(), &["export", address, "--output", name]);
    let nowhere = export(LOGINS, "none/users.csv");
    assert_eq!((nowhere.code, nowhere.text()), (1, ""));
    assert!(
        nowhere.err.contains("`none/users.csv` cannot be written"),
        "{}",
        nowhere.err
    );
    // A collection inside a row has no place in a table.
    let nested = export("Systems_Security_Users?$expand=Groups", "users.csv");
    assert_eq!(nested.code, 1);
    assert!(!folder.path().join("users.csv").exists());
}
