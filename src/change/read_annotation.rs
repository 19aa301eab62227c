//! Annotations of a payload, in the draft.

use uuid::Uuid;

use super::annotation::Term;
use super::draft::{Action, Draft, Link, SearchKeys, Secret};
use super::json::Json;
use super::read::Reader;
use crate::diag::{Code, Problem};
use crate::model::{CollectionId, PropertyId};

impl Reader<'_, '_> {
    pub(super) fn annotation(&mut self, draft: &mut Draft, term: Term, name: &str, json: &Json) {
        let path = draft.path.clone();
        match term {
            Term::Echo | Term::Type | Term::Removed => {}
            Term::Bind | Term::Delta => self.unknown_annotation(&path, name),
            Term::Id => match json.text() {
                Some(text) => match self.setting.address(draft.entity, text) {
                    Ok((_, guid)) => self.set_id(draft, guid, name),
                    Err(problem) => self.fault(&path, name, problem),
                },
                None => self.wants_text(&path, name, json),
            },
            Term::Action => {
                let word = json.text().unwrap_or_default();
                let found = Action::ALL.iter().find(|(known, _)| *known == word);
                match found {
                    Some((_, action)) => draft.action = Some(*action),
                    None => {
                        let words: Vec<_> = Action::ALL.iter().map(|(w, _)| *w).collect();
                        let message = format!("there is no action `{word}`");
                        let problem = Problem::new(Code::InvalidValue, message);
                        let help = format!("the actions are {}", words.join(", "));
                        self.fault(&path, name, problem.help(help));
                    }
                }
            }
            Term::FindBy => draft.find_by = self.search_keys(&path, name, json),
            Term::InitialPassword => match json.text() {
                Some(text) => draft.secret = Some(Secret::Plain(text.to_owned())),
                None => self.wants_text(&path, name, json),
            },
            Term::PasswordHash => {
                let member = |key| json.member(key).and_then(Json::text).map(str::to_owned);
                match (member("hash"), member("format")) {
                    (Some(text), Some(format)) => {
                        draft.secret = Some(Secret::Hash { text, format });
                    }
                    _ => {
                        let message = "a password hash is `{\"hash\":…,\"format\":…}`";
                        let problem = Problem::new(Code::InvalidPayload, message);
                        self.fault(&path, name, problem);
                    }
                }
            }
        }
    }

    pub(super) fn wants_text(&mut self, path: &str, name: &str, json: &Json) {
        let message = format!("`{name}` takes a text, not {}", json.noun());
        self.fault(path, name, Problem::new(Code::TypeMismatch, message));
    }

    /// `{"ExternalId":…,"ExternalSystem":…,"Id":…,"Code":…,"Name":…,"DisplayText":…}`
    fn search_keys(&mut self, path: &str, name: &str, json: &Json) -> Option<SearchKeys> {
        let mut keys = SearchKeys::default();
        let Some(members) = json.members() else {
            let message = format!("`{name}` takes an object, not {}", json.noun());
            self.fault(path, name, Problem::new(Code::TypeMismatch, message));
            return None;
        };
        for (key, json) in members {
            let target = format!("{name}/{key}");
            let Some(text) = json.text() else {
                self.wants_text(path, &target, json);
                continue;
            };
            let text = text.to_owned();
            match key.as_str() {
                "ExternalId" => keys.external_id = Some(text),
                "ExternalSystem" => keys.external_system = Some(text),
                "Code" => keys.code = Some(text),
                "Name" => keys.name = Some(text),
                "DisplayText" => keys.display_text = Some(text),
                "Id" => match Uuid::try_parse(&text) {
                    Ok(guid) => keys.id = Some(guid),
                    Err(_) => {
                        let problem = Problem::new(Code::InvalidValue, "`Id` takes a guid");
                        self.fault(path, &target, problem);
                    }
                },
                other => {
                    let message = format!("nothing is found by `{other}`");
                    let problem = Problem::new(Code::UnknownProperty, message);
                    let help = "it takes ExternalId, ExternalSystem, Id, Code, Name, DisplayText";
                    self.fault(path, &target, problem.help(help));
                }
            }
        }
        Some(keys)
    }

    /// An annotation of a property: `Person@odata.bind`, `Groups@delta`.
    pub(super) fn property_annotation(
        &mut self,
        draft: &mut Draft,
        name: &str,
        term: Term,
        json: &Json,
    ) {
        let entity = self.entity(draft.entity);
        let text = format!("{name}@{}", word(term));
        match (term, entity.property(name)) {
            (_, None) => self.property(draft, name, json, None),
            (Term::Echo | Term::Type, Some(_)) => {}
            (Term::Bind, Some(PropertyId::Reference(id))) => {
                let target = entity.reference(id).target;
                match json {
                    Json::Null => self.link(draft, id, Link::Null, false),
                    Json::Text(address) => match self.setting.address(target, address) {
                        Ok((of, guid)) => self.link(draft, id, Link::To(of, guid), false),
                        Err(problem) => self.fault(&draft.path, &text, problem),
                    },
                    Json::Boolean(_) | Json::Number(_) | Json::List(_) | Json::Object(_) => {
                        self.wants_text(&draft.path, &text, json);
                    }
                }
            }
            (Term::Bind, Some(PropertyId::Collection(id))) => self.bind_all(draft, id, &text, json),
            (Term::Delta, Some(PropertyId::Collection(id))) => {
                self.collection(draft, id, json, true);
            }
            (
                Term::Bind
                | Term::Delta
                | Term::Id
                | Term::Removed
                | Term::Action
                | Term::FindBy
                | Term::InitialPassword
                | Term::PasswordHash,
                Some(_),
            ) => self.unknown_annotation(&draft.path, &text),
        }
    }

    /// `Groups@odata.bind: [address, …]`: objects that are there already become children.
    fn bind_all(&mut self, draft: &mut Draft, id: CollectionId, name: &str, json: &Json) {
        let Json::List(items) = json else {
            let message = format!("`{name}` takes a list, not {}", json.noun());
            let problem = Problem::new(Code::TypeMismatch, message);
            return self.fault(&draft.path, name, problem);
        };
        let as_objects = items.iter().map(|item| {
            let address = ("@odata.id".to_owned(), item.clone());
            let action = ("@erpnet.action".to_owned(), Json::Text("update".to_owned()));
            Json::Object(vec![address, action])
        });
        self.collection(draft, id, &Json::List(as_objects.collect()), true);
    }
}

/// The word of an annotation of a property, for messages.
const fn word(term: Term) -> &'static str {
    match term {
        Term::Bind => "odata.bind",
        Term::Delta => "delta",
        Term::Id => "odata.id",
        Term::Type => "odata.type",
        Term::Removed => "removed",
        Term::Action => "erpnet.action",
        Term::FindBy => "erpnet.findBy",
        Term::InitialPassword => "ext.initialPassword",
        Term::PasswordHash => "ext.passwordHash",
        Term::Echo => "odata",
    }
}
