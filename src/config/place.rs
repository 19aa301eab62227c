//! Finds the line of a configuration file that a key stands on.

/// The line (from 1) of the last part of `path`, searched for part by part; good for TOML tables,
/// dotted keys, and JSON objects one inside the other.
pub(super) fn line_of(text: &str, path: &[&str]) -> Option<usize> {
    let mut from = 0;
    let mut line = None;
    for part in path {
        let (number, end) = find_word(text, part, from)?;
        (line, from) = (Some(number), end);
    }
    line
}

/// The first place of `word` as a whole word outside comment lines, at or after byte `from`: its
/// line and the byte after it.
fn find_word(text: &str, word: &str, from: usize) -> Option<(usize, usize)> {
    let mut start = 0;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let comment = line.trim_start().starts_with('#');
        let end = (!comment)
            .then(|| {
                line.match_indices(word)
                    .filter(|(at, _)| start + at >= from)
                    .find(|(at, _)| is_whole(line, *at, word.len()))
            })
            .flatten();
        if let Some((at, _)) = end {
            return Some((number + 1, start + at + word.len()));
        }
        start += line.len();
    }
    None
}

/// Whether no letter, digit or `_` touches the word.
fn is_whole(line: &str, at: usize, length: usize) -> bool {
    let part_of_word = |c: char| c.is_alphanumeric() || c == '_';
    let before = line.get(..at).and_then(|text| text.chars().next_back());
    let after = line.get(at + length..).and_then(|text| text.chars().next());
    !before.is_some_and(part_of_word) && !after.is_some_and(part_of_word)
}
