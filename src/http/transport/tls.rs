//! TLS by files that may change while the server runs.

use std::path::Path;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use actix_web::rt::time::sleep;
use actix_web::web;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ClientHello, ResolvesServerCert, ServerConfig};
use rustls::sign::CertifiedKey;
use rustls::version::{TLS12, TLS13};
use rustls::{Error, InconsistentKeys};
use sha2::{Digest, Sha256};

use super::TlsFiles;
use crate::diag::{Code, Problem, Result};

/// How often the files are looked at.
const CHECK: Duration = Duration::from_secs(2);

const CERTIFICATE: &str = "tls.certificate";
const KEY: &str = "tls.key";

/// The certificate that the server shows, and the files that it comes from.
#[derive(Debug)]
pub(in crate::http) struct Tls {
    files: TlsFiles,
    state: RwLock<State>,
}

#[derive(Debug)]
struct State {
    shown: Arc<CertifiedKey>,
    /// What was read last, good or not, so that a broken pair is told once.
    read: Option<Fingerprint>,
}

type Fingerprint = [u8; 32];

impl Tls {
    /// Reads the files for the first time.
    ///
    /// # Errors
    ///
    /// `ConfigurationFault` for files that are not there, not in PEM form, or do not belong
    /// together.
    pub(in crate::http) fn open(files: TlsFiles) -> Result<Arc<Self>> {
        let texts = Texts::read(&files)?;
        let state = State {
            read: Some(texts.fingerprint()),
            shown: texts.pair(&files)?,
        };
        let state = RwLock::new(state);
        Ok(Arc::new(Self { files, state }))
    }

    /// What a listener needs: TLS 1.2 and 1.3, no certificates of clients.
    ///
    /// # Errors
    ///
    /// `Internal` where the library lacks what it must have.
    pub(in crate::http) fn config(self: &Arc<Self>) -> Result<ServerConfig> {
        let builder = ServerConfig::builder_with_provider(Arc::new(provider()));
        let builder = builder
            .with_protocol_versions(&[&TLS13, &TLS12])
            .map_err(|e| Problem::new(Code::Internal, "TLS").log(e.to_string()))?;
        let resolver: Arc<dyn ResolvesServerCert> = Arc::<Self>::clone(self);
        Ok(builder.with_no_client_auth().with_cert_resolver(resolver))
    }

    /// Takes a changed pair of files; one that cannot be used is told, and the old one stays.
    pub(in crate::http) async fn watch(self: Arc<Self>) {
        loop {
            sleep(CHECK).await;
            let tls = Arc::clone(&self);
            match web::block(move || tls.reload()).await {
                Ok(Ok(false)) => {}
                Ok(Ok(true)) => tracing::info!("a new certificate is used"),
                Ok(Err(problem)) => {
                    let detail = problem.log_text();
                    tracing::warn!(detail, "the old certificate is kept: {problem}");
                }
                // The server has stopped.
                Err(_) => return,
            }
        }
    }

    /// Reads the files again; whether they hold a new pair that is now used.
    pub(super) fn reload(&self) -> Result<bool> {
        let texts = Texts::read(&self.files);
        let read = texts.as_ref().ok().map(Texts::fingerprint);
        if self.look(|state| state.read == read) {
            return Ok(false);
        }
        let pair = texts.and_then(|texts| texts.pair(&self.files));
        let mut state = self.state.write().unwrap_or_else(PoisonError::into_inner);
        state.read = read;
        state.shown = pair?;
        Ok(true)
    }

    fn look<T>(&self, at: impl FnOnce(&State) -> T) -> T {
        at(&self.state.read().unwrap_or_else(PoisonError::into_inner))
    }
}

impl ResolvesServerCert for Tls {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.look(|state| Arc::clone(&state.shown)))
    }
}

/// The bytes of both files.
struct Texts {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

impl Texts {
    fn read(files: &TlsFiles) -> Result<Self> {
        let read = |path: &Path, setting: &str| {
            std::fs::read(path).map_err(|e| {
                let message = format!("the file `{}` cannot be read: {e}", path.display());
                fault(message).about(setting)
            })
        };
        Ok(Self {
            certificate: read(&files.certificate, CERTIFICATE)?,
            key: read(&files.key, KEY)?,
        })
    }

    /// Changes when a file changes; a hash, so that no second copy of the key is kept.
    fn fingerprint(&self) -> Fingerprint {
        let mut hash = Sha256::new();
        for text in [&self.certificate, &self.key] {
            hash.update(Sha256::digest(text));
        }
        hash.finalize().into()
    }

    /// The pair, if the files hold one.
    fn pair(&self, files: &TlsFiles) -> Result<Arc<CertifiedKey>> {
        let (named, key_named) = (files.certificate.display(), files.key.display());
        let chain: Result<Vec<CertificateDer<'static>>, _> =
            CertificateDer::pem_slice_iter(&self.certificate).collect();
        let chain = chain
            .ok()
            .filter(|chain| !chain.is_empty())
            .ok_or_else(|| {
                fault(format!(
                    "the file `{named}` holds no certificate in PEM form"
                ))
                .about(CERTIFICATE)
                .help("the server's own stands first, then those between it and the authority")
            })?;
        let key = PrivateKeyDer::from_pem_slice(&self.key).map_err(|_| {
            fault(format!(
                "the file `{key_named}` holds no private key in PEM form"
            ))
            .about(KEY)
            .help("PKCS #8, PKCS #1 and SEC 1 are taken, without a password")
        })?;
        let pair = CertifiedKey::from_der(chain, key, &provider()).map_err(|e| {
            if e == Error::InconsistentKeys(InconsistentKeys::KeyMismatch) {
                let message = format!(
                    "the key in `{key_named}` does not belong to the certificate in `{named}`"
                );
                return fault(message).about(KEY);
            }
            let message =
                format!("the certificate in `{named}` and the key in `{key_named}` cannot be used");
            fault(message).about(CERTIFICATE).log(e.to_string())
        });
        pair.map(Arc::new)
    }
}

fn provider() -> CryptoProvider {
    aws_lc_rs::default_provider()
}

fn fault(message: impl Into<String>) -> Problem {
    Problem::new(Code::ConfigurationFault, message)
}

#[cfg(test)]
mod tests {
    use rcgen::{CertifiedKey as Made, generate_simple_self_signed};
    use tempfile::TempDir;

    use super::*;

    fn made() -> (String, String) {
        let Made { cert, signing_key } =
            generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        (cert.pem(), signing_key.serialize_pem())
    }

    fn files(folder: &TempDir, certificate: &str, key: &str) -> TlsFiles {
        let [at_certificate, at_key] = ["c.pem", "k.pem"].map(|name| folder.path().join(name));
        std::fs::write(&at_certificate, certificate).unwrap();
        std::fs::write(&at_key, key).unwrap();
        TlsFiles {
            certificate: at_certificate,
            key: at_key,
        }
    }

    #[test]
    fn faults_name_the_file_and_what_is_wrong() {
        let folder = tempfile::tempdir().unwrap();
        let ((one, one_key), (_, other_key)) = (made(), made());
        let cut = one.replace("-----END", "-----");
        let damaged = one.replace("\nMI", "\nAA");
        for (certificate, key, target, message) in [
            (
                "",
                one_key.as_str(),
                CERTIFICATE,
                "the file `c.pem` holds no certificate in PEM form; the server's own stands first, then those between it and the authority",
            ),
            (
                cut.as_str(),
                one_key.as_str(),
                CERTIFICATE,
                "the file `c.pem` holds no certificate in PEM form; the server's own stands first, then those between it and the authority",
            ),
            (
                one_key.as_str(),
                one_key.as_str(),
                CERTIFICATE,
                "the file `c.pem` holds no certificate in PEM form; the server's own stands first, then those between it and the authority",
            ),
            (
                one.as_str(),
                "",
                KEY,
                "the file `k.pem` holds no private key in PEM form; PKCS #8, PKCS #1 and SEC 1 are taken, without a password",
            ),
            (
                one.as_str(),
                one.as_str(),
                KEY,
                "the file `k.pem` holds no private key in PEM form; PKCS #8, PKCS #1 and SEC 1 are taken, without a password",
            ),
            (
                one.as_str(),
                other_key.as_str(),
                KEY,
                "the key in `k.pem` does not belong to the certificate in `c.pem`",
            ),
            (
                damaged.as_str(),
                one_key.as_str(),
                CERTIFICATE,
                "the certificate in `c.pem` and the key in `k.pem` cannot be used",
            ),
        ] {
            let refused = Tls::open(files(&folder, certificate, key)).unwrap_err();
            let found = refused
                .to_string()
                .replace(&format!("{}/", folder.path().display()), "");
            assert_eq!((found.as_str(), refused.target()), (message, Some(target)));
        }
        let mut gone = files(&folder, &one, &one_key);
        gone.key = folder.path().join("none.pem");
        let refused = Tls::open(gone).unwrap_err();
        assert_eq!(refused.target(), Some(KEY));
        assert!(refused.message().contains("none.pem` cannot be read: "));
    }

    #[test]
    fn a_broken_new_pair_keeps_the_old_one() {
        let folder = tempfile::tempdir().unwrap();
        let ((one, one_key), (other, other_key)) = (made(), made());
        let tls = Tls::open(files(&folder, &one, &one_key)).unwrap();
        let shown = |tls: &Tls| tls.look(|state| state.shown.cert[0].clone());
        let first = shown(&tls);
        assert_eq!(tls.reload().ok(), Some(false));
        // Written one after the other: for a moment they do not belong together.
        files(&folder, &other, &one_key);
        assert!(tls.reload().is_err());
        assert_eq!(tls.reload().ok(), Some(false), "told once");
        assert_eq!(shown(&tls), first);
        let now = files(&folder, &other, &other_key);
        assert_eq!(tls.reload().ok(), Some(true));
        assert_ne!(shown(&tls), first);
        let second = shown(&tls);
        std::fs::remove_file(&now.key).unwrap();
        assert!(tls.reload().is_err());
        assert_eq!(tls.reload().ok(), Some(false), "told once");
        assert_eq!(shown(&tls), second);
        files(&folder, &one, &one_key);
        assert_eq!(tls.reload().ok(), Some(true));
        assert_eq!(shown(&tls), first);
    }
}
