//! Where a password goes: the attributes that hold hash and format.

use super::draft::Secret;
use crate::diag::{Code, Problem, Result};
use crate::model::{AttributeId, EntityId, Model};
use crate::value::Value;

/// The attribute that holds the hash of a password.
const HASH: &str = "Password";

/// The values that a password becomes.
///
/// # Errors
///
/// `UnknownAnnotation` for an entity without passwords, `UnknownEnumMember` for a format that it
/// does not have. A plain text must have been hashed before: `Internal`.
pub(super) fn cells(
    model: &Model,
    entity: EntityId,
    secret: &Secret,
) -> Result<[(AttributeId, Value); 2]> {
    let of = model.entity(entity);
    let unknown = || {
        let message = format!("objects of `{}` have no password", of.set);
        Problem::new(Code::UnknownAnnotation, message).about(HASH)
    };
    let Secret::Hash { text, format } = secret else {
        return Err(Problem::new(Code::Internal, "a password was not hashed"));
    };
    let hash = of.attribute_named(HASH).ok_or_else(unknown)?;
    let unit = of.attribute(hash).unit.as_deref();
    let unit = unit.and_then(|name| of.attribute_named(name));
    let unit = unit.ok_or_else(unknown)?;
    let formats = of
        .attribute(unit)
        .enumeration
        .map(|id| model.enumeration(id));
    let formats = formats.ok_or_else(unknown)?;
    let member = formats.member(format).ok_or_else(|| {
        let names: Vec<_> = formats.members.iter().map(|m| m.name.as_str()).collect();
        // Not quoted: whoever mixes up the two has sent the hash.
        let message = format!("this is no member of `{}`", formats.name);
        let problem = Problem::new(Code::UnknownEnumMember, message);
        let problem = problem.help(format!("the members are {}", names.join(", ")));
        problem.about("@ext.passwordHash")
    })?;
    Ok([
        (hash, Value::Text(text.clone())),
        (unit, Value::Text(member.code.clone())),
    ])
}
