//! What may be grouped and aggregated, in the words of the Aggregation vocabulary.

use crate::model::{Attribute, Entity, Model};
use crate::value::Kind;

use super::tree::{Annotation, Expression};

/// The transformations of `$apply` that are offered.
const TRANSFORMATIONS: &[&str] = &[
    "aggregate",
    "bottomcount",
    "compute",
    "concat",
    "filter",
    "groupby",
    "identity",
    "orderby",
    "search",
    "skip",
    "top",
    "topcount",
];

/// What is told of values that only group.
const COUNTED: &[&str] = &["countdistinct"];

/// What holds for every set.
pub(super) fn of_container() -> Annotation {
    Annotation::new(
        "Aggregation.ApplySupportedDefaults",
        Expression::Record(vec![
            (
                "Transformations",
                Expression::texts(TRANSFORMATIONS.iter().copied()),
            ),
            (
                "Rollup",
                Expression::Member("Aggregation.RollupType", "None"),
            ),
            ("From", Expression::Bool(false)),
        ]),
    )
}

/// What of a set groups, and what is aggregated.
pub(super) fn of_set(model: &Model, entity: &Entity) -> Annotation {
    let attributes = entity.attributes.iter();
    let attributes = attributes.filter(|a| a.is_dimension() || a.is_measure());
    let references = entity.references.iter().filter(|r| r.is_dimension());
    let keys: Vec<String> = references
        .map(|reference| {
            let target = model.entity(reference.target);
            format!("{}/{}", reference.name, target.attribute(target.key()).name)
        })
        .collect();
    let groupable = attributes.clone().filter(|a| a.is_dimension());
    let groupable = groupable.map(|a| a.name.clone()).chain(keys.clone());
    let counted = keys.into_iter().map(|key| aggregated(key, COUNTED));
    let aggregated = attributes.map(|a| aggregated(a.name.clone(), methods(a)));
    let aggregated = aggregated.chain(counted);
    Annotation::new(
        "Aggregation.ApplySupported",
        Expression::Record(vec![
            (
                "GroupableProperties",
                Expression::Collection(groupable.map(Expression::PropertyPath).collect()),
            ),
            (
                "AggregatableProperties",
                Expression::Collection(aggregated.collect()),
            ),
        ]),
    )
}

/// The methods that an attribute takes.
fn methods(attribute: &Attribute) -> &'static [&'static str] {
    match (attribute.is_measure(), attribute.kind) {
        (true, Kind::Byte | Kind::Int16 | Kind::Int32) => {
            &["min", "max", "sum", "average", "countdistinct"]
        }
        // A sum of 64-bit numbers need not fit.
        (true, _) => &["min", "max", "countdistinct"],
        (false, _) => COUNTED,
    }
}

fn aggregated(path: String, methods: &'static [&'static str]) -> Expression {
    Expression::Record(vec![
        ("Property", Expression::PropertyPath(path)),
        (
            "SupportedAggregationMethods",
            Expression::texts(methods.iter().copied()),
        ),
    ])
}
