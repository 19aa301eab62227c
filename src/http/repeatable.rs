//! The headers of OData Repeatable Requests 1.0: a change that is sent again is made once.

use std::str::FromStr;
use std::time::{SystemTime, UNIX_EPOCH};

use actix_web::http::header::{HeaderMap, HttpDate};

use super::negotiate::single;
use crate::diag::{Code, Problem, Result};
use crate::service::Repeatability;
use crate::value::Timestamp;

const ID: &str = "Repeatability-Request-ID";
const CLIENT: &str = "Repeatability-Client-ID";
const FIRST_SENT: &str = "Repeatability-First-Sent";
/// Characters of an id at most: a guid has 36.
const LONGEST: usize = 100;

/// What a request says about its first attempt.
///
/// # Errors
///
/// `InvalidHeader` where one of the two headers is missing or cannot be understood: a client that
/// asks for safe retries must not believe that it has them.
pub(super) fn of(headers: &HeaderMap) -> Result<Option<Repeatability>> {
    let (id, first_sent) = match (single(headers, ID)?, single(headers, FIRST_SENT)?) {
        (None, None) => return Ok(None),
        (Some(id), Some(first_sent)) => (id, first_sent),
        (Some(_), None) => return Err(fault(FIRST_SENT, "is missing")),
        (None, Some(_)) => return Err(fault(ID, "is missing")),
    };
    check_id(ID, id)?;
    let first_sent = time(first_sent).ok_or_else(|| {
        fault(
            FIRST_SENT,
            "has no date such as `Tue, 24 Nov 2026 10:00:00 GMT`",
        )
    })?;
    // An id is the client's own: those of two clients do not meet.
    let id = match single(headers, CLIENT)? {
        None => id.to_owned(),
        Some(client) => {
            check_id(CLIENT, client)?;
            format!("{client} {id}")
        }
    };
    Ok(Some(Repeatability { id, first_sent }))
}

fn check_id(header: &str, id: &str) -> Result<()> {
    let fits = (1..=LONGEST).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_graphic());
    if fits {
        return Ok(());
    }
    Err(fault(
        header,
        "has no id of 1 to 100 characters without blanks",
    ))
}

/// A date in the form of HTTP (RFC 9110, 5.6.7).
fn time(text: &str) -> Option<Timestamp> {
    let time = SystemTime::from(HttpDate::from_str(text).ok()?);
    let micros = time.duration_since(UNIX_EPOCH).ok()?.as_micros();
    i64::try_from(micros).ok().map(Timestamp::from_micros)
}

fn fault(header: &str, what: &str) -> Problem {
    Problem::new(Code::InvalidHeader, format!("the header `{header}` {what}"))
        .about(header)
        .help("a repeatable request has both `Repeatability-Request-ID` and `Repeatability-First-Sent`")
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn both_or_neither() {
        let date = (FIRST_SENT, "Tue, 24 Nov 2026 10:00:00 GMT");
        let long = "x".repeat(101);
        for (lines, expected) in [
            (&[][..], Ok(None)),
            (
                &[(ID, "a-1"), date],
                Ok(Some(("a-1", "2026-11-24T10:00:00Z"))),
            ),
            (
                &[(ID, "a-1"), (CLIENT, "c"), date],
                Ok(Some(("c a-1", "2026-11-24T10:00:00Z"))),
            ),
            (&[(ID, "a-1")], Err(FIRST_SENT)),
            (&[date], Err(ID)),
            (&[(ID, ""), date], Err(ID)),
            (&[(ID, "a b"), date], Err(ID)),
            (&[(ID, long.as_str()), date], Err(ID)),
            (&[(ID, "a"), (CLIENT, ""), date], Err(CLIENT)),
            (&[(ID, "a"), (FIRST_SENT, "2026-11-24")], Err(FIRST_SENT)),
            (&[(ID, "a"), (ID, "b"), date], Err(ID)),
        ] {
            let request = lines
                .iter()
                .fold(TestRequest::default(), |request, line| {
                    request.append_header(*line)
                })
                .to_http_request();
            let found = of(request.headers());
            let found = match &found {
                Ok(found) => Ok(found
                    .as_ref()
                    .map(|found| (found.id.as_str(), found.first_sent.to_string()))),
                Err(problem) => Err(problem.target().unwrap()),
            };
            let expected = expected.map(|e| e.map(|(id, at)| (id, at.to_owned())));
            assert_eq!(found, expected, "{lines:?}");
        }
    }
}
