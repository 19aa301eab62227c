//! Broken metadata: each file of `tests/model_faults` is loaded with the small model of
//! `tests/fixtures/model` and must give exactly the faults that it lists.
//!
//! A line `#! 5:12 message` names the place and the message (with its help after `; `).

#![allow(clippy::unwrap_used, reason = "helpers of tests stop the test")]

use std::fs;
use std::path::{Path, PathBuf};

use userdex::model::{Default, DisplayPart, MemberPath, Model, PropertyId, print_entity};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests")
        .join(name)
}

fn files(name: &str) -> Vec<(String, String)> {
    let mut files: Vec<_> = fs::read_dir(folder(name))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, fs::read_to_string(&path).unwrap())
        })
        .collect();
    files.sort();
    files
}

/// The faults of the small model with one more file, which replaces one of the same name.
fn faults(name: &str, text: &str) -> Vec<String> {
    let small = files("fixtures/model");
    let mut all: Vec<_> = small
        .iter()
        .filter(|(other, _)| other != name)
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    all.push((name, text));
    match Model::load(&all) {
        Ok(_) => Vec::new(),
        Err(faults) => faults.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn each_broken_file_gives_its_faults() {
    let all = files("model_faults");
    assert!(all.len() >= 8, "the samples are missing");
    for (name, text) in all {
        let shared = ["methods", "system"]
            .into_iter()
            .find(|shared| name.starts_with(shared));
        let file = shared.map_or(name.clone(), |shared| format!("{shared}.yaml"));
        let expected: Vec<_> = text
            .lines()
            .filter_map(|line| line.strip_prefix("#! "))
            .filter_map(|line| line.split_once(' '))
            .map(|(place, message)| format!("{file}:{place}: {message}"))
            .collect();
        assert_eq!(faults(&file, &text), expected, "{name}");
    }
}

#[test]
fn the_small_model_loads() {
    let model = Model::load_dir(&folder("fixtures/model")).unwrap();
    assert_eq!(model.entities().count(), 7);
    assert_eq!(model.methods().len(), 4);
    let members = model.repository("Demo.Library.Members").unwrap();
    insta::assert_snapshot!("members", print_entity(&model, members));
    let books = model.entity(model.repository("Demo.Library.Books").unwrap());
    let Some(PropertyId::Collection(loans)) = books.property("Loans") else {
        panic!("no loans")
    };
    assert!(!books.collection(loans).owned);
}

#[test]
fn search_looks_into_the_texts_of_the_display_format() {
    let model = Model::load_dir(&folder("fixtures/model")).unwrap();
    let words = |entity: &str| -> Vec<String> {
        let start = model.entity(model.repository(entity).unwrap());
        let name = |path: &MemberPath| {
            let (mut at, mut names) = (start, Vec::new());
            for reference in &path.references {
                let reference = at.reference(*reference);
                names.push(reference.name.as_str());
                at = model.entity(reference.target);
            }
            names.push(at.attribute(path.attribute).name.as_str());
            names.join(".")
        };
        start.search.iter().map(name).collect()
    };
    assert_eq!(words("Demo.Library.Members"), ["Login", "Name"]);
    assert_eq!(words("Demo.Library.Books"), ["Isbn", "Title"]);
    // `{Book}` is the display text of the book, whose pages are no text.
    assert_eq!(words("Demo.Library.Loans"), ["Member.Name", "Book.Title"]);
}

#[test]
fn display_formats_are_taken_apart() {
    let model = Model::load_dir(&folder("fixtures/model")).unwrap();
    let loans = model.entity(model.repository("Demo.Library.Loans").unwrap());
    let [
        DisplayPart::Member(name),
        DisplayPart::Literal(colon),
        DisplayPart::Reference(_, book),
    ] = loans.display.as_slice()
    else {
        panic!("{:?}", loans.display);
    };
    assert_eq!((name.references.len(), colon.as_str()), (1, ": "));
    assert!(
        matches!(
            book.as_slice(),
            [DisplayPart::Member(_), DisplayPart::Literal(_), ..]
        ),
        "{book:?}"
    );
}

#[test]
fn an_inherited_line_takes_all_but_its_default() {
    let model = Model::load_dir(&folder("fixtures/model")).unwrap();
    let kind = |entity: &str| {
        let entity = model.entity(model.repository(entity).unwrap());
        let found = entity.attributes.iter().find(|a| a.name == "Kind").unwrap();
        (
            found.default.clone(),
            found.inherited,
            found.column.clone(),
            found.enumeration,
        )
    };
    let (base, derived) = (kind("Demo.Library.Works"), kind("Demo.Library.Books"));
    assert_eq!(
        (base.0, base.1),
        (Some(Default::Constant("Book".to_owned())), false)
    );
    assert_eq!(
        (derived.0, derived.1),
        (Some(Default::Constant("Map".to_owned())), true)
    );
    assert_eq!((base.2, base.3), (derived.2, derived.3));
}

#[test]
fn a_missing_folder_is_a_fault() {
    let faults = Model::load_dir(&folder("no such folder")).unwrap_err();
    assert_eq!(faults.len(), 1);
    assert!(
        faults[0].message.starts_with("cannot be read"),
        "{}",
        faults[0]
    );
}

#[test]
fn no_metadata_is_a_fault() {
    let faults = Model::load(&[]).unwrap_err();
    assert_eq!(faults[0].message, "there is no entity in the metadata");
}

#[test]
fn a_fault_of_one_file_does_not_hide_those_of_another() {
    let broken = [("a.yaml", "entity: [\n"), ("b.yaml", "entitty: A.B\n")];
    let faults = Model::load(&broken).unwrap_err();
    let mut named: Vec<_> = faults.iter().map(|fault| fault.file.as_str()).collect();
    named.dedup();
    assert_eq!(named, ["a.yaml", "b.yaml"]);
}

#[test]
fn a_file_without_one_of_its_lines_is_read_or_refused() {
    let name = "Demo.Library.Loans.yaml";
    let (_, text) = files("fixtures/model")
        .into_iter()
        .find(|(file, _)| file == name)
        .unwrap();
    let lines: Vec<_> = text.lines().collect();
    let mut refused = 0;
    for left_out in 0..lines.len() {
        let mut kept = lines.clone();
        kept.remove(left_out);
        let faults = faults(name, &kept.join("\n"));
        refused += usize::from(!faults.is_empty());
        assert!(
            faults.iter().all(|fault| fault.contains(".yaml:")),
            "{faults:?}"
        );
    }
    assert!(refused > 10, "{refused}");
}
