//! Batches as `multipart/mixed` (OData 4.01 Part 1, 11.7.7).

use std::collections::HashSet;

use actix_web::http::Method;
use actix_web::http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, TRANSFER_ENCODING};
use bytes::Bytes;

use super::frame::{self, Broken, MediaType};
use super::head;
use super::part::{Home, Item, Part, Set, Target, invalid};
use crate::diag::{Code, Problem, Result};

const CONTENT_ID: &str = "content-id";

/// Reads a batch.
///
/// # Errors
///
/// `InvalidBatch` with the number of the part that cannot be understood.
pub(super) fn read(body: &Bytes, boundary: &str, home: Home<'_>) -> Result<Vec<Item>> {
    let parts = frame::split(body, boundary).map_err(|broken| {
        let message = format!("the batch {}", describe(broken, boundary));
        Problem::new(Code::InvalidBatch, message)
    })?;
    let numbered = parts.iter().zip(1_usize..);
    numbered
        .map(|(part, number)| item(part, &number.to_string(), home))
        .collect()
}

fn describe(broken: Broken, boundary: &str) -> String {
    match broken {
        Broken::NoDelimiter => format!("has no line `--{boundary}`"),
        Broken::NotClosed => format!("does not end with the line `--{boundary}--`"),
    }
}

/// A part of the batch: a request or a change set.
fn item(text: &Bytes, place: &str, home: Home<'_>) -> Result<Item> {
    let (outer, content, media) = envelope(text, place)?;
    if media.name != "multipart/mixed" {
        return request(&outer, &content, &media, place, home).map(Item::Single);
    }
    let boundary = media.boundary().ok_or_else(|| no_boundary(place))?;
    let texts = frame::split(&content, boundary).map_err(|broken| {
        let what = describe(broken, boundary);
        invalid(place, format!("the change set {what}"))
    })?;
    let mut parts = Vec::with_capacity(texts.len());
    let mut ids = HashSet::new();
    for (text, number) in texts.iter().zip(1_usize..) {
        let place = format!("{place}/{number}");
        let (outer, content, media) = envelope(text, &place)?;
        let part = request(&outer, &content, &media, &place, home)?;
        if part.verb().is_none() {
            let message = format!("a change set does not take the method `{}`", part.method);
            return Err(invalid(&place, message));
        }
        if let Some(id) = &part.id
            && !ids.insert(id.clone())
        {
            let message = format!("the content id `{id}` is there twice in one change set");
            return Err(invalid(&place, message));
        }
        parts.push(part);
    }
    Ok(Item::Set(Set { group: None, parts }))
}

fn no_boundary(place: &str) -> Problem {
    invalid(place, "the change set names no boundary")
        .help("write `Content-Type: multipart/mixed; boundary=…`")
}

/// The headers of a part, what it holds, and the media type of that.
fn envelope(text: &Bytes, place: &str) -> Result<(HeaderMap, Bytes, MediaType)> {
    let (lines, content) = head::split(text);
    let headers = head::headers(&lines).map_err(|why| invalid(place, why))?;
    let media = headers
        .get(CONTENT_TYPE)
        .and_then(|text| text.to_str().ok());
    let media = MediaType::parse(media.unwrap_or_default());
    Ok((headers, content, media))
}

/// The HTTP request in a part.
fn request(
    outer: &HeaderMap,
    content: &Bytes,
    media: &MediaType,
    place: &str,
    home: Home<'_>,
) -> Result<Part> {
    if media.name != "application/http" {
        let problem = invalid(place, "it holds no HTTP request");
        return Err(problem.help("write `Content-Type: application/http` and an empty line"));
    }
    let (lines, body) = head::split(&head::skip_empty_lines(content));
    let (line, lines) = head::request_line(&lines)
        .ok_or_else(|| invalid(place, "the request line cannot be read"))?;
    let method = Method::from_bytes(line.method.as_bytes())
        .map_err(|_| invalid(place, format!("`{}` is no method", line.method)))?;
    let headers = head::headers(lines).map_err(|why| invalid(place, why))?;
    if headers.contains_key(TRANSFER_ENCODING) {
        return Err(invalid(
            place,
            "`Transfer-Encoding` is not taken inside a batch",
        ));
    }
    let id = outer.get(CONTENT_ID).or_else(|| headers.get(CONTENT_ID));
    let id = id.map(|id| id.to_str().map(|id| id.trim().to_owned()));
    let id = id
        .transpose()
        .map_err(|_| invalid(place, "the content id is not ASCII"))?;
    Ok(Part {
        id: id.filter(|id| !id.is_empty()),
        method,
        target: Target::parse(line.address, home),
        body: cut(body, &headers),
        headers: headers.into(),
        depends_on: Vec::new(),
        conditional: false,
    })
}

/// The body without white space beyond its declared length. The length itself is not trusted:
/// scripts count characters.
fn cut(body: Bytes, headers: &HeaderMap) -> Bytes {
    let length = headers
        .get(CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.trim().parse::<usize>().ok());
    let rest = length.and_then(|length| body.get(length..));
    match (length, rest) {
        (Some(length), Some(rest)) if rest.trim_ascii().is_empty() => body.slice(..length),
        (_, _) => body,
    }
}
