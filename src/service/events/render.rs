//! Events as text (HTML Living Standard, 9.2).

use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::log::{Entry, Happened};
use super::page::Page;
use crate::diag::{Code, Problem, Result};
use crate::model::{Entity, Model, PropertyId};
use crate::plan::{LogPlace, TokenKey};
use crate::service::{Caller, Flow, Head, Output, Prepared, RequestHead, Service, random};
use crate::value::{Language, Timestamp};

/// What stands before all events: how long to wait before connecting again, and where the stream
/// begins, so that whoever is cut off before the first event misses nothing.
pub(super) fn first(key: &TokenKey, user: Uuid, place: LogPlace, retry: Duration) -> Result<Bytes> {
    let (id, retry) = (sealed(key, user, place)?, retry.as_millis());
    Ok(Bytes::from(format!("retry: {retry}\nid: {id}\n\n")))
}

/// An event. JSON in one line has no line breaks of its own.
pub(super) fn event(
    key: &TokenKey,
    user: Uuid,
    place: LogPlace,
    (name, data): (&str, &Json),
) -> Result<Bytes> {
    let id = sealed(key, user, place)?;
    Ok(Bytes::from(format!(
        "event: {name}\nid: {id}\ndata: {data}\n\n"
    )))
}

fn sealed(key: &TokenKey, user: Uuid, place: LogPlace) -> Result<String> {
    let id = place.seal(key, user, random()?);
    id.ok_or_else(|| Problem::new(Code::Internal, "the id of an event cannot be sealed"))
}

/// The name and the data of a change, as a caller may see it.
pub(super) fn change(
    model: &Model,
    page: &Page,
    entry: &Entry,
    caller: &Caller,
) -> (&'static str, Json) {
    let entity = model.entity(entry.entity);
    let version = page.versions.get(&(entry.entity, entry.id));
    let mut data = json!({ "set": entity.set, "id": entry.id.to_string(), "version": version });
    let name = match entry.happened {
        Happened::Created => "created",
        Happened::Deleted => "deleted",
        Happened::Changed => {
            let names = entry.names.iter();
            let open: Vec<&String> = names
                .filter(|n| is_open(entity, entry, caller, n))
                .collect();
            if let Some(data) = data.as_object_mut() {
                data.insert("attributes".to_owned(), json!(open));
            }
            "changed"
        }
    };
    (name, data)
}

/// Whether a caller may know that a property was changed: whether they may read it.
fn is_open(entity: &Entity, entry: &Entry, caller: &Caller, name: &str) -> bool {
    let Some(property) = entity.property(name) else {
        return false;
    };
    let is_secret = match property {
        PropertyId::Attribute(id) => entity.attribute(id).secret,
        PropertyId::Reference(_) | PropertyId::Collection(_) => false,
    };
    !is_secret && !caller.rights.read.is_closed(entry.entity, property)
}

impl Service {
    /// The data of a notification, as its user reads it; nothing where it is not there any more.
    pub(super) fn notification(
        &self,
        entry: &Entry,
        caller: &Caller,
        now: Timestamp,
    ) -> Result<Option<Json>> {
        let set = &self.0.standard.entity(entry.entity).set;
        let path = format!("{set}({})", entry.id);
        // Who may not read their notifications any more is told of none.
        let Some(row) = self.as_read(&path, caller, now)? else {
            return Ok(None);
        };
        let of = |name: &str| row.get(name).cloned().unwrap_or_default();
        let line = row.pointer("/DataObject/@odata.id").cloned();
        let about = match self
            .0
            .standard
            .method(entry.entity, Some("Ext"), "GetDataObject")
        {
            Some(_) => self.as_read(&format!("{path}/Ext.GetDataObject"), caller, now)?,
            // Other models may do without.
            None => None,
        };
        let about = about.filter(|about| about.get("id").is_some_and(Json::is_string));
        let about = about.map(|about| json!({"set": about.get("set"), "id": about.get("id")}));
        Ok(Some(json!({
            "id": entry.id.to_string(),
            "class": of("NotificationClass"),
            "subject": of("Subject"),
            "priority": of("Priority"),
            "about": about,
            "dataObject": line.unwrap_or_default(),
            "anchor": of("Anchor"),
            "time": of("CreationTimeUtc"),
        })))
    }

    /// What a caller is answered at an address; nothing where they may not read what is there, or
    /// nothing is.
    fn as_read(&self, path: &str, caller: &Caller, now: Timestamp) -> Result<Option<Json>> {
        let prepared = self.prepare(&RequestHead {
            accept: Some("application/json;odata.metadata=minimal"),
            ..RequestHead::at(path, &Language::default(), caller, now)
        });
        let mut body = Collected(Vec::new());
        let answered = prepared.and_then(|prepared| match prepared {
            Prepared::Read(read) => self.run(&read, &mut body),
            Prepared::Call(call) => self.answer(&call, &mut body),
            Prepared::Document(_) => Ok(()),
        });
        match answered {
            Ok(()) => Ok(serde_json::from_slice(&body.0).ok()),
            Err(problem) if is_hidden(&problem) => Ok(None),
            Err(problem) => Err(problem),
        }
    }
}

/// Whether a refusal says that there is nothing for this caller.
fn is_hidden(problem: &Problem) -> bool {
    matches!(
        problem.code(),
        Code::Forbidden | Code::NotFound | Code::AttributeNotReadable
    )
}

/// Takes an answer as a whole.
struct Collected(Vec<u8>);

impl Output for Collected {
    fn head(&mut self, _: Head) -> Result<()> {
        Ok(())
    }

    fn chunk(&mut self, chunk: bytes::Bytes) -> Result<Flow> {
        self.0.extend_from_slice(&chunk);
        Ok(Flow::More)
    }
}
