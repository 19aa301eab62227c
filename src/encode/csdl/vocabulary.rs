//! The vocabularies of a CSDL document: the OASIS ones it refers to, and our own, `Ext`.

use crate::model::Method;

use super::tree::{Annotation, Reference, Schema, Term, Type};

/// The namespace of what is our own.
pub(super) const EXT: &str = Method::EXT;

/// A term of the `Ext` vocabulary: name, type, where it applies, what it says.
struct Row(
    &'static str,
    fn() -> Type,
    &'static [&'static str],
    &'static str,
);

/// The whole vocabulary.
const TERMS: &[Row] = &[
    Row(
        "DeclaredFilters",
        || Type::of("Edm.String").collection(),
        &["Property", "NavigationProperty"],
        "The filters that the model declares, in its words: `eq` allows eq, ne and null tests, \
         of a custom property eq only; `multi eq` also in; `ge` and `le` allow ge, gt, le and lt; \
         `like` allows contains, startswith and endswith. Without this annotation nothing filters.",
    ),
    Row(
        "FilterableReference",
        || Type::of("Edm.Boolean"),
        &["NavigationProperty"],
        "Filters may go through this reference to the properties of its target.",
    ),
    Row(
        "CountedInFilters",
        || Type::of("Edm.Boolean"),
        &["NavigationProperty"],
        "Filters may compare the number of these objects with any whole number: `Groups/$count gt 2`, \
         `Groups/$count($filter=…) eq 1`. Whether there are any may be asked of every collection.",
    ),
    Row(
        "TextLength",
        || Type::of("Edm.Int32"),
        &["Property"],
        "The longest text of each language, in Unicode characters.",
    ),
    Row(
        "ShowInUI",
        || Type::of("Edm.String"),
        &["Property", "NavigationProperty", "EntitySet"],
        "ShownByDefault (also without this annotation), HiddenByDefault or CannotBeShown. Hidden \
         properties are returned only when selected.",
    ),
    Row(
        "Unit",
        || Type::of("Edm.PropertyPath"),
        &["Property"],
        "The property that gives the unit or format of this one.",
    ),
    Row(
        "DisplayFormat",
        || Type::of("Edm.String"),
        &["EntityType"],
        "How `DisplayText` is composed from the properties.",
    ),
    Row(
        "SearchMembers",
        || Type::of("Edm.String").collection(),
        &["EntitySet"],
        "The properties that `$search` looks into.",
    ),
];

/// The schema that defines our terms.
pub(super) fn ext() -> Schema {
    let terms = TERMS.iter().map(|&Row(name, ty, applies_to, text)| Term {
        name,
        ty: ty(),
        applies_to,
        annotations: vec![Annotation::text("Core.Description", text)],
    });
    Schema {
        namespace: EXT,
        terms: terms.collect(),
        ..Schema::default()
    }
}

/// The vocabularies of OASIS, under the aliases that our annotations use.
pub(super) fn references() -> Vec<Reference> {
    vec![
        Reference {
            uri: "https://oasis-tcs.github.io/odata-vocabularies/vocabularies/Org.OData.Core.V1",
            namespace: "Org.OData.Core.V1",
            alias: "Core",
        },
        Reference {
            uri: "https://oasis-tcs.github.io/odata-vocabularies/vocabularies/Org.OData.Capabilities.V1",
            namespace: "Org.OData.Capabilities.V1",
            alias: "Capabilities",
        },
        Reference {
            uri: "https://oasis-tcs.github.io/odata-vocabularies/vocabularies/Org.OData.Aggregation.V1",
            namespace: "Org.OData.Aggregation.V1",
            alias: "Aggregation",
        },
        Reference {
            uri: "https://oasis-tcs.github.io/odata-vocabularies/vocabularies/Org.OData.Validation.V1",
            namespace: "Org.OData.Validation.V1",
            alias: "Validation",
        },
    ]
}
