//! `compute`: intervals of times and pieces of texts, to be grouped by.

use crate::diag::{Code, Problem, Result, Span};
use crate::plan::{Term, TimePart};
use crate::syntax::ast::{Argument, ComputeItem, Expr, Node};
use crate::value::Kind;

use super::super::constant::{self, Constant};
use super::super::refuse;
use super::named::{Named, What};
use super::state::State;

/// The functions of a point in time.
const PARTS: &[(&str, TimePart)] = &[
    ("year", TimePart::Year),
    ("month", TimePart::Month),
    ("day", TimePart::Day),
    ("hour", TimePart::Hour),
    ("minute", TimePart::Minute),
    ("date", TimePart::Date),
    // Of the Domain API, not of OData.
    ("yearmonth", TimePart::YearMonth),
];

/// The binary digits of a part of a time.
const PART_BITS: u8 = 14;

/// Characters that a text of the model has at most, and more.
const LONGEST: i64 = 1_000_000;

/// Binds the items of `compute`.
pub(super) fn bind<'a>(state: &mut State<'a>, items: &'a [ComputeItem]) -> Result<()> {
    for item in items {
        let mut named = computed(state, &item.expression)?;
        named.path = vec![item.name.node.clone()];
        state.add(named, item.name.span)?;
    }
    Ok(())
}

fn computed<'a>(state: &mut State<'a>, node: &'a Node) -> Result<Named<'a>> {
    let Expr::Call { name, arguments } = &node.node else {
        return Err(later(node.span));
    };
    if !name.node.namespace.is_empty() {
        return Err(later(node.span));
    }
    let word = &name.node.name;
    let part = PARTS.iter().find(|row| row.0.eq_ignore_ascii_case(word));
    match (part, arguments.as_slice()) {
        (Some((word, part)), [time]) => interval(state, word, *part, &time.value),
        (None, [text, rest @ ..]) if word.eq_ignore_ascii_case("substring") && rest.len() < 3 => {
            piece(state, &text.value, rest, node.span)
        }
        (_, _) => Err(later(node.span)),
    }
}

/// What is no interval and no piece.
fn later(span: Span) -> Problem {
    let words: Vec<String> = PARTS.iter().map(|row| format!("`{}`", row.0)).collect();
    refuse::not_offered("computing this is not offered", span).help(format!(
        "of a time there are {}, several of them in one grouping: \
         `compute(year(A) as Y,month(A) as M)/groupby((Y,M))`; of a text, `substring`",
        words.join(", ")
    ))
}

/// `year(A)` and its siblings: of times whose ranges can be asked for, or whose values group.
fn interval<'a>(
    state: &mut State<'a>,
    word: &'static str,
    part: TimePart,
    node: &'a Node,
) -> Result<Named<'a>> {
    let named = state.find_node(node, "what is computed from")?;
    if !named.what.is_time() {
        let text = format!("`{word}` takes a point in time");
        return Err(named.problem(Code::TypeMismatch, text, node.span));
    }
    if !named.is_measure() && !named.is_dimension() {
        let text = format!("`{}` does not declare `ge` and `le`", named.label());
        return Err(named.problem(Code::FilterNotDeclared, text, node.span));
    }
    let what = match part {
        TimePart::Year | TimePart::Month | TimePart::Day | TimePart::Hour | TimePart::Minute => {
            What::Number
        }
        TimePart::Date => What::Date,
        TimePart::YearMonth => What::Text,
    };
    // A year and a day are ranges of time; a month is in every year.
    let is_range = matches!(part, TimePart::Year | TimePart::Date) && named.is_measure();
    let of = Box::new(named.term);
    let mut made = Named::new("", Term::TimePart { of, part }, named.nullable, what);
    made.bits = PART_BITS;
    made.unasked = named.unasked.or((!is_range).then_some(word));
    Ok(made)
}

/// `substring(A,0,1)`: of the folded text, where the attribute compares folded.
fn piece<'a>(
    state: &mut State<'a>,
    node: &'a Node,
    rest: &'a [Argument],
    span: Span,
) -> Result<Named<'a>> {
    let named = state.find_node(node, "what is computed from")?;
    let (text, open) = match named.what {
        What::Attribute(attribute) => (
            attribute.kind == Kind::String || named.is_one_language(),
            attribute.filters.like || attribute.is_dimension(),
        ),
        What::Text => (true, true),
        What::Link(..) | What::Number | What::Decimal | What::Time | What::Date => (false, false),
    };
    if !text {
        let text = "`substring` takes a text";
        let problem = named.problem(Code::TypeMismatch, text, node.span);
        return Err(if named.is_multilanguage() {
            problem.help(format!("name a language: `{}/EN`", named.label()))
        } else {
            problem
        });
    }
    if !open {
        let text = format!("`{}` does not declare `eq` or `like`", named.label());
        return Err(named.problem(Code::FilterNotDeclared, text, node.span));
    }
    let number = |argument: &'a Argument| {
        let found = constant::fold(state.setting(), &argument.value)?;
        match found {
            Some(Constant::Integer(number)) if (0..=LONGEST).contains(&number) => Ok(number),
            Some(_) | None => {
                let text = "`substring` takes whole numbers from 0 after the text";
                Err(Problem::new(Code::InvalidValue, text).at(argument.value.span))
            }
        }
    };
    let (start, length) = match rest {
        [start] => (number(start)?, LONGEST),
        [start, length] => (number(start)?, number(length)?),
        [] | [_, _, ..] => return Err(later(span)),
    };
    let of = Box::new(named.key().clone());
    let term = Term::Piece {
        of,
        start: start + 1,
        length,
    };
    let mut made = Named::new("", term, named.nullable, What::Text);
    made.unasked = Some("substring");
    Ok(made)
}
