//! The addresses of functions: on the entities of a set, and at the service root.

use utoipa::openapi::content::{Content, ContentBuilder};
use utoipa::openapi::path::{
    HttpMethod, OperationBuilder, ParameterBuilder, ParameterIn, PathItem, PathsBuilder,
};
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{Components, Ref, RefOr, Required, Schema};

use super::paths::{ROOT, address_of, start};
use super::schemas::{described, of};
use super::{SERVICE, answers, parameters};
use crate::model::{Entity, Method, MethodKind, Model, Parameter};
use crate::service::Offers;

/// The schema of the value of a custom property.
const VALUE: &str = "CustomPropertyValue";

/// Adds the schemas that only functions answer.
pub(super) fn schemas(components: &mut Components) {
    let text = || ObjectBuilder::new().schema_type(nullable_text());
    let description = utoipa::openapi::schema::AnyOfBuilder::new()
        .item(Ref::from_schema_name("MultilanguageString"))
        .item(of(Type::Null));
    let value = described(Type::Object, "The value of a custom property.")
        .property("Value", text())
        .property("ValueId", text())
        .property("Description", description);
    components.schemas.insert(VALUE.to_owned(), value.into());
}

/// Adds the functions that are offered.
pub(super) fn add(model: &Model, paths: PathsBuilder, offers: Offers) -> PathsBuilder {
    let offered = |method: &&Method| match method.kind {
        MethodKind::Function => offers.calls(method),
        MethodKind::Action => false,
    };
    let unbound = model.unbound_methods().filter(offered);
    let paths = unbound.fold(paths, |paths, method| {
        let call = start(SERVICE, &method.name, &method.text.en);
        let address = format!("{ROOT}/{}", method.name);
        paths.path(address, get(method, call))
    });
    model.entities().fold(paths, |paths, (id, entity)| {
        let methods = model.methods_of(id).filter(offered);
        methods.fold(paths, |paths, method| bound(paths, entity, method))
    })
}

fn bound(paths: PathsBuilder, entity: &Entity, method: &Method) -> PathsBuilder {
    let name = format!("{}_{}", entity.type_name, method.name);
    let call =
        start(&entity.set, &name, &method.text.en).parameter_ref(parameters::reference("id"));
    let address = format!("{}/{}", address_of(entity), method.qualified());
    paths.path(address, get(method, call))
}

fn get(method: &Method, call: OperationBuilder) -> PathItem {
    let call = method.parameters.iter().fold(call, |call, parameter| {
        call.parameter(argument(parameter).build())
    });
    let cut: &[&str] = match method.is_collection() {
        true => &["top", "skip", "count"],
        false => &[],
    };
    let shared = cut.iter().chain(&["format", "culture", "maxVersion"]);
    let call = shared.fold(call, |call, name| {
        call.parameter_ref(parameters::reference(name))
    });
    let good = answers::odata("The answer.").content("application/json", result(method));
    let responses = utoipa::openapi::response::ResponsesBuilder::new().response("200", good);
    let call = call.responses(answers::refuse(responses, answers::QUERY));
    PathItem::new(HttpMethod::Get, call.build())
}

/// An argument as a parameter alias, which is a literal of OData.
fn argument(parameter: &Parameter) -> ParameterBuilder {
    let (pattern, example) = match parameter.type_name.as_str() {
        "boolean" => ("^(true|false)$", "`true`"),
        "byte" | "int16" | "int32" | "int64" => ("^[0-9]{1,9}$", "`10`"),
        "guid" => ("^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$", "a guid"),
        _ => ("^'([^']|'')*'$", "`'text'`"),
    };
    let default = parameter.default.as_ref();
    let default = default.map(|default| format!(" Default `{default}`."));
    let text = format!(
        "The argument `{}` as a literal: {example}.{}",
        parameter.name,
        default.unwrap_or_default()
    );
    let schema = of(Type::String).pattern(Some(pattern));
    ParameterBuilder::new()
        .name(format!("@{}", parameter.name))
        .parameter_in(ParameterIn::Query)
        .required(match parameter.optional {
            true => Required::False,
            false => Required::True,
        })
        .description(Some(text))
        .schema(Some(schema))
}

/// What a function answers.
fn result(method: &Method) -> Content {
    let item: RefOr<Schema> = match record(method) {
        Some(record) => record.into(),
        None if method.item() == VALUE => Ref::from_schema_name(VALUE).into(),
        None => of(Type::Object).into(),
    };
    let schema: RefOr<Schema> = match method.is_collection() {
        true => of(Type::Object)
            .property("@odata.context", of(Type::String))
            .property("@odata.count", of(Type::Integer))
            .property("value", ArrayBuilder::new().items(item))
            .required("value")
            .into(),
        false => item,
    };
    ContentBuilder::new().schema(Some(schema)).build()
}

/// The record that a method answers, or each of the records.
pub(super) fn record(method: &Method) -> Option<ObjectBuilder> {
    let members = method.record()?;
    let record = members.fold(of(Type::Object), |schema, (name, kind)| {
        if kind == "Collection(string)" {
            let texts = ArrayBuilder::new().items(of(Type::String));
            return schema.property(name, texts);
        }
        if kind == "Collection(untyped)" {
            let objects = ArrayBuilder::new().items(of(Type::Object));
            return schema.property(name, objects);
        }
        let kind = match kind {
            "int64" => SchemaType::from_iter([Type::Integer, Type::Null]),
            _ => nullable_text(),
        };
        schema.property(name, ObjectBuilder::new().schema_type(kind))
    });
    Some(record)
}

fn nullable_text() -> SchemaType {
    SchemaType::from_iter([Type::String, Type::Null])
}
