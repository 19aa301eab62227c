//! What the bodies of answers look like, and values everywhere.

use serde_json::{Value as Json, json};
use utoipa::openapi::schema::{
    AllOfBuilder, AnyOfBuilder, ArrayBuilder, KnownFormat, ObjectBuilder, SchemaFormat, SchemaType,
    Type,
};
use utoipa::openapi::{Components, Ref, RefOr, Schema};

use crate::diag::Code;
use crate::model::{Attribute, Default, Entity, LANGUAGES, Model};
use crate::value::Kind;

/// Adds the schemas of all entities and of what they share.
pub(super) fn add(model: &Model, components: &mut Components) {
    for (_, enumeration) in model.enumerations() {
        let names = enumeration.members.iter().map(|m| m.name.as_str());
        let lines = enumeration
            .members
            .iter()
            .map(|m| format!("- `{}`: {}", m.name, m.text.en));
        let schema = of(Type::String)
            .description(Some(lines.collect::<Vec<_>>().join("\n")))
            .enum_values(Some(names));
        insert(components, &enumeration.type_name, schema);
    }
    for (_, entity) in model.entities() {
        insert(components, &entity.type_name, self::entity(model, entity));
        insert(
            components,
            &page(&entity.type_name),
            page_of(&entity.type_name),
        );
    }
    insert(components, "MultilanguageString", multilanguage());
    insert(components, "Link", link());
    insert(components, "ServiceDocument", service_document());
    insert(
        components,
        "Health",
        of(Type::Object).property("status", of(Type::String)),
    );
    insert(components, "Error", error());
    super::answers::add_headers(components);
}

/// The schema of a page of a type.
pub(super) fn page(type_name: &str) -> String {
    format!("{type_name}.Page")
}

fn insert(components: &mut Components, name: &str, schema: ObjectBuilder) {
    components.schemas.insert(name.to_owned(), schema.into());
}

pub(super) fn of(ty: Type) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(ty)
}

pub(super) fn described(ty: Type, description: &str) -> ObjectBuilder {
    of(ty).description(Some(description))
}

/// A named schema or null.
fn or_null(name: &str) -> AnyOfBuilder {
    AnyOfBuilder::new()
        .item(Ref::from_schema_name(name))
        .item(of(Type::Null))
}

fn entity(model: &Model, entity: &Entity) -> ObjectBuilder {
    let open = entity.attributes.iter().filter(|a| !a.secret);
    let mut schema = described(Type::Object, &entity.text.en)
        .property(
            "@odata.context",
            described(Type::String, "The address of the metadata."),
        )
        .property(
            "@odata.id",
            described(Type::String, "The address of the entity; null in groups.")
                .schema_type(SchemaType::from_iter([Type::String, Type::Null])),
        )
        .property(
            "@odata.etag",
            described(Type::String, "The version of the entity."),
        );
    for attribute in open {
        schema = schema.property(&attribute.name, self::attribute(model, attribute));
    }
    for reference in &entity.references {
        let target = &model.entity(reference.target).type_name;
        let mut any = AnyOfBuilder::new()
            .item(Ref::from_schema_name("Link"))
            .item(Ref::from_schema_name(target));
        if reference.nullable {
            any = any.item(of(Type::Null));
        }
        schema = schema.property(&reference.name, any.description(Some(&reference.text.en)));
    }
    for collection in &entity.collections {
        let target = &model.entity(collection.target).type_name;
        let array = ArrayBuilder::new().items(Ref::from_schema_name(target));
        schema = schema.property(
            &collection.name,
            array.description(Some(&collection.text.en)),
        );
    }
    schema
}

/// The schema of an attribute's values.
pub(super) fn attribute(model: &Model, attribute: &Attribute) -> RefOr<Schema> {
    let text = &attribute.text.en;
    let named = match attribute.enumeration {
        Some(id) => Some(model.enumeration(id).type_name.as_str()),
        None if attribute.kind == Kind::Multilanguage => Some("MultilanguageString"),
        None => None,
    };
    match named {
        Some(_) if attribute.is_made() && !attribute.nullable => made(model, attribute).into(),
        Some(name) if attribute.nullable => or_null(name)
            .description(Some(text))
            .default(default(attribute))
            .into(),
        Some(name) => match default(attribute) {
            Some(default) => AllOfBuilder::new()
                .item(Ref::from_schema_name(name))
                .description(Some(text))
                .default(Some(default))
                .into(),
            None => RefOr::Ref(
                Ref::builder()
                    .ref_location_from_schema_name(name)
                    .description(Some(text))
                    .build(),
            ),
        },
        None => plain(attribute).into(),
    }
}

/// The schema of an enumeration or of a text per language that only the service makes: beside a
/// reference nothing could say so.
fn made(model: &Model, attribute: &Attribute) -> ObjectBuilder {
    let schema = match attribute.enumeration {
        Some(id) => {
            let members = model.enumeration(id).members.iter();
            plain(attribute).enum_values(Some(members.map(|m| m.name.as_str())))
        }
        None => multilanguage().description(Some(&attribute.text.en)),
    };
    schema.read_only(true)
}

/// The schema of a value that is neither an enumeration nor a text per language.
pub(super) fn plain(attribute: &Attribute) -> ObjectBuilder {
    let (ty, format) = form(attribute.kind);
    let ty = if attribute.nullable {
        SchemaType::from_iter([ty, Type::Null])
    } else {
        SchemaType::from(ty)
    };
    let mut schema = ObjectBuilder::new()
        .schema_type(ty)
        .format(format)
        .description(Some(&attribute.text.en))
        .default(default(attribute))
        .max_length(attribute.max_length.and_then(|n| usize::try_from(n).ok()));
    if attribute.is_made() {
        schema = schema.read_only(true);
    }
    let (least, most) = bounds(attribute);
    schema = schema.minimum(least.map(number)).maximum(most.map(number));
    if attribute.kind == Kind::Binary {
        schema = schema.content_encoding("base64url");
    }
    schema
}

/// The least and the greatest number, where the format does not say them.
fn bounds(attribute: &Attribute) -> (Option<i64>, Option<i64>) {
    let range = match attribute.kind {
        Kind::Byte | Kind::Int16 => attribute.kind.integer_range(),
        Kind::Guid
        | Kind::String
        | Kind::Boolean
        | Kind::Int32
        | Kind::Int64
        | Kind::DateTimeOffset
        | Kind::Binary
        | Kind::Enumeration
        | Kind::Multilanguage => None,
    };
    let (least, most) = range.unzip();
    (attribute.min.or(least), attribute.max.or(most))
}

fn number(value: i64) -> utoipa::Number {
    isize::try_from(value).map_or(utoipa::Number::Int(0), utoipa::Number::Int)
}

/// Type and format of a kind (OData JSON Format 4.01, section 7.1).
fn form(kind: Kind) -> (Type, Option<SchemaFormat>) {
    let known = |format| Some(SchemaFormat::KnownFormat(format));
    match kind {
        Kind::Guid => (Type::String, Some(SchemaFormat::Custom("uuid".to_owned()))),
        Kind::DateTimeOffset => (Type::String, known(KnownFormat::DateTime)),
        Kind::Boolean => (Type::Boolean, None),
        Kind::Byte | Kind::Int16 => (Type::Integer, None),
        Kind::Int32 => (Type::Integer, known(KnownFormat::Int32)),
        Kind::Int64 => (Type::Integer, known(KnownFormat::Int64)),
        Kind::String | Kind::Binary | Kind::Enumeration => (Type::String, None),
        Kind::Multilanguage => (Type::Object, None),
    }
}

fn default(attribute: &Attribute) -> Option<Json> {
    match (&attribute.default, form(attribute.kind).0) {
        (Some(Default::Constant(text)), Type::Boolean | Type::Integer) => {
            serde_json::from_str(text).ok()
        }
        (Some(Default::Constant(text)), _) => Some(json!(text)),
        (Some(Default::NewGuid | Default::Now | Default::NextCode) | None, _) => None,
    }
}

/// `{"@odata.context": …, "@odata.count": …, "value": […], "@odata.nextLink": …}`, or a delta
/// link at the end
fn page_of(type_name: &str) -> ObjectBuilder {
    let value = ArrayBuilder::new().items(Ref::from_schema_name(type_name));
    of(Type::Object)
        .property(
            "@odata.context",
            described(Type::String, "The address of the metadata."),
        )
        .property(
            "@odata.count",
            described(Type::Integer, "The number of all matching entities."),
        )
        .property(
            "@odata.nextLink",
            described(Type::String, "The address of the next page."),
        )
        .property(
            "@odata.deltaLink",
            described(Type::String, "The address of what changes from now on."),
        )
        .property("value", value)
        .required("value")
}

fn multilanguage() -> ObjectBuilder {
    let text =
        || ObjectBuilder::new().schema_type(SchemaType::from_iter([Type::String, Type::Null]));
    let schema = described(
        Type::Object,
        "One text per language; other languages are allowed too.",
    );
    LANGUAGES
        .iter()
        .fold(schema, |schema, language| {
            schema.property(*language, text())
        })
        .additional_properties(Some(text()))
}

fn link() -> ObjectBuilder {
    described(Type::Object, "A reference that is not expanded.")
        .property(
            "@odata.id",
            described(Type::String, "The address of the entity."),
        )
        .required("@odata.id")
}

fn service_document() -> ObjectBuilder {
    let set = ["name", "kind", "url", "title"]
        .iter()
        .fold(of(Type::Object), |set, name| {
            set.property(*name, of(Type::String))
        });
    of(Type::Object)
        .property("@odata.context", of(Type::String))
        .property("value", ArrayBuilder::new().items(set))
        .required("value")
}

/// The error object, with the vendor's members and our own.
fn error() -> ObjectBuilder {
    let code = || {
        let words = Code::ALL.iter().map(|code| code.word());
        described(Type::String, "The kind of fault; never changes.").enum_values(Some(words))
    };
    let message = || described(Type::String, "What is wrong, for people.");
    let target = || described(Type::String, "The attribute or option that it is about.");
    let caret = || {
        described(
            Type::String,
            "The text at fault, with a caret under the place.",
        )
    };
    let strings = || ArrayBuilder::new().items(of(Type::String));
    let detail = of(Type::Object)
        .property("code", code())
        .property("message", message())
        .property("target", target())
        .property("@ext.caret", caret())
        .required("code")
        .required("message");
    let body = of(Type::Object)
        .property("code", code())
        .property("message", message())
        .property("target", target())
        .property("details", ArrayBuilder::new().items(detail))
        .property("type", of(Type::String))
        .property("messageFormat", of(Type::String))
        .property("parameters", strings())
        .property("@ext.caret", caret())
        .property(
            "@ext.help",
            strings().description(Some("What would be accepted.")),
        )
        .property(
            "@ext.requestId",
            described(Type::String, "Names the request in the log."),
        )
        .required("code")
        .required("message");
    of(Type::Object).property("error", body).required("error")
}
