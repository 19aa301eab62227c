//! Finds secrets in bytes, whatever form they were written in.

use std::fmt::Write as _;
use std::io::Read as _;
use std::sync::{LazyLock, OnceLock};

use aho_corasick::AhoCorasick;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

/// Shorter texts are in everything.
const SHORTEST: usize = 8;

/// Secrets in all the forms that they could leave in.
#[derive(Default)]
pub(crate) struct Needles {
    all: Vec<Needle>,
    /// Finds them all in one pass; made when it is first asked.
    finder: OnceLock<AhoCorasick>,
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
        self.finder.take();
        self.all.push(Needle {
            bytes,
            about: format!("{about} ({form})"),
        });
    }

    /// What is found in bytes, upper and lower case alike.
    pub(crate) fn find(&self, bytes: &[u8]) -> Option<&str> {
        let finder = self.finder.get_or_init(|| {
            let all = self.all.iter().map(|needle| &needle.bytes);
            let mut finder = AhoCorasick::builder();
            finder.ascii_case_insensitive(true).build(all).unwrap()
        });
        let found = finder.find(bytes)?;
        Some(self.all[found.pattern().as_usize()].about.as_str())
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
    static PACKED: LazyLock<AhoCorasick> =
        LazyLock::new(|| AhoCorasick::new(["eA", "eJ"]).unwrap());
    for found in PACKED.find_iter(body) {
        let (before, word) = body.split_at(found.start());
        if before.last().is_some_and(is_of_word) {
            continue;
        }
        let end = word.iter().position(|b| !is_of_word(b));
        let word = &word[..end.unwrap_or(word.len())];
        if word.len() <= 10 {
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
