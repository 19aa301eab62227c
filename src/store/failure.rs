//! Database errors as problems: one function for both databases.

use diesel::result::{DatabaseErrorKind, Error};

use super::deadline;
use crate::diag::{Code, Problem};

/// What a failed statement means for its transaction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) enum Trouble {
    /// Another transaction was in the way: this one may succeed when it runs again.
    Conflict,
    /// A lock did not become free in time.
    Locked,
    /// A row that the transaction has read is not there any more.
    Gone,
    /// A row came with the key of one that the transaction adds, and has looked for in vain.
    Came,
    /// Anything else: it would fail again.
    Other,
}

/// What a failed statement means for its transaction.
pub(in crate::store) fn trouble(error: &Error) -> Trouble {
    let serialization = DatabaseErrorKind::SerializationFailure;
    if matches!(error, Error::DatabaseError(kind, _) if *kind == serialization) {
        return Trouble::Conflict;
    }
    match meaning(&error.to_string()) {
        Some(Meaning::Conflict) => Trouble::Conflict,
        Some(Meaning::Locked | Meaning::Held) => Trouble::Locked,
        Some(
            Meaning::ReadOnly
            | Meaning::Full
            | Meaning::Damaged
            | Meaning::Unopened
            | Meaning::Unreachable,
        )
        | None => Trouble::Other,
    }
}

/// Whether a statement failed because the file says things that cannot be.
pub(in crate::store) fn is_damage(error: &Error) -> bool {
    matches!(meaning(&error.to_string()), Some(Meaning::Damaged))
}

/// A failed statement. `late`: it ran until its deadline.
pub(in crate::store) fn problem(error: &Error, late: bool) -> Problem {
    let log = error.to_string();
    problem_of(error, &log, late).log(log)
}

fn problem_of(error: &Error, text: &str, late: bool) -> Problem {
    use DatabaseErrorKind::{
        ClosedConnection, ForeignKeyViolation, SerializationFailure, UnableToSendCommand,
        UniqueViolation,
    };
    let unsendable = matches!(error, Error::DatabaseError(UnableToSendCommand, _));
    if late {
        deadline::late()
    } else if matches!(
        error,
        Error::DatabaseError(ClosedConnection, _) | Error::BrokenTransactionManager
    ) || (unsendable && !text.contains("parameter"))
    {
        unreachable()
    } else if let Error::DatabaseError(UniqueViolation, _) = error {
        let message = "another object already has these values";
        Problem::new(Code::NotUnique, message)
    } else if let Error::DatabaseError(ForeignKeyViolation, _) = error {
        let message = "an object that the change refers to is not there any more";
        Problem::new(Code::UnknownReference, message)
    } else if let Error::DatabaseError(SerializationFailure, _) = error {
        busy()
    } else {
        known(text)
            .unwrap_or_else(|| Problem::new(Code::Internal, "the database refused a statement"))
    }
}

/// Parts of messages, and what they mean: Diesel shows no error numbers.
const MESSAGES: &[(&str, Meaning)] = &[
    ("database is locked", Meaning::Locked),
    ("database table is locked", Meaning::Locked),
    ("deadlock detected", Meaning::Conflict),
    ("could not serialize access", Meaning::Conflict),
    ("due to lock timeout", Meaning::Held),
    ("readonly database", Meaning::ReadOnly),
    ("disk is full", Meaning::Full),
    ("No space left on device", Meaning::Full),
    ("file is not a database", Meaning::Damaged),
    ("malformed", Meaning::Damaged),
    ("unable to open database file", Meaning::Unopened),
    ("connection to server", Meaning::Unreachable),
    ("server closed the connection", Meaning::Unreachable),
    ("terminating connection", Meaning::Unreachable),
    ("the database system is", Meaning::Unreachable),
    ("too many clients", Meaning::Unreachable),
];

/// What a message means.
#[derive(Clone, Copy)]
enum Meaning {
    /// By another process.
    Locked,
    /// A row, by another transaction.
    Held,
    Conflict,
    ReadOnly,
    Full,
    Damaged,
    Unopened,
    Unreachable,
}

fn meaning(text: &str) -> Option<Meaning> {
    let known = MESSAGES.iter().find(|(part, _)| text.contains(part));
    known.map(|(_, meaning)| *meaning)
}

/// The problem that a message tells of, where it is a known one.
pub(in crate::store) fn known(text: &str) -> Option<Problem> {
    let fault = |message, help| Problem::new(Code::DatabaseFault, message).help(help);
    Some(match meaning(text)? {
        Meaning::Locked => Problem::new(
            Code::ServiceUnavailable,
            "the database is locked by another process",
        )
        .help("try again in a second, or end the other process"),
        Meaning::Held | Meaning::Conflict => busy(),
        Meaning::ReadOnly => fault(
            "the database cannot be written",
            "give this user the right to write the file and its folder",
        ),
        Meaning::Full => Problem::new(Code::ServiceUnavailable, "the disk of the database is full")
            .help("nothing was changed; make room on it, and try again"),
        Meaning::Damaged => fault(
            "the file is not a database, or it is damaged",
            "name another file, or restore it from a backup",
        ),
        Meaning::Unopened => fault(
            "the database file cannot be opened",
            "see that its folder exists and that this user may write there",
        ),
        Meaning::Unreachable => unreachable(),
    })
}

/// Why no connection could be opened.
pub(in crate::store) fn unconnected(text: &str) -> Problem {
    known(text).unwrap_or_else(unreachable).log(text)
}

/// The database does not answer.
pub(in crate::store) fn unreachable() -> Problem {
    Problem::new(Code::ServiceUnavailable, "the database cannot be reached")
        .help("try again in a few seconds")
}

/// Every connection is in use.
pub(in crate::store) fn busy() -> Problem {
    Problem::new(Code::ServiceUnavailable, "the database is busy").help("try again in a second")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_of_both_databases_are_understood() {
        for (text, code, message) in [
            ("database or disk is full", "ServiceUnavailable", "full"),
            (
                "could not extend file \"base/5/16\": No space left on device",
                "ServiceUnavailable",
                "full",
            ),
            ("deadlock detected", "ServiceUnavailable", "busy"),
            (
                "attempt to write a readonly database",
                "DatabaseFault",
                "cannot be written",
            ),
        ] {
            let problem = known(text).unwrap();
            assert_eq!(problem.code().word(), code, "{text}");
            assert!(problem.message().contains(message), "{text}: {problem}");
        }
        assert!(known("syntax error").is_none());
    }
}
