//! A text in several languages, as `{"EN":"Ann Lee","BG":"Ан Ли"}`.

use serde_json::{Map, Value as Json};

use super::Language;

/// One text per language, in the order in which they were given. Keys are upper case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MultilanguageString(Vec<(String, String)>);

impl MultilanguageString {
    /// From pairs of language and text; keys are turned to upper case.
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        Self(
            pairs
                .into_iter()
                .map(|(k, v)| (k.to_ascii_uppercase(), v.to_owned()))
                .collect(),
        )
    }

    /// Reads the stored JSON object; members that are not texts are left out.
    pub fn from_json(text: &str) -> Option<Self> {
        let object: Map<String, Json> = serde_json::from_str(text).ok()?;
        let pairs = object
            .iter()
            .filter_map(|(k, v)| Some((k.as_str(), v.as_str()?)));
        Some(Self::from_pairs(pairs))
    }

    /// The stored JSON object, keys in upper case.
    pub fn to_json(&self) -> String {
        let object: Map<String, Json> = self
            .0
            .iter()
            .map(|(k, v)| (k.clone(), Json::String(v.clone())))
            .collect();
        Json::Object(object).to_string()
    }

    /// The text with other languages changed, added at the end, or, without a text, removed. Keys
    /// are upper case.
    #[must_use]
    pub fn with<'a>(
        mut self,
        changes: impl IntoIterator<Item = (&'a str, Option<&'a str>)>,
    ) -> Self {
        for (key, text) in changes {
            let known = self.0.iter().position(|(k, _)| k == key);
            match (known, text) {
                (Some(at), Some(text)) => {
                    if let Some((_, old)) = self.0.get_mut(at) {
                        text.clone_into(old);
                    }
                }
                (Some(at), None) => drop(self.0.remove(at)),
                (None, Some(text)) => self.0.push((key.to_owned(), text.to_owned())),
                (None, None) => {}
            }
        }
        self
    }

    /// Whether there is no language.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The languages and their texts.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(k, v)| (k.as_str(), v.as_str()))
    }

    /// The text in a language, else in the first language there is (S1-04).
    pub fn text(&self, language: &Language) -> Option<&str> {
        let find = |key: &str| {
            self.0
                .iter()
                .find(|(k, _)| k == key)
                .map(|(_, v)| v.as_str())
        };
        find(language.key()).or_else(|| self.0.first().map(|(_, v)| v.as_str()))
    }
}
