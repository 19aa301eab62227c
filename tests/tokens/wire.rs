//! Tokens over HTTP: headers, bodies, statuses, documents.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value as Json, json};
use userdex::access::KeySource;
use userdex::diag::Result;
use userdex::http::Limits;
use userdex::outgoing::Place;
use userdex::value::Timestamp;

use crate::client::{issued, issuer};
use crate::support::http::{Answer, Request};
use crate::support::server::{Kind, Server, USERS, key, options, settings};

crate::on_both!(
    a_token_is_sent_in_one_of_three_ways,
    scopes_and_types_say_what_a_token_does,
    a_token_is_made_in_an_answer_that_nobody_keeps,
    the_token_endpoint_speaks_oauth,
    attempts_at_the_token_endpoint_are_limited,
    the_documents_say_what_is_true,
    an_issuer_publishes_its_keys_in_a_file_or_at_an_address,
);

const TARGET: &str = "/api/domain/odata/Systems_Security_Users?$top=1";
const APPLICATIONS: &str = "Systems_Security_TrustedApplications";

fn nobody(server: &Server, method: &str, target: &str) -> Request {
    Request::new(server.address, method, target).anonymous()
}

/// An administrator with a token; the address of the user and the token.
fn administrator(server: &Server, body: &Json) -> (String, Json) {
    let user = server.user_with("ann", json!({"IsAdmin": true}));
    let made = issue(server, &user, body);
    (user, made)
}

fn issue(server: &Server, user: &str, body: &Json) -> Json {
    let answer = server.post(&format!("{user}/Ext.IssueToken"), body);
    answer.expect(200).json()
}

fn bearer(server: &Server, method: &str, target: &str, token: &str) -> Request {
    nobody(server, method, target).header("Authorization", &format!("Bearer {token}"))
}

fn text(json: &Json) -> &str {
    json.as_str().unwrap()
}

fn a_token_is_sent_in_one_of_three_ways(kind: Kind) {
    let server = kind.server();
    let (_, made) = administrator(&server, &json!({}));
    let token = text(&made["token"]);
    let with = |lines: &[(&str, &str)]| {
        let ask = nobody(&server, "GET", TARGET);
        let ask = lines
            .iter()
            .fold(ask, |ask, (name, value)| ask.header(name, value));
        ask.send()
    };
    let bearer = format!("Bearer {token}");
    for (lines, status) in [
        (&[("Authorization", &*bearer)][..], 200),
        (
            &[("authorization", &bearer.replace("Bearer", "bearer"))],
            200,
        ),
        (&[("X-Api-Key", token)], 200),
        (&[("Api-Key", token)], 200),
        (&[("Authorization", &bearer), ("X-Api-Key", token)], 400),
        (&[("X-Api-Key", token), ("Api-Key", token)], 400),
        (&[("Authorization", "Basic YTpi"), ("Api-Key", token)], 400),
        (&[("Authorization", &format!("{bearer}, {bearer}"))], 400),
        (&[("Authorization", "Bearer enrt_x")], 401),
        (&[("X-Api-Key", "x")], 401),
        (&[("Authorization", &format!("Basic {token}"))], 400),
    ] {
        let answer = with(lines);
        assert_eq!(answer.status, status, "{lines:?} {answer}");
        assert!(!answer.text().contains(token));
    }
    let plain = with(&[("X-Api-Key", token), ("Via", "1.1 x")]);
    assert_eq!(plain.json()["error"]["code"], "InsecureTransport");
    let session = nobody(&server, "GET", "/api/domain/session").header("Api-Key", token);
    let answer = session.expect(200).json();
    assert_eq!(
        (&answer["login"], &answer["way"]),
        (&json!("ann"), &json!("token"))
    );
    // Signed out, the token opens another session.
    let out = nobody(&server, "POST", "/api/domain/logout").header("Api-Key", token);
    out.expect(204);
    assert_eq!(with(&[("Api-Key", token)]).status, 200);
}

fn scopes_and_types_say_what_a_token_does(kind: Kind) {
    let server = kind.server();
    let (user, made) = administrator(&server, &json!({"scopes": "read"}));
    let reads = text(&made["token"]);
    bearer(&server, "GET", TARGET, reads).expect(200);
    let set = format!("/api/domain/odata/{USERS}");
    let post = bearer(&server, "POST", &set, reads).json(&json!({"Login": "x"}));
    assert_eq!(post.expect(403).json()["error"]["code"], "Forbidden");
    let patch = format!("/api/domain/odata/{user}");
    let patch = bearer(&server, "PATCH", &patch, reads).json(&json!({"Notes": "x"}));
    patch.expect(403);
    let audit = "/api/domain/odata/Systems_Monitoring_AuditLogEntries?$top=1";
    bearer(&server, "GET", audit, reads).expect(403);
    let outside = json!({"UserType": "ExternalCommunityUser", "Email": "e@x.example"});
    let outside = server.user_with("eve", outside);
    let made = issue(&server, &outside, &json!({}));
    let identity = text(&made["token"]);
    let groups = "/api/domain/odata/Systems_Security_Groups";
    for (target, status) in [
        (TARGET, 403),
        (groups, 403),
        ("/api/domain/odata/Ext.Me", 403),
    ] {
        bearer(&server, "GET", target, identity).expect(status);
    }
    let session = bearer(&server, "GET", "/api/domain/session", identity);
    assert_eq!(session.expect(200).json()["scope"], "");
}

fn a_token_is_made_in_an_answer_that_nobody_keeps(kind: Kind) {
    let server = kind.server();
    let user = server.user_with("ann", json!({"IsAdmin": true}));
    let target = format!("{user}/Ext.IssueToken");
    let answer = server.post(&target, &json!({"scopes": "read"})).expect(200);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let content = "application/json;odata.metadata=minimal;charset=utf-8";
    assert_eq!(answer.header("content-type"), Some(content));
    let made = answer.json();
    assert!(text(&made["@odata.context"]).ends_with("/$metadata#Ext.IssueTokenResult"));
    bearer(&server, "GET", TARGET, text(&made["token"])).expect(200);
    let tokens = server.count("Systems_Security_AccessTokens");
    let refused = server.post(&target, &json!({}));
    let refused = refused.header("Accept", "application/xml");
    refused.refused(406, "NotAcceptable", "Accept");
    assert_eq!(server.count("Systems_Security_AccessTokens"), tokens);
    let bare = server.post(&target, &json!({}));
    let bare = bare.header("Accept", "application/json;odata.metadata=none");
    assert_eq!(bare.expect(200).json().get("@odata.context"), None);
    let again = server.post(&target, &json!({})).repeatable("7b1a");
    again.refused(400, "InvalidHeader", "Repeatability-Request-ID");
    let metadata = nobody(&server, "GET", "/api/domain/odata/$metadata").expect(200);
    let metadata = metadata.text();
    assert!(
        metadata.contains("<ComplexType Name=\"IssueTokenResult\">"),
        "{metadata}"
    );
    assert!(metadata.contains("<ReturnType Type=\"Ext.IssueTokenResult\""));
    // In a batch too.
    let batch = json!({"requests": [{"id": "1", "method": "post", "url": target, "body": {}}]});
    let answers = server.post("$batch", &batch).expect(200).json();
    let made = &answers["responses"][0];
    assert_eq!(made["status"], 200, "{answers}");
    let token = text(&made["body"]["token"]);
    bearer(&server, "GET", TARGET, token).expect(200);
    let revoke = format!(
        "Systems_Security_AccessTokens({})/Ext.RevokeToken",
        text(&made["body"]["id"])
    );
    server.post(&revoke, &json!({})).expect(204);
    bearer(&server, "GET", TARGET, token).expect(401);
}

/// An application with a system user who is an administrator; its secret.
fn client(server: &Server) -> (String, String) {
    let robot = json!({"UserType": "SystemUserNoLogin", "IsAdmin": true});
    let robot = server.user_with("robot", robot);
    let body = json!({"ApplicationUri": "app:client&co", "Name": "client", "Scope": "read",
        "SystemUserAllowed": true, "SystemUser@odata.bind": robot});
    let application = server.create(APPLICATIONS, &body);
    let made = server.post(&format!("{application}/Ext.SetSecret"), &json!({}));
    let secret = text(&made.expect(200).json()["secret"]).to_owned();
    (robot, secret)
}

fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

fn ask_token(server: &Server, form: &str) -> Request {
    nobody(server, "POST", "/id/connect/token").body("application/x-www-form-urlencoded", form)
}

fn oauth(answer: &Answer) -> (u16, String) {
    assert_eq!(answer.header("cache-control"), Some("no-store"), "{answer}");
    let json = answer.json();
    (
        answer.status,
        json["error"].as_str().unwrap_or_default().to_owned(),
    )
}

fn the_token_endpoint_speaks_oauth(kind: Kind) {
    let server = kind.server();
    let (robot, secret) = client(&server);
    let (id, word) = (encoded("app:client&co"), encoded(&secret));
    let good = format!("grant_type=client_credentials&client_id={id}&client_secret={word}");
    let answer = ask_token(&server, &good).expect(200);
    assert_eq!(oauth(&answer), (200, String::new()));
    let made = answer.json();
    assert_eq!(
        (&made["token_type"], &made["expires_in"]),
        (&json!("Bearer"), &json!(3600))
    );
    assert_eq!(made["scope"], "read");
    let token = text(&made["access_token"]);
    bearer(&server, "GET", TARGET, token).expect(200);
    let set = format!("/api/domain/odata/{USERS}");
    bearer(&server, "POST", &set, token)
        .json(&json!({"Login": "x"}))
        .expect(403);
    let basic = STANDARD.encode(format!("{id}:{word}"));
    let basic = format!("Basic {basic}");
    let grant = "grant_type=client_credentials";
    let by_header = |form: &str| ask_token(&server, form).header("Authorization", &basic);
    by_header(grant).expect(200);
    by_header(&format!("{grant}&client_id={id}")).expect(200);
    for (ask, status, error) in [
        (by_header(&good), 400, "invalid_request"),
        (
            by_header(&format!("{grant}&client_id=other")),
            400,
            "invalid_request",
        ),
        (ask_token(&server, ""), 400, "invalid_request"),
        (ask_token(&server, "%"), 400, "invalid_request"),
        (
            ask_token(&server, &format!("{good}&{grant}")),
            400,
            "invalid_request",
        ),
        (
            ask_token(&server, &good).header("Api-Key", "x"),
            400,
            "invalid_request",
        ),
        (
            nobody(&server, "POST", "/id/connect/token").json(&json!({})),
            400,
            "invalid_request",
        ),
        (
            ask_token(&server, &good.replace("client_credentials", "password")),
            400,
            "unsupported_grant_type",
        ),
        (
            ask_token(&server, &format!("{good}x")),
            401,
            "invalid_client",
        ),
        (
            ask_token(&server, &format!("{good}&scope=update")),
            400,
            "invalid_scope",
        ),
    ] {
        let answer = ask.send();
        assert_eq!(oauth(&answer), (status, error.to_owned()), "{answer}");
        let way = (status == 401).then_some("Basic realm=\"userdex\"");
        assert_eq!(answer.header("www-authenticate"), way);
        assert!(!answer.text().contains(&secret));
    }
    let plain = ask_token(&server, &good).header("Via", "1.1 x").expect(403);
    assert_eq!(plain.json()["error"]["code"], "InsecureTransport");
    nobody(&server, "GET", "/id/connect/token").expect(405);
    server.change(&robot, &json!({"Active": false}));
    bearer(&server, "GET", TARGET, token).expect(401);
    let answer = ask_token(&server, &good).send();
    assert_eq!(oauth(&answer), (400, "invalid_grant".to_owned()));
}

fn attempts_at_the_token_endpoint_are_limited(kind: Kind) {
    let mut options = options();
    options.transport.limits = Limits {
        sign_in_per_address: 0,
        sign_in_per_login: 2,
        ..options.transport.limits
    };
    let server = kind.start(settings(), options).unwrap();
    let form = |id: &str| format!("grant_type=client_credentials&client_id={id}&client_secret=x");
    for status in [401, 401, 429] {
        let answer = ask_token(&server, &form("one")).expect(status);
        assert_eq!(answer.header("retry-after").is_some(), status == 429);
    }
    ask_token(&server, &form("two")).expect(401);
}

/// Every text in a document that is an address.
fn addresses(json: &Json, found: &mut Vec<String>) {
    match json {
        Json::String(text) if text.starts_with("http") => found.push(text.clone()),
        Json::Array(all) => all.iter().for_each(|one| addresses(one, found)),
        Json::Object(all) => all.values().for_each(|one| addresses(one, found)),
        _ => {}
    }
}

fn the_documents_say_what_is_true(kind: Kind) {
    let server = kind.server();
    let (_, secret) = client(&server);
    let get = |target: &str| nobody(&server, "GET", target).expect(200).json();
    let configuration = get("/id/.well-known/openid-configuration");
    let discovery = get("/sys/auto-discovery");
    let sites = discovery["WebSites"].as_array().unwrap();
    let site = |kind: &str| sites.iter().find(|site| site["Type"] == kind).unwrap();
    let root = text(&site("DomainAPI")["AdditionalProperties"]["ODataServiceRoot"]);
    assert_eq!(site("ID")["Url"], configuration["issuer"]);
    assert_eq!(site("DomainAPI")["Status"], "Working");
    assert_eq!(text(&discovery["Host"]), "localhost");
    // The service root is where the service says it is.
    let document = get("/api/domain/odata/");
    assert_eq!(document["@odata.context"], format!("{root}$metadata"));
    // Every address is of this host, and something is there, or below it.
    let mut all = Vec::new();
    addresses(&configuration, &mut all);
    addresses(&discovery, &mut all);
    assert!(all.len() >= 6, "{all:?}");
    for address in &all {
        let target = address.strip_prefix("http://localhost").unwrap();
        let status = nobody(&server, "GET", target).send().status;
        let expected = match target {
            "/id/connect/token" => 405,
            // These only begin others.
            "/id" | "/api" => 404,
            _ => 200,
        };
        assert_eq!(status, expected, "{address}");
    }
    let target = |name: &str| {
        let address = text(&configuration[name]).to_owned();
        address.strip_prefix("http://localhost").unwrap().to_owned()
    };
    // Every way to prove who one is, and every grant.
    let methods = &configuration["token_endpoint_auth_methods_supported"];
    assert_eq!(
        *methods,
        json!(["client_secret_post", "client_secret_basic"])
    );
    assert_eq!(
        configuration["grant_types_supported"],
        json!(["client_credentials"])
    );
    let (id, word) = (encoded("app:client&co"), encoded(&secret));
    let ask = |form: &str| {
        let media = "application/x-www-form-urlencoded";
        nobody(&server, "POST", &target("token_endpoint")).body(media, form)
    };
    let made = ask(&format!(
        "grant_type=client_credentials&client_id={id}&client_secret={word}"
    ));
    let made = made.expect(200).json();
    let basic = format!("Basic {}", STANDARD.encode(format!("{id}:{word}")));
    ask("grant_type=client_credentials")
        .header("Authorization", &basic)
        .expect(200);
    // The token is what the documents say.
    let parts: Vec<Json> = text(&made["access_token"])
        .split('.')
        .take(2)
        .map(|part| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap())
        .collect();
    let (head, claims) = (&parts[0], &parts[1]);
    assert_eq!(claims["iss"], configuration["issuer"]);
    assert_eq!(
        (&head["alg"], &head["typ"]),
        (&json!("RS256"), &json!("at+jwt"))
    );
    let keys = get(&target("jwks_uri"));
    let keys = keys["keys"].as_array().unwrap().clone();
    assert!(
        keys.iter()
            .any(|key| key["kid"] == head["kid"] && key["alg"] == head["alg"])
    );
    assert!(keys.iter().all(|key| key.get("d").is_none()));
    let words = text(&claims["scope"]).split(' ');
    let scopes = configuration["scopes_supported"].as_array().unwrap();
    assert!(words.into_iter().all(|word| scopes.contains(&json!(word))));
    for name in [
        "iss",
        "aud",
        "exp",
        "nbf",
        "iat",
        "jti",
        "client_id",
        "client_system_user",
    ] {
        assert!(claims.get(name).is_some(), "{name}");
    }
}

/// Makes a source of a key set.
type Source<'a> = &'a dyn Fn(&str) -> Box<dyn KeySource>;

#[derive(Debug)]
struct Published(Place);

impl KeySource for Published {
    fn read(&self) -> Result<Vec<u8>> {
        self.0.read()
    }
}

/// Answers every request with a document, until the test ends.
fn publish(document: String) -> String {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for socket in listener.incoming() {
            let mut socket = socket.unwrap();
            let _ = socket.read(&mut [0; 4096]);
            let length = document.len();
            let head =
                format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
            let _ = socket.write_all((head + &document).as_bytes());
        }
    });
    format!("http://{address}/keys")
}

fn an_issuer_publishes_its_keys_in_a_file_or_at_an_address(kind: Kind) {
    let folder = tempfile::tempdir().unwrap();
    let file: PathBuf = folder.path().join("keys.json");
    let by_file = |keys: &str| -> Box<dyn KeySource> {
        std::fs::write(&file, keys).unwrap();
        Box::new(Published(Place::named(file.to_str().unwrap())))
    };
    let by_url = |keys: &str| -> Box<dyn KeySource> {
        Box::new(Published(Place::named(&publish(keys.to_owned()))))
    };
    let sources: [Source<'_>; 2] = [&by_file, &by_url];
    for source in sources {
        let (ring, issuers) = issuer(source);
        let mut settings = settings();
        settings.issuers = Arc::new(issuers);
        let server = kind.server_with(settings);
        let provide = |user: &str, subject: &str| {
            let body = json!({"ProviderName": "GOOGLE", "ProviderKey": subject,
                "User@odata.bind": user});
            server.create("Systems_Security_UserProviderLogins", &body);
        };
        let ann = server.user_with("ann", json!({"IsAdmin": true}));
        provide(&ann, "ann's subject");
        let outside = json!({"UserType": "ExternalCommunityUser", "Email": "e@x.example"});
        let eve = server.user_with("eve", outside);
        provide(&eve, "eve's subject");
        for (subject, status) in [("ann's subject", 200), ("eve's subject", 403), ("x", 401)] {
            let token = issued(&ring, subject, Timestamp::now());
            let answer = bearer(&server, "GET", TARGET, &token).send();
            assert_eq!(answer.status, status, "{subject} {answer}");
            if status == 401 {
                assert_eq!(answer.json()["error"]["code"], "SignInFailed");
                assert!(!answer.text().contains("subject"));
            }
        }
        assert_ne!(key(&ann), key(&eve));
    }
}
