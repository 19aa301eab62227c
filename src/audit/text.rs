//! Texts from outside, made fit for an entry.

/// The start of a text as one line: characters that are none that people see become blanks.
pub fn line(text: &str, longest: usize) -> String {
    let seen = |c: char| if c.is_control() { ' ' } else { c };
    let line: String = text.trim().chars().take(longest).map(seen).collect();
    line.trim_end().to_owned()
}

/// The start of a text, so many characters of it.
pub fn short(text: &str, longest: usize) -> &str {
    let end = text.char_indices().nth(longest);
    end.and_then(|(end, _)| text.get(..end)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_one_short_line() {
        for (text, expected) in [
            (" grid/1\r\nX: y ", "grid/1  X:"),
            ("ü".repeat(20).as_str(), "üüüüüüüüüü"),
            ("\0", ""),
            ("", ""),
        ] {
            assert_eq!(line(text, 10), expected, "{text:?}");
        }
        assert_eq!((short("üab", 2), short("a", 2)), ("üa", "a"));
    }
}
