//! `$orderby`: only declared attributes and the key, and always a total order.

use crate::diag::{Code, Problem, Result, Span};
use crate::model::PropertyId;
use crate::plan::{OrderKey, Term};
use crate::syntax::ast::{Expr, Node, OrderItem};
use crate::value::Kind;

use super::children::Children;
use super::constant;
use super::frames::Frames;
use super::functions::{self, Role, Wrap};
use super::gather::gather;
use super::rows::Rows;
use super::scope::Setting;
use super::subject::{Side, Subject};
use super::{tables, walk};

/// The keys of an order; the last one is the key of the rows, which makes the order total.
pub(super) fn keys(rows: &mut Rows<'_>, items: &[OrderItem]) -> Result<Vec<OrderKey>> {
    let mut keys = Vec::with_capacity(items.len() * 2 + 1);
    let terms = gather(items.iter().map(|item| terms(rows, item)))?;
    for (terms, item) in terms.into_iter().zip(items) {
        for (term, nullable) in terms {
            add(rows, &mut keys, term, item.descending, nullable);
        }
    }
    let id = Term::Column(rows.here.key());
    add(rows, &mut keys, id.clone(), false, false);
    // What comes after the key can change nothing.
    let position = rows.position(id);
    let end = keys.iter().position(|k| k.position == position);
    keys.truncate(end.map_or(keys.len(), |end| end + 1));
    Ok(keys)
}

/// Adds a key, unless an earlier one has the same term already.
fn add(
    rows: &mut Rows<'_>,
    keys: &mut Vec<OrderKey>,
    term: Term,
    descending: bool,
    nullable: bool,
) {
    let position = rows.position(term.clone());
    if keys.iter().all(|k| k.position != position) {
        keys.push(OrderKey {
            term,
            descending,
            nullable,
            position,
        });
    }
}

/// The terms that one item orders by: folded text, then raw text (`docs/API-DESIGN.md`, *Text*).
fn terms(rows: &mut Rows<'_>, item: &OrderItem) -> Result<Vec<(Term, bool)>> {
    terms_of(rows, rows.setting, &item.expression)
}

fn terms_of<'a>(
    rows: &mut Rows<'_>,
    setting: Setting<'a>,
    node: &'a Node,
) -> Result<Vec<(Term, bool)>> {
    let node = bare(node);
    if let Expr::Alias(name) = &node.node
        && let Some((inner, opt)) = setting.alias(name, node.span)?
    {
        let terms = terms_of(rows, inner, &opt.value);
        return terms.map_err(|p| p.within(&constant::at(name), &opt.text));
    }
    if let Expr::Path(path) = &node.node
        && let Some((inner, item, text)) = setting.computed(path)
    {
        let terms = terms_of(rows, inner, &item.expression);
        return terms.map_err(|p| p.within(setting.compute_source(), text));
    }
    let side = match &node.node {
        Expr::Path(path) => Frames::over(&mut rows.tables, rows.here, |frames| {
            walk::path(setting, frames, path, node.span)
        })?,
        Expr::Literal(_)
        | Expr::Alias(_)
        | Expr::Call { .. }
        | Expr::Unary { .. }
        | Expr::Logical { .. }
        | Expr::Binary { .. }
        | Expr::In { .. }
        | Expr::List(_)
        | Expr::Json(_)
        | Expr::Object(_)
        | Expr::Case(_) => {
            let text = "only attributes can be ordered by, not expressions";
            return Err(Problem::new(Code::OrderNotDeclared, text).at(node.span));
        }
    };
    match side {
        Side::Attribute(subject) => attribute(rows, &subject, node.span),
        Side::Link(link) => Err(undeclared(&link.path.to_string(), rows, node.span)),
        Side::Children(children) => Err(uncounted(&children, rows, node.span)),
        Side::Constant(_) | Side::IndexOf(..) | Side::Case(_) | Side::Condition => {
            let text = "only attributes can be ordered by";
            Err(Problem::new(Code::OrderNotDeclared, text).at(node.span))
        }
    }
}

/// No index gives rows in the order of their numbers of children: all would be counted for each page.
fn uncounted(children: &Children<'_>, rows: &Rows<'_>, span: Span) -> Problem {
    let name = children.name;
    let text = format!("numbers of `{name}` are not ordered by: no order is declared for them");
    let problem = Problem::new(Code::OrderNotDeclared, text).about(name);
    let of = rows.setting.entity(children.target);
    let (set, back) = (&of.set, &of.reference(children.back).name);
    problem.at(span).help(format!(
        "ask for groups: `{set}?$apply=groupby(({back}),aggregate($count as N))&$orderby=N desc`"
    ))
}

/// The attribute inside `tolower(…)` or `toupper(…)`: texts are ordered without case anyway.
fn bare(node: &Node) -> &Node {
    let Expr::Call { name, arguments } = &node.node else {
        return node;
    };
    let [argument] = arguments.as_slice() else {
        return node;
    };
    match functions::find(&name.node, 1, name.span).map(|f| f.role) {
        Ok(Role::Wrap(Wrap::Lower | Wrap::Upper)) => &argument.value,
        Ok(
            Role::Wrap(Wrap::Trim | Wrap::Date | Wrap::Year)
            | Role::Match(_)
            | Role::OrNull(_)
            | Role::IndexOf
            | Role::Constant(_)
            | Role::Moment(_)
            | Role::Cast
            | Role::IsOf
            | Role::Known(_),
        )
        | Err(_) => node,
    }
}

fn attribute(rows: &Rows<'_>, subject: &Subject<'_>, span: Span) -> Result<Vec<(Term, bool)>> {
    let declared = subject.attribute.orderable || tables::is_key(subject.attribute);
    let located = match subject.located {
        Some(located) if declared => located,
        Some(_) | None => return Err(undeclared(&subject.path.to_string(), rows, span)),
    };
    let nullable = located.nullable;
    let column = Term::Column(located.column);
    let Some(shadow) = located.shadow else {
        return Ok(vec![(column, nullable)]);
    };
    Ok(match (subject.attribute.kind, &subject.language) {
        (Kind::Multilanguage, Some(key)) => {
            let key = key.clone();
            vec![(Term::Language { shadow, key }, true)]
        }
        (Kind::Multilanguage, None) => {
            let key = rows.setting.context.language.key().to_owned();
            vec![(Term::LanguageOrFirst { shadow, key }, nullable)]
        }
        (Kind::String, _) => vec![(Term::Column(shadow), nullable), (column, nullable)],
        (_, _) => vec![(column, nullable)],
    })
}

fn undeclared(name: &str, rows: &Rows<'_>, span: Span) -> Problem {
    let of = rows.entity();
    let entity = rows.setting.entity(of);
    let shown = |id| rows.setting.shows(of, PropertyId::Attribute(id));
    let declared: Vec<_> = entity
        .attribute_ids()
        .filter(|(id, a)| (a.orderable || tables::is_key(a)) && shown(*id))
        .map(|(_, a)| format!("`{}`", a.name))
        .collect();
    Problem::new(
        Code::OrderNotDeclared,
        format!("`{name}` does not declare ordering"),
    )
    .about(name)
    .at(span)
    .help(format!(
        "`{}` can be ordered by {}",
        entity.set,
        declared.join(", ")
    ))
}
