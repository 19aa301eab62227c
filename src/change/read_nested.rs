//! What a payload says of other objects: references, objects inside, collections.

use super::annotation::{MemberName, Term, member_name};
use super::draft::{Child, Children, Draft, Link};
use super::json::{Json, join};
use super::read::{ENOUGH, Reader};
use crate::diag::{Code, Problem};
use crate::model::{CollectionId, ReferenceId};

impl Reader<'_, '_> {
    pub(super) fn reference(
        &mut self,
        draft: &mut Draft,
        id: ReferenceId,
        json: &Json,
        is_owner: bool,
    ) {
        let reference = self.entity(draft.entity).reference(id);
        let path = join(&draft.path, &reference.name);
        let link = match json {
            Json::Null => Link::Null,
            Json::Object(members) => match only_address(members) {
                Some(text) => match self.setting.address(reference.target, text) {
                    Ok((entity, guid)) => Link::To(entity, guid),
                    Err(problem) => return self.fault(&draft.path, &reference.name, problem),
                },
                None => match self.object(reference.target, json, path, None) {
                    Some(inner) => Link::Object(Box::new(inner)),
                    None => return,
                },
            },
            Json::Boolean(_) | Json::Number(_) | Json::Text(_) | Json::List(_) => {
                let message = format!("`{}` takes an object, not {}", reference.name, json.noun());
                let problem = Problem::new(Code::TypeMismatch, message);
                let set = &self.entity(reference.target).set;
                let help = format!("write `{{\"@odata.id\":\"{set}(guid)\"}}`");
                return self.fault(&draft.path, &reference.name, problem.help(help));
            }
        };
        self.link(draft, id, link, is_owner);
    }

    pub(super) fn link(&mut self, draft: &mut Draft, id: ReferenceId, link: Link, is_owner: bool) {
        let reference = self.entity(draft.entity).reference(id);
        if reference.read_only {
            return self.read_only(&draft.path, &reference.name);
        }
        if is_owner && matches!(link, Link::Object(_)) {
            let message = format!("`{}` is the object around this one", reference.name);
            let problem = Problem::new(Code::InvalidPayload, message);
            let problem = problem.help("leave it out, or give its address only");
            return self.fault(&draft.path, &reference.name, problem);
        }
        if draft.references.iter().any(|(known, _)| *known == id) {
            let message = format!("`{}` is given twice", reference.name);
            let problem = Problem::new(Code::DuplicateProperty, message);
            return self.fault(&draft.path, &reference.name, problem);
        }
        draft.references.push((id, link));
    }

    /// A list of children, or with `delta` a list of changes among them.
    pub(super) fn collection(
        &mut self,
        draft: &mut Draft,
        id: CollectionId,
        json: &Json,
        delta: bool,
    ) {
        let collection = self.entity(draft.entity).collection(id);
        let Json::List(items) = json else {
            let message = format!("`{}` takes a list, not {}", collection.name, json.noun());
            let problem = Problem::new(Code::TypeMismatch, message);
            return self.fault(&draft.path, &collection.name, problem);
        };
        let path = join(&draft.path, &collection.name);
        let mut children = Vec::with_capacity(items.len());
        for (number, item) in items.iter().enumerate() {
            if self.faults.len() >= ENOUGH {
                break;
            }
            let path = join(&path, &number.to_string());
            let removed = delta && is_removed(item);
            let child = self.object(collection.target, item, path, Some(collection.back));
            match child {
                Some(child) if removed => match child.id {
                    Some(guid) => children.push(Child::Removed(child.path, guid)),
                    None => {
                        let message = "an object that is removed needs its `@odata.id`";
                        let problem = Problem::new(Code::InvalidPayload, message);
                        self.faults.push(problem.inside(&child.path));
                    }
                },
                Some(child) => children.push(Child::Kept(Box::new(child))),
                None => {}
            }
        }
        if draft.collections.iter().any(|(known, _)| *known == id) {
            let message = format!("`{}` is given twice", collection.name);
            let problem = Problem::new(Code::DuplicateProperty, message);
            return self.fault(&draft.path, &collection.name, problem);
        }
        draft.collections.push((
            id,
            Children {
                replace: !delta && self.setting.replace_collections,
                items: children,
            },
        ));
    }
}

/// The address, where an object says nothing else of itself.
fn only_address(members: &[(String, Json)]) -> Option<&str> {
    let mut address = None;
    for (name, json) in members {
        match member_name(name) {
            MemberName::Annotation(None, Term::Id) => address = json.text(),
            MemberName::Annotation(_, Term::Echo) => {}
            MemberName::Annotation(..) | MemberName::Property(_) | MemberName::Unknown => {
                return None;
            }
        }
    }
    address
}

/// `@removed` (OData JSON 4.01, section 15.3), also with the prefix.
fn is_removed(item: &Json) -> bool {
    let members = item.members().unwrap_or_default();
    let removed = MemberName::Annotation(None, Term::Removed);
    members.iter().any(|(name, _)| member_name(name) == removed)
}
