//! Names that might have been meant, and the problems that propose them.

use crate::diag::{Code, Problem, Span, nearest};
use crate::model::{Entity, Enumeration, Model};
use crate::syntax::ast::Name;

use super::functions;

/// Adds "did you mean".
fn meant<'n>(problem: Problem, wanted: &str, names: impl IntoIterator<Item = &'n str>) -> Problem {
    match nearest(wanted, names) {
        Some(name) => problem.help(format!("did you mean `{name}`?")),
        None => problem,
    }
}

/// A name with its namespace.
pub(super) fn qualified(name: &Name) -> String {
    if name.namespace.is_empty() {
        name.name.clone()
    } else {
        format!("{}.{}", name.namespace, name.name)
    }
}

/// No property of this name.
pub(super) fn unknown_property(entity: &Entity, name: &str, span: Span) -> Problem {
    let text = format!("`{}` has no property `{name}`", entity.set);
    let problem = Problem::new(Code::UnknownProperty, text)
        .about(name)
        .at(span);
    // Closed attributes stay in the list: that they exist is in the public model.
    meant(problem, name, entity.property_names())
}

/// No function of this name.
pub(super) fn unknown_function(name: &Name, span: Span) -> Problem {
    let text = format!("there is no function `{}`", qualified(name));
    let problem = Problem::new(Code::UnknownFunction, text)
        .about(&name.name)
        .at(span);
    if name.name.eq_ignore_ascii_case("substringof") {
        // OData 2 and 3 knew it, with the arguments the other way round.
        return problem.help("`substringof('x',A)` is written `contains(A,'x')` in OData 4");
    }
    meant(problem, &name.name, functions::names())
}

/// No entity set of this name.
pub(super) fn unknown_set(model: &Model, name: &str, span: Span) -> Problem {
    if let Some(id) = model.renamed_set(name) {
        let new = &model.entity(id).set;
        return Problem::new(
            Code::RenamedEntitySet,
            format!("the entity set `{name}` was renamed to `{new}`"),
        )
        .about(name)
        .at(span)
        .help(format!("write `{new}`"));
    }
    let text = format!("there is no entity set `{name}`");
    let problem = Problem::new(Code::UnknownEntitySet, text)
        .about(name)
        .at(span);
    // `Users` is a natural guess for `Systems_Security_Users`.
    let tail = |set: &&str| {
        set.rsplit('_')
            .next()
            .is_some_and(|t| t.eq_ignore_ascii_case(name))
    };
    let sets = || model.entities().map(|(_, e)| e.set.as_str());
    match sets().find(tail) {
        Some(set) => problem.help(format!("did you mean `{set}`?")),
        None => meant(problem, name, sets()),
    }
}

/// No type of this name.
pub(super) fn unknown_type(model: &Model, name: &Name, span: Span) -> Problem {
    let text = format!("there is no type or operation `{}`", qualified(name));
    let problem = Problem::new(Code::NotFound, text).at(span);
    let types = model.entities().map(|(_, e)| e.type_name.as_str());
    match nearest(&name.name, types) {
        Some(found) => problem.help(format!(
            "did you mean `{}.{found}`?",
            super::scope::NAMESPACE
        )),
        None => problem,
    }
}

/// No member of this name; the members are few, so all are named.
pub(super) fn unknown_member(enumeration: &Enumeration, name: &str, span: Span) -> Problem {
    let members: Vec<_> = enumeration
        .members
        .iter()
        .map(|m| format!("`{}`", m.name))
        .collect();
    let text = format!("`{}` has no member `{name}`", enumeration.name);
    let problem = Problem::new(Code::UnknownEnumMember, text)
        .at(span)
        .help(format!("the members are {}", members.join(", ")));
    match enumeration.by_code(name) {
        Some(member) if member.name != name => problem.help(format!(
            "`{name}` is a database code; write `{}`",
            member.name
        )),
        Some(_) | None => problem,
    }
}
