//! Whether the process runs, and whether the database answers.

use actix_web::{HttpResponse, web};

use super::Site;
use crate::diag::{Code, Problem, Result};

/// The process runs. Looks at nothing else.
pub(super) fn live() -> HttpResponse {
    HttpResponse::Ok().json(serde_json::json!({ "status": "live" }))
}

/// The database answers.
///
/// # Errors
///
/// `ServiceUnavailable` before the database is ready and whenever it does not answer.
pub(super) async fn ready(site: &Site) -> Result<HttpResponse> {
    let backend = site.backend.clone();
    let ping = web::block(move || backend.ready()?.ping());
    ping.await
        .map_err(|e| Problem::new(Code::Internal, "the health check").log(e.to_string()))??;
    Ok(HttpResponse::Ok().json(serde_json::json!({ "status": "ready" })))
}
