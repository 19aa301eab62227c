//! The map of addresses: one table, from which everything that concerns addresses follows.
//!
//! Matching, methods, who is answered, the words of metrics and what caches may keep are columns of
//! [`ROUTES`]. Tests that look at every address walk it too, so that a new one is never forgotten.

/// An address of the server, or all addresses below one.
#[derive(Debug, PartialEq, Eq)]
pub struct Address {
    /// The path; without a slash at its end where [`Extent::Below`].
    pub path: &'static str,
    /// Which paths are meant.
    pub extent: Extent,
    /// The methods that it takes. Which of them a certain set, entity or property takes is the
    /// service's to say.
    pub methods: &'static [&'static str],
    /// Who is answered.
    pub audience: Audience,
    /// The word that stands for it in metrics.
    pub(super) class: &'static str,
    /// What is there.
    pub(super) place: Place,
}

/// Which paths an address stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// The path itself.
    Exact,
    /// The path as OData writes it: slashes at its end, and `%24` for `$`.
    Lenient,
    /// The path and whatever follows it after a slash.
    Below,
}

/// Who is answered at an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Everybody, with the same: caches may keep it.
    Public,
    /// Everybody: it describes the service or lets callers in, and holds nothing of this
    /// installation.
    Everybody,
    /// Callers that have signed in.
    SignedIn,
}

/// What an address leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// The service document and `$metadata`.
    Description,
    /// Batches of requests to the OData service.
    Batch,
    /// The monitors of asynchronous requests.
    Monitor,
    /// The data of the OData service.
    Data,
    /// The shipped model, or one entity set of it.
    StandardModel,
    /// The model of this installation, likewise.
    CurrentModel,
    /// Reads the definitions of custom properties again.
    Reset,
    /// The OpenAPI document.
    OpenApi,
    /// `/api/docs` without its slash: relative links need it.
    DocsWithoutSlash,
    /// A file of the Swagger UI.
    Docs,
    /// The process runs.
    Live,
    /// The database answers.
    Ready,
    /// Prometheus text.
    Metrics,
    /// Events in real time.
    Events,
    /// Opens a session for programs.
    Login,
    /// Ends it.
    Logout,
    /// Who has signed in.
    Session,
    /// The page to sign in by hand.
    SignIn,
    /// Ends the session of the pages.
    SignOut,
    /// Access tokens for applications.
    Token,
    /// The discovery document of `OpenID` Connect.
    OpenIdConfiguration,
    /// The public keys of access tokens.
    JsonWebKeys,
    /// Which parts the service has.
    AutoDiscovery,
    /// The page with links.
    Landing,
    /// Nothing is there.
    Nowhere,
}

/// The path of the OData service root, without the slash at its end.
pub(super) const ODATA: &str = crate::model::SERVICE_PATH;
/// The path of the OpenAPI document.
pub(super) const OPENAPI: &str = "/api/domain/openapi.json";
/// The path of the stream of events.
pub(super) const EVENTS: &str = "/api/domain/events";
/// The path of the Swagger UI, without the slash at its end.
const DOCS: &str = "/api/docs";

/// The methods of addresses that only show something.
const SHOWN: &[&str] = &["GET", "HEAD", "OPTIONS"];
/// The methods of addresses that hold data.
const DATA: &[&str] = &["GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS"];
/// The methods of the monitors of asynchronous requests.
const WATCHED: &[&str] = &["GET", "HEAD", "DELETE", "OPTIONS"];
const SENT: &[&str] = &["POST", "OPTIONS"];
/// The methods of a page with a form.
const FORM: &[&str] = &["GET", "HEAD", "POST", "OPTIONS"];

/// Every address of the server. The first that fits a path is the one.
#[rustfmt::skip]
pub const ROUTES: &[Address] = {
    use Audience::{Everybody, Public, SignedIn};
    use Extent::{Below, Exact, Lenient};
    &[
        row("/api/domain/odata", Lenient, SHOWN, Everybody, "odata", Place::Description),
        row("/api/domain/odata/$metadata", Lenient, SHOWN, Everybody, "odata", Place::Description),
        row("/api/domain/odata/$batch", Lenient, SENT, SignedIn, "batch", Place::Batch),
        row("/api/domain/odata/$async", Below, WATCHED, SignedIn, "monitor", Place::Monitor),
        row(ODATA, Below, DATA, SignedIn, "odata", Place::Data),
        row("/api/domain/standardmodel", Below, SHOWN, Everybody, "model", Place::StandardModel),
        row("/api/domain/currentmodel", Below, SHOWN, SignedIn, "model", Place::CurrentModel),
        row("/api/domain/reset", Exact, SENT, SignedIn, "model", Place::Reset),
        row(OPENAPI, Exact, SHOWN, Public, "openapi", Place::OpenApi),
        row(DOCS, Exact, SHOWN, Public, "docs", Place::DocsWithoutSlash),
        row(DOCS, Below, SHOWN, Public, "docs", Place::Docs),
        row("/health/live", Exact, SHOWN, Everybody, "health", Place::Live),
        row("/health/ready", Exact, SHOWN, Everybody, "health", Place::Ready),
        row("/metrics", Exact, SHOWN, SignedIn, "metrics", Place::Metrics),
        row(EVENTS, Exact, SHOWN, SignedIn, "events", Place::Events),
        row("/api/domain/login", Exact, SENT, Everybody, "sign_in", Place::Login),
        row("/api/domain/logout", Exact, SENT, SignedIn, "sign_in", Place::Logout),
        row("/api/domain/session", Exact, SHOWN, SignedIn, "sign_in", Place::Session),
        row("/sign-in", Exact, FORM, Everybody, "sign_in", Place::SignIn),
        row("/sign-out", Exact, SENT, SignedIn, "sign_in", Place::SignOut),
        row("/id/connect/token", Exact, SENT, Everybody, "sign_in", Place::Token),
        row("/id/.well-known/openid-configuration", Exact, SHOWN, Everybody, "discovery", Place::OpenIdConfiguration),
        row("/id/.well-known/openid-configuration/jwks", Exact, SHOWN, Everybody, "discovery", Place::JsonWebKeys),
        row("/sys/auto-discovery", Exact, SHOWN, Everybody, "discovery", Place::AutoDiscovery),
        row("/", Exact, SHOWN, Public, "landing", Place::Landing),
        // Whatever else is asked for.
        row("", Below, SHOWN, Everybody, "unknown", Place::Nowhere),
    ]
};

/// What paths lead to that no address fits: such as do not begin with a slash.
static NOWHERE: Address = row(
    "",
    Extent::Below,
    SHOWN,
    Audience::Everybody,
    "unknown",
    Place::Nowhere,
);

const fn row(
    path: &'static str,
    extent: Extent,
    methods: &'static [&'static str],
    audience: Audience,
    class: &'static str,
    place: Place,
) -> Address {
    Address {
        path,
        extent,
        methods,
        audience,
        class,
        place,
    }
}

impl Address {
    /// What follows the address in a path that it stands for; nothing for other paths.
    fn rest<'a>(&self, path: &'a str) -> Option<&'a str> {
        match self.extent {
            Extent::Exact => (path == self.path).then_some(""),
            Extent::Lenient => is_like(path, self.path).then_some(""),
            Extent::Below => below(path, self.path),
        }
    }

    /// Whether a request needs no caller here.
    pub(super) fn is_public(&self) -> bool {
        match self.audience {
            Audience::Public | Audience::Everybody => true,
            Audience::SignedIn => false,
        }
    }

    /// Whether the OData service answers here, with its headers.
    pub(super) fn is_odata(&self) -> bool {
        matches!(
            self.place,
            Place::Description | Place::Data | Place::Batch | Place::Monitor
        )
    }
}

/// The address that a path leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Route<'a> {
    /// The address.
    pub(super) address: &'static Address,
    /// What follows it in the path, as it came; below the service root for all of OData.
    pub(super) rest: &'a str,
}

impl<'a> Route<'a> {
    /// Finds the route of a raw path.
    pub(super) fn of(path: &'a str) -> Self {
        let mut found = ROUTES
            .iter()
            .filter_map(|address| Some((address, address.rest(path)?)));
        let (address, rest) = found.next().unwrap_or((&NOWHERE, path));
        let rest = if address.is_odata() {
            below(path, ODATA).unwrap_or_default()
        } else {
            rest
        };
        Self { address, rest }
    }

    /// Finds the route of a path below the service root.
    pub(super) fn of_odata(rest: &'a str) -> Self {
        let mut found = ROUTES.iter().filter(|address| match address.extent {
            Extent::Exact => false,
            Extent::Lenient => is_tail(rest, address.path),
            Extent::Below => {
                let own = below(address.path, ODATA);
                own.is_some_and(|own| own.is_empty() || below(rest, own).is_some())
            }
        });
        let address = found.next().unwrap_or(&NOWHERE);
        Self { address, rest }
    }
}

/// Whether a path is an address as OData writes it.
fn is_like(path: &str, address: &str) -> bool {
    below(path, ODATA).is_some_and(|rest| is_tail(rest, address))
}

/// Whether what follows the service root in a path is what follows it in an address.
fn is_tail(rest: &str, address: &str) -> bool {
    let wanted = below(address, ODATA).unwrap_or_default();
    let rest = rest.trim_matches('/');
    match (wanted.strip_prefix('$'), rest.strip_prefix("%24")) {
        (Some(wanted), Some(rest)) => wanted == rest,
        (_, _) => wanted == rest,
    }
}

/// Whether a path below the service root is the address of batches.
pub(super) fn is_batch(rest: &str) -> bool {
    Route::of_odata(rest).address.place == Place::Batch
}

/// What follows `root/` in `path`; empty for the root itself.
pub(super) fn below<'a>(path: &'a str, root: &str) -> Option<&'a str> {
    let rest = path.strip_prefix(root)?;
    if rest.is_empty() {
        return Some(rest);
    }
    rest.strip_prefix('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_has_its_route() {
        for (path, place, rest) in [
            ("/api/domain/odata", Place::Description, ""),
            ("/api/domain/odata/", Place::Description, ""),
            (
                "/api/domain/odata/$metadata",
                Place::Description,
                "$metadata",
            ),
            ("/api/domain/odata/A%2FB/", Place::Data, "A%2FB/"),
            ("/api/domain/odata/A/$count", Place::Data, "A/$count"),
            ("/api/domain/odata/$metadata/x", Place::Data, "$metadata/x"),
            ("/api/domain/odata/$batch", Place::Batch, "$batch"),
            ("/api/domain/odata/%24batch/", Place::Batch, "%24batch/"),
            ("/api/domain/odata/$batch/A", Place::Data, "$batch/A"),
            ("/api/domain/odata/$async", Place::Monitor, "$async"),
            ("/api/domain/odata/$async/1", Place::Monitor, "$async/1"),
            ("/api/domain/odata/$asyncs", Place::Data, "$asyncs"),
            ("/api/domain/odatax", Place::Nowhere, "api/domain/odatax"),
            ("/api/domain/standardmodel", Place::StandardModel, ""),
            ("/api/domain/standardmodel/", Place::StandardModel, ""),
            ("/api/domain/standardmodel/A", Place::StandardModel, "A"),
            ("/api/domain/currentmodel/A", Place::CurrentModel, "A"),
            (
                "/api/domain/currentmodels",
                Place::Nowhere,
                "api/domain/currentmodels",
            ),
            ("/api/domain/reset", Place::Reset, ""),
            ("/api/domain/openapi.json", Place::OpenApi, ""),
            ("/api/docs", Place::DocsWithoutSlash, ""),
            ("/api/docs/", Place::Docs, ""),
            ("/api/docs/index.css", Place::Docs, "index.css"),
            ("/health/live", Place::Live, ""),
            ("/health/ready", Place::Ready, ""),
            ("/metrics", Place::Metrics, ""),
            ("/api/domain/events", Place::Events, ""),
            ("/api/domain/login", Place::Login, ""),
            ("/api/domain/logout", Place::Logout, ""),
            ("/api/domain/session", Place::Session, ""),
            ("/sign-in", Place::SignIn, ""),
            ("/sign-out", Place::SignOut, ""),
            ("/id/connect/token", Place::Token, ""),
            (
                "/id/.well-known/openid-configuration",
                Place::OpenIdConfiguration,
                "",
            ),
            (
                "/id/.well-known/openid-configuration/jwks",
                Place::JsonWebKeys,
                "",
            ),
            ("/sys/auto-discovery", Place::AutoDiscovery, ""),
            ("/id/connect", Place::Nowhere, "id/connect"),
            ("/", Place::Landing, ""),
            ("/health", Place::Nowhere, "health"),
            ("*", Place::Nowhere, "*"),
        ] {
            let route = Route::of(path);
            assert_eq!((route.address.place, route.rest), (place, rest), "{path}");
            if let Some(rest) = below(path, ODATA) {
                assert_eq!(Route::of_odata(rest), route, "{path}");
            }
        }
    }

    /// An address behind one that takes its paths would never be reached.
    #[test]
    fn every_address_is_reached() {
        for address in ROUTES {
            let path = match address.extent {
                Extent::Exact | Extent::Lenient => address.path.to_owned(),
                Extent::Below => format!("{}/x", address.path),
            };
            assert_eq!(Route::of(&path).address, address, "{path}");
        }
    }

    #[test]
    fn only_descriptions_are_public() {
        for (path, expected) in [
            ("/", true),
            ("/api/domain/odata", true),
            ("/api/domain/odata/$metadata", true),
            ("/api/domain/odata/$metadata/", true),
            ("/api/domain/odata/$metadata/x", false),
            ("/api/domain/odata/A", false),
            ("/api/domain/odata/A/$count", false),
            ("/api/domain/odata/$batch", false),
            ("/api/domain/odata/$async/1", false),
            ("/api/domain/openapi.json", true),
            ("/api/domain/standardmodel", true),
            ("/api/domain/standardmodel/A", true),
            ("/api/domain/currentmodel", false),
            ("/api/domain/currentmodel/A", false),
            ("/api/domain/reset", false),
            ("/api/docs/", true),
            ("/health/ready", true),
            ("/metrics", false),
            ("/api/domain/events", false),
            ("/api/domain/login", true),
            ("/api/domain/session", false),
            ("/sign-in", true),
        ] {
            assert_eq!(Route::of(path).address.is_public(), expected, "{path}");
        }
    }
}
