//! Access tokens for applications (RFC 6749), and the documents that tell clients about them.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderMap, PRAGMA, WWW_AUTHENTICATE};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;
use serde_json::json;

use super::gate::{self, Given};
use super::transport::Peer;
use super::{Site, asked, negotiate};
use crate::diag::{Code, Problem, Result};
use crate::service::{ClientFault, ClientRequest};
use crate::value::Timestamp;

/// How long others may keep the documents.
const KEPT: &str = "public, max-age=300";

/// What a request for a token gives.
#[derive(Default)]
struct Fields {
    grant_type: Option<String>,
    client_id: Option<String>,
    client_secret: Option<String>,
    scope: Option<String>,
}

/// `POST /id/connect/token`: an access token for an application that proves who it is.
pub(super) async fn token(
    request: &HttpRequest,
    body: &[u8],
    site: &Arc<Site>,
    peer: &Peer,
) -> Result<HttpResponse> {
    gate::see_secure(peer)?;
    let origin = site.origin(asked::host(request), peer)?;
    let fields = match fields(request.headers(), body, peer) {
        Ok(fields) => fields,
        Err(why) => return refuse(ClientFault::InvalidRequest(why)),
    };
    let client = fields.client_id.as_deref().unwrap_or_default();
    site.sign_in_limits().check(peer.address, client)?;
    let from = asked::origin(peer.address, request.headers());
    let service = site.backend.ready()?.service.for_client(from);
    let now = Timestamp::now();
    let made = web::block(move || {
        service.client_token(&ClientRequest {
            grant_type: fields.grant_type.as_deref(),
            client_id: fields.client_id.as_deref(),
            client_secret: fields.client_secret.as_deref(),
            scope: fields.scope.as_deref(),
            site: &origin,
            now,
        })
    });
    let made = made.await.map_err(|_| broken())?;
    match made {
        Ok(token) => Ok(HttpResponse::Ok()
            .insert_header((CACHE_CONTROL, "no-store"))
            .insert_header((PRAGMA, "no-cache"))
            .json(json!({
                "access_token": token.token,
                "token_type": "Bearer",
                "expires_in": token.expires_in,
                "scope": token.scope,
            }))),
        Err(fault) => refuse(fault),
    }
}

/// An answer as RFC 6749, 5.2, has it.
fn refuse(fault: ClientFault) -> Result<HttpResponse> {
    let (error, description) = fault.words()?;
    let mut answer = if error == "invalid_client" {
        let mut answer = HttpResponse::build(StatusCode::UNAUTHORIZED);
        answer.insert_header((WWW_AUTHENTICATE, "Basic realm=\"userdex\""));
        answer
    } else {
        HttpResponse::BadRequest()
    };
    Ok(answer
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((PRAGMA, "no-cache"))
        .json(json!({"error": error, "error_description": description})))
}

/// The fields of a form, and the client of HTTP Basic.
fn fields(headers: &HeaderMap, body: &[u8], peer: &Peer) -> Result<Fields, &'static str> {
    let media = negotiate::single(headers, CONTENT_TYPE.as_str());
    let media = media.ok().flatten().unwrap_or_default();
    let media = media.split(';').next().unwrap_or_default().trim();
    if !media.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err("the body is a form: application/x-www-form-urlencoded");
    }
    let text = std::str::from_utf8(body).map_err(|_| "the body is not UTF-8")?;
    let pairs = web::Query::<Vec<(String, String)>>::from_query(text);
    let mut fields = Fields::default();
    for (name, value) in pairs.map_err(|_| "the body is no form")?.into_inner() {
        let field = match name.as_str() {
            "grant_type" => &mut fields.grant_type,
            "client_id" => &mut fields.client_id,
            "client_secret" => &mut fields.client_secret,
            "scope" => &mut fields.scope,
            // RFC 6749, 3.2: what is not known is ignored.
            _ => continue,
        };
        if value.contains('\0') {
            return Err("a parameter holds U+0000");
        }
        if field.replace(value).is_some() {
            return Err("a parameter is given twice");
        }
    }
    if let Some((id, secret)) = client_of_basic(headers, peer)? {
        let same = fields.client_id.as_ref().is_none_or(|given| *given == id);
        if fields.client_secret.is_some() || !same {
            return Err("the client proves who it is in more than one way");
        }
        (fields.client_id, fields.client_secret) = (Some(id), Some(secret));
    }
    Ok(fields)
}

/// The client of HTTP Basic: both parts are encoded as in a form (RFC 6749, 2.3.1).
fn client_of_basic(
    headers: &HeaderMap,
    peer: &Peer,
) -> Result<Option<(String, String)>, &'static str> {
    let given =
        Given::of(headers, peer).map_err(|_| "the credential of the request is malformed")?;
    match given {
        // The pages' cookie proves nothing about a client.
        None | Some(Given::Cookie(_)) => Ok(None),
        Some(Given::Basic(text)) => {
            let malformed = "the credential of Basic is malformed";
            let (id, secret) = gate::basic(&text).map_err(|_| malformed)?;
            let id = decoded(&id).ok_or(malformed)?;
            Ok(Some((id, decoded(&secret).ok_or(malformed)?)))
        }
        Some(Given::Session(_) | Given::Token(_) | Given::Signed(_)) => {
            Err("a client proves who it is by a form or by HTTP Basic")
        }
    }
}

fn decoded(text: &str) -> Option<String> {
    let form = format!("v={}", text.replace('&', "%26").replace('=', "%3D"));
    let pairs = web::Query::<Vec<(String, String)>>::from_query(&form).ok()?;
    let value = pairs.into_inner().pop().map(|(_, value)| value);
    value.filter(|value| !value.contains('\0'))
}

/// `GET /id/.well-known/openid-configuration`
pub(super) fn configuration(
    request: &HttpRequest,
    site: &Arc<Site>,
    peer: &Peer,
) -> Result<HttpResponse> {
    let origin = site.origin(asked::host(request), peer)?;
    let service = &site.backend.ready()?.service;
    Ok(document(&service.openid_configuration(&origin)))
}

/// `GET /id/.well-known/openid-configuration/jwks`
pub(super) async fn keys(site: &Arc<Site>) -> Result<HttpResponse> {
    let service = site.backend.ready()?.service.clone();
    let keys = web::block(move || service.json_web_keys(Timestamp::now()));
    let keys = keys.await.map_err(|_| broken())??;
    Ok(document(&keys))
}

/// `GET /sys/auto-discovery`
pub(super) fn discovery(
    request: &HttpRequest,
    site: &Arc<Site>,
    peer: &Peer,
) -> Result<HttpResponse> {
    let origin = site.origin(asked::host(request), peer)?;
    let service = &site.backend.ready()?.service;
    Ok(document(&service.auto_discovery(&origin)))
}

fn document(content: &impl Serialize) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, KEPT))
        .json(content)
}

fn broken() -> Problem {
    Problem::new(Code::Internal, "the request ended without an answer")
}
