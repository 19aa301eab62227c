//! `groupby` and `aggregate`.

use crate::diag::{At, Code, Problem, Result, Span};
use crate::model::Entity;
use crate::plan::{Aggregate, Groups, Output, OutputKind, Predicate, Source, Term};
use crate::syntax::ast::{AggregateItem, GroupKey, Pipeline, Transformation};

use super::super::gather::gather;
use super::super::refuse;
use super::aggregate::{self, Told};
use super::derived::Derived;
use super::named::{Named, What};
use super::state::{State, Wanted};

/// Keys and aggregates of one grouping at most.
pub(super) const MOST: usize = 100;

/// What is done with each group: it can only be aggregated.
pub(super) fn aggregates(then: &Pipeline) -> Result<&[AggregateItem]> {
    match then.as_slice() {
        [] => Ok(&[]),
        [one] => match &one.node {
            Transformation::Aggregate(items) => Ok(items),
            Transformation::Identity
            | Transformation::Filter(_)
            | Transformation::Search(_)
            | Transformation::Compute(_)
            | Transformation::OrderBy(_)
            | Transformation::Skip(_)
            | Transformation::Top(_)
            | Transformation::Pick { .. }
            | Transformation::GroupBy { .. }
            | Transformation::Concat(_)
            | Transformation::Other { .. } => Err(only_aggregate(one.span)),
        },
        [.., last] => Err(only_aggregate(last.span)),
    }
}

fn only_aggregate(span: Span) -> Problem {
    let text = "inside `groupby` only `aggregate` is offered";
    let help = "filter before it: `filter(…)/groupby((A),aggregate($count as N))`; \
                what comes after it works on the groups";
    refuse::not_offered(text, span).help(help)
}

/// Groups rows by keys; without keys all of them are one group.
pub(super) fn bind<'a>(
    mut state: State<'a>,
    keys: &'a [At<GroupKey>],
    items: &'a [AggregateItem],
) -> Result<Derived<'a>> {
    let found = keys.iter().map(|key| self::key(&mut state, key));
    let found: Vec<Named<'a>> = gather(found)?;
    check_apart(&found, keys)?;
    let told = items.iter().map(|item| aggregate::bind(&mut state, item));
    let told: Vec<Told<'a>> = gather(told)?;
    if found.len() + told.len() > MOST {
        let span = keys.last().map_or(Span::new(0, 0), |key| key.span);
        return Err(too_many(span));
    }
    check_names(&state, &found, &told)?;
    Ok(grouped(&state, found, told))
}

/// More names than a row may have.
pub(super) fn too_many(span: Span) -> Problem {
    let text = format!("more than {MOST} keys and aggregates");
    Problem::new(Code::LimitExceeded, text).at(span)
}

/// What one key stands for.
fn key<'a>(state: &mut State<'a>, key: &'a At<GroupKey>) -> Result<Named<'a>> {
    let path = match &key.node {
        GroupKey::Path(path) => path,
        GroupKey::Rollup { word, .. } => {
            let text = format!(
                "`{word}` is not offered: its rows have different members, and no order of their own"
            );
            let help = "write each level out: `concat(groupby((A,B),aggregate($count as N)),\
                        groupby((A),aggregate($count as N)))`";
            return Err(refuse::not_offered(&text, key.span).help(help));
        }
    };
    let named = state.find(path, key.span)?;
    if named.is_dimension() {
        return Ok(named);
    }
    let text = format!("`{}` does not declare that it groups", named.label());
    let problem = named.problem(Code::FilterNotDeclared, text, key.span);
    let interval = named.what.is_time() && named.is_measure();
    let problem = if interval {
        let label = named.label();
        problem.help(format!(
            "an interval groups: `compute(date({label}) as Day)/groupby((Day))`"
        ))
    } else {
        problem
    };
    Err(match state {
        State::Entities(entities) => {
            let rows = &entities.rows;
            problem.help(dimensions(rows.setting.entity(rows.entity())))
        }
        State::Derived(_) => problem,
    })
}

/// What of an entity groups.
fn dimensions(entity: &Entity) -> String {
    let attributes = entity.attributes.iter().filter(|a| a.is_dimension());
    let references = entity.references.iter().filter(|r| r.is_dimension());
    let names = attributes.map(|a| &a.name);
    let names: Vec<String> = names
        .chain(references.map(|r| &r.name))
        .map(|name| format!("`{name}`"))
        .collect();
    format!("`{}` groups by {}", entity.set, names.join(", "))
}

/// Refuses keys of which one is inside another: they would be one member of the output.
fn check_apart(found: &[Named<'_>], keys: &[At<GroupKey>]) -> Result<()> {
    for (n, (named, key)) in found.iter().zip(keys).enumerate() {
        let clash = |other: &Named<'_>| {
            other.path.starts_with(&named.path) || named.path.starts_with(&other.path)
        };
        if found.iter().take(n).any(clash) {
            let text = format!("`{}` is a key already, or inside of one", named.label());
            return Err(named.problem(Code::InvalidOption, text, key.span));
        }
    }
    Ok(())
}

/// Refuses names of aggregates that something has already.
fn check_names(state: &State<'_>, found: &[Named<'_>], told: &[Told<'_>]) -> Result<()> {
    let entity = match state {
        State::Entities(entities) => entities.rows.entity(),
        State::Derived(derived) => derived.entity,
    };
    let entity = state.setting().entity(entity);
    let checked = told.iter().enumerate().map(|(n, one)| {
        let name = &one.name.node;
        let is = |path: &[String]| path.first() == Some(name);
        // `A with max as A`: clients that know one name only.
        let of = one.of.as_ref().map(|(named, _)| named.label());
        let taken = (entity.property(name).is_some() && of.as_ref() != Some(name))
            || found.iter().any(|named| is(&named.path))
            || told.iter().take(n).any(|other| other.name.node == *name);
        if !taken {
            return Ok(());
        }
        let text = format!("the name `{name}` is taken");
        let problem = Problem::new(Code::InvalidOption, text).about(name);
        let help = "take another one: neither a property nor a name that is there already";
        Err(problem.at(one.name.span).help(help))
    });
    gather(checked).map(|_: Vec<()>| ())
}

/// The columns that keys and aggregates look at.
#[derive(Default)]
struct Columns(Vec<Wanted>);

impl Columns {
    fn position(&mut self, named: &Named<'_>, term: &Term) -> usize {
        let known = self.0.iter().position(|one| one.term == *term);
        known.unwrap_or_else(|| {
            self.0.push(Wanted {
                term: term.clone(),
                kind: named.what.kind(),
                nullable: named.nullable,
            });
            self.0.len() - 1
        })
    }
}

/// The groups, with what is told of each.
fn grouped<'a>(state: &State<'a>, found: Vec<Named<'a>>, told: Vec<Told<'a>>) -> Derived<'a> {
    let mut columns = Columns::default();
    let keys: Vec<usize> = found
        .iter()
        .map(|named| columns.position(named, named.key()))
        .collect();
    let mut aggregates = Vec::with_capacity(told.len());
    let mut names = Vec::with_capacity(found.len() + told.len());
    let mut unique = Vec::with_capacity(found.len());
    let whole = found.is_empty();
    for (no, mut named) in found.into_iter().enumerate() {
        let output = |no, kind| Output {
            no,
            kind,
            nullable: named.nullable,
        };
        let key = output(no, named.what.kind());
        unique.push(key);
        if named.compared.is_some() {
            // Texts that fold alike are one group, which shows the least of them.
            let position = columns.position(&named, &named.term);
            let shown = output(keys.len() + aggregates.len(), OutputKind::Text);
            aggregates.push(Aggregate::Least(position));
            named.compared = Some(Term::Output(key));
            named.term = Term::Output(shown);
        } else {
            named.term = Term::Output(key);
        }
        names.push(named);
    }
    for one in told {
        let term = |columns: &mut Columns| match &one.of {
            Some((named, term)) => columns.position(named, term),
            None => 0,
        };
        let nullable = one.nullable || (whole && one.null_for_none);
        let no = keys.len() + aggregates.len();
        let aggregate = (one.make)(term(&mut columns));
        aggregates.push(aggregate);
        let term = Term::output(no, one.what.kind(), nullable);
        let mut named = Named::new(&one.name.node, term, nullable, one.what);
        named.unasked = one.unasked;
        named.bits = one.bits;
        names.push(named);
    }
    let (entity, has_parts) = match state {
        State::Entities(entities) => (entities.rows.entity(), false),
        State::Derived(derived) => (derived.entity, derived.has_parts),
    };
    Derived {
        setting: state.setting(),
        entity,
        source: Source::Groups(Groups {
            of: state.query(&columns.0),
            keys,
            aggregates,
        }),
        predicate: Predicate::Always,
        names,
        unique,
        order: Vec::new(),
        part: None,
        has_parts,
    }
}

/// What `What` of an aggregate that is as its argument is.
pub(super) fn same(what: What<'_>) -> What<'_> {
    match what {
        What::Attribute(_) if what.is_time() => What::Time,
        What::Attribute(_) | What::Number => What::Number,
        What::Link(..) | What::Decimal | What::Time | What::Date | What::Text => what,
    }
}
