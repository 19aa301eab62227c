//! The answers of changes, read inside the transaction that made them.

use bytes::Bytes;
use serde_json::json;
use uuid::Uuid;

use super::apply::Done;
use super::lookup::Transaction;
use super::prepare::{Prepared, head};
use super::{Return, Verb, WriteAnswer, WriteRequest};
use crate::diag::{Code, Problem, Result};
use crate::model::{Attribute, EntityId, Model};
use crate::service::Prepared as PreparedAnswer;
use crate::service::{Flow, Head, ODataVersion, Output, Service, read};

impl Service {
    /// The answer to a request. `versions` tells the version of the aggregate of an object.
    pub(super) fn answer_change(
        &self,
        request: &WriteRequest,
        prepared: &Prepared,
        done: Done,
        versions: &dyn Fn(EntityId, Uuid) -> Option<i64>,
        transaction: &mut Transaction<'_>,
    ) -> Result<WriteAnswer> {
        let model = &*self.0.model;
        let mut answer = WriteAnswer {
            status: 204,
            odata_version: request.odata_version.unwrap_or(ODataVersion::V4).text(),
            preference_applied: applied(request, done),
            ..WriteAnswer::default()
        };
        let object = match done {
            Done::Created(entity, id) | Done::Changed(entity, id) | Done::Attribute(entity, id) => {
                Some((entity, id))
            }
            Done::Silent(object) => object,
        };
        if let Some((entity, id)) = object {
            answer.etag = etag(model, entity, versions(entity, id));
        }
        let wanted = request.preferences.answer;
        match done {
            Done::Created(entity, id) => {
                let address = address(model, entity, id);
                answer.location = Some(format!("{}{address}", request.root));
                if wanted == Some(Return::Minimal) {
                    answer.entity_id.clone_from(&answer.location);
                } else {
                    answer.status = 201;
                    self.represent(request, &address, &mut answer, transaction)?;
                }
            }
            Done::Changed(entity, id) => {
                // A `POST` that found its object answers with it too.
                let shown = wanted == Some(Return::Representation)
                    || (request.verb == Verb::Post && wanted.is_none());
                if shown {
                    answer.status = 200;
                    let address = address(model, entity, id);
                    self.represent(request, &address, &mut answer, transaction)?;
                } else {
                    let address = address(model, entity, id);
                    answer.entity_id = Some(format!("{}{address}", request.root));
                }
            }
            Done::Attribute(..) if wanted == Some(Return::Representation) => {
                let path = prepared.path.trim_end_matches("/$value");
                answer.status = 200;
                let tag = answer.etag.take();
                self.represent(request, path, &mut answer, transaction)?;
                answer.etag = tag;
            }
            Done::Attribute(..) | Done::Silent(_) => {}
        }
        warn(&mut answer, &prepared.warnings);
        Ok(answer)
    }

    /// Reads what is at an address into the answer.
    fn represent(
        &self,
        request: &WriteRequest,
        path: &str,
        answer: &mut WriteAnswer,
        transaction: &mut Transaction<'_>,
    ) -> Result<()> {
        let model = &*self.0.model;
        let PreparedAnswer::Read(read) = self.prepare(&head(request, path))? else {
            return Err(Problem::new(Code::Internal, "an entity is no document"));
        };
        let mut out = Whole::default();
        read::answer(model, &read, transaction, &mut out)?;
        if let Some(head) = out.head {
            if head.status == 204 {
                answer.status = 204;
            }
            answer.content_type = head.content_type;
            answer.etag = head.etag.or_else(|| answer.etag.take());
        }
        answer.body = Bytes::from(out.body);
        Ok(())
    }
}

/// A whole answer in memory.
#[derive(Default)]
struct Whole {
    head: Option<Head>,
    body: Vec<u8>,
}

impl Output for Whole {
    fn head(&mut self, head: Head) -> Result<()> {
        self.head = Some(head);
        Ok(())
    }

    fn chunk(&mut self, chunk: Bytes) -> Result<Flow> {
        self.body.extend_from_slice(&chunk);
        Ok(Flow::More)
    }
}

/// The address of an object, relative to the service root.
fn address(model: &Model, entity: EntityId, id: Uuid) -> String {
    format!("{}({id})", model.entity(entity).set)
}

fn etag(model: &Model, entity: EntityId, version: Option<i64>) -> Option<String> {
    let tagged = model.entity(entity).property(Attribute::VERSION).is_some();
    version.filter(|_| tagged).map(|v| format!("W/\"{v}\""))
}

/// `Preference-Applied`
fn applied(request: &WriteRequest, done: Done) -> Option<String> {
    let answer = match (request.preferences.answer, done) {
        (_, Done::Silent(_)) | (None, _) => None,
        (Some(Return::Minimal), _) => Some("return=minimal"),
        (Some(Return::Representation), _) => Some("return=representation"),
    };
    let handling = request.preferences.strict.map(|strict| match strict {
        true => "handling=strict",
        false => "handling=lenient",
    });
    let all: Vec<_> = answer.into_iter().chain(handling).collect();
    (!all.is_empty()).then(|| all.join(", "))
}

/// Puts warnings into the answer: into the body where there is one, else into a header.
fn warn(answer: &mut WriteAnswer, warnings: &[Problem]) {
    if warnings.is_empty() {
        return;
    }
    let messages = warnings.iter().map(|warning| {
        json!({
            "code": warning.word(),
            "message": warning.message(),
            "target": warning.target(),
            "severity": "warning",
        })
    });
    let messages = serde_json::Value::Array(messages.collect()).to_string();
    let open = answer.body.strip_suffix(b"}");
    let is_json = answer
        .content_type
        .as_deref()
        .is_some_and(|t| t.starts_with("application/json"));
    match open {
        Some(members) if is_json => {
            let mut body = members.to_vec();
            if body.len() > 1 {
                body.push(b',');
            }
            body.extend_from_slice(b"\"@Core.Messages\":");
            body.extend_from_slice(messages.as_bytes());
            body.push(b'}');
            answer.body = Bytes::from(body);
        }
        Some(_) | None => answer.messages = Some(messages),
    }
}
