//! Resource paths (ABNF section 1).
//!
//! The grammar's many `…Navigation` rules need a model. Here a path is what remains without one:
//! segments, each a name with or without parentheses, a `$` word or a text; and the few rules on
//! order that hold in any model.

use std::sync::Arc;

use super::Limits;
use super::ast::{Name, Parens, ResourcePath, Segment};
use super::expr::{expression, value};
use super::input::{Cx, Fault, Parsed, blanks, is_inner, refuse};
use super::limits::Parts;
use super::name::{identifier, qualified};
use super::operand::parameter_name;
use super::query_string::Segments;
use crate::diag::{At, Code, Problem, Result, Span, may_be_a_slip};

/// Where a `$` word may stand.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stands {
    /// Only as the first segment.
    First,
    /// Only as the first segment, and nothing after it.
    Alone,
    /// Only after a name.
    After,
    /// Only after a name, and nothing after it.
    Last,
}

/// The `$` words without parentheses.
const WORDS: &[(&str, Segment, Stands)] = &[
    ("$count", Segment::Count, Stands::Last),
    ("$value", Segment::Value, Stands::Last),
    ("$ref", Segment::Ref, Stands::Last),
    ("$each", Segment::Each, Stands::After),
    ("$query", Segment::Query, Stands::Last),
    ("$metadata", Segment::Metadata, Stands::Alone),
    ("$batch", Segment::Batch, Stands::Alone),
    ("$entity", Segment::Entity, Stands::First),
    ("$all", Segment::All, Stands::First),
];

/// Whether a `$` word begins a path, so that it is no name that a batch gives (OData 4.01 Part 1,
/// 11.7.4).
pub fn begins_path(word: &str) -> bool {
    let begins = |stands: &Stands| matches!(stands, Stands::Alone | Stands::First);
    let named = WORDS
        .iter()
        .any(|(name, _, stands)| *name == word && begins(stands));
    named || word == "$root" || word.split('(').next() == Some("$crossjoin")
}

/// `resourcePath`, `%s"$batch"`, `%s"$entity" …`, `%s"$metadata"`
pub(super) fn resource_path(
    split: &Segments,
    text: &Arc<str>,
    limits: &Limits,
) -> Result<ResourcePath> {
    let mut segments = Vec::with_capacity(split.ranges.len());
    let mut closed = false;
    let parts = Parts::default();
    for (nth, &(start, end)) in split.ranges.iter().enumerate() {
        let span = Span::new(start, end);
        if closed {
            return Err(Problem::new(Code::SyntaxError, "nothing may follow here").at(span));
        }
        let cx = Cx::until(text, end, limits, &parts);
        let i = text.get(start..end).unwrap_or_default();
        if i.is_empty() {
            return Err(Problem::new(Code::SyntaxError, "a segment is empty").at(span));
        }
        let stands = cx.finish(piece(cx, i, nth == 0, &mut segments), "`/` or the end")?;
        if let Some(stands) = stands {
            check_place(i, stands, nth == 0).map_err(|problem| problem.at(span))?;
            closed = matches!(stands, Stands::Alone | Stands::Last);
        }
    }
    Ok(ResourcePath { segments })
}

/// Refuses a `$` word at the wrong end of the path.
fn check_place(word: &str, stands: Stands, first: bool) -> Result<()> {
    let message = match (stands, first) {
        (Stands::First | Stands::Alone, false) => "may only be the first segment",
        (Stands::After | Stands::Last, true) => "may not be the first segment",
        (Stands::First | Stands::Alone, true) | (Stands::After | Stands::Last, false) => {
            return Ok(());
        }
    };
    Err(Problem::new(
        Code::SyntaxError,
        format!("`{word}` {message}"),
    ))
}

/// What stands between two slashes.
fn piece<'a>(
    cx: Cx<'_>,
    i: &'a str,
    first: bool,
    segments: &mut Vec<At<Segment>>,
) -> Parsed<'a, Option<Stands>> {
    if i.starts_with('$') {
        return dollar(cx, i, segments);
    }
    let (name, rest) = match qualified(cx, i) {
        Ok((rest, name)) if rest.is_empty() || rest.starts_with('(') => (name, rest),
        Err(nom::Err::Failure(fault)) => return Err(nom::Err::Failure(fault)),
        Ok(_) | Err(nom::Err::Error(_) | nom::Err::Incomplete(_)) if first => {
            return Err(refuse(not_a_name(cx, i)));
        }
        // `keyPathLiteral = *pchar`
        Ok(_) | Err(nom::Err::Error(_) | nom::Err::Incomplete(_)) => {
            segments.push(cx.at(i, "", Segment::Text(i.to_owned())));
            return Ok(("", None));
        }
    };
    if rest.is_empty() {
        segments.push(cx.at(i, rest, Segment::Name { name, parens: None }));
        return Ok((rest, None));
    }
    let (rest, read) = parens(cx, rest)?;
    segments.push(cx.at(
        i,
        rest,
        Segment::Name {
            name,
            parens: Some(read),
        },
    ));
    keys(cx, rest, segments).map(|(rest, ())| (rest, None))
}

/// The first segment must be a name: says so.
fn not_a_name(cx: Cx<'_>, i: &str) -> Problem {
    let problem = Problem::new(Code::SyntaxError, "expected the name of an entity set");
    problem.at(cx.span(i, ""))
}

/// Key predicates of their own: after a function call, or after `$filter(…)`.
fn keys<'a>(cx: Cx<'_>, i: &'a str, segments: &mut Vec<At<Segment>>) -> Parsed<'a, ()> {
    let mut i = i;
    while i.starts_with('(') {
        let (rest, key) = parens(cx, i)?;
        segments.push(cx.at(i, rest, Segment::Key(key)));
        i = rest;
    }
    Ok((i, ()))
}

/// `keyPredicate = simpleKey / compoundKey`, with
/// `simpleKey = OPEN ( parameterAlias / keyPropertyValue ) CLOSE` and
/// `compoundKey = OPEN keyValuePair *( COMMA keyValuePair ) CLOSE`; also
/// `functionParameters = OPEN [ BWS functionParameter *( BWS COMMA BWS functionParameter ) ] BWS CLOSE`
pub(super) fn parens<'a>(cx: Cx<'_>, open: &'a str) -> Parsed<'a, Parens> {
    let mut i = blanks(open.strip_prefix('(').unwrap_or(open));
    if let Some(rest) = i.strip_prefix(')') {
        return Ok((rest, Parens::Empty));
    }
    let mut pairs = Vec::new();
    let rest = loop {
        let Some((after_name, name)) = parameter_name(cx, i) else {
            if pairs.is_empty() {
                let (rest, key) = value(cx, i)?;
                let (rest, ()) = cx.close(open, rest, "`)`")?;
                return Ok((rest, Parens::Key(key)));
            }
            return Err(cx.expected(i, "a name and `=`"));
        };
        cx.room(i, pairs.len())?;
        let (rest, value) = value(cx, after_name)?;
        pairs.push((name, value));
        let rest = blanks(rest);
        match rest.strip_prefix(',') {
            Some(next) => i = blanks(next),
            None => break rest,
        }
    };
    let (rest, ()) = cx.close(open, rest, "`,` or `)`")?;
    Ok((rest, Parens::Named(pairs)))
}

/// A segment that starts with `$`.
fn dollar<'a>(
    cx: Cx<'_>,
    i: &'a str,
    segments: &mut Vec<At<Segment>>,
) -> Parsed<'a, Option<Stands>> {
    if let Some((_, segment, stands)) = WORDS.iter().find(|row| row.0 == i) {
        segments.push(cx.at(i, "", segment.clone()));
        return Ok(("", Some(*stands)));
    }
    if let Some(open) = i
        .strip_prefix("$filter")
        .filter(|rest| rest.starts_with('('))
    {
        let (rest, condition) = expression(cx, blanks(open.strip_prefix('(').unwrap_or(open)))?;
        let (rest, ()) = cx.close(open, rest, "an operator or `)`")?;
        segments.push(cx.at(i, rest, Segment::Filter(condition)));
        return keys(cx, rest, segments).map(|(rest, ())| (rest, Some(Stands::After)));
    }
    if let Some(open) = i
        .strip_prefix("$crossjoin")
        .filter(|rest| rest.starts_with('('))
    {
        let (rest, sets) = cross_join(cx, open)?;
        segments.push(cx.at(i, rest, Segment::CrossJoin(sets)));
        return Ok((rest, Some(Stands::First)));
    }
    content_id(cx, i, segments)
}

/// `crossjoin = %s"$crossjoin" OPEN entitySetName *( COMMA entitySetName ) CLOSE`
fn cross_join<'a>(cx: Cx<'_>, open: &'a str) -> Parsed<'a, Vec<At<Name>>> {
    let mut i = blanks(open.strip_prefix('(').unwrap_or(open));
    let mut sets = Vec::new();
    loop {
        cx.room(i, sets.len())?;
        let (rest, name) =
            identifier(cx, i).map_err(|_| cx.expected(i, "the name of an entity set"))?;
        let name = Name {
            namespace: String::new(),
            name: name.to_owned(),
        };
        sets.push(cx.at(i, rest, name));
        let rest = blanks(rest);
        let Some(next) = rest.strip_prefix(',') else {
            let (rest, ()) = cx.close(open, rest, "`,` or `)`")?;
            return Ok((rest, sets));
        };
        i = blanks(next);
    }
}

/// `$` and the content id of an earlier request of a batch (Part 1, 11.7.3.1), or no such word.
fn content_id<'a>(
    cx: Cx<'_>,
    i: &'a str,
    segments: &mut Vec<At<Segment>>,
) -> Parsed<'a, Option<Stands>> {
    let id = i.strip_prefix('$').unwrap_or(i);
    let fits = |c: char| is_inner(c) || matches!(c, '-' | '.' | '~');
    if id.starts_with(|c: char| c.is_ascii_digit()) && id.chars().all(fits) {
        segments.push(cx.at(i, "", Segment::ContentId(id.to_owned())));
        return Ok(("", Some(Stands::First)));
    }
    Err(unknown_word(cx, i))
}

/// The problem of a `$` word that is none, with what was perhaps meant.
fn unknown_word(cx: Cx<'_>, i: &str) -> nom::Err<Fault> {
    let word = i.split('(').next().unwrap_or(i);
    let problem = Problem::new(Code::SyntaxError, format!("there is no segment `{word}`"));
    let problem = problem.at(cx.span(i, ""));
    let words = WORDS
        .iter()
        .map(|row| row.0)
        .chain(["$filter(…)", "$crossjoin(…)"]);
    if WORDS.iter().any(|row| row.0 == word) {
        return refuse(problem.help(format!("`{word}` takes no parentheses")));
    }
    if !may_be_a_slip(word) {
        return refuse(problem);
    }
    let bare = |known: &str| known.trim_end_matches("(…)").to_owned();
    let lower = word.to_ascii_lowercase();
    let near = |known: &&str| strsim::osa_distance(&bare(known), &lower) <= 2;
    refuse(match words.into_iter().find(near) {
        Some(known) => problem.help(format!("did you mean `{known}`?")),
        None => problem,
    })
}
