//! Full Unicode case folding: what `like`, names and uniqueness compare.

use icu_casemap::CaseMapper;

use super::MultilanguageString;

/// Stands before, between and after the languages of a folded multi-language text.
///
/// A control character that input can never contain next to text of interest: needles are refused
/// when they hold it, so that no match can span two languages.
pub const LANGUAGE_SEPARATOR: char = '\u{1}';

/// The folded form of a text: equal for texts that differ in case only.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    CaseMapper::new().fold_string(text).into_owned()
}

/// The folded form of every language's text, with [`LANGUAGE_SEPARATOR`] on both sides of each, so
/// that *starts with* is `contains(separator + needle)`.
pub fn fold_multilanguage(text: &MultilanguageString) -> String {
    let mut folded = String::from(LANGUAGE_SEPARATOR);
    for (_, words) in text.iter() {
        folded.push_str(&fold(words));
        folded.push(LANGUAGE_SEPARATOR);
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folds_beyond_ascii() {
        assert_eq!(fold("ИВАН Straße"), "иван strasse");
        assert_eq!(fold("ΣΊΣΥΦΟΣ"), fold("σίσυφος"));
    }

    #[test]
    fn separates_languages() {
        let name = MultilanguageString::from_pairs([("EN", "Ann Lee"), ("BG", "Ан Ли")]);
        assert_eq!(fold_multilanguage(&name), "\u{1}ann lee\u{1}ан ли\u{1}");
    }
}
