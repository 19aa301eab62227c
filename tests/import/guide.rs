//! `docs/import.md`: every line of it works as it stands there.

use serde_json::Value;

use crate::kit::{Place, states};
use crate::support::curl::{self, Names};
use crate::support::server::Kind;
use crate::support::tester;

crate::on_both!(every_line_works);

const GUIDE: &str = include_str!("../../docs/import.md");

/// The texts between fences of a language.
fn fenced(language: &str) -> Vec<String> {
    let start = format!("```{language}\n");
    let blocks = GUIDE.split(&start).skip(1);
    blocks
        .map(|block| block.split("```").next().unwrap().to_owned())
        .collect()
}

fn every_line_works(kind: Kind) {
    let place = Place::new(kind);
    let documents = fenced("json");
    let [document, answer] = documents.as_slice() else {
        panic!("a document and its answer: {documents:?}");
    };
    let body: Value = serde_json::from_str(document).unwrap();
    let shown: Value = serde_json::from_str(answer).unwrap();
    let names: Names = vec![
        ("ROOT", "/api/domain/odata".to_owned()),
        (
            "AUTH",
            format!(
                "Authorization: {}",
                tester::authorization(place.server.address).unwrap()
            ),
        ),
        ("people.json", document.clone()),
    ];
    let [line] = &curl::lines(GUIDE)[..] else {
        panic!("one line sends the document");
    };
    let call = curl::call(line, &names);
    assert_eq!(
        serde_json::from_str::<Value>(call.body.as_deref().unwrap()).unwrap(),
        body
    );
    let got = call.request(place.server.address).expect(200).json();
    assert_eq!(states(&got), states(&shown), "{got}");
    let members =
        |value: &Value| -> Vec<String> { value.as_object().unwrap().keys().cloned().collect() };
    assert_eq!(members(&got), members(&shown));
    let [lines] = &fenced("ndjson")[..] else {
        panic!("one file of lines");
    };
    place.file("people.ndjson", lines);
    place.file("people.json", document);
    let mut ran = 0;
    for block in fenced("sh") {
        for line in block
            .lines()
            .filter(|line| line.starts_with("userdex import "))
        {
            let words: Vec<_> = line.split(' ').skip(2).collect();
            let (words, input) = match words.iter().position(|word| *word == "<") {
                Some(at) => (&words[..at], lines.as_str()),
                None => (&words[..], ""),
            };
            let run = place.run(words, input);
            assert_eq!(run.code, 0, "{line}\n{run:?}");
            ran += 1;
        }
    }
    assert!(ran >= 4, "{ran}");
}
