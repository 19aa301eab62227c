//! Which query option applies to which address.

use crate::diag::{Code, Problem, Result, Span};
use crate::plan::{Answer, Context};
use crate::syntax::ast::{Opt, QueryOptions};

use super::gather::gather;

/// What an address answers with, as far as options care.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    /// The service document or `$metadata`.
    Document,
    /// Rows of the database.
    Rows(Kind),
    /// An expanded reference.
    ExpandedEntity,
    /// An expanded collection.
    ExpandedCollection,
    /// A reference that `$apply` groups by, expanded.
    ExpandedGroup,
    /// `$expand=X/$ref` of a reference.
    ExpandedLink,
    /// `$expand=X/$ref` of a collection.
    ExpandedLinks,
    /// `$expand=X/$count`.
    ExpandedCount,
    /// What a function answers.
    Result,
    /// The collection that a function answers.
    Results,
    /// A change that is answered with the entity.
    Change,
    /// A change that is answered with nothing but that it happened.
    BareChange,
    /// The removal of a link.
    Unlink,
}

/// The form of an answer without its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Collection,
    /// The entities of every set.
    All,
    /// Their number.
    CountOfAll,
    Entity,
    Property,
    RawValue,
    Count,
    EntityLink,
    CollectionLinks,
}

impl From<&Answer> for Kind {
    fn from(answer: &Answer) -> Self {
        match answer {
            Answer::Collection => Self::Collection,
            Answer::All => Self::All,
            Answer::Entity => Self::Entity,
            Answer::Property => Self::Property,
            Answer::RawValue => Self::RawValue,
            Answer::Count => Self::Count,
            Answer::EntityLink => Self::EntityLink,
            Answer::CollectionLinks => Self::CollectionLinks,
        }
    }
}

/// The options that a target takes (OData 4.01 Part 1, 11.2, and Part 2, 5.1).
pub(super) const fn allowed(target: Target) -> &'static [&'static str] {
    match target {
        Target::Document => &["$format", "$schemaversion"],
        Target::Rows(Kind::Collection) => &[
            "$apply",
            "$filter",
            "$orderby",
            "$select",
            "$expand",
            "$compute",
            "$search",
            "$top",
            "$skip",
            "$count",
            "$skiptoken",
            "$deltatoken",
            "$format",
            "$schemaversion",
            "expandgroup",
        ],
        Target::Rows(Kind::All) => &["$top", "$count", "$skiptoken", "$format", "$schemaversion"],
        Target::Rows(Kind::CountOfAll) => &["$format", "$schemaversion"],
        Target::Rows(Kind::Entity) => &[
            "$select",
            "$expand",
            "$compute",
            "$format",
            "$schemaversion",
        ],
        Target::Rows(Kind::Property | Kind::RawValue | Kind::EntityLink) => {
            &["$format", "$schemaversion"]
        }
        Target::Rows(Kind::Count) => &["$apply", "$filter", "$search", "$format", "$schemaversion"],
        Target::Rows(Kind::CollectionLinks) => &[
            "$filter",
            "$orderby",
            "$search",
            "$top",
            "$skip",
            "$count",
            "$skiptoken",
            "$format",
            "$schemaversion",
        ],
        Target::ExpandedEntity => &["$select", "$expand", "$compute", "$levels"],
        Target::ExpandedCollection => &[
            "$filter", "$orderby", "$select", "$expand", "$compute", "$search", "$top", "$skip",
            "$count", "$levels",
        ],
        Target::ExpandedGroup => &["$select", "$expand", "$compute"],
        Target::ExpandedLink => &[],
        Target::ExpandedLinks => &["$filter", "$orderby", "$search", "$top", "$skip", "$count"],
        Target::ExpandedCount => &["$filter", "$search"],
        Target::Result => &["$format", "$schemaversion"],
        Target::Results => &["$top", "$skip", "$count", "$format", "$schemaversion"],
        Target::Change => &["$select", "$expand", "$format", "$schemaversion"],
        Target::BareChange => &["$format", "$schemaversion"],
        Target::Unlink => &["$id", "$format", "$schemaversion"],
    }
}

/// Valid OData that only collections of entities offer.
const OF_COLLECTIONS: &[&str] = &["$apply"];

/// One option that a request gives: its name and text.
struct Given<'a>(&'static str, &'a str);

fn given(options: &QueryOptions) -> Vec<Given<'_>> {
    fn one<'a, T>(name: &'static str, opt: &'a Option<Opt<T>>) -> Option<Given<'a>> {
        opt.as_ref().map(|opt| Given(name, &opt.text))
    }
    // Every field is named, so that a new option must be thought about here.
    let QueryOptions {
        filter,
        orderby,
        select,
        expand,
        search,
        compute,
        apply,
        top,
        skip,
        count,
        skiptoken,
        deltatoken,
        format,
        index,
        levels,
        schemaversion,
        id,
        expandgroup,
        aliases: _,
        custom: _,
    } = options;
    [
        one("$filter", filter),
        one("$orderby", orderby),
        one("$select", select),
        one("$expand", expand),
        one("$search", search),
        one("$compute", compute),
        one("$apply", apply),
        one("$top", top),
        one("$skip", skip),
        one("$count", count),
        one("$skiptoken", skiptoken),
        one("$deltatoken", deltatoken),
        one("$format", format),
        one("$index", index),
        one("$levels", levels),
        one("$schemaversion", schemaversion),
        one("$id", id),
        one("expandgroup", expandgroup),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Refuses the options that do not apply.
pub(super) fn check(target: Target, options: &QueryOptions) -> Result<()> {
    let takes = allowed(target);
    let checked = given(options).into_iter().map(|Given(name, text)| {
        if takes.contains(&name) {
            return Ok(());
        }
        Err(refusal(name, takes)
            .at(Span::new(0, text.len()))
            .within(name, text))
    });
    gather(checked).map(|_: Vec<()>| ())
}

/// Refuses requests that were made against another version of the schema: the service has one at a
/// time (OData 4.01 Part 1, 11.2.12).
pub(super) fn check_version(options: &QueryOptions, context: &Context) -> Result<()> {
    let Some(opt) = &options.schemaversion else {
        return Ok(());
    };
    let current = context.schema_version.as_deref();
    if opt.value.node == "*" || current == Some(opt.value.node.as_str()) {
        return Ok(());
    }
    let message = format!("there is no version `{}` of the schema", opt.value.node);
    let problem = Problem::new(Code::NotFound, message).about("$schemaversion");
    Err(problem
        .at(opt.value.span)
        .help("`$metadata` says which one there is, in `Core.SchemaVersion`; `*` is the schema as it is")
        .within("$schemaversion", &opt.text))
}

/// The same for nested options, whose texts are those of the whole `$expand`.
pub(super) fn check_nested(target: Target, options: &QueryOptions, span: Span) -> Result<()> {
    let takes = allowed(target);
    let checked = given(options).into_iter().map(|Given(name, _)| {
        if takes.contains(&name) {
            return Ok(());
        }
        Err(refusal(name, takes).at(span))
    });
    gather(checked).map(|_: Vec<()>| ())
}

fn refusal(name: &'static str, takes: &[&str]) -> Problem {
    if OF_COLLECTIONS.contains(&name) {
        let text = format!("`{name}` is offered for collections of entities, not here");
        return Problem::new(Code::NotSupported, text).about(name);
    }
    let problem =
        Problem::new(Code::InvalidOption, format!("`{name}` does not apply here")).about(name);
    if takes.is_empty() {
        return problem.help("no option applies here");
    }
    problem.help(format!("what applies: {}", takes.join(", ")))
}

#[cfg(test)]
mod tests;
