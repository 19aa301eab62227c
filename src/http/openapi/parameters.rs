//! Query options and headers.

use utoipa::openapi::path::{Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, SchemaFormat, Type};
use utoipa::openapi::{Components, Ref, RefOr, Required, Schema};

use crate::model::{Entity, Filters, Model};

/// A query option or header: component, name, schema, description.
type Row = (
    &'static str,
    &'static str,
    fn() -> ObjectBuilder,
    &'static str,
);

/// Query options that mean the same for every set.
const SHARED: &[Row] = &[
    ("top", "$top", count, "At most this many entities."),
    (
        "skip",
        "$skip",
        count,
        "Leaves out this many entities first.",
    ),
    (
        "count",
        "$count",
        boolean,
        "Whether the answer carries `@odata.count`, the number of all matching entities.",
    ),
    (
        "compute",
        "$compute",
        text,
        "Values to compute, such as `year(CreationTimeUtc) as Year`: their names may be used in \
         `$select`, and in `$filter` and `$orderby` where the expression may.",
    ),
    (
        "skiptoken",
        "$skiptoken",
        text,
        "The place where the next page starts; taken from `@odata.nextLink`, never made by hand.",
    ),
    (
        "deltatoken",
        "$deltatoken",
        text,
        "The place in the history behind which changes are told; taken from `@odata.deltaLink`, \
         never made by hand.",
    ),
    (
        "format",
        "$format",
        text,
        "`json`, or a media type such as `application/json;odata.metadata=full`; wins over \
         `Accept`.",
    ),
    (
        "options",
        "options",
        skip_nulls,
        "`skipnulls` leaves out properties without a value.",
    ),
    (
        "details",
        "details",
        boolean,
        "Whether the members of each entity set are told too.",
    ),
    (
        "culture",
        "culture",
        text,
        "The language of display texts and messages, such as `bg`; wins over `Accept-Language`.",
    ),
];

/// Headers: component, name, schema, description.
const HEADERS: &[Row] = &[
    (
        "maxVersion",
        "OData-MaxVersion",
        versions,
        "The newest OData version that the client understands: `4.0` or `4.01`.",
    ),
    (
        "transactionId",
        "TransactionId",
        text,
        "The API transaction that the request is part of, as `BeginTransaction` answers it.",
    ),
    (
        "prefer",
        "Prefer",
        text,
        "`odata.maxpagesize=100` asks for pages of at most 100 entities. `omit-values=nulls` leaves \
         out properties without a value. `odata.track-changes` asks for a delta link at the end, \
         where the history of the set has values. `respond-async` lets an export (`$format=csv`) \
         come later, `wait=10` after so many seconds.",
    ),
    (
        "preferChange",
        "Prefer",
        text,
        "`return=representation` or `return=minimal`: whether the answer holds the entity; \
         `omit-values=nulls` leaves out its properties without a value. \
         `handling=strict` refuses what is ignored with a warning otherwise, such as values of \
         read-only properties. `include-annotations=\"-Core.Messages\"` tells warnings in the header \
         `Ext-Messages` only.",
    ),
    (
        "preferBatch",
        "Prefer",
        text,
        "`odata.continue-on-error` goes on after a request that was refused.",
    ),
    (
        "ifNoneMatch",
        "If-None-Match",
        tags,
        "Entity tags that the client already has.",
    ),
    (
        "ifNoneMatchChange",
        "If-None-Match",
        tags,
        "`*` creates the entity, and is refused with 412 where there is one.",
    ),
    (
        "ifMatch",
        "If-Match",
        tags,
        "The entity tag that the client knows, or `*`: refused with 412 when the entity has \
         another one, or is not there.",
    ),
    (
        "repeatabilityRequestId",
        "Repeatability-Request-ID",
        request_id,
        "Names the request: sent again, it is answered as the first time and does nothing more. \
         Comes with `Repeatability-First-Sent`.",
    ),
    (
        "repeatabilityFirstSent",
        "Repeatability-First-Sent",
        http_date,
        "When the request was sent first, as an HTTP date.",
    ),
];

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

fn boolean() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::Boolean)
}

fn count() -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::Integer)
        .minimum(Some(0))
}

fn skip_nulls() -> ObjectBuilder {
    text().enum_values(Some(["skipnulls"]))
}

fn versions() -> ObjectBuilder {
    text().enum_values(Some(["4.0", "4.01"]))
}

/// Entity tags, or `*` for any.
fn tags() -> ObjectBuilder {
    let tag = "(W/)?\"[!#-~]*\"";
    text().pattern(Some(format!(r"^(\*|{tag}(, ?{tag})*)$")))
}

fn request_id() -> ObjectBuilder {
    text().pattern(Some("^[!-~]{1,100}$"))
}

fn http_date() -> ObjectBuilder {
    let names = "(Mon|Tue|Wed|Thu|Fri|Sat|Sun), [0-3][0-9] \
                 (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)";
    text().pattern(Some(format!(
        "^{names} [0-9]{{4}} [0-2][0-9]:[0-5][0-9]:[0-5][0-9] GMT$"
    )))
}

/// Adds the options that all sets share, and those of each set.
pub(super) fn add(model: &Model, components: &mut Components) {
    for &(component, name, schema, description) in SHARED {
        insert(components, component, query(name, schema(), description));
    }
    let id = ParameterBuilder::new()
        .name("id")
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .description(Some("The key."))
        .schema(Some(
            text().format(Some(SchemaFormat::Custom("uuid".to_owned()))),
        ));
    insert(components, "id", id.build());
    let sets = model.entities().map(|(_, entity)| entity.set.as_str());
    let set = ParameterBuilder::new()
        .name("set")
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .description(Some("The entity set."))
        .schema(Some(text().enum_values(Some(sets))));
    insert(components, "set", set.build());
    for &(component, name, schema, description) in HEADERS {
        insert(components, component, header(name, schema(), description));
    }
    for (_, entity) in model.entities() {
        for (name, description) in of_set(model, entity) {
            let component = component(&entity.set, name);
            insert(
                components,
                &component,
                query(&format!("${name}"), text(), &description),
            );
        }
    }
}

fn insert(components: &mut Components, name: &str, parameter: Parameter) {
    components
        .parameters
        .insert(name.to_owned(), RefOr::T(parameter));
}

fn query(name: &str, schema: ObjectBuilder, description: &str) -> Parameter {
    let schema: RefOr<Schema> = schema.into();
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Query)
        .description(Some(description))
        .schema(Some(schema))
        .build()
}

fn header(name: &str, schema: ObjectBuilder, description: &str) -> Parameter {
    let schema: RefOr<Schema> = schema.into();
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .description(Some(description))
        .schema(Some(schema))
        .build()
}

/// The component that describes an option of a set.
fn component(set: &str, option: &str) -> String {
    format!("{set}.{option}")
}

/// References to the options of a page of a set, in the order in which people read them.
pub(super) fn of_page(entity: &Entity) -> Vec<Ref> {
    let own = |name: &str| component(&entity.set, name);
    let search = (!entity.search.is_empty()).then(|| own("search"));
    let mut names = vec![own("filter"), own("select"), own("orderby")];
    names.extend(["top", "skip", "count"].map(str::to_owned));
    names.extend(has_navigation(entity).then(|| own("expand")));
    names.extend(search);
    names.extend([own("apply"), "compute".to_owned(), "skiptoken".to_owned()]);
    names.extend(is_tracked(entity).then(|| "deltatoken".to_owned()));
    names.extend(["format", "options", "culture"].map(str::to_owned));
    names.extend(["maxVersion", "transactionId", "prefer"].map(str::to_owned));
    references(&names)
}

/// Whether a set has delta links, whatever the settings.
fn is_tracked(entity: &Entity) -> bool {
    crate::service::offers().tracks(entity)
}

/// References to the options of one entity of a set.
pub(super) fn of_entity(entity: &Entity) -> Vec<Ref> {
    let own = |name: &str| component(&entity.set, name);
    let mut names = vec![own("select")];
    names.extend(has_navigation(entity).then(|| own("expand")));
    names.extend(["compute", "format", "options", "culture", "maxVersion"].map(str::to_owned));
    names.extend(["transactionId", "ifNoneMatch"].map(str::to_owned));
    references(&names)
}

/// References to the options of a number of entities.
pub(super) fn of_count(entity: &Entity) -> Vec<Ref> {
    let own = |name: &str| component(&entity.set, name);
    let mut names = vec![own("filter")];
    names.extend((!entity.search.is_empty()).then(|| own("search")));
    names.push(own("apply"));
    names.push("transactionId".to_owned());
    references(&names)
}

/// A reference to a parameter.
pub(super) fn reference(name: &str) -> Ref {
    Ref::new(format!("#/components/parameters/{name}"))
}

fn references(names: &[String]) -> Vec<Ref> {
    names.iter().map(|name| reference(name)).collect()
}

fn has_navigation(entity: &Entity) -> bool {
    !entity.references.is_empty() || !entity.collections.is_empty()
}

/// The options that differ from set to set, with what the model says about them.
fn of_set(model: &Model, entity: &Entity) -> Vec<(&'static str, String)> {
    let mut out = vec![
        ("filter", filter(model, entity)),
        ("select", select(entity)),
        ("orderby", order(entity)),
        ("apply", apply(entity)),
    ];
    if has_navigation(entity) {
        out.push(("expand", expand(entity)));
    }
    if !entity.search.is_empty() {
        let members = entity
            .search
            .iter()
            .map(|path| format!("`{}`", model.member_name(entity, path, "/")));
        let text = format!(
            "Looks for words and \"phrases\" in {}.",
            members.collect::<Vec<_>>().join(", ")
        );
        out.push(("search", text));
    }
    out
}

/// Every attribute and reference that declares filters, with the forms that they allow; what may be
/// asked of children.
fn filter(model: &Model, entity: &Entity) -> String {
    let attributes = entity.attributes.iter().filter(|a| !a.secret);
    let attributes = attributes.map(|a| (a.name.as_str(), a.filters));
    let references = entity
        .references
        .iter()
        .map(|r| (r.name.as_str(), r.filters));
    let lines = attributes
        .chain(references)
        .filter(|(_, filters)| filters.any())
        .map(|(name, filters)| format!("- `{name}`: {}", forms(filters)));
    let collections = entity.collections.iter();
    let collections = collections.map(|c| {
        let counted = model.entity(c.target).reference(c.back).is_dimension();
        let count = if counted { ", $count" } else { "" };
        format!("- `{}`: any, all{count}", c.name)
    });
    let lines: Vec<_> = lines.chain(collections).collect();
    format!("Declared filters:\n\n{}", lines.join("\n"))
}

/// The operators and functions that a declaration allows.
pub(super) fn forms(filters: Filters) -> String {
    let words = [
        (filters.eq, "eq, ne"),
        (filters.multi, "in"),
        (filters.range(), "ge, gt, le, lt"),
        (filters.like, "contains, startswith, endswith"),
    ];
    let words = words
        .into_iter()
        .filter_map(|(on, word)| on.then_some(word));
    words.collect::<Vec<_>>().join(", ")
}

fn select(entity: &Entity) -> String {
    let open = entity
        .attributes
        .iter()
        .filter(|a| !a.secret)
        .map(|a| a.name.as_str());
    let names = open.chain(entity.references.iter().map(|r| r.name.as_str()));
    format!(
        "Properties to return; `default` stands for the default ones. {}.",
        quoted(names)
    )
}

fn order(entity: &Entity) -> String {
    let key = entity.attribute(entity.key());
    let rest = entity
        .attributes
        .iter()
        .filter(|a| a.orderable && !a.secret && a.name != key.name);
    let names = std::iter::once(key).chain(rest).map(|a| a.name.as_str());
    format!("Order of the entities, `asc` or `desc`. {}.", quoted(names))
}

/// What groups and what is aggregated.
fn apply(entity: &Entity) -> String {
    let groups = entity.attributes.iter().filter(|a| a.is_dimension());
    let references = entity.references.iter().filter(|r| r.is_dimension());
    let groups = groups.map(|a| a.name.as_str());
    let groups = quoted(groups.chain(references.map(|r| r.name.as_str())));
    let measures = entity.attributes.iter().filter(|a| a.is_measure());
    let measures = quoted(measures.map(|a| a.name.as_str()));
    let measures = if measures.is_empty() {
        String::new()
    } else {
        format!(" Aggregated are {measures}.")
    };
    format!(
        "Groups and aggregates, such as `groupby((A),aggregate($count as N))`. The answer then has \
         rows of the names in it, and the other options work on these. Groups are made by \
         {groups}.{measures}"
    )
}

fn expand(entity: &Entity) -> String {
    let references = entity.references.iter().map(|r| r.name.as_str());
    let names = references.chain(entity.collections.iter().map(|c| c.name.as_str()));
    format!(
        "References and collections to include, with options of their own in parentheses. {}.",
        quoted(names)
    )
}

fn quoted<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names
        .map(|name| format!("`{name}`"))
        .collect::<Vec<_>>()
        .join(", ")
}
