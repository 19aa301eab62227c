//! Which methods an address takes: `OPTIONS`, and `Allow` of what is refused.

use actix_web::HttpResponse;
use actix_web::http::Method;
use actix_web::http::header::{ALLOW, HeaderMap, HeaderValue};

use super::Site;
use super::answer::tell_version;
use super::route::{Place, Route};
use crate::diag::{Code, Problem, Result};

/// Refuses methods that nothing at the route takes.
pub(super) fn check(site: &Site, (route, query): (Route<'_>, &str), method: &Method) -> Result<()> {
    if route.address.methods.contains(&method.as_str()) {
        return Ok(());
    }
    let message = format!("this address does not take the method `{method}`");
    let problem = Problem::new(Code::MethodNotAllowed, message);
    Err(match methods_of_data(site, (route, query))? {
        Some(methods) => problem.takes(methods),
        None => problem.help(format!("it takes {}", of_route(route, None))),
    })
}

/// The methods of an address in the OData service, which hang on what is there; nothing for other
/// routes.
fn methods_of_data(site: &Site, (route, query): (Route<'_>, &str)) -> Result<Option<&'static str>> {
    if route.address.place != Place::Data {
        return Ok(None);
    }
    // Until the database is there, the route is all that is known.
    let Ok(opened) = site.backend.ready() else {
        return Ok(None);
    };
    opened.service.methods_at(route.rest, query).map(Some)
}

/// The answer to `OPTIONS`: the methods of an address.
pub(super) fn options(
    site: &Site,
    (route, query): (Route<'_>, &str),
    headers: &HeaderMap,
) -> Result<HttpResponse> {
    let mut answer = HttpResponse::NoContent().finish();
    tell_version(route, headers, answer.headers_mut());
    let promised = of_route(route, None);
    site.cors.promise(headers, answer.headers_mut(), &promised);
    let methods = match methods_of_data(site, (route, query)) {
        Ok(methods) => methods.map_or(promised, str::to_owned),
        // A browser does not tell its page why it may not ask: the request itself does.
        Err(_) if site.cors.is_asked(headers) => return Ok(answer),
        Err(problem) => return Err(problem),
    };
    if let Ok(methods) = HeaderValue::from_str(&methods) {
        answer.headers_mut().insert(ALLOW, methods);
    }
    Ok(answer)
}

/// The methods that a route takes, without one that was refused all the same.
pub(super) fn of_route(route: Route<'_>, refused: Option<&Method>) -> String {
    let taken = route.address.methods.iter().copied();
    let taken = taken.filter(|method| refused.is_none_or(|refused| refused != method));
    taken.collect::<Vec<_>>().join(", ")
}
