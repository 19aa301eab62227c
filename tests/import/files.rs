//! `userdex import`: files in every form, exit codes, and what is printed.

use std::io::Write as _;

use serde_json::{Value, json};

use crate::kit::{Place, Run, lines, logins, object};
use crate::support::server::{Kind, USERS, virtual_user, without};

crate::on_both!(
    exit_codes_say_how_much_was_done,
    a_dry_run_leaves_nothing,
    atomic_is_all_or_nothing,
    lines_may_leave_out_their_type,
    documents_and_archives_are_read,
    broken_lines_are_told_by_number,
    large_files_go_through,
    runs_are_in_the_audit_log,
);

fn users(range: std::ops::Range<usize>) -> Vec<Value> {
    range.map(|n| object("merge", &format!("u{n}"))).collect()
}

/// The numbers of the table, in its order.
fn numbers(run: &Run) -> Vec<u64> {
    let rows = ["added", "changed", "deleted", "unchanged", "refused"].into_iter();
    let row = |word: &str| {
        let number = run.out.lines().find_map(|line| line.strip_prefix(word));
        let number = number.unwrap_or_else(|| panic!("{run:?}"));
        number.trim().parse().unwrap()
    };
    rows.map(row).collect()
}

fn exit_codes_say_how_much_was_done(kind: Kind) {
    let place = Place::new(kind);
    let bad = object("create", &"x".repeat(65));
    let mut mixed = users(0..5);
    mixed.insert(2, bad.clone());
    place.file("mixed.ndjson", lines(&mixed));
    place.file("bad.ndjson", lines(&[bad]));
    place.file("good.ndjson", lines(&users(0..5)));
    place.file("empty.ndjson", "");
    for (file, code, expected) in [
        ("bad.ndjson", 1, [0, 0, 0, 0, 1]),
        ("mixed.ndjson", 2, [5, 0, 0, 0, 1]),
        ("good.ndjson", 0, [0, 0, 0, 5, 0]),
        ("empty.ndjson", 0, [0, 0, 0, 0, 0]),
    ] {
        let run = place.run(&[file], "");
        assert_eq!(
            (run.code, numbers(&run)),
            (code, expected.to_vec()),
            "{run:?}"
        );
        assert_eq!(
            run.out.contains("line 3: `Login`: "),
            file == "mixed.ndjson",
            "{run:?}"
        );
    }
    let quiet = place.run(&["mixed.ndjson", "--quiet"], "");
    assert_eq!((quiet.code, quiet.out.as_str()), (2, ""));
    assert!(quiet.err.contains("line 3: `Login`: "), "{quiet:?}");
    for (arguments, code) in [
        (&["nowhere.ndjson"][..], 1),
        (&["good.ndjson", "--set", "Nothing"], 1),
        (&["good.ndjson", "--action", "destroy"], 1),
        (&["good.ndjson", "--batch", "0"], 2),
        (&[], 2),
    ] {
        let run = place.run(arguments, "");
        assert_eq!((run.code, run.out.as_str()), (code, ""), "{run:?}");
    }
    let unnamed = place.file("users.txt", lines(&users(0..1)));
    assert!(
        place
            .run(&[unnamed.to_str().unwrap()], "")
            .err
            .contains("--format ndjson")
    );
    assert_eq!(place.run(&["users.txt", "--format", "ndjson"], "").code, 0);
}

fn a_dry_run_leaves_nothing(kind: Kind) {
    let place = Place::new(kind);
    place.server.create(USERS, &virtual_user("u1"));
    let mut objects = users(0..4);
    objects[2] = object("create", "u1");
    objects[3]["Notes"] = json!("x");
    place.server.create(USERS, &virtual_user("u3"));
    place.file("a.ndjson", lines(&objects));
    let changes = place.server.count("Systems_Core_ObjectChangesets");
    let before = place
        .server
        .rows(&format!("{USERS}?$select=Login,ObjectVersion"));
    let entries = place.server.count("Systems_Monitoring_AuditLogEntries");
    let run = place.run(&["a.ndjson", "--dry-run"], "");
    assert!(
        run.out
            .starts_with("Nothing was changed. What would be done:\n"),
        "{run:?}"
    );
    assert_eq!(
        (run.code, numbers(&run)),
        (2, vec![1, 1, 0, 1, 1]),
        "{run:?}"
    );
    let atomic = place.run(&["a.ndjson", "--dry-run", "--atomic"], "");
    assert_eq!(atomic.code, 1, "{atomic:?}");
    place.file("good.ndjson", lines(&users(0..4)));
    let atomic = place.run(&["good.ndjson", "--dry-run", "--atomic"], "");
    assert_eq!(
        (atomic.code, numbers(&atomic)),
        (0, vec![2, 0, 0, 2, 0]),
        "{atomic:?}"
    );
    assert_eq!(place.server.count("Systems_Core_ObjectChangesets"), changes);
    assert_eq!(
        place
            .server
            .rows(&format!("{USERS}?$select=Login,ObjectVersion")),
        before
    );
    assert_eq!(
        place.server.count("Systems_Monitoring_AuditLogEntries"),
        entries
    );
}

fn atomic_is_all_or_nothing(kind: Kind) {
    let place = Place::new(kind);
    let mut objects = users(0..1200);
    objects[1100]["Login"] = json!("x".repeat(65));
    place.file("bad.ndjson", lines(&objects));
    let run = place.run(&["bad.ndjson", "--atomic"], "");
    assert_eq!((run.code, numbers(&run)), (1, vec![0; 5]), "{run:?}");
    assert!(
        run.err.starts_with("error: line 1101: `Login`: "),
        "{run:?}"
    );
    assert_eq!(logins(&place.server, "u"), 0);
    place.file("good.ndjson", lines(&users(0..1200)));
    let run = place.run(&["good.ndjson", "--atomic"], "");
    assert_eq!(
        (run.code, numbers(&run)),
        (0, vec![1200, 0, 0, 0, 0]),
        "{run:?}"
    );
    assert_eq!(logins(&place.server, "u"), 1200);
}

fn lines_may_leave_out_their_type(kind: Kind) {
    let place = Place::new(kind);
    let bare = without(without(object("x", "ann"), "@odata.type"), "@erpnet.action");
    let text = lines(&[bare.clone(), bare]);
    let run = place.run(&["-"], &text);
    assert_eq!((run.code, numbers(&run)[4]), (1, 2), "{run:?}");
    assert!(run.out.contains("line 1: `@odata.type`: "), "{run:?}");
    let run = place.run(&["-", "--set", USERS], &text);
    assert_eq!(
        (run.code, numbers(&run)),
        (2, vec![1, 0, 0, 0, 1]),
        "{run:?}"
    );
    let run = place.run(
        &[
            "-",
            "--type",
            "Erp.Systems_Security_User",
            "--action",
            "merge",
        ],
        &text,
    );
    assert_eq!(
        (run.code, numbers(&run)),
        (0, vec![0, 0, 0, 2, 0]),
        "{run:?}"
    );
}

fn documents_and_archives_are_read(kind: Kind) {
    let place = Place::new(kind);
    let whole = json!({"transaction": "all-objects",
        "objects": [object("create", "d0"), object("create", "d0")]});
    place.file("whole.json", whole.to_string());
    let run = place.run(&["whole.json"], "");
    assert_eq!(run.code, 1, "{run:?}");
    assert!(run.err.starts_with("error: objects/1: "), "{run:?}");
    let each = json!({"objects": [object("create", "d0"), object("create", "d0")]});
    let run = place.run(&["-", "--format", "json"], &each.to_string());
    assert_eq!(
        (run.code, numbers(&run)),
        (2, vec![1, 0, 0, 0, 1]),
        "{run:?}"
    );
    let document = json!({"objects": [object("merge", "z1")]}).to_string();
    let files = [("deep/../a.json", document.as_str()), ("b.ndjson", "{\n")];
    place.file("all.zip", archive(&files));
    let run = place.run(&["all.zip"], "");
    assert_eq!(
        (run.code, numbers(&run)),
        (2, vec![1, 0, 0, 0, 1]),
        "{run:?}"
    );
    assert!(run.out.contains("  b.ndjson, line 1: the body "), "{run:?}");
    place.file("other.zip", archive(&[("a.exe", "x")]));
    let run = place.run(&["other.zip"], "");
    assert!(run.code == 1 && run.err.contains("`a.exe`"), "{run:?}");
    let text = whole.to_string();
    place.file("whole.zip", archive(&[("whole.json", text.as_str())]));
    assert!(place.run(&["whole.zip"], "").err.contains("`--atomic`"));
    place.file("broken.zip", "PK no archive");
    assert_eq!(place.run(&["broken.zip"], "").code, 1);
}

fn archive(files: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in files {
        let options = zip::write::SimpleFileOptions::default();
        writer.start_file(*name, options).unwrap();
        writer.write_all(text.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn broken_lines_are_told_by_number(kind: Kind) {
    let place = Place::new(kind);
    let (one, two) = (object("create", "a1"), object("create", "a2"));
    let text = format!("\u{feff}{one}\r\n\n{{\"Login\":\n[1]\n\u{1}\n{two}");
    let run = place.run(&["-"], &text);
    assert_eq!(
        (run.code, numbers(&run)),
        (2, vec![2, 0, 0, 0, 3]),
        "{run:?}"
    );
    for line in [
        "line 3: the body ends",
        "line 4: an object is wanted",
        "line 5: the body is not",
    ] {
        assert!(run.out.contains(line), "{line} {run:?}");
    }
}

fn large_files_go_through(kind: Kind) {
    let place = Place::new(kind);
    let mut objects = users(0..3000);
    objects[2999] = object("create", "u7");
    place.file("large.ndjson", lines(&objects));
    let run = place.run(&["large.ndjson", "--batch", "128"], "");
    assert_eq!(
        (run.code, numbers(&run)),
        (2, vec![2999, 0, 0, 0, 1]),
        "{run:?}"
    );
    assert_eq!(logins(&place.server, "u"), 2999);
}

fn runs_are_in_the_audit_log(kind: Kind) {
    let place = Place::new(kind);
    let file = place.file("people.ndjson", lines(&users(0..2)));
    assert_eq!(place.run(&[file.to_str().unwrap()], "").code, 0);
    let filter = "Systems_Monitoring_AuditLogEntries?$filter=EventName eq 'Imported'";
    let rows = place.server.rows(&format!("{filter}&$select=Details"));
    assert_eq!(rows.len(), 1);
    let details = rows[0]["Details"].as_str().unwrap();
    assert!(details.contains(r#""file":"people.ndjson""#), "{details}");
    assert!(details.contains(r#""added":2"#), "{details}");
}
