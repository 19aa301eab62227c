//! The database: made, filled, migrated, indexed.

use crate::kit::{demo, nowhere, run};

#[test]
fn demo_needs_an_empty_database() {
    let folder = demo();
    let again = run(folder.path(), &["demo", "20"]);
    assert_eq!((again.code, again.text()), (1, ""));
    assert!(again.err.contains("already holds users"), "{}", again.err);
}

#[test]
fn migrate_tells_and_does() {
    let folder = nowhere();
    let status = run(folder.path(), &["migrate", "--status"]).good();
    assert!(
        status.starts_with("pending  ") && !status.contains("applied"),
        "{status}"
    );
    let made = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(made, 0, "telling makes no database");
    std::fs::write(folder.path().join("userdex.db"), "").unwrap();
    let of_empty = run(folder.path(), &["migrate", "--status"]).good();
    assert_eq!(of_empty, status);
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
