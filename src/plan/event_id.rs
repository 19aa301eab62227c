//! The ids of events: places in the log of changes, sealed.

use aes_siv::siv::Aes128Siv;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

use super::TokenKey;

/// The format of ids. One of another version does not open.
const VERSION: &[u8] = b"userdex event 1";

/// A place in the log of changes: behind one of the changes of a set of changes. Places are in the
/// order of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LogPlace {
    /// The number of the set of changes.
    pub number: i64,
    /// The key of the change in it.
    pub change: Uuid,
}

impl LogPlace {
    /// The place behind all changes of a set.
    pub const fn behind(number: i64) -> Self {
        Self {
            number,
            change: Uuid::max(),
        }
    }

    /// Seals the place for one user. Plain numbers would tell how much happens that somebody may not
    /// see; with `salt`, two ids of one place differ, so that equal ones tell nothing either.
    pub fn seal(self, key: &TokenKey, user: Uuid, salt: [u8; 8]) -> Option<String> {
        let number = self.number.to_be_bytes();
        let plain = [&number[..], self.change.as_bytes(), &salt].concat();
        let mut cipher: Aes128Siv = key.cipher();
        let sealed = cipher.encrypt([VERSION, user.as_bytes()], &plain).ok()?;
        Some(URL_SAFE_NO_PAD.encode(sealed))
    }

    /// Opens an id that was given out to this user; nothing for any other text.
    pub fn open(text: &str, key: &TokenKey, user: Uuid) -> Option<Self> {
        let sealed = URL_SAFE_NO_PAD.decode(text).ok()?;
        let mut cipher: Aes128Siv = key.cipher();
        let plain = cipher.decrypt([VERSION, user.as_bytes()], &sealed).ok()?;
        let (number, rest) = plain.split_first_chunk::<8>()?;
        let (change, _) = rest.split_first_chunk::<16>()?;
        Some(Self {
            number: i64::from_be_bytes(*number),
            change: Uuid::from_bytes(*change),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_opens_for_its_user_only() {
        let (key, user) = (TokenKey::new([7; 32]), Uuid::from_u128(9));
        let place = LogPlace {
            number: 12,
            change: Uuid::from_u128(5),
        };
        let text = place.seal(&key, user, [1; 8]).unwrap();
        assert_eq!(LogPlace::open(&text, &key, user), Some(place));
        assert_eq!(LogPlace::open(&text, &key, Uuid::from_u128(8)), None);
        assert_eq!(LogPlace::open(&text, &TokenKey::new([8; 32]), user), None);
        let other = place.seal(&key, user, [2; 8]).unwrap();
        assert_ne!(text, other);
        assert_eq!(LogPlace::open(&other, &key, user), Some(place));
        let mut forged = text.clone().into_bytes();
        forged[10] ^= 1;
        let forged = String::from_utf8(forged).unwrap();
        for wrong in [
            forged.as_str(),
            "",
            "1",
            "ä",
            text.get(1..).unwrap_or_default(),
        ] {
            assert_eq!(LogPlace::open(wrong, &key, user), None, "{wrong}");
        }
        assert!(LogPlace::behind(12) > place && LogPlace::behind(11) < place);
    }
}
