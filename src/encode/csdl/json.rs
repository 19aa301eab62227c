//! The JSON form (OData CSDL JSON 4.01).

use serde_json::{Map, Value as Json, json};

use super::tree::{
    Annotation, Container, Document, EntitySet, EnumType, Expression, Import, Navigation,
    Operation, Parameter, Property, Schema, Singleton, Structured, Term, Type,
};

type Object = Map<String, Json>;

/// Writes a document.
pub(super) fn encode(document: &Document) -> Json {
    let mut top = object([("$Version", json!(document.version))]);
    let references = document.references.iter().map(|reference| {
        let include = json!({"$Namespace": reference.namespace, "$Alias": reference.alias});
        (
            format!("{}.json", reference.uri),
            json!({ "$Include": [include] }),
        )
    });
    for schema in &document.schemas {
        if let Some(container) = &schema.container {
            let name = format!("{}.{}", schema.namespace, container.name);
            insert(&mut top, "$EntityContainer", name);
        }
    }
    insert(&mut top, "$Reference", Object::from_iter(references));
    for schema in &document.schemas {
        insert(&mut top, schema.namespace, self::schema(schema));
    }
    Json::Object(top)
}

fn object<'a>(members: impl IntoIterator<Item = (&'a str, Json)>) -> Object {
    members
        .into_iter()
        .map(|(k, v)| (k.to_owned(), v))
        .collect()
}

fn insert(object: &mut Object, name: &str, value: impl Into<Json>) {
    object.insert(name.to_owned(), value.into());
}

fn schema(schema: &Schema) -> Object {
    let mut out = Object::new();
    for ty in &schema.enums {
        insert(&mut out, &ty.name, enum_type(ty));
    }
    for ty in &schema.complex {
        insert(&mut out, &ty.name, structured("ComplexType", ty));
    }
    for ty in &schema.entities {
        insert(&mut out, &ty.name, structured("EntityType", ty));
    }
    for operation in &schema.operations {
        overload(&mut out, operation);
    }
    for term in &schema.terms {
        insert(&mut out, term.name, self::term(term));
    }
    if let Some(container) = &schema.container {
        insert(&mut out, container.name, self::container(container));
    }
    annotate(&mut out, "", &schema.annotations);
    out
}

fn enum_type(ty: &EnumType) -> Object {
    let mut out = object([("$Kind", json!("EnumType"))]);
    for member in &ty.members {
        insert(&mut out, &member.name, member.value);
        annotate(&mut out, &member.name, &member.annotations);
    }
    annotate(&mut out, "", &ty.annotations);
    out
}

fn structured(kind: &str, ty: &Structured) -> Object {
    let mut out = object([("$Kind", json!(kind))]);
    if let Some(base) = &ty.base {
        insert(&mut out, "$BaseType", base.as_str());
    }
    if ty.open {
        insert(&mut out, "$OpenType", true);
    }
    if let Some(key) = &ty.key {
        insert(&mut out, "$Key", json!([key]));
    }
    for property in &ty.properties {
        insert(&mut out, &property.name, self::property(property));
    }
    for navigation in &ty.navigation {
        insert(&mut out, &navigation.name, self::navigation(navigation));
    }
    annotate(&mut out, "", &ty.annotations);
    out
}

/// Adds `$Type` and the facets. `Edm.String` and "not nullable" are the defaults (section 7).
fn facets(out: &mut Object, ty: &Type) {
    if ty.collection {
        insert(out, "$Collection", true);
    }
    if ty.name != "Edm.String" {
        insert(out, "$Type", ty.name.as_str());
    }
    if ty.nullable {
        insert(out, "$Nullable", true);
    }
    if let Some(length) = ty.max_length {
        insert(out, "$MaxLength", length);
    }
    if let Some(precision) = ty.precision {
        insert(out, "$Precision", precision);
    }
}

fn property(property: &Property) -> Object {
    let mut out = Object::new();
    facets(&mut out, &property.ty);
    if let Some(default) = &property.default {
        insert(&mut out, "$DefaultValue", expression(default));
    }
    annotate(&mut out, "", &property.annotations);
    out
}

fn navigation(navigation: &Navigation) -> Object {
    let mut out = object([("$Kind", json!("NavigationProperty"))]);
    facets(&mut out, &navigation.ty);
    if let Some(partner) = &navigation.partner {
        insert(&mut out, "$Partner", partner.as_str());
    }
    if navigation.cascade {
        insert(&mut out, "$OnDelete", "Cascade");
    }
    annotate(&mut out, "", &navigation.annotations);
    out
}

/// Adds an overload to the array of its name (section 12).
fn overload(schema: &mut Object, operation: &Operation) {
    let kind = if operation.action {
        "Action"
    } else {
        "Function"
    };
    let parameters: Vec<Json> = operation.parameters.iter().map(parameter).collect();
    let mut out = object([("$Kind", json!(kind))]);
    if operation.bound {
        insert(&mut out, "$IsBound", true);
    }
    insert(&mut out, "$Parameter", parameters);
    if let Some(ty) = &operation.returns {
        let mut returns = Object::new();
        facets(&mut returns, ty);
        insert(&mut out, "$ReturnType", returns);
    }
    annotate(&mut out, "", &operation.annotations);
    let overloads = schema
        .entry(operation.name.clone())
        .or_insert_with(|| json!([]));
    if let Json::Array(overloads) = overloads {
        overloads.push(out.into());
    }
}

fn parameter(parameter: &Parameter) -> Json {
    let mut out = object([("$Name", json!(parameter.name))]);
    facets(&mut out, &parameter.ty);
    annotate(&mut out, "", &parameter.annotations);
    out.into()
}

fn term(term: &Term) -> Object {
    let mut out = object([("$Kind", json!("Term"))]);
    facets(&mut out, &term.ty);
    insert(&mut out, "$AppliesTo", json!(term.applies_to));
    annotate(&mut out, "", &term.annotations);
    out
}

fn container(container: &Container) -> Object {
    let mut out = object([("$Kind", json!("EntityContainer"))]);
    for set in &container.sets {
        insert(&mut out, &set.name, entity_set(set));
    }
    for singleton in &container.singletons {
        insert(&mut out, singleton.name, self::singleton(singleton));
    }
    for import in &container.imports {
        insert(&mut out, &import.name, self::import(import));
    }
    annotate(&mut out, "", &container.annotations);
    out
}

fn import(import: &Import) -> Object {
    let name = if import.action {
        "$Action"
    } else {
        "$Function"
    };
    let mut out = object([(name, json!(import.operation))]);
    if let Some(set) = &import.set {
        insert(&mut out, "$EntitySet", set.as_str());
    }
    out
}

fn entity_set(set: &EntitySet) -> Object {
    let mut out = object([
        ("$Collection", json!(true)),
        ("$Type", json!(set.entity_type)),
    ]);
    bind(&mut out, &set.bindings);
    annotate(&mut out, "", &set.annotations);
    out
}

fn singleton(singleton: &Singleton) -> Object {
    let mut out = object([("$Type", json!(singleton.entity_type))]);
    bind(&mut out, &singleton.bindings);
    annotate(&mut out, "", &singleton.annotations);
    out
}

/// Adds navigation property bindings, where there are any.
fn bind(out: &mut Object, bindings: &[(String, String)]) {
    if bindings.is_empty() {
        return;
    }
    let bindings = bindings.iter();
    let bindings = bindings.map(|(path, target)| (path.clone(), json!(target)));
    insert(
        out,
        "$NavigationPropertyBinding",
        Object::from_iter(bindings),
    );
}

/// Adds annotations of the object itself, or of its member `target`.
fn annotate(out: &mut Object, target: &str, annotations: &[Annotation]) {
    for annotation in annotations {
        let name = match annotation.qualifier {
            Some(qualifier) => format!("{target}@{}#{qualifier}", annotation.term),
            None => format!("{target}@{}", annotation.term),
        };
        insert(out, &name, expression(&annotation.value));
    }
}

fn expression(value: &Expression) -> Json {
    match value {
        Expression::Bool(on) => json!(on),
        Expression::Int(number) => json!(number),
        Expression::Text(text) => json!(text),
        Expression::Member(_, member) => json!(member),
        Expression::PropertyPath(path) | Expression::NavigationPropertyPath(path) => json!(path),
        Expression::Collection(items) => items.iter().map(expression).collect(),
        Expression::Record(values) => {
            Object::from_iter(values.iter().map(|(k, v)| ((*k).to_owned(), expression(v)))).into()
        }
    }
}
