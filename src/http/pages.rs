//! The page at `/`.

use actix_web::HttpResponse;
use actix_web::http::header::{CONTENT_SECURITY_POLICY, ContentType};

const LANDING: &str = include_str!("landing.html");

/// Links to everything else.
pub(super) fn landing() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header(ContentType::html())
        .insert_header((CONTENT_SECURITY_POLICY, "default-src 'none'"))
        .body(LANDING)
}
