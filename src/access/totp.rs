//! The second factor: one-time passwords of an authenticator (RFC 6238), and recovery codes.
//!
//! SHA-1, six digits, half a minute: the one form that every authenticator takes.

use hmac::{Hmac, KeyInit as _, Mac as _};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha1::Sha1;
use subtle::ConstantTimeEq as _;

use super::Secret;
use crate::value::Timestamp;

/// Microseconds that one password holds for.
const STEP: i64 = 30_000_000;
/// Digits of a password.
const DIGITS: usize = 6;
/// One more than the greatest password.
const MODULUS: u32 = 1_000_000;
/// Bytes of a secret, as RFC 4226 recommends.
pub const TOTP_SECRET: usize = 20;
/// Recovery codes of one user.
pub const RECOVERY_CODES: usize = 10;
/// Random bytes of a recovery code.
pub const RECOVERY_RANDOM: usize = 10;
/// The alphabet of RFC 4648, base 32.
const BASE_32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// A secret in base 32, as authenticators want it typed.
pub fn totp_text(secret: &Secret) -> Secret {
    Secret::text(base_32(secret.bytes()))
}

/// The address that an authenticator reads off a picture. `issuer` is the service, `account` the
/// login.
pub fn totp_uri(secret: &Secret, issuer: &str, account: &str) -> Secret {
    let (issuer, account) = (percent(issuer), percent(account));
    let text = base_32(secret.bytes());
    Secret::text(format!(
        "otpauth://totp/{issuer}:{account}?secret={text}&issuer={issuer}&algorithm=SHA1&digits=6&period=30"
    ))
}

/// The step that a password is of, where it is right: that of `now` or one either side, and later
/// than `used`, the last one that was used. The caller keeps it, so that no password works twice.
pub fn totp_check(
    secret: &Secret,
    password: &str,
    now: Timestamp,
    used: Option<u64>,
) -> Option<u64> {
    if password.len() != DIGITS {
        return None;
    }
    let at = u64::try_from(now.micros().div_euclid(STEP)).ok()?;
    let mut found = None;
    // All three are made, right or wrong, so that the time does not tell which one it was.
    for step in at.saturating_sub(1)..=at.saturating_add(1) {
        let made = one_time(secret, step);
        let right: bool = made.as_bytes().ct_eq(password.as_bytes()).into();
        if right && used.is_none_or(|used| step > used) {
            found.get_or_insert(step);
        }
    }
    found
}

/// The password of a step (RFC 4226, 5.3).
fn one_time(secret: &Secret, step: u64) -> String {
    let mut number = 0_u32;
    // INVARIANT: HMAC takes keys of every length, so there is always one.
    if let Ok(mut mac) = Hmac::<Sha1>::new_from_slice(secret.bytes()) {
        mac.update(&step.to_be_bytes());
        let made = mac.finalize().into_bytes();
        let offset = made.last().map_or(0, |byte| usize::from(byte & 0xF));
        let part = made.get(offset..offset + 4).unwrap_or_default();
        let part = part.try_into().map_or(0, u32::from_be_bytes);
        number = (part & 0x7FFF_FFFF) % MODULUS;
    }
    format!("{number:06}")
}

/// Recovery codes out of random bytes: to be shown once, and kept as fingerprints of
/// [`recovery_code`].
pub fn recovery_codes(random: &[u8; RECOVERY_CODES * RECOVERY_RANDOM]) -> Vec<Secret> {
    let codes = random.chunks(RECOVERY_RANDOM);
    codes
        .map(|random| {
            let text = base_32(random).to_ascii_lowercase();
            let parts: Vec<_> = text
                .as_bytes()
                .chunks(4)
                .map(String::from_utf8_lossy)
                .collect();
            Secret::text(parts.join("-"))
        })
        .collect()
}

/// A recovery code as it is fingerprinted, however it was typed: 16 letters and digits. Nothing for
/// what can be none.
pub fn recovery_code(typed: &str) -> Option<Secret> {
    let kept = typed.chars().filter(|c| !c.is_whitespace() && *c != '-');
    let code: String = kept.map(|c| c.to_ascii_uppercase()).take(17).collect();
    let is_code = code.len() == 16 && code.bytes().all(|b| BASE_32.contains(&b));
    is_code.then(|| Secret::text(code))
}

/// Base 32 of RFC 4648, without padding.
fn base_32(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 8 / 5 + 1);
    let (mut held, mut bits) = (0_u32, 0_u32);
    for byte in bytes {
        held = (held << 8 | u32::from(*byte)) & 0xFFFF;
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(letter(held >> bits));
        }
    }
    if bits > 0 {
        text.push(letter(held << (5 - bits)));
    }
    text
}

fn letter(value: u32) -> char {
    let at = usize::try_from(value & 31).unwrap_or_default();
    BASE_32.get(at).copied().map_or('A', char::from)
}

/// Everything that is not unreserved (RFC 3986).
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

fn percent(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn secret() -> Secret {
        Secret::text("12345678901234567890".to_owned())
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000)
    }

    /// RFC 6238, appendix B, cut to six digits; RFC 4226, appendix D.
    #[test]
    fn known_answers_are_met() {
        for (seconds, password) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            let step = u64::try_from(seconds).unwrap() / 30;
            assert_eq!(
                totp_check(&secret(), password, at(seconds), None),
                Some(step)
            );
        }
        assert_eq!(one_time(&secret(), 0), "755224");
        assert_eq!(one_time(&secret(), 9), "520489");
    }

    #[test]
    fn a_password_holds_one_step_either_side() {
        // Step 1 is from 30 to 59 seconds.
        for (seconds, found) in [(0, Some(1)), (30, Some(1)), (89, Some(1)), (90, None)] {
            let check = totp_check(&secret(), "287082", at(seconds), None);
            assert_eq!(check, found, "{seconds}");
        }
    }

    #[test]
    fn a_password_works_once() {
        let check = |used| totp_check(&secret(), "287082", at(59), used);
        assert_eq!(check(Some(0)), Some(1));
        assert_eq!(check(Some(1)), None);
        assert_eq!(check(Some(2)), None);
    }

    #[test]
    fn wrong_passwords_are_refused() {
        for wrong in [
            "",
            "287083",
            "28708",
            "2870822",
            "94287082",
            "２８７",
            "abcdef",
        ] {
            assert_eq!(totp_check(&secret(), wrong, at(59), None), None, "{wrong}");
        }
        assert_eq!(totp_check(&secret(), "287082", at(-60), None), None);
    }

    /// RFC 4648, 10.
    #[test]
    fn base_32_is_that_of_the_rfc() {
        for (text, encoded) in [
            ("", ""),
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("fooba", "MZXW6YTB"),
            ("foobar", "MZXW6YTBOI"),
        ] {
            assert_eq!(base_32(text.as_bytes()), encoded);
        }
    }

    #[test]
    fn the_address_holds_everything() {
        let uri = totp_uri(&secret(), "User dex", "ana@x.example");
        assert_eq!(
            uri.as_text(),
            "otpauth://totp/User%20dex:ana%40x.example?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
             &issuer=User%20dex&algorithm=SHA1&digits=6&period=30"
        );
        assert_eq!(totp_text(&secret()).as_text().len(), 32);
    }

    #[test]
    fn recovery_codes_are_read_however_they_are_typed() {
        let random: [u8; 100] = std::array::from_fn(|n| u8::try_from(n).unwrap());
        let codes = recovery_codes(&random);
        assert_eq!(codes.len(), RECOVERY_CODES);
        let first = codes[0].as_text();
        assert_eq!(first.len(), 19);
        let code = recovery_code(first).unwrap();
        assert_eq!(recovery_code(&first.to_uppercase()), Some(code.clone()));
        assert_eq!(
            recovery_code(&format!(" {} ", first.replace('-', ""))),
            Some(code)
        );
        for wrong in [
            "",
            first.split_once('-').unwrap().1,
            &format!("{first}a"),
            "0000-0000-0000-0000",
        ] {
            assert_eq!(recovery_code(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn no_text_is_too_odd(text in "\\PC{0,40}", micros in any::<i64>()) {
            let _ = recovery_code(&text);
            let _ = totp_check(&secret(), &text, Timestamp::from_micros(micros), None);
        }
    }
}
