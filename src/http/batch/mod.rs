//! `POST $batch`: many requests in one, in two formats (OData 4.01 Part 1, 11.7; JSON Format, 19).
//!
//! A batch is understood whole before anything of it happens. Then each part goes the way that it
//! would go alone; a change set is one call of the service.

mod answers;
mod frame;
mod head;
mod json;
mod multipart;
mod part;
mod run;
#[cfg(test)]
mod tests;

use actix_web::HttpResponse;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_TYPE, HeaderMap, IF_MATCH, IF_NONE_MATCH, Quality, QualityItem,
};
use actix_web::mime::Mime;
use bytes::Bytes;

use super::asked::Asked;
use super::gate::Entrance;
use super::odata::{ODATA_VERSION, PREFERENCE_APPLIED};
use super::request_id::{self, RequestId};
use super::{Site, change, language, negotiate, preferences, repeatable};
use crate::diag::{Code, Problem, Result};
use crate::service::{ODataVersion, RequestHead};
use crate::value::Timestamp;
use frame::MediaType;
use part::{Batch, Form, Home, Item};
use run::Run;

const MULTIPART: &str = "multipart/mixed";
const JSON: &str = "application/json";

/// Answers a batch.
pub(super) async fn answer(
    asked: &Asked<'_>,
    body: &Bytes,
    entrance: Entrance<'_>,
    id: &RequestId,
) -> Result<HttpResponse> {
    let site = entrance.site;
    let wishes = negotiate::read(asked.headers)?;
    check_headers(asked)?;
    let format = format(asked, site, wishes.version)?;
    let batch = read(asked, body, site)?;
    check_size(&batch, site.options.batch_parts)?;
    check_credentials(&batch, asked.headers)?;
    let accept = format.as_deref().or(wishes.accept.as_deref());
    let form = negotiate_form(accept, batch.form)?;
    let preferred = preferences::continues_on_error(asked.headers);
    // Part 1, 11.7.7.6 and JSON Format, 19.5: the formats differ in what they do unasked.
    let goes_on = preferred.unwrap_or(batch.form == Form::Json);
    let outcomes = Run::new(asked, entrance, id)
        .all(batch.items, goes_on)
        .await;
    let (content_type, text) = match form {
        Form::Multipart => {
            let id = request_id::fresh();
            let nested = batch.form == Form::Multipart;
            let text = answers::multipart(&outcomes, &id, nested);
            let boundary = answers::batch_boundary(&id);
            (format!("{MULTIPART}; boundary={boundary}"), text)
        }
        Form::Json => (JSON.to_owned(), answers::json(&outcomes)?),
    };
    let version = wishes.version.unwrap_or(ODataVersion::V4);
    let mut response = HttpResponse::Ok();
    response
        .insert_header((ODATA_VERSION, version.text()))
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((CONTENT_TYPE, content_type));
    if let Some(preferred) = preferred {
        let prefix = match version {
            ODataVersion::V4 => "odata.",
            ODataVersion::V401 => "",
        };
        let applied = format!("{prefix}continue-on-error={preferred}");
        response.insert_header((PREFERENCE_APPLIED, applied));
    }
    Ok(response.body(text))
}

/// Refuses what a batch as a whole cannot honour.
fn check_headers(asked: &Asked<'_>) -> Result<()> {
    change::refuse_tunnel(asked.headers)?;
    if repeatable::of(asked.headers)?.is_some() {
        let message = "a batch as a whole is not repeatable";
        return Err(Problem::new(Code::NotSupported, message)
            .about("Repeatability-Request-ID")
            .help("give the header to the requests inside"));
    }
    let condition = [IF_MATCH, IF_NONE_MATCH];
    if let Some(name) = condition
        .iter()
        .find(|name| asked.headers.contains_key(*name))
    {
        let message = "a batch as a whole has no entity tag";
        return Err(Problem::new(Code::InvalidHeader, message)
            .about(name.as_str())
            .help("give the header to the requests inside"));
    }
    Ok(())
}

/// What `$format` asks for, as `Accept` would; the other options of the address are none of a
/// batch.
fn format(asked: &Asked<'_>, site: &Site, version: Option<ODataVersion>) -> Result<Option<String>> {
    let service = &site.backend.ready()?.service;
    let language = language::of(asked.query, asked.headers);
    let head = RequestHead {
        query: asked.query,
        root: asked.root,
        odata_version: version,
        ..RequestHead::at(asked.path, &language, asked.caller, Timestamp::now())
    };
    let format = service.check_batch_options(&head)?;
    Ok(format.map(|format| match format.as_str() {
        "json" => JSON.to_owned(),
        _ => format,
    }))
}

/// Understands the body.
fn read(asked: &Asked<'_>, body: &Bytes, site: &Site) -> Result<Batch> {
    let text = negotiate::single(asked.headers, "Content-Type")?;
    let root = asked.root;
    let home = Home { site, root };
    let media = MediaType::parse(text.unwrap_or_default());
    match media.name.as_str() {
        MULTIPART => {
            let boundary = media.boundary().ok_or_else(|| {
                let message = "the batch names no boundary";
                Problem::new(Code::InvalidBatch, message)
                    .about("Content-Type")
                    .help("write `Content-Type: multipart/mixed; boundary=…`")
            })?;
            let items = multipart::read(body, boundary, home)?;
            let form = Form::Multipart;
            Ok(Batch { form, items })
        }
        JSON => {
            let items = json::read(body, home)?;
            let form = Form::Json;
            Ok(Batch { form, items })
        }
        other => {
            let message = format!("a batch is not of the type `{other}`");
            Err(Problem::new(Code::UnsupportedMediaType, message)
                .about("Content-Type")
                .help("it is `multipart/mixed` or `application/json`"))
        }
    }
}

/// Headers that say who a request comes from.
const CREDENTIALS: [&str; 3] = ["authorization", "x-api-key", "api-key"];

/// Refuses parts with credentials of their own: a batch is one request of one caller. Clients that
/// give all their requests the same headers (OpenUI5) repeat those of the batch, which is no harm.
fn check_credentials(batch: &Batch, of_batch: &HeaderMap) -> Result<()> {
    let parts = batch.items.iter().flat_map(|item| match item {
        Item::Single(part) => std::slice::from_ref(part),
        Item::Set(set) => &set.parts,
    });
    for (number, part) in parts.enumerate() {
        let own = |name: &&&str| {
            let mut all = part.headers.get_all(**name);
            all.any(|credential| of_batch.get(**name) != Some(credential))
        };
        if let Some(name) = CREDENTIALS.iter().find(own) {
            let message = format!("request {number} has a header `{name}` of its own");
            return Err(Problem::new(Code::InvalidBatch, message)
                .help("the requests of a batch come from the caller of the batch"));
        }
    }
    Ok(())
}

fn check_size(batch: &Batch, limit: usize) -> Result<()> {
    let size = |item: &Item| match item {
        Item::Single(_) => 1,
        // A set costs a transaction, even where it is empty.
        Item::Set(set) => set.parts.len().max(1),
    };
    let parts: usize = batch.items.iter().map(size).sum();
    if parts <= limit {
        return Ok(());
    }
    let message = format!("the batch has {parts} requests");
    Err(Problem::new(Code::LimitExceeded, message).help(format!("at most {limit} are taken")))
}

/// The format of the answer: that of the batch wherever it is accepted, since a client that reads
/// only what it wrote may still send a general `Accept`.
fn negotiate_form(accept: Option<&str>, own: Form) -> Result<Form> {
    let Some(accept) = accept else {
        return Ok(own);
    };
    let other = match own {
        Form::Multipart => Form::Json,
        Form::Json => Form::Multipart,
    };
    [own, other]
        .into_iter()
        .find(|form| accepts(accept, *form))
        .ok_or_else(|| {
            let message = "the answer to a batch is not given in an accepted format";
            Problem::new(Code::NotAcceptable, message)
                .about("Accept")
                .help("it is `multipart/mixed` or `application/json`")
        })
}

/// Whether an `Accept` header takes a format.
fn accepts(accept: &str, form: Form) -> bool {
    let (name, any) = match form {
        Form::Multipart => (MULTIPART, "multipart/*"),
        Form::Json => (JSON, "application/*"),
    };
    let ranges = accept.split(',');
    let ranges = ranges.filter_map(|range| range.trim().parse::<QualityItem<Mime>>().ok());
    let ranges: Vec<QualityItem<Mime>> = ranges.collect();
    // The most exact range decides.
    let quality = [name, any, "*/*"].iter().find_map(|wanted| {
        let named = ranges
            .iter()
            .filter(|range| range.item.essence_str() == *wanted);
        named.map(|range| range.quality).max()
    });
    quality.is_some_and(|quality| quality > Quality::ZERO)
}
