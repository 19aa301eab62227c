//! The committed OpenAPI document is the one that the program prints.

use std::process::Command;

#[test]
fn the_committed_document_is_current() {
    let output = Command::new(env!("CARGO_BIN_EXE_userdex"))
        .arg("openapi")
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let printed = String::from_utf8(output.stdout).unwrap();
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi/openapi.json");
    let committed = std::fs::read_to_string(file).unwrap();
    assert!(
        printed == committed,
        "openapi/openapi.json is not current: run `userdex openapi --output openapi/openapi.json`"
    );
}
