//! The page at `/`.

use actix_web::HttpResponse;
use actix_web::http::header::{CONTENT_SECURITY_POLICY, ContentType};

use super::transport::PAGE_POLICY;

const LANDING: &str = include_str!("landing.html");

/// Links to everything else.
pub(super) fn landing() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header(ContentType::html())
        .insert_header((CONTENT_SECURITY_POLICY, PAGE_POLICY))
        .body(LANDING)
}
