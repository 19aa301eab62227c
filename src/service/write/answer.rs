//! The answers of changes, read inside the transaction that made them.

use std::cell::Cell;

use bytes::Bytes;
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use super::apply::Done;
use super::prepare::{Prepared, head};
use super::{Return, Verb, WriteAnswer, WriteRequest};
use crate::bind::Visible;
use crate::change::copied_collections;
use crate::diag::{Code, Problem, Result};
use crate::model::{Attribute, EntityId, Model};
use crate::service::Prepared as PreparedAnswer;
use crate::service::reader::ModelReader;
use crate::service::tokens::Minted;
use crate::service::{Caller, Flow, Format, Head, ODataVersion, Output, Service, read};
use crate::store::Reads;

/// Bytes of warnings that a header holds at most.
const HEADER: usize = 4096;

/// What the answers of one transaction are made from.
pub(super) struct Answering<'a> {
    pub(super) requests: &'a [WriteRequest],
    pub(super) prepared: &'a [Prepared],
    pub(super) done: &'a [Done],
    /// What was made for each request, where it is a call that orders something.
    pub(super) minted: &'a [Option<Minted>],
    /// The version of the aggregate of an object.
    pub(super) versions: &'a dyn Fn(EntityId, Uuid) -> Option<i64>,
}

impl Service {
    /// The answers to all requests. `at` is told which request a problem is of.
    pub(super) fn answer_changes(
        &self,
        answering: &Answering<'_>,
        on: &mut impl Reads,
        at: &Cell<usize>,
    ) -> Result<Vec<WriteAnswer>> {
        let Answering {
            requests,
            prepared,
            done,
            minted,
            versions,
        } = answering;
        let mut answers = Vec::with_capacity(requests.len());
        let mut wanted = Vec::new();
        for (number, (request, done)) in requests.iter().zip(done.iter()).enumerate() {
            at.set(number);
            let (answer, shown) = self.bare(request, *done, *versions);
            if let Some(key) = shown {
                wanted.push((number, key));
            }
            answers.push(answer);
        }
        self.represent(answering, &wanted, &mut answers, on, at)?;
        let all = requests.iter().zip(prepared.iter()).zip(done.iter());
        for (number, ((request, prepared), done)) in all.enumerate() {
            at.set(number);
            let Some(answer) = answers.get_mut(number) else {
                continue;
            };
            let value = request.preferences.answer == Some(Return::Representation);
            if let (Done::Attribute(..), true) = (done, value) {
                self.represent_value(request, prepared, answer, on)?;
            }
            if let Some(Some(minted)) = minted.get(number) {
                tell(answer, request, prepared, minted);
            }
            warn(answer, request, &prepared.warnings);
        }
        Ok(answers)
    }

    /// The head of an answer, and the object that its body shows.
    fn bare(
        &self,
        request: &WriteRequest,
        done: Done,
        versions: &dyn Fn(EntityId, Uuid) -> Option<i64>,
    ) -> (WriteAnswer, Option<(EntityId, Uuid)>) {
        let model = &*self.0.standard;
        let mut answer = WriteAnswer {
            status: 204,
            odata_version: request.odata_version.unwrap_or(ODataVersion::V4).text(),
            preference_applied: applied(request, done),
            ..WriteAnswer::default()
        };
        let Some((entity, id)) = done.object() else {
            return (answer, None);
        };
        answer.etag = etag(model, entity, versions(entity, id));
        let location = || format!("{}{}", request.root, address(model, entity, id));
        let wanted = request.preferences.answer;
        let shown = match done {
            Done::Created(..) => {
                answer.location = Some(location());
                answer.status = 201;
                wanted != Some(Return::Minimal)
            }
            Done::Copied(..) => {
                answer.status = 200;
                true
            }
            Done::Changed(..) => {
                answer.status = 200;
                // A `POST` that found its object answers with it too.
                let asked = wanted == Some(Return::Representation);
                asked || (request.verb == Verb::Post && wanted.is_none())
            }
            Done::Attribute(..) | Done::Silent(_) => return (answer, None),
        };
        if shown {
            return (answer, Some((entity, id)));
        }
        answer.status = 204;
        answer.entity_id = Some(location());
        (answer, None)
    }

    /// Reads the bodies of answers: those of requests for the same form of the same set at once.
    fn represent(
        &self,
        Answering { requests, done, .. }: &Answering<'_>,
        wanted: &[(usize, (EntityId, Uuid))],
        answers: &mut [WriteAnswer],
        on: &mut impl Reads,
        at: &Cell<usize>,
    ) -> Result<()> {
        let model = &*self.0.standard;
        let mut rest = wanted.to_vec();
        while let Some((first, (entity, id))) = rest.first().copied() {
            at.set(first);
            let Some(request) = requests.get(first) else {
                return Err(lost());
            };
            let copies = |number: usize| matches!(done.get(number), Some(Done::Copied(..)));
            let like = |number: usize| {
                copies(number) == copies(first)
                    && requests.get(number).is_some_and(|r| same_form(r, request))
            };
            let (now, later): (Vec<_>, Vec<_>) = rest
                .into_iter()
                .partition(|(number, (e, _))| *e == entity && like(*number));
            rest = later;
            let mine = is_me(request) && request.caller.user() == Some(id);
            let path = if mine {
                ME.to_owned()
            } else {
                address(model, entity, id)
            };
            let mut head = head(request, &path);
            let children;
            if copies(first) && request.query.is_empty() {
                children = copied_children(model, entity, &request.caller);
                head.query = &children;
            }
            let PreparedAnswer::Read(read) = self.prepare(&head)? else {
                return Err(lost());
            };
            let mut keys: Vec<Uuid> = now.iter().map(|(_, (_, id))| *id).collect();
            keys.sort_unstable();
            keys.dedup();
            let mut reader = ModelReader::new(&read.model, on);
            let found = read::entities(&read.model, &read, &keys, &mut reader)?;
            for (number, (_, id)) in now {
                let single = found.iter().find(|(key, _)| *key == id).map(|(_, s)| s);
                let Some(answer) = answers.get_mut(number) else {
                    return Err(lost());
                };
                let Some(single) = single else {
                    // It may be written and not be seen.
                    answer.status = 204;
                    continue;
                };
                answer.content_type = Some(read.content_type());
                also_applied(answer, read.preference_applied.as_deref());
                answer.etag = single.etag.clone().or_else(|| answer.etag.take());
                answer.body = single.body.clone().map_or_else(Bytes::new, Bytes::from);
            }
        }
        Ok(())
    }

    /// Reads the value of an attribute into the answer.
    fn represent_value(
        &self,
        request: &WriteRequest,
        prepared: &Prepared,
        answer: &mut WriteAnswer,
        on: &mut impl Reads,
    ) -> Result<()> {
        let path = prepared.path.trim_end_matches("/$value");
        let PreparedAnswer::Read(read) = self.prepare(&head(request, path))? else {
            return Err(lost());
        };
        let mut out = Whole::default();
        let mut reader = ModelReader::new(&read.model, on);
        read::answer(&read.model, &read, &mut reader, &mut out)?;
        if let Some(head) = out.head {
            answer.status = head.status;
            answer.content_type = head.content_type;
        }
        answer.body = Bytes::from(out.body);
        Ok(())
    }
}

/// The query that shows the children that a copy has, as far as the caller may see them.
fn copied_children(model: &Model, entity: EntityId, caller: &Caller) -> String {
    let of = model.entity(entity);
    let shown = copied_collections(model, entity).filter_map(|number| {
        let collection = of.collection(number);
        let open = match caller.rights.read.rows(collection.target) {
            Visible::All | Visible::Some(_) => true,
            Visible::Nothing => false,
        };
        open.then_some(collection.name.as_str())
    });
    let shown: Vec<&str> = shown.collect();
    if shown.is_empty() {
        return String::new();
    }
    format!("$expand={}", shown.join(","))
}

/// The addresses of the caller's own row.
const ME: &str = "Ext.Me";
const SINGLETON: &str = "Me";

/// Whether a request is about the caller's own row.
fn is_me(request: &WriteRequest) -> bool {
    let path = request.path.trim_start_matches('/');
    let first = path.split(['/', '(']).next().unwrap_or_default();
    first == ME || first == SINGLETON
}

/// Puts what a call made into its answer.
fn tell(answer: &mut WriteAnswer, request: &WriteRequest, prepared: &Prepared, minted: &Minted) {
    if minted.answer.is_empty() {
        return;
    }
    let method = prepared.path.rsplit('/').next().unwrap_or_default();
    let method = method.rsplit('.').next().unwrap_or_default();
    let method = method.trim_end_matches("()");
    let format = prepared.format.unwrap_or_default();
    let mut body = record(request, format, &format!("Ext.{method}Result"));
    body.extend(minted.answer.clone());
    answer.status = 200;
    answer.content_type = Some(format.content_type());
    answer.preference_applied = None;
    answer.body = Bytes::from(Json::Object(body).to_string());
}

/// A record of a type that a call answers, with its context where the format has one.
pub(in crate::service) fn record(
    request: &WriteRequest,
    format: Format,
    ty: &str,
) -> Map<String, Json> {
    let mut body = Map::new();
    if format.has_control() {
        let version = request.odata_version.unwrap_or(ODataVersion::V4);
        let context = format!("{}$metadata#{ty}", request.root);
        body.insert(version.control().name("context"), json!(context));
    }
    body
}

fn lost() -> Problem {
    Problem::new(Code::Internal, "what was changed cannot be read")
}

/// Whether the answers of two requests to the same set have the same form.
fn same_form(one: &WriteRequest, other: &WriteRequest) -> bool {
    one.query == other.query
        && one.accept == other.accept
        && one.odata_version == other.odata_version
        && one.language == other.language
        && one.root == other.root
        && one.preferences.omit_nulls == other.preferences.omit_nulls
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

/// Names one more preference that was honoured.
fn also_applied(answer: &mut WriteAnswer, more: Option<&str>) {
    let Some(more) = more else { return };
    answer.preference_applied = Some(match answer.preference_applied.take() {
        Some(applied) => format!("{applied}, {more}"),
        None => more.to_owned(),
    });
}

/// Puts warnings into the answer: into the body where there is one that may hold them, else into a
/// header.
fn warn(answer: &mut WriteAnswer, request: &WriteRequest, warnings: &[Problem]) {
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
    let messages: Vec<_> = messages.collect();
    let open = answer.body.strip_suffix(b"}");
    let is_json = answer
        .content_type
        .as_deref()
        .is_some_and(|t| t.starts_with("application/json"));
    let wanted = request.preferences.messages;
    if let (Some(wanted), Some(_), true) = (wanted, open, is_json) {
        let prefix = match request.odata_version {
            Some(ODataVersion::V401) => "",
            Some(ODataVersion::V4) | None => "odata.",
        };
        let sign = if wanted { "" } else { "-" };
        let applied = format!("{prefix}include-annotations=\"{sign}Core.Messages\"");
        also_applied(answer, Some(&applied));
    }
    let open = answer.body.strip_suffix(b"}");
    match open {
        Some(members) if is_json && wanted != Some(false) => {
            let mut body = members.to_vec();
            if body.len() > 1 {
                body.push(b',');
            }
            body.extend_from_slice(b"\"@Core.Messages\":");
            let messages = serde_json::Value::Array(messages);
            body.extend_from_slice(messages.to_string().as_bytes());
            body.push(b'}');
            answer.body = Bytes::from(body);
        }
        Some(_) | None => answer.messages = Some(for_header(messages)),
    }
}

/// As many warnings as a header may hold, and how many more there are: clients refuse long headers,
/// and would take the change for a failure.
fn for_header(mut messages: Vec<serde_json::Value>) -> String {
    let all = messages.len();
    let mut room = HEADER;
    let fitting = messages.iter().take_while(|message| {
        let left = room.checked_sub(message.to_string().len());
        room = left.unwrap_or_default();
        left.is_some()
    });
    let fitting = fitting.count();
    messages.truncate(fitting);
    if fitting < all {
        let more = all.saturating_sub(fitting);
        messages.push(json!({
            "code": Code::LimitExceeded.word(),
            "message": format!("{more} more warnings do not fit here; ask for the entity in the answer"),
            "target": null,
            "severity": "warning",
        }));
    }
    serde_json::Value::Array(messages).to_string()
}
