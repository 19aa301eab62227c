//! `$search`.
//!
//! `AND`, `OR` and `NOT` are operators and no words: whoever looks for them writes them in double
//! quotes (ABNF, note at `searchWord`). `NOT` binds tightest, then `AND`, written or not, then `OR`.

use super::super::ast::SearchExpr;
use super::super::input::{Cx, Fault, Parsed, blanks, refuse};
use super::super::literal;
use crate::diag::At;

/// `search = ( "$search" / "search" ) EQ BWS ( searchExpr / searchExpr-incomplete )`
pub(super) fn search<'a>(cx: Cx<'_>, i: &'a str) -> Parsed<'a, At<SearchExpr>> {
    any_of(cx, blanks(i))
}

/// `searchOrExpr = RWS %s"OR" RWS searchExpr`
fn any_of<'a>(cx: Cx<'_>, i: &'a str) -> Parsed<'a, At<SearchExpr>> {
    let (mut rest, first) = all_of(cx, i)?;
    let mut others = Vec::new();
    while let Some(next) = operator(rest, "OR") {
        room(cx, next, others.len())?;
        let (after, operand) = all_of(cx, next)?;
        others.push(operand);
        rest = after;
    }
    Ok((rest, fold(cx, (i, rest), first, others, SearchExpr::Or)))
}

/// `searchAndExpr = RWS [ %s"AND" RWS ] searchExpr`
fn all_of<'a>(cx: Cx<'_>, i: &'a str) -> Parsed<'a, At<SearchExpr>> {
    let (mut rest, first) = not(cx, i)?;
    let mut others = Vec::new();
    loop {
        let next = match operator(rest, "AND") {
            Some(next) => next,
            None if operator(rest, "OR").is_some() => break,
            None => {
                let next = blanks(rest);
                if next.len() == rest.len() || !starts_operand(next) {
                    break;
                }
                next
            }
        };
        room(cx, next, others.len())?;
        let (after, operand) = not(cx, next)?;
        others.push(operand);
        rest = after;
    }
    Ok((rest, fold(cx, (i, rest), first, others, SearchExpr::And)))
}

/// Refuses the word at `i` when there are `others` and the first of the list already.
fn room(cx: Cx<'_>, i: &str, others: usize) -> Result<(), nom::Err<Fault>> {
    let most = cx.limits.words;
    cx.room_for(i, others + 1, (most, "the search is too long", "words"))
}

/// One operand as itself, more as one node.
fn fold(
    cx: Cx<'_>,
    (start, end): (&str, &str),
    first: At<SearchExpr>,
    mut others: Vec<At<SearchExpr>>,
    many: fn(Vec<At<SearchExpr>>) -> SearchExpr,
) -> At<SearchExpr> {
    if others.is_empty() {
        return first;
    }
    others.insert(0, first);
    cx.at(start, end, many(others))
}

/// The text after `RWS word RWS`, when an operand follows.
fn operator<'a>(i: &'a str, word: &str) -> Option<&'a str> {
    let start = blanks(i);
    let after = start.strip_prefix(word).filter(|_| start.len() < i.len())?;
    let next = blanks(after);
    (next.len() < after.len() && starts_operand(next)).then_some(next)
}

/// Whether an operand begins here.
fn starts_operand(i: &str) -> bool {
    !i.is_empty() && !i.starts_with([')', ';'])
}

/// `searchNegateExpr = %s"NOT" RWS searchExpr`
fn not<'a>(cx: Cx<'_>, i: &'a str) -> Parsed<'a, At<SearchExpr>> {
    let after = i
        .strip_prefix("NOT")
        .filter(|after| after.starts_with([' ', '\t']));
    let Some(next) = after.map(blanks).filter(|next| starts_operand(next)) else {
        return operand(cx, i);
    };
    let (rest, inner) = not(cx.down(i)?, next)?;
    Ok((rest, cx.at(i, rest, SearchExpr::Not(Box::new(inner)))))
}

/// `searchParenExpr / searchPhrase / searchWord / searchExpr-incomplete`
fn operand<'a>(cx: Cx<'_>, i: &'a str) -> Parsed<'a, At<SearchExpr>> {
    match i.chars().next() {
        Some('(') => {
            let inner = cx.down(i)?;
            let inside = blanks(i.strip_prefix('(').unwrap_or(i));
            let (rest, found) = any_of(inner, inside)?;
            let (rest, ()) = cx.close(i, rest, "a word or `)`")?;
            Ok((rest, cx.at(i, rest, found.node)))
        }
        Some('"') => phrase(cx, i),
        Some('\'') => {
            let (rest, text) = literal::string(cx, i)?;
            Ok((rest, cx.at(i, rest, SearchExpr::Phrase(text))))
        }
        Some(_) | None => word(cx, i),
    }
}

/// `searchPhrase = quotation-mark 1*( qchar-no-AMP-DQUOTE / SP ) quotation-mark`
fn phrase<'a>(cx: Cx<'_>, i: &'a str) -> Parsed<'a, At<SearchExpr>> {
    let inside = i.strip_prefix('"').unwrap_or(i);
    let Some((text, rest)) = phrase_text(inside) else {
        return Err(refuse(cx.syntax(i, "unclosed `\"`")));
    };
    if text.is_empty() {
        return Err(cx.expected(i, "a phrase between the quotes"));
    }
    if !rest.is_empty() && !rest.starts_with([' ', '\t', ')', ';']) {
        return Err(cx.expected(rest, "a blank after the phrase"));
    }
    Ok((rest, cx.at(i, rest, SearchExpr::Phrase(text))))
}

/// The text before a quotation mark, and what follows it; `escape ( escape / quotation-mark )` stands
/// for the second of them, and before anything else `\\` for itself.
fn phrase_text(i: &str) -> Option<(String, &str)> {
    let (mut text, mut rest) = (String::new(), i.chars());
    loop {
        match rest.next()? {
            '"' => return Some((text, rest.as_str())),
            '\\' if rest.as_str().starts_with(['"', '\\']) => text.extend(rest.next()),
            c => text.push(c),
        }
    }
}

/// `searchWord = searchChar *( searchChar / SQUOTE ) ; Not: AND, OR, NOT`: anything but blanks,
/// parentheses, double quotes and, where options are separated by them, semicolons.
fn word<'a>(cx: Cx<'_>, i: &'a str) -> Parsed<'a, At<SearchExpr>> {
    let ends = |c| matches!(c, ' ' | '\t' | '(' | ')' | '"') || (c == ';' && cx.nested);
    let end = i.find(ends).unwrap_or(i.len());
    match i.split_at_checked(end) {
        Some((text @ ("AND" | "OR" | "NOT"), rest)) => {
            let problem = cx.syntax(i, format!("`{text}` joins words, and one is missing"));
            let help = format!("write `\"{text}\"` to look for it");
            Err(refuse(problem.at(cx.span(i, rest)).help(help)))
        }
        Some((text, rest)) if !text.is_empty() => {
            Ok((rest, cx.at(i, rest, SearchExpr::Word(text.to_owned()))))
        }
        Some(_) | None => Err(cx.expected(i, "a word to search for")),
    }
}
