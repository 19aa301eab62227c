//! What may be done with each set, in the words of the Capabilities vocabulary.

use crate::model::{Attribute, Entity, EntityId, Filters, Model, Reference};

use super::Offers;
use super::aggregation;
use super::build::description;
use super::entity::shown;
use super::tree::{Annotation, Expression};

/// The functions that filters may use, besides the operators.
const FILTER_FUNCTIONS: &[&str] = &[
    "contains",
    "startswith",
    "endswith",
    "tolower",
    "toupper",
    "trim",
    "date",
    "year",
    "now",
    "mindatetime",
    "maxdatetime",
    "cast",
    "isof",
    "case",
];

/// The formats of answers: JSON for all of them, the others for collections.
const FORMATS: &[&str] = &[
    "application/json",
    "application/x-ndjson",
    "text/csv",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
];

/// What holds for the whole service.
pub(super) fn of_container(offers: Offers) -> Vec<Annotation> {
    let functions = Expression::texts(FILTER_FUNCTIONS.iter().copied());
    let mut out = vec![
        Annotation::new("Capabilities.FilterFunctions", functions),
        Annotation::new(
            "Capabilities.SupportedFormats",
            Expression::texts(FORMATS.iter().copied()),
        ),
        Annotation::tag("Capabilities.KeyAsSegmentSupported", true),
        Annotation::tag("Capabilities.QuerySegmentSupported", true),
        Annotation::tag("Capabilities.BatchSupported", offers.batch),
        Annotation::tag("Capabilities.AsynchronousRequestsSupported", true),
        Annotation::tag("Capabilities.CrossJoinSupported", false),
        Annotation::text("Core.ODataVersions", "4.0 4.01"),
    ];
    out.push(aggregation::of_container());
    out.extend(offers.batch.then(batches));
    let deep = |on: bool, term| on.then(|| record(term, "Supported", true));
    out.extend(deep(offers.insert, "Capabilities.DeepInsertSupport"));
    out.extend(deep(offers.update, "Capabilities.DeepUpdateSupport"));
    out
}

/// How batches may be written.
fn batches() -> Annotation {
    let formats = Expression::texts(["multipart/mixed", "application/json"]);
    Annotation::new(
        "Capabilities.BatchSupport",
        Expression::Record(vec![
            ("Supported", Expression::Bool(true)),
            ("ContinueOnErrorSupported", Expression::Bool(true)),
            ("ReferencesInRequestBodiesSupported", Expression::Bool(true)),
            (
                "ReferencesAcrossChangeSetsSupported",
                Expression::Bool(true),
            ),
            ("SupportedFormats", formats),
        ]),
    )
}

/// What holds for one set.
pub(super) fn of_set(model: &Model, id: EntityId, offers: Offers) -> Vec<Annotation> {
    let entity = model.entity(id);
    let mut out = description(&entity.text);
    out.extend(shown(entity.visibility));
    out.extend(entity.obsolete.then(obsolete));
    out.extend([
        Annotation::new(
            "Capabilities.FilterRestrictions",
            filter_restrictions(model, entity, offers),
        ),
        Annotation::new(
            "Capabilities.SortRestrictions",
            sort_restrictions(model, entity),
        ),
        record(
            "Capabilities.SearchRestrictions",
            "Searchable",
            !entity.search.is_empty(),
        ),
        aggregation::of_set(model, entity),
        Annotation::new(
            "Capabilities.ExpandRestrictions",
            Expression::Record(vec![("Expandable", Expression::Bool(true)), levels(offers)]),
        ),
        record("Capabilities.CountRestrictions", "Countable", true),
        record("Capabilities.SelectSupport", "Supported", true),
        Annotation::tag("Capabilities.IndexableByKey", true),
        record(
            "Capabilities.ChangeTracking",
            "Supported",
            offers.tracks(entity),
        ),
        Annotation::tag("Capabilities.TopSupported", true),
        Annotation::tag("Capabilities.SkipSupported", true),
        Annotation::tag("Capabilities.ComputeSupported", true),
        Annotation::new(
            "Capabilities.InsertRestrictions",
            insert_restrictions(entity, offers),
        ),
        Annotation::new(
            "Capabilities.UpdateRestrictions",
            update_restrictions(entity, offers),
        ),
        record(
            "Capabilities.DeleteRestrictions",
            "Deletable",
            offers.deletes(entity),
        ),
    ]);
    if offers.updates(entity) && entity.property(Attribute::VERSION).is_some() {
        let version = Expression::PropertyPath(Attribute::VERSION.to_owned());
        let value = Expression::Collection(vec![version]);
        out.push(Annotation::new("Core.OptimisticConcurrency", value));
    }
    if !entity.search.is_empty() {
        let members = entity
            .search
            .iter()
            .map(|path| model.member_name(entity, path, "."));
        let members = members.map(Expression::Text).collect();
        out.push(Annotation::new(
            "Ext.SearchMembers",
            Expression::Collection(members),
        ));
    }
    out
}

fn insert_restrictions(entity: &Entity, offers: Offers) -> Expression {
    let insertable = offers.inserts(entity);
    let mut restrictions = vec![("Insertable", Expression::Bool(insertable))];
    let closed = entity.attributes.iter().filter(|a| a.is_needed_secret());
    let closed: Vec<_> = closed.map(|a| format!("`{}`", a.name)).collect();
    if insertable {
        restrictions.extend(made_references("NonInsertableNavigationProperties", entity));
        if !closed.is_empty() {
            let text = format!("Needs {}, which no answer holds.", closed.join(", "));
            restrictions.push(("Description", Expression::Text(text)));
        }
    }
    Expression::Record(restrictions)
}

fn update_restrictions(entity: &Entity, offers: Offers) -> Expression {
    let updatable = offers.updates(entity);
    let mut restrictions = vec![("Updatable", Expression::Bool(updatable))];
    if updatable {
        restrictions.extend(made_references("NonUpdatableNavigationProperties", entity));
    }
    Expression::Record(restrictions)
}

/// The references that clients do not write, where there are any.
fn made_references(property: &'static str, entity: &Entity) -> Option<(&'static str, Expression)> {
    let made = entity.references.iter().filter(|r| r.read_only);
    let made = made.map(|r| Expression::NavigationPropertyPath(r.name.clone()));
    let made: Vec<_> = made.collect();
    (!made.is_empty()).then_some((property, Expression::Collection(made)))
}

/// A restriction that is one truth value.
fn record(term: &'static str, property: &'static str, on: bool) -> Annotation {
    Annotation::new(
        term,
        Expression::Record(vec![(property, Expression::Bool(on))]),
    )
}

/// New clients should leave the set alone.
fn obsolete() -> Annotation {
    let revision = Expression::Record(vec![
        (
            "Kind",
            Expression::Member("Core.RevisionKind", "Deprecated"),
        ),
        (
            "Description",
            Expression::Text("Obsolete: kept for existing clients".to_owned()),
        ),
    ]);
    Annotation::new("Core.Revisions", Expression::Collection(vec![revision]))
}

/// How many levels are expanded, and how many are gone down in filters: each lambda is one.
fn levels(offers: Offers) -> (&'static str, Expression) {
    ("MaxLevels", Expression::Int(i64::from(offers.levels)))
}

fn filter_restrictions(model: &Model, entity: &Entity, offers: Offers) -> Expression {
    let open = || entity.attributes.iter().filter(|a| !a.secret);
    let closed = open().filter(|a| !a.filters.any());
    let closed = closed
        .map(|a| Expression::PropertyPath(a.name.clone()))
        .collect();
    let attributes = open().map(|a| (a.name.clone(), a.filters));
    let references = entity
        .references
        .iter()
        .map(|r| (key_of(model, r), r.filters));
    let allowed = attributes.chain(references).filter_map(|(path, filters)| {
        let word = allowed_expressions(filters)?;
        Some(Expression::Record(vec![
            ("Property", Expression::PropertyPath(path)),
            ("AllowedExpressions", Expression::Text(word.to_owned())),
        ]))
    });
    Expression::Record(vec![
        ("Filterable", Expression::Bool(true)),
        ("NonFilterableProperties", Expression::Collection(closed)),
        (
            "FilterExpressionRestrictions",
            Expression::Collection(allowed.collect()),
        ),
        levels(offers),
    ])
}

/// The path of the key behind a reference.
fn key_of(model: &Model, reference: &Reference) -> String {
    let target = model.entity(reference.target);
    let key = &target.attribute(target.key()).name;
    format!("{}/{key}", reference.name)
}

/// The nearest word of the vocabulary for a declaration.
///
/// The vocabulary cannot say everything: it has no word for a list or a single value that may also
/// be searched in, so those say only the list or the value; `Ext.DeclaredFilters` is exact.
pub(super) const fn allowed_expressions(filters: Filters) -> Option<&'static str> {
    match (filters.eq, filters.range(), filters.like) {
        (_, true, true) => Some("MultiRangeOrSearchExpression"),
        (true, true, false) => Some("MultiRange"),
        (false, true, false) => Some("SingleRange"),
        (true, false, _) if filters.multi => Some("MultiValue"),
        (true, false, _) => Some("SingleValue"),
        (false, false, true) => Some("SearchExpression"),
        (false, false, false) => None,
    }
}

fn sort_restrictions(model: &Model, entity: &Entity) -> Expression {
    let key = entity.key();
    let fixed = entity
        .attribute_ids()
        .filter(|(id, a)| *id != key && !a.orderable && !a.secret)
        .map(|(_, a)| a.name.clone());
    let references = entity.references.iter().map(|r| key_of(model, r));
    let fixed = fixed.chain(references).map(Expression::PropertyPath);
    let fixed = fixed.collect();
    Expression::Record(vec![
        ("Sortable", Expression::Bool(true)),
        ("NonSortableProperties", Expression::Collection(fixed)),
    ])
}
