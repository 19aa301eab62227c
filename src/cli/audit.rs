//! `userdex audit`: whether the audit log is whole, and all of it, for whoever holds the database.

use std::io::{BufWriter, Write as _};

use clap::{Args, Subcommand};
use serde_json::{Value as Json, json};

use super::base::{Base, operator};
use super::{Outcome, output};
use crate::audit::{Entry, ParsedHead};
use crate::diag::Result;
use crate::service::{Exported, Service};

/// What `audit` takes.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Follow the chain of the log from its start to its end, and print its head, to be kept elsewhere
    Verify {
        /// A head that was printed before: it must be in the chain
        #[arg(long, value_name = "NUMBER:HASH", value_parser = head)]
        head: Option<ParsedHead>,
    },
    /// Print every entry as a line of JSON, with its number and hash, the oldest first
    Export,
}

/// Runs one of the actions. A log that is not whole is a finding.
pub(super) fn run(arguments: &Arguments, base: &Base) -> Result<Outcome> {
    let store = base.existing_store()?;
    let service = Service::new(base.model()?, store, base.service_settings())?;
    let service = service.for_client(operator());
    match &arguments.action {
        Action::Verify { head } => verify(&service, head.as_ref()),
        Action::Export => export(&service),
    }
}

fn head(text: &str) -> Result<ParsedHead, String> {
    ParsedHead::parse(text).ok_or_else(|| "it is `NUMBER:HASH`, as `verify` prints it".to_owned())
}

fn verify(service: &Service, kept: Option<&ParsedHead>) -> Result<Outcome> {
    let verified = service.verify_audit(kept)?;
    let mut text = String::new();
    for finding in &verified.findings {
        text.push_str(&format!("{finding}\n"));
    }
    text.push_str(&format!(
        "{} entries hold\nhead {}\n",
        verified.good, verified.head
    ));
    output::print(&text)?;
    if verified.findings.is_empty() {
        Ok(Outcome::Done)
    } else {
        Ok(Outcome::Found)
    }
}

fn export(service: &Service) -> Result<Outcome> {
    let mut out = BufWriter::new(std::io::stdout());
    let mut ended = Ok(());
    service.export_audit(&mut |exported| {
        if ended.is_ok() {
            ended = writeln!(out, "{}", line(exported));
        }
        Ok(())
    })?;
    match ended.and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(output::unwritten("standard output", &error))
        }
        Ok(()) | Err(_) => Ok(Outcome::Done),
    }
}

fn line(exported: Exported<'_>) -> Json {
    let Exported { at, entry } = exported;
    let (number, hash) = (at.number, at.hash.to_string());
    let Some(entry) = entry else {
        return json!({"number": number, "hash": hash, "missing": true});
    };
    let Entry {
        id,
        time,
        class,
        code,
        name,
        application,
        user,
        table,
        object,
        details,
        foreign: _,
    } = entry;
    // As text: its bytes are in the hash.
    json!({
        "number": number,
        "hash": hash,
        "Id": id.to_string(),
        "EventTimeUtc": time.to_string(),
        "EventClass": class,
        "EventType": code,
        "EventName": name,
        "ApplicationName": application,
        "User": user.map(|user| user.to_string()),
        "EntityName": table,
        "EntityItemId": object.map(|object| object.to_string()),
        "Details": details,
    })
}
