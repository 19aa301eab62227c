//! TLS over real sockets.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::version::{TLS12, TLS13};
use rustls::{
    ClientConfig, ClientConnection, ProtocolVersion, RootCertStore, StreamOwned,
    SupportedProtocolVersion,
};
use tempfile::TempDir;

use super::harness::{Server, options};
use crate::http::{Backend, Options, Site, TlsFiles, TransportSettings};

/// Writes a new certificate and its key over those in the folder; the certificate.
fn renew(folder: &Path) -> CertificateDer<'static> {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(["users.example".to_owned(), "localhost".to_owned()]).unwrap();
    std::fs::write(folder.join("key.pem"), signing_key.serialize_pem()).unwrap();
    std::fs::write(folder.join("certificate.pem"), cert.pem()).unwrap();
    CertificateDer::from_pem_slice(cert.pem().as_bytes()).unwrap()
}

fn files(folder: &TempDir) -> TransportSettings {
    TransportSettings {
        tls: Some(TlsFiles {
            certificate: folder.path().join("certificate.pem"),
            key: folder.path().join("key.pem"),
        }),
        ..TransportSettings::default()
    }
}

fn listening(transport: TransportSettings) -> Server {
    let options = Options {
        transport,
        ..options()
    };
    Server::start(Backend::default(), options)
}

type Stream = StreamOwned<ClientConnection, TcpStream>;

/// A connection that trusts one certificate only.
fn connect(
    server: &Server,
    trusted: &CertificateDer<'static>,
    versions: &[&'static SupportedProtocolVersion],
    protocols: &[&str],
) -> std::io::Result<Stream> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone()).unwrap();
    let provider = Arc::new(aws_lc_rs::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = protocols
        .iter()
        .map(|name| name.as_bytes().to_vec())
        .collect();
    let name = ServerName::try_from("users.example").unwrap();
    let connection = ClientConnection::new(Arc::new(config), name).unwrap();
    let socket = TcpStream::connect(server.address).unwrap();
    let mut stream = StreamOwned::new(connection, socket);
    while stream.conn.is_handshaking() {
        stream.conn.complete_io(&mut stream.sock)?;
    }
    Ok(stream)
}

fn ask(mut stream: Stream, host: &str) -> String {
    let request = format!("GET /health/live HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut text = Vec::new();
    match stream.read_to_end(&mut text) {
        Ok(_) => {}
        // Closed without a word of TLS: the answer has a length of its own.
        Err(error) => assert_eq!(error.kind(), ErrorKind::UnexpectedEof),
    }
    String::from_utf8(text).unwrap()
}

#[test]
fn both_versions_are_spoken() {
    let folder = tempfile::tempdir().unwrap();
    let certificate = renew(folder.path());
    let server = listening(files(&folder));
    for (version, expected) in [
        (&TLS13, ProtocolVersion::TLSv1_3),
        (&TLS12, ProtocolVersion::TLSv1_2),
    ] {
        let stream = connect(&server, &certificate, &[version], &["http/1.1"]).unwrap();
        assert_eq!(stream.conn.protocol_version(), Some(expected));
        assert_eq!(stream.conn.alpn_protocol(), Some(&b"http/1.1"[..]));
        let answer = ask(stream, "users.example");
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        let only_tls = "strict-transport-security: max-age=31536000\r\n";
        assert!(answer.contains(only_tls), "{answer}");
    }
    let local = connect(&server, &certificate, &[&TLS13], &[]).unwrap();
    let answer = ask(local, "localhost");
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(!answer.contains("strict-transport-security"), "{answer}");
    let newer = connect(&server, &certificate, &[&TLS13], &["h2", "http/1.1"]).unwrap();
    assert_eq!(newer.conn.alpn_protocol(), Some(&b"http/1.1"[..]));
}

#[test]
fn plain_text_is_not_answered() {
    let folder = tempfile::tempdir().unwrap();
    renew(folder.path());
    let server = listening(files(&folder));
    let mut socket = TcpStream::connect(server.address).unwrap();
    let request = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n";
    socket.write_all(request).unwrap();
    let mut answer = Vec::new();
    // Closed, perhaps by a reset, and perhaps with an alert of TLS before.
    let _ = socket.read_to_end(&mut answer);
    assert!(!answer.starts_with(b"HTTP"), "{answer:?}");
}

#[test]
fn a_new_certificate_is_taken_while_running() {
    let folder = tempfile::tempdir().unwrap();
    let first = renew(folder.path());
    let server = listening(files(&folder));
    let shows = |certificate| connect(&server, certificate, &[&TLS13], &[]).is_ok();
    assert!(shows(&first));
    let second = renew(folder.path());
    let patience = Instant::now() + Duration::from_secs(60);
    while !shows(&second) {
        assert!(
            Instant::now() < patience,
            "the new certificate is never shown"
        );
        std::thread::park_timeout(Duration::from_millis(50));
    }
    assert!(!shows(&first));
}

#[test]
fn a_server_without_its_certificate_does_not_start() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options {
        transport: files(&folder),
        ..options()
    };
    let refused = Site::new(options, Backend::default(), String::new()).unwrap_err();
    assert_eq!(refused.target(), Some("tls.certificate"));
}

#[test]
fn with_tls_any_address_may_be_listened_on() {
    let folder = tempfile::tempdir().unwrap();
    renew(folder.path());
    let options = Options {
        listen: "0.0.0.0:0".parse().unwrap(),
        transport: files(&folder),
        ..options()
    };
    assert!(Site::new(options, Backend::default(), String::new()).is_ok());
}
