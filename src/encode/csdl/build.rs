//! The model as a CSDL tree: schemas, enumerations, complex types, the container.

use crate::model::{Entity, EntityId, Enumeration, LANGUAGES, Method, Model, Text};

use super::tree::{
    Annotation, Container, Document, EntitySet, EnumMember, EnumType, Expression, Property, Schema,
    Singleton, Structured, Type,
};
use super::{CsdlVersion, Offers, capabilities, entity, operation, vocabulary};

/// The repository that a caller has a row of.
const USERS: &str = "Systems.Security.Users";

/// The namespace of the vendor's names.
pub(super) const ERP: &str = Method::ERP;

/// Builds the document of a model for what the service offers.
pub(super) fn document(model: &Model, version: CsdlVersion, offers: Offers) -> Document {
    Document {
        version: version.text(),
        references: vocabulary::references(),
        schemas: vec![erp(model, offers), ext(model, offers)],
    }
}

/// A name in the namespace `Erp`.
pub(super) fn qualified(name: &str) -> String {
    format!("{ERP}.{name}")
}

/// What is our own: a vocabulary and operations, in one schema as the standard wants it.
fn ext(model: &Model, offers: Offers) -> Schema {
    Schema {
        // Operations may be called without the namespace.
        annotations: vec![Annotation::tag("Core.DefaultNamespace", true)],
        complex: operation::records(model, vocabulary::EXT, offers),
        operations: operation::all(model, vocabulary::EXT, offers),
        ..vocabulary::ext()
    }
}

fn erp(model: &Model, offers: Offers) -> Schema {
    Schema {
        namespace: ERP,
        // Operations may be called without the namespace.
        annotations: vec![Annotation::tag("Core.DefaultNamespace", true)],
        enums: model.enumerations().map(|(_, e)| enum_type(e)).collect(),
        complex: [
            multilanguage_string(),
            custom_property_value(),
            transaction_changes(),
        ]
        .into_iter()
        .chain(operation::records(model, ERP, offers))
        .collect(),
        entities: model
            .entities()
            .map(|(id, _)| entity::entity_type(model, id))
            .collect(),
        operations: operation::all(model, ERP, offers),
        terms: Vec::new(),
        container: Some(container(model, offers)),
    }
}

/// `Core.Description` in every language that the text has.
pub(super) fn description(text: &Text) -> Vec<Annotation> {
    let say = |qualifier, text: &str| Annotation {
        qualifier,
        ..Annotation::text("Core.Description", text)
    };
    let english = (!text.en.is_empty()).then(|| say(None, &text.en));
    let bulgarian = text.bg.as_deref().map(|bg| say(Some("BG"), bg));
    english.into_iter().chain(bulgarian).collect()
}

fn enum_type(enumeration: &Enumeration) -> EnumType {
    let members = enumeration.members.iter().map(|member| EnumMember {
        name: member.name.clone(),
        value: member.value,
        annotations: description(&member.text),
    });
    EnumType {
        name: enumeration.type_name.clone(),
        members: members.collect(),
        annotations: Vec::new(),
    }
}

/// A property without default and annotations.
pub(super) fn plain(name: &str, ty: Type) -> Property {
    Property {
        name: name.to_owned(),
        ty,
        default: None,
        annotations: Vec::new(),
    }
}

/// One text per language. Open: any other language is allowed too.
fn multilanguage_string() -> Structured {
    let text = || Type::of("Edm.String").nullable(true);
    Structured {
        name: "MultilanguageString".to_owned(),
        open: true,
        properties: LANGUAGES.iter().map(|name| plain(name, text())).collect(),
        annotations: vec![Annotation::text(
            "Core.Description",
            "One text per language.",
        )],
        ..Structured::default()
    }
}

/// The value of a custom property, as the vendor's clients know it.
fn custom_property_value() -> Structured {
    let nullable = |name: &str| Type::of(name).nullable(true);
    Structured {
        name: "CustomPropertyValue".to_owned(),
        properties: vec![
            plain("Value", nullable("Edm.String")),
            plain("ValueId", nullable("Edm.Guid")),
            plain("Description", nullable("Erp.MultilanguageString")),
        ],
        annotations: vec![Annotation::text(
            "Core.Description",
            "The value of a custom property.",
        )],
        ..Structured::default()
    }
}

/// What an API transaction has changed: `insert`, `update` and `delete`, each by set and key.
fn transaction_changes() -> Structured {
    Structured {
        name: "TransactionChanges".to_owned(),
        open: true,
        annotations: vec![Annotation::text(
            "Core.Description",
            "What an API transaction has changed: inserted, updated and deleted objects by set and key.",
        )],
        ..Structured::default()
    }
}

fn container(model: &Model, offers: Offers) -> Container {
    let sets = model.entities().map(|(id, found)| EntitySet {
        name: found.set.clone(),
        entity_type: qualified(&found.type_name),
        bindings: bindings(model, id),
        annotations: capabilities::of_set(model, id, offers),
    });
    let mut sets: Vec<EntitySet> = sets.collect();
    sets.sort_by(|a, b| a.name.cmp(&b.name));
    Container {
        name: "Container",
        annotations: capabilities::of_container(offers),
        sets,
        singletons: me(model).into_iter().collect(),
        imports: operation::imports(model, offers),
    }
}

/// The caller's own row, where the model has users.
fn me(model: &Model) -> Option<Singleton> {
    let id = model.repository(USERS)?;
    let users = model.entity(id);
    Some(Singleton {
        name: "Me",
        entity_type: qualified(&users.type_name),
        bindings: bindings(model, id),
        annotations: vec![Annotation::text(
            "Core.Description",
            "The user who has signed in.",
        )],
    })
}

/// Every navigation property leads into the set of its target, those of derived types too.
fn bindings(model: &Model, id: EntityId) -> Vec<(String, String)> {
    let own = navigation(model.entity(id)).map(|(name, target)| (name.to_owned(), target));
    let derived = model.derived(id).iter().map(|of| model.entity(*of));
    let derived = derived.flat_map(|entity| {
        let ty = qualified(&entity.type_name);
        let new = navigation(entity).filter(|(name, _)| model.entity(id).property(name).is_none());
        new.map(move |(name, target)| (format!("{ty}/{name}"), target))
    });
    let all = own.chain(derived);
    all.map(|(path, target)| (path, model.entity(target).set.clone()))
        .collect()
}

/// The navigation properties of an entity, with what they lead to.
fn navigation(entity: &Entity) -> impl Iterator<Item = (&str, EntityId)> {
    let references = entity.references.iter().map(|r| (&*r.name, r.target));
    let collections = entity.collections.iter().map(|c| (&*c.name, c.target));
    references.chain(collections)
}

/// A constant default in the form of its kind; nothing for complex values.
pub(super) fn constant(kind: crate::value::Kind, text: &str) -> Option<Expression> {
    use crate::value::Kind;
    match kind {
        Kind::Boolean => text.parse().ok().map(Expression::Bool),
        Kind::Byte | Kind::Int16 | Kind::Int32 | Kind::Int64 => {
            text.parse().ok().map(Expression::Int)
        }
        Kind::Guid | Kind::String | Kind::DateTimeOffset | Kind::Binary | Kind::Enumeration => {
            Some(Expression::Text(text.to_owned()))
        }
        Kind::Multilanguage => None,
    }
}
