//! `userdex trigrams`: the switch for indexes of trigrams.

use std::io::IsTerminal as _;

use clap::{Args, Subcommand};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::base::Base;
use super::{Outcome, output};
use crate::diag::{Code, Problem, Result};
use crate::model::{Model, Searched};
use crate::store::{Store, TrigramState};

/// What `trigrams` takes.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Print which attributes can have an index of trigrams, and which have one
    Status,
    /// Make the indexes out of what is stored; changes of the tables wait meanwhile
    On(Which),
    /// Remove the indexes
    Off(Which),
}

/// Which attributes.
#[derive(Debug, Args)]
struct Which {
    /// An attribute, such as `Systems_Security_Users/Name`; all of them where none is named
    #[arg(value_name = "SET/ATTRIBUTE")]
    attributes: Vec<String>,
}

/// Prints or turns the switch; prints one line for each attribute.
pub(super) fn run(arguments: &Arguments, base: &Base) -> Result<Outcome> {
    let store = base.patient_store()?;
    if store.migration_status()?.iter().any(|m| !m.applied) {
        let message = "the tables of the database are not those of this version";
        let problem = Problem::new(Code::DatabaseFault, message);
        return Err(problem.help("run `userdex migrate` first"));
    }
    let model = base.model()?;
    let all: Vec<Searched<'_>> = model.searched().collect();
    match &arguments.command {
        Command::Status => {
            let states = store.trigrams(&model)?;
            let lines = all.iter().zip(states);
            let lines: String = lines.map(|(s, state)| line(&model, s, state)).collect();
            output::print(&lines)
        }
        Command::On(which) => {
            let chosen = which.among(&model, all)?;
            if !store.has_trigrams_of_letters()? {
                eprintln!(
                    "warning: the character type of this database knows only ASCII letters: \
                     searches for others gain nothing from these indexes"
                );
            }
            each(&model, &chosen, TrigramState::On, |searched| {
                turn_on(&store, &model, searched)
            })
        }
        Command::Off(which) => {
            let chosen = which.among(&model, all)?;
            each(&model, &chosen, TrigramState::Off, |searched| {
                store.turn_trigrams_off(&model, searched)
            })
        }
    }
}

impl Which {
    /// The attributes that are named.
    fn among<'m>(&self, model: &Model, all: Vec<Searched<'m>>) -> Result<Vec<Searched<'m>>> {
        if self.attributes.is_empty() {
            return Ok(all);
        }
        let one = |name: &String| {
            let found = all.iter().find(|s| model.searched_path(s) == *name);
            found.copied().ok_or_else(|| {
                let message = format!("`{name}` has no index for `contains`");
                Problem::new(Code::ConfigurationFault, message)
                    .help("`userdex trigrams status` lists the attributes that have one")
            })
        };
        self.attributes.iter().map(one).collect()
    }
}

/// Turns the switch for each attribute, and says so. Those before a failure stay turned.
fn each(
    model: &Model,
    chosen: &[Searched<'_>],
    to: TrigramState,
    turn: impl Fn(&Searched<'_>) -> Result<()>,
) -> Result<Outcome> {
    for searched in chosen {
        turn(searched)?;
        output::print(&line(model, searched, to))?;
    }
    Ok(Outcome::Done)
}

/// Makes an index, with a bar on standard error where that is a terminal.
fn turn_on(store: &Store, model: &Model, searched: &Searched<'_>) -> Result<()> {
    let bar = ProgressBar::new(0);
    bar.set_draw_target(if std::io::stderr().is_terminal() {
        ProgressDrawTarget::stderr()
    } else {
        ProgressDrawTarget::hidden()
    });
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} rows, {msg}, {eta} left")
    {
        bar.set_style(style);
    }
    bar.set_message(model.searched_path(searched));
    let done = store.turn_trigrams_on(model, searched, &mut |step| {
        bar.set_length(step.all);
        bar.set_position(step.done);
    });
    bar.finish_and_clear();
    done
}

fn line(model: &Model, searched: &Searched<'_>, state: TrigramState) -> String {
    let state = match state {
        TrigramState::On => "on",
        TrigramState::Off => "off",
        TrigramState::Broken(_) => "broken",
    };
    format!("{state:<6}  {}\n", model.searched_path(searched))
}
