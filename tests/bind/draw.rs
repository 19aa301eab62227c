//! Plans and problems as short texts.

use userdex::bind::{Rights, bind};
use userdex::diag::Problem;
use userdex::encode::{Control, context_url};
use userdex::model::{EntityId, Model};
use userdex::plan::{
    Answer, CallPlan, Column, CompareOperator, Context, Join, MatchKind, OrderKey, Plan, Predicate,
    QueryLimits, ReadPlan, Shape, SubQuery, Term, TokenKey, TopMeaning,
};
use userdex::plan::{ExpandBody, Member};
use userdex::syntax::{Limits, parse_request};
use userdex::value::{Language, Timestamp, Value};

/// The context of a client that declares an OData version.
pub(crate) fn context() -> Context {
    Context {
        language: Language::default(),
        now: Timestamp::parse("2026-11-20T12:00:00Z").unwrap(),
        limits: QueryLimits::default(),
        top: TopMeaning::Total,
        max_page_size: None,
        default_references: false,
        tells_types: false,
        strict_filters: false,
        truncate_datetime: false,
        server_paging: true,
        token_key: TokenKey::new([1; 32]),
        schema_version: None,
    }
}

/// The set that most tests ask.
pub(crate) const USERS: &str = "Systems_Security_Users";

/// Binds an address such as `Set?$top=1`; its query is percent-encoded here where it must be.
pub(crate) fn plan(model: &Model, address: &str, context: &Context) -> Result<Plan, Problem> {
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    let query = query
        .replace('%', "%25")
        .replace('+', "%2B")
        .replace('#', "%23");
    let request = parse_request(path, &query, &Limits::default())?;
    bind(model, &request, context, &Rights::unrestricted())
}

/// Binds a read.
pub(crate) fn read(model: &Model, address: &str, context: &Context) -> Result<ReadPlan, Problem> {
    match plan(model, address, context)? {
        Plan::Read(read) => Ok(*read),
        other @ (Plan::ServiceDocument | Plan::Metadata | Plan::Call(_)) => {
            panic!("{address}: {other:?}")
        }
    }
}

/// The problem: code, message, helps, and the text it points at.
pub(crate) fn problem(problem: &Problem) -> String {
    let mut out = format!("{}: {}", problem.code().word(), problem.message());
    for help in problem.helps() {
        out.push_str(&format!("; {help}"));
    }
    if let (Some(span), Some(source)) = (problem.span(), problem.source()) {
        out.push_str(&format!(" [{}: {}]", source.name, span.of(&source.text)));
    }
    for detail in problem.details() {
        out.push_str(&format!(" + {}", self::problem(detail)));
    }
    out
}

/// The filter of Users, or its problem.
pub(crate) fn filter(model: &Model, filter: &str, context: &Context) -> String {
    set_filter(model, USERS, filter, context)
}

/// The filter of a set, or its problem.
pub(crate) fn set_filter(model: &Model, set: &str, filter: &str, context: &Context) -> String {
    match read(model, &format!("{set}?$filter={filter}"), context) {
        Ok(read) => {
            let joins = joins(model, &read.query.joins);
            joins + &predicate(model, &read.query.predicate)
        }
        Err(found) => problem(&found),
    }
}

fn joins(model: &Model, joins: &[Join]) -> String {
    joins
        .iter()
        .zip(1..)
        .map(|(join, n)| {
            let kind = if join.optional { "left" } else { "join" };
            let table = &model.table(join.table).name;
            format!("{kind} {table} {n} on {}; ", column(model, join.on))
        })
        .collect()
}

fn column(model: &Model, column: Column) -> String {
    let name = &model.table(column.table).column(column.no).name;
    match column.slot.0 {
        0 => name.clone(),
        slot => format!("{slot}.{name}"),
    }
}

/// A term.
pub(crate) fn term(model: &Model, of: &Term) -> String {
    match of {
        Term::Column(c) => column(model, *c),
        Term::Trimmed(inner) => format!("trim({})", term(model, inner)),
        Term::Language { shadow, key } => format!("{}[{key}]", column(model, *shadow)),
        Term::LanguageOrFirst { shadow, key } => format!("{}[{key}|*]", column(model, *shadow)),
        Term::TimePart { of, part } => format!("{part:?}({})", term(model, of)),
        Term::Piece { of, start, length } => format!("{}[{start};{length}]", term(model, of)),
        Term::Output(output) => format!("#{}", output.no),
    }
}

fn value(of: &Value) -> String {
    match of {
        Value::Null => "null".into(),
        Value::Boolean(b) => b.to_string(),
        Value::Integer(i) => i.to_string(),
        Value::Text(t) => format!("'{}'", t.replace('\u{1}', "¹").replace('\u{2}', "²")),
        Value::Guid(g) => g.to_string().chars().skip(32).collect(),
        Value::Timestamp(t) => t.to_string(),
        Value::Binary(b) => format!("{b:?}"),
    }
}

/// A predicate; `?` marks what is true for null.
pub(crate) fn predicate(model: &Model, of: &Predicate) -> String {
    let list = |parts: &[Predicate], by: &str| {
        let parts: Vec<_> = parts.iter().map(|p| predicate(model, p)).collect();
        format!("({})", parts.join(by))
    };
    let null = |on: bool| if on { "?" } else { "" };
    match of {
        Predicate::Always => "always".into(),
        Predicate::Never => "never".into(),
        Predicate::All(parts) => list(parts, " and "),
        Predicate::Any(parts) => list(parts, " or "),
        Predicate::Compare {
            term: t,
            operator,
            value: v,
            or_null,
        } => {
            let sign = sign(*operator);
            format!("{} {sign}{} {}", term(model, t), null(*or_null), value(v))
        }
        Predicate::OneOf {
            term: t,
            values,
            negated,
            or_null,
        } => {
            let not = if *negated { "not in" } else { "in" };
            let values: Vec<_> = values.iter().map(value).collect();
            format!(
                "{} {not}{} ({})",
                term(model, t),
                null(*or_null),
                values.join(",")
            )
        }
        Predicate::Null { term: t, negated } => {
            format!(
                "{} is {}null",
                term(model, t),
                if *negated { "not " } else { "" }
            )
        }
        Predicate::Match {
            term: t,
            kind,
            needle,
            negated,
            or_null,
        } => {
            let word = match kind {
                MatchKind::Contains => "~",
                MatchKind::StartsWith => "^~",
                MatchKind::EndsWith => "~$",
            };
            let not = if *negated { "!" } else { "" };
            let needle = value(&Value::Text(needle.clone()));
            format!("{} {not}{word}{} {needle}", term(model, t), null(*or_null))
        }
        Predicate::Within {
            column: c,
            negated,
            query,
        } => {
            let not = if *negated { "not " } else { "" };
            format!("{} {not}within {}", column(model, *c), sub(model, query))
        }
        Predicate::Counted {
            column: c,
            tally,
            query,
        } => {
            let (sign, number) = (sign(tally.operator), tally.number);
            let (c, query) = (column(model, *c), sub(model, query));
            format!("{c} {sign} {number} times in {query}")
        }
        Predicate::Outer {
            up,
            predicate: inner,
        } => format!("{}{}", "^".repeat(up.get().into()), predicate(model, inner)),
    }
}

const fn sign(operator: CompareOperator) -> &'static str {
    match operator {
        CompareOperator::Eq => "=",
        CompareOperator::Ne => "<>",
        CompareOperator::Lt => "<",
        CompareOperator::Le => "<=",
        CompareOperator::Gt => ">",
        CompareOperator::Ge => ">=",
    }
}

/// A sub-query.
pub(crate) fn sub(model: &Model, query: &SubQuery) -> String {
    format!(
        "[{}{} of {} where {}]",
        joins(model, &query.joins),
        column(model, query.select),
        model.entity(query.entity).set,
        predicate(model, &query.predicate)
    )
}

/// An order.
pub(crate) fn order(model: &Model, keys: &[OrderKey]) -> String {
    let keys: Vec<_> = keys
        .iter()
        .map(|key| {
            let down = if key.descending { " desc" } else { "" };
            let null = if key.nullable { "?" } else { "" };
            format!("{}{null}{down}", term(model, &key.term))
        })
        .collect();
    keys.join(", ")
}

/// The members of an output.
pub(crate) fn shape(model: &Model, of: &Shape) -> String {
    let typed = if of.typed { "!" } else { "" };
    format!("{typed}{}", members(model, of, of.entity, &of.members))
}

fn members(model: &Model, of: &Shape, entity: EntityId, members: &[Member]) -> String {
    let entity = model.entity(entity);
    let members: Vec<_> = members
        .iter()
        .map(|member| match member {
            Member::Attribute { id, languages, .. } => {
                let name = &entity.attribute(*id).name;
                match languages.as_slice() {
                    [] => name.clone(),
                    some => format!("{name}/{}", some.join("+")),
                }
            }
            Member::Custom { id, .. } => entity.attribute(*id).name.clone(),
            Member::CustomPart { path, .. } => path.clone(),
            Member::OfType {
                entity: of_type,
                members: inner,
                ..
            } => {
                let name = &model.entity(*of_type).type_name;
                format!("{name}:[{}]", self::members(model, of, *of_type, inner))
            }
            Member::Reference { id, .. } => format!("@{}", entity.reference(*id).name),
            Member::Computed(of) => format!("{}={:?}", of.name, of.formula),
            Member::DisplayText(pieces) => format!("DisplayText:{}", pieces.len()),
            Member::Expanded(n) => {
                let expand = &of.expands[*n];
                let body = match expand.body {
                    ExpandBody::Entities => shape(model, &expand.shape),
                    ExpandBody::Links => "$ref".into(),
                    ExpandBody::Count => "$count".into(),
                };
                format!("{}({body})", expand.name)
            }
        })
        .collect();
    members.join(",")
}

/// The whole read: answer, set, condition, parent.
pub(crate) fn rows(model: &Model, address: &str, context: &Context) -> String {
    match plan(model, address, context) {
        Err(found) => problem(&found),
        Ok(Plan::ServiceDocument) => "service document".into(),
        Ok(Plan::Metadata) => "metadata".into(),
        Ok(Plan::Call(call)) => self::call(&call),
        Ok(Plan::Read(read)) => {
            let answer = match read.answer {
                Answer::Collection => "collection",
                Answer::All => "all",
                Answer::Entity => "entity",
                Answer::Property => "property",
                Answer::RawValue => "raw value",
                Answer::Count => "count",
                Answer::EntityLink => "link",
                Answer::CollectionLinks => "links",
            };
            let mut out = format!(
                "{answer} of {} where {}",
                model.entity(read.query.entity).set,
                predicate(model, &read.query.predicate)
            );
            if let Some(parent) = &read.parent {
                out.push_str(&format!("; parent {}", sub(model, parent)));
            }
            out
        }
    }
}

/// A call of a function: its object, arguments and part.
fn call(call: &CallPlan) -> String {
    let on = call.object.as_ref().map_or("nothing", |_| "an object");
    let arguments = call.arguments.iter();
    let arguments: Vec<_> = arguments
        .map(|(name, value)| format!("{name}={value:?}"))
        .collect();
    let arguments = arguments.join(", ");
    let name = format!("{}.{}", call.namespace, call.name);
    format!("call of {name}({arguments}) on {on}: {:?}", call.part)
}

/// The output of a read: members (`*` for the default ones), order, context list, version.
pub(crate) fn output(model: &Model, address: &str, context: &Context) -> String {
    let read = match read(model, address, context) {
        Err(found) => return problem(&found),
        Ok(read) => read,
    };
    let set = &model.entity(read.query.entity).set;
    let plain = self::read(model, set, context).unwrap();
    let default = shape(model, &plain.shape);
    let members = shape(model, &read.shape).replacen(&default, "*", 1);
    let mut out = format!("{members} order {}", order(model, &read.query.order));
    if read.query.predicate != Predicate::Always {
        let (joins, rows) = (&read.query.joins, &read.query.predicate);
        let joins = self::joins(model, joins);
        out.push_str(&format!(" where {joins}{}", predicate(model, rows)));
    }
    let (answer, control) = (&read.answer, Control::Prefixed);
    let url = context_url(model, "", answer, &read.shape, control).unwrap_or_default();
    let list = url.find('(').zip(url.rfind(')'));
    if let Some(select) = list.and_then(|(start, end)| url.get(start + 1..end)) {
        out.push_str(&format!(" context {}", select.replacen(&default, "*", 1)));
    }
    for (on, word) in [
        (read.shape.version.is_some(), " version"),
        (read.count, " count"),
        (read.skip_nulls, " skipnulls"),
    ] {
        out.push_str(if on { word } else { "" });
    }
    for expand in &read.shape.expands {
        let query = &expand.query;
        out.push_str(&format!(
            "; {}: {} order {} skip {} take {:?}{}",
            expand.name,
            predicate(model, &query.predicate),
            order(model, &query.order),
            query.skip,
            query.take,
            if expand.count { " count" } else { "" }
        ));
    }
    out
}
