//! The operations, one overload for each entity type that a method is bound to, and the imports of
//! those that are not bound.

use crate::model::{Binding, Entity, Method, MethodKind, Model, Parameter as ModelParameter};

use super::Offers;
use super::build::{description, plain, qualified};
use super::tree::{Annotation, Expression, Import, Operation, Parameter, Structured, Type};

/// Every overload of the offered methods of a namespace. Derived types inherit those of their base.
pub(super) fn all(model: &Model, namespace: &str, offers: Offers) -> Vec<Operation> {
    let here = |m: &&Method| m.namespace == namespace && offers.calls(m);
    let offered = model.methods().iter().filter(here);
    offered
        .flat_map(|method| {
            let bound = bound_to(model, method).into_iter();
            bound.map(|entity| overload(model, method, entity))
        })
        .collect()
}

/// The complex types of what the offered methods of a namespace answer, where that is a record.
pub(super) fn records(model: &Model, namespace: &str, offers: Offers) -> Vec<Structured> {
    let here = |m: &&Method| m.namespace == namespace && offers.calls(m);
    let offered = model.methods().iter().filter(here);
    let records = offered.filter_map(|method| {
        let ty = |name: &str| match name {
            "guid" => Type::of("Edm.Guid").nullable(true),
            "datetime" => Type::of("Edm.DateTimeOffset").nullable(true),
            "int64" => Type::of("Edm.Int64").nullable(true),
            "Collection(string)" => Type::of("Edm.String").collection(),
            "Collection(untyped)" => Type::of("Edm.Untyped").collection(),
            _ => Type::of("Edm.String").nullable(true),
        };
        let members = method.record()?;
        let members = members.map(|(name, of)| plain(name, ty(of)));
        Some(Structured {
            name: method.result(),
            properties: members.collect(),
            ..Structured::default()
        })
    });
    records.collect()
}

/// The entities whose types get an overload: the one that the method is of, or all without a base;
/// one overload without an entity where it is not bound.
fn bound_to<'m>(model: &'m Model, method: &Method) -> Vec<Option<&'m Entity>> {
    let entities = model.entities().map(|(_, entity)| entity);
    let any = entities.filter(|entity| entity.base.is_none() && method.is_of(entity));
    match method.binding {
        Binding::Any => any.map(Some).collect(),
        Binding::Entity(of) => vec![Some(model.entity(of))],
        Binding::Unbound => vec![None],
    }
}

/// The imports of the offered methods that are not bound, which make them addresses of their own.
pub(super) fn imports(model: &Model, offers: Offers) -> Vec<Import> {
    let offered = model.unbound_methods().filter(|m| offers.calls(m));
    let imports = offered.map(|method| Import {
        name: method.name.clone(),
        action: is_action(method),
        operation: method.qualified(),
        set: entity_set(model, method.item()),
    });
    imports.collect()
}

/// The set of what a method answers, where that is an entity.
fn entity_set(model: &Model, returns: &str) -> Option<String> {
    let entity = model.repository(returns)?;
    Some(model.entity(entity).set.clone())
}

fn is_action(method: &Method) -> bool {
    match method.kind {
        MethodKind::Action => true,
        MethodKind::Function => false,
    }
}

fn overload(model: &Model, method: &Method, entity: Option<&Entity>) -> Operation {
    let binding = entity.map(|entity| Parameter {
        name: binding_parameter(method).to_owned(),
        ty: Type::of(qualified(&entity.type_name)),
        annotations: Vec::new(),
    });
    let bound = binding.is_some();
    let others = method
        .parameters
        .iter()
        .map(|p| parameter(model, entity, p));
    Operation {
        name: method.name.clone(),
        action: is_action(method),
        bound,
        parameters: binding.into_iter().chain(others).collect(),
        returns: match method.record() {
            Some(_) => Some(record_of(method)),
            None => type_named(model, entity, &method.returns),
        },
        annotations: description(&method.text),
    }
}

/// How the binding parameter is called. A client that looks for `bindingParameter` makes a member
/// of the class of it, and then cannot read objects of that class inside others (python-odata): so
/// the methods that every entity has are called otherwise. The standard leaves the name free.
fn binding_parameter(method: &Method) -> &'static str {
    match method.binding {
        Binding::Any => "entityObject",
        Binding::Entity(_) | Binding::Unbound => "bindingParameter",
    }
}

/// The record that a method answers, or a collection of them.
fn record_of(method: &Method) -> Type {
    let ty = Type::of(format!("{}.{}", method.namespace, method.result()));
    match method.is_collection() {
        true => ty.collection(),
        false => ty,
    }
}

fn parameter(model: &Model, entity: Option<&Entity>, parameter: &ModelParameter) -> Parameter {
    let ty = type_named(model, entity, &parameter.type_name);
    Parameter {
        name: parameter.name.clone(),
        ty: ty
            .unwrap_or_else(|| Type::of("Edm.String"))
            .nullable(parameter.optional),
        annotations: parameter
            .optional
            .then(|| optional(parameter))
            .into_iter()
            .collect(),
    }
}

/// `Core.OptionalParameter`, with the default where it is a value.
fn optional(parameter: &ModelParameter) -> Annotation {
    let default = parameter.default.as_ref().filter(|text| *text != "null");
    let values = default.map(|text| ("DefaultValue", Expression::Text(text.clone())));
    Annotation::new(
        "Core.OptionalParameter",
        Expression::Record(values.into_iter().collect()),
    )
}

/// A type in the source's words; nothing for `void`.
fn type_named(model: &Model, entity: Option<&Entity>, name: &str) -> Option<Type> {
    if let Some(item) = name
        .strip_prefix("Collection(")
        .and_then(|n| n.strip_suffix(')'))
    {
        return type_named(model, entity, item).map(Type::collection);
    }
    let known = match name {
        "void" => return None,
        "string" => "Edm.String".to_owned(),
        "boolean" => "Edm.Boolean".to_owned(),
        "int32" => "Edm.Int32".to_owned(),
        "guid" => "Edm.Guid".to_owned(),
        "datetime" => "Edm.DateTimeOffset".to_owned(),
        "untyped" => "Edm.Untyped".to_owned(),
        "EntityObject" => match entity {
            Some(entity) => qualified(&entity.type_name),
            None => "Edm.EntityType".to_owned(),
        },
        other => match model.repository(other) {
            Some(id) => qualified(&model.entity(id).type_name),
            None => qualified(other),
        },
    };
    Some(Type::of(known))
}
