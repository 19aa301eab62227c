//! Who a request comes from: the one function between credentials and everything else.
//!
//! Reads the credentials, sees that they may travel this way, and asks the service for their caller.
//! No route answers anything of this installation without it.

use std::sync::Arc;

use actix_web::http::header::{AUTHORIZATION, COOKIE, HeaderMap, HeaderName, HeaderValue};
use actix_web::{HttpRequest, web};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::Site;
use super::entry::Brought;
use super::transport::Peer;
use crate::diag::{Code, Problem, Result};
use crate::service::{Caller, Recalled, Renew, Way};
use crate::value::Timestamp;

/// The header by which a trusted proxy names the Windows account of the client.
const WINDOWS_USER: HeaderName = HeaderName::from_static("x-windows-user");
/// The header of the token that a change with the cookie needs.
pub(super) const CSRF: HeaderName = HeaderName::from_static("x-csrf-token");
/// The header in which HTTP Basic names the application that sends it: its `ApplicationUri`.
pub(super) const APPLICATION: &str = "x-application";
/// The headers of reference tokens beside `Authorization: Bearer`.
const X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");
const API_KEY: HeaderName = HeaderName::from_static("api-key");
/// The cookie of the pages where the client asks for `https://`: browsers take it only so.
const SECURE_COOKIE: &str = "__Host-userdex";
/// The cookie elsewhere: on the machine itself.
const PLAIN_COOKIE: &str = "userdex";

/// The credentials of a request, as they stand in it.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Given {
    /// The Base64 text of HTTP Basic.
    Basic(String),
    /// The id of `ErpSession`.
    Session(String),
    /// The cookie of the pages.
    Cookie(String),
    /// A reference token, of whichever header.
    Token(String),
    /// A signed token: a JWT.
    Signed(String),
}

impl std::fmt::Debug for Given {
    /// Without what is secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.way().word())
    }
}

impl Given {
    /// The credentials of a request; nothing where there are none. A cookie beside a header does
    /// not count: browsers send it unasked.
    ///
    /// # Errors
    ///
    /// `InvalidHeader` for more than one credential, and for a scheme that is not offered.
    pub(super) fn of(headers: &HeaderMap, peer: &Peer) -> Result<Option<Self>> {
        let names = [AUTHORIZATION, X_API_KEY, API_KEY];
        let mut lines = names
            .iter()
            .flat_map(|name| headers.get_all(name).map(move |line| (name, line)));
        let Some((name, line)) = lines.next() else {
            return Ok(cookie(headers, peer).map(Self::Cookie));
        };
        if lines.next().is_some() {
            let message = "the request has more than one credential";
            return Err(Problem::new(Code::InvalidHeader, message)
                .about(title(name))
                .help("send `Authorization`, `X-Api-Key` or `Api-Key`, one of them, once"));
        }
        if name != AUTHORIZATION {
            return api_key(name, line).map(Some);
        }
        let refused = |message: &str| {
            Problem::new(Code::InvalidHeader, message)
                .about("Authorization")
                .help("it is `Basic …`, `ErpSession …` or `Bearer …`")
        };
        let line = line
            .to_str()
            .map_err(|_| refused("`Authorization` cannot be read"))?;
        let (scheme, rest) = line.split_once(' ').unwrap_or((line, ""));
        let rest = rest.trim();
        // Two schemes in one line are two credentials as well.
        if rest.is_empty() || rest.contains([' ', ',']) {
            return Err(refused("`Authorization` has one scheme and one credential"));
        }
        if scheme.eq_ignore_ascii_case("Basic") {
            Ok(Some(Self::Basic(rest.to_owned())))
        } else if scheme.eq_ignore_ascii_case("ErpSession") {
            Ok(Some(Self::Session(rest.to_owned())))
        } else if scheme.eq_ignore_ascii_case("Bearer") {
            Ok(Some(Self::bearer(rest)))
        } else {
            Err(refused("the scheme of `Authorization` is not offered"))
        }
    }

    /// What stands after `Bearer`: only JWTs have points.
    fn bearer(text: &str) -> Self {
        if text.contains('.') {
            Self::Signed(text.to_owned())
        } else {
            Self::Token(text.to_owned())
        }
    }

    /// The way in.
    pub(super) fn way(&self) -> Way {
        match self {
            Self::Basic(_) => Way::Basic,
            Self::Session(_) => Way::Session,
            Self::Cookie(_) => Way::Cookie,
            Self::Token(_) => Way::Token,
            Self::Signed(_) => Way::Client,
        }
    }

    pub(super) fn text(&self) -> &str {
        match self {
            Self::Basic(text)
            | Self::Session(text)
            | Self::Cookie(text)
            | Self::Token(text)
            | Self::Signed(text) => text,
        }
    }
}

/// The caller of a request.
///
/// # Errors
///
/// `SignInRequired` without credentials, `InsecureTransport` for such as can be overheard,
/// `SignInFailed` and its kin for such as are wrong.
pub(super) async fn caller(
    request: &HttpRequest,
    site: &Arc<Site>,
    peer: &Peer,
) -> Result<Arc<Caller>> {
    let service = &site.backend.ready()?.service;
    let brought = Brought::of(request, site, peer)?;
    let now = Timestamp::now();
    let is_new = match service.recall(&brought.imprint, now) {
        Recalled::Caller(caller) => return Ok(caller),
        Recalled::Known => false,
        Recalled::Unknown => true,
    };
    let entry = brought.entry(request, site, peer)?;
    if let (true, Some((name, _))) = (is_new, &entry.pair) {
        site.sign_in_limits().check(peer.address, name)?;
    }
    let way = entry.way();
    let entered = web::block(move || entry.enter(now));
    let entered = entered
        .await
        .map_err(|_| Problem::new(Code::Internal, "the sign-in ended without an answer"))?;
    // Attempts with passwords were counted before.
    if way != Way::Basic
        && let Err(problem) = &entered
        && matches!(problem.code(), Code::SignInFailed | Code::SignInRefused)
    {
        site.sign_in_limits().count_failed(peer.address)?;
    }
    entered
}

/// The way in of one request, by which its caller is looked for again while it is answered: what
/// takes long must not act with the rights that its caller had when it began.
#[derive(Clone, Copy)]
pub(super) struct Entrance<'a> {
    pub(super) request: &'a HttpRequest,
    pub(super) site: &'a Arc<Site>,
    pub(super) peer: &'a Peer,
}

impl Entrance<'_> {
    /// The caller as of now: from memory where that is fresh, else as another request with the same
    /// credentials would be known.
    ///
    /// # Errors
    ///
    /// As [`caller`].
    pub(super) async fn caller(self) -> Result<Arc<Caller>> {
        caller(self.request, self.site, self.peer).await
    }
}

impl std::fmt::Debug for Entrance<'_> {
    /// Without the credentials of the request.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entrance").finish_non_exhaustive()
    }
}

/// Finds the caller of a request again and again, as long as its answer lasts: from memory where
/// that is fresh, else as another request with the same credentials would.
///
/// # Errors
///
/// As [`caller`].
pub(super) fn again(request: &HttpRequest, site: &Arc<Site>, peer: &Peer) -> Result<Renew> {
    let entry = Brought::of(request, site, peer)?.entry(request, site, peer)?;
    Ok(Arc::new(move || {
        let now = Timestamp::now();
        match entry.service.recall(&entry.brought.imprint, now) {
            Recalled::Caller(caller) => Ok(caller),
            Recalled::Known | Recalled::Unknown => entry.enter(now),
        }
    }))
}

/// Sees that a change with the cookie was meant by a page of ours: browsers send the cookie along
/// whoever asks.
///
/// # Errors
///
/// `CsrfTokenRequired`.
pub(super) fn check_csrf(caller: &Caller, token: Option<&str>, site: &Site) -> Result<()> {
    let Some(identity) = caller.identity().filter(|i| i.way == Way::Cookie) else {
        return Ok(());
    };
    let service = &site.backend.ready()?.service;
    let holds = match (identity.session, token) {
        (Some(session), Some(token)) => service.is_csrf_token(session, token, Timestamp::now())?,
        (_, _) => false,
    };
    if holds {
        return Ok(());
    }
    let message = "a change with the cookie of the pages needs the header `X-CSRF-Token`";
    Err(Problem::new(Code::CsrfTokenRequired, message)
        .about("X-CSRF-Token")
        .help("`GET /api/domain/session` tells its value"))
}

/// The token of a header.
pub(super) fn csrf_header(headers: &HeaderMap) -> Option<&str> {
    headers.get(CSRF).and_then(|token| token.to_str().ok())
}

/// Sees that credentials may travel this way.
///
/// # Errors
///
/// `InsecureTransport`.
pub(super) fn see_secure(peer: &Peer) -> Result<()> {
    if peer.secure {
        return Ok(());
    }
    let message = "credentials are taken over TLS only, or on the machine itself";
    Err(Problem::new(Code::InsecureTransport, message)
        .help("ask by `https://`; what was sent may have been overheard: change it"))
}

/// The Windows account that a trusted proxy names. Nobody else is believed.
pub(super) fn windows_user(request: &HttpRequest, site: &Site) -> Option<String> {
    let from = request.peer_addr()?.ip().to_canonical();
    let trusted = &site.options.transport.trusted_proxies;
    if !trusted.iter().any(|net| net.contains(&from)) {
        return None;
    }
    let mut lines = request.headers().get_all(WINDOWS_USER);
    let user = lines.next()?.to_str().ok()?.to_owned();
    lines.next().is_none().then_some(user)
}

/// The name of a header with a credential, as people write it.
fn title(name: &HeaderName) -> &'static str {
    if name == X_API_KEY {
        "X-Api-Key"
    } else if name == API_KEY {
        "Api-Key"
    } else {
        "Authorization"
    }
}

/// The reference token of a header of its own.
fn api_key(name: &HeaderName, line: &HeaderValue) -> Result<Given> {
    let text = line.to_str().unwrap_or_default().trim();
    if text.is_empty() || text.contains([' ', ',']) {
        let name = title(name);
        let message = format!("`{name}` holds one token");
        return Err(Problem::new(Code::InvalidHeader, message).about(name));
    }
    Ok(Given::Token(text.to_owned()))
}

/// Login and password of HTTP Basic (RFC 7617, which has no control characters in them).
pub(super) fn basic(text: &str) -> Result<(String, String)> {
    let refused = || {
        let message = "the credential of `Basic` is no Base64 of `login:password` in UTF-8";
        Problem::new(Code::InvalidHeader, message).about("Authorization")
    };
    let bytes = STANDARD.decode(text).map_err(|_| refused())?;
    let text = String::from_utf8(bytes).map_err(|_| refused())?;
    let pair = text.split_once(':').filter(|_| !text.contains('\0'));
    let (login, password) = pair.ok_or_else(refused)?;
    Ok((login.to_owned(), password.to_owned()))
}

/// The name of the cookie.
pub(super) fn cookie_name(peer: &Peer) -> &'static str {
    if peer.https {
        SECURE_COOKIE
    } else {
        PLAIN_COOKIE
    }
}

/// The value of the cookie of the pages.
fn cookie(headers: &HeaderMap, peer: &Peer) -> Option<String> {
    let name = cookie_name(peer);
    let lines = headers
        .get_all(COOKIE)
        .filter_map(|line| line.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';'));
    pairs.find_map(|pair| {
        let (given, value) = pair.trim().split_once('=')?;
        (given == name && !value.is_empty()).then(|| value.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn given(lines: &[(&'static str, &str)], https: bool) -> Result<Option<Given>> {
        let request = lines
            .iter()
            .fold(TestRequest::default(), |request, line| {
                request.append_header(*line)
            })
            .to_http_request();
        let peer = Peer {
            address: std::net::Ipv4Addr::LOCALHOST.into(),
            secure: true,
            https,
            host: None,
        };
        Given::of(request.headers(), &peer)
    }

    #[test]
    fn one_credential_is_found() {
        let text = |text: &str| text.to_owned();
        for (lines, https, expected) in [
            (&[][..], false, None),
            (
                &[("Authorization", "Basic YTpi")],
                false,
                Some(Given::Basic(text("YTpi"))),
            ),
            (
                &[("Authorization", "basic  YTpi ")],
                false,
                Some(Given::Basic(text("YTpi"))),
            ),
            (
                &[("Authorization", "ErpSession 1.2")],
                false,
                Some(Given::Session(text("1.2"))),
            ),
            (
                &[("Cookie", "a=b; userdex=x")],
                false,
                Some(Given::Cookie(text("x"))),
            ),
            (&[("Cookie", "userdex=x")], true, None),
            (&[("Cookie", "__Host-userdex=x")], false, None),
            (
                &[("Cookie", "__Host-userdex=x")],
                true,
                Some(Given::Cookie(text("x"))),
            ),
            (&[("Cookie", "userdex=")], false, None),
            (
                &[("Authorization", "Bearer enrt_x")],
                false,
                Some(Given::Token(text("enrt_x"))),
            ),
            (
                &[("X-Api-Key", "enrt_x"), ("Cookie", "userdex=x")],
                false,
                Some(Given::Token(text("enrt_x"))),
            ),
            (
                &[("Api-Key", " enrt_x ")],
                false,
                Some(Given::Token(text("enrt_x"))),
            ),
            (
                &[("Authorization", "Bearer a.b.c")],
                false,
                Some(Given::Signed(text("a.b.c"))),
            ),
            (
                &[("Authorization", "ErpSession 1"), ("Cookie", "userdex=x")],
                false,
                Some(Given::Session(text("1"))),
            ),
        ] {
            assert_eq!(given(lines, https).unwrap(), expected, "{lines:?}");
        }
    }

    #[test]
    fn more_than_one_credential_is_refused() {
        for lines in [
            &[
                ("Authorization", "Basic YTpi"),
                ("Authorization", "ErpSession 1"),
            ][..],
            &[("Authorization", "Basic YTpi, ErpSession 1")],
            &[("Authorization", "Basic YTpi ErpSession 1")],
            &[("Authorization", "Digest x")],
            &[("Authorization", "Bearer enrt_x"), ("X-Api-Key", "enrt_x")],
            &[("X-Api-Key", "enrt_x"), ("Api-Key", "enrt_x")],
            &[("Api-Key", "enrt_x"), ("Api-Key", "enrt_x")],
            &[("Authorization", "Basic YTpi"), ("Api-Key", "enrt_x")],
            &[("Authorization", "Bearer enrt_x, Basic YTpi")],
            &[("Api-Key", "")],
            &[("X-Api-Key", "a b")],
            &[("Authorization", "Basic")],
            &[("Authorization", "")],
        ] {
            let problem = given(lines, false).unwrap_err();
            assert_eq!(problem.code(), Code::InvalidHeader, "{lines:?}");
            assert!(!problem.to_string().contains("YTpi"));
        }
    }

    #[test]
    fn basic_is_login_and_password() {
        let pair = |login: &str, password: &str| Some((login.to_owned(), password.to_owned()));
        for (text, expected) in [
            ("YW5uOng6eQ==", pair("ann", "x:y")),
            ("YW5uOg==", pair("ann", "")),
            ("YW5u", None),
            ("!", None),
            ("/zr/", None),
        ] {
            assert_eq!(basic(text).ok(), expected, "{text}");
        }
    }
}
