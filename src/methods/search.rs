//! The texts that people search by, with `%` for any characters.

use crate::value::fold;

/// What is searched for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Search {
    /// Anything.
    Any,
    /// Exactly this text.
    Exact(String),
    /// A text with this part.
    Part(String),
    /// A text of these pieces in this order, with anything between them: `a%b`.
    Pattern(Vec<String>),
}

impl Search {
    /// Reads a text; with `exact` it is taken as it stands.
    pub(super) fn of(text: Option<&str>, exact: bool) -> Self {
        match text {
            None | Some("") => Self::Any,
            Some(text) if exact => Self::Exact(fold(text)),
            Some(text) if text.contains('%') => Self::Pattern(text.split('%').map(fold).collect()),
            Some(text) => Self::Part(fold(text)),
        }
    }

    /// Whether a text is one that is searched for, whatever its case.
    pub(super) fn fits(&self, text: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Exact(wanted) => fold(text) == *wanted,
            Self::Part(part) => fold(text).contains(part.as_str()),
            Self::Pattern(pieces) => is_made_of(&fold(text), pieces),
        }
    }
}

/// Whether a text starts with the first piece, ends with the last, and has the others in between.
fn is_made_of(text: &str, pieces: &[String]) -> bool {
    let [first, inner @ .., last] = pieces else {
        return pieces.first().is_none_or(|only| only == text);
    };
    let Some(mut rest) = text.strip_prefix(first.as_str()) else {
        return false;
    };
    for piece in inner {
        // The earliest place leaves most for the pieces that follow.
        let Some((_, after)) = rest.split_once(piece.as_str()) else {
            return false;
        };
        rest = after;
    }
    rest.ends_with(last.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_fit() {
        for (search, exact, text, expected) in [
            (None, false, "x", true),
            (Some(""), true, "x", true),
            (Some("A%"), false, "apple", true),
            (Some("a%"), false, "banana", false),
            (Some("%NA"), false, "banana", true),
            (Some("%an%an%"), false, "banana", true),
            (Some("%an%ana%"), false, "banan", false),
            (Some("b%b"), false, "b", false),
            (Some("%"), false, "", true),
            (Some("an"), false, "banana", true),
            (Some("an"), true, "banana", false),
            (Some("BANANA"), true, "banana", true),
            (Some("a%"), true, "a%", true),
            (Some("a%"), true, "ab", false),
            (Some("я%"), false, "Ябълка", true),
        ] {
            let found = Search::of(search, exact).fits(text);
            assert_eq!(found, expected, "{search:?} {exact} {text}");
        }
    }
}
