//! What every parser here works with: the place in the text, the levels left, and its fault.

use std::sync::Arc;

use nom::IResult;
use nom::error::{ErrorKind, FromExternalError, ParseError};

use super::limits::Parts;
use super::{Depth, Limits};
use crate::diag::{At, Code, Problem, Result, Span};

/// What a parser returns: the rest of the text and what was read.
pub(super) type Parsed<'a, T> = IResult<&'a str, T, Fault>;

/// nom's error. Empty while another alternative may still fit, so that trying one costs nothing.
#[derive(Debug)]
pub(super) struct Fault(Option<Problem>);

impl ParseError<&str> for Fault {
    fn from_error_kind(_: &str, _: ErrorKind) -> Self {
        Self(None)
    }

    fn append(_: &str, _: ErrorKind, other: Self) -> Self {
        other
    }
}

impl<E> FromExternalError<&str, E> for Fault {
    fn from_external_error(_: &str, _: ErrorKind, _: E) -> Self {
        Self(None)
    }
}

/// "Not this alternative."
pub(super) const fn pass() -> nom::Err<Fault> {
    nom::Err::Error(Fault(None))
}

/// The final word: no other alternative is tried (nom's `cut`).
pub(super) fn refuse(problem: Problem) -> nom::Err<Fault> {
    nom::Err::Failure(Fault(Some(problem)))
}

/// The text at hand and what holds while it is read. Copied down, never changed: nobody has to
/// restore anything.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cx<'a> {
    /// The decoded text of the outermost option, or of the path.
    source: &'a Arc<str>,
    /// Where in `source` the text given to the parser ends; so a place is told by what is left.
    end: usize,
    /// What is taken at most.
    pub(super) limits: Limits,
    /// Levels left.
    depth: Depth,
    /// What the whole query holds until now: the one thing that is shared.
    parts: &'a Parts,
    /// Whether a `:` ends the expression (the condition of `case`): `10:20` is then no time.
    pub(super) before_colon: bool,
    /// Whether the option stands in parentheses, so that `;` and `)` end a plain value.
    pub(super) nested: bool,
}

impl<'a> Cx<'a> {
    /// Reads the whole of `source`.
    pub(super) fn new(source: &'a Arc<str>, limits: &Limits, parts: &'a Parts) -> Self {
        Self::until(source, source.len(), limits, parts)
    }

    /// Reads up to the byte `end` of `source`.
    pub(super) fn until(
        source: &'a Arc<str>,
        end: usize,
        limits: &Limits,
        parts: &'a Parts,
    ) -> Self {
        let depth = Depth::new(limits.depth);
        Self {
            source,
            end,
            limits: *limits,
            depth,
            parts,
            before_colon: false,
            nested: false,
        }
    }

    /// The text that spans point into.
    pub(super) fn source(self) -> &'a Arc<str> {
        self.source
    }

    /// One level deeper at `i`.
    pub(super) fn down(self, i: &str) -> Result<Self, nom::Err<Fault>> {
        let place = self.next(i);
        let counted = self.parts.one_more(self.limits.parts);
        counted.map_err(|problem| refuse(problem.at(place)))?;
        let depth = self.depth.down(place).map_err(refuse)?;
        Ok(Self { depth, ..self })
    }

    /// The same, for an expression that a `:` ends, or not.
    pub(super) fn colon_ends(self, before_colon: bool) -> Self {
        Self {
            before_colon,
            ..self
        }
    }

    /// The same, for an option in parentheses.
    pub(super) fn in_parens(self) -> Self {
        Self {
            nested: true,
            ..self
        }
    }

    /// The byte offset of what is left.
    fn offset(self, i: &str) -> usize {
        self.end.saturating_sub(i.len())
    }

    /// From where `from` was left to where `to` is left.
    pub(super) fn span(self, from: &str, to: &str) -> Span {
        Span::new(self.offset(from), self.offset(to))
    }

    /// The span of the next word, sign or end.
    pub(super) fn next(self, i: &str) -> Span {
        let word = i.len() - i.trim_start_matches(is_inner).len();
        let sign = i.chars().next().map_or(0, char::len_utf8);
        Span::new(self.offset(i), self.offset(i) + word.max(sign))
    }

    /// A node read between two places.
    pub(super) fn at<T>(self, from: &str, to: &str, node: T) -> At<T> {
        At::new(node, self.span(from, to))
    }

    /// `expected …` at `i`.
    pub(super) fn expected(self, i: &str, what: &str) -> nom::Err<Fault> {
        refuse(self.syntax(i, format!("expected {what}")))
    }

    /// A syntax error at `i`.
    pub(super) fn syntax(self, i: &str, message: impl Into<String>) -> Problem {
        Problem::new(Code::SyntaxError, message).at(self.next(i))
    }

    /// The closing `)` for the `(` at `open`, blanks before it allowed. Otherwise `wanted` were
    /// possible.
    pub(super) fn close<'i>(self, open: &str, i: &'i str, wanted: &str) -> Parsed<'i, ()> {
        let i = blanks(i);
        match i.strip_prefix(')') {
            Some(rest) => Ok((rest, ())),
            None if i.is_empty() => {
                let at = Span::new(self.offset(open), self.offset(open) + 1);
                Err(refuse(
                    Problem::new(Code::SyntaxError, "unclosed `(`").at(at),
                ))
            }
            None => Err(refuse(unexpected(self, i, wanted))),
        }
    }

    /// Refuses the item at `i` when the list has `items` already.
    pub(super) fn room(self, i: &str, items: usize) -> Result<(), nom::Err<Fault>> {
        self.room_for(
            i,
            items,
            (self.limits.list, "the list is too long", "items"),
        )
    }

    /// The same with a limit of its own: the number, what is wrong beyond it, and what is counted.
    pub(super) fn room_for(
        self,
        i: &str,
        items: usize,
        (most, message, what): (usize, &str, &str),
    ) -> Result<(), nom::Err<Fault>> {
        if items < most {
            let counted = self.parts.one_more(self.limits.parts);
            return counted.map_err(|problem| refuse(problem.at(self.next(i))));
        }
        let problem = Problem::new(Code::LimitExceeded, message);
        Err(refuse(
            problem
                .at(self.next(i))
                .help(format!("at most {most} {what} are allowed")),
        ))
    }

    /// The result of a parser that had to read everything.
    pub(super) fn finish<T>(self, parsed: Parsed<'_, T>, wanted: &str) -> Result<T> {
        let fault = match parsed {
            Ok((rest, read)) => {
                let rest = blanks(rest);
                if rest.is_empty() {
                    return Ok(read);
                }
                return Err(unexpected(self, rest, wanted));
            }
            Err(nom::Err::Error(fault) | nom::Err::Failure(fault)) => fault,
            Err(nom::Err::Incomplete(_)) => Fault(None),
        };
        let generic = || Problem::new(Code::SyntaxError, format!("expected {wanted}"));
        Err(fault.0.unwrap_or_else(generic).at(self.span("", "")))
    }
}

/// Signs of other languages, and OData's words for them.
const FOREIGN: &[(&str, &str)] = &[
    ("==", "eq"),
    ("!=", "ne"),
    ("<>", "ne"),
    (">=", "ge"),
    ("<=", "le"),
    ("&&", "and"),
    ("||", "or"),
    ("=", "eq"),
    (">", "gt"),
    ("<", "lt"),
    ("!", "not"),
    ("+", "add"),
    ("*", "mul"),
];

/// What to say of text that fits nowhere.
fn unexpected(cx: Cx<'_>, i: &str, wanted: &str) -> Problem {
    if let Some((sign, word)) = FOREIGN.iter().find(|(sign, _)| i.starts_with(sign)) {
        return cx
            .syntax(i, format!("unexpected `{sign}`"))
            .help(format!("OData writes `{word}`"));
    }
    if i.starts_with(')') {
        return cx.syntax(i, "unexpected `)`").help("nothing is open here");
    }
    let found = cx.next(i).of(cx.source);
    let problem = cx.syntax(i, format!("expected {wanted}, found `{found}`"));
    match super::expr::similar_operator(found) {
        Some(word) => problem.help(format!("did you mean `{word}`?")),
        None => problem,
    }
}

/// `BWS = *( SP / HTAB )`: the text after blanks.
pub(super) fn blanks(i: &str) -> &str {
    i.trim_start_matches([' ', '\t'])
}

/// `identifierLeadingCharacter`: letters of any script and `_`.
pub(super) fn is_leading(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_' || (!c.is_ascii() && c.is_alphabetic())
}

/// `identifierCharacter`: also digits, combining marks, connectors and joiners.
pub(super) fn is_inner(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric() || c == '_';
    }
    c.is_alphanumeric()
        || matches!(
            c,
            '\u{300}'..='\u{36f}' | '\u{200c}' | '\u{200d}' | '\u{203f}' | '\u{2040}'
        )
}
