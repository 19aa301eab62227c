//! Literal data values in URLs (ABNF section 7).
//!
//! Literals are told apart by their form alone and kept as written; the binder reads them as the
//! type that the place asks for.

use nom::Parser;
use nom::branch::alt;
use nom::bytes::complete::{tag_no_case, take_while_m_n};
use nom::character::complete::{char, digit1, one_of};
use nom::combinator::{map_opt, not, opt, peek, recognize, rest, verify};
use nom::sequence::{pair, terminated};
use uuid::Uuid;

use super::ast::{Literal, Name};
use super::geo::is_geo;
use super::input::{Cx, Fault, Parsed, is_inner, pass, refuse};

/// What ends `base64b8`: four bits of zero.
const LAST_OF_TWO: [char; 4] = ['A', 'Q', 'g', 'w'];
/// What ends `base64b16`: two bits of zero.
const LAST_OF_THREE: [char; 16] = [
    'A', 'E', 'I', 'M', 'Q', 'U', 'Y', 'c', 'g', 'k', 'o', 's', 'w', '0', '4', '8',
];

/// `primitiveLiteral` that starts with a digit or a sign: guid, date, time or number.
pub(super) fn number_like<'a>(cx: Cx<'_>, i: &'a str) -> Parsed<'a, Literal> {
    if let Ok(found) = guid(i) {
        return Ok(found);
    }
    let (rest, literal) = alt((|i| temporal(cx, i), |i| time_literal(cx, i), number)).parse(i)?;
    let stray = |c: char| is_inner(c) || matches!(c, '.' | '-') || (c == ':' && !cx.before_colon);
    if rest.starts_with(stray) {
        let end = |c: char| !stray(c) && c != '+';
        let word = i.get(..i.find(end).unwrap_or(i.len())).unwrap_or(i);
        let problem = cx.syntax(i, format!("`{word}` is not a number, date, time or guid"));
        return Err(refuse(problem));
    }
    Ok((rest, literal))
}

/// `guid = 8HEXDIG "-" 4HEXDIG "-" 4HEXDIG "-" 4HEXDIG "-" 12HEXDIG`
pub(super) fn guid(i: &str) -> Parsed<'_, Literal> {
    let (text, rest) = i.split_at_checked(36).ok_or_else(pass)?;
    if text.as_bytes().get(8) != Some(&b'-') || rest.starts_with(is_inner) {
        return Err(pass());
    }
    let guid = Uuid::try_parse(text).map_err(|_| pass())?;
    Ok((rest, Literal::Guid(guid)))
}

/// Two digits, at most `highest`: `month`, `day`, `hour`, `minute`, `second`.
fn two_digits<'a>(highest: u8) -> impl Parser<&'a str, Output = u8, Error = Fault> {
    let digits = take_while_m_n(2, 2, |c: char| c.is_ascii_digit());
    map_opt(digits, move |text: &str| {
        text.parse().ok().filter(|n| *n <= highest)
    })
}

/// `date = year "-" month "-" day`, with
/// `year = [ "-" ] ( "0" 3DIGIT / oneToNine 3*DIGIT )`
fn date(i: &str) -> Parsed<'_, &str> {
    let year = verify(digit1, |text: &str| {
        text.len() == 4 || (text.len() > 4 && !text.starts_with('0'))
    });
    let month = verify(two_digits(12), |n| *n > 0);
    let day = verify(two_digits(31), |n| *n > 0);
    recognize((opt(char('-')), year, char('-'), month, char('-'), day)).parse(i)
}

/// `hour COLON minute [ COLON second [ "." fractionalSeconds ] ]`
fn time(i: &str) -> Parsed<'_, &str> {
    let fraction = pair(
        char('.'),
        take_while_m_n(1, 12, |c: char| c.is_ascii_digit()),
    );
    let second = (char(':'), two_digits(60), opt(fraction));
    recognize((hour_minute, opt(second))).parse(i)
}

/// `hour COLON minute`
fn hour_minute(i: &str) -> Parsed<'_, &str> {
    recognize((two_digits(23), char(':'), two_digits(59))).parse(i)
}

/// `timeOfDayLiteral`; before a `:` only as much of it as leaves one.
fn time_literal<'a>(cx: Cx<'_>, i: &'a str) -> Parsed<'a, Literal> {
    let literal = |text: &str| Literal::TimeOfDay(text.to_owned());
    if !cx.before_colon {
        return time.map(literal).parse(i);
    }
    let leaves_colon = || verify(rest, |after: &str| colon_follows(after));
    alt((
        terminated(time, peek(leaves_colon())),
        terminated(hour_minute, peek(leaves_colon())),
    ))
    .map(literal)
    .parse(i)
}

/// Whether a `:` comes before the `,` or `)` that ends the branch of a `case`.
fn colon_follows(i: &str) -> bool {
    let (mut open, mut quote, mut escaped) = (0_usize, None, false);
    let stop = i.find(|c: char| {
        let stops = quote.is_none() && open == 0 && matches!(c, ':' | ',' | ')');
        match c {
            '\'' | '"' if quote == Some(c) && !escaped => quote = None,
            '\'' | '"' if quote.is_none() => quote = Some(c),
            '(' | '[' | '{' if quote.is_none() => open += 1,
            ')' | ']' | '}' if quote.is_none() => open = open.saturating_sub(1),
            _ => {}
        }
        escaped = quote == Some('"') && c == '\\' && !escaped;
        stops
    });
    !i.starts_with(is_inner)
        && stop.is_some_and(|at| i.get(at..).is_some_and(|i| i.starts_with(':')))
}

/// `date`, or `dateTimeOffsetLiteral = date "T" timeOfDayLiteral ( "Z" / SIGN hour COLON minute )`
fn temporal<'a>(cx: Cx<'_>, i: &'a str) -> Parsed<'a, Literal> {
    let (rest, day) = date(i)?;
    let Some(clock) = rest.strip_prefix(['T', 't']) else {
        return Ok((rest, Literal::Date(day.to_owned())));
    };
    let (zone, _) = time(clock)
        .map_err(|_: nom::Err<Fault>| cx.expected(clock, "a time such as `21:30:00`"))?;
    // A `+` that the client did not encode has become a blank.
    let sign = one_of("+- ");
    let offset = recognize(alt((
        recognize(one_of("Zz")),
        recognize((sign, hour_minute)),
    )));
    let (rest, _) = { offset }.parse(zone).map_err(|_: nom::Err<Fault>| {
        cx.expected(zone, "`Z` or an offset such as `+02:00` after the time")
    })?;
    let text = i.get(..i.len() - rest.len()).unwrap_or(i);
    Ok((rest, Literal::DateTimeOffset(text.replace(' ', "+"))))
}

/// `decimalLiteral = [ SIGN ] 1*DIGIT [ "." 1*DIGIT ] [ "e" [ SIGN ] 1*DIGIT ] / nanInfinity`
fn number(i: &str) -> Parsed<'_, Literal> {
    if let Some(rest) = i
        .strip_prefix("-INF")
        .filter(|rest| !rest.starts_with(is_inner))
    {
        return Ok((rest, Literal::Decimal("-INF".to_owned())));
    }
    let (rest, whole) = recognize(pair(opt(one_of("+-")), digit1)).parse(i)?;
    let fraction = opt(pair(char('.'), digit1));
    let exponent = opt((one_of("eE"), opt(one_of("+-")), digit1));
    let (rest, tail) = recognize(pair(fraction, exponent)).parse(rest)?;
    let literal = if tail.is_empty() {
        Literal::Integer(whole.to_owned())
    } else {
        Literal::Decimal(format!("{whole}{tail}"))
    };
    Ok((rest, literal))
}

/// `stringLiteral = SQUOTE *( SQUOTE-in-string / pchar-no-SQUOTE ) SQUOTE`, two quotes inside
/// standing for one.
pub(super) fn string<'a>(cx: Cx<'_>, i: &'a str) -> Parsed<'a, String> {
    let mut rest = i.strip_prefix('\'').ok_or_else(pass)?;
    let mut text = String::new();
    loop {
        let Some((part, after)) = rest.split_once('\'') else {
            return Err(refuse(cx.syntax(i, "unclosed `'`")));
        };
        text.push_str(part);
        let Some(more) = after.strip_prefix('\'') else {
            return Ok((after, text));
        };
        text.push('\'');
        rest = more;
    }
}

/// A word that stands for a value: `null`, `boolean`, `nanInfinity`.
pub(super) fn word(name: &str) -> Option<Literal> {
    match name {
        "null" => Some(Literal::Null),
        "INF" | "NaN" => Some(Literal::Decimal(name.to_owned())),
        _ if name.eq_ignore_ascii_case("true") => Some(Literal::Boolean(true)),
        _ if name.eq_ignore_ascii_case("false") => Some(Literal::Boolean(false)),
        _ => None,
    }
}

/// `durationLiteral`, `binaryLiteral`, the geo literals and `enumLiteral`: a name, then a text in
/// quotes. `start` is the place of the name, `i` that of the quote.
pub(super) fn prefixed<'a>(
    cx: Cx<'_>,
    start: &'a str,
    i: &'a str,
    type_name: Name,
) -> Parsed<'a, Literal> {
    let (rest, text) = string(cx, i)?;
    let kind = if type_name.namespace.is_empty() {
        type_name.name.as_str()
    } else {
        ""
    };
    let literal = if kind.eq_ignore_ascii_case("duration") {
        checked(cx, start, "a duration", text, is_duration).map(Literal::Duration)?
    } else if kind.eq_ignore_ascii_case("binary") {
        checked(cx, start, "base64url", text, is_base64url).map(Literal::Binary)?
    } else if kind.eq_ignore_ascii_case("geography") || kind.eq_ignore_ascii_case("geometry") {
        let levels = cx.limits.depth;
        checked(cx, start, "a geo literal", text, |text| {
            is_geo(text, levels)
        })?;
        Literal::Geo(
            start
                .get(..start.len() - rest.len())
                .unwrap_or(start)
                .to_owned(),
        )
    } else {
        Literal::Enum {
            type_name,
            members: text,
        }
    };
    Ok((rest, literal))
}

/// The text, when it has the form that its prefix asks for.
fn checked(
    cx: Cx<'_>,
    i: &str,
    what: &str,
    text: String,
    fits: impl FnOnce(&str) -> bool,
) -> Result<String, nom::Err<Fault>> {
    if fits(&text) {
        return Ok(text);
    }
    Err(refuse(cx.syntax(i, format!("`{text}` is not {what}"))))
}

/// `durationValue = [ "-" ] "P" [ 1*DIGIT "D" ]
/// [ "T" [ 1*DIGIT "H" ] [ 1*DIGIT "M" ] [ 1*DIGIT [ "." 1*DIGIT ] "S" ] ]`, at least one part.
fn is_duration(text: &str) -> bool {
    fn part<'a>(unit: &'static str) -> impl Parser<&'a str, Output = &'a str, Error = Fault> {
        recognize(pair(digit1, tag_no_case(unit)))
    }
    let seconds = recognize((digit1, opt(pair(char('.'), digit1)), tag_no_case("S")));
    let clock = (
        tag_no_case("T"),
        peek(digit1),
        opt(part("H")),
        opt(part("M")),
        opt(seconds),
    );
    let days = (
        opt(char('-')),
        tag_no_case("P"),
        not(nom::combinator::eof),
        opt(part("D")),
    );
    let parsed: Parsed<'_, &str> = recognize(pair(days, opt(clock))).parse(text);
    matches!(parsed, Ok(("", _)))
}

/// `binaryValue = *(4base64char) [ base64b16 / base64b8 ]`, padding optional. The last character
/// of the two rules carries no bits beyond the last byte, so only some are possible.
fn is_base64url(text: &str) -> bool {
    let digits = text.trim_end_matches('=');
    let padding = text.len() - digits.len();
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let whole = match digits.len() % 4 {
        0 => padding == 0,
        2 => (padding == 0 || padding == 2) && digits.ends_with(LAST_OF_TWO),
        3 => padding <= 1 && digits.ends_with(LAST_OF_THREE),
        _ => false,
    };
    whole && digits.chars().all(fits)
}
