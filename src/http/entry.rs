//! Credentials on their way from a request to the service.

use std::sync::Arc;

use actix_web::HttpRequest;

use super::gate::{APPLICATION, Given, basic, see_secure, windows_user};
use super::transport::Peer;
use super::{Site, asked, negotiate};
use crate::diag::{Code, Problem, Result};
use crate::service::{Caller, Credential, Imprint, Service, Way};
use crate::value::Timestamp;

/// What a request brings to be known by.
pub(super) struct Brought {
    given: Given,
    application: Option<String>,
    pub(super) imprint: Imprint,
}

impl Brought {
    pub(super) fn of(request: &HttpRequest, site: &Arc<Site>, peer: &Peer) -> Result<Self> {
        let service = &site.backend.ready()?.service;
        let Some(given) = Given::of(request.headers(), peer)? else {
            let message = "the address answers only callers that have signed in";
            return Err(Problem::new(Code::SignInRequired, message).help(
                "send `Authorization: Basic …`, `Bearer …`, or `ErpSession …` after `POST /api/domain/login`",
            ));
        };
        see_secure(peer)?;
        let application = match &given {
            Given::Basic(_) => negotiate::single(request.headers(), APPLICATION)?,
            Given::Session(_) | Given::Cookie(_) | Given::Token(_) | Given::Signed(_) => None,
        };
        let application = application.filter(|uri| !uri.is_empty()).map(str::to_owned);
        let imprint = match &given {
            // A signed token is one of the host that it is sent to.
            Given::Signed(text) => {
                let origin = site.origin(asked::host(request), peer)?;
                service.imprint(given.way(), &format!("{origin} {text}"))
            }
            // The same password through another application is another credential.
            Given::Basic(text) => {
                let application = application.as_deref().unwrap_or_default();
                service.imprint(given.way(), &format!("{text} {application}"))
            }
            Given::Session(_) | Given::Cookie(_) | Given::Token(_) => {
                service.imprint(given.way(), given.text())
            }
        };
        Ok(Self {
            given,
            application,
            imprint,
        })
    }

    /// With all that a look at the database needs.
    pub(super) fn entry(
        self,
        request: &HttpRequest,
        site: &Arc<Site>,
        peer: &Peer,
    ) -> Result<Entry> {
        let (pair, origin) = match &self.given {
            Given::Basic(text) => (Some(basic(text)?), String::new()),
            Given::Signed(_) => (None, site.origin(asked::host(request), peer)?),
            Given::Session(_) | Given::Cookie(_) | Given::Token(_) => (None, String::new()),
        };
        let from = asked::origin(peer.address, request.headers());
        Ok(Entry {
            brought: self,
            pair,
            origin,
            windows: windows_user(request, site),
            service: site.backend.ready()?.service.for_client(from),
        })
    }
}

/// Credentials on their way to the service.
pub(super) struct Entry {
    pub(super) brought: Brought,
    /// Login and password, where they are that.
    pub(super) pair: Option<(String, String)>,
    /// The address of the service, where the credentials are for one.
    origin: String,
    windows: Option<String>,
    pub(super) service: Service,
}

impl Entry {
    /// The way in.
    pub(super) fn way(&self) -> Way {
        self.brought.given.way()
    }

    /// Blocks on the database.
    pub(super) fn enter(&self, now: Timestamp) -> Result<Arc<Caller>> {
        let application = self.brought.application.as_deref();
        let credential = match (&self.brought.given, &self.pair) {
            (Given::Basic(_), Some((login, password))) => Credential::Basic {
                login,
                password,
                application,
            },
            (Given::Session(text), _) => Credential::Session(text),
            (Given::Token(text), _) => Credential::Token(text),
            (Given::Signed(token), _) => Credential::Signed {
                token,
                site: &self.origin,
            },
            (Given::Basic(text) | Given::Cookie(text), _) => Credential::Cookie(text),
        };
        let windows = self.windows.as_deref();
        self.service
            .enter(self.brought.imprint, credential, windows, now)
    }
}
