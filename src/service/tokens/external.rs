//! Access tokens and those of other issuers as ways in.

use std::sync::Arc;

use super::{Service, reference::within};
use crate::access::{
    AccessClaims, Expected, ExternalIdentity, Scopes, TokenFault, Way, verify_access_token,
};
use crate::diag::{Code, Problem, Result};
use crate::service::Caller;
use crate::store::{SignInReads as _, TokenReads as _};
use crate::value::Timestamp;

/// The repository of the accounts at other providers, and its attribute that names them.
const PROVIDERS: (&str, &str) = ("Systems.Security.DomainProviders", "ProviderName");

/// The one answer to a token that is not taken, whatever it lacks.
fn refused(way: Way, reason: &'static str) -> Problem {
    let way = way.word();
    tracing::info!(way, reason, "sign-in refused");
    let message = "the token is not valid, has ended, or cannot be used now";
    Problem::new(Code::SignInFailed, message).log(reason)
}

impl Service {
    /// The caller of a signed token: one of this service, or one of another issuer. Blocks on the
    /// database, and on the server that publishes the keys of an issuer.
    pub(in crate::service) fn by_signed_token(
        &self,
        token: &str,
        site: &str,
        now: Timestamp,
    ) -> Result<Arc<Caller>> {
        match self.verified(token, site, now)? {
            Ok(claims) => self.by_claims(&claims, now),
            Err(fault) => {
                let issuers = &self.0.settings.issuers;
                // A token of ours that is not right is none of theirs.
                let is_ours = !matches!(fault, TokenFault::Kind | TokenFault::UnknownKey);
                if is_ours || issuers.is_empty() {
                    return Err(refused(Way::Client, fault.text()));
                }
                let external = issuers.verify(token, now);
                let external = external.map_err(|fault| refused(Way::Issuer, fault.text()))?;
                self.by_external(&external, now)
            }
        }
    }

    /// The claims of a token of this service. Another server may have made its key since the ring
    /// was read.
    fn verified(
        &self,
        token: &str,
        site: &str,
        now: Timestamp,
    ) -> Result<std::result::Result<AccessClaims, TokenFault>> {
        let (issuer, audience) = (super::client::issuer(site), super::client::audience(site));
        let expected = Expected {
            issuer: &issuer,
            audience: &audience,
            now,
        };
        let found = verify_access_token(&*self.ring()?, token, expected);
        if found != Err(TokenFault::UnknownKey) {
            return Ok(found);
        }
        Ok(verify_access_token(&*self.ring_anew()?, token, expected))
    }

    fn by_claims(&self, claims: &AccessClaims, now: Timestamp) -> Result<Arc<Caller>> {
        let way = Way::Client;
        let mut session = self.0.store.session()?;
        let application = session.application(&claims.client_id)?;
        let application = application.filter(super::client::may_act);
        let application = application.ok_or_else(|| refused(way, "the application"))?;
        let service = claims.service.as_ref();
        let named = service.map(|service| service.client_system_user_id.as_str());
        let user = application
            .system_user
            .filter(|user| named == Some(&*user.to_string()));
        let account = match user {
            Some(user) => session.account(user)?,
            None => None,
        };
        drop(session);
        let account = account.ok_or_else(|| refused(way, "the system user"))?;
        let scopes = Scopes::parse(&claims.scope).and(Scopes::parse(&application.scope));
        let caller = self.admit(&account, way, Some(&application.uri), scopes, now)?;
        caller.ok_or_else(|| refused(way, "the system user"))
    }

    fn by_external(&self, external: &ExternalIdentity, now: Timestamp) -> Result<Arc<Caller>> {
        let way = Way::Issuer;
        let unknown = || refused(way, "the user");
        let code = self.provider_code(&external.provider).ok_or_else(unknown)?;
        let mut session = self.0.store.session()?;
        let user = session.provided_user(&code, &external.key)?;
        let account = match user {
            Some(user) => session.account(user)?,
            None => None,
        };
        drop(session);
        let account = account.ok_or_else(unknown)?;
        // What the issuer says of scopes concerns the issuer.
        let scopes = within("read update", "");
        let provider = Some(external.provider.as_str());
        let caller = self.admit(&account, way, provider, scopes, now)?;
        caller.ok_or_else(unknown)
    }

    /// The stored code of a provider.
    fn provider_code(&self, name: &str) -> Option<String> {
        let (model, (repository, attribute)) = (&self.0.standard, PROVIDERS);
        let entity = model.entity(model.repository(repository)?);
        let attribute = entity.attribute(entity.attribute_named(attribute)?);
        let member = model.enumeration(attribute.enumeration?).member(name)?;
        Some(member.code.clone())
    }
}
