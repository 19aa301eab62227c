//! Passwords that the program makes up.

/// Characters that people read aloud without mistakes: 32 of them, so that a byte gives one without
/// preference.
const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789A";

/// A password of random bytes: about 120 bits, with characters of every class that policies ask for.
pub fn generated_password(random: &[u8; 24]) -> String {
    let mut text = String::from("U9");
    for (place, byte) in random.iter().enumerate() {
        if place % 6 == 0 {
            text.push('-');
        }
        let index = usize::from(byte % 32);
        text.push(LETTERS.get(index).copied().map_or('x', char::from));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn has_every_class() {
        let text = generated_password(&[3; 24]);
        assert_eq!(text, "U9-dddddd-dddddd-dddddd-dddddd");
        let other = generated_password(&std::array::from_fn(|n| u8::try_from(n * 9).unwrap()));
        assert_ne!(text, other);
        // The letters are distinct, so each byte counts.
        let mut letters = LETTERS.to_vec();
        letters.sort_unstable();
        letters.dedup();
        assert_eq!(letters.len(), 32);
    }
}
