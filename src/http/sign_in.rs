//! Signing in and out: the vendor's login endpoint, and the cookie of the pages.

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ContentType, HeaderMap, LOCATION,
    SET_COOKIE, USER_AGENT,
};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use serde_json::json;

use super::gate::{self, Given};
use super::transport::{PAGE_POLICY, Peer};
use super::{Site, asked, negotiate};
use crate::diag::{Code, Problem, Result};
use crate::service::{Attempt, Caller, Opened, Origin, Way};
use crate::value::Timestamp;

const FORM: &str = include_str!("sign_in.html");
const SIGNED_IN: &str = include_str!("signed_in.html");
/// Characters of the name of a program at most.
const APPLICATION: usize = 64;

/// What somebody signs in with; unknown members are the vendor's and mean nothing here.
#[derive(Default, Deserialize)]
struct Fields {
    #[serde(default)]
    user: String,
    #[serde(default)]
    pass: String,
    code: Option<String>,
    #[serde(rename = "newPassword")]
    new: Option<String>,
    app: Option<String>,
    csrf: Option<String>,
}

impl Fields {
    /// The fields that are there, with their names.
    fn given(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let Self {
            user,
            pass,
            code,
            new,
            app,
            csrf,
        } = self;
        let optional = [
            ("code", code),
            ("newPassword", new),
            ("app", app),
            ("csrf", csrf),
        ];
        let optional = optional.into_iter();
        let optional = optional.filter_map(|(name, text)| Some((name, text.as_deref()?)));
        [("user", user.as_str()), ("pass", pass.as_str())]
            .into_iter()
            .chain(optional)
    }
}

/// `POST /api/domain/login`: a session for programs.
pub(super) async fn login(
    request: &HttpRequest,
    body: &[u8],
    site: &Arc<Site>,
    peer: &Peer,
) -> Result<HttpResponse> {
    let fields = fields(request.headers(), body)?;
    let opened = open(request, fields, Way::Session, site, peer).await?;
    let answer = json!({ "authorization": format!("ErpSession {}", opened.id) });
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .json(answer))
}

/// `POST /api/domain/logout`: ends the session that the request comes with.
pub(super) async fn logout(
    caller: &Caller,
    site: &Arc<Site>,
    from: Origin,
) -> Result<HttpResponse> {
    end(caller, site, from).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// `GET /api/domain/session`: who has signed in, and the token that changes with the cookie need.
pub(super) async fn session(caller: &Caller, site: &Arc<Site>) -> Result<HttpResponse> {
    let identity = caller.identity();
    let csrf = match identity.and_then(|identity| identity.session) {
        Some(session) => Some(csrf_token(session, site).await?),
        None => None,
    };
    let answer = json!({
        "login": identity.map(|identity| &identity.login),
        "way": identity.map(|identity| identity.way.word()),
        "scope": caller.scopes().text(),
        "csrf": csrf,
    });
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .json(answer))
}

/// `GET /sign-in`: the form, or who has signed in.
pub(super) async fn page(
    request: &HttpRequest,
    site: &Arc<Site>,
    peer: &Peer,
) -> Result<HttpResponse> {
    let has_cookie = matches!(
        Given::of(request.headers(), peer),
        Ok(Some(Given::Cookie(_)))
    );
    if has_cookie
        && let Ok(caller) = gate::caller(request, site, peer).await
        && let Some(identity) = caller.identity()
        && let Some(session) = identity.session
    {
        let text = SIGNED_IN
            .replace("{login}", &escaped(&identity.login))
            .replace("{csrf}", &csrf_token(session, site).await?);
        return Ok(html(StatusCode::OK, text));
    }
    Ok(html(StatusCode::OK, FORM.replace("{message}", "")))
}

/// `POST /sign-in`: opens a session, and keeps it in a cookie.
pub(super) async fn sign_in(
    request: &HttpRequest,
    body: &[u8],
    site: &Arc<Site>,
    peer: &Peer,
) -> Result<HttpResponse> {
    let fields = fields(request.headers(), body)?;
    match open(request, fields, Way::Cookie, site, peer).await {
        Ok(opened) => Ok(HttpResponse::SeeOther()
            .insert_header((LOCATION, "/sign-in"))
            .insert_header((CACHE_CONTROL, "no-store"))
            .insert_header((SET_COOKIE, cookie(peer, &opened.id, "")))
            .finish()),
        // People read the page; programs read the status.
        Err(problem) if is_refusal(problem.code()) => {
            let message = format!("<p role=\"alert\">{}</p>", escaped(&problem.to_string()));
            let status = StatusCode::from_u16(problem.code().status());
            let text = FORM.replace("{message}", &message);
            Ok(html(status.unwrap_or(StatusCode::UNAUTHORIZED), text))
        }
        Err(problem) => Err(problem),
    }
}

/// `POST /sign-out`: ends the session of the cookie, and takes the cookie away. The token comes in
/// the header, or in the form of the page.
pub(super) async fn sign_out(
    request: &HttpRequest,
    body: &[u8],
    site: &Arc<Site>,
    (peer, caller): (&Peer, &Caller),
) -> Result<HttpResponse> {
    let headers = request.headers();
    let field = if body.is_empty() {
        None
    } else {
        fields(headers, body)?.csrf
    };
    let token = gate::csrf_header(headers).or(field.as_deref());
    gate::check_csrf(caller, token, site)?;
    end(caller, site, asked::origin(peer.address, headers)).await?;
    Ok(HttpResponse::SeeOther()
        .insert_header((LOCATION, "/sign-in"))
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((SET_COOKIE, cookie(peer, "", "; Max-Age=0")))
        .finish())
}

fn is_refusal(code: Code) -> bool {
    matches!(
        code,
        Code::SignInFailed
            | Code::SignInRefused
            | Code::SecondFactorRequired
            | Code::PasswordChangeRequired
            | Code::PasswordPolicy
            | Code::MaximumLicenseCountExceeded
            | Code::TooManyRequests
    )
}

/// Opens a session.
async fn open(
    request: &HttpRequest,
    fields: Fields,
    way: Way,
    site: &Arc<Site>,
    peer: &Peer,
) -> Result<Opened> {
    gate::see_secure(peer)?;
    // Two credentials in one request are one too many.
    if request.headers().contains_key("Authorization") {
        let message = "a request that signs in carries no `Authorization`";
        return Err(Problem::new(Code::InvalidHeader, message).about("Authorization"));
    }
    let from = asked::origin(peer.address, request.headers());
    let service = site.backend.ready()?.service.for_client(from);
    site.sign_in_limits().check(peer.address, &fields.user)?;
    let windows = gate::windows_user(request, site);
    let application = fields.app.clone().or_else(|| program(request.headers()));
    let now = Timestamp::now();
    let opened = web::block(move || {
        let attempt = Attempt {
            login: &fields.user,
            password: &fields.pass,
            code: fields.code.as_deref(),
            way,
            application: application.as_deref().map(short),
            windows_user: windows.as_deref(),
            now,
        };
        // The form sends the field also where nobody has filled it.
        match fields.new.as_deref().filter(|new| !new.is_empty()) {
            Some(new) => service.log_in_renewed(&attempt, new),
            None => service.log_in(&attempt),
        }
    });
    opened.await.map_err(|_| broken())?
}

async fn end(caller: &Caller, site: &Arc<Site>, from: Origin) -> Result<()> {
    let Some(session) = caller.identity().and_then(|identity| identity.session) else {
        return Ok(());
    };
    let service = site.backend.ready()?.service.for_client(from);
    let ended = web::block(move || service.end_session(session, Timestamp::now()));
    ended.await.map_err(|_| broken())?
}

async fn csrf_token(session: uuid::Uuid, site: &Arc<Site>) -> Result<String> {
    let service = site.backend.ready()?.service.clone();
    let token = web::block(move || service.csrf_token(session));
    token.await.map_err(|_| broken())?
}

fn broken() -> Problem {
    Problem::new(Code::Internal, "the sign-in ended without an answer")
}

/// The program that asks.
fn program(headers: &HeaderMap) -> Option<String> {
    let name = headers.get(USER_AGENT)?.to_str().ok()?.trim().to_owned();
    (!name.is_empty()).then_some(name)
}

fn short(name: &str) -> &str {
    match name.char_indices().nth(APPLICATION) {
        Some((end, _)) => name.get(..end).unwrap_or_default(),
        None => name,
    }
}

/// What a body holds, of either form.
fn fields(headers: &HeaderMap, body: &[u8]) -> Result<Fields> {
    let text = negotiate::single(headers, CONTENT_TYPE.as_str())?.unwrap_or_default();
    let media = text.split(';').next().unwrap_or_default().trim();
    let fields = if media.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        let text = std::str::from_utf8(body).unwrap_or("%");
        let read = web::Query::<Fields>::from_query(text);
        read.map(web::Query::into_inner).map_err(|_| ())
    } else if media.is_empty() || media.eq_ignore_ascii_case("application/json") {
        serde_json::from_slice(body).map_err(|_| ())
    } else {
        let message = format!("a sign-in is not of the type `{media}`");
        return Err(Problem::new(Code::UnsupportedMediaType, message)
            .help("it is `application/json` or `application/x-www-form-urlencoded`"));
    };
    // Not what is wrong with it: that could quote a password.
    let fields = fields.map_err(|()| {
        let message = "the body has no texts `user` and `pass`";
        Problem::new(Code::InvalidPayload, message)
    })?;
    let unstorable = fields.given().find(|(_, text)| text.contains('\0'));
    match unstorable {
        Some((name, _)) => {
            let message = format!("`{name}` takes no character U+0000");
            Err(Problem::new(Code::InvalidValue, message).about(name))
        }
        None => Ok(fields),
    }
}

/// The line that sets the cookie. `Secure` where the client asks for `https://`: without it, on the
/// machine itself, some clients would not send it back.
fn cookie(peer: &Peer, value: &str, more: &str) -> String {
    let secure = if peer.https { "; Secure" } else { "" };
    let name = gate::cookie_name(peer);
    format!("{name}={value}; Path=/; HttpOnly; SameSite=Strict{secure}{more}")
}

fn html(status: StatusCode, text: String) -> HttpResponse {
    HttpResponse::build(status)
        .insert_header(ContentType::html())
        .insert_header((CONTENT_SECURITY_POLICY, PAGE_POLICY))
        .insert_header((CACHE_CONTROL, "no-store"))
        .body(text)
}

/// Text inside HTML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
