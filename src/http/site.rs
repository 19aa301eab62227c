//! What all requests share.

use std::borrow::Cow;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use actix_web::http::header::{HeaderMap, ORIGIN};
use bytes::Bytes;
use tokio::sync::Semaphore;

use super::exports::Exports;
use super::later::{Jobs, LaterSettings};
use super::metrics::Metrics;
use super::route::ODATA;
use super::transport::{Cors, Peer, RequestLimits, SignInLimits, Tls, TransportSettings, is_host};
use crate::diag::{Code, Problem, Result};
use crate::service::Service;

/// How the server listens and answers.
#[derive(Debug, Clone)]
pub struct Options {
    /// The address to listen on; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Threads that answer requests; nothing for one a processor core.
    pub workers: Option<usize>,
    /// Bytes of path and query at most.
    pub url_limit: usize,
    /// Bytes of a request body at most.
    pub body_limit: usize,
    /// Requests of one batch at most.
    pub batch_parts: usize,
    /// Scheme, host and port of every absolute address in answers; nothing to take the host from
    /// the request.
    pub public_url: Option<String>,
    /// Whether answers carry `Server-Timing`.
    pub server_timing: bool,
    /// Reads that run at the same time.
    pub reads: usize,
    /// Changes that run at the same time.
    pub writes: usize,
    /// Exports of one caller that run at the same time; 0 is without limit.
    pub exports: u32,
    /// What answers that come later may take.
    pub later: LaterSettings,
    /// How long a read or a change waits for its turn.
    pub busy_wait: Duration,
    /// How long a client may leave a part of an answer unread.
    pub stall: Duration,
    /// How long a client may take for the body of a request.
    pub body_time: Duration,
    /// How long an import goes on.
    pub import_time: Duration,
    /// How requests reach the server.
    pub transport: TransportSettings,
    /// Whether programs of the same machine see the metrics without signing in.
    pub open_metrics: bool,
}

/// The service, once its database can be used. Clones share one state.
#[derive(Debug, Clone, Default)]
pub struct Backend(Arc<OnceLock<Opened>>);

/// A service whose database has answered at least once.
pub(super) struct Opened {
    pub(super) service: Service,
    ping: Box<dyn Fn() -> Result<()> + Send + Sync>,
}

impl Backend {
    /// Lets requests in. Only the first call has an effect.
    pub fn open(&self, service: Service, ping: impl Fn() -> Result<()> + Send + Sync + 'static) {
        let ping = Box::new(ping);
        self.0.get_or_init(|| Opened { service, ping });
    }

    /// Writes what was noted for the audit log and not written yet. Blocks on the database.
    pub fn finish(&self) {
        let Some(opened) = self.0.get() else { return };
        if let Err(problem) = opened.service.write_out_audit() {
            let (code, detail) = (problem.code().word(), problem.log_text());
            tracing::error!(code, detail, "the end of the audit log was lost: {problem}");
        }
    }

    /// The service.
    ///
    /// # Errors
    ///
    /// `ServiceUnavailable` until the database could be used for the first time.
    pub(super) fn ready(&self) -> Result<&Opened> {
        self.0.get().ok_or_else(|| {
            Problem::new(
                Code::ServiceUnavailable,
                "the database cannot be reached yet",
            )
        })
    }
}

impl Opened {
    /// Asks the database for a sign of life. Blocks.
    pub(super) fn ping(&self) -> Result<()> {
        (self.ping)()
    }
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opened").finish_non_exhaustive()
    }
}

/// What all requests share.
#[derive(Debug)]
pub struct Site {
    pub(super) options: Options,
    pub(super) backend: Backend,
    pub(super) metrics: Metrics,
    pub(super) openapi: OpenApi,
    /// The certificate, where the server speaks TLS itself.
    pub(super) tls: Option<Arc<Tls>>,
    /// Which pages of other origins may ask.
    pub(super) cors: Cors,
    /// How often sign-in may be tried.
    sign_in_limits: SignInLimits,
    /// How many requests a caller may send.
    pub(super) request_limits: RequestLimits,
    /// Slots for reads.
    pub(super) reads: Arc<Semaphore>,
    /// Slots for changes.
    pub(super) writes: Arc<Semaphore>,
    /// Exports of each caller.
    pub(super) exports: Arc<Exports>,
    /// Answers that come later.
    pub(super) later: Arc<Jobs>,
    /// Whether the server finishes: connections are closed after their answer.
    stopping: AtomicBool,
}

/// The OpenAPI document as prepared bytes.
#[derive(Debug)]
pub(super) struct OpenApi {
    pub(super) body: Bytes,
    pub(super) etag: String,
}

impl Site {
    /// A site over a service that may become ready later. `openapi` is the OpenAPI document.
    ///
    /// # Errors
    ///
    /// `ConfigurationFault` for an address to listen on that others can reach without TLS, for a
    /// certificate that cannot be used, for a folder that takes no files, and for pages that may not
    /// be let in; `Internal` where the
    /// metrics cannot be registered.
    pub fn new(options: Options, backend: Backend, openapi: String) -> Result<Self> {
        let transport = &options.transport;
        check_listen(options.listen, transport)?;
        Ok(Self {
            tls: transport.tls.clone().map(Tls::open).transpose()?,
            cors: Cors::new(transport)?,
            sign_in_limits: SignInLimits::new(&transport.limits),
            request_limits: RequestLimits::new(&transport.limits),
            metrics: Metrics::new(options.reads, options.writes)?,
            reads: Arc::new(Semaphore::new(options.reads)),
            writes: Arc::new(Semaphore::new(options.writes)),
            exports: Arc::new(Exports::new(options.exports)),
            later: Arc::new(Jobs::new(options.later.clone())?),
            openapi: OpenApi {
                etag: strong_etag(openapi.as_bytes()),
                body: Bytes::from(openapi),
            },
            stopping: AtomicBool::new(false),
            options,
            backend,
        })
    }

    /// How often sign-in may be tried: asked before anything is looked up.
    pub fn sign_in_limits(&self) -> &SignInLimits {
        &self.sign_in_limits
    }

    /// The absolute address of the service root, ending in `/`: below the public address, else
    /// below what a trusted proxy or the request itself says.
    ///
    /// # Errors
    ///
    /// `InvalidHeader` for a `Host` that is no host; where the server listens on loopback, for one
    /// that is not this machine or the public address: a page of another site whose name was
    /// pointed at loopback must not read the directory (`docs/decisions/014-transport.md`).
    pub(super) fn root(&self, host: Option<&str>, peer: &Peer) -> Result<String> {
        self.check_host(host)?;
        if let Some(public) = self.public() {
            return Ok(format!("{public}{ODATA}/"));
        }
        let listen = self.options.listen;
        let host = match (peer.host.as_deref(), host) {
            (Some(told), _) => Cow::from(told),
            (None, Some(host)) => Cow::from(host),
            (None, None) => Cow::from(listen.to_string()),
        };
        Ok(format!("{}://{host}{ODATA}/", peer.scheme()))
    }

    /// The start of the absolute address of everything: scheme, host and port, without a slash at
    /// its end.
    ///
    /// # Errors
    ///
    /// As [`Site::root`].
    pub(super) fn origin(&self, host: Option<&str>, peer: &Peer) -> Result<String> {
        let root = self.root(host, peer)?;
        let origin = root.trim_end_matches('/').strip_suffix(ODATA);
        Ok(origin.unwrap_or(&root).to_owned())
    }

    /// Sees that the header `Host` is one that the server answers to, as [`Site::root`] says.
    ///
    /// # Errors
    ///
    /// As [`Site::root`].
    pub(super) fn check_host(&self, host: Option<&str>) -> Result<()> {
        let (message, help) = match host {
            Some(host) if self.is_local() && !self.is_ours(host) => (
                "the header `Host` names neither this machine nor the public address",
                "the server listens on loopback: ask by a name such as `localhost`, or set `server.public_url`",
            ),
            Some(host) if !is_host(host) => (
                "the header `Host` holds no host",
                "write a name or an address, and perhaps a port",
            ),
            Some(_) | None => return Ok(()),
        };
        Err(Problem::new(Code::InvalidHeader, message)
            .about("Host")
            .help(help))
    }

    /// Refuses a change that a page of another site asks for: a browser sends some requests there
    /// without asking first.
    ///
    /// # Errors
    ///
    /// `InvalidHeader` for an `Origin` that is not the server itself, and not one of
    /// `server.cors_origins`.
    pub(super) fn check_origin(
        &self,
        headers: &HeaderMap,
        host: Option<&str>,
        peer: &Peer,
    ) -> Result<()> {
        let Some(origin) = headers.get(ORIGIN) else {
            return Ok(());
        };
        let origin = origin.to_str().unwrap_or("?");
        let from = origin.split_once("://").map(|(_, host)| host);
        let is_own = from.is_some_and(|from| {
            if self.is_local() && peer.host.is_none() {
                self.is_ours(from)
            } else {
                self.is_public(from) || peer.host.as_deref().or(host) == Some(from)
            }
        });
        if is_own || self.cors.takes(origin, headers) {
            return Ok(());
        }
        let message = "the header `Origin` names neither this server nor a page that may ask";
        Err(Problem::new(Code::InvalidHeader, message)
            .about("Origin")
            .help("pages of other sites may change something only where `server.cors_origins` lists them"))
    }

    /// The public address without a slash at its end.
    fn public(&self) -> Option<&str> {
        let public = self.options.public_url.as_deref();
        public.map(|origin| origin.trim_end_matches('/'))
    }

    /// Whether a host and perhaps a port are this machine or the public address.
    pub(super) fn is_ours(&self, host: &str) -> bool {
        is_loopback(host) || self.is_public(host)
    }

    fn is_public(&self, host: &str) -> bool {
        let public = self.public();
        public.is_some_and(|public| public.ends_with(&format!("//{host}")))
    }

    /// Whether only this machine reaches the server, at least without a proxy.
    fn is_local(&self) -> bool {
        self.options.listen.ip().is_loopback()
    }

    /// Starts to finish.
    pub(super) fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
        // Their clients would not come back in time.
        self.later.stop();
        // Their ends would not come by themselves.
        if let Ok(opened) = self.backend.ready() {
            opened.service.end_events();
            opened.service.end_waits();
        }
    }

    /// Whether the server finishes.
    pub(super) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }
}

/// Whoever can reach the port from elsewhere must be able to do so without being overheard.
fn check_listen(address: SocketAddr, transport: &TransportSettings) -> Result<()> {
    let is_guarded = transport.tls.is_some() || !transport.trusted_proxies.is_empty();
    if address.ip().is_loopback() || is_guarded {
        return Ok(());
    }
    let message = format!("the server does not listen on `{address}` without TLS");
    Err(Problem::new(Code::ConfigurationFault, message)
        .about("server.listen")
        .help("set `tls.certificate` and `tls.key`, or `server.trusted_proxies` where a proxy speaks TLS; without them, only loopback addresses such as `127.0.0.1` are allowed"))
}

/// Whether a `Host` header names this machine: a loopback address or a name of `localhost`, and
/// perhaps a port.
pub(super) fn is_loopback(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    let bare = name
        .strip_prefix('[')
        .and_then(|n| n.strip_suffix(']'))
        .unwrap_or(name);
    bare.eq_ignore_ascii_case("localhost")
        || bare
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// A strong tag of the bytes: their FNV-1a hash. It only has to change when they change.
fn strong_etag(bytes: &[u8]) -> String {
    let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("\"{hash:016x}\"")
}
