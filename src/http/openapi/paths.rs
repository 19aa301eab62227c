//! The addresses and what they answer.

use utoipa::openapi::path::{HttpMethod, OperationBuilder, PathItem, PathsBuilder};
use utoipa::openapi::response::{ResponseBuilder, ResponsesBuilder};
use utoipa::openapi::schema::Type;
use utoipa::openapi::{Deprecated, Ref};

use super::sign_in::SIGNED_IN;
use super::{SERVICE, answers, parameters, schemas};
use crate::model::{Entity, Model};

/// The path of the OData service root.
pub(super) const ROOT: &str = "/api/domain/odata";

/// Every address that is read.
pub(super) fn all(model: &Model) -> PathsBuilder {
    let paths = model
        .entities()
        .fold(PathsBuilder::new(), |paths, (_, entity)| {
            let paths = of_set(paths, entity);
            navigation(model, paths, entity)
        });
    models(service(paths))
}

/// The address of one entity.
pub(super) fn address_of(entity: &Entity) -> String {
    format!("{ROOT}/{}({{id}})", entity.set)
}

/// An operation without parameters and answers yet.
pub(super) fn start(tag: &str, id: &str, summary: &str) -> OperationBuilder {
    OperationBuilder::new()
        .tag(tag)
        .operation_id(Some(id))
        .summary(Some(summary))
}

fn item(operation: OperationBuilder) -> PathItem {
    PathItem::new(HttpMethod::Get, operation.build())
}

fn with(operation: OperationBuilder, parameters: Vec<Ref>) -> OperationBuilder {
    parameters
        .into_iter()
        .fold(operation, OperationBuilder::parameter_ref)
}

/// The answers of an address: the good one and the refusals.
fn answers(good: ResponseBuilder, refusals: &[u16]) -> ResponsesBuilder {
    answers::refuse(ResponsesBuilder::new().response("200", good), refusals)
}

/// The answers of a collection, whose exports may come later.
fn pages(good: ResponseBuilder) -> ResponsesBuilder {
    answers(good, answers::QUERY).response("202", Ref::from_response_name("Accepted"))
}

fn deprecated(entity: &Entity) -> Option<Deprecated> {
    entity.obsolete.then_some(Deprecated::True)
}

/// The collection, one entity of it, and its number of entities.
fn of_set(paths: PathsBuilder, entity: &Entity) -> PathsBuilder {
    let (set, ty) = (&entity.set, &entity.type_name);
    let page = answers::odata("A page of entities.")
        .content("application/json", answers::json(&schemas::page(ty)));
    let list = start(set, &format!("list_{set}"), "Lists entities.")
        .description(Some(entity.text.en.as_str()))
        .deprecated(deprecated(entity))
        .responses(pages(page));
    let one = answers::odata("The entity.")
        .header_ref("ETag", Ref::new("#/components/headers/ETag"))
        .content("application/json", answers::json(ty));
    let one = answers(one, answers::QUERY);
    let one = one.response("304", Ref::from_response_name("NotModified"));
    let read = start(set, &format!("get_{ty}"), "Reads one entity.")
        .deprecated(deprecated(entity))
        .parameter_ref(parameters::reference("id"))
        .responses(one);
    let number =
        answers::odata("The number, as text.").content("text/plain", answers::text(Type::Integer));
    let count = start(set, &format!("count_{set}"), "Counts entities.")
        .deprecated(deprecated(entity))
        .responses(answers(number, answers::QUERY));
    paths
        .path(
            format!("{ROOT}/{set}"),
            item(with(list, parameters::of_page(entity))),
        )
        .path(
            address_of(entity),
            item(with(read, parameters::of_entity(entity))),
        )
        .path(
            format!("{ROOT}/{set}/$count"),
            item(with(count, parameters::of_count(entity))),
        )
}

/// The references and child collections of one entity.
fn navigation(model: &Model, paths: PathsBuilder, entity: &Entity) -> PathsBuilder {
    let (set, ty) = (&entity.set, &entity.type_name);
    let read = |name: &str, summary: &str| {
        start(set, &format!("get_{ty}_{name}"), summary)
            .deprecated(deprecated(entity))
            .parameter_ref(parameters::reference("id"))
    };
    let address = |name: &str| format!("{}/{name}", address_of(entity));
    let paths = entity.references.iter().fold(paths, |paths, reference| {
        let target = model.entity(reference.target);
        let one = answers::odata("The entity.")
            .content("application/json", answers::json(&target.type_name));
        let mut responses = answers(one, answers::QUERY);
        if reference.nullable {
            responses = responses.response("204", answers::odata("The reference is empty."));
        }
        let read = read(
            &reference.name,
            "Reads the entity that a reference leads to.",
        )
        .description(Some(reference.text.en.as_str()))
        .responses(responses);
        paths.path(
            address(&reference.name),
            item(with(read, parameters::of_entity(target))),
        )
    });
    entity.collections.iter().fold(paths, |paths, collection| {
        let target = model.entity(collection.target);
        let page = answers::odata("A page of children.").content(
            "application/json",
            answers::json(&schemas::page(&target.type_name)),
        );
        let list = read(&collection.name, "Lists the children of an entity.")
            .description(Some(collection.text.en.as_str()))
            .responses(pages(page));
        paths.path(
            address(&collection.name),
            item(with(list, parameters::of_page(target))),
        )
    })
}

/// The model endpoints: all repositories, and one.
fn models(paths: PathsBuilder) -> PathsBuilder {
    let address = |id: &str, summary: &str, ty: Type| {
        let good = ResponseBuilder::new()
            .description("The model.")
            .header_ref("ETag", Ref::new("#/components/headers/ETag"))
            .content("application/json", answers::text(ty));
        let responses = answers(good, answers::QUERY);
        let responses = responses.response("304", Ref::from_response_name("NotModified"));
        let shared = ["culture", "ifNoneMatch"].map(parameters::reference);
        with(
            start(SERVICE, id, summary).responses(responses),
            shared.to_vec(),
        )
    };
    let details = || parameters::reference("details");
    let set = || parameters::reference("set");
    let kinds = [
        ("standardmodel", "Describes the shipped model"),
        ("currentmodel", "Describes the model of this installation"),
    ];
    let done = ResponseBuilder::new().description("The model is up to date.");
    let done = ResponsesBuilder::new().response("204", done);
    let reset = "Lets custom properties that were defined show up in the model.";
    let reset = start(SERVICE, "reset", reset).responses(answers::refuse(done, SIGNED_IN));
    let reset = PathItem::new(HttpMethod::Post, reset.build());
    let paths = paths.path("/api/domain/reset", reset);
    kinds.into_iter().fold(paths, |paths, (name, summary)| {
        let all = address(name, &format!("{summary}."), Type::Array).parameter_ref(details());
        let one = format!("{summary}: one entity set.");
        let one = address(&format!("{name}_set"), &one, Type::Object).parameter_ref(set());
        paths
            .path(format!("/api/domain/{name}"), item(all))
            .path(format!("/api/domain/{name}/{{set}}"), item(one))
    })
}

/// Documents, health and metrics.
fn service(paths: PathsBuilder) -> PathsBuilder {
    let document = |id: &str, summary: &str, good: ResponseBuilder| {
        let good = good.header_ref("ETag", Ref::new("#/components/headers/ETag"));
        let responses = answers(good, answers::DOCUMENT);
        let responses = responses.response("304", Ref::from_response_name("NotModified"));
        start(SERVICE, id, summary)
            .parameter_ref(parameters::reference("ifNoneMatch"))
            .responses(responses)
    };
    let sets = answers::odata("Every entity set with its address.")
        .content("application/json", answers::json("ServiceDocument"));
    let metadata = answers::odata("The model as CSDL.")
        .content("application/xml", answers::text(Type::String))
        .content("application/json", answers::text(Type::Object));
    let openapi = ResponseBuilder::new()
        .description("This document.")
        .content("application/json", answers::text(Type::Object));
    let odata = ["format", "maxVersion"].map(parameters::reference);
    let plain = |id: &str, summary: &str, good: ResponseBuilder, refusals: &[u16]| {
        item(start(SERVICE, id, summary).responses(answers(good, refusals)))
    };
    let health = |text: &str| {
        ResponseBuilder::new()
            .description(text)
            .content("application/json", answers::json("Health"))
    };
    let unready = [answers::PLAIN, &[503]].concat();
    let metrics = ResponseBuilder::new()
        .description("Metrics in the text format of Prometheus.")
        .content("text/plain", answers::text(Type::String));
    let sets = with(
        document("service_document", "Lists the entity sets.", sets),
        odata.to_vec(),
    );
    let metadata = document("metadata", "Describes the model.", metadata);
    paths
        .path(format!("{ROOT}/"), item(sets))
        .path(
            format!("{ROOT}/$metadata"),
            item(with(metadata, odata.to_vec())),
        )
        .path(
            "/api/domain/openapi.json",
            item(document("openapi", "Describes the addresses.", openapi)),
        )
        .path(
            "/health/live",
            plain(
                "live",
                "Says that the process runs.",
                health("It runs."),
                answers::PLAIN,
            ),
        )
        .path(
            "/health/ready",
            plain(
                "ready",
                "Says whether the database answers.",
                health("It does."),
                &unready,
            ),
        )
        .path(
            "/metrics",
            plain("metrics", "Gives metrics.", metrics, answers::PLAIN),
        )
}
