//! A problem as the OData error object (OData JSON Format 4.01, section 21), with the vendor's
//! extra members.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, ContentType};
use serde::Serialize;

use crate::diag::{Code, Problem};

/// Seconds after which a client may try again where the service was busy.
const RETRY_AFTER: u64 = 1;

/// The vendor's number of the fault that two objects have the same unique values.
const VENDOR_DUPLICATE: u16 = 2129;

#[derive(Serialize)]
struct Envelope<'a> {
    error: Body<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'a> {
    code: &'static str,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    details: Vec<Detail<'a>>,
    /// The vendor's name of the kind of error: ours is the code.
    r#type: &'static str,
    /// The vendor's message with places for `parameters`: ours has none to fill in.
    message_format: String,
    parameters: [&'static str; 0],
    /// The vendor's number of the kind of error, where its clients look for one.
    #[serde(rename = "@erpnet.code", skip_serializing_if = "Option::is_none")]
    number: Option<u16>,
    #[serde(rename = "@ext.caret", skip_serializing_if = "Option::is_none")]
    caret: Option<String>,
    #[serde(rename = "@ext.help", skip_serializing_if = "<[String]>::is_empty")]
    help: &'a [String],
    #[serde(rename = "@ext.requestId")]
    request_id: &'a str,
}

#[derive(Serialize)]
struct Detail<'a> {
    code: &'static str,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    target: Option<&'a str>,
    #[serde(rename = "@ext.caret", skip_serializing_if = "Option::is_none")]
    caret: Option<String>,
}

/// The answer that tells a client about a problem. Faults of the service itself are told without
/// any detail: the log has them under the request id.
pub(super) fn response(problem: &Problem, request_id: &str) -> HttpResponse {
    let code = problem.code();
    let text = if is_internal(code) {
        serialize(
            &Problem::new(code, "the service has failed; its log says why"),
            request_id,
        )
    } else {
        serialize(problem, request_id)
    };
    let status = StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut answer = HttpResponse::build(status);
    answer.insert_header(ContentType::json());
    answer.insert_header((header::CACHE_CONTROL, "no-store"));
    let busy = (status == StatusCode::SERVICE_UNAVAILABLE).then_some(RETRY_AFTER);
    if let Some(seconds) = problem.retry_after_seconds().or(busy) {
        answer.insert_header((header::RETRY_AFTER, seconds.to_string()));
    }
    answer.body(text)
}

/// Whether the fault is the service's own.
pub(super) fn is_internal(code: Code) -> bool {
    code.status() == 500
}

fn serialize(problem: &Problem, request_id: &str) -> String {
    let message = problem.to_string();
    let envelope = Envelope {
        error: Body {
            code: problem.word(),
            target: problem.target(),
            details: problem.details().iter().map(detail).collect(),
            r#type: problem.word(),
            message_format: message.clone(),
            message,
            parameters: [],
            number: (problem.code() == Code::NotUnique).then_some(VENDOR_DUPLICATE),
            caret: problem.caret(),
            help: problem.helps(),
            request_id,
        },
    };
    serde_json::to_string(&envelope).unwrap_or_default()
}

fn detail(problem: &Problem) -> Detail<'_> {
    Detail {
        code: problem.word(),
        message: problem.to_string(),
        target: problem.target(),
        caret: problem.caret(),
    }
}
