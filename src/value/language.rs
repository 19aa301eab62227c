//! Language tags of requests and of texts.

/// The primary subtag of a language, in upper case, as texts are keyed: `EN`, `BG`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Language(String);

impl Language {
    /// Reads a tag such as `bg`, `en-US`, `DE_at`; only the primary subtag counts. Nothing for
    /// text that is not two to eight letters.
    pub fn parse(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_']).next()?;
        let fits =
            (2..=8).contains(&primary.len()) && primary.bytes().all(|b| b.is_ascii_alphabetic());
        fits.then(|| Self(primary.to_ascii_uppercase()))
    }

    /// The key of this language in a multi-language text.
    pub fn key(&self) -> &str {
        &self.0
    }
}

impl Default for Language {
    /// English, as the model says for "no language".
    fn default() -> Self {
        Self("EN".to_owned())
    }
}
