//! `userdex model`: the entity model and its faults.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand, ValueEnum};

use super::base::Base;
use super::{Outcome, output, reference};
use crate::diag::{Code, Problem, Result};
use crate::model::{Fault, Model, print_entity};
use crate::sql::{DialectName, ddl};

/// Options of `userdex model`.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: ModelCommand,
}

#[derive(Debug, Subcommand)]
enum ModelCommand {
    /// Say every fault of the metadata files
    Check {
        /// The folder of the files; without it the model in use
        dir: Option<PathBuf>,
    },
    /// Print the entities, or everything about one
    Print {
        /// A repository such as Systems.Security.Users, or a set such as `Systems_Security_Users`
        entity: Option<String>,
    },
    /// Print the statements that make the tables
    Ddl {
        /// The database
        #[arg(long, value_enum)]
        dialect: Dialect,
    },
    /// Write the reference pages of the documentation
    #[command(hide = true)]
    Docs {
        /// The folder of the documentation
        dir: PathBuf,
    },
}

/// The databases.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Dialect {
    /// SQLite
    Sqlite,
    /// PostgreSQL
    Postgres,
}

/// Runs a command about the model.
pub(super) fn run(arguments: &Arguments, base: &Base) -> Result<Outcome> {
    match &arguments.command {
        ModelCommand::Check { dir } => {
            let model = dir.as_deref().map(load).transpose()?;
            match model {
                Some(model) => output::print(&summary(&model)),
                None => output::print(&summary(base.model()?.as_ref())),
            }
        }
        ModelCommand::Print { entity: None } => output::print(&list(base.model()?.as_ref())),
        ModelCommand::Print { entity: Some(name) } => {
            output::print(&one(base.model()?.as_ref(), name)?)
        }
        ModelCommand::Ddl { dialect } => {
            output::print(&statements(base.model()?.as_ref(), *dialect))
        }
        ModelCommand::Docs { dir } => {
            for (name, text) in reference::pages(base.model()?.as_ref()) {
                output::write(&dir.join(name), &text)?;
            }
            Ok(Outcome::Done)
        }
    }
}

fn load(dir: &Path) -> Result<Model> {
    Model::load_dir(dir).map_err(|faults| {
        Fault::problem(faults)
            .unwrap_or_else(|| Problem::new(Code::ModelFault, "there is no entity in the metadata"))
    })
}

fn summary(model: &Model) -> String {
    let entities = model.entities().map(|(_, entity)| entity);
    let attributes: usize = entities.map(|entity| entity.attributes.len()).sum();
    format!(
        "{} entities, {attributes} attributes: no fault\n",
        model.entities().count()
    )
}

/// One line for each entity.
fn list(model: &Model) -> String {
    let lines = model
        .entities()
        .map(|(_, entity)| format!("{:<48} {}\n", entity.name, entity.text.en));
    lines.collect()
}

fn one(model: &Model, name: &str) -> Result<String> {
    let found = model.repository(name).or_else(|| model.set(name));
    let found = found.ok_or_else(|| {
        Problem::new(
            Code::UnknownEntitySet,
            format!("there is no entity `{name}`"),
        )
        .help("`userdex model print` lists all entities")
    })?;
    Ok(print_entity(model, found))
}

fn statements(model: &Model, dialect: Dialect) -> String {
    let dialect = match dialect {
        Dialect::Sqlite => DialectName::Sqlite,
        Dialect::Postgres => DialectName::Postgres,
    };
    let all = ddl::create(model, dialect);
    all.iter()
        .map(|statement| format!("{};\n", statement.trim_end().trim_end_matches(';')))
        .collect()
}
