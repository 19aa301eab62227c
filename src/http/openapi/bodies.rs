//! What the bodies of requests look like.

use utoipa::openapi::content::{Content, ContentBuilder};
use utoipa::openapi::request_body::{RequestBody, RequestBodyBuilder};
use utoipa::openapi::schema::{
    AllOfBuilder, AnyOfBuilder, ArrayBuilder, ObjectBuilder, SchemaType, Type,
};
use utoipa::openapi::{Components, Ref, RefOr, Required, Schema};

use super::schemas::{attribute, described, of, plain};
use super::{answers, functions};
use crate::model::{Attribute, Entity, EntityId, Method, Model, Parameter};
use crate::service::Offers;

/// The body and the schema of what a creation of a type gives.
pub(super) fn create(type_name: &str) -> String {
    format!("{type_name}.Create")
}

/// The body and the schema of what a change of a type gives.
pub(super) fn update(type_name: &str) -> String {
    format!("{type_name}.Update")
}

/// A reference to a shared body.
pub(super) fn reference(name: &str) -> Ref {
    Ref::new(format!("#/components/requestBodies/{name}"))
}

/// Adds the bodies of all entities that can be changed, and those of batches.
pub(super) fn add(model: &Model, components: &mut Components, offers: Offers) {
    let mut add = |name: String, schema: RefOr<Schema>| {
        let body = RequestBodyBuilder::new()
            .content("application/json", answers::json(&name))
            .required(Some(Required::True));
        let bodies = &mut components.request_bodies;
        bodies.insert(name.clone(), RefOr::T(body.build()));
        components.schemas.insert(name, schema);
    };
    for (id, entity) in model.entities() {
        let ty = &entity.type_name;
        let inserts = offers.inserts(entity);
        if inserts || offers.updates(entity) {
            add(update(ty), given(model, entity, offers).into());
        }
        if offers.creates(model, id) {
            add(create(ty), complete(entity).into());
        } else if inserts {
            add(create(ty), one_of_derived(model, id, offers).into());
        }
    }
    let link = described(
        Type::Object,
        "An object that exists, named by `@odata.id` or sought by `@erpnet.findBy`, or a new one.",
    );
    components.schemas.insert("Linked".to_owned(), link.into());
    if offers.batch {
        let schemas = &mut components.schemas;
        schemas.insert("Batch".to_owned(), requests().into());
        schemas.insert("BatchAnswers".to_owned(), responses().into());
    }
}

/// Whether writers give it.
fn is_given(attribute: &&Attribute) -> bool {
    !attribute.is_made() && !attribute.secret
}

/// What a change may give. Other members, such as annotations, are free.
fn given(model: &Model, entity: &Entity, offers: Offers) -> ObjectBuilder {
    let mut schema = of(Type::Object);
    for found in entity.attributes.iter().filter(is_given) {
        schema = schema.property(&found.name, attribute(model, found));
    }
    for reference in entity.references.iter().filter(|r| !r.read_only) {
        let mut any = AnyOfBuilder::new().item(Ref::from_schema_name("Linked"));
        if reference.nullable {
            any = any.item(of(Type::Null));
        }
        let text = &reference.text.en;
        schema = schema.property(&reference.name, any.description(Some(text)));
    }
    for collection in entity.collections.iter().filter(|c| c.owned) {
        let target = model.entity(collection.target);
        if offers.updates(target) {
            let items = ArrayBuilder::new().items(Ref::from_schema_name(update(&target.type_name)));
            let text = &collection.text.en;
            schema = schema.property(&collection.name, items.description(Some(text)));
        }
    }
    schema
}

/// What a creation must give: all that is required and has no default.
fn complete(entity: &Entity) -> AllOfBuilder {
    let given = entity.attributes.iter().filter(is_given);
    let needed = given.filter(|a| a.required && a.default.is_none());
    let needed = needed.fold(of(Type::Object), |schema, a| schema.required(&a.name));
    let secret = entity.attributes.iter().filter(|a| a.is_needed_secret());
    let needed = secret.fold(needed, |schema, a| {
        let value = plain(a).write_only(true);
        schema.property(&a.name, value).required(&a.name)
    });
    AllOfBuilder::new()
        .item(Ref::from_schema_name(update(&entity.type_name)))
        .item(needed)
}

/// What a creation in the set of a base type gives: an object of a type that extends it, which it
/// names.
fn one_of_derived(model: &Model, id: EntityId, offers: Offers) -> AnyOfBuilder {
    let derived = model.derived(id).iter();
    let derived = derived.filter(|of| offers.creates(model, **of));
    derived.fold(AnyOfBuilder::new(), |any, id| {
        let ty = &model.entity(*id).type_name;
        let name = of(Type::String).enum_values(Some([format!("#{}.{ty}", Method::ERP)]));
        let named = of(Type::Object).property("@odata.type", name);
        any.item(
            AllOfBuilder::new()
                .item(Ref::from_schema_name(create(ty)))
                .item(named.required("@odata.type")),
        )
    })
}

/// The parameters of an action.
pub(super) fn arguments(model: &Model, method: &Method) -> RequestBody {
    let schema = method
        .parameters
        .iter()
        .fold(of(Type::Object), |schema, parameter| {
            let ty: RefOr<Schema> = match parameter.type_name.as_str() {
                "boolean" => of(Type::Boolean).into(),
                "byte" | "int16" | "int32" | "int64" => of(Type::Integer).into(),
                Parameter::OBJECTS => ArrayBuilder::new().items(of(Type::Object)).into(),
                // An entity, by its address.
                name if model.repository(name).is_some() => Ref::from_schema_name("Link").into(),
                // Texts in JSON.
                _ => of(Type::String).into(),
            };
            let schema = schema.property(&parameter.name, ty);
            if parameter.optional {
                schema
            } else {
                schema.required(&parameter.name)
            }
        });
    let needed = method.parameters.iter().any(|p| !p.optional);
    let content = ContentBuilder::new().schema(Some(RefOr::<Schema>::from(schema)));
    RequestBodyBuilder::new()
        .content("application/json", content.build())
        .required(Some(if needed {
            Required::True
        } else {
            Required::False
        }))
        .build()
}

/// What an action answers, where that is a record.
pub(super) fn record(method: &Method) -> Option<Content> {
    let schema = functions::record(method)?;
    Some(
        ContentBuilder::new()
            .schema(Some(RefOr::<Schema>::from(schema)))
            .build(),
    )
}

/// The two forms of a batch.
pub(super) fn batch() -> RequestBody {
    RequestBodyBuilder::new()
        .content("application/json", answers::json("Batch"))
        .content("multipart/mixed", answers::text(Type::String))
        .required(Some(Required::True))
        .build()
}

fn headers() -> ObjectBuilder {
    described(Type::Object, "Headers by name.").additional_properties(Some(of(Type::String)))
}

/// A body of any JSON, as it would be sent alone.
fn any_body() -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(SchemaType::AnyValue)
        .description(Some("The body; bytes of other media types as base64url."))
}

/// The JSON form of a batch (OData JSON Format 4.01, section 19.1).
fn requests() -> ObjectBuilder {
    let depends = ArrayBuilder::new()
        .items(of(Type::String))
        .description(Some(
            "Requests or groups that must have succeeded before this one.",
        ));
    let method = of(Type::String).enum_values(Some(["get", "post", "patch", "put", "delete"]));
    let request = of(Type::Object)
        .property("id", described(Type::String, "Names the request."))
        .property("method", method)
        .property(
            "url",
            described(Type::String, "Absolute, or relative to the service root."),
        )
        .property("headers", headers())
        .property(
            "atomicityGroup",
            described(Type::String, "Requests of a group happen together."),
        )
        .property("dependsOn", depends)
        .property("body", any_body())
        .required("id")
        .required("method")
        .required("url");
    of(Type::Object)
        .property("requests", ArrayBuilder::new().items(request))
        .required("requests")
}

/// The JSON form of the answers (section 19.4).
fn responses() -> ObjectBuilder {
    let response = of(Type::Object)
        .property("id", of(Type::String))
        .property("status", of(Type::Integer))
        .property("headers", headers())
        .property("atomicityGroup", of(Type::String))
        .property("body", any_body())
        .required("id")
        .required("status");
    of(Type::Object)
        .property("responses", ArrayBuilder::new().items(response))
        .required("responses")
}
