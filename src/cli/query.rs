//! `userdex query`.

use clap::Args;

use super::Outcome;
use super::ask::{Asked, Format};
use super::base::Base;
use crate::diag::{Code, Problem, Result};
use crate::service::{Explanation, Prepared, PreparedRead, Service};
use crate::sql::DialectName;
use crate::store::DatabaseUrl;

/// What `query` takes.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(flatten)]
    asked: Asked,
    /// The format of the result; `$format` in the address wins
    #[arg(long, value_enum, default_value_t = Format::Json, conflicts_with_all = ["explain", "sql"])]
    format: Format,
    /// Print what is asked, the statements, how the database would run them, and what they would
    /// cost; run nothing
    #[arg(long)]
    explain: bool,
    /// Print the statements with their values; run nothing
    #[arg(long, conflicts_with = "explain")]
    sql: bool,
}

/// Runs or explains a query.
pub(super) fn run(arguments: &Arguments, base: &Base) -> Result<Outcome> {
    let (asked, format) = (&arguments.asked, arguments.format);
    let (service, prepared) = asked.prepare(format, base)?;
    let explains = arguments.sql || arguments.explain;
    if !explains {
        return asked.answer(format, true, (&service, prepared));
    }
    let Prepared::Read(read) = &prepared else {
        let message = "only reads of data have statements that can be shown";
        return Err(Problem::new(Code::NotSupported, message).about(asked.address()));
    };
    asked.write(&explained(arguments, base, &service, read)?)
}

/// What `--sql` and `--explain` print.
fn explained(
    arguments: &Arguments,
    base: &Base,
    service: &Service,
    read: &PreparedRead,
) -> Result<String> {
    let dialect = match base.database()? {
        DatabaseUrl::Sqlite(_) => DialectName::Sqlite,
        DatabaseUrl::Postgres(_) => DialectName::Postgres,
    };
    if arguments.sql {
        return Ok(lines(&service.sql(read, dialect)?));
    }
    Ok(described(&service.explain(read)?))
}

/// An explanation for people: the same as clients get as JSON.
fn described(explanation: &Explanation) -> String {
    let mut text = format!(
        "-- asked\n{}\n{}",
        explanation.query,
        lines(&explanation.words)
    );
    for one in &explanation.statements {
        text.push_str(&format!(
            "-- {}\n{}\n{}",
            one.what,
            one.sql,
            lines(&one.plan)
        ));
        for look in &one.looks {
            let by = look.index.as_ref();
            let by = by.map_or_else(String::new, |index| format!(" by {index}"));
            let whole = if look.is_whole { ", whole" } else { "" };
            text.push_str(&format!(
                "   {}{by}: {} rows{whole}\n",
                look.table, look.rows
            ));
        }
    }
    text.push_str(&format!("-- cost\n{} rows looked at\n", explanation.cost()));
    text
}

fn lines(texts: &[String]) -> String {
    texts.iter().map(|text| format!("{text}\n")).collect()
}
