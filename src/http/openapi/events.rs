//! The address of events in real time, whose answer has no end.

use utoipa::openapi::RefOr;
use utoipa::openapi::Schema;
use utoipa::openapi::path::{
    HttpMethod, Parameter, ParameterBuilder, ParameterIn, PathItem, PathsBuilder,
};
use utoipa::openapi::response::{ResponseBuilder, ResponsesBuilder};
use utoipa::openapi::schema::Type;

use super::paths::start;
use super::schemas::of;
use super::{SERVICE, answers};

/// What somebody who wants to listen may be refused with.
pub(super) const EVENTS: &[u16] = &[400, 401, 403, 405, 410, 414, 429, 500, 501, 503];

const TEXT: &str = "Server-Sent Events: `notification` for the user; `created`, `changed` and \
    `deleted` of the sets that are asked for, as far as they may be read. The stream has no end of \
    its own. The `id` of an event is where the stream goes on after it.";

/// Adds it.
pub(super) fn add(paths: PathsBuilder) -> PathsBuilder {
    let stream = ResponseBuilder::new()
        .description("The stream.")
        .content("text/event-stream", answers::text(Type::String));
    let good = ResponsesBuilder::new().response("200", stream);
    let listen = start(SERVICE, "events", "Tells what happens, as it happens.")
        .description(Some(TEXT))
        .parameter(parameter(
            "sets",
            ParameterIn::Query,
            "Entity sets whose changes are told, separated by commas.",
        ))
        .parameter(parameter(
            "lastEventId",
            ParameterIn::Query,
            "As `Last-Event-ID`, for clients that cannot send headers.",
        ))
        .parameter(parameter(
            "Last-Event-ID",
            ParameterIn::Header,
            "The id of the last event that arrived: what came after it is told first.",
        ))
        .responses(answers::refuse(good, EVENTS));
    paths.path(
        "/api/domain/events",
        PathItem::new(HttpMethod::Get, listen.build()),
    )
}

fn parameter(name: &str, place: ParameterIn, text: &str) -> Parameter {
    let schema: RefOr<Schema> = of(Type::String).into();
    ParameterBuilder::new()
        .name(name)
        .parameter_in(place)
        .description(Some(text))
        .schema(Some(schema))
        .build()
}
