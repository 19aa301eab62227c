//! An import that is killed leaves whole objects: each with its parts and its history, or not at all.

use std::io::Write as _;
use std::process::Stdio;

use serde_json::json;

use crate::kit::{Place, command, object};
use crate::support::server::{Kind, USERS, link, merged};

crate::on_both!(
    a_killed_import_leaves_no_half_object,
    an_interrupted_import_says_how_far_it_came,
);

/// Objects that are in the file; the program never comes to its end.
const OBJECTS: usize = 4000;

fn a_killed_import_leaves_no_half_object(kind: Kind) {
    let place = Place::new(kind);
    let group = |name: &str| {
        let body = json!({"Name": {"EN": name}});
        place.server.create("Systems_Security_Groups", &body)
    };
    let (one, two) = (group("One"), group("Two"));
    for atomic in [false, true] {
        let start = if atomic { "b" } else { "a" };
        let arguments: &[&str] = if atomic {
            &["-", "--atomic"]
        } else {
            &["-", "--batch", "50"]
        };
        let mut child = command(place.folder.path(), &place.server.url, arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // Standard input stays open, so that the import waits for more when it is killed.
        let mut input = child.stdin.take().unwrap();
        for number in 0..OBJECTS {
            let groups = json!([{"Group": link(&one)}, {"Group": link(&two)}]);
            let object = merged(
                object("create", &format!("{start}{number}")),
                json!({"Groups": groups}),
            );
            writeln!(input, "{object}").unwrap();
            if number == OBJECTS / 2 && !atomic {
                // Something is written before the end comes.
                while count(&place, start) == 0 {
                    std::thread::yield_now();
                }
                break;
            }
        }
        child.kill().unwrap();
        child.wait().unwrap();
        drop(input);
        let users = count(&place, start);
        if atomic {
            assert_eq!(users, 0);
            continue;
        }
        assert!(users > 0 && users < u64::try_from(OBJECTS).unwrap());
        let members = place.server.count("Systems_Security_UserGroups");
        assert_eq!(members, 2 * users);
        let changes =
            "Systems_Core_ObjectChanges?$filter=RepositoryName eq 'Systems.Security.Users'";
        assert_eq!(place.server.count(changes), users);
    }
}

fn count(place: &Place, start: &str) -> u64 {
    place
        .server
        .count(&format!("{USERS}?$filter=startswith(Login,'{start}')"))
}

fn an_interrupted_import_says_how_far_it_came(kind: Kind) {
    let place = Place::new(kind);
    let mut child = command(
        place.folder.path(),
        &place.server.url,
        &["-", "--batch", "20"],
    )
    .stdin(Stdio::piped())
    .stdout(Stdio::piped())
    .stderr(Stdio::piped())
    .spawn()
    .unwrap();
    let mut input = child.stdin.take().unwrap();
    let writing = std::thread::spawn(move || {
        // More than there is time for; the program goes away meanwhile.
        for number in 0..200_000 {
            if writeln!(input, "{}", object("create", &format!("i{number}"))).is_err() {
                return;
            }
        }
        panic!("everything was imported");
    });
    while count(&place, "i") == 0 {
        std::thread::yield_now();
    }
    let kill = format!("kill -INT {}", child.id());
    let status = std::process::Command::new("sh")
        .args(["-c", &kill])
        .status();
    assert!(status.unwrap().success());
    let output = child.wait_with_output().unwrap();
    writing.join().unwrap();
    let (out, err) = (
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    );
    assert_eq!(output.status.code(), Some(2), "{err}");
    let users = count(&place, "i");
    assert!(
        err.contains(&format!("was stopped after {users} objects")),
        "{err}"
    );
    assert!(
        out.starts_with(&format!("added     {users:>10}\n")),
        "{out}"
    );
}
