//! Entity types: properties, navigation properties and what is said about each.

use crate::model::{
    Attribute, Collection, Default, Entity, EntityId, Filters, Model, Reference, ReferenceId,
    Visibility,
};
use crate::value::Kind;

use super::build::{constant, description, qualified};
use super::tree::{Annotation, Expression, Navigation, Property, Structured, Type};

/// The entity type of an entity, without what it inherits and without closed attributes.
pub(super) fn entity_type(model: &Model, id: EntityId) -> Structured {
    let entity = model.entity(id);
    let own = |name: &str| !inherits(model, entity, name);
    let attributes = entity
        .attributes
        .iter()
        .filter(|a| own(&a.name) && !a.secret);
    let references = entity.reference_ids().filter(|(_, r)| own(&r.name));
    let collections = entity.collections.iter().filter(|c| own(&c.name));
    let navigation = references
        .map(|(number, r)| reference(model, id, number, r))
        .chain(collections.map(|c| collection(model, id, c)));
    let mut annotations = description(&entity.text);
    if !entity.display_format.is_empty() {
        annotations.push(Annotation::text(
            "Ext.DisplayFormat",
            &entity.display_format,
        ));
    }
    Structured {
        name: entity.type_name.clone(),
        base: entity
            .base
            .map(|base| qualified(&model.entity(base).type_name)),
        key: entity
            .base
            .is_none()
            .then(|| entity.attribute(entity.key()).name.clone()),
        open: false,
        properties: attributes.map(|a| property(model, id, a)).collect(),
        navigation: navigation.collect(),
        annotations,
    }
}

/// Whether a base type already has a property of this name (a derived type may not repeat it).
fn inherits(model: &Model, entity: &Entity, name: &str) -> bool {
    entity.base.is_some_and(|base| {
        let base = model.entity(base);
        base.property(name).is_some() || inherits(model, base, name)
    })
}

fn property(model: &Model, id: EntityId, attribute: &Attribute) -> Property {
    let default = match &attribute.default {
        Some(Default::Constant(text)) if is_of_all(model, id, attribute) => {
            constant(attribute.kind, text)
        }
        Some(Default::Constant(_)) => None,
        Some(Default::NewGuid | Default::Now | Default::NextCode) | None => None,
    };
    Property {
        name: attribute.name.clone(),
        ty: type_of(model, attribute),
        default,
        annotations: about_attribute(model.entity(id), attribute),
    }
}

/// Whether a default is that of all types that inherit the attribute too.
fn is_of_all(model: &Model, id: EntityId, attribute: &Attribute) -> bool {
    let derived = model.derived(id).iter().map(|of| model.entity(*of));
    let inherited = derived.flat_map(|entity| entity.attributes.iter());
    inherited
        .filter(|other| other.name == attribute.name)
        .all(|other| other.default == attribute.default)
}

fn type_of(model: &Model, attribute: &Attribute) -> Type {
    if attribute.role.custom().is_some() {
        return Type::of(qualified("CustomPropertyValue")).nullable(true);
    }
    let name = match attribute.enumeration {
        Some(id) => qualified(&model.enumeration(id).type_name),
        None => attribute.kind.edm().to_owned(),
    };
    let has_length = matches!(attribute.kind, Kind::String | Kind::Binary);
    Type {
        max_length: attribute.max_length.filter(|_| has_length),
        // Milliseconds, section 7.2.3.
        precision: (attribute.kind == Kind::DateTimeOffset).then_some(3),
        ..Type::of(name).nullable(attribute.nullable)
    }
}

fn about_attribute(entity: &Entity, attribute: &Attribute) -> Vec<Annotation> {
    let mut out = description(&attribute.text);
    if attribute.is_made() {
        out.push(Annotation::tag("Core.Computed", true));
    } else if attribute.default.as_ref().is_some_and(is_made) {
        out.push(Annotation::tag("Core.ComputedDefaultValue", true));
    }
    out.extend(limits(attribute));
    out.extend(attribute.since.as_deref().map(introduced));
    out.extend(filters(attribute.filters));
    out.extend(shown(attribute.visibility));
    if let (Kind::Multilanguage, Some(length)) = (attribute.kind, attribute.max_length) {
        out.push(Annotation::new(
            "Ext.TextLength",
            Expression::Int(length.into()),
        ));
    }
    let unit = attribute
        .unit
        .as_ref()
        .filter(|unit| entity.property(unit).is_some());
    out.extend(
        unit.map(|unit| Annotation::new("Ext.Unit", Expression::PropertyPath(unit.clone()))),
    );
    out
}

/// What values may be, beyond their type. A text of one line has no control characters and is not
/// blank.
fn limits(attribute: &Attribute) -> impl Iterator<Item = Annotation> {
    let number = |term, limit: i64| Annotation::new(term, Expression::Int(limit));
    let least = attribute.min.map(|n| number("Validation.Minimum", n));
    let greatest = attribute.max.map(|n| number("Validation.Maximum", n));
    let is_text = attribute.line && attribute.kind == Kind::String;
    let line = is_text.then(|| Annotation::text("Validation.Pattern", ONE_LINE));
    least.into_iter().chain(greatest).chain(line)
}

/// A text of one line, as an ECMAScript pattern.
const ONE_LINE: &str = r"^[^\u0000-\u001F\u007F-\u009F\u2028\u2029]*[^\s\u0000-\u001F\u007F-\u009F][^\u0000-\u001F\u007F-\u009F\u2028\u2029]*$";

/// Whether a default differs from row to row.
fn is_made(default: &Default) -> bool {
    match default {
        Default::NewGuid | Default::Now | Default::NextCode => true,
        Default::Constant(_) => false,
    }
}

/// The source's "Introduced in version …".
fn introduced(version: &str) -> Annotation {
    let revision = Expression::Record(vec![
        ("Version", Expression::Text(version.to_owned())),
        ("Kind", Expression::Member("Core.RevisionKind", "Added")),
        (
            "Description",
            Expression::Text(format!("Introduced in version {version}")),
        ),
    ]);
    Annotation::new("Core.Revisions", Expression::Collection(vec![revision]))
}

/// The declared filters in the model's words.
fn filters(filters: Filters) -> Option<Annotation> {
    let words = || Expression::texts(filters.words());
    filters
        .any()
        .then(|| Annotation::new("Ext.DeclaredFilters", words()))
}

/// Where a user interface shows it, unless it does by default.
pub(super) fn shown(visibility: Visibility) -> Option<Annotation> {
    let text = match visibility {
        Visibility::ShownByDefault => return None,
        Visibility::HiddenByDefault => "HiddenByDefault",
        Visibility::CannotBeShown => "CannotBeShown",
    };
    Some(Annotation::text("Ext.ShowInUI", text))
}

fn reference(model: &Model, child: EntityId, id: ReferenceId, reference: &Reference) -> Navigation {
    let mut annotations = description(&reference.text);
    annotations.extend(reference.since.as_deref().map(introduced));
    annotations.extend(filters(reference.filters));
    if reference.owner || reference.filterable {
        annotations.push(Annotation::tag("Ext.FilterableReference", true));
    }
    annotations.extend(shown(reference.visibility));
    Navigation {
        name: reference.name.clone(),
        ty: Type::of(qualified(&model.entity(reference.target).type_name))
            .nullable(reference.nullable),
        partner: partner(model, child, id).map(|c| c.name.clone()),
        cascade: false,
        annotations,
    }
}

fn collection(model: &Model, parent: EntityId, collection: &Collection) -> Navigation {
    let child = model.entity(collection.target);
    let back = child.reference(collection.back);
    let mutual = back.target == parent
        && partner(model, collection.target, collection.back)
            .is_some_and(|c| c.name == collection.name);
    let mut annotations = description(&collection.text);
    if back.is_dimension() {
        annotations.push(Annotation::tag("Ext.CountedInFilters", true));
    }
    Navigation {
        name: collection.name.clone(),
        ty: Type::of(qualified(&child.type_name)).collection(),
        partner: mutual.then(|| back.name.clone()),
        cascade: collection.owned,
        annotations,
    }
}

/// The collection of the target that a reference leads back from: partners name each other
/// (section 8.4), so of several the first one counts.
fn partner(model: &Model, child: EntityId, reference: ReferenceId) -> Option<&Collection> {
    let target = model.entity(child).reference(reference).target;
    let mut collections = model.entity(target).collections.iter();
    collections.find(|c| c.target == child && c.back == reference)
}
