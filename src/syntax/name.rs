//! Names and identifiers (ABNF section 6).

use nom::Parser;
use nom::bytes::complete::take_while;
use nom::character::complete::satisfy;
use nom::combinator::recognize;
use nom::sequence::pair;

use super::ast::Name;
use super::input::{Cx, Parsed, is_inner, is_leading, refuse};

/// Characters of one name at most.
const LONGEST: usize = 128;

/// `odataIdentifier = identifierLeadingCharacter *127identifierCharacter`
pub(super) fn identifier<'a>(cx: Cx<'_>, i: &'a str) -> Parsed<'a, &'a str> {
    let (rest, name) = recognize(pair(satisfy(is_leading), take_while(is_inner))).parse(i)?;
    if name.len() > LONGEST && name.chars().count() > LONGEST {
        return Err(refuse(cx.syntax(i, "a name has at most 128 characters")));
    }
    Ok((rest, name))
}

/// `[ namespace "." ] odataIdentifier`, with `namespace = namespacePart *( "." namespacePart )`
pub(super) fn qualified<'a>(cx: Cx<'_>, i: &'a str) -> Parsed<'a, Name> {
    let (mut rest, mut name) = identifier(cx, i)?;
    let mut before = "";
    while let Some(after_dot) = rest.strip_prefix('.') {
        let Ok((next, part)) = identifier(cx, after_dot) else {
            break;
        };
        before = i.get(..i.len() - rest.len()).unwrap_or_default();
        (rest, name) = (next, part);
    }
    Ok((
        rest,
        Name {
            namespace: before.to_owned(),
            name: name.to_owned(),
        },
    ))
}

/// `annotationInQuery = AT [ namespace "." ] termName [ HASH annotationQualifier ]`, after the `@`.
/// The qualifier stays in the name.
pub(super) fn term<'a>(cx: Cx<'_>, i: &'a str) -> Parsed<'a, Name> {
    let (rest, mut name) = qualified(cx, i)?;
    let Some(after_hash) = rest.strip_prefix('#') else {
        return Ok((rest, name));
    };
    let (rest, qualifier) =
        identifier(cx, after_hash).map_err(|_| cx.expected(after_hash, "a qualifier after `#`"))?;
    name.name.push('#');
    name.name.push_str(qualifier);
    Ok((rest, name))
}
