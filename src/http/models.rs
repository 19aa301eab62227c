//! The model endpoints: `/api/domain/standardmodel`, `/api/domain/currentmodel` and
//! `/api/domain/reset`.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, VARY};
use actix_web::{HttpRequest, HttpResponse, web};

use super::{Site, conditional, language};
use crate::diag::{Code, Problem, Result};
use crate::service::{Caller, ModelEndpoint};

/// Request headers that shape an answer.
const VARIES: &str = "Accept-Language, Api-Key, Authorization, Cookie, X-Api-Key";

/// Answers with the model, or with one entity set: what follows the address.
pub(super) fn answer(
    request: &HttpRequest,
    site: &Site,
    endpoint: ModelEndpoint,
    set: &str,
) -> Result<HttpResponse> {
    let query = request.uri().query().unwrap_or_default();
    let set = set.trim_end_matches('/');
    let set = (!set.is_empty()).then_some(set);
    let language = language::of(query, request.headers());
    let service = &site.backend.ready()?.service;
    let document = service.model_document(endpoint, set, details(query)?, &language)?;
    let known = conditional::is_known(request.headers(), Some(&document.etag))?;
    let mut answer = HttpResponse::Ok();
    answer
        .insert_header((ETAG, document.etag))
        .insert_header((VARY, VARIES))
        .insert_header((CACHE_CONTROL, "private, no-cache"));
    if known {
        return Ok(answer.status(StatusCode::NOT_MODIFIED).finish());
    }
    Ok(answer
        .insert_header((CONTENT_TYPE, document.content_type))
        .body(document.body))
}

/// `POST /api/domain/reset`: custom properties are as their definitions say from now on.
pub(super) async fn reset(caller: &Arc<Caller>, site: &Arc<Site>) -> Result<HttpResponse> {
    let service = site.backend.ready()?.service.clone();
    let caller = Arc::clone(caller);
    let reset = web::block(move || service.reset_model(&caller));
    let broken = || Problem::new(Code::Internal, "the reset ended without an answer");
    reset.await.map_err(|_| broken())??;
    Ok(HttpResponse::NoContent().finish())
}

/// `details=true`.
fn details(query: &str) -> Result<bool> {
    let mut options = query.split('&');
    match options.find_map(|option| option.strip_prefix("details=")) {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => {
            let message = "`details` is `true` or `false`";
            Err(Problem::new(Code::InvalidOption, message).about("details"))
        }
    }
}
