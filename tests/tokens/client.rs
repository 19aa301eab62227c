//! Client credentials, access tokens, and tokens of other issuers, with a clock of the test.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value as Json, json};
use userdex::access::{
    AccessClaims, Issuer, IssuerSettings, Issuers, KeyRecord, KeyRing, KeySource, Purpose,
    SignatureAlgorithm, issue_access_token,
};
use userdex::diag::Result;
use userdex::service::{ClientFault, ClientRequest, ClientToken, Service, Verb, Way};
use userdex::value::Timestamp;
use uuid::Uuid;

use crate::at::{code, millis, minutes, on_each, other, path, seconds, start, user, write};
use crate::kit::{APPLICATIONS, SITE, application, by_signed, system_user};
use crate::support::world::{World, quick_settings};

const SECRET: &str = "a secret of an application";

/// An application that may act as a system user; the application and the user.
fn client(world: &World) -> (Uuid, Uuid) {
    let robot = user(
        world,
        "robot",
        &json!({"UserType": "ApplicationUserNoLogin", "@ext.initialPassword": null}),
    );
    let key = application(
        world,
        "app:client",
        &json!({
            "SystemUserAllowed": true,
            "SystemUser": system_user(robot),
            "Scope": "read update",
        }),
    );
    set_secret(world, key);
    (key, robot)
}

fn set_secret(world: &World, application: Uuid) {
    let target = format!("{APPLICATIONS}({application})/Ext.SetSecret");
    let body = json!({"secret": SECRET});
    write(&world.service, Verb::Post, &target, &body).unwrap();
}

fn request<'a>(secret: &'a str, scope: Option<&'a str>, now: Timestamp) -> ClientRequest<'a> {
    ClientRequest {
        grant_type: Some("client_credentials"),
        client_id: Some("app:client"),
        client_secret: Some(secret),
        scope,
        site: SITE,
        now,
    }
}

/// A change of a good request.
type Change = fn(&mut ClientRequest<'_>);

fn error(outcome: Result<ClientToken, ClientFault>) -> &'static str {
    match outcome {
        Ok(_) => "",
        Err(fault) => fault.words().unwrap().0,
    }
}

fn get(service: &Service, now: Timestamp) -> ClientToken {
    service.client_token(&request(SECRET, None, now)).unwrap()
}

#[test]
fn a_client_gets_a_token_that_signs_in() {
    on_each(|world| {
        let (_, robot) = client(world);
        let made = get(&world.service, start());
        assert_eq!(
            (made.expires_in, made.scope.as_str()),
            (3600, "read update")
        );
        let caller = by_signed(&world.service, &made.token, start()).unwrap();
        let identity = caller.identity().unwrap();
        assert_eq!((identity.user, identity.way), (robot, Way::Client));
        assert_eq!(identity.application.as_deref(), Some("app:client"));
        assert!(identity.session.is_some());
        // Another server knows it too, and so does a clock of the same hour.
        let service = other(world, quick_settings());
        assert_eq!(code(&by_signed(&service, &made.token, minutes(59))), "");
        let late = by_signed(&service, &made.token, minutes(61));
        assert_eq!(code(&late), "SignInFailed");
        let token = &made.token;
        let (head, rest) = token.split_once('.').unwrap();
        let (claims, signature) = rest.split_once('.').unwrap();
        for wrong in [
            format!("{head}.{claims}."),
            format!("{head}.{claims}"),
            format!("{head}.{}.{signature}", claims.get(1..).unwrap()),
            format!("{}.{claims}.{signature}", head.get(1..).unwrap()),
            "a.b.c".to_owned(),
        ] {
            let found = by_signed(&world.service, &wrong, start());
            assert_eq!(code(&found), "SignInFailed", "{wrong}");
        }
        let credential = userdex::service::Credential::Signed {
            token,
            site: "https://other.example",
        };
        let imprint = world.service.imprint(Way::Client, "elsewhere");
        let found = world.service.enter(imprint, credential, None, start());
        assert_eq!(code(&found), "SignInFailed");
        assert!(!world.dump().iter().any(|line| line.contains(SECRET)));
    });
}

#[test]
fn each_refusal_has_its_word() {
    on_each(|world| {
        let (key, robot) = client(world);
        let ask = |change: fn(&mut ClientRequest<'_>)| {
            let mut request = request(SECRET, None, start());
            change(&mut request);
            error(world.service.client_token(&request))
        };
        let table: [(Change, &str); 13] = [
            (|_| {}, ""),
            (|r| r.grant_type = None, "invalid_request"),
            (|r| r.grant_type = Some(""), "invalid_request"),
            (|r| r.client_id = None, "invalid_request"),
            (|r| r.client_secret = None, "invalid_request"),
            (
                |r| r.grant_type = Some("password"),
                "unsupported_grant_type",
            ),
            (
                |r| r.grant_type = Some("refresh_token"),
                "unsupported_grant_type",
            ),
            (|r| r.client_id = Some("app:nobody"), "invalid_client"),
            (|r| r.client_id = Some("app:client\0"), "invalid_client"),
            (|r| r.client_secret = Some("wrong"), "invalid_client"),
            (|r| r.client_secret = Some(""), "invalid_client"),
            (|r| r.scope = Some("sec"), "invalid_scope"),
            (|r| r.scope = Some("everything"), "invalid_scope"),
        ];
        for (number, (change, expected)) in table.into_iter().enumerate() {
            assert_eq!(ask(change), expected, "{number}");
        }
        let target = format!("{APPLICATIONS}({key})");
        for (change, back, expected) in [
            (
                json!({"IsEnabled": false}),
                json!({"IsEnabled": true}),
                "unauthorized_client",
            ),
            (
                json!({"ClientType": "Public"}),
                json!({"ClientType": "Confidential"}),
                "unauthorized_client",
            ),
            (
                json!({"SystemUserAllowed": false}),
                json!({"SystemUserAllowed": true}),
                "unauthorized_client",
            ),
            (
                json!({"SystemUser": null}),
                json!({"SystemUser": system_user(robot)}),
                "invalid_grant",
            ),
            (
                json!({"Scope": null}),
                json!({"Scope": "read"}),
                "invalid_scope",
            ),
        ] {
            let made = get(&world.service, start()).token;
            assert_eq!(code(&by_signed(&world.service, &made, start())), "");
            write(&world.service, Verb::Patch, &target, &change).unwrap();
            assert_eq!(ask(|_| {}), expected, "{change}");
            // A token that is out already follows, unless only its scopes are concerned.
            let found = by_signed(&world.service, &made, millis(1));
            if expected == "invalid_scope" {
                assert_eq!(found.unwrap().scopes().text(), "");
            } else {
                assert_eq!(code(&found), "SignInFailed", "{change}");
            }
            write(&world.service, Verb::Patch, &target, &back).unwrap();
        }
        let made = get(&world.service, start()).token;
        write(
            &world.service,
            Verb::Patch,
            &path(robot),
            &json!({"Active": false}),
        )
        .unwrap();
        assert_eq!(ask(|_| {}), "invalid_grant");
        assert_eq!(
            code(&by_signed(&world.service, &made, millis(1))),
            "SignInFailed"
        );
    });
}

#[test]
fn scopes_are_those_of_the_application_and_the_request() {
    on_each(|world| {
        client(world);
        for (scope, expected) in [
            (None, "read update"),
            (Some("read"), "read"),
            (Some("openid read sec"), "read"),
        ] {
            let made = world.service.client_token(&request(SECRET, scope, start()));
            let made = made.unwrap();
            assert_eq!(made.scope, expected);
            let caller = by_signed(&world.service, &made.token, start()).unwrap();
            assert_eq!(caller.scopes().text(), expected);
        }
    });
}

#[test]
fn the_vendors_form_of_secrets_is_taken() {
    on_each(|world| {
        let (key, _) = client(world);
        let target = format!("{APPLICATIONS}({key})");
        // Base64 of SHA-256 of `s3cret`.
        let body = json!({"ApplicationSecretHash": "HsHCa1DV08WNlYMYGvgHZlX+AHVr9yhZQLo2cPmfy6A="});
        write(&world.service, Verb::Patch, &target, &body).unwrap();
        for (secret, expected) in [
            ("s3cret", ""),
            (SECRET, "invalid_client"),
            (
                "HsHCa1DV08WNlYMYGvgHZlX+AHVr9yhZQLo2cPmfy6A=",
                "invalid_client",
            ),
        ] {
            let made = world.service.client_token(&request(secret, None, start()));
            assert_eq!(error(made), expected, "{secret}");
        }
    });
}

#[test]
fn a_token_of_keys_that_went_is_refused() {
    on_each(|world| {
        let (_, robot) = client(world);
        get(&world.service, start());
        let forged = KeyRecord::generate(Purpose::TokenSigning, &[9; 12], &[9; 64], start());
        let ring = KeyRing::new(vec![forged.unwrap()]).unwrap();
        let claims = AccessClaims {
            iss: format!("{SITE}/id"),
            aud: format!("{SITE}/api"),
            exp: start().micros() / 1_000_000 + 3600,
            nbf: 0,
            iat: 0,
            jti: "1".to_owned(),
            client_id: "app:client".to_owned(),
            scope: "read update sec".to_owned(),
            db: None,
            user: None,
            service: Some(userdex::access::ServiceClaims {
                client_system_user: "robot".to_owned(),
                client_system_user_id: robot.to_string(),
                client_system_user_name: "robot".to_owned(),
                client_system_user_is_admin: true,
            }),
        };
        let token = issue_access_token(&ring, &claims).unwrap();
        assert_eq!(
            code(&by_signed(&world.service, &token, seconds(1))),
            "SignInFailed"
        );
    });
}

/// The keys of an issuer.
#[derive(Debug)]
struct Keys(Vec<u8>);

impl KeySource for Keys {
    fn read(&self) -> Result<Vec<u8>> {
        Ok(self.0.clone())
    }
}

const ISSUER: &str = "https://id.example";

/// An issuer: what signs for it, and the settings of a service that takes its tokens.
pub fn issuer(key_set: impl Fn(&str) -> Box<dyn KeySource>) -> (KeyRing, Issuers) {
    let key = KeyRecord::generate(Purpose::TokenSigning, &[5; 12], &[5; 64], start());
    let ring = KeyRing::new(vec![key.unwrap()]).unwrap();
    let keys = userdex::access::JsonWebKeys::of(&ring, start());
    let keys = serde_json::to_string(&keys).unwrap();
    let settings = IssuerSettings {
        issuer: ISSUER.to_owned(),
        audience: "userdex".to_owned(),
        algorithms: vec![SignatureAlgorithm::named("RS256").unwrap()],
        provider: "GOOGLE".to_owned(),
        key_claim: "sub".to_owned(),
    };
    let issuer = Issuer::new(settings, key_set(&keys));
    (ring, Issuers::new(vec![issuer]))
}

/// A token of that issuer about a subject.
pub fn issued(ring: &KeyRing, subject: &str, now: Timestamp) -> String {
    let now = now.micros() / 1_000_000;
    let claims = AccessClaims {
        iss: ISSUER.to_owned(),
        aud: "userdex".to_owned(),
        exp: now + 600,
        nbf: now,
        iat: now,
        jti: "1".to_owned(),
        client_id: "grid".to_owned(),
        scope: "sec".to_owned(),
        db: None,
        user: Some(userdex::access::UserClaims {
            sub: subject.to_owned(),
            id: "1".to_owned(),
            name: "x".to_owned(),
            email: None,
            user_type: "INT".to_owned(),
            is_admin: true,
        }),
        service: None,
    };
    issue_access_token(ring, &claims).unwrap()
}

/// Gives a user an account at the provider.
pub fn provide(world: &World, user: Uuid, key: &str) {
    let body = json!({"ProviderName": "GOOGLE", "ProviderKey": key,
        "User@odata.bind": path(user)});
    write(
        &world.service,
        Verb::Post,
        "Systems_Security_UserProviderLogins",
        &body,
    )
    .unwrap();
}

#[test]
fn tokens_of_another_issuer_sign_its_users_in() {
    on_each(|world| {
        let (ring, issuers) = issuer(|keys| Box::new(Keys(keys.as_bytes().to_vec())));
        let mut settings = quick_settings();
        settings.issuers = Arc::new(issuers);
        let service = other(world, settings);
        let outside: Json = json!({"UserType": "ExternalCommunityUser", "IsAdmin": false,
            "Email": "e@x.example"});
        let machine = json!({"UserType": "SystemUserNoLogin"});
        for (login, more, expected) in [
            ("ann", json!({}), ""),
            ("eve", outside, ""),
            ("robot", machine, "SignInFailed"),
            ("idle", json!({"Active": false}), "SignInFailed"),
        ] {
            let key = user(world, login, &more);
            provide(world, key, &format!("subject of {login}"));
            let token = issued(&ring, &format!("subject of {login}"), start());
            let found = by_signed(&service, &token, start());
            assert_eq!(code(&found), expected, "{login}");
            let Ok(caller) = found else {
                continue;
            };
            let identity = caller.identity().unwrap();
            assert_eq!((identity.user, identity.way), (key, Way::Issuer));
            // What the token says of scopes and administrators does not count.
            let scopes = if login == "eve" { "" } else { "read update" };
            assert_eq!(identity.scopes.text(), scopes);
            assert_eq!(identity.session.is_some(), login == "ann");
            // Without the setting, nobody comes in.
            assert_eq!(
                code(&by_signed(&world.service, &token, start())),
                "SignInFailed"
            );
            write(
                &world.service,
                Verb::Patch,
                &path(key),
                &json!({"Active": false}),
            )
            .unwrap();
            let later = by_signed(&service, &token, millis(600));
            assert_eq!(code(&later), "SignInFailed", "{login}");
        }
        for subject in ["nobody", "", "SUBJECT OF ann"] {
            let token = issued(&ring, subject, start());
            assert_eq!(code(&by_signed(&service, &token, start())), "SignInFailed");
        }
        let late = issued(&ring, "subject of ann", start());
        assert_eq!(
            code(&by_signed(&service, &late, minutes(12))),
            "SignInFailed"
        );
    });
}

#[test]
fn claims_name_the_database_and_the_system_user() {
    let databases = std::cell::RefCell::new(Vec::new());
    on_each(|world| {
        let (_, robot) = client(world);
        let claims = |service: &Service| {
            let made = service.client_token(&request(SECRET, None, start()));
            let token = made.unwrap().token;
            let part = token.split('.').nth(1).unwrap();
            let bytes = URL_SAFE_NO_PAD.decode(part).unwrap();
            serde_json::from_slice::<Json>(&bytes).unwrap()
        };
        let name = |name: Json| {
            let body = json!({"Name": name});
            write(&world.service, Verb::Patch, &path(robot), &body).unwrap();
        };
        name(json!({"EN": "Robot of the grid", "BG": "Робот"}));
        let found = claims(&world.service);
        assert_eq!(found["client_system_user"], "robot");
        assert_eq!(found["client_system_user_name"], "Robot of the grid");
        assert_eq!(found["client_system_user_id"], robot.to_string());
        name(json!({"EN": null}));
        let only = claims(&world.service);
        assert_eq!(only["client_system_user_name"], "Робот");
        let database = found["db"].as_str().unwrap();
        assert!(Uuid::parse_str(database).is_ok(), "{database}");
        // Every server of the database says the same.
        assert_eq!(claims(&other(world, quick_settings()))["db"], database);
        databases.borrow_mut().push(database.to_owned());
    });
    let mut databases = databases.into_inner();
    let all = databases.len();
    databases.dedup();
    assert_eq!(databases.len(), all, "each database has its own");
}
