//! A database full of markers, and a server over it.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value as Json, json};
use userdex::http::openapi;
use userdex::model::EntityId;
use userdex::value::Timestamp;

use crate::callers::{self, Caller};
use crate::needles::Needles;
use crate::secrets::{CONTROL, MARKER, secrets, stored};
use crate::support::http::Request;
use crate::support::payloads::{Payloads, open_entities, writable};
use crate::support::server::{Kind, Server, USERS, key, options, settings};

pub(crate) const APPLICATIONS: &str = "Systems_Security_TrustedApplications";
pub(crate) const TOKENS: &str = "Systems_Security_AccessTokens";

/// Where the crawl takes place.
pub(crate) struct Stage {
    pub(crate) server: Server,
    pub(crate) callers: Vec<Caller>,
    /// What may not come back.
    pub(crate) needles: Needles,
    /// An object of each entity, one with secrets where it has any.
    pub(crate) objects: BTreeMap<String, String>,
    /// A user who is there to be written to.
    pub(crate) vault: String,
}

/// The password of everybody.
pub(crate) fn password() -> String {
    format!("{MARKER} pass word")
}

/// The secret of the application.
pub(crate) fn client_secret() -> String {
    format!("{MARKER}-client")
}

impl Stage {
    pub(crate) fn new(kind: Kind) -> Self {
        let server = server(kind);
        server.service.ship_rights(Timestamp::now()).unwrap();
        let mut needles = Needles::default();
        needles.text("a marker", MARKER);
        let vault = vault(&server, &mut needles);
        let mut objects = objects(&server);
        objects.insert(USERS.to_owned(), vault.clone());
        repeatable(&server).expect(201);
        let callers = callers::all(&server, &mut needles);
        plant(&server, &mut objects, &vault);
        stored(&server, &mut needles);
        Self {
            server,
            callers,
            needles,
            objects,
            vault,
        }
    }

    /// An object of an entity; one that is not there for entities without any.
    pub(crate) fn object(&self, id: EntityId) -> String {
        let set = &self.server.model.entity(id).set;
        let known = self.objects.get(set).cloned();
        known.unwrap_or_else(|| format!("{set}(9da64839-a8d0-491d-aebb-4d18fa42b014)"))
    }
}

/// A server that keeps as much history as it can, with the documents that it has in earnest.
fn server(kind: Kind) -> Server {
    let mut settings = settings();
    let model = crate::support::server::model();
    for (_, entity) in model.entities() {
        if let Some(track) = &entity.track {
            settings.writes.track.insert(entity.name.clone(), track.max);
        }
    }
    settings.sign_in.fresh_for = Duration::from_millis(500);
    // Wrong passwords are among what is sent, and their senders have to come in afterwards.
    settings.sign_in.max_failed = 0;
    let mut options = options();
    options.open_metrics = false;
    options.server_timing = true;
    let document = openapi::document(&model, "/").unwrap();
    kind.start_with(settings, options, document).unwrap()
}

/// A user with a second factor, of whom everything secret is replaced by markers.
fn vault(server: &Server, needles: &mut Needles) -> String {
    let body =
        json!({"Notes": CONTROL, "CompanyName": CONTROL, "@ext.initialPassword": password()});
    let vault = server.user_with("vault", body);
    let user = key(&vault).parse().unwrap();
    let enrolled = server
        .service
        .enrol_second_factor(user, "vault", Timestamp::now());
    let enrolled = enrolled.unwrap();
    needles.text("the secret of a second factor", enrolled.secret.as_text());
    for code in &enrolled.recovery {
        needles.text("a recovery code", code.as_text());
    }
    vault
}

/// An object of every entity that clients can make, changed once, so that it has a history.
fn objects(server: &Server) -> BTreeMap<String, String> {
    let payloads = Payloads::new(server);
    let mut objects = BTreeMap::new();
    for id in open_entities(&server.model) {
        let entity = server.model.entity(id);
        let closed = writable(&server.model, id).into_iter().filter(|a| a.secret);
        let closed: Vec<&str> = closed.map(|a| a.name.as_str()).collect();
        let mut body = payloads.object(id, true, None);
        for name in &closed {
            body[*name] = json!(format!("{MARKER}-first"));
        }
        let object = server.create(&entity.set, &body);
        for name in closed {
            server.change(&object, &json!({ name: format!("{MARKER}-second") }));
        }
        objects.insert(entity.set.clone(), object);
    }
    objects
}

/// A creation that may be sent again, with a secret inside.
pub(crate) fn repeatable(server: &Server) -> Request {
    let body = json!({"Code": "again", "Name": {"EN": CONTROL}, "RepositoryName": "x",
                      "URL": "https://example.org", "Headers": format!("{MARKER}-again")});
    let request = server.post("Systems_Config_WebHooks", &body);
    request.repeatable("again").prefer("return=representation")
}

/// Puts a marker into every secret attribute, and finds an object of every other entity.
fn plant(server: &Server, objects: &mut BTreeMap<String, String>, vault: &str) {
    let token = server.post(&format!("{vault}/Ext.IssueToken"), &json!({}));
    let token = token.expect(200).json();
    let token = format!("{TOKENS}({})", token["id"].as_str().unwrap());
    objects.insert(TOKENS.to_owned(), token);
    for (number, secret) in secrets(&server.model).into_iter().enumerate() {
        let object = objects.get(&secret.of.set);
        let object = object.unwrap_or_else(|| panic!("no object of {}", secret.of.name));
        secret.plant(server, object, number);
    }
    for (_, entity) in server.model.entities() {
        let rows = server.rows(&format!("{}?$top=1&$select=Id", entity.set));
        if let Some(Json::String(key)) = rows.first().map(|row| &row["Id"]) {
            let set = &entity.set;
            let found = || format!("{set}({key})");
            objects.entry(set.clone()).or_insert_with(found);
        }
    }
}
