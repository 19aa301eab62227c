//! Addresses that are the caller's own: their row, and the monitors of what they have asked for.

use utoipa::openapi::path::{HttpMethod, ParameterBuilder, ParameterIn, PathItem, PathsBuilder};
use utoipa::openapi::response::{ResponseBuilder, ResponsesBuilder};
use utoipa::openapi::schema::Type;
use utoipa::openapi::{Ref, RefOr, Required, Schema};

use super::paths::{ROOT, start};
use super::schemas::of;
use super::{SERVICE, answers, bodies, parameters};
use crate::model::Model;
use crate::service::Offers;

/// The repository that a caller has a row of.
const USERS: &str = "Systems.Security.Users";
/// What a monitor may refuse.
pub(super) const MONITOR: &[u16] = &[400, 401, 403, 404, 405, 410, 414, 429, 500, 503];

const TEXT: &str = "Exports with `Prefer: respond-async` are answered 202 with this address in \
    `Location`. It answers 202 while the work goes on, and then the result, once: with the header \
    `AsyncResult`, or as `application/http` where `Accept` names that, or where `OData-MaxVersion` \
    is `4.0` and there is no `Accept`.";

/// Adds them.
pub(super) fn add(model: &Model, paths: PathsBuilder, offers: Offers) -> PathsBuilder {
    monitor(me(model, paths, offers))
}

/// The singleton `Me`.
fn me(model: &Model, paths: PathsBuilder, offers: Offers) -> PathsBuilder {
    let Some(users) = model.repository(USERS) else {
        return paths;
    };
    let users = model.entity(users);
    let (set, ty, address) = (&users.set, &users.type_name, format!("{ROOT}/Me"));
    let one = answers::odata("The entity.")
        .header_ref("ETag", answers::header("ETag"))
        .content("application/json", answers::json(ty));
    let one = answers::refuse(ResponsesBuilder::new().response("200", one), answers::QUERY);
    let one = one.response("304", Ref::from_response_name("NotModified"));
    let read = start(set, "get_Me", "Reads the user who has signed in.").responses(one);
    let read = parameters::of_entity(users)
        .into_iter()
        .fold(read, utoipa::openapi::path::OperationBuilder::parameter_ref);
    let paths = paths.path(&address, PathItem::new(HttpMethod::Get, read.build()));
    if !offers.updates(users) {
        return paths;
    }
    let changed =
        answers::changed("The entity as it is now.").content("application/json", answers::json(ty));
    let responses = ResponsesBuilder::new()
        .response("200", changed)
        .response("204", Ref::from_response_name("Changed"));
    let change = start(
        set,
        "update_Me",
        "Changes what users may change of themselves.",
    )
    .request_body_ref(Some(bodies::reference(&bodies::update(ty))))
    .responses(answers::refuse(responses, answers::CHANGE));
    let headers = ["ifMatch", "preferChange", "maxVersion", "transactionId"];
    let change = headers.iter().fold(change, |change, name| {
        change.parameter_ref(parameters::reference(name))
    });
    paths.path(address, PathItem::new(HttpMethod::Patch, change.build()))
}

/// The monitors of asynchronous requests.
fn monitor(paths: PathsBuilder) -> PathsBuilder {
    let schema: RefOr<Schema> = of(Type::String).into();
    let name = ParameterBuilder::new()
        .name("request")
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .description(Some("The name of the request, as in `Location`."))
        .schema(Some(schema))
        .build();
    let result = answers::odata("The result.")
        .header_ref("AsyncResult", answers::header("AsyncResult"))
        .content("text/csv", answers::text(Type::String))
        .content("application/x-ndjson", answers::text(Type::String))
        .content(
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            answers::text(Type::String),
        )
        .content("application/json", answers::json("Error"))
        .content("application/http", answers::text(Type::String));
    let running = answers::odata("The work goes on.")
        .header_ref("Location", answers::header("Monitor"))
        .header_ref("Retry-After", answers::header("RetryAfter"));
    let good = ResponsesBuilder::new()
        .response("200", result)
        .response("202", running);
    let watch = start(
        SERVICE,
        "monitor",
        "Tells of an asynchronous request, and its result.",
    )
    .description(Some(TEXT))
    .parameter(name.clone())
    .responses(answers::refuse(good, MONITOR));
    let gone = ResponseBuilder::new().description("The work is stopped, and its result gone.");
    let gone = ResponsesBuilder::new().response("204", gone);
    let cancel = start(SERVICE, "cancel", "Cancels an asynchronous request.")
        .parameter(name)
        .responses(answers::refuse(gone, MONITOR));
    let address = format!("{ROOT}/$async/{{request}}");
    paths
        .path(&address, PathItem::new(HttpMethod::Get, watch.build()))
        .path(address, PathItem::new(HttpMethod::Delete, cancel.build()))
}
