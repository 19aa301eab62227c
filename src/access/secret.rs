//! A value that must not be seen.

use std::fmt;

use zeroize::Zeroizing;

/// Bytes that are shown nowhere and overwritten when they are dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// Takes bytes over.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Takes a text over.
    pub fn text(text: String) -> Self {
        Self::new(text.into_bytes())
    }

    /// The bytes, for the moment in which they are used.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// The bytes as text; empty where they are none.
    pub fn as_text(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_printed() {
        let secret = Secret::text("hunter2".to_owned());
        assert_eq!(format!("{secret:?}"), "Secret(..)");
        assert_eq!(secret.as_text(), "hunter2");
    }

    #[test]
    fn bytes_that_are_no_text_are_an_empty_one() {
        assert_eq!(Secret::new(vec![0xFF]).as_text(), "");
    }
}
