//! Users, their tokens, the keys, and what the doctor says of them.

use crate::kit::{demo, nowhere, run};

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
