//! The addresses that change something: creating, changing, deleting, calling, batches.

use utoipa::openapi::path::{HttpMethod, OperationBuilder, PathItem, PathsBuilder};
use utoipa::openapi::response::ResponsesBuilder;
use utoipa::openapi::{Deprecated, Ref};

use super::paths::{ROOT, address_of, start};
use super::{SERVICE, answers, bodies, parameters};
use crate::model::{Entity, EntityId, Method, MethodKind, Model};
use crate::service::Offers;

/// Headers of every change of one entity.
const CHANGE: &[&str] = &[
    "ifMatch",
    "preferChange",
    "maxVersion",
    "transactionId",
    "repeatabilityRequestId",
    "repeatabilityFirstSent",
];
/// Headers of a creation.
const CREATE: &[&str] = &[
    "preferChange",
    "maxVersion",
    "transactionId",
    "repeatabilityRequestId",
    "repeatabilityFirstSent",
];

/// Adds what can be done with the entities of a set, and with `$batch`.
pub(super) fn add(model: &Model, paths: PathsBuilder, offers: Offers) -> PathsBuilder {
    let paths = model.entities().fold(paths, |paths, (id, entity)| {
        let paths = create(model, paths, id, offers);
        let paths = change(paths, entity, offers);
        let paths = children(model, paths, entity, offers);
        calls(model, paths, id, offers)
    });
    let paths = unbound(model, paths, offers);
    if offers.batch { batch(paths) } else { paths }
}

/// An operation on a set, without parameters and answers yet.
fn operation(entity: &Entity, id: &str, summary: &str) -> OperationBuilder {
    start(&entity.set, id, summary).deprecated(entity.obsolete.then_some(Deprecated::True))
}

fn with(operation: OperationBuilder, names: &[&str]) -> OperationBuilder {
    names.iter().fold(operation, |operation, name| {
        operation.parameter_ref(parameters::reference(name))
    })
}

fn item(method: HttpMethod, operation: OperationBuilder) -> PathItem {
    PathItem::new(method, operation.build())
}

/// The answers of a creation: the new entity, or nothing where `return=minimal` was preferred.
fn created(ty: &str) -> ResponsesBuilder {
    let created = answers::changed("The new entity.")
        .header_ref("Location", answers::header("Location"))
        .content("application/json", answers::json(ty));
    let responses = ResponsesBuilder::new()
        .response("201", created)
        .response("204", Ref::from_response_name("Created"));
    answers::refuse(responses, answers::CHANGE)
}

/// POST on the set.
fn create(model: &Model, paths: PathsBuilder, id: EntityId, offers: Offers) -> PathsBuilder {
    let entity = model.entity(id);
    if !offers.inserts(entity) {
        return paths;
    }
    let (set, ty) = (&entity.set, &entity.type_name);
    let create = operation(entity, &format!("create_{ty}"), "Creates an entity.")
        .request_body_ref(Some(bodies::reference(&bodies::create(ty))))
        .responses(created(ty));
    paths.path(
        format!("{ROOT}/{set}"),
        item(HttpMethod::Post, with(create, CREATE)),
    )
}

/// PATCH, PUT and DELETE on one entity.
fn change(paths: PathsBuilder, entity: &Entity, offers: Offers) -> PathsBuilder {
    let ty = &entity.type_name;
    let address = address_of(entity);
    let headers = ["id", "ifNoneMatchChange"];
    let mut paths = paths;
    if offers.updates(entity) {
        let verbs = [
            (HttpMethod::Patch, "update", "Changes what is given."),
            (
                HttpMethod::Put,
                "replace",
                "Replaces an entity: what is not given gets its default.",
            ),
        ];
        for (method, word, summary) in verbs {
            let changed = answers::changed("The entity as it is now.")
                .content("application/json", answers::json(ty));
            let responses = created(ty)
                .response("200", changed)
                .response("204", Ref::from_response_name("Changed"));
            let change = operation(entity, &format!("{word}_{ty}"), summary)
                .request_body_ref(Some(bodies::reference(&bodies::update(ty))))
                .responses(responses);
            let change = with(with(change, &headers), CHANGE);
            paths = paths.path(&address, item(method, change));
        }
    }
    if offers.deletes(entity) {
        let responses = ResponsesBuilder::new().response("204", Ref::from_response_name("Deleted"));
        let summary = "Deletes an entity with the children of its aggregate.";
        let delete = operation(entity, &format!("delete_{ty}"), summary)
            .responses(answers::refuse(responses, answers::CHANGE));
        let delete = with(with(delete, &["id"]), CHANGE);
        paths = paths.path(&address, item(HttpMethod::Delete, delete));
    }
    paths
}

/// POST on the child collections of one entity.
fn children(model: &Model, paths: PathsBuilder, entity: &Entity, offers: Offers) -> PathsBuilder {
    let insertable = |target| offers.creates(model, target);
    let collections = entity.collections.iter().filter(|c| insertable(c.target));
    collections.fold(paths, |paths, collection| {
        let target = &model.entity(collection.target).type_name;
        let id = format!("create_{}_{}", entity.type_name, collection.name);
        let create = operation(entity, &id, "Creates a child of an entity.")
            .request_body_ref(Some(bodies::reference(&bodies::create(target))))
            .responses(created(target));
        let create = with(with(create, &["id"]), CREATE);
        let address = format!("{}/{}", address_of(entity), collection.name);
        paths.path(address, item(HttpMethod::Post, create))
    })
}

/// POST on the actions of one entity.
fn calls(model: &Model, paths: PathsBuilder, id: EntityId, offers: Offers) -> PathsBuilder {
    let entity = model.entity(id);
    let methods = model.methods_of(id).filter(|m| is_offered(m, offers));
    methods.fold(paths, |paths, method| {
        let name = format!("{}_{}", entity.type_name, method.name);
        let call = operation(entity, &name, &method.text.en);
        let call = with(called(model, method, Some(entity), call), &["id"]);
        let address = format!("{}/{}", address_of(entity), method.qualified());
        paths.path(address, item(HttpMethod::Post, with(call, CHANGE)))
    })
}

/// POST on the actions at the service root.
fn unbound(model: &Model, paths: PathsBuilder, offers: Offers) -> PathsBuilder {
    let methods = model.unbound_methods().filter(|m| is_offered(m, offers));
    methods.fold(paths, |paths, method| {
        let call = start(SERVICE, &method.name, &method.text.en);
        let call = with(called(model, method, None, call), CREATE);
        let address = format!("{ROOT}/{}", method.name);
        paths.path(address, item(HttpMethod::Post, call))
    })
}

fn is_offered(method: &Method, offers: Offers) -> bool {
    match method.kind {
        MethodKind::Action => offers.calls(method),
        MethodKind::Function => false,
    }
}

/// The body and the answers of an action.
fn called(
    model: &Model,
    method: &Method,
    entity: Option<&Entity>,
    call: OperationBuilder,
) -> OperationBuilder {
    let good = |described: &str, media: &str, content| {
        let answered = answers::changed(described).content(media, content);
        ResponsesBuilder::new().response("200", answered)
    };
    const JSON: &str = "application/json";
    let responses = match (bodies::record(method), method.returns.as_str(), entity) {
        (Some(record), _, _) => good("What was made; it is told only here.", JSON, record),
        (None, "EntityObject", Some(entity)) => {
            let schema = answers::json(&entity.type_name);
            good("The object that the action answers.", JSON, schema)
        }
        (None, "string", _) => {
            let schema = answers::text(utoipa::openapi::Type::String);
            good("The text that the action answers.", "text/plain", schema)
        }
        (None, _, _) => ResponsesBuilder::new().response("204", Ref::from_response_name("Done")),
    };
    call.request_body(Some(bodies::arguments(model, method)))
        .responses(answers::refuse(responses, answers::CHANGE))
}

fn batch(paths: PathsBuilder) -> PathsBuilder {
    let good = answers::odata("The answers, in the order of the requests.")
        .content("application/json", answers::json("BatchAnswers"))
        .content(
            "multipart/mixed",
            answers::text(utoipa::openapi::Type::String),
        );
    let responses = ResponsesBuilder::new().response("200", good);
    let batch = start(SERVICE, "batch", "Answers several requests at once.")
        .description(Some(
            "Requests of a change set, or of an `atomicityGroup`, happen together or not at all.",
        ))
        .request_body(Some(bodies::batch()))
        .responses(answers::refuse(responses, answers::BATCH));
    let batch = with(batch, &["preferBatch", "maxVersion", "transactionId"]);
    paths.path(format!("{ROOT}/$batch"), item(HttpMethod::Post, batch))
}
