//! Names that might have been meant.

/// Bytes of a word that may be a slip of the pen, at most: comparing longer ones costs much and tells
/// nothing.
const LONGEST: usize = 128;

/// Whether a word is short enough to look for what was meant by it.
pub fn may_be_a_slip(word: &str) -> bool {
    word.len() <= LONGEST
}

/// The likeliest of the names, where one is near enough to be a slip of the pen.
pub fn nearest<'n>(wanted: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    if !may_be_a_slip(wanted) {
        return None;
    }
    let wanted = wanted.to_lowercase();
    let length = wanted.chars().count();
    // Two slips in three letters leave nothing of a name.
    let most = (length / 3 + usize::from(length > 3)).max(1);
    names
        .into_iter()
        // Each letter more or less is a slip of its own.
        .filter(|name| name.chars().count().abs_diff(length) <= most)
        .map(|name| {
            let distance = strsim::damerau_levenshtein(&wanted, &name.to_lowercase());
            (distance, name)
        })
        .filter(|(distance, _)| *distance <= most)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_of_the_pen_are_seen() {
        let names = ["Login", "Email", "UserType"];
        let long = "Login".repeat(200);
        for (wanted, found) in [
            ("login", Some("Login")),
            ("Logn", Some("Login")),
            ("Lgoin", Some("Login")),
            ("Usertyp", Some("UserType")),
            ("Password", None),
            ("X", None),
            (long.as_str(), None),
        ] {
            assert_eq!(nearest(wanted, names), found, "{wanted}");
        }
    }
}
