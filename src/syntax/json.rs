//! Arrays and objects in queries (ABNF section 5): JSON whose values may also be expressions.

use serde_json::{Number, Value};

use super::ast::{Expr, Literal, Node};
use super::expr::expected_expression;
use super::input::{Cx, Parsed, blanks, refuse};
use crate::diag::At;

/// Significant digits that a double always keeps.
const EXACT_DIGITS: usize = 15;

/// `arrayOrObject = array / object`
pub(super) fn array_or_object<'a>(cx: Cx<'_>, i: &'a str) -> Parsed<'a, Node> {
    if i.starts_with('[') {
        array(cx, i)
    } else {
        object(cx, i)
    }
}

/// `array = begin-array [ valueInUrl *( value-separator valueInUrl ) ] end-array`
fn array<'a>(cx: Cx<'_>, open: &'a str) -> Parsed<'a, Node> {
    let mut i = blanks(open.strip_prefix('[').unwrap_or(open));
    let mut items = Vec::new();
    if let Some(rest) = i.strip_prefix(']') {
        return Ok((
            rest,
            cx.at(open, rest, Expr::Json(Value::Array(Vec::new()))),
        ));
    }
    loop {
        cx.room(i, items.len())?;
        let (rest, item) = value(cx, i)?;
        items.push(item);
        let rest = blanks(rest);
        if let Some(rest) = rest.strip_prefix(']') {
            return Ok((rest, cx.at(open, rest, fold_array(items))));
        }
        i = blanks(
            rest.strip_prefix(',')
                .ok_or_else(|| unclosed(cx, open, rest, '[', ']'))?,
        );
    }
}

/// `object = begin-object [ member *( value-separator member ) ] end-object`, with
/// `member = stringInUrl name-separator valueInUrl`
fn object<'a>(cx: Cx<'_>, open: &'a str) -> Parsed<'a, Node> {
    let mut i = blanks(open.strip_prefix('{').unwrap_or(open));
    let mut members = Vec::new();
    if let Some(rest) = i.strip_prefix('}') {
        return Ok((
            rest,
            cx.at(
                open,
                rest,
                Expr::Json(Value::Object(serde_json::Map::new())),
            ),
        ));
    }
    loop {
        cx.room(i, members.len())?;
        let (rest, name) = string(cx, i, "a name in double quotes")?;
        let rest = blanks(rest);
        let colon = rest
            .strip_prefix(':')
            .ok_or_else(|| cx.expected(rest, "`:`"))?;
        let (rest, member) = value(cx, blanks(colon))?;
        members.push((name, member));
        let rest = blanks(rest);
        if let Some(rest) = rest.strip_prefix('}') {
            return Ok((rest, cx.at(open, rest, fold_object(members))));
        }
        i = blanks(
            rest.strip_prefix(',')
                .ok_or_else(|| unclosed(cx, open, rest, '{', '}'))?,
        );
    }
}

/// What to say where neither `,` nor the closing bracket stands.
fn unclosed(
    cx: Cx<'_>,
    open: &str,
    i: &str,
    opening: char,
    closing: char,
) -> nom::Err<super::input::Fault> {
    if i.is_empty() {
        return refuse(cx.syntax(open, format!("unclosed `{opening}`")));
    }
    cx.expected(i, &format!("`,` or `{closing}`"))
}

/// `valueInUrl = stringInUrl / commonExpr`
fn value<'a>(cx: Cx<'_>, i: &'a str) -> Parsed<'a, Node> {
    if !i.starts_with('"') {
        return expected_expression(cx, i, "a value");
    }
    let (rest, text) = string(cx, i, "a value")?;
    Ok((rest, cx.at(i, rest, Expr::Json(Value::String(text)))))
}

/// `stringInUrl = quotation-mark *charInJSON quotation-mark`
fn string<'a>(cx: Cx<'_>, i: &'a str, wanted: &str) -> Parsed<'a, String> {
    let inside = i.strip_prefix('"').ok_or_else(|| cx.expected(i, wanted))?;
    let mut escaped = false;
    let end = inside.find(|c: char| {
        let closes = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        closes
    });
    let Some(end) = end else {
        return Err(refuse(cx.syntax(i, "unclosed `\"`")));
    };
    let (quoted, rest) = i.split_at_checked(end + 2).unwrap_or((i, ""));
    match serde_json::from_str::<String>(quoted) {
        // As everywhere else in a query, where it would stand as `%00`.
        Ok(text) if text.contains('\0') => {
            let problem = cx.syntax(i, "the character U+0000 is not allowed");
            Err(refuse(problem.at(cx.span(i, rest))))
        }
        Ok(text) => Ok((rest, text)),
        Err(_) => {
            let problem = cx.syntax(i, format!("`{quoted}` is not a JSON text"));
            Err(refuse(problem.at(cx.span(i, rest))))
        }
    }
}

/// JSON when every item is, otherwise a list of expressions.
fn fold_array(items: Vec<Node>) -> Expr {
    if items.iter().all(|item| json_number(item).is_some()) {
        return Expr::Json(items.into_iter().map(into_json).collect());
    }
    Expr::List(items.into_iter().map(without_json_text).collect())
}

/// JSON when every value is, otherwise an object of expressions.
fn fold_object(members: Vec<(String, Node)>) -> Expr {
    if members
        .iter()
        .all(|(_, value)| json_number(value).is_some())
    {
        let member = |(name, value)| (name, into_json(value));
        return Expr::Json(Value::Object(members.into_iter().map(member).collect()));
    }
    let member = |(name, value)| (name, without_json_text(value));
    Expr::Object(members.into_iter().map(member).collect())
}

/// Beside expressions a text in double quotes is a text like any other.
fn without_json_text(item: Node) -> Node {
    if let Expr::Json(Value::String(text)) = item.node {
        return At::new(Expr::Literal(Literal::String(text)), item.span);
    }
    item
}

/// Whether a value is plain JSON; its number, when it is one that JSON keeps exactly.
fn json_number(item: &Node) -> Option<Option<Number>> {
    match &item.node {
        Expr::Json(_) | Expr::Literal(Literal::Null | Literal::Boolean(_)) => Some(None),
        Expr::Literal(Literal::Integer(text)) => integer(text).map(Some),
        Expr::Literal(Literal::Decimal(text)) => decimal(text).map(Some),
        Expr::Literal(
            Literal::String(_)
            | Literal::Guid(_)
            | Literal::Date(_)
            | Literal::DateTimeOffset(_)
            | Literal::TimeOfDay(_)
            | Literal::Duration(_)
            | Literal::Binary(_)
            | Literal::Enum { .. }
            | Literal::Geo(_),
        )
        | Expr::Alias(_)
        | Expr::Path(_)
        | Expr::Call { .. }
        | Expr::Unary { .. }
        | Expr::Logical { .. }
        | Expr::Binary { .. }
        | Expr::In { .. }
        | Expr::List(_)
        | Expr::Object(_)
        | Expr::Case(_) => None,
    }
}

/// A whole number, unless it is written in a way that JSON has not.
fn integer(text: &str) -> Option<Number> {
    let number = text
        .parse::<i64>()
        .map(Number::from)
        .or_else(|_| text.parse::<u64>().map(Number::from));
    number.ok().filter(|number| number.to_string() == text)
}

/// A number with a fraction or an exponent, unless a double would lose digits.
fn decimal(text: &str) -> Option<Number> {
    let mantissa = text.split(['e', 'E']).next().unwrap_or(text);
    let digits = mantissa.chars().filter(char::is_ascii_digit).count();
    let number = text.parse::<f64>().ok().and_then(Number::from_f64)?;
    (digits <= EXACT_DIGITS && !text.starts_with('+')).then_some(number)
}

/// The JSON of a node that [`json_number`] accepted.
fn into_json(item: Node) -> Value {
    if let Some(Some(number)) = json_number(&item) {
        return Value::Number(number);
    }
    match item.node {
        Expr::Json(value) => value,
        Expr::Literal(Literal::Boolean(value)) => Value::Bool(value),
        Expr::Literal(_)
        | Expr::Alias(_)
        | Expr::Path(_)
        | Expr::Call { .. }
        | Expr::Unary { .. }
        | Expr::Logical { .. }
        | Expr::Binary { .. }
        | Expr::In { .. }
        | Expr::List(_)
        | Expr::Object(_)
        | Expr::Case(_) => Value::Null,
    }
}
