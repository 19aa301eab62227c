//! The second factor: codes by time, each once, and recovery codes.

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::json;
use userdex::access::Secret;
use userdex::access::totp_check;
use userdex::service::{Attempt, Way};
use userdex::value::Timestamp;

use crate::at::{PASSWORD, account, attempt, by_basic, code, on_each, path, seconds, start, user};

/// The code of a secret (RFC 6238), reckoned apart from the service.
pub(crate) fn totp(base_32: &str, now: Timestamp) -> String {
    let mut bits = String::new();
    for c in base_32.bytes() {
        let value = match c {
            b'A'..=b'Z' => c - b'A',
            _ => c - b'2' + 26,
        };
        bits += &format!("{value:05b}");
    }
    let bytes: Vec<u8> = bits
        .as_bytes()
        .chunks_exact(8)
        .map(|eight| u8::from_str_radix(std::str::from_utf8(eight).unwrap(), 2).unwrap())
        .collect();
    let step = u64::try_from(now.micros() / 30_000_000).unwrap();
    let mut mac = Hmac::<sha1::Sha1>::new_from_slice(&bytes).unwrap();
    mac.update(&step.to_be_bytes());
    let made = mac.finalize().into_bytes();
    let offset = usize::from(made[19] & 15);
    let part: [u8; 4] = made[offset..offset + 4].try_into().unwrap();
    let code = format!(
        "{:06}",
        (u32::from_be_bytes(part) & 0x7fff_ffff) % 1_000_000
    );
    assert!(totp_check(&Secret::new(bytes), &code, now, None).is_some());
    code
}

#[test]
fn a_password_alone_is_not_enough() {
    on_each(|world| {
        let key = user(world, "ann", &json!({}));
        let enrolled = world
            .service
            .enrol_second_factor(key, "ann", start())
            .unwrap();
        let log_in = |password, code: Option<&str>, now| {
            world.service.log_in(&Attempt {
                code,
                ..attempt("ann", password, now)
            })
        };
        assert_eq!(
            code(&log_in(PASSWORD, None, start())),
            "SecondFactorRequired"
        );
        assert_eq!(
            code(&log_in(PASSWORD, Some(" "), start())),
            "SecondFactorRequired"
        );
        assert_eq!(code(&log_in("wrong", None, start())), "SignInFailed");
        assert_eq!(
            code(&by_basic(&world.service, "ann", PASSWORD, start())),
            "SignInRefused"
        );
        let secret = enrolled.secret.as_text();
        let now = totp(secret, start());
        assert_eq!(code(&log_in("wrong", Some(&now), start())), "SignInFailed");
        assert_eq!(
            code(&log_in(PASSWORD, Some("000000"), start())),
            "SignInRefused"
        );
        assert_eq!(account(&world.store, key).failed, 3, "wrong codes count");
        assert_eq!(code(&log_in(PASSWORD, Some(&now), start())), "");
        assert_eq!(
            code(&log_in(PASSWORD, Some(&now), start())),
            "SignInRefused",
            "used"
        );
        let next = totp(secret, seconds(30));
        assert_eq!(code(&log_in(PASSWORD, Some(&next), seconds(30))), "");
        // Nothing of it is readable.
        let stored = world.dump().join("\n");
        for text in [secret, enrolled.recovery[0].as_text()] {
            assert!(!stored.contains(text), "{}", world.name);
        }
    });
}

#[test]
fn a_recovery_code_works_once() {
    on_each(|world| {
        let key = user(world, "ann", &json!({}));
        let first = world
            .service
            .enrol_second_factor(key, "ann", start())
            .unwrap();
        let enrolled = world
            .service
            .enrol_second_factor(key, "ann", start())
            .unwrap();
        let log_in = |code: &str| {
            let attempt = attempt("ann", PASSWORD, start());
            let attempt = Attempt {
                code: Some(code),
                way: Way::Cookie,
                ..attempt
            };
            crate::at::code(&world.service.log_in(&attempt))
        };
        assert_eq!(
            log_in(first.recovery[0].as_text()),
            "SignInRefused",
            "set up anew"
        );
        let typed = enrolled.recovery[3]
            .as_text()
            .to_uppercase()
            .replace('-', " ");
        assert_eq!(log_in(&typed), "");
        assert_eq!(log_in(&typed), "SignInRefused");
        assert_eq!(log_in(enrolled.recovery[9].as_text()), "");
        let two = world.get(&format!("{}?$select=TwoFactorEnabled", path(key)));
        assert_eq!(two["TwoFactorEnabled"], true);
    });
}
