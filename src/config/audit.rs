//! Section `audit`.

use std::time::Duration;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer};

use super::duration;

/// Section `audit`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Audit {
    /// How long entries are kept; nothing for ever.
    #[serde(deserialize_with = "retention")]
    pub retention: Option<Duration>,
}

/// A day, below which nothing is kept long enough to be read.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

impl Default for Audit {
    fn default() -> Self {
        Self {
            retention: Some(400 * DAY),
        }
    }
}

/// `0`, as a number or a text, or a length of time of a day or more.
fn retention<'de, D: Deserializer<'de>>(input: D) -> Result<Option<Duration>, D::Error> {
    struct Retention;
    impl Visitor<'_> for Retention {
        type Value = Option<Duration>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a length of time, or 0")
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
            if text == "0" {
                return Ok(None);
            }
            let time = duration::parse(text).filter(|time| *time >= DAY);
            time.map(Some)
                .ok_or_else(|| E::custom("not a length of time of a day or more"))
        }

        fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
            self.visit_str(&number.to_string())
        }

        fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
            self.visit_str(&number.to_string())
        }
    }
    input.deserialize_any(Retention)
}
