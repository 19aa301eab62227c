//! Batches as JSON (OData JSON Format 4.01, 19).

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use actix_web::http::Method;
use actix_web::http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use base64::Engine;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::frame::MediaType;
use super::part::{Home, Item, Part, Set, Target, invalid};
use crate::diag::{Code, Problem, Result};

/// Base64url, with or without its padding.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

#[derive(Deserialize)]
struct Document<'a> {
    #[serde(borrow)]
    requests: Vec<Request<'a>>,
}

/// A request object. Its body stays text, so that the service sees it as it came.
#[derive(Deserialize)]
struct Request<'a> {
    id: String,
    method: String,
    url: String,
    #[serde(default, rename = "atomicityGroup")]
    group: Option<String>,
    #[serde(default, rename = "dependsOn")]
    depends_on: Option<Vec<String>>,
    #[serde(default, rename = "if", borrow)]
    condition: Option<&'a RawValue>,
    #[serde(default, borrow)]
    headers: Option<&'a RawValue>,
    #[serde(default, borrow)]
    body: Option<&'a RawValue>,
}

/// Reads a batch.
///
/// # Errors
///
/// `InvalidBatch` with the number of the request that cannot be understood.
pub(super) fn read(body: &Bytes, home: Home<'_>) -> Result<Vec<Item>> {
    let document: Document<'_> = serde_json::from_slice(body).map_err(|e| {
        let message = format!("the batch cannot be read: {}", fault(&e.to_string()));
        Problem::new(Code::InvalidBatch, message)
            .help("write `{\"requests\":[{\"id\":\"1\",\"method\":\"get\",\"url\":\"…\"}]}`")
    })?;
    check_names(&document.requests)?;
    let mut items: Vec<Item> = Vec::new();
    let mut heads = Heads::default();
    for (request, number) in document.requests.into_iter().zip(1_usize..) {
        let group = request.group.clone();
        let part = part(request, &number.to_string(), (body, &mut heads), home)?;
        match (group, items.last_mut()) {
            (None, _) => items.push(Item::Single(part)),
            (group, Some(Item::Set(set))) if set.group == group => set.parts.push(part),
            (group, _) => {
                let parts = vec![part];
                items.push(Item::Set(Set { group, parts }));
            }
        }
    }
    Ok(items)
}

/// What the parser says of a body, without the value that it stumbled over: it may be a password.
fn fault(text: &str) -> Cow<'_, str> {
    match (text.split_once(": "), text.rfind(", expected ")) {
        (Some((kind, _)), Some(at)) if kind.starts_with("invalid ") => {
            let expected = text.get(at..).unwrap_or_default();
            Cow::Owned(format!("{kind}{expected}"))
        }
        (_, _) => Cow::Borrowed(text),
    }
}

/// Ids are unique, groups stand together, and nobody depends on what comes later.
fn check_names(requests: &[Request<'_>]) -> Result<()> {
    let mut known: HashSet<&str> = HashSet::new();
    let mut last_group: Option<&str> = None;
    for (request, number) in requests.iter().zip(1_usize..) {
        let place = number.to_string();
        let group = request.group.as_deref();
        if group != last_group
            && let Some(group) = group
            && !known.insert(group)
        {
            let message = format!(
                "the group `{group}` is the id of a request, or its requests do not stand together"
            );
            return Err(invalid(&place, message));
        }
        last_group = group;
        for name in request.depends_on.iter().flatten() {
            let own = group == Some(name.as_str());
            if own || !known.contains(name.as_str()) {
                let message = format!("it depends on `{name}`, which is no earlier request");
                return Err(invalid(&place, message));
            }
        }
        // An id stands in headers too, where the answer is multipart.
        if request.id.is_empty() || !request.id.bytes().all(|b| b.is_ascii_graphic()) {
            let message = "an id has one character or more, without blanks, of ASCII";
            return Err(invalid(&place, message));
        }
        if !known.insert(&request.id) {
            let message = format!("the id `{}` is there twice", request.id);
            return Err(invalid(&place, message));
        }
    }
    Ok(())
}

/// The headers of the request before: most requests of a batch say the same.
#[derive(Default)]
struct Heads<'a> {
    text: Option<&'a str>,
    has_body: bool,
    headers: Rc<HeaderMap>,
}

impl<'a> Heads<'a> {
    /// The headers that a text gives; a body without a media type is JSON.
    fn of(
        &mut self,
        given: Option<&'a RawValue>,
        has_body: bool,
        place: &str,
    ) -> Result<Rc<HeaderMap>> {
        let text = given.map_or("null", RawValue::get);
        if self.text == Some(text) && self.has_body == has_body {
            return Ok(Rc::clone(&self.headers));
        }
        let given: Option<HashMap<String, String>> = serde_json::from_str(text).map_err(|e| {
            let text = e.to_string();
            invalid(
                place,
                format!("its headers cannot be read: {}", fault(&text)),
            )
        })?;
        let mut headers = headers(given.unwrap_or_default(), place)?;
        if has_body && !headers.contains_key(CONTENT_TYPE) {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        *self = Self {
            text: Some(text),
            has_body,
            headers: Rc::new(headers),
        };
        Ok(Rc::clone(&self.headers))
    }
}

fn part<'a>(
    request: Request<'a>,
    place: &str,
    (batch, heads): (&Bytes, &mut Heads<'a>),
    home: Home<'_>,
) -> Result<Part> {
    let method = request.method.to_ascii_uppercase();
    let method = Method::from_bytes(method.as_bytes())
        .map_err(|_| invalid(place, format!("`{}` is no method", request.method)))?;
    let body = request.body.map(RawValue::get).filter(|raw| *raw != "null");
    let headers = heads.of(request.headers, body.is_some(), place)?;
    let body = match body {
        None => Bytes::new(),
        Some(raw) => body_bytes(raw, &headers, batch, place)?,
    };
    Ok(Part {
        id: Some(request.id),
        method,
        target: Target::parse(&request.url, home),
        headers,
        body,
        depends_on: request.depends_on.unwrap_or_default(),
        conditional: request.condition.is_some_and(|raw| raw.get() != "null"),
    })
}

fn headers(given: HashMap<String, String>, place: &str) -> Result<HeaderMap> {
    let mut headers = HeaderMap::with_capacity(given.len());
    for (name, value) in given {
        let parsed = (
            HeaderName::from_bytes(name.as_bytes()),
            HeaderValue::from_str(&value),
        );
        let (Ok(parsed), Ok(value)) = parsed else {
            return Err(invalid(
                place,
                format!("the header `{name}` cannot be read"),
            ));
        };
        if headers.contains_key(&parsed) {
            return Err(invalid(
                place,
                format!("the header `{name}` is there twice"),
            ));
        }
        headers.insert(parsed, value);
    }
    Ok(headers)
}

/// The bytes that a body stands for: JSON as it is, text as a string, anything else in base64url.
/// `raw` is a piece of the text of the batch.
fn body_bytes(raw: &str, headers: &HeaderMap, batch: &Bytes, place: &str) -> Result<Bytes> {
    let media = headers
        .get(CONTENT_TYPE)
        .and_then(|media| media.to_str().ok());
    let media = MediaType::parse(media.unwrap_or_default());
    if media.is_json() {
        return Ok(batch.slice_ref(raw.as_bytes()));
    }
    let text: String = serde_json::from_str(raw).map_err(|_| {
        let message = format!("a body of the type `{}` is written as a string", media.name);
        invalid(place, message)
    })?;
    if media.is_text() {
        return Ok(Bytes::from(text));
    }
    let bytes = BASE64
        .decode(text)
        .map_err(|e| invalid(place, format!("the body is not base64url: {e}")))?;
    Ok(Bytes::from(bytes))
}
