//! Finds secrets in bytes, whatever form they were written in.

use std::fmt::Write as _;
use std::io::Read as _;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

/// Shorter texts are in everything.
const SHORTEST: usize = 8;
/// How far apart four bytes may be looked at so that none of the shortest is missed.
const STEP: usize = SHORTEST - 3;

/// Secrets in all the forms that they could leave in.
#[derive(Default)]
pub(crate) struct Needles {
    all: Vec<Needle>,
    /// The needles that begin with two bytes.
    by_start: Vec<Vec<usize>>,
    /// Which four bytes stand near the beginning of a needle, by their hash.
    grams: Vec<bool>,
}

struct Needle {
    bytes: Vec<u8>,
    about: String,
}

impl Needles {
    /// A text that nobody may get, in no form.
    pub(crate) fn text(&mut self, about: &str, text: &str) {
        assert!(text.len() >= SHORTEST, "{about}: `{text}` proves nothing");
        for text in [text.to_owned(), text.to_lowercase(), text.to_uppercase()] {
            self.bytes(about, text.as_bytes());
            self.add(
                about,
                "percent-encoded",
                encoded(&text, |_| true).as_bytes(),
            );
            let special = encoded(&text, |b| !b.is_ascii_alphanumeric());
            self.add(about, "percent-encoded", special.as_bytes());
            let mut escaped = String::new();
            let mut wide = Vec::new();
            for unit in text.encode_utf16() {
                let _ = write!(escaped, "\\u{unit:04x}");
                wide.extend(unit.to_le_bytes());
            }
            self.add(about, "escaped", escaped.as_bytes());
            self.add(about, "UTF-16", &wide);
        }
    }

    /// Bytes that nobody may get.
    pub(crate) fn bytes(&mut self, about: &str, bytes: &[u8]) {
        assert!(bytes.len() >= SHORTEST, "{about} proves nothing");
        self.add(about, "plain", bytes);
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        self.add(about, "hex", hex.as_bytes());
        for before in 0..3 {
            for form in based(bytes, before) {
                self.add(about, "Base64", form.as_bytes());
            }
        }
    }

    fn add(&mut self, about: &str, form: &str, bytes: &[u8]) {
        let bytes = bytes.to_ascii_lowercase();
        if self.all.iter().any(|known| known.bytes == bytes) {
            return;
        }
        self.by_start.resize_with(1 << 16, Vec::new);
        self.grams.resize(1 << 20, false);
        for at in 0..STEP {
            self.grams[gram(&bytes, at)] = true;
        }
        self.by_start[start(&bytes)].push(self.all.len());
        self.all.push(Needle {
            bytes,
            about: format!("{about} ({form})"),
        });
    }

    /// What is found in bytes, upper and lower case alike.
    ///
    /// Of so many places in a row one is looked at: the bytes there are near the beginning of any
    /// needle that begins at one of them.
    pub(crate) fn find(&self, bytes: &[u8]) -> Option<&str> {
        let bytes = bytes.to_ascii_lowercase();
        let mut at = 0;
        while at + 4 <= bytes.len() {
            if self.grams[gram(&bytes, at)] {
                let mut starts = (at + 1).saturating_sub(STEP)..=at;
                if let Some(found) = starts.find_map(|start| self.at(&bytes[start..])) {
                    return Some(found);
                }
            }
            at += STEP;
        }
        None
    }

    /// The needle that bytes begin with.
    fn at(&self, bytes: &[u8]) -> Option<&str> {
        let mut like = self.by_start[start(bytes)].iter();
        let found = like.find(|n| bytes.starts_with(&self.all[**n].bytes))?;
        Some(self.all[*found].about.as_str())
    }

    /// What is found in an answer: also in what is packed inside of it.
    pub(crate) fn find_in(&self, body: &[u8]) -> Option<&str> {
        self.find(body).or_else(|| {
            unpacked(body)
                .iter()
                .find_map(|part| self.find(part.as_slice()))
        })
    }
}

/// A place in the table of four bytes.
fn gram(bytes: &[u8], at: usize) -> usize {
    let four = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]];
    (u32::from_le_bytes(four).wrapping_mul(0x9E37_79B1) >> 12) as usize
}

fn start(bytes: &[u8]) -> usize {
    usize::from(bytes[0]) << 8 | usize::from(bytes[1])
}

fn encoded(text: &str, which: fn(u8) -> bool) -> String {
    text.bytes()
        .map(|byte| match which(byte) {
            true => format!("%{byte:02x}"),
            false => char::from(byte).to_string(),
        })
        .collect()
}

/// The part of the Base64 text of bytes behind so many others that does not hang on its neighbours.
fn based(bytes: &[u8], before: usize) -> [String; 2] {
    let padded = [&vec![0; before][..], bytes].concat();
    let whole = padded.len() / 3 * 3;
    let cut = |text: String| text[before.div_ceil(3) * 4..].to_owned();
    [
        cut(STANDARD.encode(&padded[..whole])),
        cut(URL_SAFE_NO_PAD.encode(&padded[..whole])),
    ]
}

/// What is inside of archives (workbooks) and of packed words (row versions).
fn unpacked(body: &[u8]) -> Vec<Vec<u8>> {
    let mut parts = Vec::new();
    let mut rest = body;
    if body.starts_with(b"PK\x03\x04") {
        while let Some(at) = rest.windows(4).position(|w| w == b"PK\x03\x04") {
            let header = &rest[at..];
            let size = |at: usize| usize::from(u16::from_le_bytes([header[at], header[at + 1]]));
            let data = &header[30 + size(26) + size(28)..];
            let mut part = Vec::new();
            // It ends where the packed data end; not packed parts were looked at already.
            let _ = flate2::read::DeflateDecoder::new(data).read_to_end(&mut part);
            parts.push(part);
            rest = &header[4..];
        }
        return parts;
    }
    let is_of_word = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    for word in body.split(|b| !is_of_word(b)).filter(|w| w.len() > 10) {
        if !word.starts_with(b"eA") && !word.starts_with(b"eJ") {
            continue;
        }
        let Ok(bytes) = URL_SAFE_NO_PAD.decode(word) else {
            continue;
        };
        let mut part = Vec::new();
        let _ = flate2::read::ZlibDecoder::new(&bytes[..]).read_to_end(&mut part);
        parts.push(part);
    }
    parts
}

/// A crawl that cannot see a secret proves nothing.
#[test]
fn every_form_is_found() {
    let mut needles = Needles::default();
    needles.text("it", "Qz7MarKer9xW");
    let text = "Qz7MarKer9xW";
    for told in [
        text.to_owned(),
        text.to_lowercase(),
        format!("<b>{}</b>", text.to_uppercase()),
        encoded(text, |_| true).to_uppercase(),
        text.bytes().map(|b| format!("{b:02X}")).collect(),
        text.chars()
            .map(|c| format!("\\u{:04X}", u32::from(c)))
            .collect(),
        STANDARD.encode(text),
        STANDARD.encode(format!("ann:{text}")),
        STANDARD.encode(format!("{{\"a\":\"{text}\"}}")),
        URL_SAFE_NO_PAD.encode(format!("??>{}", text.to_lowercase())),
        URL_SAFE_NO_PAD.encode(format!("é:{text}:é")),
    ] {
        let found = needles.find_in(format!("before {told} after").as_bytes());
        assert!(found.is_some(), "{told}");
    }
    assert_eq!(needles.find_in(b"Qz7MarKer9x and Z7MarKer9xW"), None);
    let mut packed = Vec::new();
    let write = flate2::Compression::none();
    let _ = flate2::read::ZlibEncoder::new(text.as_bytes(), write).read_to_end(&mut packed);
    let word = URL_SAFE_NO_PAD.encode(&packed);
    assert!(needles.find_in(word.as_bytes()).is_some());
    let mut bytes = Needles::default();
    bytes.bytes("a key", &[0xfb, 1, 2, 3, 4, 5, 6, 0xff, 9]);
    for told in [
        STANDARD.encode([0xfb, 1, 2, 3, 4, 5, 6, 0xff, 9]),
        URL_SAFE_NO_PAD.encode([7, 0xfb, 1, 2, 3, 4, 5, 6, 0xff, 9]),
    ] {
        assert!(bytes.find(told.as_bytes()).is_some(), "{told}");
    }
}
