//! What a client says about itself in headers.

use std::borrow::Cow;

use actix_web::http::header::{ACCEPT, HeaderMap};

use super::preferences;
use crate::diag::{Code, Problem, Result};
use crate::service::{ODataVersion, ReadPreferences};

/// The headers of a request that shape its answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Wishes<'a> {
    /// `Accept`; several lines are one list.
    pub(super) accept: Option<Cow<'a, str>>,
    /// What `OData-MaxVersion` and `OData-Version` agree on.
    pub(super) version: Option<ODataVersion>,
    /// `OData-Version`: what the payload is written in.
    pub(super) spoken: Option<ODataVersion>,
    /// `Prefer: odata.maxpagesize`.
    pub(super) max_page_size: Option<u64>,
    /// Other preferences.
    pub(super) preferences: ReadPreferences,
}

/// Reads them.
///
/// # Errors
///
/// `InvalidHeader` for a version that the service does not speak, `PreconditionFailed` for an
/// isolation that it cannot give. Preferences never fail: a client has no right to them.
pub(super) fn read(headers: &HeaderMap) -> Result<Wishes<'_>> {
    refuse_isolation(headers)?;
    Ok(Wishes {
        accept: accept(headers),
        version: version(headers)?,
        spoken: spoken(headers)?,
        max_page_size: preferences::max_page_size(headers),
        preferences: preferences::of_read(headers),
    })
}

/// The version that the answer is written in: what the client takes at most, else what it speaks.
///
/// OData 4.01 Part 1, 8.1.5 and 8.2.7.
pub(super) fn version(headers: &HeaderMap) -> Result<Option<ODataVersion>> {
    let spoken = spoken(headers)?;
    let most = match single(headers, "OData-MaxVersion")? {
        None => None,
        Some(text) => Some(at_most(text).ok_or_else(|| unknown_version("OData-MaxVersion", text))?),
    };
    Ok(most.or(spoken))
}

/// The version that the payload is written in.
fn spoken(headers: &HeaderMap) -> Result<Option<ODataVersion>> {
    match single(headers, "OData-Version")? {
        None => Ok(None),
        Some("4.0") => Ok(Some(ODataVersion::V4)),
        Some("4.01") => Ok(Some(ODataVersion::V401)),
        Some(other) => Err(unknown_version("OData-Version", other)),
    }
}

/// The newest version of ours that is not newer than `text`.
fn at_most(text: &str) -> Option<ODataVersion> {
    let (major, minor) = text.split_once('.').unwrap_or((text, "0"));
    let (major, minor) = (major.parse::<u32>().ok()?, minor.parse::<u32>().ok()?);
    match (major, minor) {
        (0..=3, _) => None,
        (4, 0) => Some(ODataVersion::V4),
        (_, _) => Some(ODataVersion::V401),
    }
}

fn unknown_version(header: &str, value: &str) -> Problem {
    Problem::new(
        Code::InvalidHeader,
        format!("the header `{header}` has the value `{value}`"),
    )
    .about(header)
    .help("the service speaks OData 4.0 and 4.01")
}

/// The value of a header that may stand there once only.
pub(super) fn single<'a>(headers: &'a HeaderMap, name: &str) -> Result<Option<&'a str>> {
    let mut lines = headers.get_all(name);
    let Some(line) = lines.next() else {
        return Ok(None);
    };
    if lines.next().is_some() {
        let message = format!("the header `{name}` is given more than once");
        return Err(Problem::new(Code::InvalidHeader, message).about(name));
    }
    let text = line.to_str().map_err(|_| {
        let message = format!("the header `{name}` has characters beyond ASCII");
        Problem::new(Code::InvalidHeader, message).about(name)
    })?;
    Ok(Some(text.trim()))
}

fn accept(headers: &HeaderMap) -> Option<Cow<'_, str>> {
    let mut lines = headers
        .get_all(ACCEPT)
        .filter_map(|line| line.to_str().ok());
    let first = lines.next()?;
    Some(lines.fold(Cow::Borrowed(first), |all, line| {
        Cow::Owned(format!("{all},{line}"))
    }))
}

/// OData 4.01 Part 1, 8.2.6: a service that cannot give the isolation must fail with 412.
fn refuse_isolation(headers: &HeaderMap) -> Result<()> {
    let Some(name) = ["OData-Isolation", "Isolation"]
        .into_iter()
        .find(|name| headers.contains_key(*name))
    else {
        return Ok(());
    };
    let message = format!("the isolation that `{name}` asks for is not offered");
    Err(Problem::new(Code::PreconditionFailed, message)
        .about(name)
        .help("leave the header out"))
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn answer(lines: &[(&'static str, &'static str)]) -> String {
        let request = lines
            .iter()
            .fold(TestRequest::default(), |request, line| {
                request.append_header(*line)
            })
            .to_http_request();
        match read(request.headers()) {
            Ok(wishes) => format!(
                "{} {} {}",
                wishes.accept.as_deref().unwrap_or("-"),
                wishes.version.map_or("-", ODataVersion::text),
                wishes.max_page_size.unwrap_or(0)
            ),
            Err(problem) => problem.code().word().to_owned(),
        }
    }

    #[test]
    fn headers_are_read() {
        for (lines, expected) in [
            (&[][..], "- - 0"),
            (&[("Accept", "a/b"), ("Accept", "c/d")], "a/b,c/d - 0"),
            (&[("OData-Version", "4.0")], "- 4.0 0"),
            (&[("OData-Version", " 4.01 ")], "- 4.01 0"),
            (&[("OData-MaxVersion", "4.0")], "- 4.0 0"),
            (&[("OData-MaxVersion", "4.02")], "- 4.01 0"),
            (&[("OData-MaxVersion", "5.0")], "- 4.01 0"),
            (&[("OData-MaxVersion", "4")], "- 4.0 0"),
            (
                &[("OData-Version", "4.01"), ("OData-MaxVersion", "4.0")],
                "- 4.0 0",
            ),
            (&[("MaxDataServiceVersion", "3.0")], "- - 0"),
            (&[("OData-Version", "3.0")], "InvalidHeader"),
            (&[("OData-MaxVersion", "3.0")], "InvalidHeader"),
            (&[("OData-MaxVersion", "new")], "InvalidHeader"),
            (
                &[("OData-Version", "4.0"), ("OData-Version", "4.0")],
                "InvalidHeader",
            ),
            (&[("Prefer", "odata.maxpagesize=5")], "- - 5"),
            (&[("Prefer", "respond-async, MaxPageSize = \"7\"")], "- - 7"),
            (
                &[("Prefer", "return=minimal"), ("Prefer", "maxpagesize=9")],
                "- - 9",
            ),
            (&[("Prefer", "maxpagesize=0")], "- - 0"),
            (&[("Prefer", "maxpagesize=many")], "- - 0"),
            (&[("OData-Isolation", "snapshot")], "PreconditionFailed"),
            (&[("Isolation", "snapshot")], "PreconditionFailed"),
            (&[("X-CSRF-Token", "Fetch")], "- - 0"),
        ] {
            assert_eq!(answer(lines), expected, "{lines:?}");
        }
    }
}
