//! What all requests share.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::Semaphore;

use super::metrics::Metrics;
use super::route::ODATA;
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
    /// How long a read or a change waits for its turn.
    pub busy_wait: Duration,
    /// How long a client may leave a part of an answer unread.
    pub stall: Duration,
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
    /// Slots for reads.
    pub(super) reads: Arc<Semaphore>,
    /// Slots for changes.
    pub(super) writes: Arc<Semaphore>,
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
    /// `ConfigurationFault` for an address to listen on that is not loopback, `Internal` where the
    /// metrics cannot be registered.
    pub fn new(options: Options, backend: Backend, openapi: String) -> Result<Self> {
        check_loopback(options.listen)?;
        Ok(Self {
            metrics: Metrics::new(options.reads, options.writes)?,
            reads: Arc::new(Semaphore::new(options.reads)),
            writes: Arc::new(Semaphore::new(options.writes)),
            openapi: OpenApi {
                etag: strong_etag(openapi.as_bytes()),
                body: Bytes::from(openapi),
            },
            stopping: AtomicBool::new(false),
            options,
            backend,
        })
    }

    /// The absolute address of the service root, ending in `/`.
    ///
    /// `X-Forwarded-*` headers are not looked at, since anybody can send them: behind a proxy,
    /// `server.public_url` says what clients see.
    ///
    /// # Errors
    ///
    /// `InvalidHeader` for a `Host` that is not this machine or the public address: a page of
    /// another site whose name was pointed at loopback must not read the directory
    /// (`docs/decisions/007-loopback-only-until-sign-in.md`).
    pub(super) fn root(&self, host: Option<&str>) -> Result<String> {
        let public = self.public();
        match (host, public) {
            (Some(host), _) if !self.is_ours(host) => {
                let message = "the header `Host` names neither this machine nor the public address";
                Err(Problem::new(Code::InvalidHeader, message)
                    .about("Host")
                    .help("until sign-in exists, ask by a loopback name such as `localhost`"))
            }
            (_, Some(public)) => Ok(format!("{public}{ODATA}/")),
            (Some(host), None) => Ok(format!("http://{host}{ODATA}/")),
            (None, None) => Ok(format!("http://{}{ODATA}/", self.options.listen)),
        }
    }

    /// Refuses a change that a page of another site asks for: a browser sends some requests there
    /// without asking first, and until sign-in exists the address is all that tells callers apart.
    ///
    /// # Errors
    ///
    /// `InvalidHeader` for an `Origin` that is neither this machine nor the public address.
    pub(super) fn check_origin(&self, origin: Option<&str>) -> Result<()> {
        let Some(origin) = origin else {
            return Ok(());
        };
        let host = origin.split_once("://").map(|(_, host)| host);
        if host.is_some_and(|host| self.is_ours(host)) {
            return Ok(());
        }
        let message = "the header `Origin` names neither this machine nor the public address";
        Err(Problem::new(Code::InvalidHeader, message)
            .about("Origin")
            .help("pages of other sites may not change anything"))
    }

    /// The public address without a slash at its end.
    fn public(&self) -> Option<&str> {
        let public = self.options.public_url.as_deref();
        public.map(|origin| origin.trim_end_matches('/'))
    }

    /// Whether a host and perhaps a port are this machine or the public address.
    pub(super) fn is_ours(&self, host: &str) -> bool {
        let known = |public: &str| public.ends_with(&format!("//{host}"));
        is_loopback(host) || self.public().is_some_and(known)
    }

    /// Starts to finish.
    pub(super) fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
    }

    /// Whether the server finishes.
    pub(super) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }
}

/// Nobody else may reach the port until sign-in exists (`docs/decisions/007-loopback-only-until-sign-in.md`).
fn check_loopback(address: SocketAddr) -> Result<()> {
    if address.ip().is_loopback() {
        return Ok(());
    }
    let message = format!("the server does not listen on `{address}`");
    Err(Problem::new(Code::ConfigurationFault, message)
        .about("server.listen")
        .help("until sign-in exists, only loopback addresses such as `127.0.0.1` are allowed"))
}

/// Whether a `Host` header names this machine: a loopback address or a name of `localhost`, and
/// perhaps a port.
fn is_loopback(host: &str) -> bool {
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
