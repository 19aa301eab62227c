//! Lines of a text, none of them held whole beyond a limit.

use std::io::{BufRead, Read as _, Result};

/// Bytes of a line at most, as of a request.
pub(super) const LONGEST: usize = 4 * 1024 * 1024;

/// A line, without its end.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// Its bytes.
    Whole(Vec<u8>),
    /// It is longer than [`LONGEST`]; it was skipped.
    TooLong,
}

/// The next line; nothing at the end.
pub(super) fn next(from: &mut dyn BufRead) -> Result<Option<Line>> {
    let mut line = Vec::new();
    let most = u64::try_from(LONGEST).unwrap_or(u64::MAX).saturating_add(1);
    if from.take(most).read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    if line.last() == Some(&b'\n') {
        line.pop();
        if line.last() == Some(&b'\r') {
            line.pop();
        }
    } else if line.len() > LONGEST {
        skip(from)?;
        return Ok(Some(Line::TooLong));
    }
    Ok(Some(Line::Whole(line)))
}

/// Goes to the end of a line.
fn skip(from: &mut dyn BufRead) -> Result<()> {
    loop {
        let seen = from.fill_buf()?;
        if seen.is_empty() {
            return Ok(());
        }
        let end = seen.iter().position(|byte| *byte == b'\n');
        let used = end.map_or(seen.len(), |end| end.saturating_add(1));
        from.consume(used);
        if end.is_some() {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_in_any_way_and_long_ones_are_skipped() {
        let long = "x".repeat(LONGEST + 5);
        let text = format!("a\r\n\n{long}\nb");
        let mut from = text.as_bytes();
        let mut all = Vec::new();
        while let Some(line) = next(&mut from).unwrap() {
            all.push(line);
        }
        let whole = |text: &str| Line::Whole(text.as_bytes().to_vec());
        assert_eq!(all, [whole("a"), whole(""), Line::TooLong, whole("b")]);
    }
}
