//! What applications may do: make tokens, and prove who they are.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use uuid::Uuid;

use super::{KeyRing, Purpose};
use crate::diag::Result;
use crate::value::Timestamp;

/// What is hashed for a client that does not exist, so that its answer takes as long.
const NOBODY: &str = "nobody's secret";

/// Who may have reference tokens of an application: its `ReferenceTokens`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenPolicy {
    /// Nobody.
    Nobody,
    /// Every user.
    Users,
    /// Administrators.
    Administrators,
}

impl TokenPolicy {
    /// The policy of a code; nobody for one that is not known.
    pub fn of(code: &str) -> Self {
        match code {
            "USR" => Self::Users,
            "ADM" => Self::Administrators,
            _ => Self::Nobody,
        }
    }

    /// Whether a user may have a token.
    pub const fn allows(self, administrator: bool) -> bool {
        match self {
            Self::Nobody => false,
            Self::Users => true,
            Self::Administrators => administrator,
        }
    }
}

/// The form in which the secret of an application is stored: a keyed fingerprint.
///
/// # Errors
///
/// `Internal` without a key.
pub fn client_secret_hash(ring: &KeyRing, application: Uuid, secret: &str) -> Result<String> {
    ring.fingerprint(
        Purpose::Fingerprints,
        &context(application),
        secret.as_bytes(),
    )
}

/// Whether a secret is that of an application, in a time that tells nothing. Taken are keyed
/// fingerprints, and the vendor's form: Base64 of SHA-256. `stored` is nothing for an application
/// that does not exist or has no secret: the same work is done.
pub fn is_client_secret(
    ring: &KeyRing,
    application: Uuid,
    secret: &str,
    stored: Option<&str>,
    now: Timestamp,
) -> bool {
    let dummy = client_secret_hash(ring, application, NOBODY).unwrap_or_default();
    let known = stored.is_some_and(|stored| !stored.is_empty()) && !secret.is_empty();
    let stored = stored.filter(|_| known).unwrap_or(&dummy);
    let bare = STANDARD.encode(Sha256::digest(secret.as_bytes()));
    let is_bare: bool = bare.as_bytes().ct_eq(stored.as_bytes()).into();
    let purpose = Purpose::Fingerprints;
    let context = context(application);
    let is_keyed = ring.is_fingerprint(purpose, &context, secret.as_bytes(), stored, now);
    known & (is_bare | is_keyed)
}

/// A secret is that of one application: moved to another row, it proves nothing.
fn context(application: Uuid) -> String {
    format!("client secret of {application}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::KeyRecord;

    #[test]
    fn policies_say_who() {
        for (code, user, administrator) in [
            ("NON", false, false),
            ("USR", true, true),
            ("ADM", false, true),
            ("", false, false),
        ] {
            let policy = TokenPolicy::of(code);
            assert_eq!(policy.allows(false), user, "{code}");
            assert_eq!(policy.allows(true), administrator, "{code}");
        }
    }

    #[test]
    fn both_forms_of_secrets_are_taken() {
        let now = Timestamp::from_micros(0);
        let key = KeyRecord::generate(Purpose::Fingerprints, &[1; 12], &[2; 64], now).unwrap();
        let ring = KeyRing::new(vec![key]).unwrap();
        let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let keyed = client_secret_hash(&ring, one, "s3cret").unwrap();
        // `printf 's3cret' | openssl dgst -sha256 -binary | base64`
        let bare = "HsHCa1DV08WNlYMYGvgHZlX+AHVr9yhZQLo2cPmfy6A=";
        for (application, secret, stored, expected) in [
            (one, "s3cret", Some(&*keyed), true),
            (other, "s3cret", Some(&keyed), false),
            (one, "s3cret", Some(bare), true),
            (other, "s3cret", Some(bare), true),
            (one, "secret", Some(bare), false),
            (one, "S3cret", Some(&keyed), false),
            (one, "", Some(""), false),
            (one, "", Some(bare), false),
            (one, "", None, false),
            (one, NOBODY, None, false),
            (one, "s3cret", Some("s3cret"), false),
        ] {
            let found = is_client_secret(&ring, application, secret, stored, now);
            assert_eq!(found, expected, "{secret} {stored:?}");
        }
    }
}
