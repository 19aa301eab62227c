//! JSON strings: escaping, eight bytes at a time.

/// Every byte one.
const ONES: u64 = u64::from_le_bytes([1; 8]);
/// The high bit of every byte.
const HIGH: u64 = ONES << 7;
const HEX: &[u8; 16] = b"0123456789abcdef";

/// Appends `text` as a JSON string with its quotes. Everything beyond ASCII passes through.
pub fn json_string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    json_escaped(out, text);
    out.push(b'"');
}

/// Appends `text` as the inside of a JSON string (RFC 8259, section 7).
pub fn json_escaped(out: &mut Vec<u8>, text: &str) {
    let mut rest = text.as_bytes();
    while let Some((clean, special)) = first_special(rest).and_then(|at| rest.split_at_checked(at))
    {
        let Some((&byte, tail)) = special.split_first() else {
            break;
        };
        out.extend_from_slice(clean);
        escape_byte(out, byte);
        rest = tail;
    }
    out.extend_from_slice(rest);
}

/// Where the first byte is that JSON does not take as it stands.
fn first_special(bytes: &[u8]) -> Option<usize> {
    let (words, tail) = bytes.as_chunks::<8>();
    for (number, word) in words.iter().enumerate() {
        let found = special_bytes(u64::from_le_bytes(*word));
        if found != 0 {
            let inside = usize::try_from(found.trailing_zeros() / 8).ok()?;
            return Some(number * 8 + inside);
        }
    }
    let at = tail
        .iter()
        .position(|&b| b < 0x20 || b == b'"' || b == b'\\')?;
    Some(words.len() * 8 + at)
}

/// The high bit of every byte that is a control character, a quote or a backslash. A borrow can
/// mark bytes above a marked one wrongly, never below: the lowest mark is right.
const fn special_bytes(word: u64) -> u64 {
    let control = word.wrapping_sub(ONES * 0x20) & !word;
    let quote = word ^ (ONES * 0x22);
    let backslash = word ^ (ONES * 0x5c);
    (control | (quote.wrapping_sub(ONES) & !quote) | (backslash.wrapping_sub(ONES) & !backslash))
        & HIGH
}

/// Appends the escape sequence of one byte.
fn escape_byte(out: &mut Vec<u8>, byte: u8) {
    let short = match byte {
        b'"' | b'\\' => byte,
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        0x08 => b'b',
        0x0c => b'f',
        _ => {
            let digit = |n: u8| HEX.get(usize::from(n)).copied().unwrap_or(b'0');
            out.extend_from_slice(b"\\u00");
            out.extend_from_slice(&[digit(byte >> 4), digit(byte & 15)]);
            return;
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn escaped(text: &str) -> String {
        let mut out = Vec::new();
        json_string(&mut out, text);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn every_control_character_at_every_place() {
        for c in (0..=0x7fu8).map(char::from).chain(['é', 'Ж', '\u{2028}']) {
            for before in 0..20 {
                let text = format!("{}{c}tail of it \"", "x".repeat(before));
                assert_eq!(escaped(&text), serde_json::to_string(&text).unwrap());
            }
        }
    }

    proptest! {
        #[test]
        fn same_as_serde(text in any::<String>()) {
            prop_assert_eq!(escaped(&text), serde_json::to_string(&text).unwrap());
        }

        #[test]
        fn same_as_serde_where_specials_are_dense(text in "[\"\\\\\u{0}-\u{21}aЖ]{0,40}") {
            prop_assert_eq!(escaped(&text), serde_json::to_string(&text).unwrap());
        }
    }
}
