//! Texts for people, in English and perhaps Bulgarian.

/// The languages that `$metadata` and the OpenAPI document name in a multi-language text. A text may
/// hold any other language too.
pub const LANGUAGES: &[&str] = &[
    "EN", "BG", "DE", "EL", "ES", "FR", "IT", "PL", "PT", "RO", "RU", "SR", "TR", "UK",
];

/// A description. English is always there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Text {
    /// English.
    pub en: String,
    /// Bulgarian, where the metadata has it.
    pub bg: Option<String>,
}

impl Text {
    /// The text in a language (`EN`, `BG`), else English.
    pub fn get(&self, language: &str) -> &str {
        match (&self.bg, language) {
            (Some(bg), "BG") => bg,
            _ => &self.en,
        }
    }
}
