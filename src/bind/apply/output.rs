//! From names to the plan of a read: the options of the request work on what `$apply` has made.

use crate::diag::{At, Code, Problem, Result};
use crate::plan::{
    Answer, GroupMember, GroupShape, GroupValue, Plan, ReadPlan, Shape, SubQuery, Term,
};
use crate::syntax::ast::{Opt, OrderItem, QueryOptions, Request, SelectItem};

use super::super::gather::gather;
use super::super::{page, read, refuse};
use super::cut;
use super::derived::Derived;
use super::expand;
use super::named::Named;
use super::state::{Sort, State, Wanted, keys, position};

/// Binds the options of a request over what `$apply` has made.
pub(in super::super) fn plan(
    derived: Box<Derived<'_>>,
    request: &Request,
    answer: Answer,
    parent: Option<SubQuery>,
) -> Result<Plan> {
    let options = &request.options;
    check(options)?;
    let State::Derived(mut derived) = narrowed(derived, options)? else {
        return Err(Problem::new(Code::Internal, "groups are no entities"));
    };
    let context = derived.setting.context;
    let mut chosen = match &options.select {
        Some(opt) => select(&derived, &opt.value).map_err(|p| p.within("$select", &opt.text))?,
        None => derived.names.clone(),
    };
    let mut columns = Vec::new();
    let (grouped, expands): (Vec<_>, Vec<_>) = match &options.expandgroup {
        Some(opt) => expand::bind(&derived, &opt.value, &mut columns)
            .map_err(|p| p.within("expandgroup", &opt.text))?,
        None => Vec::new(),
    }
    .into_iter()
    .unzip();
    // What is expanded is shown, whatever is selected.
    let left_out = |path: &Vec<String>| chosen.iter().all(|named| named.path != *path);
    let added: Vec<&Vec<String>> = grouped.iter().filter(|path| left_out(path)).collect();
    let names = derived.names.iter();
    chosen.extend(names.filter(|named| added.contains(&&named.path)).cloned());
    let sorts: Vec<Sort> = derived.sorts();
    let wanted: Vec<Wanted> = chosen.iter().map(wanted).collect();
    let mut query = derived.query(&wanted);
    query.columns = columns;
    let members = members(&chosen, &grouped, &mut query.columns);
    let part = derived.part.take();
    let part = part.map(|part| position(&mut query.columns, &Term::Output(part)));
    query.order = keys(&mut query.columns, sorts.iter());
    let shape = Shape {
        entity: derived.entity,
        typed: false,
        key: 0,
        version: None,
        covered: false,
        members: Vec::new(),
        expands,
        selected: None,
        groups: Some(GroupShape { members, part }),
    };
    let page = match answer {
        Answer::Collection => {
            let mut canonical = page::canonical(request, &query);
            // An order inside may follow the language of the request.
            canonical.push('#');
            canonical.push_str(context.language.key());
            page::cut(context, options, &mut query, canonical)?
        }
        Answer::All
        | Answer::Count
        | Answer::CollectionLinks
        | Answer::Entity
        | Answer::Property
        | Answer::RawValue
        | Answer::EntityLink => None,
    };
    if query.columns.is_empty() {
        // Nothing is shown and nothing orders: one row, of which it is only told that it is there.
        query
            .columns
            .extend(derived.names.first().map(|n| n.term.clone()));
    }
    Ok(Plan::Read(Box::new(ReadPlan {
        answer,
        query,
        shape,
        others: Vec::new(),
        count: options.count.as_ref().is_some_and(|opt| opt.value.node),
        page,
        parent,
        skip_nulls: read::skip_nulls(options)?,
        is_me: false,
        delta: None,
        timely: derived.setting.is_timely(),
    })))
}

/// Refuses the options that mean entities.
fn check(options: &QueryOptions) -> Result<()> {
    let whole = |text: &str| crate::diag::Span::new(0, text.len());
    let refused = [
        options.expand.as_ref().map(|opt| ("$expand", &opt.text)),
        options.search.as_ref().map(|opt| ("$search", &opt.text)),
        options.compute.as_ref().map(|opt| ("$compute", &opt.text)),
    ];
    if options.deltatoken.is_some() {
        let message = "`$deltatoken` does not stand beside `$apply`";
        let problem = Problem::new(Code::InvalidOption, message).about("$deltatoken");
        return Err(problem.help("what is grouped has no delta links: read it again"));
    }
    let refused = refused.into_iter().flatten().map(|(name, text)| {
        let words = format!("`{name}` over what `$apply` has made is not offered");
        let problem = refuse::not_offered(&words, whole(text)).about(name);
        let problem = match name {
            "$search" => problem.help("write `search(…)` inside `$apply`, before what groups"),
            "$compute" => problem.help("write `compute(…)` inside `$apply`"),
            _ => problem.help("write `expandgroup=…`: it expands the references that make groups"),
        };
        Err(problem.within(name, text))
    });
    gather(refused).map(|_: Vec<()>| ())
}

/// `$filter` and `$orderby`.
fn narrowed<'a>(derived: Box<Derived<'a>>, options: &'a QueryOptions) -> Result<State<'a>> {
    let mut state = State::Derived(derived);
    let filtered = match &options.filter {
        Some(opt) => state
            .filter(&opt.value)
            .map_err(|p| p.within("$filter", &opt.text)),
        None => Ok(()),
    };
    let ordered = match &options.orderby {
        Some(opt) => order(&mut state, opt).map_err(|p| p.within("$orderby", &opt.text)),
        None => Ok(()),
    };
    gather([filtered, ordered])?;
    Ok(state)
}

/// What `$orderby` says comes first; what the transformations said stays between equals.
fn order<'a>(state: &mut State<'a>, option: &'a Opt<Vec<OrderItem>>) -> Result<()> {
    let before = match state {
        State::Derived(derived) => std::mem::take(&mut derived.order),
        State::Entities(_) => Vec::new(),
    };
    cut::order(state, &option.value)?;
    if let State::Derived(derived) = state {
        derived.order.extend(before);
    }
    Ok(())
}

fn wanted(named: &Named<'_>) -> Wanted {
    Wanted {
        term: named.term.clone(),
        kind: named.what.kind(),
        nullable: named.nullable,
    }
}

/// The names that `$select` chooses, in the order of the rows.
fn select<'a>(derived: &Derived<'a>, items: &[At<SelectItem>]) -> Result<Vec<Named<'a>>> {
    let mut chosen: Vec<&[String]> = Vec::new();
    let mut all = false;
    let picked = items.iter().map(|item| match &item.node {
        SelectItem::Star | SelectItem::Default => {
            all = true;
            Ok(())
        }
        SelectItem::Path {
            steps,
            options: None,
        } => {
            let plain = steps.iter().all(|step| step.node.namespace.is_empty());
            let path: Vec<&str> = steps.iter().map(|step| step.node.name.as_str()).collect();
            let found = derived
                .names
                .iter()
                .filter(|named| plain && named.path.iter().take(path.len()).eq(path.iter()));
            let before = chosen.len();
            chosen.extend(found.map(|named| named.path.as_slice()));
            if chosen.len() > before {
                return Ok(());
            }
            Err(derived.unknown(&path.join("/"), item.span))
        }
        SelectItem::Path {
            options: Some(_), ..
        }
        | SelectItem::Operations(_)
        | SelectItem::Function { .. } => {
            let text = "only names can be selected of what `$apply` has made";
            Err(refuse::not_offered(text, item.span))
        }
    });
    gather(picked)?;
    let names = derived.names.iter();
    let names = names.filter(|named| all || chosen.contains(&named.path.as_slice()));
    Ok(names.cloned().collect())
}

/// The members of the output: those inside one object together, in the order of the first of them.
/// The numbers of expansions are those of the paths of `grouped`.
fn members(
    names: &[Named<'_>],
    grouped: &[Vec<String>],
    columns: &mut Vec<Term>,
) -> Vec<GroupMember> {
    let expanded = |named: &Named<'_>| grouped.iter().position(|path| *path == named.path);
    let first = |path: &[String]| names.iter().position(|n| n.path.starts_with(path));
    let mut members: Vec<GroupMember> = names
        .iter()
        .map(|named| GroupMember {
            path: named.path.clone(),
            position: position(columns, &named.term),
            value: expanded(named).map_or_else(|| named.what.value(), GroupValue::Expanded),
            made: named.made,
            parts: named.parts,
        })
        .collect();
    members.sort_by_key(|member| {
        let depths = 1..=member.path.len();
        let places = depths.map(|depth| first(member.path.get(..depth).unwrap_or_default()));
        places.collect::<Vec<_>>()
    });
    members
}
