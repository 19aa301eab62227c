//! `userdex serve`.

use std::net::SocketAddr;
use std::thread::available_parallelism;

use clap::Args;

use super::Outcome;
use super::base::{Base, Flag};
use crate::config::Settings;
use crate::diag::Result;
use crate::http::{self, Backend, Options, Site};

/// What `serve` takes.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// Where to listen; port 0 takes a free one [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
}

impl Arguments {
    /// The settings that the arguments set.
    pub(super) fn flags(&self) -> Vec<Flag> {
        let listen = self
            .listen
            .map(|to| ("--listen", "server.listen", to.to_string()));
        listen.into_iter().collect()
    }
}

/// Serves until the process is told to stop.
pub(super) fn run(_: &Arguments, base: &Base) -> Result<Outcome> {
    let model = base.model()?;
    let backend = Backend::default();
    let _ = model;
    let site = Site::new(options(&base.settings), backend, "{}".to_owned())?;
    http::serve(site, announce)?;
    Ok(Outcome::Done)
}

/// The server's part of the settings.
fn options(settings: &Settings) -> Options {
    let server = &settings.server;
    Options {
        listen: server.listen,
        workers: (server.workers > 0).then_some(server.workers),
        url_limit: server.url_limit,
        public_url: server.public_url.clone(),
        server_timing: server.server_timing,
        reads: readers(settings),
        busy_wait: settings.database.busy_wait,
        stall: server.stall,
    }
}

/// Connections for reading: the setting, else two a processor core and at least four.
fn readers(settings: &Settings) -> usize {
    match usize::try_from(settings.database.readers) {
        Ok(0) | Err(_) => available_parallelism().map_or(4, |cores| (cores.get() * 2).max(4)),
        Ok(readers) => readers,
    }
}

/// Tells a person where to look. The log says the same to programs.
fn announce(address: SocketAddr) {
    println!("Userdex listens on http://{address}/ (this machine only, until sign-in exists)");
    println!("  service        http://{address}/api/domain/odata/");
    println!("  documentation  http://{address}/api/docs/");
    println!("  health         http://{address}/health/ready");
    tracing::info!(%address, "listening");
}
