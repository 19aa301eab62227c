//! Reference tokens: `enrt_`, 33 random characters, a checksum of 6.
//!
//! The checksum (CRC-32 of what comes before it) lets scanners of leaked secrets, and the service
//! before it asks the database, tell tokens from chance. It is no protection.

use super::Secret;

/// How tokens start.
pub const PREFIX: &str = "enrt_";
/// Random bytes of a token: 192 bits.
pub const RANDOM: usize = 24;
/// The digits of base 62.
const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Digits of the random part: enough for 192 bits.
const BODY: usize = 33;
/// Digits of the checksum: enough for 32 bits.
const CHECKSUM: usize = 6;

/// A reference token whose checksum is right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReferenceToken(Secret);

impl ReferenceToken {
    /// A new token out of random bytes.
    pub fn generate(random: &[u8; RANDOM]) -> Self {
        let body = format!("{PREFIX}{}", base_62(random.to_vec(), BODY));
        let sum = checksum(&body);
        Self(Secret::text(body + &sum))
    }

    /// Reads a token; nothing for a text of another form, or with a wrong checksum.
    pub fn parse(text: &str) -> Option<Self> {
        let random = text.strip_prefix(PREFIX)?;
        let is_digits = random.bytes().all(|b| DIGITS.contains(&b));
        if random.len() != BODY + CHECKSUM || !is_digits {
            return None;
        }
        let (body, sum) = text.split_at_checked(PREFIX.len() + BODY)?;
        (checksum(body) == sum).then(|| Self(Secret::text(text.to_owned())))
    }

    /// Whether a text looks like a reference token, right or wrong.
    pub fn is_like(text: &str) -> bool {
        text.starts_with(PREFIX)
    }

    /// The token, to be shown once.
    pub fn text(&self) -> &str {
        self.0.as_text()
    }

    /// The bytes that its fingerprint is made of.
    pub fn bytes(&self) -> &[u8] {
        self.0.bytes()
    }
}

fn checksum(body: &str) -> String {
    let sum = crc32fast::hash(body.as_bytes());
    base_62(sum.to_be_bytes().to_vec(), CHECKSUM)
}

/// A big-endian number in base 62, with leading zeros.
fn base_62(mut number: Vec<u8>, digits: usize) -> String {
    let mut text: Vec<u8> = (0..digits).map(|_| digit(divide(&mut number))).collect();
    text.reverse();
    text.into_iter().map(char::from).collect()
}

/// Divides a big-endian number by 62; answers the remainder.
fn divide(number: &mut [u8]) -> u32 {
    let mut remainder = 0_u32;
    for byte in number {
        let part = remainder * 256 + u32::from(*byte);
        // Less than 256, since the remainder before it was less than 62.
        *byte = u8::try_from(part / 62).unwrap_or(u8::MAX);
        remainder = part % 62;
    }
    remainder
}

fn digit(value: u32) -> u8 {
    let at = usize::try_from(value).unwrap_or_default();
    DIGITS.get(at).copied().unwrap_or(b'0')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn tokens_have_their_form() {
        let zero = ReferenceToken::generate(&[0; RANDOM]);
        assert!(
            zero.text()
                .starts_with("enrt_000000000000000000000000000000000")
        );
        assert_eq!(zero.text().len(), 44);
        let token = ReferenceToken::generate(&[255; RANDOM]);
        assert_eq!(token.text().len(), 44);
        assert_eq!(ReferenceToken::parse(token.text()), Some(token.clone()));
        assert_eq!(format!("{token:?}"), "ReferenceToken(Secret(..))");
    }

    /// Worked out by hand: 62 is `10`, 61 is `z`.
    #[test]
    fn numbers_are_written_in_base_62() {
        assert_eq!(base_62(vec![62], 3), "010");
        assert_eq!(base_62(vec![0, 61], 2), "0z");
        assert_eq!(base_62(vec![0x0F, 0x04], 3), "100");
        assert_eq!(base_62(u32::MAX.to_be_bytes().to_vec(), 6), "4gfFC3");
    }

    #[test]
    fn what_is_no_token_is_not_read() {
        let token = ReferenceToken::generate(&[9; RANDOM]);
        let text = token.text();
        let tail = text.strip_prefix(PREFIX).unwrap();
        // Another digit at one place of the random part.
        let other: String = text
            .char_indices()
            .map(|(at, c)| match (at, c) {
                (10, 'a') => 'b',
                (10, _) => 'a',
                (_, c) => c,
            })
            .collect();
        for wrong in [
            "",
            "enrt_",
            tail,
            text.split_at(43).0,
            &format!("{text}0"),
            &other,
            &text.replace("enrt_", "enrt-"),
            &format!("enrt_{}", "é".repeat(20)),
        ] {
            assert_eq!(ReferenceToken::parse(wrong), None, "{wrong}");
        }
        assert!(ReferenceToken::is_like(&other));
        assert!(!ReferenceToken::is_like("Bearer"));
    }

    proptest! {
        #[test]
        fn every_token_is_read_again(random in any::<[u8; RANDOM]>()) {
            let token = ReferenceToken::generate(&random);
            prop_assert_eq!(ReferenceToken::parse(token.text()), Some(token.clone()));
        }

        #[test]
        fn no_text_is_too_odd(text in "(enrt_)?\\PC{0,50}") {
            prop_assert_eq!(ReferenceToken::parse(&text), None);
        }
    }
}
