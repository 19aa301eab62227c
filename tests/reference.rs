//! The committed reference pages are the ones that the program writes.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

/// The Markdown files of a folder by name.
fn pages(folder: &Path) -> BTreeMap<String, String> {
    let entries = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let pages = entries
        .filter(|path| path.extension().is_some_and(|e| e == "md"))
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read_to_string(&path).unwrap())
        });
    pages.collect()
}

#[test]
fn the_committed_pages_are_current() {
    let fresh = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_userdex"));
    let output = command
        .args(["model", "docs"])
        .arg(fresh.path())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let made = pages(&fresh.path().join("reference"));
    let committed = pages(&docs.join("reference"));
    let names = |pages: &BTreeMap<String, String>| pages.keys().cloned().collect::<Vec<_>>();
    assert_eq!(
        names(&committed),
        names(&made),
        "run `userdex model docs docs`"
    );
    for (name, text) in &made {
        let current = committed.get(name) == Some(text);
        assert!(
            current,
            "docs/reference/{name} is not current: run `userdex model docs docs`"
        );
    }
    let errors = |folder: &Path| std::fs::read_to_string(folder.join("ERRORS.md")).unwrap();
    let current = errors(&docs) == errors(fresh.path());
    assert!(
        current,
        "docs/ERRORS.md is not current: run `userdex model docs docs`"
    );
}
