//! The OpenAPI 3.1 document, made from the model.
//!
//! What it says holds for every address that the service answers; the order is fixed, so the same
//! model always gives the same bytes.

mod answers;
mod bodies;
mod changes;
mod events;
mod functions;
mod own;
mod parameters;
mod paths;
mod schemas;
mod sign_in;

#[cfg(test)]
mod tests;

use utoipa::openapi::info::{InfoBuilder, LicenseBuilder};
use utoipa::openapi::path::PathsBuilder;
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::server::Server;
use utoipa::openapi::tag::{Tag, TagBuilder};
use utoipa::openapi::{Components, OpenApi, OpenApiBuilder};

use crate::diag::{Code, Problem, Result};
use crate::model::Model;
use crate::service::offers;

/// The tag of addresses that belong to no set.
const SERVICE: &str = "Service";
/// The names of the ways in.
const BASIC: &str = "basic";
const SESSION: &str = "session";
const TOKEN: &str = "token";
const API_KEY: &str = "apiKey";

/// The document as pretty JSON, with a line break at its end.
///
/// `server` is the address that all paths are below, such as `/`.
///
/// # Errors
///
/// `Internal` when the document cannot be written, which a valid model never causes.
pub fn document(model: &Model, server: &str) -> Result<String> {
    let text = build(model, server).to_pretty_json().map_err(|error| {
        let message = "the OpenAPI document cannot be written";
        Problem::new(Code::Internal, message).log(error.to_string())
    })?;
    Ok(text + "\n")
}

fn build(model: &Model, server: &str) -> OpenApi {
    let info = InfoBuilder::new()
        .title("Userdex")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "OData V4.01 over a user directory. Every attribute declares its filters; a \
             filter that is not declared is refused with `FilterNotDeclared`. Keys may also stand \
             as a segment of their own: `…/Systems_Security_Users/{id}`.",
        ))
        .license(Some(
            LicenseBuilder::new()
                .name("MIT OR Apache-2.0")
                .identifier(Some("MIT OR Apache-2.0"))
                .build(),
        ));
    let mut components = Components::new();
    schemas::add(model, &mut components);
    bodies::add(model, &mut components, offers());
    parameters::add(model, &mut components);
    answers::add(&mut components);
    functions::schemas(&mut components);
    ways_in(&mut components);
    OpenApiBuilder::new()
        .info(info.build())
        .servers(Some([Server::new(server)]))
        .security(Some([
            SecurityRequirement::new::<_, _, &str>(BASIC, []),
            SecurityRequirement::new::<_, _, &str>(SESSION, []),
            SecurityRequirement::new::<_, _, &str>(TOKEN, []),
            SecurityRequirement::new::<_, _, &str>(API_KEY, []),
            // Documents about the service are for everybody.
            SecurityRequirement::default(),
        ]))
        .tags(Some(tags(model)))
        .paths(all_paths(model).build())
        .components(Some(components))
        .build()
}

/// Every address.
fn all_paths(model: &Model) -> PathsBuilder {
    let paths = changes::add(model, paths::all(model), offers());
    let paths = own::add(model, paths, offers());
    events::add(sign_in::add(functions::add(model, paths, offers())))
}

/// How callers sign in.
fn ways_in(components: &mut Components) {
    let basic = HttpBuilder::new()
        .scheme(HttpAuthScheme::Basic)
        .description(Some("For users with `BasicAuthenticationAllowed`."))
        .build();
    components.add_security_scheme(BASIC, SecurityScheme::Http(basic));
    let session = ApiKeyValue::with_description(
        "Authorization",
        "`ErpSession <id>`, as `POST /api/domain/login` answers it.",
    );
    components.add_security_scheme(SESSION, SecurityScheme::ApiKey(ApiKey::Header(session)));
    let token = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some(
            "A reference token (`enrt_…`), or an access token of `POST /id/connect/token`.",
        ))
        .build();
    components.add_security_scheme(TOKEN, SecurityScheme::Http(token));
    let key = ApiKeyValue::with_description("X-Api-Key", "A reference token (`enrt_…`).");
    components.add_security_scheme(API_KEY, SecurityScheme::ApiKey(ApiKey::Header(key)));
}

fn tags(model: &Model) -> Vec<Tag> {
    let tag = |name: &str, text: &str| TagBuilder::new().name(name).description(Some(text)).build();
    let mut sets: Vec<_> = model.entities().map(|(_, entity)| entity).collect();
    sets.sort_by(|a, b| a.set.cmp(&b.set));
    std::iter::once(tag(
        SERVICE,
        "Documents about the service, health and metrics.",
    ))
    .chain(
        sets.into_iter()
            .map(|entity| tag(&entity.set, &entity.text.en)),
    )
    .collect()
}
