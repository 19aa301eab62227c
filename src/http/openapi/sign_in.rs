//! The addresses of signing in: sessions, access tokens, and the documents that tell about them.

use utoipa::openapi::content::{Content, ContentBuilder};
use utoipa::openapi::path::{HttpMethod, OperationBuilder, PathItem, PathsBuilder};
use utoipa::openapi::request_body::{RequestBody, RequestBodyBuilder};
use utoipa::openapi::response::{ResponseBuilder, ResponsesBuilder};
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, SchemaType, Type};
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{RefOr, Required, Schema};

use super::paths::start;
use super::schemas::{described, of};
use super::{SERVICE, answers};

/// What a sign-in may be refused with.
pub(super) const SIGN_IN: &[u16] = &[400, 401, 403, 405, 413, 414, 415, 422, 429, 500, 503];
/// What somebody who has signed in may be refused with.
pub(super) const SIGNED_IN: &[u16] = &[400, 401, 403, 405, 414, 429, 500, 503];
/// What a request for a token may be refused with, beside its own 400 and 401.
pub(super) const TOKEN: &[u16] = &[403, 405, 413, 414, 429, 500, 503];
/// What a document may be refused with.
pub(super) const DOCUMENT: &[u16] = &[400, 405, 414, 500, 503];

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

/// Adds the addresses.
pub(super) fn add(paths: PathsBuilder) -> PathsBuilder {
    documents(token(sessions(paths)))
}

/// An operation that nobody signs in for.
fn open(id: &str, summary: &str) -> OperationBuilder {
    start(SERVICE, id, summary).securities(Some([SecurityRequirement::default()]))
}

fn content(schema: impl Into<RefOr<Schema>>) -> Content {
    ContentBuilder::new().schema(Some(schema)).build()
}

fn answer(text: &str, schema: ObjectBuilder) -> ResponseBuilder {
    ResponseBuilder::new()
        .description(text)
        .content(JSON, content(schema))
}

fn body(fields: ObjectBuilder, media: &[&str]) -> RequestBody {
    let fields = Schema::from(fields);
    let body = RequestBodyBuilder::new().required(Some(Required::True));
    let body = media.iter().fold(body, |body, media| {
        body.content(*media, content(fields.clone()))
    });
    body.build()
}

fn texts(fields: &[(&str, &str)]) -> ObjectBuilder {
    fields
        .iter()
        .fold(of(Type::Object), |schema, (name, text)| {
            schema.property(*name, described(Type::String, text))
        })
}

/// A text or null.
fn text_or_null(text: &str) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
        .description(Some(text))
}

fn sessions(paths: PathsBuilder) -> PathsBuilder {
    let fields = texts(&[
        ("user", "The login, perhaps as `domain\\login`."),
        ("pass", "The password."),
        ("code", "A code of the second factor, where there is one."),
        ("newPassword", "A new password, to change it."),
        ("app", "The program that signs in."),
        ("lang", "Means nothing here."),
    ]);
    let fields = fields.required("user").required("pass");
    let session = texts(&[(
        "authorization",
        "`ErpSession <id>`: the header `Authorization` of later requests.",
    )]);
    let good = ResponsesBuilder::new().response("200", answer("The session.", session));
    let login = open(
        "login",
        "Opens a session, or finds that of the same sign-in.",
    )
    .request_body(Some(body(fields, &[JSON, FORM])))
    .responses(answers::refuse(good, SIGN_IN));
    let ended = ResponseBuilder::new().description("The session has ended.");
    let good = ResponsesBuilder::new().response("204", ended);
    let logout = start(SERVICE, "logout", "Ends the session of the request.")
        .responses(answers::refuse(good, SIGNED_IN));
    let who = of(Type::Object)
        .property("login", text_or_null("Who has signed in."))
        .property("way", text_or_null("How."))
        .property("scope", described(Type::String, "What the sign-in allows."))
        .property(
            "csrf",
            text_or_null("The header `X-CSRF-Token` of changes with the cookie of the pages."),
        );
    let good = ResponsesBuilder::new().response("200", answer("The sign-in.", who));
    let session = start(SERVICE, "session", "Tells who has signed in.")
        .responses(answers::refuse(good, SIGNED_IN));
    let item = |method, operation: OperationBuilder| PathItem::new(method, operation.build());
    paths
        .path("/api/domain/login", item(HttpMethod::Post, login))
        .path("/api/domain/logout", item(HttpMethod::Post, logout))
        .path("/api/domain/session", item(HttpMethod::Get, session))
}

fn token(paths: PathsBuilder) -> PathsBuilder {
    let fields = texts(&[
        ("grant_type", "`client_credentials`."),
        ("client_id", "The `ApplicationUri`, here or in HTTP Basic."),
        ("client_secret", "Its secret, here or in HTTP Basic."),
        (
            "scope",
            "What is asked for; everything where it is left out.",
        ),
    ]);
    let token = texts(&[
        ("access_token", "The token."),
        ("token_type", "`Bearer`."),
        ("scope", "What it allows."),
    ]);
    let token = token.property(
        "expires_in",
        described(Type::Integer, "Seconds that it lives."),
    );
    let refusal = |words: &[&str]| {
        let error = described(Type::String, "The kind of fault (RFC 6749, 5.2).");
        of(Type::Object)
            .property("error", error.enum_values(Some(words.iter().copied())))
            .property(
                "error_description",
                described(Type::String, "What is wrong."),
            )
            .required("error")
    };
    let request = [
        "invalid_request",
        "unauthorized_client",
        "invalid_grant",
        "unsupported_grant_type",
        "invalid_scope",
    ];
    let good = ResponsesBuilder::new()
        .response("200", answer("The token.", token))
        .response("400", answer("There is no token.", refusal(&request)))
        .response(
            "401",
            answer(
                "The client is not known, or its secret is wrong.",
                refusal(&["invalid_client"]),
            ),
        );
    let ask = open("token", "Gives an application an access token.")
        .request_body(Some(body(fields.required("grant_type"), &[FORM])))
        .responses(answers::refuse(good, TOKEN));
    paths.path(
        "/id/connect/token",
        PathItem::new(HttpMethod::Post, ask.build()),
    )
}

fn documents(paths: PathsBuilder) -> PathsBuilder {
    let list = |item: ObjectBuilder| ArrayBuilder::new().items(item);
    let configuration = texts(&[
        ("issuer", "The `iss` of tokens."),
        ("token_endpoint", "Where tokens are asked for."),
        ("jwks_uri", "Where the public keys are."),
    ]);
    let keys = texts(&[
        ("kty", "The kind of key."),
        ("use", "What it is for."),
        ("alg", "Its algorithm."),
        ("kid", "Its id."),
        ("n", "The modulus."),
        ("e", "The exponent."),
    ]);
    let keys = of(Type::Object).property("keys", list(keys));
    let discovery =
        texts(&[("Host", "The name of the host.")]).property("WebSites", list(of(Type::Object)));
    let documents = [
        (
            "/id/.well-known/openid-configuration",
            "openid_configuration",
            "Tells clients where and how they get tokens.",
            configuration,
        ),
        (
            "/id/.well-known/openid-configuration/jwks",
            "jwks",
            "Gives the public keys of access tokens.",
            keys,
        ),
        (
            "/sys/auto-discovery",
            "auto_discovery",
            "Tells which parts the service has, and where.",
            discovery,
        ),
    ];
    documents
        .into_iter()
        .fold(paths, |paths, (path, id, summary, schema)| {
            let good = ResponsesBuilder::new().response("200", answer("The document.", schema));
            let read = open(id, summary).responses(answers::refuse(good, DOCUMENT));
            paths.path(path, PathItem::new(HttpMethod::Get, read.build()))
        })
}
