//! OData Repeatable Requests 1.0: a request that is sent again is answered as the first time, and
//! nothing happens again.
//!
//! Ids are the caller's own: what somebody was answered is told to nobody else, and nobody can take
//! an id away from others. What was kept is told again while the caller may do what they could then.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{Repeatability, Verb, WriteAnswer, WriteRequest};
use crate::diag::{Code, Problem, Result};
use crate::service::rights::AllRights;
use crate::service::{Caller, ODataVersion, Service};
use crate::store::Writer;
use crate::value::Timestamp;

/// The header of the identity.
const ID: &str = "Repeatability-Request-ID";
/// The header of the time.
const FIRST_SENT: &str = "Repeatability-First-Sent";

/// A stored answer.
#[derive(Serialize, Deserialize)]
struct Kept {
    /// What the caller could do then, in short.
    rights: String,
    status: u16,
    content_type: Option<String>,
    etag: Option<String>,
    location: Option<String>,
    entity_id: Option<String>,
    preference_applied: Option<String>,
    messages: Option<String>,
    newer: bool,
    body: String,
}

/// Sees that only requests that stand alone want to be repeatable.
///
/// # Errors
///
/// `InvalidHeader` for a request of a change set of several: it has no answer of its own.
pub(super) fn check(requests: &[WriteRequest]) -> Result<()> {
    if requests.len() > 1 && requests.iter().any(|r| r.repeatability.is_some()) {
        let message = "a request of a change set cannot be repeated alone";
        return Err(Problem::new(Code::InvalidHeader, message).about(ID));
    }
    Ok(())
}

impl Service {
    /// The answer that a request was given before; nothing for a new one, which is noted: the same
    /// request, sent again meanwhile, waits for its end.
    pub(super) fn repeated(
        &self,
        request: &WriteRequest,
        writer: &mut Writer,
    ) -> Result<Option<WriteAnswer>> {
        let Some(repeatability) = &request.repeatability else {
            return Ok(None);
        };
        let oldest = earlier(request.now, self.0.settings.writes.repeatable_for);
        if repeatability.first_sent < oldest {
            let message = "the request was first sent before the answers that are kept";
            return Err(Problem::new(Code::PreconditionFailed, message).about(FIRST_SENT));
        }
        let (id, fingerprint) = (key(request, repeatability), fingerprint(request));
        let Some(found) = writer.repeatable(&id)? else {
            let first_sent = repeatability.first_sent;
            writer.forget_before(oldest)?;
            writer.remember(&id, first_sent, &fingerprint, &[], request.now)?;
            return Ok(None);
        };
        if found.fingerprint != fingerprint {
            let message = "another request was sent with this id";
            return Err(Problem::new(Code::InvalidHeader, message).about(ID));
        }
        let damaged = || Problem::new(Code::Internal, "a kept answer is damaged");
        let kept: Kept = serde_json::from_slice(&found.answer).map_err(|_| damaged())?;
        if kept.rights != rights(&request.caller) {
            let message = "the request was made before, and your rights are others since: what it was answered is not told again";
            let problem = Problem::new(Code::Forbidden, message).about(ID);
            return Err(problem.help("read what it changed"));
        }
        let body = STANDARD.decode(kept.body).map_err(|_| damaged())?;
        let version = if kept.newer {
            ODataVersion::V401
        } else {
            ODataVersion::V4
        };
        Ok(Some(WriteAnswer {
            status: kept.status,
            content_type: kept.content_type,
            etag: kept.etag,
            location: kept.location,
            entity_id: kept.entity_id,
            preference_applied: kept.preference_applied,
            messages: kept.messages,
            odata_version: version.text(),
            repeatable: true,
            body: Bytes::from(body),
        }))
    }

    /// Keeps the answer to a repeatable request.
    pub(super) fn remember(
        &self,
        request: &WriteRequest,
        answer: &mut WriteAnswer,
        writer: &mut Writer,
    ) -> Result<()> {
        let Some(repeatability) = &request.repeatability else {
            return Ok(());
        };
        answer.repeatable = true;
        let kept = Kept {
            rights: rights(&request.caller),
            status: answer.status,
            content_type: answer.content_type.clone(),
            etag: answer.etag.clone(),
            location: answer.location.clone(),
            entity_id: answer.entity_id.clone(),
            preference_applied: answer.preference_applied.clone(),
            messages: answer.messages.clone(),
            newer: request.odata_version == Some(ODataVersion::V401),
            body: STANDARD.encode(&answer.body),
        };
        let text = serde_json::to_vec(&kept).map_err(|e| {
            Problem::new(Code::Internal, "an answer cannot be kept").log(e.to_string())
        })?;
        writer.settle(&key(request, repeatability), &text)
    }
}

/// Under which id a request is kept: one of its caller alone.
fn key(request: &WriteRequest, repeatability: &Repeatability) -> String {
    let id = &repeatability.id;
    match request.caller.user() {
        Some(user) => format!("{user} {id}"),
        // The program itself.
        None => format!("- {id}"),
    }
}

/// What a caller may do, in short: two callers for whom it is the same may do the same.
fn rights(caller: &Caller) -> String {
    let AllRights {
        read,
        create,
        update,
        delete,
    } = &caller.rights;
    let mut hash = Sha256::new();
    for part in [read, create, update, delete] {
        let part = part.outline();
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part);
    }
    STANDARD.encode(hash.finalize())
}

/// What tells two requests apart.
fn fingerprint(request: &WriteRequest) -> Vec<u8> {
    let mut hash = Sha256::new();
    let verb: &[u8] = match request.verb {
        Verb::Post => b"POST",
        Verb::Patch => b"PATCH",
        Verb::Put => b"PUT",
        Verb::Delete => b"DELETE",
    };
    for part in [
        verb,
        request.path.as_bytes(),
        request.query.as_bytes(),
        &request.body,
    ] {
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(part);
    }
    hash.finalize().to_vec()
}

fn earlier(now: Timestamp, by: Duration) -> Timestamp {
    let micros = i64::try_from(by.as_micros()).unwrap_or(i64::MAX);
    Timestamp::from_micros(now.micros().saturating_sub(micros))
}
