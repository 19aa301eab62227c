//! Starts, runs and stops the server.

use std::net::SocketAddr;
use std::sync::Arc;

use actix_web::dev::{Server, ServerHandle};
use actix_web::{App, HttpServer, web};

use super::Site;
use super::answer::answer;
use crate::diag::{Code, Problem, Result};

/// Seconds that running requests have to finish once the server is told to stop.
const SHUTDOWN_SECONDS: u64 = 30;

/// Listens and answers until SIGTERM or SIGINT, then finishes running requests. `listening` is
/// called with the real address before the first request is taken.
///
/// # Errors
///
/// `ConfigurationFault` for an address that cannot be listened on.
pub fn serve(site: Site, listening: impl FnOnce(SocketAddr)) -> Result<()> {
    actix_web::rt::System::new().block_on(run(Arc::new(site), listening))
}

/// Listens and answers until `stop` ends; running requests are not waited for. Takes no signals, so
/// that a program can have several servers.
///
/// # Errors
///
/// As [`serve`].
pub fn serve_until(
    site: Site,
    listening: impl FnOnce(SocketAddr),
    stop: impl Future<Output = ()>,
) -> Result<()> {
    actix_web::rt::System::new().block_on(async {
        let site = Arc::new(site);
        let (server, address) = listen(&site)?;
        let handle = server.handle();
        let running = actix_web::rt::spawn(server);
        listening(address);
        stop.await;
        // Else the end of the runtime would wait for their work.
        site.later.stop();
        handle.stop(false).await;
        running
            .await
            .map_err(|e| stopped(e.to_string()))?
            .map_err(|e| stopped(e.to_string()))
    })
}

fn stopped(why: String) -> Problem {
    Problem::new(Code::Internal, "the server has stopped by itself").log(why)
}

async fn run(site: Arc<Site>, listening: impl FnOnce(SocketAddr)) -> Result<()> {
    let (server, address) = listen(&site)?;
    listening(address);
    actix_web::rt::spawn(stop_on_signal(site, server.handle()));
    server.await.map_err(|e| stopped(e.to_string()))
}

/// Binds the address and starts the workers; gives back the address with its real port.
pub(super) fn listen(site: &Arc<Site>) -> Result<(Server, SocketAddr)> {
    let address = site.options.listen;
    let shared = Arc::clone(site);
    let mut server = HttpServer::new(move || {
        App::new()
            .app_data(web::Data::from(Arc::clone(&shared)))
            .default_service(web::to(answer))
    });
    if let Some(workers) = site.options.workers {
        server = server.workers(workers);
    }
    // A client that goes away stops its query, so the end of its sending side counts as its end.
    let server = server
        .h1_allow_half_closed(false)
        .disable_signals()
        .shutdown_timeout(SHUTDOWN_SECONDS);
    let server = match &site.tls {
        None => server.bind(address),
        Some(tls) => {
            actix_web::rt::spawn(Arc::clone(tls).watch());
            server.bind_rustls_0_23(address, tls.config()?)
        }
    };
    let server = server.map_err(|e| {
        let message = format!("cannot listen on `{address}`: {e}");
        Problem::new(Code::ConfigurationFault, message).about("server.listen")
    })?;
    let bound = server.addrs().first().copied().unwrap_or(address);
    Ok((server.run(), bound))
}

/// The first signal stops gently, the second at once.
async fn stop_on_signal(site: Arc<Site>, server: ServerHandle) {
    signal().await;
    tracing::info!("stopping: running requests are finished; a second signal stops at once");
    site.stop();
    // The future resolves when the server has stopped: not waited for, so that a second signal is
    // heard meanwhile.
    actix_web::rt::spawn(server.stop(true));
    signal().await;
    server.stop(false).await;
}

/// Waits for SIGTERM or SIGINT.
#[cfg(unix)]
async fn signal() {
    use std::pin::pin;

    use futures_util::future::select;
    use tokio::signal::unix::{SignalKind, signal};

    match (
        signal(SignalKind::terminate()),
        signal(SignalKind::interrupt()),
    ) {
        (Ok(mut terminate), Ok(mut interrupt)) => {
            let (terminate, interrupt) = (pin!(terminate.recv()), pin!(interrupt.recv()));
            select(terminate, interrupt).await;
        }
        (_, _) => std::future::pending().await,
    }
}

/// Waits for Ctrl+C.
#[cfg(not(unix))]
async fn signal() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending().await
    }
}
