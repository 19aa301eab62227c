//! Replays the fuzzers' corpus on the stable toolchain: no text makes the parser panic, and what is
//! read prints and reads again as the same tree.

use std::path::Path;
use std::{fs, io};

use userdex::syntax::{
    Limits, parse_expression, parse_path, parse_query, parse_request, print_expression,
    print_request,
};

/// The texts of one target.
fn corpus(target: &str) -> io::Result<Vec<String>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/corpus")
        .join(target);
    let mut texts = Vec::new();
    for entry in fs::read_dir(folder)? {
        texts.push(String::from_utf8_lossy(&fs::read(entry?.path())?).into_owned());
    }
    assert!(!texts.is_empty(), "the corpus of {target} is empty");
    Ok(texts)
}

/// Every text, and every beginning of it.
fn beginnings(text: &str) -> impl Iterator<Item = &str> {
    (0..=text.len()).filter_map(|end| text.get(..end))
}

#[test]
fn filters() {
    let limits = Limits::default();
    for text in corpus("filter").unwrap() {
        for text in beginnings(&text) {
            let Ok(node) = parse_expression(text, &limits) else {
                continue;
            };
            let again = parse_expression(&print_expression(&node), &limits);
            assert_eq!(again.unwrap(), node, "{text}");
        }
    }
}

#[test]
fn queries() {
    let limits = Limits::default();
    for text in corpus("query").unwrap() {
        for text in beginnings(&text) {
            let Ok(options) = parse_query(text, &limits) else {
                continue;
            };
            let request = parse_request("", text, &limits).unwrap();
            let printed = print_request(&request);
            let again = parse_query(printed.strip_prefix('?').unwrap_or_default(), &limits);
            assert_eq!(again.unwrap(), options, "{text}");
        }
    }
}

#[test]
fn paths() {
    let limits = Limits::default();
    for text in corpus("path").unwrap() {
        for text in beginnings(&text) {
            let Ok((decoded, path)) = parse_path(text, &limits) else {
                continue;
            };
            let request = parse_request(text, "", &limits).unwrap();
            assert_eq!(
                (request.path_text.as_str(), &request.path),
                (decoded.as_str(), &path)
            );
            let (_, again) = parse_path(&print_request(&request), &limits).unwrap();
            assert_eq!(again, path, "{text}");
        }
    }
}
