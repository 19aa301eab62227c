//! Users, tokens and applications that should not be as they are.

use std::time::Duration;

use super::{Finding, listed};
use crate::access::UserType;
use crate::diag::Result;
use crate::store::{Account, Store, TokenFacts, TokenReads as _};
use crate::value::Timestamp;

/// How long a token lies unused before somebody should ask what it is for.
const UNUSED: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// What is looked at.
#[derive(Debug, Default)]
pub(super) struct Facts {
    administrators: Vec<Account>,
    md5: Vec<String>,
    bare_secrets: Vec<String>,
    sec_applications: Vec<String>,
    tokens: Vec<TokenFacts>,
}

impl Facts {
    /// Reads it all.
    pub(super) fn read(store: &Store) -> Result<Self> {
        let mut session = store.session()?;
        let mut administrators = session.administrators()?;
        let may = |account: &Account| {
            UserType::of(&account.user_type).is_some_and(UserType::may_administer)
        };
        administrators.retain(may);
        Ok(Self {
            administrators,
            md5: session.md5_logins()?,
            bare_secrets: session.bare_secrets()?,
            sec_applications: session.sec_applications()?,
            tokens: session.tokens()?,
        })
    }
}

/// What is found in it.
pub(super) fn check(facts: &Facts, now: Timestamp) -> Vec<Finding> {
    let is_machine = |account: &&Account| {
        UserType::of(&account.user_type).is_some_and(|user_type| !user_type.is_person())
    };
    let login = |account: &Account| account.login.clone();
    let administrators = &facts.administrators;
    let machines = administrators.iter().filter(is_machine).map(login);
    let basic = administrators.iter().filter(|a| a.basic_allowed).map(login);
    let people = administrators.iter().filter(|a| !is_machine(a)).count();
    let in_use = || {
        let open = facts.tokens.iter().filter(|t| t.revoked.is_none());
        open.filter(|t| t.expires.is_none_or(|end| end > now))
    };
    let stale = in_use().filter(|t| is_older(t.used.unwrap_or(t.created), now));
    let endless = in_use().filter(|t| t.expires.is_none());
    let id = |token: &TokenFacts| token.id.to_string();
    let findings = [
        listed(
            "Md5Passwords",
            "passwords are kept as MD5, of",
            facts.md5.clone(),
            "they go when their users sign in; set new ones for the others, and `password.allow_md5_verify = false`",
        ),
        listed(
            "StaleTokens",
            "tokens were not used for 90 days",
            stale.map(id).collect(),
            "revoke what nobody needs: `userdex token revoke ID`",
        ),
        listed(
            "TokensWithoutEnd",
            "tokens have no end",
            endless.map(id).collect(),
            "revoke them, and make others: `userdex token issue LOGIN`",
        ),
        listed(
            "MachineAdministrators",
            "machine accounts are administrators",
            machines.collect(),
            "give them roles with the permissions that they need",
        ),
        listed(
            "BasicAdministrators",
            "administrators may sign in by HTTP Basic, which sends the password each time",
            basic.collect(),
            "set `BasicAuthenticationAllowed` to false; programs take tokens",
        ),
        listed(
            "BareClientSecrets",
            "client secrets are kept as a bare hash, of",
            facts.bare_secrets.clone(),
            "set them anew with the action `Ext.SetSecret`",
        ),
        listed(
            "SecApplications",
            "applications may have the scope `sec`, which opens the audit log",
            facts.sec_applications.clone(),
            "take `sec` out of the `Scope` of those that do not need it",
        ),
    ];
    let lone = (people < 2).then(|| Finding {
        code: "NoSecondAdministrator",
        text: format!("{people} people are administrators"),
        hint: "whoever loses their password needs another administrator: make a second one",
    });
    findings.into_iter().flatten().chain(lone).collect()
}

fn is_older(moment: Timestamp, now: Timestamp) -> bool {
    let passed = now.micros().saturating_sub(moment.micros());
    u128::try_from(passed).is_ok_and(|passed| passed >= UNUSED.as_micros())
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn day(day: i64) -> Timestamp {
        Timestamp::from_micros(1_700_000_000_000_000 + day * 86_400_000_000)
    }

    fn token(change: impl Fn(&mut TokenFacts)) -> TokenFacts {
        let mut token = TokenFacts {
            id: Uuid::nil(),
            user: None,
            login: "ann".to_owned(),
            description: String::new(),
            scopes: "read".to_owned(),
            created: day(0),
            expires: Some(day(200)),
            revoked: None,
            used: None,
        };
        change(&mut token);
        token
    }

    fn codes(tokens: Vec<TokenFacts>, now: Timestamp) -> Vec<&'static str> {
        let facts = Facts {
            tokens,
            ..Facts::default()
        };
        let found = check(&facts, now);
        let found = found.into_iter().map(|finding| finding.code);
        found.filter(|code| code.contains("Token")).collect()
    }

    #[test]
    fn tokens_get_stale() {
        let none: [&str; 0] = [];
        for (token, now, expected) in [
            (token(|_| {}), day(89), &none[..]),
            (token(|_| {}), day(90), &["StaleTokens"]),
            (token(|t| t.used = Some(day(1))), day(90), &none),
            (token(|t| t.used = Some(day(1))), day(91), &["StaleTokens"]),
            (token(|t| t.revoked = Some(day(1))), day(91), &none),
            (token(|t| t.expires = Some(day(50))), day(91), &none),
            (token(|t| t.expires = None), day(1), &["TokensWithoutEnd"]),
        ] {
            assert_eq!(codes(vec![token], now), expected);
        }
    }
}
