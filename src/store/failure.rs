//! Database errors as problems: one function for both databases.

use diesel::result::{DatabaseErrorKind, Error};

use crate::diag::{Code, Problem};

/// A failed statement. `late`: it ran until its deadline.
pub(in crate::store) fn problem(error: &Error, late: bool) -> Problem {
    let log = error.to_string();
    problem_of(error, &log, late).log(log)
}

fn problem_of(error: &Error, text: &str, late: bool) -> Problem {
    if late {
        return Problem::new(
            Code::DeadlineExceeded,
            "the query ran longer than the service allows",
        )
        .help("narrow it with `$filter`, or ask for fewer rows");
    }
    match error {
        Error::DatabaseError(DatabaseErrorKind::ClosedConnection, _)
        | Error::BrokenTransactionManager => unreachable(),
        Error::DatabaseError(DatabaseErrorKind::UnableToSendCommand, _)
            if !text.contains("parameter") =>
        {
            unreachable()
        }
        _ => by_text(text),
    }
}

/// What only the text of an error tells: Diesel shows no error numbers.
pub(in crate::store) fn by_text(text: &str) -> Problem {
    const TABLE: [(&str, fn() -> Problem); 10] = [
        ("database is locked", locked),
        ("database table is locked", locked),
        ("readonly database", read_only),
        ("read-only", read_only),
        ("file is not a database", damaged),
        ("malformed", damaged),
        ("unable to open database file", unopened),
        ("connection to server", unreachable),
        ("server closed the connection", unreachable),
        ("terminating connection", unreachable),
    ];
    let known = TABLE.iter().find(|(part, _)| text.contains(part));
    known.map_or_else(refused, |(_, make)| make())
}

/// Why no connection could be opened.
pub(in crate::store) fn unconnected(text: &str) -> Problem {
    let problem = by_text(text);
    match problem.code() {
        Code::Internal => unreachable().log(text),
        _ => problem.log(text),
    }
}

fn refused() -> Problem {
    Problem::new(Code::Internal, "the database refused a statement")
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

fn locked() -> Problem {
    Problem::new(
        Code::ServiceUnavailable,
        "the database is locked by another process",
    )
    .help("try again in a second, or end the other process")
}

fn read_only() -> Problem {
    Problem::new(Code::DatabaseFault, "the database cannot be written")
        .help("give this user the right to write the file and its folder")
}

fn damaged() -> Problem {
    Problem::new(
        Code::DatabaseFault,
        "the file is not a database, or it is damaged",
    )
    .help("name another file, or restore it from a backup")
}

fn unopened() -> Problem {
    Problem::new(Code::DatabaseFault, "the database file cannot be opened")
        .help("see that its folder exists and that this user may write there")
}
