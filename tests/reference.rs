//! The committed reference pages are the ones that the program writes.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

/// The Markdown files of a folder by name.
fn pages(folder: &Path) -> std::io::Result<BTreeMap<String, String>> {
    let mut pages = BTreeMap::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "md") {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            pages.insert(name.into_owned(), std::fs::read_to_string(&path)?);
        }
    }
    Ok(pages)
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
    let made = pages(&fresh.path().join("reference")).unwrap();
    let committed = pages(&docs.join("reference")).unwrap();
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
    for name in ["ERRORS.md", "RULES.md"] {
        let text = |folder: &Path| std::fs::read_to_string(folder.join(name)).unwrap();
        let current = text(&docs) == text(fresh.path());
        assert!(
            current,
            "docs/{name} is not current: run `userdex model docs docs`"
        );
    }
}
