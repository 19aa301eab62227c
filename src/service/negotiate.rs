//! The format of an answer: `$format` before `Accept` (OData 4.01 Part 1, 8.2.1 and 11.2.12).

use crate::diag::{Code, Problem, Result};
use crate::encode::MetadataLevel;

/// A format that the service writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// JSON.
    Json(JsonForm),
    /// XML: `$metadata` only.
    Xml,
    /// One JSON object per line.
    NdJson,
    /// Comma-separated values.
    Csv,
    /// A workbook.
    Xlsx,
    /// Bare text.
    Text,
    /// Bare bytes.
    Binary,
    /// What a read would do, instead of what it answers.
    Plan,
}

/// The parameters of JSON.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct JsonForm {
    /// `odata.metadata`.
    pub metadata: MetadataLevel,
    /// `IEEE754Compatible`.
    pub ieee754: bool,
}

impl Format {
    /// The `Content-Type` header.
    pub fn content_type(self) -> String {
        let text = match self {
            Self::Json(form) => {
                let ieee754 = if form.ieee754 {
                    "IEEE754Compatible=true;"
                } else {
                    ""
                };
                let level = form.metadata.word();
                return format!("application/json;odata.metadata={level};{ieee754}charset=utf-8");
            }
            Self::Xml => "application/xml;charset=utf-8",
            Self::NdJson => "application/x-ndjson;charset=utf-8",
            Self::Csv => "text/csv;charset=utf-8;header=present",
            Self::Xlsx => XLSX,
            Self::Text => "text/plain;charset=utf-8",
            Self::Binary => "application/octet-stream",
            Self::Plan => PLAN,
        };
        text.to_owned()
    }

    /// The word for the audit log.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Json(_) => "json",
            Self::Xml => "xml",
            Self::NdJson => "ndjson",
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
            Self::Text => "text",
            Self::Binary => "binary",
            Self::Plan => "plan",
        }
    }

    /// Whether rows are objects, whose members may be left out.
    pub(super) const fn has_members(self) -> bool {
        match self {
            Self::Json(_) | Self::NdJson => true,
            Self::Csv | Self::Xlsx | Self::Xml | Self::Text | Self::Binary | Self::Plan => false,
        }
    }

    /// Whether rows have control information. What is explained is the answer in JSON.
    pub(super) const fn has_control(self) -> bool {
        match self {
            Self::Json(form) => !matches!(form.metadata, MetadataLevel::None),
            Self::Plan => true,
            Self::NdJson | Self::Csv | Self::Xlsx | Self::Xml | Self::Text | Self::Binary => false,
        }
    }

    /// Whether it takes all rows at once: such formats cannot carry a next link.
    pub const fn is_export(self) -> bool {
        match self {
            Self::NdJson | Self::Csv | Self::Xlsx => true,
            Self::Json(_) | Self::Xml | Self::Text | Self::Binary | Self::Plan => false,
        }
    }
}

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/// The media type of explanations.
const PLAN: &str = "application/vnd.userdex.plan+json";
const JSON: Format = Format::Json(JsonForm {
    metadata: MetadataLevel::Minimal,
    ieee754: false,
});

impl Default for Format {
    fn default() -> Self {
        JSON
    }
}

/// What is to be answered, as far as the choice of a format goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    /// `$metadata`.
    Metadata,
    /// The rows of a collection.
    Rows,
    /// An entity, a property, addresses, the service document.
    Object,
    /// The bare value of a property or a number: always answered, whatever is accepted (clients
    /// ask for `…/$count` with `Accept: application/json`).
    BareText,
    /// The bare bytes of a property, likewise.
    BareBytes,
}

/// A format on offer: its word in `$format`, its media type, and itself.
type Offer = (&'static str, &'static str, Format);

impl Content {
    /// The formats, preferred first.
    const fn offers(self) -> &'static [Offer] {
        match self {
            Self::Metadata => &[
                ("xml", "application/xml", Format::Xml),
                ("json", "application/json", JSON),
            ],
            Self::Rows => &[
                ("json", "application/json", JSON),
                ("ndjson", "application/x-ndjson", Format::NdJson),
                ("csv", "text/csv", Format::Csv),
                ("xlsx", XLSX, Format::Xlsx),
            ],
            Self::Object => &[("json", "application/json", JSON)],
            Self::BareText => &[("text", "text/plain", Format::Text)],
            Self::BareBytes => &[("binary", "application/octet-stream", Format::Binary)],
        }
    }

    /// Whether there is nothing to choose.
    const fn is_bare(self) -> bool {
        match self {
            Self::BareText | Self::BareBytes => true,
            Self::Metadata | Self::Rows | Self::Object => false,
        }
    }
}

/// One item of an `Accept` header.
#[derive(Debug, Clone, PartialEq)]
struct Range {
    media_type: String,
    form: JsonForm,
    /// Thousandths, as RFC 9110 allows three digits.
    quality: u16,
    /// A parameter that the service does not know, or that has a value that it does not give: nothing
    /// is chosen by such a range (OData 4.01 Part 1, 8.2.1).
    unknown: Option<String>,
}

/// Chooses the format of an answer.
///
/// # Errors
///
/// [`Code::NotAcceptable`] where nothing fits.
pub(super) fn negotiate(
    content: Content,
    format: Option<&str>,
    accept: Option<&str>,
) -> Result<Format> {
    let offers = content.offers();
    if let Some((_, _, bare)) = offers.first().filter(|_| content.is_bare()) {
        return Ok(*bare);
    }
    if let Some(format) = format {
        return by_option(offers, format).ok_or_else(|| {
            let problem = refused("$format", format, offers);
            explained(problem, range(format).as_slice())
        });
    }
    let ranges = accept.map(ranges).unwrap_or_default();
    if ranges.is_empty() {
        return offers
            .first()
            .map(|(_, _, format)| *format)
            .ok_or_else(|| refused("Accept", "", offers));
    }
    by_header(content, &ranges).ok_or_else(|| {
        let problem = refused("Accept", accept.unwrap_or_default(), offers);
        explained(problem, &ranges)
    })
}

/// Whether a request asks for an explanation: only where it names it, and likes nothing better. A
/// read is explained whatever it answers, so this comes before [`negotiate`].
pub(super) fn wants_plan(format: Option<&str>, accept: Option<&str>) -> bool {
    plans(format, accept).any(|range| range.unknown.is_none())
}

/// The same for one that is not given, since a parameter of it is unknown.
pub(super) fn names_plan(format: Option<&str>, accept: Option<&str>) -> bool {
    plans(format, accept).next().is_some()
}

/// The ranges that name explanations, where nothing is liked better.
fn plans(format: Option<&str>, accept: Option<&str>) -> impl Iterator<Item = Range> {
    let ranges = match format.map(str::trim) {
        Some(word) if word.eq_ignore_ascii_case("plan") => ranges(PLAN),
        Some(format) => range(format).into_iter().collect(),
        None => accept.map(ranges).unwrap_or_default(),
    };
    let best = ranges.iter().map(|range| range.quality).max();
    ranges.into_iter().filter(move |range| {
        range.media_type == PLAN && range.quality > 0 && Some(range.quality) == best
    })
}

/// `$format=json`, or a media type with parameters.
fn by_option(offers: &[Offer], format: &str) -> Option<Format> {
    let format = format.trim();
    let word = offers
        .iter()
        .find(|(word, _, _)| word.eq_ignore_ascii_case(format));
    if let Some((_, _, found)) = word {
        return Some(*found);
    }
    let range = range(format).filter(|range| range.unknown.is_none())?;
    let found = offers
        .iter()
        .find(|(_, media_type, _)| *media_type == range.media_type)?;
    Some(with_form(found.2, range.form))
}

/// The offer of the best quality; of equals the first. `$metadata` is XML wherever XML is accepted
/// at all, since the clients that prefer JSON for it cannot read it.
fn by_header(content: Content, ranges: &[Range]) -> Option<Format> {
    let mut best: Option<(u16, Format)> = None;
    for (_, media_type, format) in content.offers() {
        let Some(range) = matching(media_type, ranges).filter(|range| range.quality > 0) else {
            continue;
        };
        let found = with_form(*format, range.form);
        if content == Content::Metadata {
            return Some(found);
        }
        if best.is_none_or(|(quality, _)| range.quality > quality) {
            best = Some((range.quality, found));
        }
    }
    best.map(|(_, format)| format)
}

/// The most specific range that names the media type; of those the one of the best quality. One with
/// an unknown parameter names something else.
fn matching<'a>(media_type: &str, ranges: &'a [Range]) -> Option<&'a Range> {
    let major = media_type.split('/').next().unwrap_or_default();
    let wildcard = format!("{major}/*");
    [media_type, &wildcard, "*/*"].into_iter().find_map(|name| {
        let known = ranges.iter().filter(|range| range.unknown.is_none());
        let named = known.filter(|range| range.media_type == name);
        named.reduce(|best, range| {
            if range.quality > best.quality {
                range
            } else {
                best
            }
        })
    })
}

/// The format with the parameters of the range that chose it.
const fn with_form(format: Format, form: JsonForm) -> Format {
    match format {
        Format::Json(_) => Format::Json(form),
        Format::Xml
        | Format::NdJson
        | Format::Csv
        | Format::Xlsx
        | Format::Text
        | Format::Binary
        | Format::Plan => format,
    }
}

/// The items of an `Accept` header; what is no media range is passed over.
fn ranges(accept: &str) -> Vec<Range> {
    split_outside_quotes(accept, ',')
        .filter_map(range)
        .collect()
}

/// A media range with its parameters; nothing where it names none.
fn range(text: &str) -> Option<Range> {
    let mut parts = split_outside_quotes(text, ';').map(str::trim);
    let media_type = parts.next()?.to_ascii_lowercase();
    let (major, minor) = media_type.split_once('/')?;
    if major.is_empty() || minor.is_empty() {
        return None;
    }
    let mut range = Range {
        media_type,
        form: JsonForm::default(),
        quality: 1000,
        unknown: None,
    };
    for part in parts.filter(|part| !part.is_empty()) {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let name = name.trim().to_ascii_lowercase();
        let value = value.trim().trim_matches('"').to_ascii_lowercase();
        if name == "q" {
            range.quality = quality(&value)?;
        } else if range.take(&name, &value).is_none() {
            range.unknown.get_or_insert_with(|| part.to_owned());
        }
    }
    Some(range)
}

impl Range {
    /// Takes a parameter, in lower case; nothing where it means nothing with this media type.
    fn take(&mut self, name: &str, value: &str) -> Option<()> {
        let media_type = self.media_type.as_str();
        let is_json = ["application/json", "application/*", "*/*"].contains(&media_type);
        let is_csv = ["text/csv", "text/*"].contains(&media_type);
        match name {
            "odata.metadata" | "metadata" if is_json => self.form.metadata = level(value)?,
            "ieee754compatible" if is_json => self.form.ieee754 = flag(value)?,
            // Answers are streamed and decimals written without exponents in either case.
            "odata.streaming" | "streaming" | "exponentialdecimals" if is_json => {
                flag(value)?;
            }
            // The levels of OData 3, which some grids ask for: what they get is the usual one.
            "odata" if is_json && LEVELS_OF_3.contains(&value) => {}
            "charset" if media_type != XLSX && ["utf-8", "utf8"].contains(&value) => {}
            "header" if is_csv && value == "present" => {}
            _ => return None,
        }
        Some(())
    }
}

/// The values of `odata` in media types of OData 3.
const LEVELS_OF_3: [&str; 5] = [
    "verbose",
    "light",
    "minimalmetadata",
    "fullmetadata",
    "nometadata",
];

fn flag(word: &str) -> Option<bool> {
    match word {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

fn level(word: &str) -> Option<MetadataLevel> {
    [
        MetadataLevel::None,
        MetadataLevel::Minimal,
        MetadataLevel::Full,
    ]
    .into_iter()
    .find(|level| level.word() == word)
}

/// `0`, `0.5`, `1.000` in thousandths.
fn quality(text: &str) -> Option<u16> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if fraction.len() > 3 {
        return None;
    }
    let thousandths: u16 = format!("{fraction:0<3}").parse().ok()?;
    let whole: u16 = whole.parse().ok()?;
    Some(whole.checked_mul(1000)?.checked_add(thousandths)?.min(1000))
}

/// Splits at a separator that is not inside double quotes.
fn split_outside_quotes(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    text.split(move |c| {
        quoted ^= c == '"';
        c == separator && !quoted
    })
}

fn refused(place: &str, text: &str, offers: &[Offer]) -> Problem {
    let words: Vec<String> = offers
        .iter()
        .map(|(_, media_type, _)| format!("`{media_type}`"))
        .collect();
    Problem::new(
        Code::NotAcceptable,
        format!("`{place}` asks for `{text}`, which this address does not answer"),
    )
    .about(place)
    .help(format!("it answers {}", words.join(", ")))
}

/// Says which parameters there are, where one is not among them.
fn explained(problem: Problem, ranges: &[Range]) -> Problem {
    let Some(unknown) = ranges.iter().find_map(|range| range.unknown.as_ref()) else {
        return problem;
    };
    problem.help(format!(
        "`{unknown}` is not given there: `application/json` has the parameters \
         `odata.metadata=none`, `minimal` or `full`, `odata.streaming`, `IEEE754Compatible` and \
         `ExponentialDecimals`, `text/csv` has `header=present`, and texts have `charset=utf-8`"
    ))
}
