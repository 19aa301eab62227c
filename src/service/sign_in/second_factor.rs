//! The second factor: codes by time (TOTP), and recovery codes for whoever has lost the device.
//!
//! Both live among the user's provider tokens: the secret sealed, of the recovery codes only
//! fingerprints.

use serde_json::json;
use uuid::Uuid;

use super::{Attempt, Service, own_request};
use crate::access::{
    KeyRing, Purpose, RECOVERY_CODES, RECOVERY_RANDOM, Reason, Secret, TOTP_SECRET, recovery_code,
    recovery_codes, totp_check, totp_text, totp_uri,
};
use crate::audit::What;
use crate::diag::{Code, Problem, Result};
use crate::service::{ContentIds, Verb};
use crate::store::{Account, SignInReads as _};
use crate::value::Timestamp;

/// The provider that is this service.
pub(super) const PROVIDER: &str = "Userdex";
/// The name of the sealed secret of the authenticator.
pub(super) const AUTHENTICATOR: &str = "Authenticator";
/// The name of the fingerprints of recovery codes, separated by blanks.
pub(super) const RECOVERY: &str = "RecoveryCodes";
/// What a fingerprint of the ring is one of.
const CONTEXT: &str = "recovery";

/// A second factor that was set up: to be shown once.
#[derive(Debug, Clone)]
pub struct Enrolled {
    /// The secret in base 32, as an authenticator wants it typed.
    pub secret: Secret,
    /// The address that an authenticator reads off a picture.
    pub uri: Secret,
    /// Codes that each work once without the device.
    pub recovery: Vec<Secret>,
}

impl Service {
    /// Checks the code of an attempt whose password was right.
    pub(super) fn check_second_factor(
        &self,
        account: &Account,
        attempt: &Attempt<'_>,
    ) -> Result<()> {
        let Some(code) = attempt.code.map(str::trim).filter(|code| !code.is_empty()) else {
            let message = "the sign-in needs the code of the second factor";
            return Err(Problem::new(Code::SecondFactorRequired, message)
                .about("code")
                .help("send it as `code` beside login and password"));
        };
        if self.is_code(account, code, attempt.now)? {
            return Ok(());
        }
        self.count_failure(Some(account), attempt.now)?;
        Err(self.refused(Reason::Code, true, attempt, Some(account)))
    }

    /// Whether a code is right; one that is does not work again.
    pub(super) fn is_code(&self, account: &Account, code: &str, now: Timestamp) -> Result<bool> {
        let user = account.user;
        let factors = self.0.store.session()?.factors(user, PROVIDER)?;
        let ring = self.ring()?;
        let of = |name: &str| factors.iter().find(|factor| factor.name == name);
        if let Some(factor) = of(AUTHENTICATOR)
            && let Some(secret) = ring.open(&context(user), &factor.value)
            && let Some(step) = totp_check(&secret, code, now, None)
        {
            let step = i64::try_from(step).unwrap_or(i64::MAX);
            return self.0.store.write(|w| w.use_step(user, step));
        }
        let (Some(factor), Some(code)) = (of(RECOVERY), recovery_code(code)) else {
            return Ok(false);
        };
        let made = fingerprints(&ring, user, &code, now);
        let all: Vec<&str> = factor.value.split_whitespace().collect();
        let Some(used) = all.iter().position(|kept| made.iter().any(|m| m == kept)) else {
            return Ok(false);
        };
        let rest = all.iter().enumerate().filter(|(place, _)| *place != used);
        let rest = rest.map(|(_, kept)| *kept).collect::<Vec<_>>().join(" ");
        self.0.store.write(|writer| {
            let is_used = writer.replace_factor(factor, &rest)?;
            if is_used {
                let event = self.about(What::RecoveryCodeUsed, account);
                self.append(writer, &[event], now)?;
            }
            Ok(is_used)
        })
    }

    /// Sets a user's second factor up anew and switches it on. Blocks on the database.
    ///
    /// # Errors
    ///
    /// Why the user cannot be changed; faults of the database.
    pub fn enrol_second_factor(&self, user: Uuid, login: &str, now: Timestamp) -> Result<Enrolled> {
        let (secret, sealed) = self.new_secret(user)?;
        let (recovery, prints) = self.new_recovery(user)?;
        let path = format!("Systems_Security_Users({user})");
        let mut requests = Vec::new();
        for factor in self.0.store.session()?.factors(user, PROVIDER)? {
            let old = format!("Systems_Security_UserProviderTokens({})", factor.id);
            requests.push(own_request(Verb::Delete, old, &json!({}), now));
        }
        for (name, value) in [(AUTHENTICATOR, sealed), (RECOVERY, prints)] {
            let body = json!({
                "LoginProviderName": PROVIDER,
                "TokenName": name,
                "TokenValue": value,
            });
            let children = format!("{path}/ProviderTokens");
            requests.push(own_request(Verb::Post, children, &body, now));
        }
        let body = json!({"TwoFactorEnabled": true});
        requests.push(own_request(Verb::Patch, path, &body, now));
        let done = self.write(&requests, &mut ContentIds::default());
        done.map_err(|refusal| refusal.problem)?;
        Ok(Enrolled {
            uri: totp_uri(&secret, PROVIDER, login),
            secret: totp_text(&secret),
            recovery,
        })
    }

    /// A secret for an authenticator, and how it is stored.
    pub(super) fn new_secret(&self, user: Uuid) -> Result<(Secret, String)> {
        let secret = Secret::new(self.random::<TOTP_SECRET>()?.to_vec());
        let sealed = self.ring()?.seal(&context(user), &secret)?;
        Ok((secret, sealed))
    }

    /// Recovery codes, and how they are stored.
    pub(super) fn new_recovery(&self, user: Uuid) -> Result<(Vec<Secret>, String)> {
        let recovery = recovery_codes(&self.random::<{ RECOVERY_CODES * RECOVERY_RANDOM }>()?);
        let ring = self.ring()?;
        let mut prints = Vec::with_capacity(recovery.len());
        for code in &recovery {
            let code = recovery_code(code.as_text()).unwrap_or_else(|| code.clone());
            let bytes = [user.as_bytes(), code.bytes()].concat();
            prints.push(ring.fingerprint(Purpose::Fingerprints, CONTEXT, &bytes)?);
        }
        Ok((recovery, prints.join(" ")))
    }
}

/// What a sealed secret is sealed for: moved to another user, it does not open.
pub(super) fn context(user: Uuid) -> String {
    format!("second factor of {user}")
}

fn fingerprints(ring: &KeyRing, user: Uuid, code: &Secret, now: Timestamp) -> Vec<String> {
    let bytes = [user.as_bytes(), code.bytes()].concat();
    ring.fingerprints(Purpose::Fingerprints, CONTEXT, &bytes, now)
}
