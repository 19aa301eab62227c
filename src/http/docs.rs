//! The Swagger UI, from assets inside the binary.

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::http::header::{self, CONTENT_SECURITY_POLICY, LOCATION};
use utoipa_swagger_ui::Config;

use super::route::OPENAPI;
use crate::diag::{Code, Problem, Result};

/// As that of other pages, and by its hash the one style that the UI puts into the page: the colours
/// of its logo. Everything else it sets by script, which needs no leave.
const POLICY: &str = "default-src 'none'; script-src 'self'; \
     style-src 'self' 'sha256-RL3ie0nH+Lzz2YNqQN83mnU0J1ot4QL7b99vMdIX99w='; \
     img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'self'; \
     frame-ancestors 'none'";

/// A file of the UI; the page itself for the empty name.
pub(super) fn file(name: &str) -> Result<HttpResponse> {
    let config = Arc::new(Config::new([OPENAPI]));
    let file = utoipa_swagger_ui::serve(name, config)
        .map_err(|e| Problem::new(Code::Internal, "a file of the Swagger UI").log(e.to_string()))?
        .ok_or_else(|| {
            Problem::new(Code::NotFound, "there is no such file of the documentation")
        })?;
    let mut answer = HttpResponse::Ok();
    answer
        .insert_header((header::CONTENT_TYPE, file.content_type))
        .insert_header((header::CACHE_CONTROL, "max-age=3600"))
        .insert_header((CONTENT_SECURITY_POLICY, POLICY));
    Ok(answer.body(file.bytes.into_owned()))
}

/// To the page, whose relative links need the slash.
pub(super) fn redirect() -> HttpResponse {
    HttpResponse::PermanentRedirect()
        .insert_header((LOCATION, "/api/docs/"))
        .finish()
}
