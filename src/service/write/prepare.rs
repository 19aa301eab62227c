//! From a request to its work: address and payload are read; the database is not asked.

mod value;

use uuid::Uuid;

use super::methods::{SHOWN, refused};
use super::work::{Others, Work};
use super::{ContentIds, Verb, WriteRequest, permit};
use crate::bind;
use crate::change::{Action, Draft, Json, Read, Reading};
use crate::diag::{Code, Problem, Result};
use crate::methods::{Arguments, Built, Task};
use crate::model::{CollectionId, EntityId, Model};
use crate::plan::{By, Located, Target};
use crate::service::explain::refuse_explained_change;
use crate::service::prepare::form_of_record;
use crate::service::{Format, ODataVersion, ReadPreferences, RequestHead, Service};
use crate::syntax::{self, ast};

/// Passwords that one request brings at most: hashing each is slow on purpose.
const MOST_PASSWORDS: usize = 100;

/// A request that was understood.
#[derive(Debug)]
pub(super) struct Prepared {
    /// The path, names of earlier requests resolved.
    pub(super) path: String,
    pub(super) work: Work,
    /// Values that are ignored because they are read only.
    pub(super) warnings: Vec<Problem>,
    /// The format of the record that a call answers.
    pub(super) format: Option<Format>,
    /// What is wrong with a new password that is an old one: told where nothing else is wrong.
    pub(super) reused: Option<Problem>,
}

impl Service {
    /// Reads address and payload of a request.
    pub(super) fn prepare_change(
        &self,
        request: &WriteRequest,
        names: &mut ContentIds,
    ) -> Result<Prepared> {
        let model = &*self.model_of(&request.caller);
        let path = named(&request.path, names)?;
        let parsed = syntax::parse_request(&path, &request.query, &self.0.settings.syntax)?;
        refuse_explained_change(&parsed, request.accept.as_deref())?;
        let head = head(request, &path);
        let context = self.context(&head, &parsed);
        let target = bind::target(model, &parsed, &context, &request.caller.rights.read)?;
        let resolve = |text: &str| names.resolve(text);
        let reading = Reading {
            model,
            names: &resolve,
            strict: request.preferences.strict == Some(true),
            replace_collections: request.payload_version == Some(ODataVersion::V401),
        };
        let mut prepared = Preparing {
            request,
            reading,
            warnings: Vec::new(),
            parsed: &parsed,
            format: None,
        };
        let mut work = prepared.work(target)?;
        let (warnings, format) = (prepared.warnings, prepared.format);
        if work.secrets().len() > MOST_PASSWORDS {
            let message = format!("one request brings more than {MOST_PASSWORDS} passwords");
            return Err(Problem::new(Code::LimitExceeded, message).help("send fewer at once"));
        }
        permit::check_hashes(&request.caller, &mut work)?;
        let reused = self.ready_secrets(request, &mut work)?;
        self.name(request, &mut work, names);
        Ok(Prepared {
            path,
            work,
            warnings,
            format,
            reused,
        })
    }

    /// Gives what a request creates its key, so that later requests can name it.
    fn name(&self, request: &WriteRequest, work: &mut Work, names: &mut ContentIds) {
        let model = &*self.0.standard;
        let address = |entity: EntityId, id: Uuid| format!("{}({id})", model.entity(entity).set);
        let named = match work {
            Work::Create(draft) | Work::CreateChild { draft, .. } => {
                // What is found instead of made has a key that nobody knows yet.
                if draft.action.is_some_and(|action| action != Action::Create) {
                    return;
                }
                let id = *draft.id.get_or_insert_with(|| {
                    draft.id_is_made = true;
                    self.new_id()
                });
                Some(address(draft.entity, id))
            }
            Work::Change { object, .. }
            | Work::Attribute { object, .. }
            | Work::Delete(object)
            | Work::Copy(object)
            | Work::Link { object, .. }
            | Work::LinkChild { owner: object, .. }
            | Work::UnlinkChild { owner: object, .. }
            | Work::Call {
                object: Some(object),
                ..
            } => match object.by {
                By::Key(id) => Some(address(object.entity, id)),
                By::Rows(_) => None,
            },
            Work::Call { object: None, .. } | Work::Frame(_) => None,
        };
        if let (Some(id), Some(address)) = (&request.content_id, named) {
            names.insert(id, address);
        }
    }
}

/// The path with `$id` of an earlier request replaced by its address.
fn named(path: &str, names: &ContentIds) -> Result<String> {
    let bare = path.trim_start_matches('/');
    if let Some(address) = names.resolve(bare) {
        return Ok(address);
    }
    let word = bare.split('/').next().unwrap_or(bare);
    let number = word.strip_prefix('$').unwrap_or_default();
    if number.starts_with(|c: char| c.is_ascii_digit()) {
        let message = format!("no earlier request of the batch is called `{word}`");
        return Err(Problem::new(Code::InvalidBatch, message));
    }
    Ok(path.to_owned())
}

/// The request as the binder wants to know it.
pub(in crate::service) fn head<'a>(request: &'a WriteRequest, path: &'a str) -> RequestHead<'a> {
    RequestHead {
        query: &request.query,
        root: &request.root,
        accept: request.accept.as_deref(),
        odata_version: request.odata_version,
        preferences: ReadPreferences {
            // What a change made null is told (8.2.8.6).
            omit_nulls: request.preferences.omit_nulls && request.verb == Verb::Post,
            track_changes: false,
        },
        ..RequestHead::at(path, &request.language, &request.caller, request.now)
    }
}

/// Reads one request.
struct Preparing<'a> {
    request: &'a WriteRequest,
    reading: Reading<'a>,
    warnings: Vec<Problem>,
    parsed: &'a ast::Request,
    /// That of the record that a call answers.
    format: Option<Format>,
}

impl Preparing<'_> {
    fn model(&self) -> &Model {
        self.reading.model
    }

    fn work(&mut self, target: Target) -> Result<Work> {
        match (self.request.verb, target) {
            (Verb::Post, Target::Set(entity)) => self.create(entity),
            (Verb::Post, Target::Children { owner, collection }) => {
                let of = self
                    .model()
                    .entity(owner.entity)
                    .collection(collection)
                    .target;
                self.check_open(of)?;
                let draft = self.object(of)?;
                Ok(Work::CreateChild {
                    owner,
                    collection,
                    draft,
                })
            }
            (verb @ (Verb::Patch | Verb::Put), Target::Object(object)) => {
                self.check_open(object.entity)?;
                let draft = self.object(object.entity)?;
                Ok(Work::Change {
                    object,
                    draft,
                    replace: verb == Verb::Put,
                })
            }
            (Verb::Delete, Target::Object(object)) => {
                self.check_open(object.entity)?;
                Ok(Work::Delete(object))
            }
            (
                verb @ (Verb::Patch | Verb::Put | Verb::Delete),
                Target::Attribute {
                    object,
                    attribute,
                    part,
                    raw,
                },
            ) => {
                self.check_open(object.entity)?;
                let draft = self.value(&object, attribute, part.as_ref(), raw)?;
                let others = match (&part, verb) {
                    (Some(_), _) => Others::Stay,
                    (None, Verb::Post | Verb::Patch) => Others::AsConfigured,
                    (None, Verb::Put | Verb::Delete) => Others::Go,
                };
                Ok(Work::Attribute {
                    object,
                    draft,
                    others,
                })
            }
            (
                verb @ (Verb::Put | Verb::Patch | Verb::Delete),
                Target::Link { object, reference },
            ) => {
                self.check_open(object.entity)?;
                let target = self
                    .model()
                    .entity(object.entity)
                    .reference(reference)
                    .target;
                let to = match verb {
                    Verb::Delete => None,
                    Verb::Post | Verb::Patch | Verb::Put => {
                        let payload = self.json()?;
                        Some(self.reading.link(target, &payload)?)
                    }
                };
                Ok(Work::Link {
                    object,
                    reference,
                    to,
                })
            }
            (
                verb @ (Verb::Post | Verb::Delete),
                Target::Links {
                    owner,
                    collection,
                    member,
                    id,
                },
            ) => self.links(verb, owner, collection, member, id),
            (
                Verb::Post,
                Target::Call {
                    object,
                    namespace,
                    name,
                },
            ) => self.call(object, &namespace, &name),
            (verb, target) => Err(refused(self.model(), verb, &target)),
        }
    }

    fn create(&mut self, entity: EntityId) -> Result<Work> {
        self.check_open(entity)?;
        Ok(Work::Create(self.object(entity)?))
    }

    fn check_open(&self, entity: EntityId) -> Result<()> {
        let of = self.model().entity(entity);
        if of.is_open() {
            return Ok(());
        }
        let message = format!("`{}` is read only", of.set);
        let problem = Problem::new(Code::MethodNotAllowed, message);
        Err(problem.takes(SHOWN))
    }

    fn object(&mut self, entity: EntityId) -> Result<Draft> {
        let payload = self.json()?;
        let read = self.reading.object(entity, &payload)?;
        Ok(self.keep(read))
    }

    fn keep(&mut self, read: Read) -> Draft {
        self.warnings.extend(read.warnings);
        read.draft
    }

    fn links(
        &self,
        verb: Verb,
        owner: Located,
        collection: CollectionId,
        member: Option<Uuid>,
        id: Option<String>,
    ) -> Result<Work> {
        let target = self
            .model()
            .entity(owner.entity)
            .collection(collection)
            .target;
        self.check_open(target)?;
        if verb == Verb::Post {
            let payload = self.json()?;
            let child = self.reading.link(target, &payload)?;
            return Ok(Work::LinkChild {
                owner,
                collection,
                child,
            });
        }
        let child = match (member, id) {
            (Some(member), _) => member,
            (None, Some(id)) => self.reading.address(target, &id)?.1,
            (None, None) => {
                let message = "the address does not say which link goes";
                let problem = Problem::new(Code::InvalidOption, message).about("$id");
                let set = &self.model().entity(target).set;
                return Err(problem.help(format!("add `?$id={set}(guid)`")));
            }
        };
        Ok(Work::UnlinkChild {
            owner,
            collection,
            child,
        })
    }

    fn call(&mut self, object: Option<Located>, namespace: &str, name: &str) -> Result<Work> {
        let (namespace, model) = (Some(namespace), self.reading.model);
        let method = match &object {
            Some(object) => model.method(object.entity, namespace, name),
            None => model.unbound_method(namespace, name),
        };
        let method = method.ok_or_else(|| {
            let message = "a method that was found is not in the model";
            Problem::new(Code::Internal, message)
        })?;
        let action = Built::action(method)?;
        let payload = if self.request.body.is_empty() {
            Json::Object(Vec::new())
        } else {
            self.json()?
        };
        let call = action.prepare(&Arguments::of(method, &payload, &self.reading)?)?;
        if method.record().is_some() {
            let accept = self.request.accept.as_deref();
            self.format = Some(form_of_record(self.parsed, accept)?);
        }
        Ok(match (call.task(), object) {
            (Some(Task::Copy), Some(object)) => Work::Copy(object),
            (Some(task), _) => Work::Frame(task),
            (None, object) => Work::Call { object, call },
        })
    }

    /// The body as JSON.
    fn json(&self) -> Result<Json> {
        let media = media_type(self.request.content_type.as_deref());
        let is_json = media.is_empty() || media == "application/json" || media.ends_with("+json");
        if !is_json {
            return Err(unsupported(&media, "application/json"));
        }
        Json::parse(&self.request.body)
    }
}

impl Service {
    /// Random bytes.
    pub(in crate::service) fn random<const N: usize>(&self) -> Result<[u8; N]> {
        crate::service::random()
    }

    /// A key for a new object, later ones greater.
    pub(in crate::service) fn new_id(&self) -> Uuid {
        Uuid::now_v7()
    }
}

/// The media type of a `Content-Type`, lower case, without parameters; empty where there is none.
fn media_type(content_type: Option<&str>) -> String {
    let text = content_type.unwrap_or_default();
    let bare = text.split(';').next().unwrap_or_default();
    bare.trim().to_ascii_lowercase()
}

fn unsupported(media: &str, wanted: &str) -> Problem {
    let message = format!("this address takes `{wanted}`, not `{media}`");
    Problem::new(Code::UnsupportedMediaType, message).about("Content-Type")
}
