//! Passwords as ASP.NET Core Identity stores them: version 3 (AN3), and version 2 for reading.
//!
//! The stored text is Base64 of: marker `0x01`, pseudo-random function, iterations and length of the
//! salt (32 bits each, big-endian), salt, subkey. The subkey is PBKDF2 of the password in UTF-8.
//! Version 2 has the marker `0x00`, 16 bytes of salt and 32 of subkey: HMAC-SHA1, 1,000 iterations.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use subtle::ConstantTimeEq as _;

use super::legacy;
use super::{Format, Function, Hashing, LONGEST};
use crate::diag::{Code, Problem, Result};

/// Bytes of a salt that is written.
const SALT: usize = 16;
/// Bytes of a subkey that is written.
const SUBKEY: usize = 32;
/// The marker of version 3.
const MARKER: u8 = 1;
/// The iterations of version 2.
const VERSION_2_ITERATIONS: u32 = 1000;
/// More iterations than any sensible hash has: a ready hash with more would only keep the server
/// busy.
const MOST_ITERATIONS: u32 = 10_000_000;
/// Bytes of salt or subkey, at least.
const SHORTEST_PART: usize = 16;
/// Bytes of salt or subkey, at most.
const LONGEST_PART: usize = 1024;

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
    let Hashing {
        function,
        iterations,
    } = hashing;
    function.derive(password.as_bytes(), salt, iterations, &mut subkey);
    Ok(stored(salt, &subkey, hashing))
}

/// The stored form of a password that nobody knows: a random subkey.
pub fn unusable(random: &[u8; SALT + SUBKEY], hashing: Hashing) -> String {
    let (salt, subkey) = random.split_at(SALT);
    stored(salt, subkey, hashing)
}

fn stored(salt: &[u8], subkey: &[u8], hashing: Hashing) -> String {
    let mut bytes = Vec::with_capacity(13 + SALT + SUBKEY);
    bytes.push(MARKER);
    bytes.extend_from_slice(&hashing.function.number().to_be_bytes());
    bytes.extend_from_slice(&hashing.iterations.max(1).to_be_bytes());
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
    let fits = match Format::named(format) {
        Some(Format::Identity) => Stored::parse(text).is_some(),
        Some(Format::Md5) => legacy::digest_of(text).is_some(),
        // Whether there is such a format is the model's to say.
        None => true,
    };
    if fits {
        return Ok(());
    }
    let message = format!("the hash does not have the form of `{format}`");
    Err(Problem::new(Code::InvalidValue, message))
}

/// A hash that was read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Stored {
    pub(super) function: Function,
    pub(super) iterations: u32,
    /// Whether it is of version 3.
    pub(super) is_current: bool,
    salt: Vec<u8>,
    subkey: Vec<u8>,
}

impl Stored {
    /// Reads a hash of version 2 or 3. Nothing for anything else, also for one that would take too
    /// much work.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let bytes = STANDARD.decode(text).ok()?;
        match bytes.split_first()? {
            (0, rest) if rest.len() == SALT + SUBKEY => {
                let (salt, subkey) = rest.split_at_checked(SALT)?;
                Some(Self {
                    function: Function::Sha1,
                    iterations: VERSION_2_ITERATIONS,
                    is_current: false,
                    salt: salt.to_vec(),
                    subkey: subkey.to_vec(),
                })
            }
            (&MARKER, rest) => Self::version_3(rest),
            (_, _) => None,
        }
    }

    fn version_3(bytes: &[u8]) -> Option<Self> {
        let (function, rest) = number(bytes)?;
        let (iterations, rest) = number(rest)?;
        let (length, rest) = number(rest)?;
        let (salt, subkey) = rest.split_at_checked(usize::try_from(length).ok()?)?;
        let sane = |part: &[u8]| (SHORTEST_PART..=LONGEST_PART).contains(&part.len());
        let fits = (1..=MOST_ITERATIONS).contains(&iterations) && sane(salt) && sane(subkey);
        fits.then_some(Self {
            function: Function::numbered(function)?,
            iterations,
            is_current: true,
            salt: salt.to_vec(),
            subkey: subkey.to_vec(),
        })
    }

    /// Whether the hash is that of a password. Takes as long as its iterations say, and the same
    /// time for every password of a length.
    pub(super) fn is_of(&self, password: &str) -> bool {
        let mut subkey = vec![0_u8; self.subkey.len()];
        let password = password.as_bytes();
        self.function
            .derive(password, &self.salt, self.iterations, &mut subkey);
        subkey.ct_eq(&self.subkey).into()
    }
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
            ..Hashing::default()
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
        let hashing = Hashing {
            iterations: 1,
            ..Hashing::default()
        };
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
