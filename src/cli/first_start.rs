//! The first start of a database: its administrator.

use super::output;
use crate::diag::{Code, Problem, Result};
use crate::service::{FirstStart, Service};
use crate::value::Timestamp;

/// The variable that holds the password of the first administrator.
const PASSWORD: &str = "USERDEX_ADMIN_PASSWORD";

/// Makes the rights that every directory has, and the administrator of a database that was never started. A password that was made up is
/// printed here, once, and never logged.
pub(super) fn run(service: &Service, is_demo: bool) -> Result<()> {
    service.ship_rights(Timestamp::now())?;
    let given = std::env::var(PASSWORD).ok().filter(|text| !text.is_empty());
    let done = service
        .first_start(given.as_deref(), is_demo, Timestamp::now())
        .map_err(|problem| {
            if problem.code() == Code::PasswordPolicy {
                problem.help(format!("it is the value of {PASSWORD}"))
            } else {
                problem
            }
        })?;
    match done {
        FirstStart::Over => Ok(()),
        FirstStart::Made => {
            tracing::info!("made the administrator `admin`; its password is that of {PASSWORD}");
            Ok(())
        }
        FirstStart::MadeWith(password) => {
            tracing::info!("made the administrator `admin`; its password was printed");
            output::print(&format!(
                "The administrator is `admin`, with this password, which is shown only now:\n  \
                 {password}\n"
            ))
            .map(drop)
        }
        FirstStart::LeftAlone => {
            tracing::warn!(
                "there is a user `admin` already: it was left as it is, and no administrator was made"
            );
            Ok(())
        }
    }
}

/// The problem of a program that cannot read what it was given.
pub(super) fn unread(what: &str) -> Problem {
    Problem::new(Code::ConfigurationFault, format!("{what} cannot be read"))
}
