//! Tokens of other issuers, over key sets that come, change and fail.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::*;
use crate::access::jwt::{JsonWebKeys, TokenFault};
use crate::access::{KeyRecord, KeyRing, Purpose};
use crate::diag::{Code, Problem, Result};
use crate::value::Timestamp;

const NOW: i64 = 1_800_000_000;
const ISSUER: &str = "https://id.example";

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_micros(seconds * 1_000_000)
}

/// Two issuers' key pairs, made once: that takes a moment.
fn rings() -> &'static [KeyRing; 2] {
    static RINGS: OnceLock<[KeyRing; 2]> = OnceLock::new();
    RINGS.get_or_init(|| {
        [1, 2].map(|seed| {
            let (id, random) = ([seed; 12], [seed; 64]);
            let key = KeyRecord::generate(Purpose::TokenSigning, &id, &random, at(0));
            KeyRing::new(vec![key.unwrap()]).unwrap()
        })
    })
}

fn key_set(ring: &KeyRing) -> Vec<u8> {
    serde_json::to_vec(&JsonWebKeys::of(ring, at(NOW))).unwrap()
}

/// A source whose answer a test changes; counts how often it is asked.
#[derive(Debug, Clone, Default)]
struct Source {
    answer: Arc<Mutex<Option<Vec<u8>>>>,
    asked: Arc<AtomicUsize>,
}

impl Source {
    fn of(ring: &KeyRing) -> Self {
        let source = Self::default();
        source.answers(Some(key_set(ring)));
        source
    }

    fn answers(&self, answer: Option<Vec<u8>>) {
        *self.answer.lock().unwrap() = answer;
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

impl KeySource for Source {
    fn read(&self) -> Result<Vec<u8>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let answer = self.answer.lock().unwrap().clone();
        answer.ok_or_else(|| Problem::new(Code::ServiceUnavailable, "down"))
    }
}

fn settings() -> IssuerSettings {
    IssuerSettings {
        issuer: ISSUER.to_owned(),
        audience: "userdex".to_owned(),
        algorithms: vec![SignatureAlgorithm::named("RS256").unwrap()],
        provider: "GOOGLE".to_owned(),
        key_claim: "sub".to_owned(),
    }
}

fn issuer(source: &Source) -> Issuer {
    Issuer::new(settings(), Box::new(source.clone()))
}

/// A token of one of the issuers, with changed claims.
fn token(ring: &KeyRing, changes: &Json) -> String {
    let key = ring.signing().unwrap();
    let mut header = json!({"alg": "RS256", "typ": "JWT", "kid": key.id()});
    let mut claims = json!({"iss": ISSUER, "aud": ["x", "userdex"], "exp": NOW + 300, "sub": "42"});
    for (name, value) in changes.as_object().unwrap() {
        match name.strip_prefix("header ") {
            Some(name) => header[name] = value.clone(),
            None => claims[name] = value.clone(),
        }
    }
    let part = |json: &Json| URL_SAFE_NO_PAD.encode(json.to_string());
    let message = format!("{}.{}", part(&header), part(&claims));
    let signature = key.sign(message.as_bytes()).unwrap();
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn plain(ring: &KeyRing) -> String {
    token(ring, &json!({}))
}

#[test]
fn a_token_tells_who_somebody_is() {
    let source = Source::of(&rings()[0]);
    let identity = issuer(&source)
        .verify(&plain(&rings()[0]), at(NOW))
        .unwrap();
    assert_eq!(identity.provider, "GOOGLE");
    assert_eq!(identity.key, "42");
}

#[test]
fn what_does_not_fit_is_refused() {
    let issuer = issuer(&Source::of(&rings()[0]));
    for (changes, fault) in [
        (
            json!({"iss": "https://id.example.evil"}),
            TokenFault::Issuer,
        ),
        (json!({"aud": "other"}), TokenFault::Audience),
        (json!({"exp": NOW - 60}), TokenFault::Expired),
        (json!({"exp": null}), TokenFault::Malformed),
        (json!({"nbf": NOW + 61}), TokenFault::NotYet),
        (json!({"sub": null}), TokenFault::Malformed),
        (json!({"sub": ""}), TokenFault::Malformed),
        (json!({"sub": "4\0"}), TokenFault::Malformed),
        (json!({"sub": 42}), TokenFault::Malformed),
        (json!({"header alg": "RS512"}), TokenFault::Kind),
        (json!({"header alg": "HS256"}), TokenFault::Kind),
        (json!({"header kid": "other"}), TokenFault::UnknownKey),
    ] {
        let found = issuer.verify(&token(&rings()[0], &changes), at(NOW));
        assert_eq!(found, Err(fault), "{changes}");
    }
    for changes in [
        json!({"aud": "userdex"}),
        json!({"exp": NOW - 59}),
        json!({"exp": 1_800_000_300.5}),
        json!({"nbf": NOW + 60}),
        // The only key there is.
        json!({"header kid": null}),
    ] {
        let found = issuer.verify(&token(&rings()[0], &changes), at(NOW));
        assert!(found.is_ok(), "{changes}: {found:?}");
    }
}

#[test]
fn a_key_of_the_same_id_is_not_enough() {
    let issuer = issuer(&Source::of(&rings()[0]));
    let id = rings()[0].signing().unwrap().id();
    let forged = token(&rings()[1], &json!({"header kid": id}));
    assert_eq!(issuer.verify(&forged, at(NOW)), Err(TokenFault::Signature));
}

#[test]
fn an_unknown_key_is_asked_for_once_a_minute() {
    let source = Source::of(&rings()[0]);
    let issuer = issuer(&source);
    let check = |n: usize, now| issuer.verify(&plain(&rings()[n]), at(now)).err();
    assert_eq!(check(0, NOW), None);
    assert_eq!(source.asked(), 1);
    source.answers(Some(key_set(&rings()[1])));
    assert_eq!(check(1, NOW + 59), Some(TokenFault::UnknownKey));
    assert_eq!(source.asked(), 1);
    assert_eq!(check(1, NOW + 60), None);
    assert_eq!(source.asked(), 2);
    // What the issuer has withdrawn is not taken any more.
    assert_eq!(check(0, NOW + 61), Some(TokenFault::UnknownKey));
    assert_eq!(source.asked(), 2);
}

#[test]
fn a_set_is_read_anew_after_an_hour() {
    let source = Source::of(&rings()[0]);
    let issuer = issuer(&source);
    let long = token(&rings()[0], &json!({"exp": NOW + 100_000}));
    let check = |now| issuer.verify(&long, at(now)).err();
    assert_eq!(check(NOW), None);
    source.answers(Some(key_set(&rings()[1])));
    assert_eq!(check(NOW + 3599), None);
    assert_eq!(check(NOW + 3600), Some(TokenFault::UnknownKey));
}

#[test]
fn a_source_that_fails_keeps_what_was_read() {
    let source = Source::default();
    let issuer = issuer(&source);
    let long = token(&rings()[0], &json!({"exp": NOW + 100_000}));
    let check = |now| issuer.verify(&long, at(now)).err();
    assert_eq!(check(NOW), Some(TokenFault::UnknownKey));
    source.answers(Some(b"no JSON".to_vec()));
    assert_eq!(check(NOW + 60), Some(TokenFault::UnknownKey));
    source.answers(Some(key_set(&rings()[0])));
    assert_eq!(check(NOW + 120), None);
    source.answers(None);
    assert_eq!(check(NOW + 4000), None);
    assert_eq!(source.asked(), 4);
}

#[test]
fn keys_for_something_else_do_not_count() {
    let set = |change: fn(&mut Json)| {
        let mut set: Json = serde_json::from_slice(&key_set(&rings()[0])).unwrap();
        change(&mut set["keys"][0]);
        let source = Source::default();
        source.answers(Some(set.to_string().into_bytes()));
        issuer(&source).verify(&plain(&rings()[0]), at(NOW)).err()
    };
    assert_eq!(set(|_| {}), None);
    assert_eq!(
        set(|key| key["use"] = json!("enc")),
        Some(TokenFault::UnknownKey)
    );
    assert_eq!(
        set(|key| key["alg"] = json!("RS512")),
        Some(TokenFault::UnknownKey)
    );
    assert_eq!(
        set(|key| drop(key.as_object_mut().unwrap().remove("alg"))),
        None
    );
    assert_eq!(
        set(|key| *key = json!({"kty": "oct", "kid": key["kid"], "k": "AAAA"})),
        Some(TokenFault::UnknownKey)
    );
}

#[test]
fn an_issuer_is_found_by_its_name() {
    let other = IssuerSettings {
        issuer: "https://other.example".to_owned(),
        provider: "AZUREAD".to_owned(),
        ..settings()
    };
    let strict = IssuerSettings {
        audience: "somebody".to_owned(),
        ..settings()
    };
    let sources = [&rings()[1], &rings()[0], &rings()[0]].map(Source::of);
    let issuers = [other, strict, settings()].into_iter().zip(&sources);
    let issuers = issuers.map(|(of, source)| Issuer::new(of, Box::new(source.clone())));
    let issuers = Issuers::new(issuers.collect());
    assert!(!issuers.is_empty());
    let identity = issuers.verify(&plain(&rings()[0]), at(NOW)).unwrap();
    assert_eq!(identity.provider, "GOOGLE");
    assert_eq!(sources[0].asked(), 0, "the other issuer was not asked");
    let unknown = token(&rings()[0], &json!({"iss": "https://evil.example"}));
    assert_eq!(issuers.verify(&unknown, at(NOW)), Err(TokenFault::Issuer));
    assert_eq!(
        Issuers::default().verify(&unknown, at(NOW)),
        Err(TokenFault::Issuer)
    );
    assert_eq!(issuers.verify("a.b.c", at(NOW)), Err(TokenFault::Malformed));
}

#[test]
fn shared_secrets_are_no_algorithm() {
    for name in ["HS256", "none", "rs256", ""] {
        assert_eq!(SignatureAlgorithm::named(name), None, "{name}");
    }
    assert!(SignatureAlgorithm::named("ES256").is_some());
}

proptest! {
    #[test]
    fn no_text_is_too_odd(text in "\\PC{0,80}|[A-Za-z0-9_-]{0,40}(\\.[A-Za-z0-9_-]{0,40}){0,4}") {
        let issuers = Issuers::new(vec![issuer(&Source::of(&rings()[0]))]);
        prop_assert!(issuers.verify(&text, at(NOW)).is_err());
    }

    #[test]
    fn no_key_set_is_too_odd(text in "\\PC{0,80}|\\{\"keys\":\\[\\{(\"(kty|kid|n|e|alg|use)\":\"(RSA|\\PC{0,9})\",?){0,4}\\}\\]\\}") {
        let source = Source::default();
        source.answers(Some(text.into_bytes()));
        prop_assert!(issuer(&source).verify(&plain(&rings()[0]), at(NOW)).is_err());
    }
}
