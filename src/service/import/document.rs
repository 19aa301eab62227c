//! Import documents: `{"transaction":…,"model":…,"loggingLevel":…,"objects":[…]}`.

use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::ImportTransaction;
use crate::change::Json;
use crate::diag::{Code, Problem, Result};

/// What a document has.
const MEMBERS: [&str; 4] = ["transaction", "model", "loggingLevel", "objects"];
/// The annotation of a password that has to be hashed.
const PASSWORD: &str = "@ext.initialPassword";

/// An import document that was read; its objects are texts still.
#[derive(Debug)]
pub struct ImportDocument {
    /// Which objects are written together: each by itself where the document does not say.
    pub transaction: ImportTransaction,
    /// What the log of the answer tells: 0 nothing, 1 what was refused, 2 every object.
    pub logging: u8,
    /// The objects.
    pub objects: Vec<Bytes>,
    /// Passwords in plain text, which take long to hash.
    pub(super) passwords: usize,
}

/// The objects of a document as texts.
#[derive(Deserialize)]
struct Texts<'t> {
    #[serde(borrow)]
    objects: Vec<&'t RawValue>,
}

impl ImportDocument {
    /// Reads a document.
    ///
    /// # Errors
    ///
    /// Every fault of its form; what is wrong with an object is that object's.
    pub fn parse(text: &Bytes) -> Result<Self> {
        let json = Json::parse(text)?;
        let Some(members) = json.members() else {
            let message = format!("an import is an object, not {}", json.noun());
            return Err(Problem::new(Code::InvalidPayload, message));
        };
        let mut faults = Faults(Vec::new());
        for (name, _) in members {
            if !MEMBERS.contains(&name.as_str()) {
                let message = format!("an import has no member `{name}`");
                let problem = Problem::new(Code::UnknownProperty, message);
                let help = format!("its members are {}", MEMBERS.join(", "));
                faults.add(name, problem.help(help));
            }
        }
        for name in MEMBERS {
            if members.iter().filter(|(known, _)| known == name).count() > 1 {
                let message = format!("`{name}` is given twice");
                faults.add(name, Problem::new(Code::DuplicateProperty, message));
            }
        }
        let given = |name: &str| json.member(name).filter(|json| **json != Json::Null);
        let transactions = ["per-object", "all-objects"];
        let transaction = faults.word(&given, "transaction", &transactions);
        // Rules of single attributes, which is what `frontend` runs beside, are not in the model.
        faults.word(&given, "model", &["frontend", "common"]);
        let logging = faults.level(given("loggingLevel"));
        let passwords = match given("objects") {
            Some(Json::List(items)) => items.iter().map(passwords).sum(),
            Some(other) => {
                let message = format!("`objects` takes a list, not {}", other.noun());
                faults.add("objects", Problem::new(Code::TypeMismatch, message));
                0
            }
            None => {
                let problem = Problem::new(Code::InvalidPayload, "`objects` is missing");
                faults.add("objects", problem);
                0
            }
        };
        if let Some(problem) = Problem::all(faults.0) {
            return Err(problem);
        }
        Ok(Self {
            transaction: match transaction {
                Some("all-objects") => ImportTransaction::AllObjects,
                Some(_) | None => ImportTransaction::PerObject,
            },
            logging,
            objects: texts(text)?,
            passwords,
        })
    }
}

/// What is wrong with a document.
struct Faults(Vec<Problem>);

impl Faults {
    fn add(&mut self, name: &str, problem: Problem) {
        self.0.push(problem.about(name));
    }

    /// One of some words.
    fn word<'j>(
        &mut self,
        given: &impl Fn(&str) -> Option<&'j Json>,
        name: &str,
        words: &[&str],
    ) -> Option<&'j str> {
        let json = given(name)?;
        let Some(text) = json.text() else {
            let message = format!("`{name}` takes a text, not {}", json.noun());
            self.add(name, Problem::new(Code::TypeMismatch, message));
            return None;
        };
        if !words.contains(&text) {
            let message = format!("`{name}` is {}", words.join(" or "));
            self.add(name, Problem::new(Code::InvalidValue, message));
        }
        Some(text)
    }

    fn level(&mut self, given: Option<&Json>) -> u8 {
        let name = "loggingLevel";
        let level = match given {
            None => Some(0),
            Some(Json::Number(number)) => number.as_u64().filter(|n| *n <= 2),
            Some(other) => {
                let message = format!("`{name}` takes a number, not {}", other.noun());
                self.add(name, Problem::new(Code::TypeMismatch, message));
                return 0;
            }
        };
        match level.and_then(|level| u8::try_from(level).ok()) {
            Some(level) => level,
            None => {
                let message = format!("`{name}` is 0, 1 or 2");
                self.add(name, Problem::new(Code::InvalidValue, message));
                0
            }
        }
    }
}

/// The objects of a document, as the text has them.
fn texts(text: &Bytes) -> Result<Vec<Bytes>> {
    let bare = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    let texts: Texts<'_> = serde_json::from_slice(bare).map_err(|e| {
        let message = "the import cannot be cut into objects";
        Problem::new(Code::Internal, message).log(e.to_string())
    })?;
    let cut = |raw: &&RawValue| text.slice_ref(raw.get().as_bytes());
    Ok(texts.objects.iter().map(cut).collect())
}

/// How many passwords a value brings.
fn passwords(json: &Json) -> usize {
    match json {
        Json::Object(members) => members
            .iter()
            .map(|(name, json)| usize::from(name == PASSWORD).saturating_add(passwords(json)))
            .sum(),
        Json::List(items) => items.iter().map(passwords).sum(),
        Json::Null | Json::Boolean(_) | Json::Number(_) | Json::Text(_) => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<ImportDocument> {
        ImportDocument::parse(&Bytes::copy_from_slice(text.as_bytes()))
    }

    #[test]
    fn defaults_are_the_careful_ones() {
        let read = parse(r#"{"objects":[ {"A":1} , 2 ],"model":null}"#).unwrap();
        assert_eq!(read.transaction, ImportTransaction::PerObject);
        assert_eq!((read.logging, read.passwords), (0, 0));
        assert_eq!(read.objects, [&b"{\"A\":1}"[..], b"2"]);
        let read = parse(
            r#"{"objects":[{"@ext.initialPassword":"x","B":[{"\u0040ext.initialPassword":"y"}]}],
                "transaction":"all-objects","loggingLevel":2,"model":"common"}"#,
        );
        let read = read.unwrap();
        assert_eq!(read.transaction, ImportTransaction::AllObjects);
        assert_eq!((read.logging, read.passwords), (2, 2));
    }

    #[test]
    fn every_fault_of_the_form_is_told() {
        for (text, faults) in [
            ("[]", &[(Code::InvalidPayload, None)][..]),
            ("{", &[(Code::SyntaxError, None)]),
            ("{}", &[(Code::InvalidPayload, Some("objects"))]),
            (
                r#"{"objects":{},"transaction":1,"model":"x","loggingLevel":3,"more":1}"#,
                &[
                    (Code::UnknownProperty, Some("more")),
                    (Code::TypeMismatch, Some("transaction")),
                    (Code::InvalidValue, Some("model")),
                    (Code::InvalidValue, Some("loggingLevel")),
                    (Code::TypeMismatch, Some("objects")),
                ],
            ),
            (
                r#"{"objects":[],"objects":[],"loggingLevel":"1"}"#,
                &[
                    (Code::DuplicateProperty, Some("objects")),
                    (Code::TypeMismatch, Some("loggingLevel")),
                ],
            ),
        ] {
            let problem = parse(text).unwrap_err();
            let all = std::iter::once(&problem).chain(problem.details());
            let all: Vec<_> = all.map(|p| (p.code(), p.target())).collect();
            assert_eq!(all, faults, "{text}");
        }
    }
}
