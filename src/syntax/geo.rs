//! What stands between the quotes of a geo literal (ABNF section 7). It is read whole and kept as
//! written.

use nom::Parser;
use nom::branch::alt;
use nom::bytes::complete::{tag, tag_no_case, take_while_m_n};
use nom::character::complete::{alpha1, char, digit1, one_of};
use nom::combinator::{opt, recognize, verify};
use nom::multi::separated_list0;
use nom::sequence::{delimited, pair, preceded};

use super::input::{Fault, Parsed, pass};

/// Whether a text is `fullCollectionLiteral`, `fullPointLiteral` or one of their kin:
/// `sridLiteral`, then a shape that nests at most `levels` deep.
pub(super) fn is_geo(text: &str, levels: u16) -> bool {
    let parsed = preceded(srid, |i| shape(i, levels)).parse(text);
    matches!(parsed, Ok(("", _)))
}

/// `sridLiteral = "SRID" EQ 1*5DIGIT SEMI`
fn srid(i: &str) -> Parsed<'_, &str> {
    let digits = take_while_m_n(1, 5, |c: char| c.is_ascii_digit());
    recognize((tag_no_case("SRID="), digits, char(';'))).parse(i)
}

/// `geoLiteral = collectionLiteral / lineStringLiteral / multiPointLiteral / …`: a name and its
/// data.
fn shape(i: &str, levels: u16) -> Parsed<'_, &str> {
    let levels = levels.checked_sub(1).ok_or_else(pass)?;
    let (data, name) = alpha1(i)?;
    match name.to_ascii_lowercase().as_str() {
        "point" => point(data),
        "linestring" => line(data),
        "polygon" => polygon(data),
        "multipoint" => list(0, point).parse(data),
        "multilinestring" => list(0, line).parse(data),
        "multipolygon" => list(0, polygon).parse(data),
        "geometrycollection" => list(1, |i| shape(i, levels)).parse(data),
        _ => Err(pass()),
    }
}

/// `pointData = OPEN positionLiteral CLOSE`
fn point(i: &str) -> Parsed<'_, &str> {
    delimited(char('('), position, char(')')).parse(i)
}

/// `lineStringData = OPEN positionLiteral 1*( COMMA positionLiteral ) CLOSE`
fn line(i: &str) -> Parsed<'_, &str> {
    list(2, position).parse(i)
}

/// `polygonData = OPEN ringLiteral *( COMMA ringLiteral ) CLOSE`, with
/// `ringLiteral = OPEN positionLiteral *( COMMA positionLiteral ) CLOSE`
fn polygon(i: &str) -> Parsed<'_, &str> {
    list(1, list(1, position)).parse(i)
}

/// `OPEN item *( COMMA item ) CLOSE`, at least so many of them.
fn list<'a>(
    least: usize,
    item: impl Parser<&'a str, Output = &'a str, Error = Fault>,
) -> impl Parser<&'a str, Output = &'a str, Error = Fault> {
    let items = verify(
        separated_list0(char(','), item),
        move |items: &Vec<&str>| items.len() >= least,
    );
    recognize(delimited(char('('), items, char(')')))
}

/// `positionLiteral = doubleValue SP doubleValue [ SP doubleValue ] [ SP doubleValue ]`
fn position(i: &str) -> Parsed<'_, &str> {
    let more = || pair(char(' '), number);
    recognize((number, more(), opt(more()), opt(more()))).parse(i)
}

/// `doubleValue = decimalValue`, with
/// `decimalValue = ["+"/"-"] 1*DIGIT [ "." 1*DIGIT ] [ "e" ["+"/"-"] 1*DIGIT ] / nanInfinity`
fn number(i: &str) -> Parsed<'_, &str> {
    let sign = || opt(one_of("+-"));
    let fraction = opt(pair(char('.'), digit1));
    let exponent = opt((one_of("eE"), sign(), digit1));
    alt((
        tag("NaN"),
        recognize(pair(opt(char('-')), tag("INF"))),
        recognize((sign(), digit1, fraction, exponent)),
    ))
    .parse(i)
}
