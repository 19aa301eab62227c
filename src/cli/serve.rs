//! `userdex serve`.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use clap::Args;

use super::base::{Base, Flag};
use super::{Outcome, demo, first_start, output};
use crate::config::Settings;
use crate::demo::is_empty;
use crate::diag::{Code, Problem, Result};
use crate::http::{
    self, Backend, LaterSettings, Limits, Options, Site, TlsFiles, TransportSettings, openapi,
};
use crate::model::Model;
use crate::service::{Keys, Service, ServiceSettings};
use crate::store::{DatabaseUrl, Store};
use crate::value::Timestamp;

/// How often a database that is down is tried again.
const RETRY: Duration = Duration::from_secs(1);

/// What `serve` takes.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Where to listen; port 0 takes a free one [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// The certificate of the server, a PEM file; with it, the server speaks TLS
    #[arg(long, value_name = "FILE")]
    tls_certificate: Option<PathBuf>,
    /// The private key of the certificate, a PEM file
    #[arg(long, value_name = "FILE")]
    tls_key: Option<PathBuf>,
    /// Fill an empty database with N made-up users first [default N: 500]
    #[arg(long, value_name = "N", num_args = 0..=1, require_equals = true,
          default_missing_value = "500")]
    demo: Option<u64>,
}

impl Arguments {
    /// The settings that the arguments set.
    pub(super) fn flags(&self) -> Vec<Flag> {
        let listen = self
            .listen
            .map(|to| ("--listen", "server.listen", to.to_string()));
        let text = |file: &PathBuf| file.display().to_string();
        let certificate = self.tls_certificate.as_ref().map(text);
        let certificate = certificate.map(|to| ("--tls-certificate", "tls.certificate", to));
        let key = self.tls_key.as_ref().map(text);
        let key = key.map(|to| ("--tls-key", "tls.key", to));
        [listen, certificate, key].into_iter().flatten().collect()
    }
}

/// Serves until the process is told to stop.
pub(super) fn run(arguments: &Arguments, base: &Base) -> Result<Outcome> {
    let (model, backend) = (base.model()?, Backend::default());
    let root = base.settings.server.public_url.as_deref().unwrap_or("");
    let root = root.trim_end_matches('/');
    let document = openapi::document(&model, &format!("{root}/"))?;
    // Before the database: a refused address must leave it as it is.
    let site = Site::new(options(base), backend.clone(), document)?;
    let opening = Opening {
        backend: backend.clone(),
        model,
        store: base.store()?,
        settings: base.service_settings(),
        given: base.given.clone(),
        demo: arguments.demo,
    };
    match (opening.open(), base.database()?) {
        (Ok(()), _) => {}
        (Err(problem), DatabaseUrl::Postgres(_)) if is_down(&problem) => {
            let problem = problem.message();
            tracing::warn!("{problem}: requests are answered 503 until it can be used");
            opening.open_later()?;
        }
        (Err(problem), _) => return Err(problem),
    }
    let has_tls = base.settings.tls.certificate.is_some();
    let served = http::serve(site, |address| announce(address, has_tls));
    // What was noted and not written yet.
    backend.finish();
    served?;
    Ok(Outcome::Done)
}

/// Everything that stands between a database and the first request.
struct Opening {
    backend: Backend,
    model: Arc<Model>,
    store: Store,
    settings: ServiceSettings,
    /// The settings that are given, by name.
    given: BTreeMap<String, String>,
    /// How many users to fill an empty database with.
    demo: Option<u64>,
}

impl Opening {
    /// Migrates, fills, then lets requests in.
    fn open(&self) -> Result<()> {
        for name in self.store.migrate()? {
            tracing::info!(name, "migrated");
        }
        let mut is_filled = false;
        if let Some(users) = self.demo
            && is_empty(&self.store, &self.model)?
        {
            is_filled = true;
            let report = demo::fill(&self.store, &self.model, users, demo::SEED)?;
            tracing::info!(users = report.users, rows = report.rows, "filled");
        }
        // Made here at the first start.
        Keys::open(&self.store, Timestamp::now())?;
        let (model, store) = (Arc::clone(&self.model), self.store.clone());
        let service = Service::new(model, store, self.settings.clone())?;
        service.start_audit(&self.given, Timestamp::now())?;
        first_start::run(&service, is_filled)?;
        let store = self.store.clone();
        self.backend.open(service, move || store.ping());
        Ok(())
    }

    /// Tries again and again, in a thread of its own. A fault that only a person can solve is
    /// logged, and tried again too: the person may solve it.
    fn open_later(self) -> Result<()> {
        let attempts = move || {
            while let Err(problem) = self.open() {
                if !is_down(&problem) {
                    let (code, detail) = (problem.code().word(), problem.log_text());
                    tracing::error!(code, detail, "the database cannot be used: {problem}");
                }
                thread::park_timeout(RETRY);
            }
            tracing::info!("the database is there: requests are taken");
        };
        let thread = thread::Builder::new().name("database".to_owned());
        thread.spawn(attempts).map(drop).map_err(|e| {
            Problem::new(Code::Internal, "a thread cannot be started").log(e.to_string())
        })
    }
}

/// Whether waiting may help.
fn is_down(problem: &Problem) -> bool {
    problem.code() == Code::ServiceUnavailable
}

/// The server's part of the settings.
fn options(base: &Base) -> Options {
    let server = &base.settings.server;
    let slots = usize::try_from(base.readers()).unwrap_or(usize::MAX);
    Options {
        listen: server.listen,
        workers: (server.workers > 0).then_some(server.workers),
        url_limit: server.url_limit,
        body_limit: server.body_limit,
        batch_parts: server.batch_parts,
        public_url: server.public_url.clone(),
        server_timing: server.server_timing,
        reads: slots,
        // The database may let in fewer at a time; what comes before its transaction runs beside.
        writes: slots,
        exports: base.settings.limits.exports_per_caller,
        later: later(&base.settings),
        busy_wait: base.settings.database.busy_wait,
        stall: server.stall,
        body_time: server.body_time,
        import_time: server.import_time,
        open_metrics: server.open_metrics,
        transport: transport(&base.settings),
    }
}

/// What asynchronous requests may take.
fn later(settings: &Settings) -> LaterSettings {
    let asynchronous = &settings.asynchronous;
    LaterSettings {
        life: asynchronous.life,
        per_caller: asynchronous.per_caller,
        max: asynchronous.max,
        bytes: asynchronous.bytes,
        total_bytes: asynchronous.total_bytes,
        folder: asynchronous.folder.clone(),
    }
}

/// How requests reach the server.
fn transport(settings: &Settings) -> TransportSettings {
    let (server, limits) = (&settings.server, &settings.limits);
    let files = (&settings.tls.certificate, &settings.tls.key);
    let tls = match files {
        (Some(certificate), Some(key)) => Some(TlsFiles {
            certificate: certificate.clone(),
            key: key.clone(),
        }),
        // The settings have both or none.
        (Some(_), None) | (None, Some(_)) | (None, None) => None,
    };
    TransportSettings {
        tls,
        trusted_proxies: server.trusted_proxies.clone(),
        cors_origins: server.cors_origins.clone(),
        cors_credentials: server.cors_credentials,
        limits: Limits {
            sign_in_per_address: limits.sign_in_per_address,
            sign_in_per_login: limits.sign_in_per_login,
            requests_per_caller: limits.requests_per_caller,
        },
    }
}

/// Tells a person where to look. The log says the same to programs.
fn announce(address: SocketAddr, has_tls: bool) {
    let who = if address.ip().is_loopback() {
        " (this machine only)"
    } else {
        ""
    };
    let root = format!("http{}://{address}", if has_tls { "s" } else { "" });
    let text = format!(
        "Userdex listens on {root}/{who}\n  \
         service        {root}/api/domain/odata/\n  \
         documentation  {root}/api/docs/\n  \
         health         {root}/health/ready\n"
    );
    if let Err(problem) = output::print(&text) {
        tracing::warn!("{problem}");
    }
    tracing::info!(%address, "listening");
}
