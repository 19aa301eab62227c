//! Refusals of filters: the attribute, the form used, the forms allowed, an accepted rewrite.

use crate::diag::{Code, Problem, Span};
use crate::model::{Filters, Reference};
use crate::syntax::ast::{Argument, Node};
use crate::value::Kind;

use super::children;
use super::constant::Constant;
use super::frames::Frames;
use super::functions::{Role, Row};
use super::scope::Setting;
use super::subject::{self, LinkSubject, Side, Subject};

/// Valid OData that the service does not offer.
pub(super) fn not_offered(text: &str, span: Span) -> Problem {
    Problem::new(Code::NotSupported, text).at(span)
}

/// A comparison of two properties.
pub(super) fn two_properties(span: Span) -> Problem {
    not_offered("comparing two properties is not offered yet", span)
        .help("compare a property with a constant")
}

/// The operators and functions that a declaration allows.
fn forms(filters: Filters) -> Vec<&'static str> {
    [
        (filters.eq, "eq"),
        (filters.eq, "ne"),
        (filters.multi, "in"),
        (filters.ge, "ge"),
        (filters.ge, "lt"),
        (filters.le, "le"),
        (filters.le, "gt"),
        (filters.like, "contains"),
        (filters.like, "startswith"),
        (filters.like, "endswith"),
    ]
    .into_iter()
    .filter_map(|(on, form)| on.then_some(form))
    .collect()
}

/// The form is not declared.
pub(super) fn undeclared(name: &str, filters: Filters, form: &str, span: Span) -> Problem {
    let problem = Problem::new(
        Code::FilterNotDeclared,
        format!("`{name}` does not declare the filter `{form}`"),
    )
    .about(name)
    .at(span);
    if !filters.any() {
        return problem.help(format!("`{name}` declares no filter"));
    }
    problem.help(format!(
        "`{name}` declares {}: it allows {}",
        filters.words().join(", "),
        forms(filters).join(", ")
    ))
}

/// The form is not `eq`, which is all that a custom property takes.
pub(super) fn custom(subject: &Subject<'_>, form: &str, span: Span) -> Problem {
    let name = &subject.attribute.name;
    let shown = if form.contains(' ') {
        form.to_owned()
    } else {
        format!("`{form}`")
    };
    let text = format!("the filters of `{name}` take `eq` only, not {shown}");
    let problem = Problem::new(Code::FilterNotDeclared, text);
    let problem = problem.about(name).at(span);
    let path = &subject.path;
    problem.help(format!("write `{path} eq 'value'` or `{path} eq null`"))
}

/// The attribute does not declare the form.
pub(super) fn attribute(subject: &Subject<'_>, form: &str, span: Span) -> Problem {
    if subject.attribute.role.custom().is_some() {
        return custom(subject, form, span);
    }
    undeclared(
        &subject.path.to_string(),
        subject.attribute.filters,
        form,
        span,
    )
}

/// The same, for a comparison with a constant: with a rewrite where one is accepted.
pub(super) fn comparison(
    subject: &Subject<'_>,
    form: &str,
    constant: &Constant<'_>,
    span: Span,
) -> Problem {
    let problem = attribute(subject, form, span);
    let (name, filters) = (&subject.path, subject.attribute.filters);
    let text = matches!(constant, Constant::Text(_));
    let kind = subject.attribute.kind;
    let rewrite = match form {
        "eq" if filters.like && text => Some(format!("contains({name},{constant})")),
        "ne" if filters.like && text => Some(format!("not contains({name},{constant})")),
        "eq" if filters.ge && filters.le && (kind == Kind::DateTimeOffset || !text) => {
            Some(format!("{name} ge {constant} and {name} le {constant}"))
        }
        "contains" | "startswith" | "endswith" if filters.eq && kind.is_text() && text => {
            Some(format!("{name} eq {constant}"))
        }
        _ => None,
    };
    match rewrite {
        Some(rewrite) => problem.help(format!("write `{rewrite}`")),
        None => problem,
    }
}

/// A list for an attribute or reference that takes single values only.
pub(super) fn list(
    name: &str,
    filters: Filters,
    constants: &[(Constant<'_>, Span)],
    span: Span,
) -> Problem {
    let problem = undeclared(name, filters, "in", span);
    // A longer rewrite would hide the message.
    if !filters.eq || constants.is_empty() || constants.len() > 5 {
        return problem;
    }
    let parts: Vec<_> = constants
        .iter()
        .map(|(c, _)| format!("{name} eq {c}"))
        .collect();
    problem.help(format!("write `{}`", parts.join(" or ")))
}

/// The reference does not declare the form.
pub(super) fn link(link: &LinkSubject<'_>, form: &str, span: Span) -> Problem {
    undeclared(&link.path.to_string(), link.reference.filters, form, span)
}

/// The reference is not one that filters may go through.
pub(super) fn not_passable(setting: Setting<'_>, reference: &Reference, span: Span) -> Problem {
    let name = &reference.name;
    let problem = Problem::new(
        Code::FilterNotDeclared,
        format!("the reference `{name}` is not marked filterable: filters cannot go through it"),
    )
    .about(name)
    .at(span);
    if !reference.filters.eq {
        return problem;
    }
    let set = &setting.entity(reference.target).set;
    problem.help(format!(
        "`{name}` itself may be compared: `{name} eq '{set}(guid)'`, `{name}/Id eq guid`"
    ))
}

/// A function that no declaration allows.
pub(super) fn call<'a>(
    setting: Setting<'a>,
    frames: &mut Frames<'a>,
    function: &Row,
    arguments: &'a [Argument],
    span: Span,
) -> Problem {
    // What nobody computes is not a matter of declarations (OData 4.01 Part 1, 11.2.6.1.2).
    let unknown = matches!(function.role, Role::Known(_));
    for argument in arguments {
        match subject::side(setting, frames, &argument.value) {
            Ok(Side::Attribute(subject)) if !unknown => {
                return attribute(&subject, function.name, span);
            }
            Ok(Side::Link(found)) if !unknown => return link(&found, function.name, span),
            Ok(Side::Children(found)) if !unknown => return children::only_compared(&found, span),
            Ok(
                Side::Attribute(_)
                | Side::Link(_)
                | Side::Constant(_)
                | Side::Condition
                | Side::IndexOf(..)
                | Side::Children(_)
                | Side::Case(_),
            ) => {}
            // A type name as an argument of `cast` is no fault of its own.
            Err(problem) if problem.code() == Code::NotFound => {}
            // Nor is the list or place that such a function takes.
            Err(problem) if unknown && problem.code() == Code::TypeMismatch => {}
            Err(problem) => return problem,
        }
    }
    let name = function.name;
    let why = match function.role {
        Role::Known(reason) => reason,
        Role::Match(_)
        | Role::OrNull(_)
        | Role::Wrap(_)
        | Role::IndexOf
        | Role::Constant(_)
        | Role::Moment(_)
        | Role::Cast
        | Role::IsOf => "it takes constants",
    };
    not_offered(
        &format!("the function `{name}` is not offered: {why}"),
        span,
    )
    .about(name)
}

/// Arithmetic over a property.
pub(super) fn computed<'a>(
    setting: Setting<'a>,
    frames: &mut Frames<'a>,
    operator: &str,
    operand: &'a Node,
    span: Span,
) -> Problem {
    match subject::side(setting, frames, operand) {
        Ok(Side::Attribute(subject)) => attribute(&subject, operator, span),
        Ok(Side::Link(found)) => link(&found, operator, span),
        Ok(Side::Children(found)) => children::only_compared(&found, span),
        Ok(Side::Constant(_) | Side::Condition | Side::IndexOf(..) | Side::Case(_)) => {
            Problem::new(
                Code::TypeMismatch,
                format!("`{operator}` needs numbers, times or durations"),
            )
            .at(span)
        }
        Err(problem) => problem,
    }
}

/// Something that only the vendor's way with filters refuses.
pub(super) fn strict(form: &str, span: Span) -> Problem {
    Problem::new(
        Code::FilterNotDeclared,
        format!("`{form}` is closed while filters are strict"),
    )
    .at(span)
    .help("strict filters allow eq, ge, le, in, contains, startswith, endswith, joined by and")
}
