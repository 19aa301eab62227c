//! Paging: how far a page goes, and the token that continues it.

use aes_siv::siv::Aes128Siv;
use aes_siv::{Key, KeyInit};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value as Json, json};
use uuid::Uuid;

use super::Walk;
use crate::value::{Timestamp, Value};

/// The page of a collection.
#[derive(Debug, Clone)]
pub struct Page {
    /// Rows of this page at most. The query takes one more, which is never sent: it shows that
    /// there is a next page.
    pub size: u64,
    /// Rows that the client still wants, this page included; nothing where it wants all. No next
    /// link once they are sent.
    pub remaining: Option<u64>,
    /// The canonical text of the request without paging options. The token is bound to it, so that
    /// a token of another query does not open.
    pub request: String,
    /// The walk that the page goes on with, where its token knows of one.
    pub walk: Option<Walk>,
}

/// What a next link carries, encrypted: readable sort values would reveal rows that rights hide
/// (`docs/decisions/005-keyset-paging.md`).
#[derive(Debug, Clone, PartialEq)]
pub struct SkipToken {
    /// The order values of the last row sent, one per order key.
    pub after: Vec<Value>,
    /// Rows that the client still wants after it.
    pub remaining: Option<u64>,
    /// The walk, where rows may move or are tracked while it lasts.
    pub walk: Option<Walk>,
}

/// The key that seals skip tokens: the same for all servers of one database.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenKey([u8; 32]);

impl std::fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TokenKey")
    }
}

impl TokenKey {
    /// From 32 secret bytes.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub(super) fn cipher(&self) -> Aes128Siv {
        Aes128Siv::new(&Key::<Aes128Siv>::from(self.0))
    }
}

/// The format of tokens. A token of another version does not open.
const VERSION: &[u8] = b"userdex skiptoken 1";

impl SkipToken {
    /// Seals the token for one request. The same token and request give the same text: AES-SIV is
    /// deterministic, so that answers are too.
    pub fn seal(&self, key: &TokenKey, request: &str) -> Option<String> {
        let after: Vec<Json> = self.after.iter().map(to_json).collect();
        let text = match &self.walk {
            None => json!([self.remaining, after]),
            Some(walk) => json!([self.remaining, after, walk.text()]),
        };
        let text = text.to_string();
        let sealed = key
            .cipher()
            .encrypt([VERSION, request.as_bytes()], text.as_bytes())
            .ok()?;
        Some(URL_SAFE_NO_PAD.encode(sealed))
    }

    /// Opens a token that this service made for this request; nothing for any other text.
    pub fn open(text: &str, key: &TokenKey, request: &str) -> Option<Self> {
        let sealed = URL_SAFE_NO_PAD.decode(text).ok()?;
        let plain = key
            .cipher()
            .decrypt([VERSION, request.as_bytes()], &sealed)
            .ok()?;
        let parts: Vec<Json> = serde_json::from_slice(&plain).ok()?;
        let (remaining, after, walk) = match parts.as_slice() {
            [remaining, Json::Array(after)] => (remaining, after, None),
            [remaining, Json::Array(after), Json::String(walk)] => {
                (remaining, after, Some(Walk::parse(walk)?))
            }
            _ => return None,
        };
        Some(Self {
            after: after.iter().map(from_json).collect::<Option<_>>()?,
            remaining: remaining.as_u64(),
            walk,
        })
    }
}

/// A value with its kind: the type must survive the round trip.
fn to_json(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Boolean(b) => json!(b),
        Value::Integer(i) => json!(i),
        Value::Text(t) => json!(t),
        Value::Guid(g) => json!({"g": g.as_simple().to_string()}),
        Value::Timestamp(t) => json!({"t": t.micros()}),
        Value::Binary(b) => json!({"b": URL_SAFE_NO_PAD.encode(b)}),
    }
}

/// The inverse of [`to_json`].
fn from_json(json: &Json) -> Option<Value> {
    Some(match json {
        Json::Null => Value::Null,
        Json::Bool(b) => Value::Boolean(*b),
        Json::Number(n) => Value::Integer(n.as_i64()?),
        Json::String(t) => Value::Text(t.clone()),
        Json::Array(_) => return None,
        Json::Object(o) => {
            let (kind, inner) = o.iter().next()?;
            match kind.as_str() {
                "g" => Value::Guid(Uuid::parse_str(inner.as_str()?).ok()?),
                "t" => Value::Timestamp(Timestamp::from_micros(inner.as_i64()?)),
                "b" => Value::Binary(URL_SAFE_NO_PAD.decode(inner.as_str()?).ok()?),
                _ => return None,
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_opens_for_its_request_only() {
        let key = TokenKey::new([7; 32]);
        let mut token = SkipToken {
            after: vec![
                Value::Null,
                Value::Text("Ан".into()),
                Value::Guid(Uuid::from_u128(9)),
                Value::Timestamp(Timestamp::from_micros(-5000)),
                Value::Boolean(true),
                Value::Integer(-1),
                Value::Binary(vec![0, 255]),
            ],
            remaining: Some(3),
            walk: None,
        };
        let text = token.seal(&key, "Users").unwrap();
        assert_eq!(SkipToken::open(&text, &key, "Users"), Some(token.clone()));
        token.walk = Some(Walk {
            began: 4,
            seen: 7,
            tracked: None,
            salt: 9,
            marks: vec![5, 6],
        });
        token.remaining = None;
        let walking = token.seal(&key, "Users").unwrap();
        assert_eq!(SkipToken::open(&walking, &key, "Users"), Some(token));
        assert_eq!(SkipToken::open(&text, &key, "Groups"), None);
        assert_eq!(
            SkipToken::open(&text, &TokenKey::new([8; 32]), "Users"),
            None
        );
        assert_eq!(SkipToken::open("forged", &key, "Users"), None);
    }
}
