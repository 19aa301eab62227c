//! Runs the requests of a batch, one after the other.

use std::borrow::Cow;
use std::collections::HashSet;
use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::body::to_bytes_limited;
use actix_web::http::header::HeaderMap;
use actix_web::http::{Method, StatusCode};
use bytes::Bytes;

use super::super::answer::{log_part, refuse};
use super::super::asked::Asked;
use super::super::gate::Entrance;
use super::super::request_id::RequestId;
use super::super::route::Route;
use super::super::{change, methods, odata, query_segment};
use super::part::{Item, Part, Set};
use crate::diag::{Code, Problem, Result};
use crate::service::{Caller, ContentIds, Verb, WriteRequest};

/// Bytes of all answers together at most: they are held in memory until the last is there.
const ANSWERS: usize = 32 * 1024 * 1024;

/// The answer to one request of a batch.
#[derive(Debug)]
pub(super) struct Reply {
    /// The content id of the request.
    pub(super) id: Option<String>,
    /// The status.
    pub(super) status: StatusCode,
    /// The headers.
    pub(super) headers: HeaderMap,
    /// The body.
    pub(super) body: Bytes,
}

/// The answer to an item of a batch.
#[derive(Debug)]
pub(super) enum Outcome {
    /// To a request of its own.
    Single(Reply),
    /// To a change set or atomicity group.
    Set {
        /// The name of the group.
        group: Option<String>,
        /// The answers, in the order of the requests.
        replies: Vec<Reply>,
        /// The position of the request because of which nothing was done.
        failed: Option<usize>,
    },
}

impl Outcome {
    fn is_error(&self) -> bool {
        match self {
            Self::Single(reply) => reply.is_error(),
            Self::Set { replies, .. } => replies.iter().any(Reply::is_error),
        }
    }
}

impl Reply {
    fn is_error(&self) -> bool {
        self.status.is_client_error() || self.status.is_server_error()
    }
}

/// A batch under way.
#[derive(Debug)]
pub(super) struct Run<'a> {
    batch: &'a Asked<'a>,
    /// Who asks is looked for again at each part: a batch may last.
    entrance: Entrance<'a>,
    /// Why the caller is let in no more.
    shut: Option<Problem>,
    id: &'a RequestId,
    /// What the requests until now have created or returned.
    names: ContentIds,
    /// Ids and groups that have failed.
    failed: HashSet<String>,
    /// Bytes that the answers may still have.
    left: usize,
}

impl<'a> Run<'a> {
    /// A batch that begins.
    pub(super) fn new(batch: &'a Asked<'a>, entrance: Entrance<'a>, id: &'a RequestId) -> Self {
        Self {
            batch,
            entrance,
            shut: None,
            id,
            names: ContentIds::default(),
            failed: HashSet::new(),
            left: ANSWERS,
        }
    }

    /// Runs everything, or until something fails. What was done before stays.
    pub(super) async fn all(mut self, items: Vec<Item>, goes_on: bool) -> Vec<Outcome> {
        let mut outcomes = Vec::with_capacity(items.len());
        for item in items {
            let outcome = match item {
                Item::Single(part) => Outcome::Single(self.single(part).await),
                Item::Set(set) => self.set(set).await,
            };
            let stops = outcome.is_error() && !goes_on;
            outcomes.push(outcome);
            if stops {
                break;
            }
        }
        outcomes
    }

    async fn single(&mut self, mut part: Part) -> Reply {
        part.inherit(self.batch);
        let response = match (self.hindrance(&part), part.verb()) {
            (Some(problem), _) => Err(problem),
            (None, None) => self.read(&part).await,
            (None, Some(verb)) => self.change(&part, verb).await,
        };
        self.reply(&part, response).await
    }

    /// The changes of a set in one transaction, then what it reads.
    async fn set(&mut self, mut set: Set) -> Outcome {
        set.inherit(self.batch);
        let mut replies = Vec::with_capacity(set.parts.len());
        let failed = match self.changes(&set.parts).await {
            Ok(responses) => {
                let mut responses = responses.into_iter();
                for part in &set.parts {
                    let response = match part.verb() {
                        Some(_) => responses
                            .next()
                            .unwrap_or_else(|| Err(lost("the service gave too few answers"))),
                        None => self.read(part).await,
                    };
                    replies.push(self.reply(part, response).await);
                }
                None
            }
            Err((guilty, problem)) => {
                let mut problem = Some(problem);
                for (position, part) in set.parts.iter().enumerate() {
                    let own = problem.take_if(|_| position == guilty);
                    let response = Err(own.unwrap_or_else(not_done));
                    replies.push(self.reply(part, response).await);
                }
                Some(guilty)
            }
        };
        if replies.iter().any(Reply::is_error) {
            self.failed.extend(set.group.clone());
        }
        Outcome::Set {
            group: set.group,
            replies,
            failed,
        }
    }

    /// The caller as of now. One that is let in no more stays outside for the rest of the batch.
    async fn caller(&mut self) -> Result<Arc<Caller>> {
        if let Some(problem) = &self.shut {
            return Err(problem.clone());
        }
        let found = self.entrance.caller().await;
        if let Err(problem) = &found
            && problem.code().status() < 500
        {
            self.shut = Some(problem.clone());
        }
        found
    }

    /// Why a request is not run: something that it needs has failed.
    fn hindrance(&mut self, part: &Part) -> Option<Problem> {
        // Content ids may come again in another change set; then the new one counts.
        if let Some(id) = &part.id {
            self.failed.remove(id);
        }
        if part.conditional {
            let message = "conditions between requests (`if`) are not offered";
            return Some(Problem::new(Code::FailedDependency, message));
        }
        let named = part.target.as_ref().ok().and_then(|target| target.names());
        let needed = part.depends_on.iter().map(String::as_str).chain(named);
        let failed = needed
            .into_iter()
            .find(|name| self.failed.contains(*name))?;
        let message = format!("the request `{failed}`, which this one needs, has failed");
        Some(Problem::new(Code::FailedDependency, message))
    }

    /// A read, as it would be answered alone.
    async fn read(&mut self, part: &Part) -> Result<HttpResponse> {
        let target = part.target.as_ref().map_err(Problem::clone)?;
        let path = match (self.names.resolve(&target.path), target.names()) {
            (Some(path), _) => path,
            (None, Some(name)) => {
                let message = format!("no earlier request of the batch has created `${name}`");
                return Err(Problem::new(Code::InvalidBatch, message));
            }
            (None, None) => target.path.clone(),
        };
        let place = (Route::of_odata(&path), target.query.as_str());
        methods::check(self.entrance.site, place, &part.method)?;
        if part.method == Method::OPTIONS {
            return methods::options(self.entrance.site, place, &part.headers);
        }
        let (path, query) = match query_segment::of(&part.method, &path) {
            None => (path.as_str(), Cow::from(&target.query)),
            Some(path) => {
                let query = query_segment::options(&part.headers, &target.query, &part.body)?;
                (path, Cow::from(query))
            }
        };
        let caller = self.caller().await?;
        let asked = self.asked(part, &caller, (path, &query));
        let response = odata::read(&asked, self.entrance, self.id).await?;
        if response.status() == StatusCode::OK
            && let Some(id) = &part.id
        {
            self.names.insert(id, path.to_owned());
        }
        Ok(response)
    }

    /// A change of its own.
    async fn change(&mut self, part: &Part, verb: Verb) -> Result<HttpResponse> {
        let caller = self.caller().await?;
        let request = self.request(part, &caller, verb)?;
        let mut responses = self
            .write(vec![request])
            .await
            .map_err(|(_, problem)| problem)?;
        responses
            .pop()
            .unwrap_or_else(|| Err(lost("the service gave no answer")))
    }

    /// The changes of a set; the position and the problem of the first that cannot be made.
    async fn changes(
        &mut self,
        parts: &[Part],
    ) -> Result<Vec<Result<HttpResponse>>, (usize, Problem)> {
        let caller = self.caller().await.map_err(|problem| (0, problem))?;
        let mut requests = Vec::with_capacity(parts.len());
        // Positions in the set of what changes something.
        let mut positions = Vec::with_capacity(parts.len());
        let mut last: Option<&Part> = None;
        for (position, part) in parts.iter().enumerate() {
            if let Some(problem) = self.hindrance(part) {
                return Err((position, problem));
            }
            if let Some(verb) = part.verb() {
                let like = last.filter(|last| last.is_like(part)).zip(requests.last());
                let request = match like {
                    Some((_, request)) => Ok(part.again(request)),
                    None => self.request(part, &caller, verb),
                };
                requests.push(request.map_err(|problem| (position, problem))?);
                positions.push(position);
                last = Some(part);
            }
        }
        if requests.is_empty() {
            return Ok(Vec::new());
        }
        self.write(requests).await.map_err(|(at, problem)| {
            let position = positions.get(at).copied().unwrap_or_default();
            (position, problem)
        })
    }

    async fn write(
        &mut self,
        requests: Vec<WriteRequest>,
    ) -> Result<Vec<Result<HttpResponse>>, (usize, Problem)> {
        let names = self.names.clone();
        let (outcome, names) =
            change::run(self.entrance.site, self.batch.origin(), requests, names)
                .await
                .map_err(|problem| (0, problem))?;
        let answers = outcome.map_err(|refusal| (refusal.request, refusal.problem))?;
        self.names = names;
        Ok(answers.into_iter().map(change::respond).collect())
    }

    /// A part as the service takes it. The service itself follows its references: some may be made
    /// in the same transaction.
    fn request(&self, part: &Part, caller: &Arc<Caller>, verb: Verb) -> Result<WriteRequest> {
        let target = part.target.as_ref().map_err(Problem::clone)?;
        let place = (Route::of_odata(&target.path), target.query.as_str());
        methods::check(self.entrance.site, place, &part.method)?;
        let asked = self.asked(part, caller, (&target.path, &target.query));
        let mut request = change::request(&asked, verb, part.body.clone())?;
        request.content_id.clone_from(&part.id);
        Ok(request)
    }

    fn asked<'p>(
        &self,
        part: &'p Part,
        caller: &'p Arc<Caller>,
        (path, query): (&'p str, &'p str),
    ) -> Asked<'p>
    where
        'a: 'p,
    {
        Asked {
            method: &part.method,
            path,
            query,
            root: self.batch.root,
            headers: &part.headers,
            caller,
            address: self.batch.address,
            in_batch: true,
        }
    }

    /// Keeps an answer, and whether it is a failure.
    async fn reply(&mut self, part: &Part, response: Result<HttpResponse>) -> Reply {
        let buffered = match response {
            Ok(response) => self.buffer(response).await,
            Err(problem) => Err(problem),
        };
        let (status, headers, body) = match buffered {
            Ok(buffered) => buffered,
            Err(problem) => {
                log_part(&problem, self.id);
                let path = part.target.as_ref().map_or("", |target| &target.path);
                let (method, headers) = (&part.method, &part.headers);
                let route = Route::of_odata(path);
                let response = refuse(method, headers, &problem, route, self.id.as_str());
                // Small, and told in any case.
                let (head, body) = response.into_parts();
                let body = to_bytes_limited(body, ANSWERS).await;
                let body = body.ok().and_then(Result::ok).unwrap_or_default();
                taken(head, body)
            }
        };
        if !status.is_success() {
            self.failed.extend(part.id.clone());
        }
        Reply {
            id: part.id.clone(),
            status,
            headers,
            body,
        }
    }

    /// Reads a body into memory.
    async fn buffer(&mut self, response: HttpResponse) -> Result<(StatusCode, HeaderMap, Bytes)> {
        let (head, body) = response.into_parts();
        let body = to_bytes_limited(body, self.left).await.map_err(|_| {
            let message = format!("the answers of the batch have more than {ANSWERS} bytes");
            Problem::new(Code::LimitExceeded, message).help("ask for this alone, or for less")
        })?;
        let body = body.map_err(|e| lost("the answer was cut off").log(e.to_string()))?;
        self.left = self.left.saturating_sub(body.len());
        Ok(taken(head, body))
    }
}

fn taken(mut head: HttpResponse<()>, body: Bytes) -> (StatusCode, HeaderMap, Bytes) {
    (head.status(), std::mem::take(head.headers_mut()), body)
}

fn lost(message: &str) -> Problem {
    Problem::new(Code::Internal, message)
}

/// The answer to requests that share the fate of another.
fn not_done() -> Problem {
    let message = "nothing of the group was done, because another request in it has failed";
    Problem::new(Code::FailedDependency, message)
}
