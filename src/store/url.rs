//! The address of a database.

use std::fmt;
use std::str::FromStr;

use crate::diag::{Code, Problem, Result};

/// Which database: `sqlite:PATH`, or `postgres://…` with libpq's own syntax.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A SQLite file.
    Sqlite(String),
    /// A PostgreSQL server; the whole URL.
    Postgres(String),
}

impl FromStr for DatabaseUrl {
    type Err = Problem;

    fn from_str(text: &str) -> Result<Self> {
        let bad = |message: &str| {
            Err(Problem::new(Code::ConfigurationFault, message)
                .about("database-url")
                .help("use `sqlite:PATH` or `postgres://user@host/database`"))
        };
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(text.to_owned()));
        }
        let Some(path) = text.strip_prefix("sqlite:") else {
            return bad("the database URL has an unknown scheme");
        };
        let path = path.strip_prefix("//").unwrap_or(path);
        match path {
            "" => bad("the database URL names no file"),
            ":memory:" => bad("a database in memory is not offered"),
            path if path.contains('\0') => bad("the database URL has a character U+0000"),
            path => Ok(Self::Sqlite(path.to_owned())),
        }
    }
}

impl fmt::Display for DatabaseUrl {
    /// The address without its password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{path}"),
            Self::Postgres(url) => {
                let (scheme, rest) = url.split_once("://").unwrap_or(("postgres", ""));
                let rest = rest.split_once('?').map_or(rest, |(address, _)| address);
                match rest.rsplit_once('@') {
                    Some((credentials, host)) => {
                        let user = credentials.split(':').next().unwrap_or_default();
                        write!(f, "{scheme}://{user}@{host}")
                    }
                    None => write!(f, "{scheme}://{rest}"),
                }
            }
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_schemes_and_hides_passwords() {
        for (text, shown) in [
            ("sqlite:a b.db", "sqlite:a b.db"),
            ("sqlite:///var/a.db", "sqlite:/var/a.db"),
            ("postgres://u:p@h:1/d?password=x", "postgres://u@h:1/d"),
            ("postgresql://h/d", "postgresql://h/d"),
        ] {
            let url: DatabaseUrl = text.parse().unwrap();
            assert_eq!(url.to_string(), shown);
            assert_eq!(format!("{url:?}"), format!("DatabaseUrl({shown})"));
        }
        for text in ["", "mysql://h", "sqlite:", "sqlite::memory:", "users.db"] {
            let refused = text.parse::<DatabaseUrl>().unwrap_err();
            assert_eq!(refused.code(), Code::ConfigurationFault, "{text}");
        }
    }
}
