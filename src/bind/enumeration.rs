//! Members of enumerations: `Erp.Type'Name'`, by name or by value (OData 4.01 Part 2, 5.1.1.14.1).

use crate::diag::{Code, Problem, Result, Span};
use crate::model::{EnumId, Enumeration};
use crate::syntax::ast::Name;

use super::constant::{Constant, Member};
use super::scope::{NAMESPACE, Setting};
use super::{suggest, types};

/// The enumeration of a type; nothing for other types.
pub(super) fn of_type<'a>(setting: Setting<'a>, name: &Name) -> Option<(EnumId, &'a Enumeration)> {
    let mut all = setting.model.enumerations();
    all.find(|(_, e)| name.namespace == NAMESPACE && name.name == e.type_name)
}

/// The member that a text names, or whose value it is.
pub(super) fn member<'a>(
    (of, enumeration): (EnumId, &'a Enumeration),
    text: &str,
) -> Option<Member<'a>> {
    let by_value = || {
        let value: i64 = text.parse().ok()?;
        enumeration.members.iter().find(|m| m.value == value)
    };
    let member = enumeration.member(text).or_else(by_value)?;
    Some(Member {
        of,
        type_name: &enumeration.type_name,
        name: &member.name,
        value: member.value,
    })
}

/// The member that a constant is, names, or has the value of.
pub(super) fn of_constant<'a>(
    found: (EnumId, &'a Enumeration),
    constant: &Constant<'a>,
) -> Option<Member<'a>> {
    if let Constant::Enum(member) = constant {
        return (member.of == found.0).then_some(*member);
    }
    match types::text(constant) {
        Some(text) => member(found, text),
        None => member(found, &types::whole(constant)?.to_string()),
    }
}

/// The member of a literal. No enumeration has flags, so that it is one.
///
/// # Errors
///
/// `TypeMismatch` for types that are no enumerations, `UnknownEnumMember`.
pub(super) fn literal<'a>(
    setting: Setting<'a>,
    type_name: &Name,
    text: &str,
    span: Span,
) -> Result<Member<'a>> {
    let Some(found) = of_type(setting, type_name) else {
        let name = suggest::qualified(type_name);
        let message = format!("there is no enumeration `{name}`");
        let problem = Problem::new(Code::TypeMismatch, message).at(span);
        return Err(match type_name.namespace.is_empty() {
            true => problem.help(format!(
                "write the value without `{name}`: `2024-01-31T10:00:00Z`, \
                 `9da64839-a8d0-491d-aebb-4d18fa42b014`, `'text'`, `binary'T0RhdGE'`"
            )),
            false => problem,
        });
    };
    member(found, text).ok_or_else(|| suggest::unknown_member(found.1, text, span))
}
