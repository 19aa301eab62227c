//! Whom a login means.

use uuid::Uuid;

use crate::diag::Result;
use crate::store::{Account, SignInReads as _};
use crate::value::fold;

/// Characters of `domain\login` that are looked up at most.
const LONGEST: usize = 320;

impl crate::service::Service {
    /// The user whom a login means, as for signing in. Blocks on the database.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    pub fn user_named(&self, login: &str) -> Result<Option<Uuid>> {
        Ok(self.find_account(login)?.map(|account| account.user))
    }

    /// The account that a login means: `domain\login`, or a login alone. Nothing where there is
    /// none, or more than one.
    pub(super) fn find_account(&self, login: &str) -> Result<Option<Account>> {
        if login.is_empty() || login.len() > LONGEST || login.contains('\0') {
            return Ok(None);
        }
        let (domain, login) = match login.split_once('\\') {
            Some((domain, login)) => (Some(fold(domain)), fold(login)),
            None => (None, fold(login)),
        };
        let found = self.0.store.session()?.accounts(&login)?;
        Ok(choose(found, domain.as_deref()))
    }
}

/// Without a domain, the users of the default domain and those of none are meant; where there are
/// none such, a single one elsewhere is.
fn choose(mut found: Vec<Account>, domain: Option<&str>) -> Option<Account> {
    match domain {
        Some(_) => found.retain(|account| account.domain.as_deref() == domain),
        None => {
            let is_near = |account: &Account| account.domain_is_default || account.domain.is_none();
            if found.iter().any(is_near) {
                found.retain(is_near);
            }
        }
    }
    match found.len() {
        1 => found.pop(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(domain: &str, is_default: bool) -> Account {
        Account {
            user: Uuid::nil(),
            login: "ann".to_owned(),
            user_type: "INT".to_owned(),
            active: true,
            is_admin: false,
            basic_allowed: true,
            two_factor: false,
            failed: 0,
            locked_until: None,
            password: None,
            format: "AN3".to_owned(),
            windows_name: None,
            domain: (!domain.is_empty()).then(|| domain.to_owned()),
            domain_is_default: is_default,
            local_allowed: true,
            in_admin_group: false,
            has_group_or_role: true,
            resets: 0,
        }
    }

    #[test]
    fn a_login_means_one_account_or_none() {
        let near = || account("near", true);
        let far = || account("far", false);
        let none = || account("", false);
        for (found, domain, expected) in [
            (vec![near(), far()], None, Some("near")),
            (vec![far()], None, Some("far")),
            (vec![far(), account("other", false)], None, None),
            (vec![none(), far()], None, Some("")),
            (vec![none(), near()], None, None),
            (vec![near(), far()], Some("far"), Some("far")),
            (vec![near()], Some("far"), None),
            (vec![none()], Some("far"), None),
            (vec![], None, None),
        ] {
            let meant = choose(found.clone(), domain);
            let meant = meant.map(|account| account.domain.unwrap_or_default());
            assert_eq!(meant.as_deref(), expected, "{domain:?} {found:?}");
        }
    }
}
