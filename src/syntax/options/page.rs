//! Options with a plain value: `$top`, `$skip`, `$count`, `$index`, `$levels`, tokens, `$format`.

use super::super::ast::Levels;
use super::super::input::{Cx, Fault, Parsed, blanks, refuse};
use super::SystemOption;
use crate::diag::{At, Code, Problem};

/// The plain text of an option inside parentheses ends with `;` or `)`.
fn plain<'a>(cx: Cx<'_>, i: &'a str) -> (&'a str, &'a str) {
    let end = if cx.nested { i.find([';', ')']) } else { None };
    i.split_at_checked(end.unwrap_or(i.len()))
        .unwrap_or((i, ""))
}

/// A value out of range or of the wrong kind.
fn invalid(cx: Cx<'_>, i: &str, rest: &str, what: SystemOption, wanted: &str) -> nom::Err<Fault> {
    let message = format!("`{}` takes {wanted}", what.name());
    refuse(Problem::new(Code::InvalidValue, message).at(cx.span(i, rest)))
}

/// A value without blanks around it, turned by `turn` into what it means.
fn read<'a, T>(
    cx: Cx<'_>,
    i: &'a str,
    what: SystemOption,
    wanted: &str,
    turn: impl FnOnce(&str) -> Option<T>,
) -> Parsed<'a, At<T>> {
    let i = blanks(i);
    let (text, rest) = plain(cx, i);
    let value = turn(text.trim_end_matches([' ', '\t']));
    match value {
        Some(value) => Ok((rest, cx.at(i, rest, value))),
        None => Err(invalid(cx, i, rest, what, wanted)),
    }
}

/// Digits only.
fn digits(text: &str) -> Option<u64> {
    text.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| text.parse().ok())
        .flatten()
}

/// `skip = ( "$skip" / "skip" ) EQ 1*DIGIT`, `top = ( "$top" / "top" ) EQ 1*DIGIT`
pub(super) fn number<'a>(cx: Cx<'_>, i: &'a str, what: SystemOption) -> Parsed<'a, At<u64>> {
    read(cx, i, what, "a whole number from 0", digits)
}

/// `index = ( "$index" / "index" ) EQ [ "-" ] 1*DIGIT`
pub(super) fn index<'a>(cx: Cx<'_>, i: &'a str) -> Parsed<'a, At<i64>> {
    let turn = |text: &str| text.parse().ok().filter(|_| !text.starts_with('+'));
    read(cx, i, SystemOption::Index, "a whole number", turn)
}

/// `inlinecount = ( "$count" / "count" ) EQ boolean`
pub(super) fn count<'a>(cx: Cx<'_>, i: &'a str) -> Parsed<'a, At<bool>> {
    read(cx, i, SystemOption::Count, "`true` or `false`", |text| {
        let is = |word| text.eq_ignore_ascii_case(word);
        (is("true") || is("false")).then(|| is("true"))
    })
}

/// `levels = ( "$levels" / "levels" ) EQ ( oneToNine *DIGIT / "max" )`
pub(super) fn levels<'a>(cx: Cx<'_>, i: &'a str) -> Parsed<'a, At<Levels>> {
    read(
        cx,
        i,
        SystemOption::Levels,
        "a whole number from 1, or `max`",
        |text| {
            if text.eq_ignore_ascii_case("max") {
                return Some(Levels::Max);
            }
            digits(text)
                .filter(|_| !text.starts_with('0'))
                .map(Levels::Number)
        },
    )
}

/// `schemaversion = ( "$schemaversion" / "schemaversion" ) EQ ( STAR / 1*unreserved )`
pub(super) fn version<'a>(cx: Cx<'_>, i: &'a str) -> Parsed<'a, At<String>> {
    let unreserved = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '~');
    let wanted = "`*`, or letters, digits and `-._~`";
    read(cx, i, SystemOption::SchemaVersion, wanted, |text| {
        let fits = text == "*" || (!text.is_empty() && text.chars().all(unreserved));
        fits.then(|| text.to_owned())
    })
}

/// `skiptoken`, `deltatoken`: `1*( qchar-no-AMP )`; `format`, `id`: text as it stands.
pub(super) fn text<'a>(cx: Cx<'_>, i: &'a str, what: SystemOption) -> Parsed<'a, At<String>> {
    if cx.nested {
        let (text, rest) = balanced(i);
        return Ok((rest, cx.at(i, rest, text.to_owned())));
    }
    if i.is_empty() {
        return Err(invalid(cx, i, i, what, "a value"));
    }
    Ok(("", cx.at(i, "", i.to_owned())))
}

/// The text up to the `;` or `)` that is outside of parentheses and quotes.
fn balanced(i: &str) -> (&str, &str) {
    let (mut open, mut quoted) = (0_usize, false);
    let end = i.find(|c: char| {
        let stops = !quoted && open == 0 && matches!(c, ';' | ')');
        match c {
            '\'' => quoted = !quoted,
            '(' if !quoted => open += 1,
            ')' if !quoted => open = open.saturating_sub(1),
            _ => {}
        }
        stops
    });
    i.split_at_checked(end.unwrap_or(i.len()))
        .unwrap_or((i, ""))
}
