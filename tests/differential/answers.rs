//! Answers of servers in a form in which two of them are the same or not.

use std::fmt::Write as _;
use std::io::{Cursor, Read as _};

use crate::support::http::Answer;
use crate::support::service::untokened;

/// Headers that differ between answers that are the same: of tokens and workbooks also the lengths.
const OWN: &[&str] = &["content-length", "date", "location", "x-request-id"];
/// The members of errors that differ.
const REQUEST: &str = "\"@ext.requestId\":\"";

/// Everything of an answer, without what is of this one alone.
pub(crate) fn told(answer: &Answer) -> String {
    let mut text = format!("{}\n", answer.status);
    let mut headers: Vec<_> = answer.headers.iter().collect();
    headers.retain(|(name, _)| !OWN.contains(&name.as_str()));
    headers.sort();
    for (name, value) in headers {
        let _ = writeln!(text, "{name}: {value}");
    }
    text + &body(&answer.body)
}

/// A body without what is of this one alone.
pub(crate) fn body(bytes: &[u8]) -> String {
    if bytes.starts_with(b"PK\x03\x04") {
        return parts(bytes);
    }
    let text = untokened(
        std::str::from_utf8(bytes)
            .map_or_else(|_| format!("{bytes:?}").into(), std::borrow::Cow::Borrowed)
            .as_ref(),
    );
    match text.split_once(REQUEST) {
        Some((start, rest)) => {
            let rest = rest.split_once('"').map_or("", |(_, rest)| rest);
            format!("{start}{rest}")
        }
        None => text,
    }
}

/// The parts of a workbook, all of them; only when it was made is left out.
fn parts(bytes: &[u8]) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut text = String::new();
    for number in 0..archive.len() {
        let mut part = archive.by_index(number).unwrap();
        let name = part.name().unwrap().into_owned();
        let mut content = String::new();
        part.read_to_string(&mut content).unwrap();
        if name == "docProps/core.xml" {
            let (start, _) = content.split_once("<dcterms:created").unwrap();
            let (_, end) = content.rsplit_once("</dcterms:modified>").unwrap();
            content = format!("{start}{end}");
        }
        let _ = writeln!(text, "{name}: {content}");
    }
    text
}

/// How many rows of a workbook hold something, headings included.
pub(crate) fn rows_of_workbook(bytes: &[u8]) -> usize {
    let parts = parts(bytes);
    let sheet = parts.split_once("sheet1.xml: ").unwrap().1;
    sheet.matches("<row ").count()
}

/// How many rows of a table of texts hold something, headings included.
pub(crate) fn rows_of_csv(bytes: &[u8]) -> usize {
    let reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(bytes);
    let rows = reader.into_records().map(Result::unwrap);
    rows.filter(|row| row.iter().any(|field| !field.is_empty()))
        .count()
}
