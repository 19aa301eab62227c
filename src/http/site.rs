//! What all requests share.

use std::fmt;
use std::net::SocketAddr;
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
    /// Scheme, host and port of every absolute address in answers; nothing to take the host from
    /// the request.
    pub public_url: Option<String>,
    /// Whether answers carry `Server-Timing`.
    pub server_timing: bool,
    /// Reads that run at the same time.
    pub reads: usize,
    /// How long a read waits for its turn.
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
    /// `ConfigurationFault` for an address that is not loopback, `Internal` where the metrics cannot
    /// be registered.
    pub fn new(options: Options, backend: Backend, openapi: String) -> Result<Self> {
        let address = options.listen;
        if !address.ip().is_loopback() {
            let message = format!("the server does not listen on `{address}`");
            return Err(Problem::new(Code::ConfigurationFault, message)
                .about("server.listen")
                .help(
                    "until sign-in exists, only loopback addresses such as `127.0.0.1` are allowed",
                ));
        }
        Ok(Self {
            metrics: Metrics::new(options.reads)?,
            reads: Arc::new(Semaphore::new(options.reads)),
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
    pub(super) fn root(&self, host: Option<&str>) -> Result<String> {
        if let Some(origin) = &self.options.public_url {
            return Ok(format!("{}{ODATA}/", origin.trim_end_matches('/')));
        }
        match host {
            Some(host) if is_host(host) => Ok(format!("http://{host}{ODATA}/")),
            Some(_) => Err(Problem::new(
                Code::InvalidHeader,
                "the header `Host` is no host and port",
            )
            .about("Host")),
            None => Ok(format!("http://{}{ODATA}/", self.options.listen)),
        }
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

/// Whether the text can stand in an address as host and port.
fn is_host(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-._:[]".contains(&b))
}

/// A strong tag of the bytes: their FNV-1a hash. It only has to change when they change.
fn strong_etag(bytes: &[u8]) -> String {
    let hash = bytes.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    format!("\"{hash:016x}\"")
}
