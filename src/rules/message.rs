//! The messages of refusals: one file for each language, a text for each code.

use std::collections::HashMap;
use std::sync::OnceLock;

use marked_yaml::Node;

use crate::value::Language;

/// Languages and their files.
const FILES: &[(&str, &str)] = &[
    ("EN", include_str!("messages/en.yaml")),
    ("BG", include_str!("messages/bg.yaml")),
];

/// The text of a code in a language, else in English; nothing where neither has one.
pub(super) fn text(code: &str, language: &Language) -> Option<&'static str> {
    let texts = |key: &str| {
        let mut all = all().iter();
        all.find(|(known, _)| *known == key).map(|(_, texts)| texts)
    };
    let find = |key: &str| texts(key)?.get(code).map(String::as_str);
    find(language.key()).or_else(|| find(Language::default().key()))
}

/// The English message of a rule, with its places; nothing where no refusal has one.
pub fn english(code: &str) -> Option<&'static str> {
    text(code, &Language::default())
}

/// A message whose places, such as `{Login}`, are filled in.
pub(super) fn fill(text: &str, places: &[(&'static str, String)]) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    // In one pass: a value that looks like a place is none.
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let place = after.split_once('}');
        let known = place.and_then(|(name, rest)| {
            let (_, value) = places.iter().find(|(place, _)| *place == name)?;
            Some((value, rest))
        });
        if let Some((value, behind)) = known {
            filled.push_str(value);
            rest = behind;
        } else {
            filled.push('{');
            rest = after;
        }
    }
    filled.push_str(rest);
    filled
}

type Texts = HashMap<String, String>;

/// Every file, read once. They are part of the program, and a test sees that they can be read.
fn all() -> &'static [(&'static str, Texts)] {
    static ALL: OnceLock<Vec<(&'static str, Texts)>> = OnceLock::new();
    ALL.get_or_init(|| {
        let files = FILES.iter();
        files
            .map(|(language, file)| (*language, read(file).unwrap_or_default()))
            .collect()
    })
}

fn read(file: &str) -> Option<Texts> {
    let tree = marked_yaml::parse_yaml(0, file).ok()?;
    let pairs = tree.as_mapping()?.iter();
    pairs
        .map(|(code, text)| {
            let text = Node::as_scalar(text)?;
            Some((code.as_str().to_owned(), text.as_str().to_owned()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::RULES;

    #[test]
    fn every_language_has_the_same_messages() {
        let codes = |texts: &Texts| {
            let mut codes: Vec<_> = texts.keys().cloned().collect();
            codes.sort();
            codes
        };
        let (_, english) = &all()[0];
        assert!(!english.is_empty());
        for (language, texts) in all() {
            assert_eq!(codes(texts), codes(english), "{language}");
            for (code, text) in texts {
                let places = |text: &str| {
                    let mut places: Vec<_> = text.split('{').skip(1).map(str::to_owned).collect();
                    places
                        .iter_mut()
                        .for_each(|p| p.truncate(p.find('}').unwrap()));
                    places.sort();
                    places.dedup();
                    places
                };
                assert_eq!(places(text), places(&english[code]), "{language} {code}");
            }
        }
    }

    #[test]
    fn every_message_belongs_to_a_rule() {
        for code in all()[0].1.keys() {
            assert!(RULES.iter().any(|rule| rule.code() == code), "{code}");
        }
    }
}
