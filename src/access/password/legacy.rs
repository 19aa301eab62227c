//! MD5 hashes of old Windows programs: an adapter for what was imported, never written.
//!
//! Neither byte encoding nor text form is documented: 32 hexadecimal digits in either case or Base64
//! of 16 bytes, over the password in UTF-8 or UTF-16LE, unsalted.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};
use subtle::ConstantTimeEq as _;

/// Bytes of a digest.
const DIGEST: usize = 16;

/// The digest that a stored text holds.
pub(super) fn digest_of(text: &str) -> Option<[u8; DIGEST]> {
    if text.len() == 2 * DIGEST {
        return hexadecimal(text);
    }
    STANDARD.decode(text).ok()?.try_into().ok()
}

fn hexadecimal(text: &str) -> Option<[u8; DIGEST]> {
    let mut digest = [0_u8; DIGEST];
    for (byte, pair) in digest.iter_mut().zip(text.as_bytes().chunks(2)) {
        let (high, low) = (pair.first()?, pair.get(1)?);
        let value = |digit: &u8| char::from(*digit).to_digit(16);
        *byte = u8::try_from(value(high)? * 16 + value(low)?).ok()?;
    }
    Some(digest)
}

/// Whether a digest is that of a password.
pub(super) fn is_of(digest: &[u8; DIGEST], password: &str, utf16: bool) -> bool {
    let made = if utf16 {
        let units = password.encode_utf16().flat_map(u16::to_le_bytes);
        Md5::digest(units.collect::<Vec<u8>>())
    } else {
        Md5::digest(password.as_bytes())
    };
    made.as_slice().ct_eq(digest).into()
}
