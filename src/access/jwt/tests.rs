//! Access tokens: what is issued is taken, and nothing else.

use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use sha2::Sha256;

use super::*;
use crate::access::{KeyRecord, KeyRing, Purpose};
use crate::value::Timestamp;

const NOW: i64 = 1_800_000_000;
const ISSUER: &str = "https://users.example/id";
const AUDIENCE: &str = "https://users.example/api";

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros(seconds * 1_000_000)
}

/// Two key pairs, made once: that takes a moment.
fn records() -> &'static [KeyRecord; 2] {
    static RECORDS: OnceLock<[KeyRecord; 2]> = OnceLock::new();
    RECORDS.get_or_init(|| {
        [1, 2].map(|seed| {
            let (id, random) = ([seed; 12], [seed; 64]);
            KeyRecord::generate(Purpose::TokenSigning, &id, &random, at(0)).unwrap()
        })
    })
}

fn ring() -> KeyRing {
    KeyRing::new(vec![records()[0].clone()]).unwrap()
}

/// The ring after a rotation at [`NOW`].
fn rotated() -> KeyRing {
    let [mut old, new] = records().clone();
    old.retired = Some(at(NOW));
    KeyRing::new(vec![old, new]).unwrap()
}

fn claims() -> AccessClaims {
    AccessClaims {
        iss: ISSUER.to_owned(),
        aud: AUDIENCE.to_owned(),
        exp: NOW + 3600,
        nbf: NOW,
        iat: NOW,
        jti: "1".to_owned(),
        client_id: "https://app.example".to_owned(),
        scope: "read update".to_owned(),
        db: None,
        user: None,
        service: Some(ServiceClaims {
            client_system_user: "robot".to_owned(),
            client_system_user_id: "7".to_owned(),
            client_system_user_name: "Robot".to_owned(),
            client_system_user_is_admin: false,
        }),
    }
}

fn expected(now: i64) -> Expected<'static> {
    Expected {
        issuer: ISSUER,
        audience: AUDIENCE,
        now: at(now),
    }
}

fn check(token: &str) -> Result<AccessClaims, TokenFault> {
    verify_access_token(&ring(), token, expected(NOW))
}

/// A token with any header and claims, signed by the first key.
fn signed(header: &Json, claims: &Json) -> String {
    let part = |json: &Json| URL_SAFE_NO_PAD.encode(json.to_string());
    let message = format!("{}.{}", part(header), part(claims));
    let ring = ring();
    let signature = ring.signing().unwrap().sign(message.as_bytes()).unwrap();
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn header() -> Json {
    json!({"typ": "at+jwt", "alg": "RS256", "kid": records()[0].id})
}

#[test]
fn what_is_issued_is_taken() {
    let token = issue_access_token(&ring(), &claims()).unwrap();
    assert_eq!(check(&token), Ok(claims()));
    assert_eq!(claims().scopes().collect::<Vec<_>>(), ["read", "update"]);

    let with_user = AccessClaims {
        user: Some(UserClaims {
            sub: "ana".to_owned(),
            id: "9".to_owned(),
            name: "Ana".to_owned(),
            email: None,
            user_type: "INT".to_owned(),
            is_admin: true,
        }),
        service: None,
        db: Some("main".to_owned()),
        ..claims()
    };
    let token = issue_access_token(&ring(), &with_user).unwrap();
    assert_eq!(check(&token), Ok(with_user));
    let head = URL_SAFE_NO_PAD.decode(token.split('.').next().unwrap());
    assert_eq!(
        serde_json::from_slice::<Json>(&head.unwrap()).unwrap(),
        header()
    );
}

#[test]
fn times_have_limits() {
    let token = issue_access_token(&ring(), &claims()).unwrap();
    for (now, fault) in [
        (NOW - 6, Some(TokenFault::NotYet)),
        (NOW - 5, None),
        (NOW + 3604, None),
        (NOW + 3605, Some(TokenFault::Expired)),
    ] {
        let found = verify_access_token(&ring(), &token, expected(now)).err();
        assert_eq!(found, fault, "{now}");
    }
}

#[test]
fn every_claim_is_looked_at() {
    for (claim, value, fault) in [
        (
            "iss",
            json!("https://users.example/id/"),
            TokenFault::Issuer,
        ),
        ("iss", Json::Null, TokenFault::Issuer),
        ("aud", json!("https://other.example"), TokenFault::Audience),
        ("aud", json!([]), TokenFault::Audience),
        ("aud", json!(5), TokenFault::Audience),
        ("exp", json!(NOW - 60), TokenFault::Expired),
        ("exp", json!("never"), TokenFault::Malformed),
        ("exp", Json::Null, TokenFault::Malformed),
        ("nbf", json!(NOW + 60), TokenFault::NotYet),
        ("scope", json!(5), TokenFault::Malformed),
    ] {
        let mut claims = serde_json::to_value(claims()).unwrap();
        claims[claim] = value.clone();
        assert_eq!(
            check(&signed(&header(), &claims)),
            Err(fault),
            "{claim}: {value}"
        );
    }
    let mut without = serde_json::to_value(claims()).unwrap();
    without.as_object_mut().unwrap().remove("exp");
    assert_eq!(
        check(&signed(&header(), &without)),
        Err(TokenFault::Malformed)
    );
}

#[test]
fn other_kinds_of_tokens_are_refused() {
    let claims = serde_json::to_value(claims()).unwrap();
    for (field, value, fault) in [
        ("typ", json!("JWT"), TokenFault::Kind),
        ("typ", Json::Null, TokenFault::Kind),
        ("alg", json!("RS512"), TokenFault::Kind),
        ("alg", json!("HS256"), TokenFault::Kind),
        ("alg", json!("none"), TokenFault::Malformed),
        ("kid", json!("another"), TokenFault::UnknownKey),
        ("kid", Json::Null, TokenFault::UnknownKey),
        ("crit", json!(["x"]), TokenFault::Kind),
    ] {
        let mut header = header();
        header[field] = value.clone();
        assert_eq!(
            check(&signed(&header, &claims)),
            Err(fault),
            "{field}: {value}"
        );
    }
    let mut header = header();
    header["typ"] = json!("application/AT+JWT");
    assert!(check(&signed(&header, &claims)).is_ok());
}

/// The public key as the secret of an HMAC: the oldest trick.
#[test]
fn the_public_key_is_no_shared_secret() {
    let part = |json: &Json| URL_SAFE_NO_PAD.encode(json.to_string());
    let header = json!({"typ": "at+jwt", "alg": "HS256", "kid": records()[0].id});
    let message = format!("{}.{}", part(&header), part(&json!(claims())));
    let ring = ring();
    let mut mac = Hmac::<Sha256>::new_from_slice(ring.signing().unwrap().public()).unwrap();
    mac.update(message.as_bytes());
    let tag = URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes());
    assert_eq!(check(&format!("{message}.{tag}")), Err(TokenFault::Kind));
}

#[test]
fn a_token_that_was_tampered_with_is_refused() {
    let token = issue_access_token(&ring(), &claims()).unwrap();
    let parts: Vec<&str> = token.split('.').collect();
    let mut richer = claims();
    richer.scope = "read update sec".to_owned();
    let richer = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&richer).unwrap());
    let forged = format!("{}.{richer}.{}", parts[0], parts[2]);
    assert_eq!(check(&forged), Err(TokenFault::Signature));
    let cut = format!("{}.{}.", parts[0], parts[1]);
    assert_eq!(check(&cut), Err(TokenFault::Signature));
    assert_eq!(check(&format!("{token}.x")), Err(TokenFault::Malformed));
    assert_eq!(check(&"x".repeat(20_000)), Err(TokenFault::Malformed));
}

#[test]
fn signatures_of_a_retired_key_hold_for_a_while() {
    let token = issue_access_token(&ring(), &claims()).unwrap();
    let check = |now| verify_access_token(&rotated(), &token, expected(now)).err();
    assert_eq!(check(NOW + 3599), None);
    // Were the key stolen, it would be worth nothing now.
    let mut long = claims();
    long.exp = i64::MAX;
    let long = issue_access_token(&ring(), &long).unwrap();
    let check = |now| verify_access_token(&rotated(), &long, expected(now)).err();
    assert_eq!(check(NOW + 7199), None);
    assert_eq!(check(NOW + 7200), Some(TokenFault::UnknownKey));
    let new = issue_access_token(&rotated(), &claims()).unwrap();
    assert_eq!(self::check(&new), Err(TokenFault::UnknownKey));
    assert!(verify_access_token(&rotated(), &new, expected(NOW)).is_ok());
}

#[test]
fn the_documents_agree_with_the_keys() {
    let set = JsonWebKeys::of(&rotated(), at(NOW));
    let ids: Vec<_> = set.keys.iter().map(|key| key.kid.as_str()).collect();
    assert_eq!(ids, [&records()[1].id, &records()[0].id]);
    assert_eq!(JsonWebKeys::of(&rotated(), at(NOW + 7200)).keys.len(), 1);
    let first = serde_json::to_value(&set.keys[0]).unwrap();
    assert_eq!(first["kty"], "RSA");
    assert_eq!(first["use"], "sig");
    assert_eq!(first["e"], "AQAB");
    assert_eq!(first["n"].as_str().unwrap().len(), 342);
    assert_eq!(first.as_object().unwrap().len(), 6, "nothing private");

    let discovery = serde_json::to_value(OpenIdConfiguration::of(ISSUER)).unwrap();
    assert_eq!(discovery["issuer"], ISSUER);
    assert_eq!(
        discovery["token_endpoint"],
        "https://users.example/id/connect/token"
    );

    let sites = serde_json::to_value(AutoDiscovery::of("https://users.example", None)).unwrap();
    assert_eq!(
        sites,
        json!({"Host": "users.example", "DbName": null, "WebSites": [
            {"Type": "ID", "Status": "Working", "Url": "https://users.example/id", "System": true},
            {"Type": "DomainAPI", "Status": "Working", "Url": "https://users.example/api",
             "System": false, "AdditionalProperties":
                {"ODataServiceRoot": "https://users.example/api/domain/odata/"}}]})
    );
}

proptest! {
    #[test]
    fn no_text_is_too_odd(text in "\\PC{0,80}|[A-Za-z0-9_-]{0,40}(\\.[A-Za-z0-9_-]{0,40}){0,4}") {
        prop_assert!(check(&text).is_err());
    }

    #[test]
    fn no_header_is_too_odd(header in "\\{(\"(alg|typ|kid|crit|jwk)\":(\"\\PC{0,9}\"|[0-9]|null|\\[\\]),?){0,4}\\}") {
        let token = format!("{}.e30.AA", URL_SAFE_NO_PAD.encode(header));
        prop_assert!(check(&token).is_err());
    }
}
