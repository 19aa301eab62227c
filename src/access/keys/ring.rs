//! The keys of one moment, and what they do.

use std::sync::Arc;

use aes_siv::siv::Aes256Siv;
use aes_siv::{Key, KeyInit as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

use super::{KeyRecord, Purpose, SigningKey};
use crate::access::Secret;
use crate::diag::{Code, Problem, Result};
use crate::value::Timestamp;

/// Between the id of a key and what the key made.
const BETWEEN: char = '.';

/// The keys of one moment: a picture of the table of keys.
#[derive(Debug, Default)]
pub struct KeyRing {
    /// The newest first.
    records: Vec<KeyRecord>,
    /// The key pairs among them.
    signing: Vec<Arc<SigningKey>>,
}

impl KeyRing {
    /// A ring of stored keys.
    ///
    /// # Errors
    ///
    /// `Internal` for a key that cannot be read.
    pub fn new(mut records: Vec<KeyRecord>) -> Result<Self> {
        // Those in use first, then by age: what is looked for is most often new.
        records.sort_by_key(|r| (r.retired.is_some(), std::cmp::Reverse(r.created)));
        let pairs = records
            .iter()
            .filter(|r| r.purpose == Purpose::TokenSigning);
        let signing = pairs.map(|r| SigningKey::read(r).map(Arc::new));
        let signing = signing.collect::<Result<_>>()?;
        Ok(Self { records, signing })
    }

    /// The keys as they are stored.
    pub fn records(&self) -> &[KeyRecord] {
        &self.records
    }

    /// The purposes without a key that makes new things.
    pub fn missing(&self) -> Vec<Purpose> {
        let purposes = Purpose::ALL.into_iter();
        purposes.filter(|p| self.newest(*p).is_none()).collect()
    }

    /// Whether a key of this id is in the ring. Where it is not, another server may have made it since.
    pub fn knows(&self, id: &str) -> bool {
        self.records.iter().any(|record| record.id == id)
    }

    fn newest(&self, purpose: Purpose) -> Option<&KeyRecord> {
        let mut of = self.records.iter().filter(|r| r.purpose == purpose);
        of.find(|r| r.retired.is_none())
    }

    fn current(&self, purpose: Purpose) -> Result<&KeyRecord> {
        self.newest(purpose).ok_or_else(|| {
            let message = format!("there is no key for `{}`", purpose.name());
            Problem::new(Code::Internal, message)
        })
    }

    fn usable(&self, purpose: Purpose, now: Timestamp) -> impl Iterator<Item = &KeyRecord> {
        let of = self.records.iter().filter(move |r| r.purpose == purpose);
        of.filter(move |r| r.is_usable(now))
    }

    /// The keyed fingerprint (HMAC-SHA-256) of some bytes by the newest key: `id.fingerprint`, 60
    /// characters. `context` says what the bytes are: the same bytes have another fingerprint as
    /// something else.
    ///
    /// # Errors
    ///
    /// `Internal` without a key.
    pub fn fingerprint(&self, purpose: Purpose, context: &str, bytes: &[u8]) -> Result<String> {
        Ok(tag(self.current(purpose)?, context, bytes))
    }

    /// The fingerprints of some bytes by every key that may have made one, the newest first: what to
    /// look for among stored ones.
    pub fn fingerprints(
        &self,
        purpose: Purpose,
        context: &str,
        bytes: &[u8],
        now: Timestamp,
    ) -> Vec<String> {
        let keys = self.usable(purpose, now);
        keys.map(|key| tag(key, context, bytes)).collect()
    }

    /// Whether a fingerprint is that of some bytes, in a time that tells nothing.
    pub fn is_fingerprint(
        &self,
        purpose: Purpose,
        context: &str,
        bytes: &[u8],
        fingerprint: &str,
        now: Timestamp,
    ) -> bool {
        let id = fingerprint.split(BETWEEN).next();
        let key = self.usable(purpose, now).find(|k| Some(&*k.id) == id);
        key.is_some_and(|key| {
            let made = tag(key, context, bytes);
            made.as_bytes().ct_eq(fingerprint.as_bytes()).into()
        })
    }

    /// Seals a secret for storage, by the newest key: `id.ciphertext` (AES-SIV). It opens for the
    /// same context only, which should name the row: a sealed secret that is moved to another row
    /// does not open.
    ///
    /// # Errors
    ///
    /// `Internal` without a key.
    pub fn seal(&self, context: &str, secret: &Secret) -> Result<String> {
        let key = self.current(Purpose::Encryption)?;
        let failed = || Problem::new(Code::Internal, "a secret cannot be sealed");
        let mut cipher = cipher(key).ok_or_else(failed)?;
        let sealed = cipher.encrypt([context.as_bytes()], secret.bytes());
        let sealed = sealed.map_err(|_| failed())?;
        let sealed = URL_SAFE_NO_PAD.encode(sealed);
        Ok(format!("{}{BETWEEN}{sealed}", key.id))
    }

    /// Opens what [`KeyRing::seal`] sealed for the same context; nothing for any other text.
    pub fn open(&self, context: &str, sealed: &str) -> Option<Secret> {
        let (id, sealed) = sealed.split_once(BETWEEN)?;
        let mut keys = self.records.iter();
        let key = keys.find(|k| k.purpose == Purpose::Encryption && k.id == id)?;
        let sealed = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let opened = cipher(key)?.decrypt([context.as_bytes()], &sealed);
        Some(Secret::new(opened.ok()?))
    }

    /// The key pair that signs new tokens.
    ///
    /// # Errors
    ///
    /// `Internal` without a key.
    pub fn signing(&self) -> Result<&Arc<SigningKey>> {
        let id = &self.current(Purpose::TokenSigning)?.id;
        let mut pairs = self.signing.iter();
        pairs
            .find(|pair| pair.id() == id)
            .ok_or_else(|| Problem::new(Code::Internal, "there is no key that signs"))
    }

    /// The key pairs whose signatures hold, the newest first.
    pub fn verifying(&self, now: Timestamp) -> impl Iterator<Item = &Arc<SigningKey>> {
        let usable = self.usable(Purpose::TokenSigning, now);
        usable.filter_map(|r| self.signing.iter().find(|pair| pair.id() == r.id))
    }
}

/// The fingerprint of some bytes by one key.
fn tag(key: &KeyRecord, context: &str, bytes: &[u8]) -> String {
    // INVARIANT: HMAC takes keys of every length, so there is always one.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.secret.bytes()) else {
        return String::new();
    };
    mac.update(context.as_bytes());
    mac.update(&[0]);
    mac.update(bytes);
    let made = URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes());
    format!("{}{BETWEEN}{made}", key.id)
}

fn cipher(key: &KeyRecord) -> Option<Aes256Siv> {
    let bytes = <[u8; 64]>::try_from(key.secret.bytes()).ok()?;
    Some(Aes256Siv::new(&Key::<Aes256Siv>::from(bytes)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HOUR: i64 = 3_600_000_000;

    fn at(hours: i64) -> Timestamp {
        Timestamp::from_micros(hours * HOUR)
    }

    fn record(purpose: Purpose, seed: u8, created: i64, retired: Option<i64>) -> KeyRecord {
        let mut record =
            KeyRecord::generate(purpose, &[seed; 12], &[seed; 64], at(created)).unwrap();
        record.retired = retired.map(at);
        record
    }

    fn ring() -> KeyRing {
        let mut records = vec![
            record(Purpose::Fingerprints, 1, 0, Some(10)),
            record(Purpose::Fingerprints, 2, 10, None),
            record(Purpose::Sessions, 3, 0, Some(10)),
            record(Purpose::Sessions, 4, 10, None),
            record(Purpose::Encryption, 5, 0, Some(10)),
            record(Purpose::Encryption, 6, 10, None),
        ];
        records.reverse();
        KeyRing::new(records).unwrap()
    }

    /// The ring before the rotation.
    fn old_ring() -> KeyRing {
        KeyRing::new(vec![
            record(Purpose::Fingerprints, 1, 0, None),
            record(Purpose::Sessions, 3, 0, None),
            record(Purpose::Encryption, 5, 0, None),
        ])
        .unwrap()
    }

    #[test]
    fn fingerprints_depend_on_key_purpose_context_and_bytes() {
        let (ring, old) = (ring(), old_ring());
        let made = ring
            .fingerprint(Purpose::Fingerprints, "token", b"x")
            .unwrap();
        assert_eq!(made.len(), 60);
        let others = [
            ring.fingerprint(Purpose::Fingerprints, "token", b"y"),
            ring.fingerprint(Purpose::Fingerprints, "code", b"x"),
            ring.fingerprint(Purpose::Sessions, "token", b"x"),
            old.fingerprint(Purpose::Fingerprints, "token", b"x"),
            ring.fingerprint(Purpose::Fingerprints, "toke", b"nx"),
        ];
        for other in others {
            assert_ne!(other.unwrap(), made);
        }
    }

    #[test]
    fn a_fingerprint_is_found_after_a_rotation() {
        let old = old_ring()
            .fingerprint(Purpose::Fingerprints, "token", b"x")
            .unwrap();
        let found = ring().fingerprints(Purpose::Fingerprints, "token", b"x", at(100_000));
        assert_eq!(found.len(), 2);
        assert_eq!(found[1], old);
        let is = |bytes: &[u8], text: &str| {
            ring().is_fingerprint(Purpose::Fingerprints, "token", bytes, text, at(100_000))
        };
        assert!(is(b"x", &old));
        assert!(!is(b"y", &old));
        assert!(!is(b"x", ""));
        assert!(!is(b"x", "."));
    }

    #[test]
    fn a_retired_key_lapses_when_what_it_made_has() {
        let old = old_ring()
            .fingerprint(Purpose::Sessions, "id", b"x")
            .unwrap();
        let is = |hour| ring().is_fingerprint(Purpose::Sessions, "id", b"x", &old, at(hour));
        assert!(is(33));
        assert!(!is(34));
        assert_eq!(
            ring()
                .fingerprints(Purpose::Sessions, "id", b"x", at(34))
                .len(),
            1
        );
    }

    #[test]
    fn sealed_secrets_open_for_their_context_only() {
        let secret = Secret::text("JBSWY3DP".to_owned());
        let sealed = old_ring().seal("user 1", &secret).unwrap();
        assert!(!sealed.contains("JBSWY3DP"));
        assert_eq!(ring().open("user 1", &sealed), Some(secret.clone()));
        assert_eq!(ring().open("user 2", &sealed), None);
        let new = ring().seal("user 1", &secret).unwrap();
        assert_ne!(new, sealed);
        assert_eq!(old_ring().open("user 1", &new), None);
    }

    #[test]
    fn what_is_missing_is_known() {
        assert_eq!(KeyRing::default().missing(), Purpose::ALL);
        assert_eq!(ring().missing(), [Purpose::TokenSigning, Purpose::Cookies]);
        assert!(ring().fingerprint(Purpose::Cookies, "", b"").is_err());
        assert!(ring().signing().is_err());
        assert!(
            KeyRing::default()
                .seal("", &Secret::text(String::new()))
                .is_err()
        );
    }

    #[test]
    fn a_ring_tells_nothing_of_its_keys() {
        let secret = format!("{:?}", [7_u8; 3]).replace(['[', ']'], "");
        let ring = KeyRing::new(vec![record(Purpose::Sessions, 7, 0, None)]).unwrap();
        assert!(!format!("{ring:?}").contains(&secret));
    }

    #[test]
    fn a_damaged_key_pair_is_refused() {
        let mut record = record(Purpose::Sessions, 1, 0, None);
        record.purpose = Purpose::TokenSigning;
        let problem = KeyRing::new(vec![record]).unwrap_err();
        assert_eq!(problem.code(), Code::Internal);
    }

    #[test]
    fn purposes_have_names() {
        for purpose in Purpose::ALL {
            assert_eq!(Purpose::named(purpose.name()), Some(purpose));
        }
        assert_eq!(Purpose::named("all"), None);
    }

    proptest! {
        #[test]
        fn no_text_opens_that_was_not_sealed(text in "\\PC{0,80}|[A-Za-z0-9_.-]{0,80}") {
            prop_assert_eq!(ring().open("x", &text), None);
            let is = ring().is_fingerprint(Purpose::Fingerprints, "x", b"x", &text, at(0));
            prop_assert!(!is);
        }
    }
}
