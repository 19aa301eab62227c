//! The map of addresses.

/// What an address leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Route<'a> {
    /// The OData service: the raw path below its root.
    OData(&'a str),
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
            return Self::OData(rest);
        }
        match path {
            OPENAPI => Self::OpenApi,
            DOCS => Self::DocsWithoutSlash,
            "/health/live" => Self::Live,
            "/health/ready" => Self::Ready,
            "/metrics" => Self::Metrics,
            "/" => Self::Landing,
            other => below(other, DOCS).map_or(Self::Unknown, Self::Docs),
        }
    }

    /// The word that stands for the route in metrics.
    pub(super) const fn class(self) -> &'static str {
        match self {
            Self::OData(_) => "odata",
            Self::OpenApi => "openapi",
            Self::DocsWithoutSlash | Self::Docs(_) => "docs",
            Self::Live | Self::Ready => "health",
            Self::Metrics => "metrics",
            Self::Landing => "landing",
            Self::Unknown => "unknown",
        }
    }
}

/// What follows `root/` in `path`; empty for the root itself.
fn below<'a>(path: &'a str, root: &str) -> Option<&'a str> {
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
            ("/api/domain/odatax", Route::Unknown),
            ("/api/domain/openapi.json", Route::OpenApi),
            ("/api/docs", Route::DocsWithoutSlash),
            ("/api/docs/", Route::Docs("")),
            ("/api/docs/index.css", Route::Docs("index.css")),
            ("/health/live", Route::Live),
            ("/health/ready", Route::Ready),
            ("/metrics", Route::Metrics),
            ("/", Route::Landing),
            ("/health", Route::Unknown),
        ] {
            assert_eq!(Route::of(path), route, "{path}");
        }
    }
}
