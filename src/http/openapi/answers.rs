//! Answers that many addresses share, above all the refusals.

use utoipa::openapi::content::{Content, ContentBuilder};
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::response::{Response, ResponseBuilder, ResponsesBuilder};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{Components, Ref, RefOr, Schema};

use super::events::EVENTS;
use super::own::MONITOR;
use super::sign_in::SIGN_IN;
use crate::diag::Code;

/// What a query may be refused with.
pub(super) const QUERY: &[u16] = &[
    400, 401, 403, 404, 405, 406, 410, 412, 414, 429, 500, 501, 503, 504,
];
/// What the address of a document may be refused with.
pub(super) const DOCUMENT: &[u16] = &[400, 404, 405, 406, 412, 414, 429, 500, 501];
/// What health and metrics may be refused with.
pub(super) const PLAIN: &[u16] = &[401, 403, 405, 414, 500];

/// What a change may be refused with.
pub(super) const CHANGE: &[u16] = &[
    400, 401, 403, 404, 405, 406, 409, 412, 413, 414, 415, 422, 428, 429, 500, 501, 503, 504,
];
/// What a batch as a whole may be refused with; its requests have answers of their own.
pub(super) const BATCH: &[u16] = &[
    400, 401, 403, 404, 405, 406, 412, 413, 414, 415, 429, 500, 501, 503,
];

/// Adds the shared answers.
pub(super) fn add(components: &mut Components) {
    let mut statuses: Vec<u16> = [
        QUERY, CHANGE, BATCH, DOCUMENT, PLAIN, SIGN_IN, EVENTS, MONITOR,
    ]
    .concat();
    statuses.sort_unstable();
    statuses.dedup();
    for status in statuses {
        components
            .responses
            .insert(name(status), refusal(status).into());
    }
    let same = Response::new("The document has not changed since the given entity tag.");
    components
        .responses
        .insert("NotModified".to_owned(), same.into());
    let accepted = odata("An export with `Prefer: respond-async`: its monitor answers later.")
        .header_ref("Location", header("Monitor"))
        .header_ref("Retry-After", header("RetryAfter"))
        .header_ref("Preference-Applied", header("PreferenceApplied"));
    components
        .responses
        .insert("Accepted".to_owned(), accepted.build().into());
    let bare = [
        (
            "Created",
            changed("It was created, and `return=minimal` was preferred.")
                .header_ref("Location", header("Location"))
                .header_ref("OData-EntityId", header("EntityId")),
        ),
        (
            "Changed",
            changed("It was changed; created, where there was nothing.")
                .header_ref("OData-EntityId", header("EntityId")),
        ),
        ("Deleted", odata("It was deleted.")),
        ("Done", changed("It was done.")),
    ];
    for (name, answer) in bare {
        let answer = answer.header_ref("Ext-Messages", header("Messages"));
        components
            .responses
            .insert(name.to_owned(), answer.build().into());
    }
}

/// A reference to a shared header.
pub(super) fn header(name: &str) -> Ref {
    Ref::new(format!("#/components/headers/{name}"))
}

/// The answer to a change, with the headers of the changed entity.
pub(super) fn changed(description: &str) -> ResponseBuilder {
    odata(description)
        .header_ref("ETag", header("ETag"))
        .header_ref("Preference-Applied", header("PreferenceApplied"))
        .header_ref("Repeatability-Result", header("RepeatabilityResult"))
}

fn name(status: u16) -> String {
    format!("Error{status}")
}

/// A refusal: which codes have the status, and what they mean.
fn refusal(status: u16) -> Response {
    let codes = Code::ALL
        .iter()
        .filter(|code| code.status() == status && is_answered(**code));
    let lines: Vec<_> = codes
        .map(|c| format!("- `{}`: {}", c.word(), c.meaning()))
        .collect();
    ResponseBuilder::new()
        .description(lines.join("\n"))
        .content("application/json", json("Error"))
        .header_ref("x-request-id", Ref::new("#/components/headers/RequestId"))
        .build()
}

/// Whether a running service answers with a code (some belong to start-up alone).
fn is_answered(code: Code) -> bool {
    !matches!(
        code,
        Code::ModelFault | Code::ConfigurationFault | Code::DatabaseFault
    )
}

/// A body of a named schema.
pub(super) fn json(schema: &str) -> Content {
    Content::new(Some(Ref::from_schema_name(schema)))
}

/// A text body.
pub(super) fn text(ty: Type) -> Content {
    let schema: RefOr<Schema> = ObjectBuilder::new().schema_type(ty).into();
    ContentBuilder::new().schema(Some(schema)).build()
}

/// An answer of the OData service with its headers.
pub(super) fn odata(description: &str) -> ResponseBuilder {
    ResponseBuilder::new()
        .description(description)
        .header_ref(
            "OData-Version",
            Ref::new("#/components/headers/ODataVersion"),
        )
        .header_ref("x-request-id", Ref::new("#/components/headers/RequestId"))
}

/// The headers that answers share.
pub(super) fn add_headers(components: &mut Components) {
    let text = || ObjectBuilder::new().schema_type(Type::String);
    let versions = text().enum_values(Some(["4.0", "4.01"]));
    let rows = [
        (
            "ODataVersion",
            versions,
            "The version of OData that the answer is written in.",
        ),
        (
            "RequestId",
            text(),
            "Names the request in the log of the service.",
        ),
        (
            "ETag",
            text(),
            "The version of the answer, for `If-None-Match` and `If-Match`.",
        ),
        ("Location", text(), "The address of the new entity."),
        (
            "Monitor",
            text(),
            "The address of the monitor of the asynchronous request.",
        ),
        (
            "RetryAfter",
            text(),
            "The seconds after which to ask again.",
        ),
        (
            "AsyncResult",
            text(),
            "The status of the result of an asynchronous request.",
        ),
        (
            "EntityId",
            text(),
            "The id of the entity, where there is no body.",
        ),
        (
            "PreferenceApplied",
            text(),
            "The preferences that were honoured.",
        ),
        (
            "RepeatabilityResult",
            text().enum_values(Some(["accepted"])),
            "Whether the request was recognised as one that may be sent again.",
        ),
        (
            "Messages",
            text(),
            "Warnings as JSON, where there is no body to hold them.",
        ),
    ];
    for (name, schema, description) in rows {
        let schema: RefOr<Schema> = schema.into();
        let header = HeaderBuilder::new()
            .schema(Some(schema))
            .description(Some(description));
        components
            .headers
            .insert(name.to_owned(), RefOr::T(header.build()));
    }
}

/// Adds references to the refusals of an address.
pub(super) fn refuse(responses: ResponsesBuilder, statuses: &[u16]) -> ResponsesBuilder {
    statuses.iter().fold(responses, |responses, status| {
        responses.response(status.to_string(), Ref::from_response_name(name(*status)))
    })
}
