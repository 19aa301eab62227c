//! What the service asks of others: documents from files and other servers.
//!
//! Knows HTTP as a client and TLS; must never know what a document means. Blocks, within limits of
//! time and size.

use std::io::Read as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ureq::tls::{TlsConfig, TlsProvider};

use crate::diag::{Code, Problem, Result};

/// How long another server may take, all in all.
const PATIENCE: Duration = Duration::from_secs(5);
/// Bytes of a document, at most.
const LARGEST: u64 = 512 * 1024;

/// Where a document is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// At an address, `https://…` or `http://…`.
    Url(String),
    /// In a file.
    File(PathBuf),
}

impl Place {
    /// The place that a text names.
    pub fn named(text: &str) -> Self {
        if text.starts_with("https://") || text.starts_with("http://") {
            Self::Url(text.to_owned())
        } else {
            Self::File(text.into())
        }
    }

    /// Reads the document. Follows no redirection.
    ///
    /// # Errors
    ///
    /// `ServiceUnavailable` when it cannot be read: the server does not answer in 5 seconds, or not
    /// with 200, or the document has more than 512 KiB.
    pub fn read(&self) -> Result<Vec<u8>> {
        let read = match self {
            Self::Url(url) => download(url),
            Self::File(path) => std::fs::File::open(path)
                .and_then(whole)
                .map_err(|e| e.to_string()),
        };
        read.map_err(|why| {
            let message = format!("the document `{self}` cannot be read");
            Problem::new(Code::ServiceUnavailable, message).log(why)
        })
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Url(url) => f.write_str(url),
            Self::File(path) => path.display().fmt(f),
        }
    }
}

fn download(url: &str) -> Result<Vec<u8>, String> {
    let cryptography = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let tls = TlsConfig::builder()
        .provider(TlsProvider::Rustls)
        .unversioned_rustls_crypto_provider(cryptography);
    let agent = ureq::Agent::config_builder()
        .timeout_global(Some(PATIENCE))
        .max_redirects(0)
        .max_redirects_will_error(true)
        .tls_config(tls.build())
        .build()
        .new_agent();
    let mut answer = agent.get(url).call().map_err(|e| e.to_string())?;
    if answer.status() != 200 {
        return Err(format!("the server answered {}", answer.status()));
    }
    whole(answer.body_mut().as_reader()).map_err(|e| e.to_string())
}

/// All bytes, where there are not too many.
fn whole(from: impl std::io::Read) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(LARGEST + 1).read_to_end(&mut bytes)?;
    let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    if size > LARGEST {
        return Err(std::io::Error::other("the document is too large"));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    /// A server that gives one answer; its address.
    fn server(answer: Vec<u8>) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            let (mut client, _) = listener.accept().unwrap();
            let _ = client.read(&mut [0; 4096]);
            let _ = client.write_all(&answer);
        });
        format!("http://{address}/keys")
    }

    fn answer(head: &str, body: &[u8]) -> Vec<u8> {
        let length = body.len();
        let mut answer =
            format!("HTTP/1.1 {head}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n")
                .into_bytes();
        answer.extend_from_slice(body);
        answer
    }

    #[test]
    fn places_are_told_apart() {
        for (text, is_url) in [
            ("https://id.example/keys", true),
            ("http://id.example/keys", true),
            ("/etc/keys.json", false),
            ("keys.json", false),
        ] {
            let place = Place::named(text);
            assert_eq!(matches!(place, Place::Url(_)), is_url, "{text}");
            assert_eq!(place.to_string(), text);
        }
    }

    #[test]
    fn documents_are_read() {
        let url = server(answer("200 OK", b"{}"));
        assert_eq!(Place::named(&url).read().unwrap(), b"{}");
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.json");
        std::fs::write(&path, "{}").unwrap();
        assert_eq!(Place::File(path).read().unwrap(), b"{}");
    }

    #[test]
    fn what_is_no_document_is_refused() {
        let large = vec![b'x'; 512 * 1024 + 1];
        for answer in [
            answer("404 Not Found", b"{}"),
            answer("204 No Content", b""),
            answer("302 Found\r\nLocation: http://127.0.0.1/", b"{}"),
            answer("200 OK", &large),
            b"nonsense".to_vec(),
            Vec::new(),
        ] {
            let problem = Place::named(&server(answer)).read().unwrap_err();
            assert_eq!(problem.code(), Code::ServiceUnavailable);
        }
        let problem = Place::named("/nowhere/keys.json").read().unwrap_err();
        assert_eq!(problem.code(), Code::ServiceUnavailable);
        // TLS is spoken, and not to somebody who does not.
        let tls = server(b"nonsense".to_vec()).replace("http:", "https:");
        assert!(Place::named(&tls).read().is_err());
    }
}
