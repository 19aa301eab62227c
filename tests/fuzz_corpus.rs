//! Replays the fuzzers' corpus on the stable toolchain: no text makes the parser panic, and what is
//! read prints and reads again as the same tree.

use std::path::Path;
use std::{fs, io};

use userdex::bind::{Rights, bind};
use userdex::change::{Json, Reading};
use userdex::diag::Code;
use userdex::model::Model;
use userdex::plan::{Context, Plan, QueryLimits, TokenKey, TopMeaning};
use userdex::sql::{DialectName, text};
use userdex::syntax::{
    Limits, parse_expression, parse_path, parse_query, parse_request, print_expression,
    print_request,
};
use userdex::value::{Language, Timestamp};

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

#[test]
fn requests() {
    let model = Model::shipped().unwrap();
    let context = Context {
        language: Language::default(),
        now: Timestamp::from_micros(0),
        limits: QueryLimits::default(),
        top: TopMeaning::Total,
        max_page_size: None,
        default_references: true,
        tells_types: true,
        strict_filters: false,
        truncate_datetime: false,
        server_paging: true,
        token_key: TokenKey::new([0; 32]),
        schema_version: None,
    };
    let mut bound = 0;
    for address in corpus("bind").unwrap() {
        for address in beginnings(&address) {
            let (path, query) = address.split_once('?').unwrap_or((address, ""));
            let Ok(request) = parse_request(path, query, &Limits::default()) else {
                continue;
            };
            match bind(&model, &request, &context, &Rights::unrestricted()) {
                Ok(Plan::Read(plan)) => {
                    for dialect in [DialectName::Sqlite, DialectName::Postgres] {
                        assert!(text(&model, &plan.query, None, dialect).starts_with("SELECT"));
                    }
                    bound += 1;
                }
                Ok(Plan::ServiceDocument | Plan::Metadata | Plan::Call(_)) => {}
                Err(problem) => assert_ne!(problem.code(), Code::Internal, "{problem:?}"),
            }
        }
    }
    assert!(bound > 50, "only {bound} of the requests were bound");
}

#[test]
fn payloads() {
    let model = Model::shipped().unwrap();
    let reading = |strict| Reading {
        model: &model,
        names: &|name| (name == "$1").then(|| "Systems_Security_Users(x)".to_owned()),
        strict,
        replace_collections: strict,
    };
    let (lenient, strict) = (reading(false), reading(true));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus/payload");
    let mut read = 0;
    for file in fs::read_dir(folder).unwrap() {
        let whole = fs::read(file.unwrap().path()).unwrap();
        // Every beginning of it, and the whole without one byte.
        let beginnings = (0..=whole.len()).map(|end| whole[..end].to_vec());
        let gaps = (0..whole.len()).map(|at| [&whole[..at], &whole[at + 1..]].concat());
        for body in beginnings.chain(gaps) {
            let tree = match Json::parse(&body) {
                Ok(tree) => tree,
                Err(problem) => {
                    assert_eq!(problem.code().status(), 400, "{problem:?}");
                    continue;
                }
            };
            // A whole one for every entity, the others for one in eight.
            let many = if body.len() == whole.len() { 1 } else { 8 };
            for (entity, of) in model.entities().skip(body.len() % many).step_by(many) {
                let attribute = of.attribute_ids().next().unwrap().0;
                let outcomes = [
                    lenient.object(entity, &tree),
                    strict.object(entity, &tree),
                    strict.property(entity, attribute, &tree),
                ];
                for outcome in outcomes {
                    match outcome {
                        Ok(_) => read += 1,
                        Err(problem) => {
                            assert!(problem.code().status() < 500, "{problem:?}");
                        }
                    }
                }
                if let Err(problem) = lenient.link(entity, &tree) {
                    assert!(problem.code().status() < 500, "{problem:?}");
                }
            }
        }
    }
    assert!(read > 8, "only {read} were payloads");
}
