//! Query string and path: split first, percent-decode afterwards, so that an encoded `&`, `=` or
//! `/` separates nothing.

use super::Limits;
use crate::diag::{Code, Problem, Result, Span};

/// One decoded query option.
pub(super) struct Pair {
    /// The name, with `$` or `@` as the client wrote it.
    pub(super) name: String,
    /// The value; nothing without `=`.
    pub(super) value: Option<String>,
}

/// `queryOptions = queryOption *( "&" queryOption )`; empty options are skipped.
pub(super) fn split(raw: &str, limits: &Limits) -> Result<Vec<Pair>> {
    let pieces = || raw.split('&').filter(|piece| !piece.is_empty());
    let most = limits.options;
    if pieces().nth(most).is_some() {
        let problem = Problem::new(Code::LimitExceeded, "the query has too many options");
        return Err(problem.help(format!("at most {most} are allowed")));
    }
    pieces().map(pair).collect()
}

/// A name, `=`, a value.
fn pair(raw: &str) -> Result<Pair> {
    let (name, value) = match raw.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (raw, None),
    };
    let name = decode(name, "query")?;
    let value = value.map(|value| decode(value, &name)).transpose()?;
    Ok(Pair { name, value })
}

/// Percent-decodes one name or value; `+` is a blank.
fn decode(raw: &str, source: &str) -> Result<String> {
    let mut bytes = Vec::with_capacity(raw.len());
    let mut reader = Reader::new(raw, source);
    while let Some((byte, encoded)) = reader.next()? {
        bytes.push(if byte == b'+' && !encoded { b' ' } else { byte });
    }
    text(bytes, source)
}

/// A decoded path and the byte ranges of its segments.
pub(super) struct Segments {
    /// The decoded path, without slashes at its ends.
    pub(super) text: String,
    /// Start and end of each segment.
    pub(super) ranges: Vec<(usize, usize)>,
    /// Whether the path ends inside a text.
    pub(super) unclosed: bool,
}

/// Decodes a path and splits it at its slashes: those that are not encoded and not in parentheses.
/// `+` stays a plus.
///
/// An unencoded slash inside a text in parentheses is refused, as the ABNF has it: proxies would
/// split there.
pub(super) fn split_path(raw: &str) -> Result<Segments> {
    let raw = raw.strip_prefix('/').unwrap_or(raw);
    let raw = raw.strip_suffix('/').unwrap_or(raw);
    let mut bytes = Vec::with_capacity(raw.len());
    let mut ranges = Vec::new();
    let (mut start, mut open) = (0, 0_usize);
    let (mut quote, mut escaped) = (None, false);
    let mut reader = Reader::new(raw, "path");
    while let Some((byte, encoded)) = reader.next()? {
        match byte {
            b'/' if !encoded && quote.is_some() => return Err(reader.slash_in_text()),
            b'/' if !encoded && open == 0 => {
                ranges.push((start, bytes.len()));
                start = bytes.len() + 1;
            }
            b'\'' | b'"' if quote == Some(byte) && !escaped => quote = None,
            b'\'' | b'"' if quote.is_none() && open > 0 => quote = Some(byte),
            b'(' if quote.is_none() => open += 1,
            b')' if quote.is_none() => open = open.saturating_sub(1),
            _ => {}
        }
        escaped = quote == Some(b'"') && byte == b'\\' && !escaped;
        bytes.push(byte);
    }
    if !raw.is_empty() {
        ranges.push((start, bytes.len()));
    }
    Ok(Segments {
        text: text(bytes, "path")?,
        ranges,
        unclosed: quote.is_some(),
    })
}

/// Reads percent-encoded bytes.
struct Reader<'a> {
    raw: &'a str,
    source: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn new(raw: &'a str, source: &'a str) -> Self {
        Self { raw, source, at: 0 }
    }

    /// The next byte, and whether it was encoded.
    fn next(&mut self) -> Result<Option<(u8, bool)>> {
        let rest = self.raw.as_bytes().get(self.at..).unwrap_or_default();
        let (byte, length) = match rest {
            [] => return Ok(None),
            [b'%', high, low, ..] => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => (high * 16 + low, 3),
                _ => return Err(self.problem("`%` is not followed by two hexadecimal digits", 1)),
            },
            [b'%', ..] => {
                return Err(self.problem("`%` is not followed by two hexadecimal digits", 1));
            }
            [byte, ..] => (*byte, 1),
        };
        if byte == 0 {
            return Err(self.problem("the character U+0000 is not allowed", length));
        }
        self.at += length;
        Ok(Some((byte, length == 3)))
    }

    /// A problem at the next `length` bytes of the raw text.
    fn problem(&self, message: &str, length: usize) -> Problem {
        Problem::new(Code::SyntaxError, message)
            .at(Span::new(self.at, self.at + length))
            .within(self.source, self.raw)
    }

    /// The slash just read stands inside a text.
    fn slash_in_text(&self) -> Problem {
        let before = Span::new(self.at - 1, self.at);
        Problem::new(
            Code::SyntaxError,
            "a `/` inside a text of the path is written `%2F`",
        )
        .at(before)
        .within(self.source, self.raw)
    }
}

/// The value of a hexadecimal digit.
fn hex(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|value| u8::try_from(value).ok())
}

/// The text of decoded bytes.
fn text(bytes: Vec<u8>, source: &str) -> Result<String> {
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let shown = String::from_utf8_lossy(error.as_bytes());
        Problem::new(Code::SyntaxError, "the percent-encoded bytes are not UTF-8")
            .at(Span::new(at, at + char::REPLACEMENT_CHARACTER.len_utf8()))
            .within(source, &shown)
    })
}
