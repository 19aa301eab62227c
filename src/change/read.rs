//! A payload and the model → a draft. Every fault of the payload is found, not only the first.

use std::collections::HashSet;

use uuid::Uuid;

use super::annotation::{self, MemberName, Term, member_name};
use super::draft::{Draft, Given};
use super::json::Json;
use super::{custom, value};
use crate::diag::{Code, Problem, Result, nearest};
use crate::model::{
    Attribute, AttributeId, AttributeRole, Entity, EntityId, Model, PropertyId, ReferenceId,
    split_address,
};
use crate::value::Value;

/// Faults of one payload after which no more are looked for.
pub(super) const ENOUGH: usize = 1000;

/// What reading a payload needs to know.
pub struct Reading<'a> {
    /// The model.
    pub model: &'a Model,
    /// What `$id` stands for: the address of what an earlier request of the batch created.
    pub names: &'a dyn Fn(&str) -> Option<String>,
    /// Whether read-only values are refused instead of ignored.
    pub strict: bool,
    /// Whether a collection that is given in a change is the whole collection (OData 4.01).
    pub replace_collections: bool,
}

/// What a payload turned out to be.
#[derive(Debug)]
pub struct Read {
    /// The object.
    pub draft: Draft,
    /// Values that are ignored because they are read only.
    pub warnings: Vec<Problem>,
}

impl std::fmt::Debug for Reading<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reading").finish_non_exhaustive()
    }
}

impl Reading<'_> {
    /// Reads the payload of an object.
    ///
    /// # Errors
    ///
    /// Every fault that can be seen without the database, the first with the others as details.
    pub fn object(&self, entity: EntityId, payload: &Json) -> Result<Read> {
        let mut reader = Reader::new(self);
        reader.repeated(payload);
        let draft = reader.object(entity, payload, String::new(), None);
        // What an attribute says of its own text comes first.
        reader.faults.extend(value::unstorable(payload));
        reader.end(draft)
    }

    /// Reads the payload `{"value":…}` of one attribute; a multi-language text or the value of a
    /// custom property is the payload itself, as in answers (OData JSON 4.01, section 11).
    ///
    /// # Errors
    ///
    /// As [`Reading::object`].
    pub fn property(&self, entity: EntityId, id: AttributeId, payload: &Json) -> Result<Read> {
        let attribute = self.model.entity(entity).attribute(id);
        let mut reader = Reader::new(self);
        reader.repeated(payload);
        let mut draft = Draft::empty(entity, String::new());
        let multilanguage = attribute.kind == crate::value::Kind::Multilanguage;
        let bare = multilanguage || attribute.role.custom().is_some();
        match payload.member("value") {
            Some(json) => reader.attribute(&mut draft, id, json),
            None if bare && payload.members().is_some() => {
                reader.attribute(&mut draft, id, payload);
            }
            None => {
                let message = "the body has no member `value`";
                reader
                    .faults
                    .push(Problem::new(Code::InvalidPayload, message));
            }
        }
        reader.end(Some(draft))
    }

    /// Reads the address that a payload `{"@odata.id":…}` gives, of an object of some entity.
    ///
    /// # Errors
    ///
    /// `InvalidPayload` without an address, and what is wrong with it.
    pub fn link(&self, target: EntityId, payload: &Json) -> Result<(EntityId, Uuid)> {
        let mut reader = Reader::new(self);
        reader.repeated(payload);
        if let Some(problem) = Problem::all(reader.faults) {
            return Err(problem);
        }
        let given = payload
            .member("@odata.id")
            .or_else(|| payload.member("@id"));
        let Some(text) = given.and_then(Json::text) else {
            let set = &self.model.entity(target).set;
            let problem = Problem::new(Code::InvalidPayload, "the body names no object");
            return Err(problem.help(format!("send `{{\"@odata.id\":\"{set}(guid)\"}}`")));
        };
        self.address(target, text)
    }

    /// The object of an address: absolute, relative, or `$id` of an earlier request.
    ///
    /// # Errors
    ///
    /// `InvalidValue` for what is no address, `TypeMismatch` for one of another entity.
    pub fn address(&self, target: EntityId, text: &str) -> Result<(EntityId, Uuid)> {
        let set = &self.model.entity(target).set;
        let named = if text.starts_with('$') {
            let message = format!("no earlier request of the batch is called `{text}`");
            (self.names)(text).ok_or_else(|| Problem::new(Code::InvalidValue, message))?
        } else {
            text.to_owned()
        };
        let Some((of, guid)) = split_address(&named) else {
            let shown: String = text.chars().take(80).collect();
            let message = format!("`{shown}` is not the address of an entity");
            let problem = Problem::new(Code::InvalidValue, message);
            return Err(problem.help(format!("write `{set}(guid)`")));
        };
        let found = self.model.set(of);
        let found = found.filter(|f| self.model.is_a(*f, target) || self.model.is_a(target, *f));
        let found = found.ok_or_else(|| {
            let message = format!("this takes the address of one of `{set}`, not of `{of}`");
            Problem::new(Code::TypeMismatch, message)
        })?;
        Ok((found, guid))
    }
}

/// Reads one payload and collects what is wrong with it.
pub(super) struct Reader<'r, 'a> {
    pub(super) setting: &'r Reading<'a>,
    pub(super) faults: Vec<Problem>,
    warnings: Vec<Problem>,
}

impl<'r, 'a> Reader<'r, 'a> {
    fn new(setting: &'r Reading<'a>) -> Self {
        Self {
            setting,
            faults: Vec::new(),
            warnings: Vec::new(),
        }
    }

    /// The draft, or everything that is wrong, each fault once.
    fn end(mut self, draft: Option<Draft>) -> Result<Read> {
        let mut seen = HashSet::new();
        self.faults.retain(|problem| {
            let same = (problem.code(), problem.target().map(str::to_owned));
            problem.target().is_none() || seen.insert(same)
        });
        match (Problem::all(self.faults), draft) {
            (None, Some(draft)) => Ok(Read {
                draft,
                warnings: self.warnings,
            }),
            (Some(problem), _) => Err(problem),
            (None, None) => Err(Problem::new(
                Code::Internal,
                "a payload was read to nothing",
            )),
        }
    }

    fn repeated(&mut self, payload: &Json) {
        let again = payload.repeated().into_iter().map(|path| {
            Problem::new(Code::DuplicateProperty, format!("`{path}` is given twice")).about(path)
        });
        self.faults.extend(again);
    }

    pub(super) fn entity(&self, id: EntityId) -> &'a Entity {
        self.setting.model.entity(id)
    }

    pub(super) fn fault(&mut self, path: &str, name: &str, problem: Problem) {
        self.faults.push(problem.about(name).inside(path));
    }

    /// An object at a place where one of `entity` is wanted. `owner`: the reference that the place
    /// already says.
    pub(super) fn object(
        &mut self,
        entity: EntityId,
        payload: &Json,
        path: String,
        owner: Option<ReferenceId>,
    ) -> Option<Draft> {
        let Some(members) = payload.members() else {
            let message = format!("an object is wanted here, not {}", payload.noun());
            let problem = Problem::new(Code::InvalidPayload, message);
            self.faults.push(problem.inside(&path));
            return None;
        };
        let entity = self.type_of(entity, members, &path);
        let mut draft = Draft::empty(entity, path);
        for (text, json) in members {
            if self.faults.len() >= ENOUGH {
                break;
            }
            match member_name(text) {
                MemberName::Property(name) => self.property(&mut draft, name, json, owner),
                MemberName::Annotation(None, term) => self.annotation(&mut draft, term, text, json),
                MemberName::Annotation(Some(name), term) => {
                    self.property_annotation(&mut draft, name, term, json);
                }
                MemberName::Unknown => self.unknown_annotation(&draft.path, text),
            }
        }
        Some(draft)
    }

    pub(super) fn unknown_annotation(&mut self, path: &str, text: &str) {
        let message = format!("the annotation `{text}` means nothing here");
        let problem = Problem::new(Code::UnknownAnnotation, message);
        let problem = problem.help(format!("those with an effect: {}", annotation::known()));
        self.fault(path, text, problem);
    }

    /// The entity that `@odata.type` names: the wanted one or one derived from it.
    fn type_of(&mut self, wanted: EntityId, members: &[(String, Json)], path: &str) -> EntityId {
        let given = members.iter().find_map(|(name, json)| {
            (member_name(name) == MemberName::Annotation(None, Term::Type)).then_some((name, json))
        });
        let Some((name, json)) = given else {
            return wanted;
        };
        let text = json.text().unwrap_or_default();
        let bare = text.rsplit('#').next().unwrap_or(text);
        let model = self.setting.model;
        let found = model.entity_type(bare.strip_prefix("Erp.").unwrap_or(bare));
        match found {
            Some(found) if model.is_a(found, wanted) => found,
            // A row of a base set that is echoed: the place knows better.
            Some(found) if model.is_a(wanted, found) => wanted,
            Some(_) | None => {
                let type_name = &model.entity(wanted).type_name;
                let message = format!("the object is of the type `Erp.{type_name}`");
                self.fault(path, name, Problem::new(Code::TypeMismatch, message));
                wanted
            }
        }
    }

    pub(super) fn property(
        &mut self,
        draft: &mut Draft,
        name: &str,
        json: &Json,
        owner: Option<ReferenceId>,
    ) {
        let entity = self.entity(draft.entity);
        match entity.property(name) {
            Some(PropertyId::Attribute(id)) => self.attribute(draft, id, json),
            Some(PropertyId::Reference(id)) => self.reference(draft, id, json, owner == Some(id)),
            Some(PropertyId::Collection(id)) => self.collection(draft, id, json, false),
            None => {
                let message = format!("`{}` has no property `{name}`", entity.set);
                let mut problem = Problem::new(Code::UnknownProperty, message);
                if let Some(near) = nearest(name, entity.property_names()) {
                    problem = problem.help(format!("did you mean `{near}`?"));
                }
                self.fault(&draft.path, name, problem);
            }
        }
    }

    fn attribute(&mut self, draft: &mut Draft, id: AttributeId, json: &Json) {
        let entity = self.entity(draft.entity);
        let attribute = entity.attribute(id);
        let place = role(entity, draft.entity, attribute);
        let given = match attribute.role.custom() {
            Some(custom) => custom::given(attribute, custom, json),
            None => value::given(self.setting.model, attribute, json),
        };
        match (place, given) {
            // Inside an object that may be found, not written, it can be what finds it.
            (Writing::Made, Ok(given)) if !draft.path.is_empty() && finds(entity, id) => {
                draft.found_by.push((id, given));
            }
            (Writing::Made, _) => self.read_only(&draft.path, &attribute.name),
            (Writing::DisplayText, _) => {
                draft.display_text = json.text().map(str::to_owned);
                if draft.path.is_empty() {
                    self.read_only(&draft.path, &attribute.name);
                }
            }
            (_, Err(problem)) => {
                let about = match problem.target() {
                    Some(_) => problem.inside(&attribute.name),
                    None => problem.about(&attribute.name),
                };
                self.faults.push(about.inside(&draft.path));
            }
            (Writing::Key, Ok(given)) => match given {
                Given::Value(Value::Guid(guid)) => {
                    self.set_id(draft, guid, &attribute.name);
                }
                Given::Value(_) | Given::Languages(_) | Given::Custom(_) => {}
            },
            (Writing::Version, Ok(Given::Value(Value::Integer(version)))) => {
                draft.version = Some(version);
            }
            (Writing::Version, Ok(_)) => {}
            (Writing::Free, Ok(given)) => draft.values.push((id, given)),
        }
    }

    pub(super) fn set_id(&mut self, draft: &mut Draft, guid: Uuid, name: &str) {
        if draft.id.is_some_and(|known| known != guid) {
            let message = "the object is named twice, by different keys";
            self.fault(
                &draft.path,
                name,
                Problem::new(Code::InvalidPayload, message),
            );
        }
        draft.id = Some(guid);
    }

    /// OData 4.01 Part 1, 11.4.2: what a client may not write is ignored; we say so.
    pub(super) fn read_only(&mut self, path: &str, name: &str) {
        let about = |message: String| {
            let problem = Problem::new(Code::ReadOnlyAttribute, message);
            problem.about(name).inside(path)
        };
        if self.setting.strict {
            self.faults.push(about(format!("`{name}` is read only")));
        } else {
            let ignored = about(format!("`{name}` is read only: its value was ignored"));
            self.warnings.push(ignored);
        }
    }
}

/// Whether an attribute is the code or the name that objects are found by.
fn finds(entity: &Entity, id: AttributeId) -> bool {
    [&entity.code, &entity.name_member]
        .into_iter()
        .flatten()
        .any(|member| member.references.is_empty() && member.attribute == id)
}

/// What a writer may do with an attribute.
enum Writing {
    /// Set it.
    Free,
    /// Name the object by it.
    Key,
    /// Say which version is meant.
    Version,
    /// Find the object by it.
    DisplayText,
    /// Nothing.
    Made,
}

fn role(entity: &Entity, id: EntityId, attribute: &Attribute) -> Writing {
    match attribute.role {
        AttributeRole::Key => Writing::Key,
        AttributeRole::DisplayText => Writing::DisplayText,
        AttributeRole::Root if attribute.name == Attribute::VERSION => Writing::Version,
        AttributeRole::Root | AttributeRole::Stored | AttributeRole::Custom(_)
            if !entity.is_writable(id, attribute) =>
        {
            Writing::Made
        }
        AttributeRole::Root | AttributeRole::Stored | AttributeRole::Custom(_) => Writing::Free,
    }
}
