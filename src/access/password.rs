//! Passwords as ASP.NET Core Identity stores them, version 3 (AN3).
//!
//! The stored text is Base64 of: marker `0x01`, pseudo-random function, iterations and length of the
//! salt (32 bits each, big-endian), salt, subkey. The subkey is PBKDF2 of the password in UTF-8.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::Sha512;

use crate::diag::{Code, Problem, Result};

/// The longest password that is hashed, in bytes: longer ones only cost time.
const LONGEST: usize = 1024;
/// Bytes of the salt.
const SALT: usize = 16;
/// Bytes of the subkey.
const SUBKEY: usize = 32;
/// The marker of the format.
const MARKER: u8 = 1;
/// The number of HMAC-SHA512 in the format.
const HMAC_SHA512: u32 = 2;
/// More iterations than any sensible hash has: a ready hash with more would only keep the server
/// busy.
const MOST_ITERATIONS: u32 = 10_000_000;
/// Bytes of salt or subkey, at most.
const LONGEST_PART: usize = 1024;

/// How passwords are hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hashing {
    /// Iterations of PBKDF2 with HMAC-SHA512.
    pub iterations: u32,
}

impl Default for Hashing {
    fn default() -> Self {
        Self {
            iterations: 210_000,
        }
    }
}

/// The stored form of a password. Takes as long as the iterations say.
///
/// # Errors
///
/// `ValueRequired` for an empty password, `ValueTooLong` for one of more than 1,024 bytes.
pub fn hash(password: &str, salt: &[u8; SALT], hashing: Hashing) -> Result<String> {
    if password.is_empty() {
        return Err(Problem::new(Code::ValueRequired, "the password is empty"));
    }
    if password.len() > LONGEST {
        let message = format!("the password is longer than {LONGEST} bytes");
        return Err(Problem::new(Code::ValueTooLong, message));
    }
    let mut subkey = [0_u8; SUBKEY];
    let (password, iterations) = (password.as_bytes(), hashing.iterations.max(1));
    pbkdf2::pbkdf2_hmac::<Sha512>(password, salt, iterations, &mut subkey);
    Ok(stored(salt, &subkey, iterations))
}

/// The stored form of a password that nobody knows: a random subkey.
pub fn unusable(random: &[u8; SALT + SUBKEY], hashing: Hashing) -> String {
    let (salt, subkey) = random.split_at(SALT);
    stored(salt, subkey, hashing.iterations.max(1))
}

fn stored(salt: &[u8], subkey: &[u8], iterations: u32) -> String {
    let mut bytes = Vec::with_capacity(13 + SALT + SUBKEY);
    bytes.push(MARKER);
    bytes.extend_from_slice(&HMAC_SHA512.to_be_bytes());
    bytes.extend_from_slice(&iterations.to_be_bytes());
    bytes.extend_from_slice(&u32::try_from(salt.len()).unwrap_or(0).to_be_bytes());
    bytes.extend_from_slice(salt);
    bytes.extend_from_slice(subkey);
    STANDARD.encode(bytes)
}

/// Sees that a ready hash has the form that its format says: `AspNetCoreV3` (also of version 2) or
/// `MD5`.
///
/// # Errors
///
/// `InvalidValue`, without quoting the hash.
pub fn check_hash(text: &str, format: &str) -> Result<()> {
    let fits = match format {
        "AspNetCoreV3" => STANDARD.decode(text).is_ok_and(|bytes| is_identity(&bytes)),
        "MD5" => {
            let digits = text.len() == 32 && text.bytes().all(|b| b.is_ascii_hexdigit());
            digits || STANDARD.decode(text).is_ok_and(|bytes| bytes.len() == 16)
        }
        // Whether there is such a format is the model's to say.
        _ => true,
    };
    if fits {
        return Ok(());
    }
    let message = format!("the hash does not have the form of `{format}`");
    Err(Problem::new(Code::InvalidValue, message))
}

/// Whether bytes are a hash of ASP.NET Core Identity, version 2 or 3.
fn is_identity(bytes: &[u8]) -> bool {
    match bytes.split_first() {
        Some((0, rest)) => rest.len() == 48,
        Some((&MARKER, rest)) => is_version_3(rest).unwrap_or(false),
        Some(_) | None => false,
    }
}

fn is_version_3(bytes: &[u8]) -> Option<bool> {
    let (function, rest) = number(bytes)?;
    let (iterations, rest) = number(rest)?;
    let (salt, rest) = number(rest)?;
    let salt = usize::try_from(salt).ok()?;
    let subkey = rest.len().checked_sub(salt)?;
    let sane = (16..=LONGEST_PART).contains(&salt) && (16..=LONGEST_PART).contains(&subkey);
    Some(function <= HMAC_SHA512 && (1..=MOST_ITERATIONS).contains(&iterations) && sane)
}

/// A big-endian number of 32 bits, and what follows.
fn number(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (head, rest) = bytes.split_at_checked(4)?;
    Some((u32::from_be_bytes(head.try_into().ok()?), rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The known answers of the specification that this program could have written: HMAC-SHA512,
    /// salt 16, subkey 32.
    #[test]
    fn known_answers_are_met() {
        let salt = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
        let hashing = Hashing {
            iterations: 100_000,
        };
        assert_eq!(
            hash("my password", &salt, hashing).unwrap(),
            "AQAAAAIAAYagAAAAEAABAgMEBQYHCAkKCwwNDg/Q8A0WMKbtHQJQ2DHCdoEeeFBrgNlldq6vH4qX/CGqGQ=="
        );
    }

    #[test]
    fn an_unusable_password_has_the_form_of_a_password() {
        let text = unusable(&[7; 48], Hashing::default());
        assert_eq!(text.len(), 84);
        assert!(check_hash(&text, "AspNetCoreV3").is_ok());
    }

    #[test]
    fn bad_passwords_are_refused() {
        let hashing = Hashing { iterations: 1 };
        assert!(hash("", &[0; 16], hashing).is_err());
        assert!(hash(&"x".repeat(1025), &[0; 16], hashing).is_err());
        assert!(hash(&"x".repeat(1024), &[0; 16], hashing).is_ok());
    }

    #[test]
    fn ready_hashes_are_looked_at() {
        for (text, format, fits) in [
            (
                "AQAAAAAAAAD6AAAAEAhftMyfTJylOlZT+eEotFXd1elee8ih5WsjXaR3PA9M",
                "AspNetCoreV3",
                true,
            ),
            (
                "AAABAgMEBQYHCAkKCwwNDg+ukCEMDf0yyQ29NYubggHIVY0sdEUfdyeM+E1LtH1uJg==",
                "AspNetCoreV3",
                true,
            ),
            (
                "AQAAAAIAAAAyAAAAEOMwvh3+FZxqkdMBz2ekgGhwQ4A=",
                "AspNetCoreV3",
                false,
            ),
            (
                "AQAAAAL/////AAAAEAABAgMEBQYHCAkKCwwNDg/Q8A0WMKbtHQJQ2DHCdoEeeFBrgNlldq6vH4qX/CGqGQ==",
                "AspNetCoreV3",
                false,
            ),
            ("no base64", "AspNetCoreV3", false),
            ("", "AspNetCoreV3", false),
            ("329670c3265b6ccd392e622733e9772f", "MD5", true),
            ("MpZwwyZbbM05LmInM+l3Lw==", "MD5", true),
            ("329670c3", "MD5", false),
        ] {
            assert_eq!(check_hash(text, format).is_ok(), fits, "{text}");
        }
    }
}
