//! Request bodies, read whole.

use std::time::Duration;

use actix_web::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, HeaderMap};
use actix_web::web::Payload;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use tokio::time::timeout;

use super::Options;
use crate::diag::{Code, Problem, Result};

/// How long a body that is too large is read on, so that its sender hears the answer.
const GRACE: Duration = Duration::from_secs(1);
/// How many bytes of it, in lengths of the limit.
const GRACE_LIMITS: usize = 4;

/// Reads the body of a request.
///
/// # Errors
///
/// `PayloadTooLarge` beyond the limit, whatever `Content-Length` says; `UnsupportedMediaType` for
/// a compressed body; `InvalidPayload` for one that ends too early, stalls or takes too long.
pub(super) async fn read(
    headers: &HeaderMap,
    payload: Payload,
    options: &Options,
) -> Result<Bytes> {
    match timeout(options.body_time, whole(headers, payload, options)).await {
        Ok(read) => read,
        Err(_) => Err(broken("it came too slowly".to_owned())),
    }
}

async fn whole(headers: &HeaderMap, mut payload: Payload, options: &Options) -> Result<Bytes> {
    check_coding(headers)?;
    let limit = options.body_limit;
    let declared = headers
        .get(CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if declared.is_some_and(|length| length > limit) {
        drain(&mut payload, limit).await;
        return Err(too_large(limit));
    }
    let mut body = BytesMut::with_capacity(declared.unwrap_or_default());
    while let Some(chunk) = next(&mut payload, options.stall).await? {
        if body.len().saturating_add(chunk.len()) > limit {
            drain(&mut payload, limit).await;
            return Err(too_large(limit));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// The next piece of the body; nothing at its end.
async fn next(payload: &mut Payload, stall: Duration) -> Result<Option<Bytes>> {
    match timeout(stall, payload.next()).await {
        Ok(None) => Ok(None),
        Ok(Some(Ok(chunk))) => Ok(Some(chunk)),
        Ok(Some(Err(e))) => Err(broken(e.to_string())),
        Err(_) => Err(broken("nothing came for too long".to_owned())),
    }
}

fn broken(why: String) -> Problem {
    let message = "the request body was not sent to its end";
    Problem::new(Code::InvalidPayload, message).log(why)
}

/// Reads on for a while without keeping anything: a connection that is closed while its client
/// still sends may lose the answer.
async fn drain(payload: &mut Payload, limit: usize) {
    let rest = async {
        let mut left = limit.saturating_mul(GRACE_LIMITS);
        while let Some(Ok(chunk)) = payload.next().await {
            left = left.saturating_sub(chunk.len());
            if left == 0 {
                break;
            }
        }
    };
    // Whether all of it came does not matter.
    let _ = timeout(GRACE, rest).await;
}

/// The service unpacks nothing: a small body must not become a large one.
fn check_coding(headers: &HeaderMap) -> Result<()> {
    let Some(coding) = headers.get(CONTENT_ENCODING) else {
        return Ok(());
    };
    let coding = coding.to_str().unwrap_or("?").trim();
    if coding.is_empty() || coding.eq_ignore_ascii_case("identity") {
        return Ok(());
    }
    let message = format!("the request body has the content coding `{coding}`");
    Err(Problem::new(Code::UnsupportedMediaType, message)
        .about("Content-Encoding")
        .help("send it as it is"))
}

fn too_large(limit: usize) -> Problem {
    let message = format!("the request body has more than {limit} bytes");
    Problem::new(Code::PayloadTooLarge, message)
        .help("send less at once, or raise `server.body_limit`")
}
