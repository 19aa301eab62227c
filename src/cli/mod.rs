//! The command line.
//!
//! One file per command. Knows the settings and every room that a command needs, and hands each
//! room its own part; must never know how a room does its work. Results go to standard output,
//! everything else to standard error.

mod ask;
mod audit;
mod base;
mod demo;
mod doctor;
mod documents;
mod export;
mod file;
mod first_start;
mod import;
mod interrupt;
mod issuers;
mod keys;
mod migrate;
mod model;
mod output;
mod progress;
mod query;
mod reference;
mod report;
mod serve;
mod token;
mod trigrams;
mod user;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use base::{Base, Flag};

use crate::diag::Result;

/// An OData V4 service over a user directory, on SQLite and PostgreSQL.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "Exit codes: 0 done, 1 nothing done, 2 partly done, findings, or bad usage."
)]
struct Line {
    #[command(flatten)]
    common: Common,
    #[command(subcommand)]
    command: Command,
}

/// Options of every command.
#[derive(Debug, Args)]
struct Common {
    /// The database: sqlite:PATH or postgres://… [default: sqlite:userdex.db]
    #[arg(
        long,
        global = true,
        env = "USERDEX_DATABASE_URL",
        hide_env_values = true
    )]
    database_url: Option<String>,
    /// A file with settings, TOML or JSON
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// A folder of metadata files to use instead of the built-in ones
    #[arg(long, global = true, value_name = "DIR")]
    metadata: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Migrate the database and answer requests
    Serve(serve::Arguments),
    /// Fill an empty database with made-up users
    Demo(demo::Arguments),
    /// Bring the database to this version
    Migrate(migrate::Arguments),
    /// Import objects from a file: each by itself, or all of them or none
    Import(import::Arguments),
    /// Run a query without a server, as the administrator, and print its rows without pages
    Query(query::Arguments),
    /// Write all rows of a query into a file, without a server and as the administrator
    Export(export::Arguments),
    /// Look for weak settings, and for users and tokens that should not be as they are
    Doctor(doctor::Arguments),
    /// Turn indexes for `contains` on and off
    Trigrams(trigrams::Arguments),
    /// Make, list and revoke reference tokens
    Token(token::Arguments),
    /// List or rotate the keys of the service
    Keys(keys::Arguments),
    /// Check and print the audit log
    Audit(audit::Arguments),
    /// Add users, give them passwords, unlock and deactivate them
    User(user::Arguments),
    /// Check or print the entity model
    Model(model::Arguments),
    /// Print `$metadata`
    Metadata(documents::MetadataArguments),
    /// Print or write the OpenAPI document
    Openapi(documents::OpenApiArguments),
}

/// How a command ended that did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// Everything was done.
    Done,
    /// Everything was done, and something was found that somebody should look at; or a part only.
    Found,
    /// Nothing was done, which was said already.
    Nothing,
}

/// Runs the command that the program was started with.
pub fn main() -> ExitCode {
    let line = Line::parse();
    match run(&line) {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::Found) => ExitCode::from(2),
        Ok(Outcome::Nothing) => ExitCode::FAILURE,
        Err(problem) => {
            report::problem(&problem);
            ExitCode::FAILURE
        }
    }
}

fn run(line: &Line) -> Result<Outcome> {
    let base = |flags: &[Flag]| Base::new(&line.common, flags);
    match &line.command {
        Command::Serve(arguments) => serve::run(arguments, &base(&arguments.flags())?),
        Command::Demo(arguments) => demo::run(arguments, &base(&[])?),
        Command::Migrate(arguments) => migrate::run(arguments, &base(&[])?),
        Command::Import(arguments) => import::run(arguments, &base(&[])?),
        Command::Query(arguments) => query::run(arguments, &base(&[])?),
        Command::Export(arguments) => export::run(arguments, &base(&[])?),
        Command::Doctor(arguments) => doctor::run(arguments, &base(&[])?),
        Command::Trigrams(arguments) => trigrams::run(arguments, &base(&[])?),
        Command::Token(arguments) => token::run(arguments, &base(&[])?),
        Command::Keys(arguments) => keys::run(arguments, &base(&[])?),
        Command::Audit(arguments) => audit::run(arguments, &base(&[])?),
        Command::User(arguments) => user::run(arguments, &base(&[])?),
        Command::Model(arguments) => model::run(arguments, &base(&[])?),
        Command::Metadata(arguments) => documents::metadata(arguments, &base(&[])?),
        Command::Openapi(arguments) => documents::openapi(arguments, &*base(&[])?.model()?),
    }
}
