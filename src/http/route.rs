//! The map of addresses.

/// What an address leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Route<'a> {
    /// The OData service: the raw path below its root.
    OData(&'a str),
    /// Batches of requests to it.
    Batch,
    /// The shipped model, or one entity set of it: what follows the address.
    StandardModel(&'a str),
    /// The model of this installation, likewise.
    CurrentModel(&'a str),
    /// The OpenAPI document.
    OpenApi,
    /// `/api/docs` without its slash: relative links need it.
    DocsWithoutSlash,
    /// A file of the Swagger UI.
    Docs(&'a str),
    /// The process runs.
    Live,
    /// The database answers.
    Ready,
    /// Prometheus text.
    Metrics,
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
    Unknown,
}

/// The path of the OData service root, without the slash at its end.
pub(super) const ODATA: &str = "/api/domain/odata";
/// The path of the OpenAPI document.
pub(super) const OPENAPI: &str = "/api/domain/openapi.json";
/// The path of the Swagger UI, without the slash at its end.
const DOCS: &str = "/api/docs";

impl<'a> Route<'a> {
    /// Finds the route of a raw path.
    pub(super) fn of(path: &'a str) -> Self {
        if let Some(rest) = below(path, ODATA) {
            return if is_batch(rest) {
                Self::Batch
            } else {
                Self::OData(rest)
            };
        }
        if let Some(set) = below(path, "/api/domain/standardmodel") {
            return Self::StandardModel(set);
        }
        if let Some(set) = below(path, "/api/domain/currentmodel") {
            return Self::CurrentModel(set);
        }
        match path {
            OPENAPI => Self::OpenApi,
            DOCS => Self::DocsWithoutSlash,
            "/health/live" => Self::Live,
            "/health/ready" => Self::Ready,
            "/metrics" => Self::Metrics,
            "/api/domain/login" => Self::Login,
            "/api/domain/logout" => Self::Logout,
            "/api/domain/session" => Self::Session,
            "/sign-in" => Self::SignIn,
            "/sign-out" => Self::SignOut,
            "/id/connect/token" => Self::Token,
            "/id/.well-known/openid-configuration" => Self::OpenIdConfiguration,
            "/id/.well-known/openid-configuration/jwks" => Self::JsonWebKeys,
            "/sys/auto-discovery" => Self::AutoDiscovery,
            "/" => Self::Landing,
            other => below(other, DOCS).map_or(Self::Unknown, Self::Docs),
        }
    }

    /// The word that stands for the route in metrics.
    pub(super) const fn class(self) -> &'static str {
        match self {
            Self::OData(_) => "odata",
            Self::Batch => "batch",
            Self::StandardModel(_) | Self::CurrentModel(_) => "model",
            Self::OpenApi => "openapi",
            Self::DocsWithoutSlash | Self::Docs(_) => "docs",
            Self::Live | Self::Ready => "health",
            Self::Metrics => "metrics",
            Self::Login
            | Self::Logout
            | Self::Session
            | Self::SignIn
            | Self::SignOut
            | Self::Token => "sign_in",
            Self::OpenIdConfiguration | Self::JsonWebKeys | Self::AutoDiscovery => "discovery",
            Self::Landing => "landing",
            Self::Unknown => "unknown",
        }
    }
}

/// The methods of addresses that only show something.
const SHOWN: &[&str] = &["GET", "HEAD", "OPTIONS"];
/// The methods of addresses that hold data.
const DATA: &[&str] = &["GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS"];
const SENT: &[&str] = &["POST", "OPTIONS"];
/// The methods of a page with a form.
const FORM: &[&str] = &["GET", "HEAD", "POST", "OPTIONS"];

impl Route<'_> {
    /// Whether everybody is answered there: what describes the service holds nothing of this
    /// installation.
    pub(super) fn is_public(self) -> bool {
        match self {
            Self::OData(path) => is_description(path),
            Self::StandardModel(_)
            | Self::OpenApi
            | Self::DocsWithoutSlash
            | Self::Docs(_)
            | Self::Live
            | Self::Ready
            | Self::Login
            | Self::SignIn
            | Self::Token
            | Self::OpenIdConfiguration
            | Self::JsonWebKeys
            | Self::AutoDiscovery
            | Self::Landing
            | Self::Unknown => true,
            Self::Batch
            | Self::CurrentModel(_)
            | Self::Metrics
            | Self::Logout
            | Self::Session
            | Self::SignOut => false,
        }
    }

    /// The methods that the address takes. Which of them a certain set, entity or property takes
    /// is the service's to say.
    pub(super) fn methods(self) -> &'static [&'static str] {
        match self {
            Self::OData(path) if is_description(path) => SHOWN,
            Self::OData(_) => DATA,
            Self::Batch | Self::Login | Self::Logout | Self::SignOut | Self::Token => SENT,
            Self::SignIn => FORM,
            Self::StandardModel(_)
            | Self::CurrentModel(_)
            | Self::OpenApi
            | Self::DocsWithoutSlash
            | Self::Docs(_)
            | Self::Live
            | Self::Ready
            | Self::Metrics
            | Self::Session
            | Self::OpenIdConfiguration
            | Self::JsonWebKeys
            | Self::AutoDiscovery
            | Self::Landing
            | Self::Unknown => SHOWN,
        }
    }
}

/// Whether a path below the service root is that of the service document or of `$metadata`.
fn is_description(path: &str) -> bool {
    matches!(path.trim_matches('/'), "" | "$metadata" | "%24metadata")
}

/// Whether a path below the service root is the address of batches.
pub(super) fn is_batch(path: &str) -> bool {
    matches!(path.trim_matches('/'), "$batch" | "%24batch")
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
    fn every_address_has_its_route() {
        for (path, route) in [
            ("/api/domain/odata", Route::OData("")),
            ("/api/domain/odata/", Route::OData("")),
            ("/api/domain/odata/$metadata", Route::OData("$metadata")),
            ("/api/domain/odata/A%2FB/", Route::OData("A%2FB/")),
            ("/api/domain/odata/$batch", Route::Batch),
            ("/api/domain/odata/%24batch/", Route::Batch),
            ("/api/domain/odata/$batch/A", Route::OData("$batch/A")),
            ("/api/domain/odatax", Route::Unknown),
            ("/api/domain/openapi.json", Route::OpenApi),
            ("/api/domain/standardmodel", Route::StandardModel("")),
            ("/api/domain/standardmodel/", Route::StandardModel("")),
            ("/api/domain/standardmodel/A", Route::StandardModel("A")),
            ("/api/domain/currentmodel/A", Route::CurrentModel("A")),
            ("/api/domain/currentmodels", Route::Unknown),
            ("/api/docs", Route::DocsWithoutSlash),
            ("/api/docs/", Route::Docs("")),
            ("/api/docs/index.css", Route::Docs("index.css")),
            ("/health/live", Route::Live),
            ("/health/ready", Route::Ready),
            ("/metrics", Route::Metrics),
            ("/api/domain/login", Route::Login),
            ("/api/domain/logout", Route::Logout),
            ("/api/domain/session", Route::Session),
            ("/sign-in", Route::SignIn),
            ("/sign-out", Route::SignOut),
            ("/id/connect/token", Route::Token),
            (
                "/id/.well-known/openid-configuration",
                Route::OpenIdConfiguration,
            ),
            (
                "/id/.well-known/openid-configuration/jwks",
                Route::JsonWebKeys,
            ),
            ("/sys/auto-discovery", Route::AutoDiscovery),
            ("/id/connect", Route::Unknown),
            ("/", Route::Landing),
            ("/health", Route::Unknown),
        ] {
            assert_eq!(Route::of(path), route, "{path}");
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
            ("/api/domain/openapi.json", true),
            ("/api/domain/standardmodel", true),
            ("/api/domain/standardmodel/A", true),
            ("/api/domain/currentmodel", false),
            ("/api/domain/currentmodel/A", false),
            ("/api/docs/", true),
            ("/health/ready", true),
            ("/metrics", false),
            ("/api/domain/login", true),
            ("/api/domain/session", false),
            ("/sign-in", true),
        ] {
            assert_eq!(Route::of(path).is_public(), expected, "{path}");
        }
    }
}
