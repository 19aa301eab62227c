//! The id that names one request in its answer and in the log.

use actix_web::http::header::{HeaderMap, HeaderValue};
use uuid::Builder;

use crate::value::Timestamp;

/// The header that carries it, both ways.
pub(super) const HEADER: &str = "x-request-id";
/// Characters of an id at most.
const LONGEST: usize = 128;

/// An id: the client's own where it is harmless, else a new one.
#[derive(Debug, Clone)]
pub(super) struct RequestId(HeaderValue);

impl RequestId {
    /// The id of a request with these headers.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        match headers.get(HEADER) {
            Some(given) if is_sane(given.as_bytes()) => Self(given.clone()),
            Some(_) | None => Self::generate(),
        }
    }

    fn generate() -> Self {
        let id = HeaderValue::from_str(&fresh());
        Self(id.unwrap_or_else(|_| HeaderValue::from_static("unknown")))
    }

    /// The text of the id.
    pub(super) fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }

    /// The id as a header.
    pub(super) fn header(&self) -> HeaderValue {
        self.0.clone()
    }
}

/// A new id, ordered by time. Nothing depends on that nobody can guess it, so its random part needs
/// no call to the system.
pub(super) fn fresh() -> String {
    let millis = u64::try_from(Timestamp::now().micros() / 1000).unwrap_or_default();
    let random = std::array::from_fn(|_| fastrand::u8(..));
    let id = Builder::from_unix_timestamp_millis(millis, &random).into_uuid();
    id.hyphenated().to_string()
}

/// Whether the text can stand in a log line as it is.
fn is_sane(text: &[u8]) -> bool {
    (1..=LONGEST).contains(&text.len())
        && text
            .iter()
            .all(|b| b.is_ascii_alphanumeric() || b"-_.:/+=@".contains(b))
}
