//! The framing of `multipart/mixed` (RFC 2046, 5.1), both ways.
//!
//! Lines may end in a bare LF and delimiter lines in blanks, since clients write them so. Crates
//! for multipart read form data only, or mail.

use bytes::Bytes;

/// Characters of a boundary at most. The standard says 70, clients write a little more.
const LONGEST_BOUNDARY: usize = 200;

/// Why a text is no multipart document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Broken {
    /// No line is `--boundary`.
    NoDelimiter,
    /// The last delimiter is not `--boundary--`.
    NotClosed,
}

/// What a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Line {
    /// `--boundary`
    Delimiter,
    /// `--boundary--`
    Close,
    /// Anything else.
    Text,
}

/// Cuts a document into its parts. What stands before the first delimiter and after the closing
/// one means nothing.
pub(super) fn split(document: &Bytes, boundary: &str) -> Result<Vec<Bytes>, Broken> {
    let mut parts = Vec::new();
    // Where the open part begins.
    let mut open: Option<usize> = None;
    let mut at = 0;
    for line in document.split_inclusive(|byte| *byte == b'\n') {
        let next = at + line.len();
        let kind = kind(line, boundary.as_bytes());
        if kind != Line::Text {
            if let Some(begin) = open {
                parts.push(part(document, begin, at));
            }
            if kind == Line::Close {
                return Ok(parts);
            }
            open = Some(next);
        }
        at = next;
    }
    Err(open.map_or(Broken::NoDelimiter, |_| Broken::NotClosed))
}

/// The bytes of a part. The line break before a delimiter belongs to the delimiter.
fn part(document: &Bytes, begin: usize, delimiter: usize) -> Bytes {
    let bytes = document.get(begin..delimiter).unwrap_or_default();
    let bytes = bytes.strip_suffix(b"\n").unwrap_or(bytes);
    let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
    document.slice_ref(bytes)
}

fn kind(line: &[u8], boundary: &[u8]) -> Line {
    let rest = line
        .strip_prefix(b"--")
        .and_then(|rest| rest.strip_prefix(boundary));
    let Some(rest) = rest else {
        return Line::Text;
    };
    match rest.trim_ascii_end() {
        b"" => Line::Delimiter,
        // Not trimmed at its front: the dashes follow the boundary at once.
        b"--" => Line::Close,
        _ => Line::Text,
    }
}

/// Puts parts together.
pub(super) fn join(parts: &[impl AsRef<[u8]>], boundary: &str) -> Vec<u8> {
    let mut document = Vec::new();
    for part in parts {
        document.extend_from_slice(format!("--{boundary}\r\n").as_bytes());
        document.extend_from_slice(part.as_ref());
        document.extend_from_slice(b"\r\n");
    }
    document.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    document
}

/// A media type in lower case, and its parameters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct MediaType {
    /// `type/subtype` in lower case.
    pub(super) name: String,
    parameters: Vec<(String, String)>,
}

impl MediaType {
    /// Reads a `Content-Type` header: parameters in any order, quoted or not.
    pub(super) fn parse(text: &str) -> Self {
        let (name, mut rest) = text.split_once(';').unwrap_or((text, ""));
        let mut parameters = Vec::new();
        while !rest.trim().is_empty() {
            let (parameter, after) = first_parameter(rest);
            parameters.extend(parameter);
            rest = after;
        }
        Self {
            name: name.trim().to_ascii_lowercase(),
            parameters,
        }
    }

    /// The boundary of a multipart document, where there is one that can stand in a line.
    pub(super) fn boundary(&self) -> Option<&str> {
        let (_, boundary) = self
            .parameters
            .iter()
            .find(|(name, _)| name == "boundary")?;
        let fits = (1..=LONGEST_BOUNDARY).contains(&boundary.len())
            && boundary.bytes().all(|b| (b' '..=b'~').contains(&b))
            && !boundary.ends_with(' ');
        fits.then_some(boundary)
    }

    /// Whether it is JSON.
    pub(super) fn is_json(&self) -> bool {
        self.name == "application/json" || self.name.ends_with("+json")
    }

    /// Whether it is text.
    pub(super) fn is_text(&self) -> bool {
        self.name.starts_with("text/")
    }
}

/// The first of some parameters, and what follows it.
fn first_parameter(text: &str) -> (Option<(String, String)>, &str) {
    let end = text.find([';', '=']).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let name = name.trim().to_ascii_lowercase();
    let Some(value) = rest.strip_prefix('=') else {
        // No value: nothing that we look for.
        return (None, rest.strip_prefix(';').unwrap_or_default());
    };
    let value = value.trim_start();
    let Some(quoted) = value.strip_prefix('"') else {
        let (value, rest) = value.split_once(';').unwrap_or((value, ""));
        return (Some((name, value.trim_end().to_owned())), rest);
    };
    let mut unquoted = String::new();
    let mut chars = quoted.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => break,
            '\\' => unquoted.extend(chars.next()),
            other => unquoted.push(other),
        }
    }
    let rest = chars.as_str();
    let rest = rest.split_once(';').map_or("", |(_, rest)| rest);
    (Some((name, unquoted)), rest)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn split_text(document: &str, boundary: &str) -> Result<Vec<String>, Broken> {
        let parts = split(&Bytes::from(document.to_owned()), boundary)?;
        let text = |part: &Bytes| String::from_utf8(part.to_vec()).unwrap();
        Ok(parts.iter().map(text).collect())
    }

    #[test]
    fn documents_are_cut_at_their_delimiters() {
        for (document, expected) in [
            ("--b\r\nx\r\n--b--", Ok(&["x"][..])),
            ("--b\nx\ny\n--b--\n", Ok(&["x\ny"])),
            (
                "before\r\n--b  \r\nx\r\n--b\t\r\n\r\ny\r\n--b-- \r\nafter",
                Ok(&["x", "\r\ny"]),
            ),
            ("--b\r\n--b\r\n\r\n--b--", Ok(&["", ""])),
            (
                "--b\r\nx--b\r\n--bb\r\n --b\r\n--b--",
                Ok(&["x--b\r\n--bb\r\n --b"]),
            ),
            ("--b\r\nx\r\n--b--\r\n--b\r\ny\r\n--b--", Ok(&["x"])),
            ("--b--", Ok(&[])),
            ("--b\r\nx\r\n--b --", Err(Broken::NotClosed)),
            ("--b\r\nx", Err(Broken::NotClosed)),
            ("--b\r\nx\r\n--b--x", Err(Broken::NotClosed)),
            ("x", Err(Broken::NoDelimiter)),
            ("", Err(Broken::NoDelimiter)),
        ] {
            let expected = expected.map(|parts| parts.iter().map(|p| (*p).to_owned()).collect());
            assert_eq!(split_text(document, "b"), expected, "{document:?}");
        }
    }

    #[test]
    fn media_types_are_read() {
        for (text, name, boundary) in [
            ("multipart/mixed; boundary=a", "multipart/mixed", Some("a")),
            (
                "Multipart/Mixed;charset=UTF-8;Boundary=a ",
                "multipart/mixed",
                Some("a"),
            ),
            (
                "multipart/mixed; boundary=\"a b;\\\"c\"; x=y",
                "multipart/mixed",
                Some("a b;\"c"),
            ),
            (
                "multipart/mixed; x; boundary = a",
                "multipart/mixed",
                Some("a"),
            ),
            (
                "multipart/mixed; x=\"boundary=z\"; boundary=a;",
                "multipart/mixed",
                Some("a"),
            ),
            ("multipart/mixed; boundary=", "multipart/mixed", None),
            (
                "multipart/mixed; boundary=\"a\"\"",
                "multipart/mixed",
                Some("a"),
            ),
            ("multipart/mixed; boundary=ü", "multipart/mixed", None),
            ("multipart/mixed", "multipart/mixed", None),
            ("", "", None),
        ] {
            let found = MediaType::parse(text);
            assert_eq!(
                (found.name.as_str(), found.boundary()),
                (name, boundary),
                "{text}"
            );
        }
    }

    proptest! {
        #[test]
        fn what_was_joined_is_split_again(
            parts in prop::collection::vec("[a-c\\-\r\n ]{0,20}", 0..5),
            boundary in "[a-c\\-]{1,5}x",
        ) {
            let is_text = |part: &String| {
                part.split_inclusive('\n').all(|line| {
                    kind(line.as_bytes(), boundary.as_bytes()) == Line::Text
                })
            };
            prop_assume!(parts.iter().all(is_text));
            let document = String::from_utf8(join(&parts, &boundary)).unwrap();
            prop_assert_eq!(split_text(&document, &boundary), Ok(parts));
        }

        #[test]
        fn nothing_makes_the_splitter_panic(
            document in prop::collection::vec(prop::sample::select(&b"--b \r\n\xff"[..]), 0..60),
            header in "[a-z=;\"\\\\ ü]{0,30}",
        ) {
            let _ = split(&Bytes::from(document), "b");
            let _ = MediaType::parse(&header).boundary();
        }
    }
}
