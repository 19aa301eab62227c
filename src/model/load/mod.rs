//! From files to a checked model.
//!
//! Three passes: [`read`] takes each file for itself, [`link`] resolves names across files,
//! [`storage_of`] derives the tables. Faults of all passes are collected, so that one run shows
//! everything that is wrong.

mod display;
mod draft;
mod enumerations;
mod indexes;
mod inherit;
mod link;
mod local;
mod made;
mod members;
mod read;
mod read_attribute;
mod read_method;
mod roots;
mod storage_of;
mod yaml;

use std::path::Path;

use rust_embed::RustEmbed;

use super::{Fault, Model};
use crate::diag::{Code, Problem, Result};
pub(in crate::model) use read_attribute::{MAX_LENGTH, kind_word};
use yaml::{Faults, Spot};

/// The metadata that the program ships with.
#[derive(RustEmbed)]
#[folder = "metadata"]
struct Shipped;

impl Model {
    /// The model that the program ships with.
    ///
    /// # Errors
    ///
    /// A fault in a shipped file, which the tests rule out.
    pub fn shipped() -> Result<Self> {
        let files: Vec<_> = Shipped::iter()
            .filter(|name| name.ends_with(".yaml"))
            .filter_map(|name| {
                let text = String::from_utf8(Shipped::get(&name)?.data.into_owned()).ok()?;
                Some((name.into_owned(), text))
            })
            .collect();
        let borrowed: Vec<_> = files
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str()))
            .collect();
        Self::load(&borrowed).map_err(|faults| {
            Fault::problem(faults)
                .unwrap_or_else(|| Problem::new(Code::ModelFault, "the metadata is empty"))
        })
    }

    /// The model of the `*.yaml` files of a folder.
    ///
    /// # Errors
    ///
    /// Every fault of every file; files that cannot be read are faults too.
    pub fn load_dir(folder: &Path) -> Result<Self, Vec<Fault>> {
        let unreadable = |file: String, error: &std::io::Error| Fault {
            file,
            line: 1,
            column: 1,
            message: format!("cannot be read: {error}"),
            help: None,
        };
        let name = folder.display().to_string();
        let entries = std::fs::read_dir(folder).map_err(|error| vec![unreadable(name, &error)])?;
        let (mut files, mut faults) = (Vec::new(), Vec::new());
        for entry in entries.flatten().map(|entry| entry.path()) {
            if entry.extension().is_none_or(|ending| ending != "yaml") {
                continue;
            }
            let name = entry
                .file_name()
                .map(|name| name.to_string_lossy().into_owned())
                .unwrap_or_default();
            match std::fs::read_to_string(&entry) {
                Ok(text) => files.push((name, text)),
                Err(error) => faults.push(unreadable(name, &error)),
            }
        }
        files.sort();
        let borrowed: Vec<_> = files
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str()))
            .collect();
        match Self::load(&borrowed) {
            Ok(model) if faults.is_empty() => Ok(model),
            Ok(_) => Err(faults),
            Err(more) => Err(faults.into_iter().chain(more).collect()),
        }
    }

    /// The model of files given as name and text.
    ///
    /// # Errors
    ///
    /// Every fault of every file.
    pub fn load(files: &[(&str, &str)]) -> Result<Self, Vec<Fault>> {
        let names = files.iter().map(|(name, _)| (*name).to_owned()).collect();
        let mut faults = Faults::new(names);
        let mut drafts = draft::Drafts::default();
        let mut roots = Vec::new();
        for (number, (name, text)) in files.iter().enumerate() {
            roots.extend(yaml::parse(number, text, &mut faults).map(|root| (*name, root)));
        }
        let readable = faults.none();
        for (name, root) in &roots {
            read::read_file(name, root, &mut drafts, &mut faults);
        }
        if files.is_empty() || (drafts.entities.is_empty() && faults.none()) {
            faults.add(Spot::start(0), "there is no entity in the metadata");
        }
        // Without every entity, each mention of a missing one would be a fault.
        let complete = readable && !drafts.incomplete;
        let model = if complete {
            link::link(drafts, &mut faults)
        } else {
            None
        };
        match model {
            Some(model) if faults.none() => Ok(model),
            Some(_) | None => Err(faults.sorted()),
        }
    }
}
