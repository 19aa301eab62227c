//! From the text of an object to a change that waits for the database.

use std::borrow::Cow;
use std::sync::atomic::Ordering;
use std::sync::mpsc::SyncSender;

use bytes::Bytes;
use serde::Deserialize;

use super::{Batch, Import, ImportItem, Sent};
use crate::change::Json;
use crate::diag::{Code, Problem, Result, nearest};
use crate::model::EntityId;
use crate::service::{Flow, Service, Verb, WriteRequest};

/// What the text of an object is looked at for first.
#[derive(Deserialize)]
struct Head<'t> {
    #[serde(borrow, rename = "@odata.type", alias = "@type")]
    of: Option<Cow<'t, str>>,
}

/// Collects objects into batches.
pub(super) struct Reader<'a> {
    service: &'a Service,
    import: &'a Import<'a>,
    sender: &'a SyncSender<Sent>,
    batch: Batch,
    /// Whether it was told to stop before the end of the source.
    pub(super) is_stopped: bool,
}

impl<'a> Reader<'a> {
    pub(super) fn new(
        service: &'a Service,
        import: &'a Import<'a>,
        sender: &'a SyncSender<Sent>,
    ) -> Self {
        Self {
            service,
            import,
            sender,
            batch: Batch::default(),
            is_stopped: false,
        }
    }

    /// Takes an object; says whether there is use for more.
    pub(super) fn take(&mut self, item: ImportItem) -> Flow {
        if self.import.stop.load(Ordering::Relaxed) {
            self.is_stopped = true;
            return Flow::Stop;
        }
        let read = item.body.and_then(|body| self.read(&body));
        self.batch.entries.push((item.place, read));
        if self.batch.entries.len() < self.import.batch.max(1) {
            return Flow::More;
        }
        self.send()
    }

    /// Sends what was collected.
    pub(super) fn send(&mut self) -> Flow {
        let batch = std::mem::take(&mut self.batch);
        if batch.entries.is_empty() {
            return Flow::More;
        }
        match self.sender.send(Sent::Batch(batch)) {
            Ok(()) => Flow::More,
            Err(_) => Flow::Stop,
        }
    }

    fn read(&mut self, body: &Bytes) -> Result<()> {
        let entity = self.entity(body)?;
        let import = self.import;
        let request = WriteRequest {
            verb: Verb::Post,
            path: self.service.0.standard.entity(entity).set.clone(),
            query: String::new(),
            body: body.clone(),
            content_type: None,
            content_id: None,
            repeatability: None,
            ..import.like.clone()
        };
        let added = self
            .service
            .add_to_group(&mut self.batch.group, request, import.action.0);
        added.inspect_err(|problem| {
            if !import.is_rehearsal {
                self.service.note_refused_change(Some(import.like), problem);
            }
        })
    }

    /// The entity that `@odata.type` names, or the usual one.
    fn entity(&self, body: &[u8]) -> Result<EntityId> {
        let head: Head<'_> = match serde_json::from_slice(body) {
            Ok(head) => head,
            Err(_) => return Err(misread(body)),
        };
        let Some(name) = head.of else {
            return self.import.entity.ok_or_else(|| {
                let message = "the object does not say of which type it is";
                Problem::new(Code::InvalidPayload, message)
                    .about("@odata.type")
                    .help("such as `\"@odata.type\":\"Erp.Systems_Security_User\"`")
            });
        };
        entity(self.service, &name).map_err(|problem| problem.about("@odata.type"))
    }
}

/// The entity of a type or set: `Erp.Systems_Security_User`, `Systems_Security_Users`.
pub(super) fn entity(service: &Service, name: &str) -> Result<EntityId> {
    let model = &*service.0.standard;
    let bare = name.rsplit('#').next().unwrap_or(name);
    let bare = bare.strip_prefix("Erp.").unwrap_or(bare);
    let found = model.entity_type(bare).or_else(|| model.set(bare));
    found.ok_or_else(|| {
        let shown: String = bare.chars().take(80).collect();
        let message = format!("there is no type `{shown}`");
        let problem = Problem::new(Code::InvalidValue, message);
        let types = model.entities().map(|(_, e)| e.type_name.as_str());
        match nearest(bare, types) {
            Some(near) => problem.help(format!("did you mean `Erp.{near}`?")),
            None => problem,
        }
    })
}

/// Why a text is no object, or its head not what it should be.
fn misread(body: &[u8]) -> Problem {
    let json = match Json::parse(body) {
        Ok(json) => json,
        Err(problem) => return problem,
    };
    if json.members().is_none() {
        let message = format!("an object is wanted here, not {}", json.noun());
        return Problem::new(Code::TypeMismatch, message);
    }
    let given = json.member("@odata.type").or_else(|| json.member("@type"));
    let message = match given {
        Some(given) if given.text().is_none() => {
            format!("`@odata.type` takes a text, not {}", given.noun())
        }
        Some(_) | None => "`@odata.type` is given twice".to_owned(),
    };
    Problem::new(Code::TypeMismatch, message).about("@odata.type")
}
