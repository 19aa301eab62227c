//! Places in the history of changes: where a walk through pages began, and where a delta link goes
//! on (`docs/decisions/027-delta.md`).

use aes_siv::siv::Aes128Siv;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use uuid::Uuid;

use super::TokenKey;

/// What a next link knows of the walk that it goes on with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Walk {
    /// The number of the newest changes when it began.
    pub began: i64,
    /// The number of the newest changes when its last page was read.
    pub seen: i64,
    /// An imprint of what its caller may see, where a delta link stands at its end.
    pub tracked: Option<Uuid>,
    /// Makes two tokens of one place differ: equal ones would say that nothing was changed in
    /// between, also by those whose changes somebody may not see.
    pub salt: i64,
    /// Numbers at which pages were read that had rows otherwise than they were when it began, though
    /// nothing of the rows themselves had changed: rising, and as few as tell of all such rows.
    pub marks: Vec<i64>,
}

impl Walk {
    /// A text whose length does not tell how great the numbers are.
    pub(super) fn text(&self) -> String {
        let Self {
            began, seen, salt, ..
        } = self;
        let tracked = self.tracked.unwrap_or_default().simple();
        let marks: String = self
            .marks
            .iter()
            .map(|mark| format!("{mark:016x}"))
            .collect();
        format!("{began:016x}{seen:016x}{salt:016x}{tracked}{marks}")
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        let number = |from: usize| i64::from_str_radix(text.get(from..from + 16)?, 16).ok();
        let tracked = Uuid::try_parse(text.get(48..80)?).ok()?;
        let marks = (80..text.len()).step_by(16);
        Some(Self {
            began: number(0)?,
            seen: number(16)?,
            salt: number(32)?,
            tracked: (!tracked.is_nil()).then_some(tracked),
            marks: marks.map(number).collect::<Option<_>>()?,
        })
    }
}

/// What a delta link carries, sealed for one user and one request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeltaToken {
    /// The number of the newest changes that its client knows of.
    pub since: i64,
    /// An imprint of what its caller may see.
    pub rights: Uuid,
    /// Numbers behind it at which pages of the walk before it left rows out, or showed them otherwise,
    /// that may be again as they were.
    pub marks: Vec<i64>,
}

/// The format of delta tokens. One of another version does not open.
const VERSION: &[u8] = b"userdex deltatoken 1";

impl DeltaToken {
    /// Seals the token. With `salt`, two tokens of one place differ, as those of events do.
    pub fn seal(&self, key: &TokenKey, request: &str, user: Uuid, salt: i64) -> Option<String> {
        let (since, salt) = (self.since.to_be_bytes(), salt.to_be_bytes());
        let mut plain = [&since[..], self.rights.as_bytes(), &salt].concat();
        plain.extend(self.marks.iter().flat_map(|mark| mark.to_be_bytes()));
        let mut cipher: Aes128Siv = key.cipher();
        let bound = [VERSION, request.as_bytes(), user.as_bytes()];
        let sealed = cipher.encrypt(bound, &plain).ok()?;
        Some(URL_SAFE_NO_PAD.encode(sealed))
    }

    /// Opens a token that was made for this request of this user; nothing for any other text.
    pub fn open(text: &str, key: &TokenKey, request: &str, user: Uuid) -> Option<Self> {
        let sealed = URL_SAFE_NO_PAD.decode(text).ok()?;
        let mut cipher: Aes128Siv = key.cipher();
        let bound = [VERSION, request.as_bytes(), user.as_bytes()];
        let plain = cipher.decrypt(bound, &sealed).ok()?;
        let (since, rest) = plain.split_first_chunk::<8>()?;
        let (rights, rest) = rest.split_first_chunk::<16>()?;
        let (_salt, marks) = rest.split_first_chunk::<8>()?;
        let marks = marks.chunks(8).map(|mark| mark.try_into().ok());
        Some(Self {
            since: i64::from_be_bytes(*since),
            rights: Uuid::from_bytes(*rights),
            marks: marks
                .map(|mark| mark.map(i64::from_be_bytes))
                .collect::<Option<_>>()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delta_token_opens_for_its_request_and_user_only() {
        let (key, user) = (TokenKey::new([7; 32]), Uuid::from_u128(9));
        let token = DeltaToken {
            since: 12,
            rights: Uuid::from_u128(5),
            marks: Vec::new(),
        };
        let text = token.seal(&key, "Users?", user, 1).unwrap();
        let open = |text: &str, request, user| DeltaToken::open(text, &key, request, user);
        assert_eq!(open(&text, "Users?", user), Some(token.clone()));
        assert_eq!(open(&text, "Users?$filter=Active", user), None);
        assert_eq!(open(&text, "Users?", Uuid::from_u128(8)), None);
        assert_eq!(open("x", "Users?", user), None);
        let other = TokenKey::new([8; 32]);
        assert_eq!(DeltaToken::open(&text, &other, "Users?", user), None);
        // Another salt, another text, of the same length; so have other numbers.
        let later = DeltaToken {
            since: 1_000_000,
            ..token.clone()
        };
        let marked = DeltaToken {
            marks: vec![13, i64::MAX],
            ..token.clone()
        };
        let sealed = marked.seal(&key, "Users?", user, 1).unwrap();
        assert_eq!(open(&sealed, "Users?", user), Some(marked));
        for (token, salt) in [(token, 2), (later, 1)] {
            let sealed = token.seal(&key, "Users?", user, salt).unwrap();
            assert_ne!(sealed, text);
            assert_eq!(sealed.len(), text.len());
            assert_eq!(open(&sealed, "Users?", user), Some(token));
        }
    }

    #[test]
    fn walks_are_texts_of_one_length() {
        for (began, seen, tracked, salt) in [
            (0, 0, None, 0),
            (1, i64::MAX, Some(Uuid::from_u128(3)), i64::MAX),
        ] {
            let walk = Walk {
                began,
                seen,
                tracked,
                salt,
                marks: Vec::new(),
            };
            assert_eq!(walk.text().len(), 80);
            assert_eq!(Walk::parse(&walk.text()).as_ref(), Some(&walk));
            let marks = vec![2, i64::MAX];
            let marked = Walk { marks, ..walk };
            assert_eq!(Walk::parse(&marked.text()), Some(marked));
        }
        for wrong in ["", "zz", "0123456789abcdef"] {
            assert_eq!(Walk::parse(wrong), None);
        }
    }
}
