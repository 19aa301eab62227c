//! Full Unicode case folding: what `like`, names and uniqueness compare.

use icu_casemap::CaseMapper;

use super::MultilanguageString;

/// Ends each language of a folded multi-language text, and stands before the first.
///
/// Input never holds it, so that no match can span two languages.
pub const LANGUAGE_SEPARATOR: char = '\u{1}';

/// Stands between the key of a language and its folded text.
pub const LANGUAGE_START: char = '\u{2}';

/// The folded form of a text: equal for texts that differ in case only.
pub fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    CaseMapper::new().fold_string(text).into_owned()
}

/// The folded form of every language's text, in the order of the languages: a separator, then per
/// language its key, [`LANGUAGE_START`], the folded text and a separator.
///
/// Keys are upper case and needles are folded, so that no needle matches a key. *Contains* in any
/// language is `contains(needle)`, *starts with* is `contains(start + needle)`, *ends with* is
/// `contains(needle + separator)`, and *equals* is `contains(start + needle + separator)`.
pub fn fold_multilanguage(text: &MultilanguageString) -> String {
    let mut folded = String::from(LANGUAGE_SEPARATOR);
    for (key, words) in text.iter() {
        folded.push_str(key);
        folded.push(LANGUAGE_START);
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
        assert_eq!(
            fold_multilanguage(&name),
            "\u{1}EN\u{2}ann lee\u{1}BG\u{2}ан ли\u{1}"
        );
    }
}
