//! The story of a call of a function.

mod choices;

use std::sync::Arc;
use std::time::Instant;

use serde_json::{Map, Number, Value as Answer, json};

use super::body::{Body, not_found};
use super::explain::check_may_explain;
use super::first::first;
use super::negotiate::Format;
use super::transactions::{self, Entry, News, State, Turn};
use super::write::{self, look};
use super::{Caller, Head, ODataVersion, Output, Prepared, RequestHead, Service, Timings};
use crate::change::{Criterion, Json, Reading, Stored};
use crate::diag::{Code, Problem, Result};
use crate::encode::{MetadataLevel, page_end, page_start};
use crate::methods::{Arguments, Asked, Built, Choice, Data, Question};
use crate::model::{EntityId, Method, Model, PropertyId};
use crate::plan::{CallPlan, ResultPart, SubQuery};
use crate::store::{Overlaid, Session};
use crate::value::{Language, Timestamp, Value};

/// A call of a function that only needs a database.
#[derive(Debug)]
pub struct PreparedCall {
    /// What the call was bound by.
    model: Arc<Model>,
    question: Box<dyn Question>,
    object: Option<(EntityId, SubQuery)>,
    part: ResultPart,
    /// The type of the answer, as the context URL names it.
    of: String,
    format: Format,
    root: String,
    path: String,
    language: Language,
    odata_version: ODataVersion,
    /// The version that the client has declared, if any.
    declared_version: Option<ODataVersion>,
    /// Who asks: what they may see says which objects there are to choose from.
    caller: Caller,
    now: Timestamp,
    head_only: bool,
    timings: Timings,
    /// The API transaction whose changes it sees.
    inside: Option<Arc<Entry>>,
}

impl Service {
    /// Reads the arguments of a call.
    pub(super) fn prepare_call(
        &self,
        head: &RequestHead<'_>,
        (model, plan): (Arc<Model>, CallPlan),
        format: Format,
        timings: Timings,
    ) -> Result<PreparedCall> {
        check_scope(head.caller)?;
        let namespace = Some(plan.namespace.as_str());
        let entity = plan.object.as_ref().map(|(entity, _)| *entity);
        let method = match entity {
            Some(entity) => model.method(entity, namespace, &plan.name),
            None => model.unbound_method(namespace, &plan.name),
        };
        let method = method.ok_or_else(|| {
            let message = "a function that was found is not in the model";
            Problem::new(Code::Internal, message)
        })?;
        let inside = head
            .transaction
            .map(|id| self.transaction(id, head.caller, head.now));
        let inside = inside.transpose()?;
        let arguments = plan.arguments.into_iter();
        let arguments = arguments.map(|(name, value)| (name, argument(value)));
        let payload = Json::Object(arguments.collect());
        let reading = Reading {
            model: &model,
            names: &|_| None,
            strict: false,
            replace_collections: false,
        };
        let arguments = Arguments::of(method, &payload, &reading)?;
        let question = Built::function(method)?.prepare(&arguments)?;
        let of = type_of(&model, method, entity);
        Ok(PreparedCall {
            question,
            object: plan.object,
            part: plan.part,
            of,
            model,
            format,
            root: head.root.to_owned(),
            path: head.path.to_owned(),
            language: head.language.clone(),
            odata_version: head.odata_version.unwrap_or(ODataVersion::V4),
            declared_version: head.odata_version,
            caller: head.caller.clone(),
            now: head.now,
            head_only: head.head_only,
            timings,
            inside,
        })
    }

    /// What a call waits for before it is answered, if for anything: the API transaction has
    /// something new to tell.
    ///
    /// # Errors
    ///
    /// `InvalidTransaction` without a transaction that tracks its changes.
    pub fn awaited(&self, call: &PreparedCall) -> Result<Option<News>> {
        match &call.inside {
            _ if !call.question.waits() => Ok(None),
            Some(entry) => entry.news().map(Some),
            None => Err(transactions::missing()),
        }
    }

    /// Answers a call and feeds `out`. Blocks on the database.
    ///
    /// # Errors
    ///
    /// A problem before the head was sent becomes an error answer; after it, the connection has to
    /// be cut.
    pub fn answer(&self, call: &PreparedCall, out: &mut impl Output) -> Result<()> {
        let started = Instant::now();
        let mut session = self.0.store.session()?;
        let turn = match &call.inside {
            Some(entry) => Some(entry.turn(self.0.store.lock_wait())?),
            None => None,
        };
        let state = match &call.inside {
            Some(entry) => entry.state()?,
            None => State::default(),
        };
        let seeing = Seeing {
            call,
            state: &state,
            turn: turn.as_ref(),
        };
        let result = session.snapshot(|session| self.result(&seeing, session))?;
        drop(turn);
        let head = Head {
            status: 200,
            content_type: Some(call.format.content_type()),
            etag: None,
            covered: false,
            odata_version: call.odata_version.text(),
            preference_applied: None,
            length: None,
            timings: call.timings,
        };
        let body = Body::new(out, head, call.head_only, started);
        body.finish(call.written(result))
    }

    fn result(&self, seeing: &Seeing<'_>, session: &mut Session) -> Result<Answer> {
        let call = seeing.call;
        let model = &*call.model;
        let object = match &call.object {
            None => None,
            Some((entity, rows)) => {
                let mut over = Overlaid::new(session, model, &seeing.state.overlay);
                let id = first(model, rows, &mut over)?;
                let id = id.ok_or_else(|| not_found(&call.path))?;
                Some((*entity, id))
            }
        };
        let mut data = Rows {
            service: self,
            seeing,
            session,
        };
        call.question.answer(&mut Asked {
            model,
            language: &call.language,
            object,
            data: &mut data,
        })
    }
}

/// A call, and what its API transaction holds.
struct Seeing<'a> {
    call: &'a PreparedCall,
    state: &'a State,
    turn: Option<&'a Turn<'a>>,
}

/// The database as a function sees it.
struct Rows<'a> {
    service: &'a Service,
    seeing: &'a Seeing<'a>,
    session: &'a mut Session,
}

impl Rows<'_> {
    /// The database with what the API transaction has changed.
    fn over(&mut self) -> Overlaid<'_, Session> {
        Overlaid::new(
            self.session,
            &self.seeing.call.model,
            &self.seeing.state.overlay,
        )
    }
}

impl Data for Rows<'_> {
    fn look(&mut self, entity: EntityId, criteria: &[Criterion]) -> Result<Vec<Stored>> {
        look(&self.seeing.call.model, &mut self.over(), entity, criteria)
    }

    fn choices(
        &mut self,
        entity: EntityId,
        by_description: bool,
        take: &mut dyn FnMut(Choice) -> bool,
    ) -> Result<()> {
        let wanted = choices::Wanted {
            model: &self.seeing.call.model,
            rights: &self.seeing.call.caller.rights.read,
            language: &self.seeing.call.language,
            now: self.seeing.call.now,
            entity,
            by_description,
        };
        wanted.run(&mut self.over(), take)
    }

    fn changes(&mut self) -> Result<Answer> {
        let Seeing { call, state, turn } = self.seeing;
        let (Some(entry), Some(turn)) = (&call.inside, turn) else {
            return Err(transactions::missing());
        };
        let telling = transactions::Telling {
            entry,
            state,
            caller: &call.caller,
            now: call.now,
        };
        self.service.tell_changes(&telling, turn, self.session)
    }

    fn explain(&mut self, address: &str) -> Result<Answer> {
        let Seeing { call, state, .. } = self.seeing;
        check_may_explain(&call.caller)?;
        let prepared = self.service.prepare(&RequestHead {
            root: &call.root,
            odata_version: call.declared_version,
            ..RequestHead::at(address, &call.language, &call.caller, call.now)
        })?;
        match prepared {
            Prepared::Read(read) => {
                let explained = self.service.explain_in(&read, state, self.session)?;
                Ok(explained.json())
            }
            Prepared::Document(_) | Prepared::Call(_) => {
                let message = "only reads of data are explained";
                Err(Problem::new(Code::NotSupported, message).about("query"))
            }
        }
    }

    fn is_closed(&self, entity: EntityId, property: PropertyId) -> bool {
        self.seeing
            .call
            .caller
            .rights
            .read
            .is_closed(entity, property)
    }

    fn track_level(&self, entity: EntityId) -> u8 {
        write::level(&self.service.0.levels, entity)
    }
}

impl PreparedCall {
    /// Answers what a caller may see now, who has waited since the call was read.
    ///
    /// # Errors
    ///
    /// `Forbidden` where they may read nothing any more.
    pub fn seen_by(&mut self, caller: &Caller) -> Result<()> {
        check_scope(caller)?;
        self.caller = caller.clone();
        Ok(())
    }

    /// The body of an answer.
    fn written(&self, result: Answer) -> Vec<u8> {
        let control = self.odata_version.control();
        let (context, ieee754) = match self.format {
            Format::Json(form) => {
                let context = format!("{}$metadata#{}", self.root, self.of);
                let told = form.metadata != MetadataLevel::None;
                (told.then_some(context), form.ieee754)
            }
            Format::Xml
            | Format::NdJson
            | Format::Csv
            | Format::Xlsx
            | Format::Text
            | Format::Binary
            | Format::Plan => (None, false),
        };
        match (result, self.part) {
            (Answer::Array(items), ResultPart::Count) => items.len().to_string().into_bytes(),
            (Answer::Array(items), part) => {
                let (skip, top, count) = match part {
                    ResultPart::Items { skip, top, count } => (skip, top, count),
                    ResultPart::Whole | ResultPart::Count => (0, None, false),
                };
                let all = u64::try_from(items.len()).unwrap_or(u64::MAX);
                let size = |n: u64| usize::try_from(n).unwrap_or(usize::MAX);
                let items = items.iter().skip(size(skip));
                let items = items.take(top.map_or(usize::MAX, size));
                let items: Vec<_> = items.map(Answer::to_string).collect();
                let mut out = Vec::new();
                let count = count.then_some(all);
                page_start(&mut out, context.as_deref(), count, ieee754, control);
                out.extend_from_slice(items.join(",").as_bytes());
                page_end(&mut out, None, control);
                out
            }
            (Answer::Object(members), _) => {
                let mut body = Map::new();
                body.extend(context.map(|context| (control.name("context"), json!(context))));
                body.extend(members);
                Answer::Object(body).to_string().into_bytes()
            }
            (value, _) => {
                let mut body = Map::new();
                body.extend(context.map(|context| (control.name("context"), json!(context))));
                body.insert("value".to_owned(), value);
                Answer::Object(body).to_string().into_bytes()
            }
        }
    }
}

/// Refuses to answer a sign-in that allows no reads.
fn check_scope(caller: &Caller) -> Result<()> {
    if caller.scopes().read {
        return Ok(());
    }
    let message = "this sign-in reads nothing: it lacks the scope `read`";
    Err(Problem::new(Code::Forbidden, message))
}

/// An argument as payloads hold it.
fn argument(value: Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Boolean(flag) => Json::Boolean(flag),
        Value::Integer(number) => Json::Number(Number::from(number)),
        Value::Text(text) => Json::Text(text),
        Value::Guid(guid) => Json::Text(guid.to_string()),
        Value::Timestamp(time) => Json::Text(time.to_string()),
        Value::Binary(_) => Json::Null,
    }
}

/// The type of what a method answers, as a context URL names it (OData 4.01 Part 1, 10.10 to 10.14).
pub(super) fn type_of(model: &Model, method: &Method, entity: Option<EntityId>) -> String {
    let item = match (method.record().is_some(), method.item(), entity) {
        (true, _, _) => format!("{}.{}", method.namespace, method.result()),
        (false, "EntityObject", Some(entity)) => format!("Erp.{}", model.entity(entity).type_name),
        (false, "string", _) => "Edm.String".to_owned(),
        (false, "boolean", _) => "Edm.Boolean".to_owned(),
        (false, "int32", _) => "Edm.Int32".to_owned(),
        (false, "guid", _) => "Edm.Guid".to_owned(),
        (false, "datetime", _) => "Edm.DateTimeOffset".to_owned(),
        (false, other, _) => format!("Erp.{other}"),
    };
    match method.is_collection() {
        true => format!("Collection({item})"),
        false => item,
    }
}
