//! The answer to a batch, in both formats.

use std::borrow::Cow;
use std::collections::BTreeMap;

use actix_web::http::header::{CONTENT_TYPE, HeaderMap, HeaderName};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde_json::value::RawValue;

use super::frame::{self, MediaType};
use super::run::{Outcome, Reply};
use crate::diag::{Code, Problem, Result};
use crate::http::headers::in_order;

/// The boundary of an answer. Clients look for this beginning.
pub(super) fn batch_boundary(id: &str) -> String {
    format!("batchresponse_{id}")
}

/// An answer as `multipart/mixed`. `nested` shows change sets as such, as they were asked for; the
/// answer to a batch in JSON is flat.
pub(super) fn multipart(outcomes: &[Outcome], id: &str, nested: bool) -> Vec<u8> {
    let mut parts: Vec<Vec<u8>> = Vec::with_capacity(outcomes.len());
    for (outcome, number) in outcomes.iter().zip(1_usize..) {
        match outcome {
            Outcome::Single(reply) => parts.push(message(reply)),
            Outcome::Set { replies, .. } if !nested => parts.extend(replies.iter().map(message)),
            // Part 1, 11.7.7.7: a change set that failed is one answer, not a document.
            Outcome::Set {
                replies,
                failed: Some(failed),
                ..
            } => parts.extend(replies.get(*failed).map(message)),
            Outcome::Set { replies, .. } => {
                let boundary = format!("changesetresponse_{id}_{number}");
                let head = format!("Content-Type: multipart/mixed; boundary={boundary}\r\n\r\n");
                let messages: Vec<Vec<u8>> = replies.iter().map(message).collect();
                parts.push([head.into_bytes(), frame::join(&messages, &boundary)].concat());
            }
        }
    }
    frame::join(&parts, &batch_boundary(id))
}

/// A part that holds an HTTP answer.
fn message(reply: &Reply) -> Vec<u8> {
    let mut head =
        "Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n".to_owned();
    if let Some(id) = &reply.id {
        head.push_str(&format!("Content-ID: {id}\r\n"));
    }
    let reason = reply.status.canonical_reason().unwrap_or_default();
    head.push_str(&format!(
        "\r\nHTTP/1.1 {} {reason}\r\n",
        reply.status.as_u16()
    ));
    for (name, value) in in_order(&reply.headers) {
        let value = String::from_utf8_lossy(value.as_bytes());
        head.push_str(&format!("{}: {value}\r\n", spelled(name)));
    }
    head.push_str("\r\n");
    [head.as_bytes(), &reply.body].concat()
}

/// The name of a header as clients expect to read it: some compare letter by letter.
fn spelled(name: &HeaderName) -> String {
    match name.as_str() {
        "etag" => return "ETag".to_owned(),
        "odata-version" => return "OData-Version".to_owned(),
        "odata-entityid" => return "OData-EntityId".to_owned(),
        _ => {}
    }
    let words = name.as_str().split('-').map(|word| {
        let mut letters = word.chars();
        let first = letters.next().map(|first| first.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    });
    words.collect::<Vec<_>>().join("-")
}

#[derive(Serialize)]
struct Document<'a> {
    responses: Vec<Response<'a>>,
}

#[derive(Serialize)]
struct Response<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(rename = "atomicityGroup", skip_serializing_if = "Option::is_none")]
    group: Option<&'a str>,
    status: u16,
    headers: BTreeMap<&'a str, Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<Box<RawValue>>,
}

/// An answer as JSON.
pub(super) fn json(outcomes: &[Outcome]) -> Result<Vec<u8>> {
    // Change sets have no name, and their answers must have one.
    let names: Vec<String> = (1..=outcomes.len())
        .map(|n| format!("changeset_{n}"))
        .collect();
    let mut responses = Vec::new();
    for (outcome, name) in outcomes.iter().zip(&names) {
        match outcome {
            Outcome::Single(reply) => responses.push(response(reply, None)?),
            Outcome::Set { group, replies, .. } => {
                let group = Some(group.as_deref().unwrap_or(name));
                for reply in replies {
                    responses.push(response(reply, group)?);
                }
            }
        }
    }
    serde_json::to_vec(&Document { responses }).map_err(|e| unwritable(&e))
}

fn response<'a>(reply: &'a Reply, group: Option<&'a str>) -> Result<Response<'a>> {
    let mut headers: BTreeMap<&str, Cow<'_, str>> = BTreeMap::new();
    for (name, value) in &reply.headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        headers
            .entry(name.as_str())
            .and_modify(|all| *all = format!("{all}, {value}").into())
            .or_insert(value);
    }
    Ok(Response {
        id: reply.id.as_deref(),
        group,
        status: reply.status.as_u16(),
        headers,
        body: body(&reply.headers, &reply.body)?,
    })
}

/// JSON as it is, text as a string, anything else in base64url.
fn body(headers: &HeaderMap, bytes: &[u8]) -> Result<Option<Box<RawValue>>> {
    if bytes.is_empty() {
        return Ok(None);
    }
    let media = headers
        .get(CONTENT_TYPE)
        .and_then(|text| text.to_str().ok());
    let media = MediaType::parse(media.unwrap_or_default());
    let text = str::from_utf8(bytes).ok();
    let raw = match text {
        // What is no JSON after all must not cost the client the other answers.
        Some(text) if media.is_json() => RawValue::from_string(text.to_owned())
            .or_else(|_| serde_json::value::to_raw_value(text)),
        Some(text) if media.is_text() => serde_json::value::to_raw_value(text),
        Some(_) | None => serde_json::value::to_raw_value(&URL_SAFE_NO_PAD.encode(bytes)),
    };
    raw.map(Some).map_err(|e| unwritable(&e))
}

fn unwritable(e: &serde_json::Error) -> Problem {
    Problem::new(Code::Internal, "the answer to a batch cannot be written").log(e.to_string())
}
