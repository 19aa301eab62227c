//! The first start of a database: somebody must be able to sign in.

use serde_json::json;

use super::{Service, own_request};
use crate::access::generated_password;
use crate::diag::Result;
use crate::service::{ContentIds, Verb};
use crate::store::SignInReads as _;
use crate::value::Timestamp;

/// The mark that says that the first start is over.
const MARK: &str = "first-start";
/// The login of the first administrator.
const LOGIN: &str = "admin";

/// What the first start did.
#[derive(Clone, PartialEq, Eq)]
pub enum FirstStart {
    /// It was over long ago.
    Over,
    /// It made the administrator `admin` with a password that was given.
    Made,
    /// It made the administrator `admin` with this password, which is told nowhere else.
    MadeWith(String),
    /// There was a user `admin` already, who was left as they are.
    LeftAlone,
}

impl std::fmt::Debug for FirstStart {
    /// Without the password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Over => "Over",
            Self::Made => "Made",
            Self::MadeWith(_) => "MadeWith(…)",
            Self::LeftAlone => "LeftAlone",
        })
    }
}

impl Service {
    /// Makes the administrator `admin` of a database that was never started, with `password` or a
    /// random one. Of several servers that start at once, one does it. A user `admin` who is there
    /// is left alone, unless `is_demo` says that it is one of those that were made up. Blocks on the
    /// database.
    ///
    /// # Errors
    ///
    /// Faults of the password and of the database.
    pub fn first_start(
        &self,
        password: Option<&str>,
        is_demo: bool,
        now: Timestamp,
    ) -> Result<FirstStart> {
        let mut session = self.0.store.session()?;
        if session.is_marked(MARK)? {
            return Ok(FirstStart::Over);
        }
        let found = session.accounts(LOGIN)?;
        drop(session);
        if !is_demo && !found.is_empty() {
            let first = self.0.store.write(|w| w.mark(MARK, now))?;
            return Ok(if first {
                FirstStart::LeftAlone
            } else {
                FirstStart::Over
            });
        }
        let (word, done) = match password {
            Some(given) => (given.to_owned(), FirstStart::Made),
            None => {
                let made = generated_password(&self.random()?);
                (made.clone(), FirstStart::MadeWith(made))
            }
        };
        let request = match found.first() {
            None => {
                let body = json!({
                    "Login": LOGIN,
                    "Name": {"EN": "Administrator"},
                    "IsAdmin": true,
                    "UserType": "InternalUser",
                    "BasicAuthenticationAllowed": true,
                    "@ext.initialPassword": word,
                });
                own_request(Verb::Post, "Systems_Security_Users".to_owned(), &body, now)
            }
            Some(made_up) => {
                // Whatever chance has made up about them must not keep them out.
                let body = json!({
                    "AccessFailedCount": 0,
                    "Active": true,
                    "BasicAuthenticationAllowed": true,
                    "Domain": null,
                    "IsAdmin": true,
                    "LockoutEndUtc": null,
                    "TwoFactorEnabled": false,
                    "UserType": "InternalUser",
                    "WindowsUserName": null,
                    "@ext.initialPassword": word,
                });
                let path = format!("Systems_Security_Users({})", made_up.user);
                own_request(Verb::Patch, path, &body, now)
            }
        };
        let mut names = ContentIds::default();
        if self.write_once(MARK, &[request], &mut names, now)? {
            Ok(done)
        } else {
            Ok(FirstStart::Over)
        }
    }
}
